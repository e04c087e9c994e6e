//! What lists and the home screen need of a record of activity; read at every start, so it is small.

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};

use super::confirmation::StandingLine;
use super::date::{Date, Millis};
use super::kind::Kind;
use super::organisation::OrganisationId;
use super::outreach_visit::{CountKey, Visit};
use super::pledge_drive::PledgeDrive;
use super::prevention_model::{ModelCount, PreventionModel};
use super::vocabulary::Term as _;
use super::ward::WardRef;
use super::work_assignment::{Ask, WorkAssignment, people_of};
use crate::ids::{DocumentId, PersonId, PlaceId};

/// One record in a line.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Summary {
    /// The record.
    #[n(0)]
    pub id: DocumentId,
    /// The day; the first one of a model or an assignment.
    #[n(1)]
    pub date: Option<Date>,
    /// The code of a visit's form or of a model's kind (kept as text: a newer app may know more); empty for drives.
    #[n(2)]
    pub form: String,
    /// Where it was.
    #[n(3)]
    pub place: Option<PlaceId>,
    /// The ward written in it.
    #[n(4)]
    pub ward: Option<WardRef>,
    /// The lead organisation; of an assignment, the one asked to lead.
    #[n(5)]
    pub lead: Option<OrganisationId>,
    /// Attendance of a visit, signatures of a drive, members of a model, what an assignment asks for; `None` = not
    /// known.
    #[n(6)]
    pub number: Option<u32>,
    /// How many fields people differ on.
    #[n(7)]
    pub open_fields: u32,
    /// Removed (gỡ bỏ).
    #[n(8)]
    pub archived: bool,
    /// The first open follow-up: by when and what.
    #[n(9)]
    pub due: Option<(Date, String)>,
    /// The beginning of the notes and the names of who did it, for search.
    #[n(10)]
    pub text: String,
    /// When it was last changed, by the clock of who changed it.
    #[n(11)]
    pub changed_at: Millis,
    /// Its kind; absent for a visit, as phones kept it when there was no other.
    #[n(12)]
    kind: Option<Kind>,
    /// How many were to sign a drive; `None` = not known.
    #[n(13)]
    pub expected: Option<u32>,
    /// The visit that a drive went with.
    #[n(14)]
    pub visit: Option<DocumentId>,
    /// What a model or an assignment is called.
    #[n(15)]
    pub name: Option<String>,
    /// The last day of a model that ended.
    #[n(16)]
    pub ended: Option<Date>,
    /// How it stands with whoever confirms it; absent in what an older build kept.
    #[n(18)]
    pub confirmation: Option<StandingLine>,
    /// The record of the same event whose counts stand, as written; which one counts says [`super::same_as::stand_ins`].
    #[n(17)]
    pub same_as: Option<DocumentId>,
    /// People with an account who made a visit or a drive.
    #[n(19)]
    #[cbor(default)]
    pub people: BTreeSet<PersonId>,
    /// The places that a visit or a drive reached, where it was held among them; none for a product of the media.
    #[n(20)]
    #[cbor(default)]
    pub places: BTreeSet<PlaceId>,
    /// How many sessions a visit stands for; absent for one.
    #[n(21)]
    pub sessions: Option<u32>,
    /// What an assignment asks for.
    #[n(22)]
    pub ask: Option<Box<Ask>>,
}

