//! Edits of an outreach visit: each writes single fields, never a whole struct, so that what a newer app wrote stays.

use automerge::transaction::Transaction;
use automerge::{ROOT, ScalarValue};
use minicbor::{Decode, Encode};

use super::write::{Counting, one_change, put, put_in, put_text, say};
pub use super::write::{MAX_NOTES, NewChange};
use crate::crdt::Document;
use crate::crdt::confirmation::CONFIRMATION;
use crate::crdt::root::Container;
use crate::domain::count::Amount;
use crate::domain::date::{ClockTime, Date, Millis};
use crate::domain::error::Problem;
use crate::domain::organisation::{CampaignId, OrganisationId};
use crate::domain::outreach_visit::{CountKey, Form, Topic};
use crate::domain::vocabulary::Term as _;
use crate::domain::ward::WardRef;
use crate::ids::{ActorId, DocumentId, PhotoId, PhotoKey, PlaceId};

/// One edit. `None` in a register means "take it back: nobody knows".
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum VisitEdit {
    /// The day it took place.
    #[n(0)]
    Date(#[n(0)] Option<Date>),
    /// When it began.
    #[n(1)]
    Time(#[n(0)] Option<ClockTime>),
    /// The ward it was made in.
    #[n(2)]
    Ward(#[n(0)] WardRef),
    /// Where it was held.
    #[n(3)]
    Venue(#[n(0)] Option<PlaceId>),
    /// Its form.
    #[n(4)]
    Form(#[n(0)] Option<Form>),
    /// Its campaign.
    #[n(5)]
    Campaign(#[n(0)] Option<CampaignId>),
    /// The organisation that leads.
    #[n(6)]
    Lead(#[n(0)] Option<OrganisationId>),
    /// The programme year, when it is not the year of the date.
    #[n(7)]
    ProgrammeYear(#[n(0)] Option<u16>),
    /// Latitude and longitude × 1,000,000.
    #[n(8)]
    Position(#[n(0)] Option<(i32, i32)>),
    /// Why it is removed (gỡ bỏ); `None` brings it back.
    #[n(9)]
    Archived(#[n(0)] Option<String>),
    /// A place reached (`true`) or not after all.
    #[n(10)]
    Place(#[n(0)] PlaceId, #[n(1)] bool),
    /// Another ward reached, as information; the placement command goes beside it.
    #[n(11)]
    OtherWard(#[n(0)] WardRef, #[n(1)] bool),
    /// An organisation that took part.
    #[n(12)]
    CoOrganiser(#[n(0)] OrganisationId, #[n(1)] bool),
    /// A topic.
    #[n(13)]
    Topic(#[n(0)] Topic, #[n(1)] bool),
    /// Who did it: key and name; `None` takes the person out.
    #[n(14)]
    DoneBy(#[n(0)] String, #[n(1)] Option<String>),
    /// A typed number; `None` = not known. It remembers the taps that stand now.
    #[n(15)]
    Count(#[n(0)] CountKey, #[n(1)] Option<Amount>),
    /// Taps at the door, added to those of this actor.
    #[n(16)]
    Tap(#[n(0)] CountKey, #[n(1)] i32),
    /// The whole text of the notes as it should read; only what differs is written.
    #[n(17)]
    Notes(#[n(0)] String),
    /// Something to come back to: key, text, by when.
    #[n(18)]
    FollowUp {
        /// Key; a new one is made by the caller from random bytes (hexadecimal).
        #[n(0)]
        id: String,
        /// What to do.
        #[n(1)]
        text: String,
        /// By when.
        #[n(2)]
        due: Option<Date>,
    },
    /// Whether it is done.
    #[n(19)]
    FollowUpDone(#[n(0)] String, #[n(1)] bool),
    /// A photo with what opens it; `None` takes it out.
    #[n(20)]
    Photo(#[n(0)] PhotoId, #[n(1)] Option<PhotoKey>),
    /// What is said of it by who confirms it; `None` takes that back. Alone in its save.
    #[n(22)]
    Confirmation(#[n(0)] Option<String>),
    /// The record of the same event whose counts stand; `None` takes that back.
    #[n(21)]
    SameAs(#[n(0)] Option<DocumentId>),
}

impl VisitEdit {
    /// What this edit writes: a later edit of the same writes over it. `None` for taps, which add up.
    #[must_use]
    pub fn slot(&self) -> Option<String> {
        Some(match self {
            Self::Tap(..) => return None,
            Self::Date(_) => "date".to_owned(),
            Self::Time(_) => "time".to_owned(),
            Self::Ward(_) => "ward".to_owned(),
            Self::Venue(_) => "venue".to_owned(),
            Self::Form(_) => "form".to_owned(),
            Self::Campaign(_) => "campaign".to_owned(),
            Self::Lead(_) => "lead".to_owned(),
            Self::ProgrammeYear(_) => "programme_year".to_owned(),
            Self::Position(_) => "position".to_owned(),
            Self::Archived(_) => "archived".to_owned(),
            Self::SameAs(_) => "same_as".to_owned(),
            Self::Notes(_) => "notes".to_owned(),
            Self::Confirmation(_) => CONFIRMATION.to_owned(),
            Self::Place(id, _) => format!("places {id}"),
            Self::OtherWard(id, _) => format!("other_wards {id}"),
            Self::CoOrganiser(id, _) => format!("co_organisers {id}"),
            Self::Topic(topic, _) => format!("topics {}", topic.code()),
            Self::DoneBy(key, _) => format!("done_by {key}"),
            Self::Count(key, _) => format!("counts {}", key.code()),
            Self::FollowUp { id, .. } => format!("follow_ups {id}"),
            Self::FollowUpDone(id, _) => format!("follow_ups {id} done"),
            Self::Photo(id, _) => format!("photos {id}"),
        })
    }

    /// `before` without what these later edits write over.
    #[must_use]
    pub fn without_written_over(before: Vec<Self>, later: &[Self]) -> Vec<Self> {
        let slots: Vec<String> = later.iter().filter_map(Self::slot).collect();
        let stays = |edit: &Self| edit.slot().is_none_or(|slot| !slots.contains(&slot));
        before.into_iter().filter(stays).collect()
    }
}

/// Carries out one save: all edits become one change by `actor`, claimed at `at`. `None` when nothing differs from
/// what the document says already.
///
/// # Errors
/// [`Code::FormReadOnly`] for a document of a newer form, [`Code::TextTooLong`], [`Code::CountTooLarge`];
/// [`Code::ChangeMalformed`] when the document lacks its root. Nothing is changed then.
pub fn edit(
    document: &mut Document,
    actor: ActorId,
    at: Millis,
    edits: &[VisitEdit],
) -> Result<Option<NewChange>, Problem> {
    let mut counting = Counting::of(document, actor);
    one_change(document, actor, at, |tx| {
        let mut writer = Writer { tx, counting: &mut counting };
        edits.iter().try_for_each(|edit| writer.write(edit))
    })
}

struct Writer<'t, 'd> {
    tx: &'t mut Transaction<'d>,
    counting: &'t mut Counting,
}

impl Writer<'_, '_> {
    fn write(&mut self, edit: &VisitEdit) -> Result<(), Problem> {
        match edit {
            VisitEdit::Date(value) => self.root("date", value.map(|v| v.to_string())),
            VisitEdit::Time(value) => self.root("time", value.map(|v| v.to_string())),
            VisitEdit::Ward(value) => self.root("ward", Some(value.to_string())),
            VisitEdit::Venue(value) => self.root("venue", value.map(|v| v.to_string())),
            VisitEdit::Form(value) => self.root("form", value.map(|v| v.code().to_owned())),
            VisitEdit::Campaign(value) => self.root("campaign", value.as_ref().map(|v| v.to_string())),
            VisitEdit::Lead(value) => self.root("lead", value.as_ref().map(|v| v.to_string())),
            VisitEdit::ProgrammeYear(value) => self.root("programme_year", value.map(u64::from)),
            VisitEdit::Position(value) => {
                self.root("position", value.map(|(lat, lon)| format!("{lat},{lon}")))
            }
            VisitEdit::Archived(value) => self.root("archived", value.clone()),
            VisitEdit::Confirmation(value) => say(self.tx, CONFIRMATION, value.clone().map(Into::into)),
            VisitEdit::SameAs(value) => self.root("same_as", value.map(|v| v.to_string())),
            VisitEdit::Place(place, is_in) => self.member(Container::Places, &place.to_string(), *is_in),
            VisitEdit::OtherWard(ward, is_in) => {
                self.member(Container::OtherWards, &ward.to_string(), *is_in)
            }
            VisitEdit::CoOrganiser(who, is_in) => self.member(Container::CoOrganisers, who.as_str(), *is_in),
            VisitEdit::Topic(topic, is_in) => self.member(Container::Topics, topic.code(), *is_in),
            VisitEdit::DoneBy(key, name) => self.key(Container::DoneBy, key, name.clone()),
            VisitEdit::Count(key, value) => self.counting.typed(self.tx, key.code(), *value),
            VisitEdit::Tap(key, taps) => self.counting.tapped(self.tx, key.code(), *taps),
            VisitEdit::Notes(text) => {
                put_text(self.tx, Container::Notes, text).map_err(|problem| problem.at("notes"))
            }
            VisitEdit::FollowUp { id, text, due } => {
                self.key(Container::FollowUps, &format!("{id}.text"), Some(text.clone()))?;
                self.key(Container::FollowUps, &format!("{id}.due"), due.map(|v| v.to_string()))
            }
            VisitEdit::FollowUpDone(id, done) => {
                self.key(Container::FollowUps, &format!("{id}.done"), Some(*done))
            }
            VisitEdit::Photo(id, key) => {
                self.key(Container::Photos, &id.to_string(), key.map(|_| String::new()))?;
                self.key(Container::Photos, &format!("{id}.key"), key.map(|key| key.to_string()))
            }
        }
    }

    fn root(&mut self, key: &str, value: Option<impl Into<ScalarValue>>) -> Result<(), Problem> {
        put(self.tx, &ROOT, key, value.map(Into::into))
    }

    fn key(
        &mut self,
        of: Container,
        key: &str,
        value: Option<impl Into<ScalarValue>>,
    ) -> Result<(), Problem> {
        put_in(self.tx, of, key, value.map(Into::into))
    }

    fn member(&mut self, of: Container, key: &str, is_in: bool) -> Result<(), Problem> {
        self.key(of, key, is_in.then_some(true))
    }
}
