//! What kinds of activity there are: who leads, in which form, where, how often, and how many come.

use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::outreach_visit::{CountKey, Form};
use donghanh_shared::domain::place::PlaceKind;

/// Who leads, as the codes before and since 2025-07-01; the first of each list is the usual one.
pub struct Lead {
    /// Until 2025-06-30.
    pub before: &'static [&'static str],
    /// Since 2025-07-01.
    pub since: &'static [&'static str],
}

const YOUTH: Lead = Lead {
    before: &["doan-phuong", "doan-phuong", "thanh-doan"],
    since: &["doan-phuong-xa", "doan-phuong-xa", "tinh-doan"],
};
const WOMEN: Lead =
    Lead { before: &["hoi-lhpn-phuong", "hoi-lhpn-phuong", "hoi-lhpn"], since: &["hoi-lhpn-phuong-xa"] };
const SOCIAL: Lead = Lead { before: &["doi-ctxh"], since: &["doi-ctxh"] };
const POLICE: Lead = Lead { before: &["cong-an-phuong", "cong-an-thanh-pho"], since: &["cong-an-phuong-xa"] };
const COUNCIL: Lead = Lead {
    before: &["ubnd-phuong", "phong-vhtt", "trung-tam-vhtttt"],
    since: &["phong-van-hoa-xa-hoi", "ubnd-phuong-xa"],
};
const SCHOOL: Lead = Lead { before: &["nha-truong", "phong-gddt"], since: &["nha-truong"] };
const FRONT: Lead =
    Lead { before: &["mttq-phuong", "mttq", "khu-dan-cu"], since: &["mttq-phuong-xa", "khu-dan-cu"] };
const LABOUR: Lead = Lead { before: &["ldld"], since: &["ldld-tinh"] };
const COURT: Lead = Lead { before: &["toa-an"], since: &["toa-an-khu-vuc"] };

/// One kind of activity.
pub struct Template {
    /// Who leads.
    pub lead: Lead,
    /// Its form.
    pub form: Form,
    /// Where.
    pub at: PlaceKind,
    /// How often, compared with the others.
    pub weight: f64,
    /// Usual attendance, least and most; `(0, 0)` when nobody can be counted.
    pub attendance: (u32, u32),
    /// Who comes: shares of attendance in percent, in sum at most 100.
    pub groups: &'static [(CountKey, u32)],
}

use CountKey::{Officials, Pupils, Residents, Students, Workers, Youth};
use Form::{
    ArtSportEvent, Article, Contest, Counselling, DoorToDoor, Leaflets, Loudspeaker, MeetingPart, MockTrial,
    OnlinePost, Talk, ThemedMeeting,
};
use PlaceKind::{
    Agency, BoardingHouse, Entertainment, IndustrialZone, Market, Online, ResidentialGroup, School,
};

const fn kind(
    lead: Lead,
    form: Form,
    at: PlaceKind,
    weight: f64,
    attendance: (u32, u32),
    groups: &'static [(CountKey, u32)],
) -> Template {
    Template { lead, form, at, weight, attendance, groups }
}

