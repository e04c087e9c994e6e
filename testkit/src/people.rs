//! The people of a generated world: 6–14 volunteers a ward, a supervisor a ward, leads of organisations, an area
//! supervisor, an administrator. Roles in a ward are held in the old one until 2025-06-30 and in its successor since.

use donghanh_shared::access::{Membership, Role};
use donghanh_shared::domain::date::{Date, Span};
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::ward::{Ward, WardRef};
use donghanh_shared::ids::PersonId;

use crate::names::full_name;
use crate::random::Random;
use crate::world::{DEMO_PASSWORD, Options, Person};

/// The sign-in names that the demo offers.
pub const DEMO_NAMES: [&str; 11] =
    ["lan", "minh", "hoa", "thu", "phuong", "tuan", "dung", "thanh", "quantri", "nga", "giang"];

/// Roles in the two organisations before and since 2025-07-01, and their short name.
const YOUTH: Union = ("doan-phuong", "doan-phuong-xa", "Đoàn thanh niên");
const WOMEN: Union = ("hoi-lhpn-phuong", "hoi-lhpn-phuong-xa", "Hội Phụ nữ");
const SOCIAL: Union = ("doi-ctxh", "doi-ctxh", "Đội công tác xã hội");
const WARD_OFFICE: Union = ("ubnd-phuong", "phong-van-hoa-xa-hoi", "UBND phường, xã");

type Union = (&'static str, &'static str, &'static str);

/// The demo's own people who work in a ward: sign-in, name, old ward, union.
const NAMED: [(&str, &str, &str, Union); 3] = [
    ("lan", "Nguyễn Thị Lan", "08707", YOUTH),
    ("minh", "Trần Đức Minh", "08722", SOCIAL),
    ("hoa", "Phùng Thị Hoa", "08710", WOMEN),
];

/// Everybody, the demo's own people first.
pub fn generate(options: &Options, wards: &[Ward]) -> Vec<Person> {
    let mut maker = Maker { random: Random::new(options.seed, 2), wards, from: first_day(options) };
    let mut people = Vec::new();
    for (sign_in, name, code, union) in NAMED {
        people.push(maker.volunteer(sign_in.to_owned(), name.to_owned(), maker.old(code), union));
    }
    people.push(maker.supervisor("phuong", "Lê Thu Phương", "08707"));
    people.push(maker.supervisor("tuan", "Hoàng Quang Tuấn", "08716"));
    people.push(maker.lead(
        "dung",
        "Vũ Tiến Dũng",
        "thanh-doan",
        "tinh-doan",
        "Phụ trách Đoàn thanh niên toàn khu vực",
    ));
    people.push(maker.area("thanh", "Đỗ Xuân Thanh", Role::AreaSupervisor, "Phụ trách khu vực Vĩnh Yên"));
    people.push(maker.area("quantri", "Bùi Hải Quân", Role::Administrator, "Quản trị hệ thống"));
    people.push(maker.lead(
        "phunu",
        "Kim Thị Thu Hạnh",
        "hoi-lhpn",
        "hoi-lhpn-tinh",
        "Phụ trách Hội Phụ nữ toàn khu vực",
    ));
    people.push(maker.lead(
        "mattran",
        "Phạm Hữu Lâm",
        "mttq",
        "mttq-phuong-xa",
        "Phụ trách Mặt trận toàn khu vực",
    ));
    people.extend(aftercare(&maker, options.seed));
    for ward in wards.iter().filter(|ward| ward.valid_to.is_some()) {
        maker.team(ward, &mut people);
    }
    people.extend(heads(&maker, options.seed));
    people
}

/// People hold their roles from a little before the first activity.
fn first_day(options: &Options) -> Date {
    options.first_day.plus_days(-90)
}

/// The officers of the two wards, and a helper. Drawn apart, so that nobody else becomes somebody else by them.
fn aftercare(maker: &Maker<'_>, seed: u64) -> Vec<Person> {
    let mut apart = Maker { random: Random::new(seed, 7), wards: maker.wards, from: maker.from };
    let people = [
        ("nga", "Bùi Thị Nga", "08707", Role::AftercareOfficer, "Cán bộ quản lý sau cai"),
        ("son", "Đỗ Hữu Sơn", "08716", Role::AftercareOfficer, "Cán bộ quản lý sau cai"),
        ("giang", "Ngô Hương Giang", "08707", Role::Helper, "Người được phân công giúp đỡ"),
    ];
    let person = |(sign_in, name, code, role, what): (&str, &str, &str, Role, &str)| {
        let ward = apart.old(code);
        let memberships = apart.in_ward(role, role, ward, WARD_OFFICE);
        let what = format!("{what} – {}", apart.now(ward));
        apart.person(sign_in.to_owned(), name.to_owned(), memberships, what)
    };
    people.map(person).into()
}

/// The heads of the two unions in each ward; they confirm what their union led. Drawn apart, as [`aftercare`].
fn heads(maker: &Maker<'_>, seed: u64) -> Vec<Person> {
    let mut apart = Maker { random: Random::new(seed, 20), wards: maker.wards, from: maker.from };
    let mut people = Vec::new();
    for ward in maker.wards.iter().filter(|ward| ward.valid_to.is_some()) {
        let code = ward.id.code.to_string();
        for (union, short, women) in [(YOUTH, "doan", 45), (WOMEN, "phunu", 100)] {
            let is_demo = code == "08707" && short == "doan";
            let drawn = apart.name(women);
            let (sign_in, name) = if is_demo {
                ("thu".to_owned(), "Đặng Hoài Thu".to_owned())
            } else {
                (format!("{short}-{code}"), drawn)
            };
            let memberships = apart.in_ward(Role::UnionHead, Role::UnionHead, ward, union);
            let what = format!("Phụ trách {} – {}", union.2, apart.now(ward));
            people.push(apart.person(sign_in, name, memberships, what));
        }
    }
    people
}

struct Maker<'w> {
    random: Random,
    wards: &'w [Ward],
    from: Date,
}

