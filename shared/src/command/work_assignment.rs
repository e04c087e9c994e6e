//! The words of an assignment for its edits.

use super::fields::{FieldEdit, Written};
use crate::domain::count::Amount;
use crate::domain::date::Date;
use crate::domain::organisation::{CampaignId, OrganisationId};
use crate::domain::outreach_visit::Form;
use crate::domain::vocabulary::Term as _;
use crate::domain::ward::WardRef;
use crate::domain::work_assignment::{NUMBER, Work};
use crate::ids::{PersonId, PlaceId};

fn register(name: &str, value: Option<String>) -> FieldEdit {
    FieldEdit::Register(name.to_owned(), value.map(Written::Text))
}

/// What it is called, beside what it asks for.
#[must_use]
pub fn name(name: Option<String>) -> FieldEdit {
    register("name", name)
}

/// What is asked for.
#[must_use]
pub fn what(what: Option<Work>) -> FieldEdit {
    register("what", what.map(|what| what.code().to_owned()))
}

/// The form that visits are to have.
#[must_use]
pub fn form(form: Option<Form>) -> FieldEdit {
    register("form", form.map(|form| form.code().to_owned()))
}

/// The first day that counts.
#[must_use]
pub fn from(day: Option<Date>) -> FieldEdit {
    register("from", day.map(|day| day.to_string()))
}

/// The last day that counts.
#[must_use]
pub fn by(day: Option<Date>) -> FieldEdit {
    register("by", day.map(|day| day.to_string()))
}

/// The ward it was made in, as information; the placement command goes beside it.
#[must_use]
pub fn ward(ward: WardRef) -> FieldEdit {
    register("ward", Some(ward.to_string()))
}

/// The campaign it is for.
#[must_use]
pub fn campaign(campaign: Option<&CampaignId>) -> FieldEdit {
    register("campaign", campaign.map(ToString::to_string))
}

/// The organisation that is asked to lead it.
#[must_use]
pub fn lead(lead: Option<&OrganisationId>) -> FieldEdit {
    register("lead", lead.map(ToString::to_string))
}

/// Why it is removed (gỡ bỏ); `None` brings it back.
#[must_use]
pub fn archived(why: Option<String>) -> FieldEdit {
    register("archived", why)
}

/// A person asked, with the name; `None` takes the person out.
#[must_use]
pub fn asked(person: PersonId, name: Option<String>) -> FieldEdit {
    FieldEdit::Entry("asked".to_owned(), person.to_string(), name.map(Written::Text))
}

/// A place to be reached, or not after all.
#[must_use]
pub fn place(place: PlaceId, is_in: bool) -> FieldEdit {
    FieldEdit::Entry("places".to_owned(), place.to_string(), is_in.then_some(Written::Flag(true)))
}

/// How many are asked for; `None` = nobody said.
#[must_use]
pub fn number(value: Option<Amount>) -> FieldEdit {
    FieldEdit::Count(NUMBER.to_owned(), value)
}

/// The notes as they should read.
#[must_use]
pub fn notes(text: &str) -> FieldEdit {
    FieldEdit::LongText("notes".to_owned(), text.to_owned())
}
