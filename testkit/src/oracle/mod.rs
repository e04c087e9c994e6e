//! What a report of a generated world must say, worked out the plain way: every record is replayed save by save, every
//! figure is a loop over all of them.
//!
//! Shares no code with the server's projections, its reports or [`donghanh_shared::domain::count`]. The counting rules
//! are those of the domain:
//! - A record counts on its date, unless it was removed; it is summed in its home ward only.
//! - Of records linked as one, one counts; who led or took part in another of them took part in it.
//! - A ward had outreach when a record was made in it or reached it.
//! - A registered place is covered by a record that names it (or a place merged into it) on a day of the period on which
//!   it lies in the ward; loudspeaker, posts and articles never cover a school.
//! - Pledge drives and prevention models are in the modules of those names.
//! - Of a record whose last confirmation says that it is right, what it said then is what counts.
//! - Media are compared with the same days a year before in the same area: a ward stands also for those that went into it.

pub mod aftercare;
mod models;
mod pledges;
mod replay;
mod same_as;

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::command::fields::{FieldEdit, Written};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::domain::place::{Place, PlaceKind, PlaceStatus};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{DocumentId, PlaceId};

pub use models::{ModelFacts, Models, replay_model};
pub use pledges::{DriveFacts, GroupFacts, Pledges, Signed, replay_drive};
pub use replay::{Facts, replay};

use crate::world::World;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Old wards summed under the ward that took them over.
    pub by_successor: bool,
    /// The wards that the reader may see.
    pub readable: BTreeSet<WardRef>,
    /// Only records whose values were confirmed.
    pub confirmed_only: bool,
}

/// Figures of activity.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sums {
    /// Records.
    pub visits: u32,
    /// Sessions.
    pub sessions: u64,
    /// Known counts by code; without `sessions`, and without those that no record knows.
    pub counts: BTreeMap<String, u64>,
    /// Records of unknown attendance.
    pub attendance_unknown: u32,
    /// Records whose values were confirmed.
    pub confirmed: u32,
    /// Sessions of media forms (A7).
    pub media: u64,
    /// The same a year before.
    pub media_before: u64,
    /// Sessions in June (A8).
    pub action_month: u64,
    /// Sessions on 26 June (A8).
    pub all_people_day: u64,
}

/// One ward, or all of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Area {
    /// Wards with outreach, of all (A1); of one ward `(1, 1)` or `(0, 1)`.
    pub wards: (u32, u32),
    /// Figures.
    pub sums: Sums,
    /// Covered and registered schools (A2).
    pub schools: (u32, u32),
    /// Agencies (A3).
    pub agencies: (u32, u32),
    /// Residential groups (A4).
    pub residential_groups: (u32, u32),
    /// Industrial zones (A5).
    pub industrial_zones: (u32, u32),
    /// Pledges (B1–B4).
    pub pledges: Pledges,
    /// Prevention models (D1).
    pub models: Models,
}

/// One organisation.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OrganisationSums {
    /// What it led.
    pub led: Sums,
    /// Records that it took part in without leading.
    pub took_part: u32,
    /// Their sessions.
    pub took_part_sessions: u64,
}

/// The whole answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answer {
    /// By ward.
    pub wards: BTreeMap<WardRef, Area>,
    /// All wards together.
    pub total: Area,
    /// Organisations with records in the period.
    pub organisations: BTreeMap<OrganisationId, OrganisationSums>,
    /// Sessions and known attendance by the first day of each month of the period.
    pub months: BTreeMap<Date, (u64, u64)>,
}

/// Whether an edit says that the record is right (`true`) or not, or no more; `None` for every other edit.
fn says(edit: &FieldEdit) -> Option<bool> {
    match edit {
        FieldEdit::Register(name, said) if name == "confirmation" => {
            Some(*said == Some(Written::Text("confirmed".to_owned())))
        }
        _ => None,
    }
}

