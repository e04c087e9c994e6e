//! Pledge drives, worked out the plain way: each is replayed save by save, and each of its groups counts unless a later
//! drive of the same place and year has it too.
//!
//! Shares no code with [`donghanh_shared::domain::pledge_drive`], which reads drives from documents.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::command::fields::{FieldEdit, Written};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::domain::place::{Place, PlaceKind, PlaceStatus};
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{DocumentId, PlaceId};

use super::{Asked, Facts};
use crate::world::GeneratedDrive;

/// What a drive says in the end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DriveFacts {
    /// The record.
    pub document: DocumentId,
    /// Its home ward.
    pub home: WardRef,
    /// Its own fields, by name.
    pub fields: BTreeMap<String, String>,
    /// Its groups, by key.
    pub groups: BTreeMap<String, GroupFacts>,
    /// Whether two people who wrote apart differ.
    pub open: bool,
    /// Whether these values were confirmed.
    pub confirmed: bool,
}

/// What is said of a group.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GroupFacts {
    /// Code of who signs.
    pub signer: Option<String>,
    /// Taken out.
    pub out: bool,
    /// Code of how it is counted.
    pub by: Option<String>,
    /// Its numbers by code; absent: not known.
    pub numbers: BTreeMap<String, i64>,
}

impl GroupFacts {
    /// Who was to sign.
    #[must_use]
    pub fn expected(&self) -> Option<u64> {
        self.number("expected")
    }

    /// Who signed: sheets and taps are never added.
    #[must_use]
    pub fn signed(&self) -> Option<u64> {
        match self.by.as_deref() {
            Some("tally") => self.number("tally"),
            Some(_) => self.number("signed"),
            None => self.number("signed").or(self.number("tally")),
        }
    }

    fn number(&self, code: &str) -> Option<u64> {
        self.numbers.get(code).map(|number| u64::try_from(*number).unwrap_or(0))
    }
}

impl DriveFacts {
    /// A field read as what it should be.
    fn field<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.fields.get(name)?.parse().ok()
    }

    /// The day on which it counts.
    #[must_use]
    pub fn date(&self) -> Option<Date> {
        self.field("date")
    }

    fn take(&mut self, edit: &FieldEdit) {
        let text = |value: &Option<Written>| match value {
            Some(Written::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let mut number = |key: &str, change: &dyn Fn(&mut BTreeMap<String, i64>, String)| {
            if let Some((group, what)) = key.split_once('.') {
                change(&mut self.groups.entry(group.to_owned()).or_default().numbers, what.to_owned());
            }
        };
        match edit {
            FieldEdit::Register(name, value) => match text(value) {
                Some(text) => drop(self.fields.insert(name.clone(), text)),
                None => drop(self.fields.remove(name)),
            },
            FieldEdit::Count(key, typed) => number(key, &|numbers, what| match typed {
                Some(typed) => drop(numbers.insert(what, i64::from(typed.get()))),
                None => drop(numbers.remove(&what)),
            }),
            FieldEdit::Tap(key, taps) => {
                number(key, &|numbers, what| *numbers.entry(what).or_default() += i64::from(*taps))
            }
            FieldEdit::Entry(map, key, value) if map == "groups" => {
                let Some((group, field)) = key.split_once('.') else { return };
                let group = self.groups.entry(group.to_owned()).or_default();
                match field {
                    "signer" => group.signer = text(value),
                    "by" => group.by = text(value),
                    "out" => group.out = *value == Some(Written::Flag(true)),
                    _ => {}
                }
            }
            FieldEdit::Entry(..) | FieldEdit::LongText(..) => {}
        }
    }
}

/// Replays a drive.
#[must_use]
pub fn replay_drive(drive: &GeneratedDrive) -> DriveFacts {
    let (document, home) = (drive.document, drive.ward);
    let mut facts = DriveFacts {
        document,
        home,
        fields: BTreeMap::new(),
        groups: BTreeMap::new(),
        open: false,
        confirmed: false,
    };
    // What was written apart to a field, until somebody who has seen it all writes again. Writing what the first save says
    // already writes nothing.
    let mut apart: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut first: BTreeMap<&str, String> = BTreeMap::new();
    let mut confirmed = None;
    for (number, save) in drive.saves.iter().enumerate() {
        for edit in &save.edits {
            if let Some(is_right) = super::says(edit) {
                confirmed = is_right.then(|| DriveFacts { confirmed: true, ..facts.clone() });
                continue;
            }
            facts.take(edit);
            let FieldEdit::Register(name, value) = edit else { continue };
            let value = format!("{value:?}");
            if number == 0 {
                first.insert(name, value);
            } else if !save.apart {
                apart.remove(name.as_str());
            } else if first.get(name.as_str()) != Some(&value) {
                apart.entry(name).or_default().insert(value);
            }
        }
    }
    let open = apart.values().any(|written| written.len() > 1);
    DriveFacts { open, ..confirmed.unwrap_or(facts) }
}

/// Signatures of some groups.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Signed {
    /// Groups.
    pub groups: u32,
    /// Groups of which nobody knows how many signed.
    pub unknown: u32,
    /// Who signed, as far as known.
    pub signed: u64,
    /// Who was to sign, when every group knows it.
    pub expected: Option<u64>,
}

