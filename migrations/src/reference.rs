//! The reference data that ships with the product: communes of the country, Vĩnh Yên's wards and their succession,
//! the organisations and campaigns of the plan. Parsed from the CSV files in `migrations/reference`; no database here.
//!
//! The files are part of the program, so a row that cannot be read is a defect of the build, caught by the tests below.

use std::collections::BTreeSet;

use csv::StringRecord;
use donghanh_shared::domain::date::{Date, Span};
use donghanh_shared::domain::organisation::{Campaign, CampaignId, Organisation, OrganisationId};
use donghanh_shared::domain::ward::{Ward, WardCode, WardRef};

const WARDS: &str = include_str!("../reference/wards.csv");
const COMMUNES: &str = include_str!("../reference/communes.csv");
const COMMUNES_BEFORE: &str = include_str!("../reference/communes_before.csv");
const ORGANISATIONS: &str = include_str!("../reference/organisations.csv");
const CAMPAIGNS: &str = include_str!("../reference/campaigns.csv");

/// First day of the code list of Decision 124/2004/QĐ-TTg, from which older units are dated.
pub const CODES_FROM: &str = "2004-07-08";
/// Last day of the units before the reorganisation.
pub const BEFORE_UNTIL: &str = "2025-06-30";
/// First day of the current units.
pub const CURRENT_FROM: &str = "2025-07-01";

/// A current commune, ward or special zone of the country.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Commune {
    /// Code of the General Statistics Office, `08707`.
    pub code: String,
    /// Name without the kind.
    pub name: String,
    /// `Phường`, `Xã` or `Đặc khu`.
    pub kind: String,
    /// Two digits.
    pub province_code: String,
    /// `Tỉnh Phú Thọ`.
    pub province: String,
}

/// A unit until 2025-06-30.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommuneBefore {
    /// Code of the General Statistics Office; may since have been given to another unit.
    pub code: String,
    /// Name without the kind.
    pub name: String,
    /// `Phường`, `Xã` or `Thị trấn`.
    pub kind: String,
    /// The district, city or town it belonged to.
    pub district: String,
    /// Its province then.
    pub province: String,
    /// Code of the current unit that took it over.
    pub successor: String,
}

/// Vĩnh Yên's nine wards until 2025-06-30 and the two since.
#[must_use]
pub fn wards() -> Vec<Ward> {
    rows(WARDS, |row| Ward {
        id: WardRef { code: parsed(row, 0), valid_from: parsed(row, 3) },
        name: text(row, 1),
        kind: text(row, 2),
        valid_to: optional(row, 4),
        successor: optional(row, 5),
    })
}

/// The 3,321 communes, wards and special zones of the country since 2025-07-01.
#[must_use]
pub fn communes() -> Vec<Commune> {
    rows(COMMUNES, |row| Commune {
        code: text(row, 0),
        name: text(row, 1),
        kind: text(row, 2),
        province_code: text(row, 3),
        province: text(row, 4),
    })
}

/// The 10,035 units until 2025-06-30, each with the unit that took it over.
#[must_use]
pub fn communes_before() -> Vec<CommuneBefore> {
    rows(COMMUNES_BEFORE, |row| CommuneBefore {
        code: text(row, 0),
        name: text(row, 1),
        kind: text(row, 2),
        district: text(row, 3),
        province: text(row, 4),
        successor: text(row, 5),
    })
}

/// The wards of a set-up: the current units with these codes, after the units that went into them.
/// Codes that no current unit has are left out; compare the lengths, or ask [`communes`] first.
#[must_use]
pub fn wards_of(codes: &BTreeSet<WardCode>) -> Vec<Ward> {
    let texts: BTreeSet<String> = codes.iter().map(ToString::to_string).collect();
    let current = |code: &str| WardRef { code: known(code), valid_from: known(CURRENT_FROM) };
    let before =
        communes_before().into_iter().filter(|unit| texts.contains(&unit.successor)).map(|unit| Ward {
            id: WardRef { code: known(&unit.code), valid_from: known(CODES_FROM) },
            name: unit.name,
            kind: unit.kind,
            valid_to: Some(known(BEFORE_UNTIL)),
            successor: Some(current(&unit.successor)),
        });
    let now = communes().into_iter().filter(|unit| texts.contains(&unit.code)).map(|unit| Ward {
        id: current(&unit.code),
        name: unit.name,
        kind: unit.kind,
        valid_to: None,
        successor: None,
    });
    before.chain(now).collect()
}

/// The units with duties in the plan until 2025-06-30, and those that took over.
#[must_use]
pub fn organisations() -> Vec<Organisation> {
    rows(ORGANISATIONS, |row| Organisation {
        id: parsed(row, 0),
        name: text(row, 1),
        name_en: text(row, 2),
        plan_section: text(row, 3),
        span: Span { from: parsed(row, 4), to: optional(row, 5) },
        parent: optional(row, 6),
        successor: optional(row, 7),
    })
}

/// The organisations whose duties since 2025-07-01 (or whose successor) the administrator has yet to confirm.
#[must_use]
pub fn to_be_confirmed() -> BTreeSet<OrganisationId> {
    rows(ORGANISATIONS, |row| (parsed(row, 0), &row[8] == "yes"))
        .into_iter()
        .filter_map(|(id, yes)| yes.then_some(id))
        .collect()
}