/// A world whose records have been replayed.
pub struct Oracle<'w> {
    world: &'w World,
    facts: Vec<Facts>,
    drives: Vec<DriveFacts>,
    models: Vec<ModelFacts>,
    /// For each record the one that counts.
    counted: BTreeMap<DocumentId, DocumentId>,
}

impl<'w> Oracle<'w> {
    /// Replays all records.
    #[must_use]
    pub fn new(world: &'w World) -> Self {
        let facts: Vec<Facts> = world.visits.iter().map(replay).collect();
        let drives: Vec<DriveFacts> = world.drives.iter().map(replay_drive).collect();
        let models: Vec<ModelFacts> = world.models.iter().map(replay_model).collect();
        let by_fields = |fields: &BTreeMap<String, String>, home: WardRef| {
            let other = fields.get("same_as").and_then(|text| text.parse().ok());
            (home, fields.contains_key("archived"), other)
        };
        let visit = |facts: &Facts| (facts.document, (facts.home, facts.archived, facts.same_as));
        let drive = |facts: &DriveFacts| (facts.document, by_fields(&facts.fields, facts.home));
        let model = |facts: &ModelFacts| (facts.document, by_fields(&facts.fields, facts.home));
        let mut counted = same_as::counted(&facts.iter().map(visit).collect());
        counted.extend(same_as::counted(&drives.iter().map(drive).collect()));
        counted.extend(same_as::counted(&models.iter().map(model).collect()));
        Self { world, facts, drives, models, counted }
    }

    /// Whether a record counts for itself.
    #[must_use]
    pub fn counts(&self, record: DocumentId) -> bool {
        self.counted.get(&record) == Some(&record)
    }

    /// The final state of every record, in the order of the world's visits.
    #[must_use]
    pub fn facts(&self) -> &[Facts] {
        &self.facts
    }

    /// The same of every pledge drive, in the order of the world's drives.
    #[must_use]
    pub fn drives(&self) -> &[DriveFacts] {
        &self.drives
    }

    /// The same of every prevention model, in the order of the world's models.
    #[must_use]
    pub fn models(&self) -> &[ModelFacts] {
        &self.models
    }

    /// Answers a question.
    #[must_use]
    pub fn answer(&self, question: &Question) -> Answer {
        let asked = Asked { oracle: self, question };
        let rows = asked.rows();
        let mut answer =
            Answer { months: asked.months(), organisations: asked.organisations(), ..Answer::default() };
        for row in &rows {
            answer.wards.insert(*row, asked.area(&[*row]));
        }
        answer.total = asked.area(&rows.into_iter().collect::<Vec<_>>());
        answer
    }
}

struct Asked<'a, 'w> {
    oracle: &'a Oracle<'w>,
    question: &'a Question,
}

impl Asked<'_, '_> {
    fn in_period(&self, day: Option<Date>) -> bool {
        day.is_some_and(|day| self.question.from <= day && day <= self.question.to)
    }

    /// Records of the period.
    fn counted(&self) -> impl Iterator<Item = &Facts> {
        self.standing().filter(|facts| self.in_period(facts.date))
    }

    /// Records that count in their period.
    fn standing(&self) -> impl Iterator<Item = &Facts> {
        let all = self.oracle.facts.iter().filter(|facts| facts.confirmed || !self.question.confirmed_only);
        all.filter(|facts| !facts.archived && self.oracle.counts(facts.document))
    }

    /// Those the reader sums: of home wards they may see.
    fn own(&self) -> impl Iterator<Item = &Facts> {
        self.counted().filter(|facts| self.question.readable.contains(&facts.home))
    }

    /// The row of a ward.
    fn row(&self, ward: WardRef) -> WardRef {
        let mut at = ward;
        if self.question.by_successor {
            while let Some(next) =
                self.oracle.world.wards.iter().find(|w| w.id == at).and_then(|w| w.successor)
            {
                at = next;
            }
        }
        at
    }