/// Figures of pledge drives (B1–B4).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pledges {
    /// Drives.
    pub drives: u32,
    /// Covered and registered schools.
    pub schools: (u32, u32),
    /// Pupils and teachers of schools.
    pub school_signers: Signed,
    /// By code of who signs.
    pub signers: BTreeMap<String, Signed>,
    /// "3 không với ma túy" of the Youth Union.
    pub three_no: Signed,
    /// Its sessions.
    pub three_no_sessions: u64,
    /// Members in drives of the Women's Union.
    pub women: Signed,
    /// Households likewise.
    pub women_households: Signed,
    /// Workers where they work or lodge.
    pub workers: Signed,
    /// Workers reached there.
    pub workers_reached: u64,
    /// Drives on which people differ.
    pub open_records: u32,
}

/// A group of a drive that counts.
type Counted<'f> = (&'f DriveFacts, &'f GroupFacts);

impl Asked<'_, '_> {
    /// Drives of the period that the reader sums.
    pub(super) fn own_drives(&self) -> impl Iterator<Item = &DriveFacts> {
        self.oracle.drives.iter().filter(|drive| {
            let removed = drive.fields.contains_key("archived") || !self.oracle.counts(drive.document);
            let asked_for = drive.confirmed || !self.question.confirmed_only;
            !removed
                && asked_for
                && self.in_period(drive.date())
                && self.question.readable.contains(&drive.home)
        })
    }

    pub(super) fn pledges(&self, here: &dyn Fn(WardRef) -> bool, schools: u32) -> Pledges {
        let drives: Vec<&DriveFacts> = self.own_drives().filter(|drive| here(drive.home)).collect();
        let visits: Vec<&Facts> = self.own().filter(|facts| here(facts.home)).collect();
        let counted = self.counted_groups(&drives);
        let kind = |drive: &DriveFacts| self.kind(drive.field("place"));
        let is = |group: &GroupFacts, code: &str| group.signer.as_deref() == Some(code);
        let led_by = |drive: &DriveFacts, section| self.is_of(drive.field("lead"), section);
        let at_school = |(drive, group): &Counted<'_>| {
            kind(drive) == Some(PlaceKind::School) && (is(group, "pupils") || is(group, "teachers"))
        };
        let works = |kind| matches!(kind, Some(PlaceKind::IndustrialZone | PlaceKind::BoardingHouse));
        let sum = |wanted: &dyn Fn(&Counted<'_>) -> bool| signed_of(counted.iter().filter(|one| wanted(one)));
        let codes: BTreeSet<String> = counted.iter().filter_map(|(_, group)| group.signer.clone()).collect();
        let three_no_visits = visits.iter().filter(|facts| {
            facts.campaign.as_deref() == Some("ba-khong")
                && self.is_of(facts.lead.as_ref().map(ToString::to_string), "IV.12.3")
        });
        let worked = visits.iter().filter(|facts| {
            facts.places.iter().chain(&facts.venue).any(|place| works(self.kind(Some(*place))))
        });
        Pledges {
            drives: u32::try_from(drives.len()).unwrap_or(u32::MAX),
            schools: (self.signed_schools(&counted, &at_school, here), schools),
            school_signers: sum(&at_school),
            signers: codes.iter().map(|code| (code.clone(), sum(&|(_, group)| is(group, code)))).collect(),
            three_no: sum(&|(drive, _)| {
                drive.field::<String>("campaign").as_deref() == Some("ba-khong") && led_by(drive, "IV.12.3")
            }),
            three_no_sessions: three_no_visits.map(|facts| facts.sessions()).sum(),
            women: sum(&|(drive, group)| led_by(drive, "IV.12.4") && is(group, "members")),
            women_households: sum(&|(drive, group)| led_by(drive, "IV.12.4") && is(group, "households")),
            workers: sum(&|(drive, group)| works(kind(drive)) && is(group, "workers")),
            workers_reached: worked.map(|f| f.count(CountKey::Workers).map_or(0, u64::from)).sum(),
            open_records: u32::try_from(drives.iter().filter(|drive| drive.open).count()).unwrap_or(0),
        }
    }

