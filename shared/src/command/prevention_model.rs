//! The words of a prevention model for its edits.

use super::fields::{FieldEdit, Written};
use crate::domain::count::Amount;
use crate::domain::date::Date;
use crate::domain::organisation::OrganisationId;
use crate::domain::prevention_model::{ModelCount, ModelKind, ReviewYear, Verdict};
use crate::domain::vocabulary::Term as _;
use crate::domain::ward::WardRef;
use crate::ids::{DocumentId, PlaceId};

fn register(name: &str, value: Option<String>) -> FieldEdit {
    FieldEdit::Register(name.to_owned(), value.map(Written::Text))
}

fn of_review(year: ReviewYear, field: &str, value: Option<String>) -> FieldEdit {
    FieldEdit::Entry("reviews".to_owned(), year.field(field), value.map(Written::Text))
}

/// What it is called.
#[must_use]
pub fn name(name: Option<String>) -> FieldEdit {
    register("name", name)
}

/// What kind of model it is.
#[must_use]
pub fn kind(kind: Option<ModelKind>) -> FieldEdit {
    register("kind", kind.map(|kind| kind.code().to_owned()))
}

/// The first day.
#[must_use]
pub fn since(day: Option<Date>) -> FieldEdit {
    register("since", day.map(|day| day.to_string()))
}

/// The last day.
#[must_use]
pub fn ended(day: Option<Date>) -> FieldEdit {
    register("ended", day.map(|day| day.to_string()))
}

/// Why it ended.
#[must_use]
pub fn ended_because(why: Option<String>) -> FieldEdit {
    register("ended_because", why)
}

/// The ward it was made in, as information; the placement command goes beside it.
#[must_use]
pub fn ward(ward: WardRef) -> FieldEdit {
    register("ward", Some(ward.to_string()))
}

/// Where it is at home.
#[must_use]
pub fn place(place: Option<PlaceId>) -> FieldEdit {
    register("place", place.map(|place| place.to_string()))
}

/// The organisation that leads.
#[must_use]
pub fn lead(lead: Option<&OrganisationId>) -> FieldEdit {
    register("lead", lead.map(ToString::to_string))
}

/// Why it is removed (gỡ bỏ); `None` brings it back.
#[must_use]
pub fn archived(why: Option<String>) -> FieldEdit {
    register("archived", why)
}

/// An organisation that takes part, or not after all.
#[must_use]
pub fn co_organiser(who: &OrganisationId, is_in: bool) -> FieldEdit {
    FieldEdit::Entry("co_organisers".to_owned(), who.to_string(), is_in.then_some(Written::Flag(true)))
}

/// Who is in charge: key and name; `None` takes the person out.
#[must_use]
pub fn done_by(key: &str, name: Option<String>) -> FieldEdit {
    FieldEdit::Entry("done_by".to_owned(), key.to_owned(), name.map(Written::Text))
}

/// A visit or a drive that belongs to it, or not after all.
#[must_use]
pub fn activity(activity: DocumentId, is_in: bool) -> FieldEdit {
    FieldEdit::Entry("activities".to_owned(), activity.to_string(), is_in.then_some(Written::Flag(true)))
}

/// A typed number; `None` = not known.
#[must_use]
pub fn count(what: ModelCount, value: Option<Amount>) -> FieldEdit {
    FieldEdit::Count(what.code().to_owned(), value)
}

/// What the review of a year found; `None` takes the verdict back.
#[must_use]
pub fn effective(year: ReviewYear, verdict: Option<Verdict>) -> FieldEdit {
    of_review(year, "effective", verdict.map(|verdict| verdict.code().to_owned()))
}

/// The day on which a year was reviewed.
#[must_use]
pub fn reviewed_on(year: ReviewYear, day: Option<Date>) -> FieldEdit {
    of_review(year, "date", day.map(|day| day.to_string()))
}

/// Why the review of a year found so.
#[must_use]
pub fn review_text(year: ReviewYear, text: Option<String>) -> FieldEdit {
    of_review(year, "text", text)
}

/// Who reviewed a year, by name.
#[must_use]
pub fn reviewed_by(year: ReviewYear, name: Option<String>) -> FieldEdit {
    of_review(year, "by", name)
}

/// The notes as they should read.
#[must_use]
pub fn notes(text: &str) -> FieldEdit {
    FieldEdit::LongText("notes".to_owned(), text.to_owned())
}