    fn rows(&self) -> BTreeSet<WardRef> {
        let exists = |from: Date, to: Option<Date>| {
            from <= self.question.to && to.is_none_or(|to| to >= self.question.from)
        };
        let wards =
            self.oracle.world.wards.iter().filter(|w| exists(w.id.valid_from, w.valid_to)).map(|w| w.id);
        let homes = self.own().map(|facts| facts.home).chain(self.own_drives().map(|drive| drive.home));
        wards
            .filter(|ward| self.question.readable.contains(ward))
            .chain(homes)
            .map(|ward| self.row(ward))
            .collect()
    }

    fn area(&self, rows: &[WardRef]) -> Area {
        let here = |ward: WardRef| self.question.readable.contains(&ward) && rows.contains(&self.row(ward));
        let had_outreach = |row: &&WardRef| {
            self.counted().any(|f| {
                let mut wards = f.reached.iter().chain([&f.home]);
                wards.any(|ward| self.question.readable.contains(ward) && self.row(*ward) == **row)
            })
        };
        let mut sums = sums_of(self.own().filter(|facts| here(facts.home)));
        sums.media_before = rows.iter().map(|row| self.media_before(*row)).sum();
        let coverage = |kind| self.coverage(kind, &here);
        let schools = coverage(PlaceKind::School);
        Area {
            wards: (number(rows.iter().filter(had_outreach).count()), number(rows.len())),
            sums,
            schools,
            agencies: coverage(PlaceKind::Agency),
            residential_groups: coverage(PlaceKind::ResidentialGroup),
            industrial_zones: coverage(PlaceKind::IndustrialZone),
            pledges: self.pledges(&here, schools.1),
            models: self.models(rows),
        }
    }

    /// The same days a year before: of a ward as it was then, those on which it existed, in it and what went into it.
    fn media_before(&self, row: WardRef) -> u64 {
        let ward = self.oracle.world.wards.iter().find(|ward| ward.id == row);
        let (mut from, mut to) = (self.question.from, self.question.to);
        if let (Some(ward), false) = (ward, self.question.by_successor) {
            from = from.max(ward.id.valid_from);
            to = ward.valid_to.map_or(to, |last| to.min(last));
        }
        if from > to {
            return 0;
        }
        let in_area = |home: WardRef| {
            let mut at = Some(home);
            while let Some(ward) = at {
                if ward == row {
                    return true;
                }
                at = self.oracle.world.wards.iter().find(|w| w.id == ward).and_then(|w| w.successor);
            }
            false
        };
        let (from, to) = (a_year_before(from), a_year_before(to));
        let before = self.standing().filter(|f| f.is_media() && self.question.readable.contains(&f.home));
        before
            .filter(|f| in_area(f.home) && f.date.is_some_and(|day| from <= day && day <= to))
            .map(Facts::sessions)
            .sum()
    }

    fn coverage(&self, kind: PlaceKind, here: &dyn Fn(WardRef) -> bool) -> (u32, u32) {
        let mut result = (0, 0);
        for place in &self.oracle.world.places {
            if place.status != PlaceStatus::Registered || place.kind != kind {
                continue;
            }
            let days: Vec<(Date, Date)> = place
                .wards
                .iter()
                .filter(|stay| here(stay.ward))
                .map(|stay| {
                    (
                        stay.span.from.max(self.question.from),
                        stay.span.to.unwrap_or(self.question.to).min(self.question.to),
                    )
                })
                .filter(|(from, to)| from <= to)
                .collect();
            if days.is_empty() {
                continue;
            }
            result.1 += 1;
            let covers = |facts: &&Facts| {
                let on_the_day =
                    facts.date.is_some_and(|day| days.iter().any(|(from, to)| *from <= day && day <= *to));
                on_the_day && !(kind == PlaceKind::School && facts.is_media()) && self.names(facts, place)
            };
            result.0 += u32::from(self.counted().find(covers).is_some());
        }
        result
    }

