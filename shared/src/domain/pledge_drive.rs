//! The pledge drive (đợt ký cam kết): who was to sign and who did, by class, branch or other group. No names of pupils.
//!
//! A group is counted in one of two ways, never both added: from sheets ("đã ký / sĩ số", typed, the usual way), or by
//! taps. Sheets that came late, people who were absent and signatures of parents are numbers of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use super::date::Date;
use super::error::{Code, Problem};
use super::fields::{FieldValue, Fields};
use super::organisation::{CampaignId, OrganisationId};
use super::register::{Count, Register};
use super::search::folded;
use super::vocabulary::{Term as _, vocabulary};
use super::ward::WardRef;
use crate::ids::{DocumentId, PlaceId};

vocabulary! {
    /// Who signs.
    Signer {
        Pupils = "pupils", "học sinh", "pupils";
        Teachers = "teachers", "cán bộ, giáo viên", "teachers and staff";
        Members = "members", "đoàn viên, hội viên", "members of a union";
        Households = "households", "hộ gia đình", "households";
        Workers = "workers", "công nhân, người lao động", "workers";
        WholeGroups = "whole_groups", "tập thể ký chung", "groups that sign as one";
    }
}

vocabulary! {
    /// How a group is counted.
    CountedBy {
        Sheets = "sheets", "theo phiếu đã nộp", "from sheets handed in";
        Tally = "tally", "đếm từng người", "one by one";
    }
}

vocabulary! {
    /// Everything counted of a group.
    DriveCount {
        Expected = "expected", "sĩ số", "expected";
        Signed = "signed", "đã ký", "signed";
        Tally = "tally", "đã đếm", "counted";
        Absent = "absent", "vắng", "absent";
        Late = "late", "phiếu nộp muộn", "late sheets";
        Parents = "parents", "phụ huynh cùng ký", "parents who signed too";
    }
}

/// A school year (`2025-2026`) or a calendar year (`2026`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DriveYear {
    /// The year in which it begins.
    pub first: u16,
    /// Whether it is a school year.
    pub school: bool,
}

/// The month in which a school year begins (Ministry of Education's yearly frame: pupils return in August or September).
const SCHOOL_YEAR_MONTH: u32 = 8;

impl DriveYear {
    /// The school year that a day belongs to.
    #[must_use]
    pub fn school_year_of(day: Date) -> Self {
        let begun = if day.month() >= SCHOOL_YEAR_MONTH { day.year() } else { day.year() - 1 };
        Self { first: u16::try_from(begun).unwrap_or_default(), school: true }
    }

    /// The calendar year that a day belongs to.
    #[must_use]
    pub fn year_of(day: Date) -> Self {
        Self { first: u16::try_from(day.year()).unwrap_or_default(), school: false }
    }

    /// First and last day.
    #[must_use]
    pub fn days(self) -> Option<(Date, Date)> {
        let year = i32::from(self.first);
        match self.school {
            true => Date::new(year, SCHOOL_YEAR_MONTH, 1).zip(Date::new(year + 1, SCHOOL_YEAR_MONTH - 1, 31)),
            false => Date::new(year, 1, 1).zip(Date::new(year, 12, 31)),
        }
    }
}

impl fmt::Display for DriveYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.school { write!(f, "{}-{}", self.first, self.first + 1) } else { write!(f, "{}", self.first) }
    }
}

impl FromStr for DriveYear {
    type Err = Problem;

    /// `2025-2026` or `2026`, between 2000 and 2198.
    fn from_str(text: &str) -> Result<Self, Problem> {
        let invalid = || Problem::new(Code::DateAbsurd);
        let year = |text: &str| {
            let year =
                text.parse::<u16>().ok().filter(|year| text.len() == 4 && (2000..=2198).contains(year));
            year.ok_or_else(invalid)
        };
        match text.split_once('-') {
            None => Ok(Self { first: year(text)?, school: false }),
            Some((first, next)) => {
                let first = year(first)?;
                if year(next)? == first + 1 { Ok(Self { first, school: true }) } else { Err(invalid()) }
            }
        }
    }
}

/// What a group is known by: its kind of signer and its folded name, `pupils-7a2`. Two phones that add "7A2" and "lớp 7a2"
/// apart mean one class.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct GroupKey(String);

/// Longest folded name in a key, in bytes.
const KEY_NAME: usize = 48;

impl GroupKey {
    /// The key of a group with this name; `None` for a name without a letter or digit.
    #[must_use]
    pub fn of(signer: Signer, name: &str) -> Option<Self> {
        let mut plain: String = folded(name).chars().filter(char::is_ascii_alphanumeric).collect();
        if let Some(rest) = plain.strip_prefix("lop").filter(|rest| !rest.is_empty()) {
            plain = rest.to_owned();
        }
        plain.truncate(KEY_NAME);
        (!plain.is_empty()).then(|| Self(format!("{}-{plain}", signer.code())))
    }

