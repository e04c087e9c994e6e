//! The assignment (giao việc): a supervisor asks a union or a person of the ward for visits, drives or check-ins by a day, and
//! sees it being fulfilled by the records themselves. Nobody ticks it off: how far it has come is reckoned from the records
//! wherever it is shown ([`Ask::progress`]), and it is done once that reaches what was asked.
//!
//! - A record **counts** when it is of the kind asked, of the ward, dated from the first day to the last (both included), not
//!   removed, of the form asked if one is, and made by who was asked: led by the organisation, or done by the person. Taking
//!   part is not enough, so that one visit fulfils the assignment of one organisation.
//! - Visits count by their sessions: a late summary may stand for several. Drives and check-ins count as one each.
//! - Where **places** are asked for, each counts once, however often it was reached, and nothing else counts. A loudspeaker or
//!   an online post reaches none.
//! - A check-in counts when the person was met. It belongs to a person asked, never to an organisation, and is counted by phones
//!   that hold the cases alone. An assignment names no case.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use minicbor::{Decode, Encode};

use super::aftercare::line::{CareLine, CarePart};
use super::date::Date;
use super::error::{Code, Problem};
use super::fields::{FieldValue, Fields};
use super::kind::Kind;
use super::organisation::{CampaignId, OrganisationId};
use super::outreach_visit::Form;
use super::register::{Count, Register};
use super::summary::Summary;
use super::vocabulary::{Term as _, vocabulary};
use super::ward::WardRef;
use crate::ids::{DocumentId, PersonId, PlaceId};

vocabulary! {
    /// What may be asked for.
    Work {
        Visit = "outreach_visit", "buổi tuyên truyền", "outreach visits";
        Drive = "pledge_drive", "đợt ký cam kết", "pledge drives";
        CheckIn = "check_in", "lần thăm, gặp", "check-ins";
    }
}

impl Work {
    /// The kind of record that fulfils it.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Visit => Kind::OutreachVisit,
            Self::Drive => Kind::PledgeDrive,
            Self::CheckIn => Kind::CheckIn,
        }
    }
}

/// The key of the number asked for.
pub const NUMBER: &str = "number";

/// The people with an account among those who did something; they stand under their identity, others under a key of their own.
#[must_use]
pub fn people_of(done_by: &BTreeMap<String, String>) -> BTreeSet<PersonId> {
    done_by.keys().filter_map(|key| key.parse().ok()).collect()
}

/// What is asked for, of whom, and until when, as lists carry it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(map)]
pub struct Ask {
    /// What is asked for.
    #[n(0)]
    pub what: Option<Work>,
    /// How many; not needed where places are named.
    #[n(1)]
    pub number: Option<u32>,
    /// The first day that counts; without one, every day before the last counts.
    #[n(2)]
    pub from: Option<Date>,
    /// The last day that counts.
    #[n(3)]
    pub by: Option<Date>,
    /// The ward.
    #[n(4)]
    pub ward: Option<WardRef>,
    /// The organisation that is asked to lead it.
    #[n(5)]
    pub lead: Option<OrganisationId>,
    /// The people asked, with their names.
    #[n(6)]
    pub people: BTreeMap<PersonId, String>,
    /// The form that visits are to have.
    #[n(7)]
    pub form: Option<Form>,
    /// The places to be reached.
    #[n(8)]
    pub places: BTreeSet<PlaceId>,
}

/// How far an assignment has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// How many records, or places, count.
    pub done: u32,
    /// How many are asked for; `None` while nobody said.
    pub goal: Option<u32>,
}

impl Progress {
    /// Whether it reached what was asked.
    #[must_use]
    pub fn is_done(self) -> bool {
        self.goal.is_some_and(|goal| goal > 0 && self.done >= goal)
    }
}

impl Ask {
    /// How many are asked for: each place named, or the number.
    #[must_use]
    pub fn goal(&self) -> Option<u32> {
        match self.places.is_empty() {
            true => self.number,
            false => u32::try_from(self.places.len()).ok(),
        }
    }