impl<'w> Maker<'w> {
    fn old(&self, code: &str) -> &'w Ward {
        let is_old = |ward: &&Ward| ward.id.code.to_string() == code && ward.valid_to.is_some();
        self.wards.iter().find(is_old).expect("a named person's ward exists")
    }

    fn team(&mut self, ward: &'w Ward, people: &mut Vec<Person>) {
        let code = ward.id.code.to_string();
        if !["08707", "08716"].contains(&code.as_str()) {
            // The supervisors of the other seven wards work on in the offices of the two.
            let name = self.name(50);
            people.push(self.former_supervisor(format!("pt-{code}"), name, ward));
        }
        let named =
            people.iter().filter(|p| NAMED.iter().any(|(s, _, c, _)| p.sign_in == *s && **c == code)).count();
        let size = self.random.between(6, 14) as usize;
        for number in named..size {
            // Half are of the Youth Union, the rest of the Women's Union and the social-work team.
            let (union, women) = match number % 4 {
                0 | 2 => (YOUTH, 45),
                1 => (WOMEN, 100),
                _ => (SOCIAL, 35),
            };
            let name = self.name(women);
            people.push(self.volunteer(format!("tnv-{code}-{:02}", number + 1), name, ward, union));
        }
    }

    fn name(&mut self, women: u32) -> String {
        let woman = self.random.percent(women);
        full_name(&mut self.random, woman)
    }

    fn volunteer(&mut self, sign_in: String, name: String, ward: &Ward, union: Union) -> Person {
        let what = format!("Tình nguyện viên, {} – {}", union.2, self.now(ward));
        let memberships = self.in_ward(Role::Volunteer, Role::Volunteer, ward, union);
        self.person(sign_in, name, memberships, what)
    }

    fn supervisor(&mut self, sign_in: &str, name: &str, code: &str) -> Person {
        let ward = self.old(code);
        let what = format!("Phụ trách {}", self.now(ward));
        let memberships = self.in_ward(Role::WardSupervisor, Role::WardSupervisor, ward, WARD_OFFICE);
        self.person(sign_in.to_owned(), name.to_owned(), memberships, what)
    }

    fn former_supervisor(&mut self, sign_in: String, name: String, ward: &Ward) -> Person {
        let what = format!(
            "Phòng Văn hóa – Xã hội {} (trước 07/2025 phụ trách {})",
            self.now(ward),
            ward.full_name()
        );
        let memberships = self.in_ward(Role::WardSupervisor, Role::Volunteer, ward, WARD_OFFICE);
        self.person(sign_in, name, memberships, what)
    }

    fn lead(&mut self, sign_in: &str, name: &str, before: &str, since: &str, what: &str) -> Person {
        let memberships =
            self.dated(Role::OrganisationLead, Role::OrganisationLead, (None, None), (before, since));
        self.person(sign_in.to_owned(), name.to_owned(), memberships, what.to_owned())
    }

    fn area(&mut self, sign_in: &str, name: &str, role: Role, what: &str) -> Person {
        let whole = Membership {
            role,
            ward: None,
            organisation: None,
            place: None,
            span: Span { from: self.from, to: None },
        };
        self.person(sign_in.to_owned(), name.to_owned(), vec![whole], what.to_owned())
    }

    fn person(
        &mut self,
        sign_in: String,
        name: String,
        memberships: Vec<Membership>,
        what: String,
    ) -> Person {
        let id = PersonId(self.random.id());
        Person { id, name, sign_in, password: DEMO_PASSWORD.to_owned(), memberships, what }
    }

    fn in_ward(&self, then: Role, since: Role, ward: &Ward, union: Union) -> Vec<Membership> {
        self.dated(then, since, (Some(ward.id), ward.successor), (union.0, union.1))
    }

    /// A role until 2025-06-30 and the one that followed.
    fn dated(
        &self,
        then: Role,
        since: Role,
        wards: (Option<WardRef>, Option<WardRef>),
        organisations: (&str, &str),
    ) -> Vec<Membership> {
        let id = |text: &str| Some(text.parse::<OrganisationId>().expect("a built-in code reads"));
        let change =
            self.wards.iter().filter_map(|ward| ward.valid_to).next().expect("the register has old wards");
        let (old, new) =
            (Span { from: self.from, to: Some(change) }, Span { from: change.plus_days(1), to: None });
        let after = Membership {
            role: since,
            ward: wards.1,
            organisation: id(organisations.1),
            place: None,
            span: Span { from: new.from.max(self.from), to: None },
        };
        let before = Membership {
            role: then,
            ward: wards.0,
            organisation: id(organisations.0),
            place: None,
            span: old,
        };
        if self.from <= change { vec![before, after] } else { vec![after] }
    }

    fn now(&self, ward: &Ward) -> String {
        let successor = self.wards.iter().find(|other| Some(other.id) == ward.successor);
        successor.unwrap_or(ward).full_name()
    }
}