impl Summary {
    /// What kind of record it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind.unwrap_or(Kind::OutreachVisit)
    }

    /// The summary of a visit.
    #[must_use]
    pub fn of_visit(id: DocumentId, visit: &Visit, changed_at: Millis) -> Self {
        let due = visit
            .follow_ups
            .iter()
            .filter(|follow_up| follow_up.done.value() != Some(&true))
            .filter_map(|f| f.due.value().map(|due| (*due, f.text.value().cloned().unwrap_or_default())))
            .min();
        let media = visit.form.value().is_some_and(|form| form.is_media());
        Self {
            id,
            date: visit.date.value().copied(),
            form: visit.form.value().map(|form| form.code().to_owned()).unwrap_or_default(),
            place: visit.venue.value().copied(),
            ward: visit.ward.value().copied(),
            lead: visit.lead.value().cloned(),
            people: people_of(&visit.done_by),
            places: if media { BTreeSet::new() } else { visit.all_places() },
            sessions: Some(visit.sessions()).filter(|sessions| *sessions != 1),
            ask: None,
            number: visit.count(CountKey::Attendance),
            open_fields: u32::try_from(visit.open_fields().len()).unwrap_or(u32::MAX),
            archived: visit.archived.value().is_some(),
            due,
            text: words(visit.done_by.values(), &visit.notes),
            changed_at,
            kind: None,
            expected: None,
            visit: None,
            name: None,
            ended: None,
            confirmation: None,
            same_as: visit.same_as.value().copied(),
        }
    }

    /// The summary of a drive.
    #[must_use]
    pub fn of_drive(id: DocumentId, drive: &PledgeDrive, changed_at: Millis) -> Self {
        let all = drive.signatures(None);
        let small = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        Self {
            id,
            date: drive.date.value().copied(),
            form: String::new(),
            place: drive.place.value().copied(),
            ward: drive.ward.value().copied(),
            lead: drive.lead.value().cloned(),
            people: people_of(&drive.done_by),
            places: drive.place.value().copied().into_iter().collect(),
            sessions: None,
            ask: None,
            number: all.known().map(small),
            open_fields: u32::try_from(drive.open_fields().len()).unwrap_or(u32::MAX),
            archived: drive.archived.value().is_some(),
            due: None,
            text: words(drive.done_by.values(), &drive.notes),
            changed_at,
            kind: Some(Kind::PledgeDrive),
            expected: all.known_expected().map(small),
            visit: drive.visit.value().copied(),
            name: None,
            ended: None,
            confirmation: None,
            same_as: drive.same_as.value().copied(),
        }
    }

    /// The summary of a model.
    #[must_use]
    pub fn of_model(id: DocumentId, model: &PreventionModel, changed_at: Millis) -> Self {
        let name = model.name.value().cloned();
        let people = model.done_by.values().chain(&name);
        Self {
            id,
            date: model.since.value().copied(),
            form: model.kind.value().map(|kind| kind.code().to_owned()).unwrap_or_default(),
            place: model.place.value().copied(),
            ward: model.ward.value().copied(),
            lead: model.lead.value().cloned(),
            people: BTreeSet::new(),
            places: BTreeSet::new(),
            sessions: None,
            ask: None,
            number: model.count(ModelCount::Members),
            open_fields: u32::try_from(model.open_fields().len()).unwrap_or(u32::MAX),
            archived: model.archived.value().is_some(),
            due: None,
            text: words(people, &model.notes),
            changed_at,
            kind: Some(Kind::PreventionModel),
            expected: None,
            visit: None,
            ended: model.ended.value().copied(),
            same_as: model.same_as.value().copied(),
            name,
            confirmation: None,
        }
    }

    /// The summary of an assignment.
    #[must_use]
    pub fn of_assignment(id: DocumentId, assignment: &WorkAssignment, changed_at: Millis) -> Self {
        let name = assignment.name.value().cloned();
        let ask = assignment.ask();
        Self {
            id,
            date: ask.from,
            form: ask.form.map(|form| form.code().to_owned()).unwrap_or_default(),
            place: None,
            ward: ask.ward,
            lead: ask.lead.clone(),
            people: BTreeSet::new(),
            places: BTreeSet::new(),
            sessions: None,
            number: ask.goal(),
            open_fields: u32::try_from(assignment.open_fields().len()).unwrap_or(u32::MAX),
            archived: assignment.archived.value().is_some(),
            due: None,
            text: words(ask.people.values().chain(&name), &assignment.notes),
            changed_at,
            kind: Some(Kind::WorkAssignment),
            expected: None,
            visit: None,
            ended: None,
            name,
            confirmation: None,
            same_as: None,
            ask: Some(Box::new(ask)),
        }
    }
}

fn words<'a>(names: impl Iterator<Item = &'a String>, notes: &str) -> String {
    let names = names.map(String::as_str).collect::<Vec<_>>().join(" ");
    let notes: String = notes.chars().take(80).collect();
    format!("{names} {notes}").trim().to_owned()
}
