//! The words of a pledge drive for its edits.

use super::fields::{FieldEdit, Written};
use crate::domain::count::Amount;
use crate::domain::date::Date;
use crate::domain::organisation::{CampaignId, OrganisationId};
use crate::domain::pledge_drive::{CountedBy, DriveCount, DriveYear, GroupKey, Signer};
use crate::domain::vocabulary::Term as _;
use crate::domain::ward::WardRef;
use crate::ids::{DocumentId, PlaceId};

fn register(name: &str, value: Option<String>) -> FieldEdit {
    FieldEdit::Register(name.to_owned(), value.map(Written::Text))
}

fn of_group(key: &GroupKey, field: &str, value: Option<Written>) -> FieldEdit {
    FieldEdit::Entry("groups".to_owned(), key.field(field), value)
}

/// The day on which it was held or began.
#[must_use]
pub fn date(day: Option<Date>) -> FieldEdit {
    register("date", day.map(|day| day.to_string()))
}

/// The last day on which sheets were collected.
#[must_use]
pub fn ended(day: Option<Date>) -> FieldEdit {
    register("ended", day.map(|day| day.to_string()))
}

/// The year it is for.
#[must_use]
pub fn year(year: Option<DriveYear>) -> FieldEdit {
    register("year", year.map(|year| year.to_string()))
}

/// The ward it was made in, as information; the placement command goes beside it.
#[must_use]
pub fn ward(ward: WardRef) -> FieldEdit {
    register("ward", Some(ward.to_string()))
}

/// Where it was held.
#[must_use]
pub fn place(place: Option<PlaceId>) -> FieldEdit {
    register("place", place.map(|place| place.to_string()))
}

/// Its campaign.
#[must_use]
pub fn campaign(campaign: Option<&CampaignId>) -> FieldEdit {
    register("campaign", campaign.map(ToString::to_string))
}

/// The organisation that leads.
#[must_use]
pub fn lead(lead: Option<&OrganisationId>) -> FieldEdit {
    register("lead", lead.map(ToString::to_string))
}

/// The visit that it went with.
#[must_use]
pub fn visit(visit: Option<DocumentId>) -> FieldEdit {
    register("visit", visit.map(|visit| visit.to_string()))
}

/// Why it is removed (gỡ bỏ); `None` brings it back.
#[must_use]
pub fn archived(why: Option<String>) -> FieldEdit {
    register("archived", why)
}

/// An organisation that took part, or not after all.
#[must_use]
pub fn co_organiser(who: &OrganisationId, is_in: bool) -> FieldEdit {
    FieldEdit::Entry("co_organisers".to_owned(), who.to_string(), is_in.then_some(Written::Flag(true)))
}

/// Who did it: key and name; `None` takes the person out.
#[must_use]
pub fn done_by(key: &str, name: Option<String>) -> FieldEdit {
    FieldEdit::Entry("done_by".to_owned(), key.to_owned(), name.map(Written::Text))
}

/// The notes as they should read.
#[must_use]
pub fn notes(text: &str) -> FieldEdit {
    FieldEdit::LongText("notes".to_owned(), text.to_owned())
}

/// A group: what it is called and who signs in it. Adding one that was taken out brings it back.
#[must_use]
pub fn group(key: &GroupKey, name: &str, signer: Signer) -> Vec<FieldEdit> {
    vec![
        of_group(key, "name", Some(Written::Text(name.to_owned()))),
        of_group(key, "signer", Some(Written::Text(signer.code().to_owned()))),
        of_group(key, "out", None),
    ]
}

/// How a group is counted.
#[must_use]
pub fn counted_by(key: &GroupKey, by: CountedBy) -> FieldEdit {
    of_group(key, "by", Some(Written::Text(by.code().to_owned())))
}

/// Takes a group out, or back in; its numbers stay.
#[must_use]
pub fn out(key: &GroupKey, out: bool) -> FieldEdit {
    of_group(key, "out", out.then_some(Written::Flag(true)))
}

/// A typed number of a group; `None` = not known.
#[must_use]
pub fn count(key: &GroupKey, what: DriveCount, value: Option<Amount>) -> FieldEdit {
    FieldEdit::Count(key.count(what), value)
}

/// Signatures counted one by one.
#[must_use]
pub fn tap(key: &GroupKey, taps: i32) -> FieldEdit {
    FieldEdit::Tap(key.count(DriveCount::Tally), taps)
}