    /// The records that count. `ward` gives the ward of today for one of before a merger.
    pub fn counted<'a, R: IntoIterator<Item = &'a Summary>>(
        &self,
        records: R,
        ward: impl Fn(WardRef) -> WardRef,
    ) -> impl Iterator<Item = &'a Summary> {
        let home = self.ward.map(&ward);
        let counts = move |record: &&Summary| {
            home.is_some() && record.ward.map(&ward) == home && self.is_met_by(record)
        };
        records.into_iter().filter(counts)
    }

    /// The places asked for that these counted records reached. `place` gives the registered place for one that was merged
    /// into it: two places asked for that turned out to be one are both reached with it.
    #[must_use]
    pub fn reached<'a>(
        &self,
        counted: impl Iterator<Item = &'a Summary>,
        place: impl Fn(PlaceId) -> PlaceId,
    ) -> BTreeSet<PlaceId> {
        let all: BTreeSet<PlaceId> =
            counted.flat_map(|record| record.places.iter().map(|id| place(*id))).collect();
        self.places.iter().copied().filter(|id| all.contains(&place(*id))).collect()
    }

    /// How far it has come by the records given, wards and places as above. Of check-ins nothing is known here: see
    /// [`Ask::check_ins`].
    #[must_use]
    pub fn progress<'a>(
        &self,
        records: impl IntoIterator<Item = &'a Summary>,
        ward: impl Fn(WardRef) -> WardRef,
        place: impl Fn(PlaceId) -> PlaceId,
    ) -> Progress {
        let counted = self.counted(records, ward);
        let done = if self.places.is_empty() {
            counted.map(|record| record.sessions.unwrap_or(1)).fold(0, u32::saturating_add)
        } else {
            u32::try_from(self.reached(counted, place).len()).unwrap_or(u32::MAX)
        };
        Progress { done, goal: self.goal() }
    }

    /// Whether a record counts, its ward aside.
    fn is_met_by(&self, record: &Summary) -> bool {
        let led = self.lead.is_some() && record.lead == self.lead;
        !record.archived
            && self.what.is_some_and(|what| what.kind() == record.kind())
            && record.date.is_some_and(|day| self.is_on_time(day))
            && self.form.is_none_or(|form| form.code() == record.form)
            && (led || self.is_by(&record.people))
    }

    /// How far it has come by the lines of cases that a phone holds.
    #[must_use]
    pub fn check_ins<'a>(
        &self,
        lines: impl Iterator<Item = &'a CareLine> + Clone,
        ward: impl Fn(WardRef) -> WardRef,
    ) -> Progress {
        let home = self.ward.map(&ward);
        let of_ward = |line: &CareLine| match &line.part {
            CarePart::Case(case) if home.is_some() && case.ward.map(&ward) == home => Some(line.case),
            _ => None,
        };
        let cases: BTreeSet<DocumentId> = lines.clone().filter_map(of_ward).collect();
        let counts = |line: &&CareLine| match &line.part {
            CarePart::CheckIn(check_in) => {
                let seen = check_in.seen.filter(|seen| seen.met && self.is_on_time(seen.day));
                seen.is_some() && !line.archived && cases.contains(&line.case) && self.is_by(&check_in.people)
            }
            _ => false,
        };
        let done = if self.what == Some(Work::CheckIn) { lines.filter(counts).count() } else { 0 };
        Progress { done: u32::try_from(done).unwrap_or(u32::MAX), goal: self.number }
    }

    fn is_on_time(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.by.is_none_or(|by| day <= by)
    }

    fn is_by(&self, people: &BTreeSet<PersonId>) -> bool {
        people.iter().any(|person| self.people.contains_key(person))
    }

    /// Whether this person, who acts for this organisation, is asked.
    #[must_use]
    pub fn is_of(&self, person: PersonId, organisation: Option<&OrganisationId>) -> bool {
        self.people.contains_key(&person) || (self.lead.is_some() && self.lead.as_ref() == organisation)
    }
}