    /// Every group that is in, unless a later drive of the same place and year has it in as well.
    fn counted_groups<'f>(&self, drives: &[&'f DriveFacts]) -> Vec<Counted<'f>> {
        let mut counted = Vec::new();
        for drive in drives {
            let same = |other: &&&DriveFacts| {
                let place = |drive: &DriveFacts| drive.field("place").map(|place| self.resolved(place));
                place(other).is_some()
                    && place(other) == place(drive)
                    && other.fields.contains_key("year")
                    && other.fields.get("year") == drive.fields.get("year")
                    && (other.date(), other.document) > (drive.date(), drive.document)
            };
            let later: Vec<&&DriveFacts> = drives.iter().filter(same).collect();
            for (key, group) in drive.groups.iter().filter(|(_, group)| !group.out) {
                let again = later.iter().any(|other| other.groups.get(key).is_some_and(|group| !group.out));
                if !again {
                    counted.push((*drive, group));
                }
            }
        }
        counted
    }

    fn signed_schools(
        &self,
        counted: &[Counted<'_>],
        at_school: &dyn Fn(&Counted<'_>) -> bool,
        here: &dyn Fn(WardRef) -> bool,
    ) -> u32 {
        let covers = |place: &&Place| {
            let lay_here = |day: Date| {
                place.wards.iter().any(|stay| {
                    here(stay.ward) && stay.span.from <= day && stay.span.to.is_none_or(|to| day <= to)
                })
            };
            counted.iter().filter(|one| at_school(one)).any(|(drive, group)| {
                group.signed().is_some_and(|signed| signed > 0)
                    && drive.field("place").map(|named| self.resolved(named)) == Some(place.id)
                    && drive.date().is_some_and(lay_here)
            })
        };
        let registered =
            self.oracle.world.places.iter().filter(|place| place.status == PlaceStatus::Registered);
        u32::try_from(registered.filter(covers).count()).unwrap_or(u32::MAX)
    }

    fn kind(&self, place: Option<PlaceId>) -> Option<PlaceKind> {
        let place = self.resolved(place?);
        self.oracle.world.places.iter().find(|known| known.id == place).map(|known| known.kind)
    }

    /// Whether this organisation, or one above it, has the section of the plan.
    fn is_of(&self, lead: Option<String>, section: &str) -> bool {
        let mut at = lead;
        while let Some(id) = at {
            let Some(found) = self.oracle.world.organisations.iter().find(|one| one.id.as_str() == id) else {
                return false;
            };
            if found.plan_section == section {
                return true;
            }
            at = found.parent.as_ref().map(ToString::to_string);
        }
        false
    }
}

fn signed_of<'f>(groups: impl Iterator<Item = &'f Counted<'f>>) -> Signed {
    let mut sum = Signed::default();
    let mut expected = Some(0);
    for (_, group) in groups {
        sum.groups += 1;
        match group.signed() {
            Some(signed) => sum.signed += signed,
            None => sum.unknown += 1,
        }
        expected = expected.and_then(|so_far| Some(so_far + group.expected()?));
    }
    Signed { expected: expected.filter(|_| sum.groups > 0), ..sum }
}
