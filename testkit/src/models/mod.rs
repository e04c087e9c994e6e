//! Believable prevention models of the world's years: a few in each area, reviewed at the end of each year, some ended, some
//! written down only after the merger of 2025-07-01. How one is written down is in [`draft`].

mod draft;

use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::place::PlaceKind;
use donghanh_shared::domain::prevention_model::ModelKind;

use crate::random::Random;
use crate::visits::areas;
use crate::world::{GeneratedModel, Options, World};
use draft::Writer;

/// A model as such models are known.
pub struct Pattern {
    /// Its name before the number or the place.
    pub name: &'static str,
    /// Its kind.
    pub kind: ModelKind,
    /// Where it is at home; what the name goes on with.
    pub at: Option<PlaceKind>,
    /// Who leads, until 2025-06-30 and since.
    pub lead: [&'static str; 2],
    /// Fewest and most members.
    pub members: (u32, u32),
}

/// Every pattern.
const PATTERNS: [Pattern; 6] = [
    Pattern {
        name: "Câu lạc bộ “Tuổi trẻ nói không với ma túy”",
        kind: ModelKind::Club,
        at: None,
        lead: ["doan-phuong", "doan-phuong-xa"],
        members: (15, 45),
    },
    Pattern {
        name: "Tổ tự quản về an ninh trật tự",
        kind: ModelKind::SelfManaged,
        at: Some(PlaceKind::ResidentialGroup),
        lead: ["mttq-phuong", "mttq-phuong-xa"],
        members: (7, 20),
    },
    Pattern {
        name: "Khu dân cư không ma túy",
        kind: ModelKind::DrugFreeArea,
        at: Some(PlaceKind::ResidentialGroup),
        lead: ["ubnd-phuong", "ubnd-phuong-xa"],
        members: (60, 320),
    },
    Pattern {
        name: "Trường học không ma túy",
        kind: ModelKind::DrugFreeSchool,
        at: Some(PlaceKind::School),
        lead: ["nha-truong", "nha-truong"],
        members: (200, 900),
    },
    Pattern {
        name: "Đội tình nguyện phòng, chống ma túy",
        kind: ModelKind::VolunteerTeam,
        at: None,
        lead: ["doan-phuong", "doan-phuong-xa"],
        members: (6, 14),
    },
    Pattern {
        name: "Điểm tư vấn, hỗ trợ cộng đồng",
        kind: ModelKind::AdvicePoint,
        at: None,
        lead: ["hoi-lhpn-phuong", "hoi-lhpn-phuong-xa"],
        members: (3, 9),
    },
];

/// How many days before the world's first one the oldest models began.
const OLDER: i64 = 500;

/// All models of the world's years, by their first save. The visits are there already: models link some of them.
pub fn generate(options: &Options, world: &World) -> Vec<GeneratedModel> {
    let mut random = Random::new(options.seed, 11);
    let mut writer = Writer::new(options, world);
    let mut models = Vec::new();
    let days = options.today.days_since(options.first_day);
    for area in areas(options.seed, world) {
        let wanted = usize::try_from(random.between(1, 3)).unwrap_or(1);
        let which: Vec<usize> = (0..PATTERNS.len()).collect();
        for pattern in random.some(&which, wanted) {
            let since = options.first_day.plus_days(random.offset(-OLDER, days - 1));
            let logged = logged_on(&mut random, options, since);
            models.extend(writer.model(&area, &PATTERNS[pattern], since, logged));
        }
    }
    models.sort_by_key(|model| (model.saves.first().map(|save| save.at), model.document));
    models
}

/// The day on which somebody writes a model down: soon after it began, for some only long after.
fn logged_on(random: &mut Random, options: &Options, since: Date) -> Date {
    let late = random.percent(30);
    let after = if late { random.offset(100, 700) } else { random.offset(0, 20) };
    since.plus_days(after).max(options.first_day)
}