    fn names(&self, facts: &Facts, place: &Place) -> bool {
        facts.places.iter().chain(&facts.venue).any(|named| self.resolved(*named) == place.id)
    }

    fn resolved(&self, place: PlaceId) -> PlaceId {
        let merged = self.oracle.world.places.iter().find(|p| p.id == place).and_then(|p| p.merged_into);
        merged.map_or(place, |into| self.resolved(into))
    }

    fn organisations(&self) -> BTreeMap<OrganisationId, OrganisationSums> {
        let mut found: BTreeMap<OrganisationId, OrganisationSums> = BTreeMap::new();
        let counts_for = |facts: &&&Facts| self.oracle.counted.get(&facts.document);
        let doubles: Vec<&Facts> =
            self.oracle.facts.iter().filter(|facts| !self.oracle.counts(facts.document)).collect();
        for facts in self.own() {
            let others = doubles.iter().filter(|other| counts_for(other) == Some(&facts.document));
            let theirs = others.flat_map(|other| other.co_organisers.iter().chain(&other.lead));
            let partners: BTreeSet<_> = facts.co_organisers.iter().chain(theirs).collect();
            for partner in partners.into_iter().filter(|partner| facts.lead.as_ref() != Some(*partner)) {
                let entry = found.entry(partner.clone()).or_default();
                entry.took_part += 1;
                entry.took_part_sessions += facts.sessions();
            }
            if let Some(lead) = &facts.lead {
                found.entry(lead.clone()).or_default();
            }
        }
        let (from, to) = (a_year_before(self.question.from), a_year_before(self.question.to));
        for (organisation, entry) in &mut found {
            let leads = |facts: &&Facts| facts.lead.as_ref() == Some(organisation);
            entry.led = sums_of(self.own().filter(leads));
            let readable = self.standing().filter(|f| self.question.readable.contains(&f.home));
            let before = readable
                .filter(leads)
                .filter(|f| f.is_media() && f.date.is_some_and(|day| from <= day && day <= to));
            entry.led.media_before = before.map(Facts::sessions).sum();
        }
        found
    }

    fn months(&self) -> BTreeMap<Date, (u64, u64)> {
        let mut months = BTreeMap::new();
        let mut day = self.question.from;
        while day <= self.question.to {
            months.entry(first_of_month(day)).or_default();
            day = day.plus_days(1);
        }
        for facts in self.own() {
            let month: &mut (u64, u64) =
                months.entry(facts.date.map_or(self.question.from, first_of_month)).or_default();
            month.0 += facts.sessions();
            month.1 += facts.count(CountKey::Attendance).map_or(0, u64::from);
        }
        months
    }
}

fn sums_of<'f>(records: impl Iterator<Item = &'f Facts>) -> Sums {
    let mut sums = Sums::default();
    for facts in records {
        let Some(day) = facts.date else { continue };
        let sessions = facts.sessions();
        sums.visits += 1;
        sums.sessions += sessions;
        sums.confirmed += u32::from(facts.confirmed);
        sums.attendance_unknown += u32::from(facts.count(CountKey::Attendance).is_none());
        sums.media += if facts.is_media() { sessions } else { 0 };
        sums.action_month += if day.month() == 6 { sessions } else { 0 };
        sums.all_people_day += if (day.month(), day.day()) == (6, 26) { sessions } else { 0 };
        for key in CountKey::ALL.iter().filter(|key| **key != CountKey::Sessions) {
            if let Some(value) = facts.count(*key) {
                *sums.counts.entry(key.code().to_owned()).or_default() += u64::from(value);
            }
        }
    }
    sums
}

fn first_of_month(day: Date) -> Date {
    Date::new(day.year(), day.month(), 1).unwrap_or(day)
}

fn a_year_before(day: Date) -> Date {
    Date::new(day.year() - 1, day.month(), day.day())
        .or_else(|| Date::new(day.year() - 1, 2, 28))
        .unwrap_or(day)
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