    /// A key as it stands in a document.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let ok = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
        (ok && !text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of one of its counts in the document.
    #[must_use]
    pub fn count(&self, what: DriveCount) -> String {
        format!("{}.{}", self.0, what.code())
    }

    /// The key of one of its fields in the document.
    #[must_use]
    pub fn field(&self, name: &str) -> String {
        format!("{}.{name}", self.0)
    }
}

/// A class, branch, cluster or other group of a drive.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Group {
    /// What it is called: `7A2`, `Chi đoàn 3`.
    pub name: Register<String>,
    /// Who signs in it.
    pub signer: Register<Signer>,
    /// How it is counted; sheets where nobody said, unless there are taps alone.
    pub by: Register<CountedBy>,
    /// Taken out again.
    pub out: Register<bool>,
    /// Its numbers.
    pub counts: BTreeMap<DriveCount, Count>,
}

impl Group {
    /// One of its numbers; `None` = not known.
    #[must_use]
    pub fn count(&self, what: DriveCount) -> Option<u32> {
        self.counts.get(&what).and_then(Count::total)
    }

    /// How it is counted.
    #[must_use]
    pub fn counted_by(&self) -> CountedBy {
        let only_taps = self.count(DriveCount::Signed).is_none() && self.count(DriveCount::Tally).is_some();
        let silent = if only_taps { CountedBy::Tally } else { CountedBy::Sheets };
        self.by.value().copied().unwrap_or(silent)
    }

    /// How many signed, in the one way in which the group is counted; `None` = not known.
    #[must_use]
    pub fn signed(&self) -> Option<u32> {
        match self.counted_by() {
            CountedBy::Sheets => self.count(DriveCount::Signed),
            CountedBy::Tally => self.count(DriveCount::Tally),
        }
    }

    /// How many were to sign; `None` = not known.
    #[must_use]
    pub fn expected(&self) -> Option<u32> {
        self.count(DriveCount::Expected)
    }

    /// More signed than were to: to be looked at, not refused.
    #[must_use]
    pub fn exceeds(&self) -> bool {
        self.signed().zip(self.expected()).is_some_and(|(signed, expected)| signed > expected)
    }

    /// Whether it counts.
    #[must_use]
    pub fn is_in(&self) -> bool {
        self.out.value() != Some(&true)
    }
}

/// Numbers of several groups.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Signatures {
    /// Groups.
    pub groups: u32,
    /// Of these, groups of which nobody knows how many signed.
    pub unknown: u32,
    /// Who signed, as far as known.
    pub signed: u64,
    /// Who was to sign, in the groups that know it.
    pub expected: u64,
    /// Groups that do not know how many were to sign.
    pub expected_unknown: u32,
}

impl Signatures {
    /// Adds a group.
    pub fn add(&mut self, signed: Option<u32>, expected: Option<u32>) {
        self.groups += 1;
        self.unknown += u32::from(signed.is_none());
        self.expected_unknown += u32::from(expected.is_none());
        self.signed += u64::from(signed.unwrap_or(0));
        self.expected += u64::from(expected.unwrap_or(0));
    }

    /// How many signed; `None` when no group knows.
    #[must_use]
    pub fn known(&self) -> Option<u64> {
        (self.groups > self.unknown).then_some(self.signed)
    }

    /// How many were to sign; `None` when a group does not know: the sum would be too small.
    #[must_use]
    pub fn known_expected(&self) -> Option<u64> {
        (self.groups > 0 && self.expected_unknown == 0).then_some(self.expected)
    }
}

/// A drive as read from its document.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PledgeDrive {
    /// The day on which it was held or began.
    pub date: Register<Date>,
    /// The last day on which sheets were collected.
    pub ended: Register<Date>,
    /// The year it is for.
    pub year: Register<DriveYear>,
    /// The ward it was made in, as written. Sums go by placement, not by this.
    pub ward: Register<WardRef>,
    /// The school, residential group, works.
    pub place: Register<PlaceId>,
    /// Its campaign.
    pub campaign: Register<CampaignId>,
    /// The organisation that leads.
    pub lead: Register<OrganisationId>,
    /// The visit that it went with ("kèm ký cam kết"); it adds no session and no attendance.
    pub visit: Register<DocumentId>,
    /// Why it was removed (gỡ bỏ).
    pub archived: Register<String>,
    /// The record of the same drive whose counts stand.
    pub same_as: Register<DocumentId>,
    /// Its groups.
    pub groups: BTreeMap<GroupKey, Group>,
    /// Organisations that took part.
    pub co_organisers: BTreeSet<OrganisationId>,
    /// Who did it: key → name.
    pub done_by: BTreeMap<String, String>,
    /// Long notes.
    pub notes: String,
}

