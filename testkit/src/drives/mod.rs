//! Believable pledge drives of the world's years: schools in September and, some again, in June; unions, works and
//! agencies on their own days. Which groups sign is in [`groups`], how one drive is written down in [`draft`].

mod draft;
mod groups;

use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::place::PlaceKind;
use donghanh_shared::ids::PlaceId;

use crate::random::Random;
use crate::visits::areas;
use crate::world::{GeneratedDrive, Options, World};
use draft::Writer;

/// Who leads, as the codes before and since 2025-07-01; the first of each list is the usual one.
pub struct Lead {
    /// Until 2025-06-30.
    pub before: &'static [&'static str],
    /// Since 2025-07-01.
    pub since: &'static [&'static str],
}

/// A kind of drive, held up to twice a year at the same place.
pub struct Occasion {
    /// Where.
    pub at: PlaceKind,
    /// How many places of an area may hold it.
    places: usize,
    /// First day and number of days of the usual time, and the time at which some repeat it.
    days: [(u32, u32, i64); 2],
    /// How often a place holds it at scale 1, in percent of the years.
    percent: u32,
    /// How often it is repeated where it was held, in percent.
    again: u32,
    /// Who leads.
    pub lead: Lead,
    /// The campaign, and how often it is named, in percent.
    pub campaign: (&'static str, u32),
}

/// Every kind of drive.
const OCCASIONS: [Occasion; 6] = [
    Occasion {
        at: PlaceKind::School,
        places: usize::MAX,
        days: [(9, 5, 22), (6, 1, 9)],
        percent: 32,
        again: 45,
        lead: Lead {
            before: &["nha-truong", "nha-truong", "phong-gddt", "doan-phuong"],
            since: &["nha-truong", "nha-truong", "nha-truong", "doan-phuong-xa"],
        },
        campaign: ("nha-truong-khong-ma-tuy", 60),
    },
    Occasion {
        at: PlaceKind::ResidentialGroup,
        places: 1,
        days: [(3, 3, 12), (10, 12, 9)],
        percent: 55,
        again: 60,
        lead: Lead {
            before: &["hoi-lhpn-phuong", "hoi-lhpn-phuong", "hoi-lhpn", "mttq-phuong"],
            since: &["hoi-lhpn-phuong-xa", "hoi-lhpn-phuong-xa", "mttq-phuong-xa"],
        },
        campaign: ("toan-dan-tham-gia", 30),
    },
    Occasion {
        at: PlaceKind::Market,
        places: 1,
        days: [(3, 18, 12), (11, 3, 14)],
        percent: 50,
        again: 50,
        lead: Lead {
            before: &["doan-phuong", "doan-phuong", "thanh-doan"],
            since: &["doan-phuong-xa", "doan-phuong-xa", "tinh-doan"],
        },
        campaign: ("ba-khong", 85),
    },
    Occasion {
        at: PlaceKind::IndustrialZone,
        places: usize::MAX,
        days: [(5, 8, 20), (11, 2, 20)],
        percent: 45,
        again: 30,
        lead: Lead { before: &["ldld", "cong-an-thanh-pho"], since: &["ldld-tinh", "cong-an-phuong-xa"] },
        campaign: ("toan-dan-tham-gia", 40),
    },
    Occasion {
        at: PlaceKind::BoardingHouse,
        places: 1,
        days: [(6, 12, 14), (12, 1, 12)],
        percent: 30,
        again: 20,
        lead: Lead { before: &["ldld", "cong-an-phuong"], since: &["ldld-tinh", "cong-an-phuong-xa"] },
        campaign: ("thang-hanh-dong", 50),
    },
    Occasion {
        at: PlaceKind::Agency,
        places: 1,
        days: [(6, 20, 8), (11, 10, 10)],
        percent: 20,
        again: 10,
        lead: Lead { before: &["mttq", "ubnd-phuong"], since: &["mttq-phuong-xa", "ubnd-phuong-xa"] },
        campaign: ("ngay-toan-dan", 50),
    },
];

/// All drives of the world's years, in the order of their days. The visits are there already: some drives go with one.
pub fn generate(options: &Options, world: &World) -> Vec<GeneratedDrive> {
    let mut random = Random::new(options.seed, 8);
    let mut writer = Writer::new(options, world);
    let areas = areas(options.seed, world);
    let mut planned = Vec::new();
    for year in options.first_day.year() - 1..=options.today.year() {
        for (number, area) in areas.iter().enumerate() {
            for (which, occasion) in OCCASIONS.iter().enumerate() {
                let all = area.reachable(occasion.at, usual_day(occasion, 0, year));
                for place in all.into_iter().take(occasion.places) {
                    let days = days(&mut random, occasion, year, options.scale);
                    planned.extend(days.into_iter().flatten().map(|day| (day, number, which, place)));
                }
            }
        }
    }
    // Nothing of today: it has only begun.
    planned.retain(|(day, ..)| options.first_day <= *day && *day < options.today);
    planned.sort_unstable();
    let drive = |(day, area, occasion, place): (Date, usize, usize, PlaceId)| {
        writer.drive(&areas[area], &OCCASIONS[occasion], place, day)
    };
    planned.into_iter().map(drive).collect()
}

/// The days of a year's drive and of its repetition. That of a school comes in the calendar year after.
fn days(random: &mut Random, occasion: &Occasion, year: i32, scale: f64) -> [Option<Date>; 2] {
    let within = |random: &mut Random, number: usize| {
        let offset = random.offset(0, occasion.days[number].2 - 1);
        usual_day(occasion, number, year).plus_days(offset)
    };
    let first = within(random, 0);
    let second = within(random, 1);
    let held = random.chance((f64::from(occasion.percent) / 100.0 * scale).min(1.0));
    let again = random.percent(occasion.again);
    [held.then_some(first), (held && again).then_some(second)]
}

fn usual_day(occasion: &Occasion, number: usize, year: i32) -> Date {
    let ((first_month, ..), (month, day, _)) = (occasion.days[0], occasion.days[number]);
    let year = if month < first_month { year + 1 } else { year };
    Date::new(year, month, day).expect("a built-in day exists")
}