/// An assignment as read from its document.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WorkAssignment {
    /// What it is called, beside what it asks for.
    pub name: Register<String>,
    /// What is asked for.
    pub what: Register<Work>,
    /// How many.
    pub number: Count,
    /// The form that visits are to have.
    pub form: Register<Form>,
    /// The first day that counts.
    pub from: Register<Date>,
    /// The last day that counts.
    pub by: Register<Date>,
    /// The ward it was made in, as written.
    pub ward: Register<WardRef>,
    /// The campaign it is for; narrows nothing.
    pub campaign: Register<CampaignId>,
    /// The organisation that is asked to lead it.
    pub lead: Register<OrganisationId>,
    /// The people asked, with their names.
    pub asked: BTreeMap<PersonId, String>,
    /// The places to be reached.
    pub places: BTreeSet<PlaceId>,
    /// Why it was removed (gỡ bỏ).
    pub archived: Register<String>,
    /// Long notes.
    pub notes: String,
}

impl WorkAssignment {
    /// Reads the fields of a document.
    #[must_use]
    pub fn of(fields: &Fields) -> Self {
        let register = |name: &str| fields.registers.get(name).cloned().unwrap_or_default();
        let keys = |map: &str| fields.maps.get(map).into_iter().flatten();
        let named = |(key, name): (&String, &Register<FieldValue>)| {
            Some((key.parse().ok()?, name.value()?.as_text()?.to_owned()))
        };
        Self {
            name: register("name").map(words),
            what: register("what").map(|value| Work::parse(value.as_text()?).ok()),
            number: fields.counts.get(NUMBER).cloned().unwrap_or_default(),
            form: register("form").map(|value| Form::parse(value.as_text()?).ok()),
            from: register("from").map(parsed),
            by: register("by").map(parsed),
            ward: register("ward").map(parsed),
            campaign: register("campaign").map(parsed),
            lead: register("lead").map(parsed),
            asked: keys("asked").filter_map(named).collect(),
            places: keys("places").filter_map(|(key, _)| key.parse().ok()).collect(),
            archived: register("archived").map(words),
            notes: fields.texts.get("notes").cloned().unwrap_or_default(),
        }
    }

    /// What is asked for, of whom, and until when: the values that count.
    #[must_use]
    pub fn ask(&self) -> Ask {
        let what = self.what.value().copied();
        Ask {
            what,
            number: self.number.total(),
            from: self.from.value().copied(),
            by: self.by.value().copied(),
            ward: self.ward.value().copied(),
            lead: self.lead.value().cloned(),
            people: self.asked.clone(),
            // What was chosen for visits asks nothing of a drive or a check-in.
            form: self.form.value().copied().filter(|_| what == Some(Work::Visit)),
            places: if what == Some(Work::CheckIn) { BTreeSet::new() } else { self.places.clone() },
        }
    }

    /// The names of the fields on which people differ.
    #[must_use]
    pub fn open_fields(&self) -> Vec<String> {
        let own = [
            ("name", self.name.is_open()),
            ("what", self.what.is_open()),
            (NUMBER, self.number.is_open()),
            ("form", self.form.is_open()),
            ("from", self.from.is_open()),
            ("by", self.by.is_open()),
            ("ward", self.ward.is_open()),
            ("campaign", self.campaign.is_open()),
            ("lead", self.lead.is_open()),
            ("archived", self.archived.is_open()),
        ];
        own.iter().filter(|(_, open)| *open).map(|(name, _)| (*name).to_owned()).collect()
    }
}

impl Ask {
    /// What a person must still fill in or mend before this can be saved.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut need = |missing: bool, code: Code, field: &str| {
            if missing {
                found.push(Problem::new(code).at(field));
            }
        };
        need(self.what.is_none(), Code::WorkMissing, "what");
        let nobody = self.people.is_empty();
        let union = self.lead.is_some() && self.what != Some(Work::CheckIn);
        need(nobody && !union, Code::AskedMissing, "lead");
        need(self.goal().is_none_or(|goal| goal == 0), Code::NumberMissing, NUMBER);
        need(self.from.is_none(), Code::DateInvalid, "from");
        need(self.by.is_none(), Code::DueMissing, "by");
        need(self.from.zip(self.by).is_some_and(|(from, by)| by < from), Code::PeriodInvalid, "by");
        found
    }
}

fn parsed<T: FromStr>(value: &FieldValue) -> Option<T> {
    value.as_text()?.parse().ok()
}

fn words(value: &FieldValue) -> Option<String> {
    value.as_text().map(str::to_owned)
}

#[cfg(test)]
mod tests;