impl PledgeDrive {
    /// Reads the fields of a document.
    #[must_use]
    pub fn of(fields: &Fields) -> Self {
        fn text<T: FromStr>(value: &FieldValue) -> Option<T> {
            value.as_text()?.parse().ok()
        }
        let register = |name: &str| fields.registers.get(name).cloned().unwrap_or_default();
        let keys = |map: &str| fields.maps.get(map).into_iter().flatten();
        let standing = keys("done_by").filter_map(|(key, name)| {
            let name = name.value()?.as_text()?;
            Some((key.clone(), name.to_owned()))
        });
        Self {
            date: register("date").map(text),
            ended: register("ended").map(text),
            year: register("year").map(text),
            ward: register("ward").map(text),
            place: register("place").map(text),
            campaign: register("campaign").map(text),
            lead: register("lead").map(text),
            visit: register("visit").map(text),
            archived: register("archived").map(text),
            same_as: register("same_as").map(text),
            groups: groups(fields),
            co_organisers: keys("co_organisers").filter_map(|(key, _)| key.parse().ok()).collect(),
            done_by: standing.collect(),
            notes: fields.texts.get("notes").cloned().unwrap_or_default(),
        }
    }

    /// The groups that count, with their keys.
    pub fn counted(&self) -> impl Iterator<Item = (&GroupKey, &Group)> {
        self.groups.iter().filter(|(_, group)| group.is_in())
    }

    /// The numbers of all groups of one kind of signer; of all kinds for `None`.
    #[must_use]
    pub fn signatures(&self, of: Option<Signer>) -> Signatures {
        let mut all = Signatures::default();
        let asked = |group: &&Group| of.is_none() || group.signer.value().copied() == of;
        for group in self.counted().map(|(_, group)| group).filter(asked) {
            all.add(group.signed(), group.expected());
        }
        all
    }

    /// The names of the fields on which people differ: `place`, `pupils-7a2.name`, `pupils-7a2.signed`.
    #[must_use]
    pub fn open_fields(&self) -> Vec<String> {
        let own = [
            ("date", self.date.is_open()),
            ("ended", self.ended.is_open()),
            ("year", self.year.is_open()),
            ("ward", self.ward.is_open()),
            ("place", self.place.is_open()),
            ("campaign", self.campaign.is_open()),
            ("lead", self.lead.is_open()),
            ("visit", self.visit.is_open()),
            ("archived", self.archived.is_open()),
            ("same_as", self.same_as.is_open()),
        ];
        let mut open: Vec<String> =
            own.iter().filter(|(_, open)| *open).map(|(name, _)| (*name).to_owned()).collect();
        for (key, group) in &self.groups {
            let fields = [
                ("name", group.name.is_open()),
                ("signer", group.signer.is_open()),
                ("by", group.by.is_open()),
                ("out", group.out.is_open()),
            ];
            open.extend(fields.iter().filter(|(_, open)| *open).map(|(name, _)| key.field(name)));
            let counts = group.counts.iter().filter(|(_, count)| count.is_open());
            open.extend(counts.map(|(what, _)| key.count(*what)));
        }
        open
    }

    /// What a person must still fill in or mend before this can be saved.
    #[must_use]
    pub fn problems(&self, today: Date) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut need = |missing: bool, code: Code, field: &str| {
            if missing {
                found.push(Problem::new(code).at(field));
            }
        };
        let (begun, ended) = (self.date.value(), self.ended.value());
        need(begun.is_none(), Code::DateMissing, "date");
        need(begun.is_some_and(|date| *date > today), Code::DateInFuture, "date");
        need(ended.is_some_and(|date| *date > today), Code::DateInFuture, "ended");
        need(begun.zip(ended).is_some_and(|(begun, ended)| ended < begun), Code::PeriodInvalid, "ended");
        need(self.year.value().is_none(), Code::YearMissing, "year");
        need(self.place.value().is_none(), Code::VenueMissing, "place");
        need(self.lead.value().is_none(), Code::LeadMissing, "lead");
        need(self.counted().next().is_none(), Code::GroupMissing, "groups");
        found
    }

    /// What should be looked at and does not stand in the way of saving: groups in which more signed than were to.
    #[must_use]
    pub fn warnings(&self) -> Vec<Problem> {
        let over = self.counted().filter(|(_, group)| group.exceeds());
        over.map(|(key, _)| Problem::new(Code::SignedExceedExpected).at(key.as_str())).collect()
    }
}

