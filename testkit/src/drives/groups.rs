//! Which groups sign at a place: the same ones each time, so that a drive held again is about the same classes.

use donghanh_shared::domain::place::{Place, PlaceKind};
use donghanh_shared::domain::pledge_drive::Signer;

use crate::random::Random;

/// A group as everybody at the place knows it.
pub struct Group {
    /// Its name: `7A2`.
    pub name: String,
    /// Who signs in it.
    pub signer: Signer,
    /// How many there are.
    pub size: u32,
}

/// The groups of a place.
pub fn of(seed: u64, place: &Place) -> Vec<Group> {
    let own = place.id.0.iter().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
    let mut maker = Maker { random: Random::new(seed ^ own, 9), groups: Vec::new() };
    match place.kind {
        PlaceKind::School => maker.school(&place.level),
        PlaceKind::ResidentialGroup => {
            let lanes = maker.random.between(2, 5);
            maker.numbered("Ngõ", lanes, Signer::Households, (15, 42));
            maker.numbered("Chi hội Phụ nữ", 1, Signer::Members, (20, 60));
        }
        PlaceKind::IndustrialZone => {
            let teams = maker.random.between(3, 7);
            maker.numbered("Tổ sản xuất", teams, Signer::Workers, (25, 120));
        }
        PlaceKind::BoardingHouse => maker.numbered("Dãy trọ", 2, Signer::Workers, (8, 30)),
        PlaceKind::Agency => maker.numbered("Cụm thi đua", 4, Signer::WholeGroups, (1, 1)),
        _ => {
            let branches = maker.random.between(2, 4);
            maker.numbered("Chi đoàn", branches, Signer::Members, (12, 40));
        }
    }
    maker.groups
}

struct Maker {
    random: Random,
    groups: Vec<Group>,
}

impl Maker {
    fn group(&mut self, name: String, signer: Signer, (least, most): (u32, u32)) {
        let size = self.random.between(least, most);
        self.groups.push(Group { name, signer, size });
    }

    fn numbered(&mut self, name: &str, count: u32, signer: Signer, size: (u32, u32)) {
        for number in 1..=count {
            self.group(format!("{name} {number}"), signer, size);
        }
    }

    /// Children of a nursery sign nothing; in a primary school the older ones do.
    fn school(&mut self, level: &str) {
        let (grades, classes) = match level {
            "tiểu học" => (4..=5, (2, 4)),
            "THPT" | "GDTX" => (10..=12, (2, 5)),
            "cao đẳng" => (17..=19, (1, 2)),
            "mầm non" => return self.numbered("Tổ chuyên môn", 2, Signer::Teachers, (9, 18)),
            _ => (6..=9, (2, 3)),
        };
        for grade in grades {
            for class in 1..=self.random.between(classes.0, classes.1) {
                self.group(format!("{grade}A{class}"), Signer::Pupils, (28, 46));
            }
        }
        self.group("Hội đồng sư phạm".to_owned(), Signer::Teachers, (22, 60));
    }
}
