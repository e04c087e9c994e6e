//! Edits of an outreach visit: each writes single fields, never a whole struct, so that what a newer app wrote stays.

use automerge::transaction::Transaction;
use automerge::{ROOT, ScalarValue};
use minicbor::{Decode, Encode};

pub use super::write::{MAX_NOTES, NewChange};
use super::write::{one_change, put, put_text};
use crate::crdt::Document;
use crate::crdt::outreach_visit::{encode_correction, tap_key};
use crate::crdt::reader::container;
use crate::crdt::root::Container;
use crate::domain::count::{Amount, Correction, MAX_TAPS};
use crate::domain::date::{ClockTime, Date, Millis};
use crate::domain::error::{Code, Problem};
use crate::domain::organisation::{CampaignId, OrganisationId};
use crate::domain::outreach_visit::Visit;
use crate::domain::outreach_visit::{CountKey, Form, Topic};
use crate::domain::vocabulary::Term as _;
use crate::domain::ward::WardRef;
use crate::ids::{ActorId, PhotoId, PhotoKey, PlaceId};

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
            Self::Notes(_) => "notes".to_owned(),
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
    let before = document.visit();
    one_change(document, actor, at, |tx| {
        // Taps of one save add up before they are written.
        let mut writer = Writer { tx, before: &before, actor, taps: before_taps(&before, actor) };
        edits.iter().try_for_each(|edit| writer.write(edit))
    })
}

fn before_taps(before: &Visit, actor: ActorId) -> Vec<(CountKey, i64)> {
    before.counts.iter().filter_map(|(key, count)| Some((*key, *count.taps.get(&actor)?))).collect()
}

struct Writer<'t, 'd> {
    tx: &'t mut Transaction<'d>,
    before: &'t Visit,
    actor: ActorId,
    taps: Vec<(CountKey, i64)>,
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
            VisitEdit::Place(place, is_in) => self.member(Container::Places, &place.to_string(), *is_in),
            VisitEdit::OtherWard(ward, is_in) => {
                self.member(Container::OtherWards, &ward.to_string(), *is_in)
            }
            VisitEdit::CoOrganiser(who, is_in) => self.member(Container::CoOrganisers, who.as_str(), *is_in),
            VisitEdit::Topic(topic, is_in) => self.member(Container::Topics, topic.code(), *is_in),
            VisitEdit::DoneBy(key, name) => self.key(Container::DoneBy, key, name.clone()),
            VisitEdit::Count(key, value) => self.count(*key, *value),
            VisitEdit::Tap(key, taps) => self.tap(*key, *taps),
            VisitEdit::Notes(text) => self.notes(text),
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
        let object = container(self.tx, of).ok_or_else(|| Problem::new(Code::ChangeMalformed))?;
        put(self.tx, &object, key, value.map(Into::into))
    }

    fn member(&mut self, of: Container, key: &str, is_in: bool) -> Result<(), Problem> {
        self.key(of, key, is_in.then_some(true))
    }

    /// A typed number remembers the taps that stood when it was typed, this save's own included.
    fn count(&mut self, key: CountKey, value: Option<Amount>) -> Result<(), Problem> {
        let mut seen = self.before.counts.get(&key).map(|count| count.taps.clone()).unwrap_or_default();
        seen.extend(self.taps.iter().filter(|(k, _)| *k == key).map(|(_, taps)| (self.actor, *taps)));
        seen.retain(|_, taps| *taps != 0);
        let correction = Correction { value: value.map(Amount::get), seen };
        self.key(Container::Counts, key.code(), Some(ScalarValue::Bytes(encode_correction(&correction))))
    }

    fn tap(&mut self, key: CountKey, taps: i32) -> Result<(), Problem> {
        let at = self.taps.iter().position(|(k, _)| *k == key).unwrap_or_else(|| {
            self.taps.push((key, 0));
            self.taps.len() - 1
        });
        let total = self.taps[at].1 + i64::from(taps);
        if total.abs() > MAX_TAPS {
            return Err(Problem::new(Code::CountTooLarge).at(key.code()));
        }
        self.taps[at].1 = total;
        self.key(Container::Taps, &tap_key(key, self.actor), Some(total))
    }

    fn notes(&mut self, text: &str) -> Result<(), Problem> {
        let notes =
            container(self.tx, Container::Notes).ok_or_else(|| Problem::new(Code::ChangeMalformed))?;
        put_text(self.tx, &notes, text).map_err(|problem| problem.at("notes"))
    }
}