fn groups(fields: &Fields) -> BTreeMap<GroupKey, Group> {
    let mut groups: BTreeMap<GroupKey, Group> = BTreeMap::new();
    let known = |key: &str| {
        key.split_once('.').and_then(|(key, field)| Some((GroupKey::parse(key)?, field.to_owned())))
    };
    for (key, register) in fields.maps.get("groups").into_iter().flatten() {
        let Some((key, field)) = known(key) else { continue };
        let group = groups.entry(key).or_default();
        match field.as_str() {
            "name" => group.name = register.map(|value| value.as_text().map(str::to_owned)),
            "signer" => group.signer = register.map(|value| Signer::parse(value.as_text()?).ok()),
            "by" => group.by = register.map(|value| CountedBy::parse(value.as_text()?).ok()),
            "out" => {
                group.out =
                    register.map(|value| (*value == FieldValue::Flag(true)).then_some(true).or(Some(false)))
            }
            _ => {}
        }
    }
    for (key, count) in &fields.counts {
        let Some((key, what)) = known(key) else { continue };
        let Ok(what) = DriveCount::parse(&what) else { continue };
        groups.entry(key).or_default().counts.insert(what, count.clone());
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::count::Correction;
    use crate::domain::register::Claim;
    use crate::ids::ActorId;

    fn said<T>(value: T) -> Register<T> {
        Register { claims: vec![Claim { value, actor: ActorId([1; 16]), at: 0 }], unreadable: 0 }
    }

    fn typed(value: u32) -> Count {
        Count { typed: said(Correction { value: Some(value), ..Correction::default() }), ..Count::default() }
    }

    fn tapped(taps: i64) -> Count {
        Count { taps: BTreeMap::from([(ActorId([2; 16]), taps)]), ..Count::default() }
    }

    fn group(counts: &[(DriveCount, Count)]) -> Group {
        Group { counts: counts.iter().cloned().collect(), ..Group::default() }
    }

    #[test]
    fn sheets_and_taps_are_never_both_added() {
        let mut both = group(&[(DriveCount::Signed, typed(31)), (DriveCount::Tally, tapped(12))]);
        assert_eq!(both.signed(), Some(31));
        both.by = said(CountedBy::Tally);
        assert_eq!(both.signed(), Some(12));
        assert_eq!(group(&[(DriveCount::Tally, tapped(12))]).signed(), Some(12));
        assert_eq!(group(&[]).signed(), None);
    }

    #[test]
    fn a_class_is_one_class_however_it_is_written() {
        let key = |name| GroupKey::of(Signer::Pupils, name).map(|key| key.as_str().to_owned());
        assert_eq!(key("7A2"), Some("pupils-7a2".to_owned()));
        assert_eq!((key("lớp 7 a2"), key("Lớp 7A2")), (key("7A2"), key("7A2")));
        assert_eq!(key("Lớp"), Some("pupils-lop".to_owned()));
        assert_eq!(key(" – "), None);
        assert_ne!(key("7A2"), GroupKey::of(Signer::Teachers, "7A2").map(|key| key.as_str().to_owned()));
    }

    #[test]
    fn more_than_expected_is_a_warning_and_absent_late_and_parents_add_nothing() {
        let mut drive = PledgeDrive::default();
        let counts = [
            (DriveCount::Expected, typed(38)),
            (DriveCount::Signed, typed(40)),
            (DriveCount::Late, typed(3)),
            (DriveCount::Parents, typed(30)),
        ];
        let key = GroupKey::of(Signer::Pupils, "7A2").expect("key");
        drive.groups.insert(key.clone(), Group { signer: said(Signer::Pupils), ..group(&counts) });
        assert_eq!(drive.warnings(), [Problem::new(Code::SignedExceedExpected).at("pupils-7a2")]);
        let all = drive.signatures(Some(Signer::Pupils));
        assert_eq!((all.known(), all.known_expected(), all.groups), (Some(40), Some(38), 1));
        drive.groups.insert(GroupKey::of(Signer::Pupils, "7A3").expect("key"), group(&[]));
        assert_eq!(drive.signatures(None).known_expected(), None, "a sum with an unknown part is unknown");
        drive.groups.get_mut(&key).expect("group").out = said(true);
        assert_eq!(drive.signatures(None).known(), None);
    }

    #[test]
    fn years_of_school_and_calendar() {
        let day = |text: &str| text.parse::<Date>().expect("day");
        assert_eq!(DriveYear::school_year_of(day("2025-09-05")).to_string(), "2025-2026");
        assert_eq!(DriveYear::school_year_of(day("2026-07-31")).to_string(), "2025-2026");
        assert_eq!(DriveYear::year_of(day("2026-06-26")).to_string(), "2026");
        for text in ["2025-2026", "2026"] {
            assert_eq!(text.parse::<DriveYear>().expect("year").to_string(), text);
        }
        for text in ["2025-2027", "26", "2025-26", "1999", "2026-", "2199", ""] {
            assert!(text.parse::<DriveYear>().is_err(), "{text}");
        }
        let days = DriveYear::school_year_of(day("2025-09-05")).days();
        assert_eq!(days, Some((day("2025-08-01"), day("2026-07-31"))));
    }
}