/// Every kind of activity.
pub const TEMPLATES: [Template; 26] = [
    kind(YOUTH, Talk, School, 6.0, (120, 520), &[(Pupils, 92), (Officials, 8)]),
    kind(YOUTH, ThemedMeeting, School, 4.0, (30, 90), &[(Pupils, 80), (Youth, 15), (Officials, 5)]),
    kind(YOUTH, ThemedMeeting, ResidentialGroup, 6.0, (20, 60), &[(Youth, 85), (Residents, 15)]),
    kind(YOUTH, OnlinePost, Online, 7.0, (0, 0), &[]),
    kind(YOUTH, Leaflets, Market, 4.0, (40, 150), &[(Residents, 90), (Youth, 10)]),
    kind(YOUTH, ArtSportEvent, Market, 1.2, (150, 600), &[(Youth, 55), (Residents, 35), (Officials, 10)]),
    kind(YOUTH, Contest, School, 1.2, (80, 300), &[(Pupils, 88), (Youth, 7), (Officials, 5)]),
    kind(WOMEN, ThemedMeeting, ResidentialGroup, 8.0, (25, 70), &[(Residents, 95), (Officials, 5)]),
    kind(WOMEN, MeetingPart, ResidentialGroup, 7.0, (30, 80), &[(Residents, 96), (Officials, 4)]),
    kind(WOMEN, DoorToDoor, ResidentialGroup, 6.0, (15, 60), &[(Residents, 100)]),
    kind(WOMEN, Leaflets, BoardingHouse, 3.0, (15, 50), &[(Workers, 70), (Residents, 30)]),
    kind(SOCIAL, Counselling, ResidentialGroup, 5.0, (1, 6), &[(Residents, 100)]),
    kind(SOCIAL, DoorToDoor, ResidentialGroup, 4.0, (10, 40), &[(Residents, 100)]),
    kind(SOCIAL, Leaflets, Entertainment, 3.0, (8, 35), &[(Workers, 60), (Residents, 40)]),
    kind(POLICE, Talk, School, 4.0, (150, 600), &[(Pupils, 93), (Officials, 7)]),
    kind(POLICE, Talk, IndustrialZone, 2.5, (80, 400), &[(Workers, 96), (Officials, 4)]),
    kind(POLICE, ThemedMeeting, Entertainment, 2.0, (10, 40), &[(Workers, 75), (Residents, 25)]),
    kind(POLICE, Talk, BoardingHouse, 2.5, (20, 80), &[(Workers, 75), (Residents, 25)]),
    kind(COURT, MockTrial, School, 0.8, (200, 700), &[(Pupils, 90), (Students, 4), (Officials, 6)]),
    kind(COUNCIL, Loudspeaker, ResidentialGroup, 8.0, (0, 0), &[]),
    kind(COUNCIL, Article, Online, 3.0, (0, 0), &[]),
    kind(COUNCIL, MeetingPart, Agency, 4.0, (15, 60), &[(Officials, 100)]),
    kind(SCHOOL, ThemedMeeting, School, 7.0, (60, 350), &[(Pupils, 94), (Officials, 6)]),
    kind(FRONT, MeetingPart, ResidentialGroup, 8.0, (30, 110), &[(Residents, 97), (Officials, 3)]),
    kind(LABOUR, Talk, IndustrialZone, 2.5, (60, 300), &[(Workers, 97), (Officials, 3)]),
    kind(LABOUR, Leaflets, BoardingHouse, 2.0, (20, 90), &[(Workers, 100)]),
];

/// Lunar new year's day of these years.
const TET: [(i32, u32, u32); 10] = [
    (2022, 2, 1),
    (2023, 1, 22),
    (2024, 2, 10),
    (2025, 1, 29),
    (2026, 2, 17),
    (2027, 2, 6),
    (2028, 1, 26),
    (2029, 2, 13),
    (2030, 2, 3),
    (2031, 1, 23),
];

/// How busy a day is, 1 on an ordinary one: the action month and 26/6, the new school year, quiet around Tết.
pub fn season(day: Date) -> f64 {
    const MONTHS: [f64; 12] = [0.75, 0.75, 1.05, 0.95, 1.15, 2.3, 0.9, 0.75, 1.35, 1.05, 1.15, 0.85];
    let month = MONTHS[day.month() as usize - 1];
    let around_tet = TET
        .iter()
        .filter_map(|(year, month, first)| Date::new(*year, *month, *first))
        .any(|tet| (-6..=9).contains(&day.days_since(tet)));
    match (day.month(), day.day()) {
        _ if around_tet => 0.08,
        (6, 26) => 9.0,
        (6, 20..=30) => month * 1.5,
        _ => month,
    }
}

/// How much more or less often a kind of activity takes place on this day than usual.
pub fn timeliness(template: &Template, day: Date) -> f64 {
    let sunday = day.weekday() == 6;
    let weekend = day.weekday() >= 5;
    match template.at {
        School => match (day.month(), day.day()) {
            (6, 10..) | (7, _) | (8, 1..=19) => 0.04,
            (9, _) => 2.2,
            _ if sunday => 0.05,
            _ => 1.0,
        },
        Agency | IndustrialZone if weekend => 0.1,
        ResidentialGroup | Market if weekend => 1.6,
        _ => 1.0,
    }
}