/// The campaigns of the plan.
#[must_use]
pub fn campaigns() -> Vec<Campaign> {
    rows(CAMPAIGNS, |row| Campaign {
        id: parsed::<CampaignId>(row, 0),
        name: text(row, 1),
        name_en: text(row, 2),
        span: Span { from: parsed::<Date>(row, 3), to: optional(row, 4) },
    })
}

fn rows<T>(file: &str, read: impl Fn(&StringRecord) -> T) -> Vec<T> {
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    reader.records().map(|row| read(&row.expect("a built-in file is well-formed CSV"))).collect()
}

fn text(row: &StringRecord, at: usize) -> String {
    row[at].to_owned()
}

fn known<T: std::str::FromStr>(text: &str) -> T {
    text.parse().ok().expect("a built-in value reads")
}

fn parsed<T: std::str::FromStr>(row: &StringRecord, at: usize) -> T {
    known(&row[at])
}

fn optional<T: std::str::FromStr>(row: &StringRecord, at: usize) -> Option<T> {
    (!row[at].is_empty()).then(|| parsed(row, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use donghanh_shared::domain::ward::{latest_successor, with_predecessors};

    fn ward(text: &str) -> WardRef {
        text.parse().expect("ward")
    }

    #[test]
    fn nine_wards_became_two_each_whole() {
        let wards = wards();
        let before: Vec<_> = wards.iter().filter(|w| w.valid_to.is_some()).collect();
        assert_eq!((before.len(), wards.len()), (9, 11));
        assert!(before.iter().all(|w| w.valid_to.map(|d| d.to_string()).as_deref() == Some(BEFORE_UNTIL)));
        assert!(rows(WARDS, |row| text(row, 6)).iter().take(9).all(|how| how == "whole"));
        let of = |text: &str| with_predecessors(ward(text), &wards).len() - 1;
        assert_eq!((of("08707@2025-07-01"), of("08716@2025-07-01")), (4, 5));
        assert_eq!(latest_successor(ward("08716@2004-07-08"), &wards), ward("08716@2025-07-01"));
        assert_eq!(latest_successor(ward("08722@2004-07-08"), &wards), ward("08707@2025-07-01"));
    }

    #[test]
    fn names_and_kinds_are_right() {
        let name = |id: &str| wards().into_iter().find(|w| w.id == ward(id)).map(|w| w.full_name());
        for (id, full) in [
            ("08707@2004-07-08", "Phường Tích Sơn"),
            ("08710@2004-07-08", "Phường Liên Bảo"),
            ("08713@2004-07-08", "Phường Hội Hợp"),
            ("08716@2004-07-08", "Phường Đống Đa"),
            ("08719@2004-07-08", "Phường Ngô Quyền"),
            ("08722@2004-07-08", "Phường Đồng Tâm"),
            ("08725@2004-07-08", "Phường Định Trung"),
            ("08728@2004-07-08", "Phường Khai Quang"),
            ("08731@2004-07-08", "Xã Thanh Trù"),
            ("08707@2025-07-01", "Phường Vĩnh Yên"),
            ("08716@2025-07-01", "Phường Vĩnh Phúc"),
        ] {
            assert_eq!(name(id).as_deref(), Some(full));
        }
    }

    #[test]
    fn a_set_up_of_the_two_wards_gives_the_same_register() {
        let codes = ["08707", "08716"].map(|code| code.parse().expect("code")).into_iter().collect();
        assert_eq!(wards_of(&codes), wards());
    }

    #[test]
    fn the_whole_country_reads() {
        let now = communes();
        let codes: BTreeSet<_> = now.iter().map(|unit| unit.code.clone()).collect();
        assert_eq!((now.len(), codes.len()), (3_321, 3_321));
        let before = communes_before();
        assert_eq!(before.len(), 10_035);
        assert!(before.iter().all(|unit| codes.contains(&unit.successor)));
        let all: BTreeSet<WardCode> = now.iter().map(|unit| unit.code.parse().expect("code")).collect();
        assert_eq!(wards_of(&all).len(), 3_321 + 10_035);
    }

    #[test]
    fn organisations_name_each_other_and_hand_over_without_a_gap() {
        let all = organisations();
        let find = |id: &OrganisationId| all.iter().find(|o| o.id == *id).expect("named organisation exists");
        for organisation in &all {
            if let Some(parent) = &organisation.parent {
                find(parent);
            }
            if let Some(next) = &organisation.successor {
                let last = organisation.span.to.expect("only ended units have a successor");
                assert_eq!(find(next).span.from, last.plus_days(1), "{next}");
            }
        }
        let ids: BTreeSet<_> = all.iter().map(|o| &o.id).collect();
        assert_eq!(ids.len(), all.len());
        let sections: BTreeSet<_> = all.iter().map(|o| o.plan_section.as_str()).collect();
        for section in ["1", "2", "3", "4", "5", "6", "7", "8", "9", "11", "12", "12.2", "12.3", "12.4", "13"]
        {
            assert!(sections.contains(format!("IV.{section}").as_str()), "{section}");
        }
        assert!(to_be_confirmed().contains(&"phong-van-hoa-xa-hoi".parse().expect("id")));
        assert_eq!(campaigns().len(), 5);
    }
}
