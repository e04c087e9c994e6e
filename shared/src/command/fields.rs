//! Edits of a record of any kind but the visit: single registers, keys of maps, counts, long texts. Which fields a kind has
//! and what they take stands in [`crate::crdt::schema`]; the words of a kind for its edits stand beside its value, as in
//! [`crate::domain::pledge_drive`].

use automerge::{ROOT, ScalarValue};
use minicbor::{Decode, Encode};

use super::write::{Counting, NewChange, one_change, put, put_in, put_text, say};
use crate::crdt::confirmation::CONFIRMATION;
use crate::crdt::root::{Container, containers};
use crate::crdt::{Document, Kind};
use crate::domain::count::Amount;
use crate::domain::date::Millis;
use crate::domain::error::{Code, Problem};
use crate::domain::fields::FieldValue;
use crate::ids::ActorId;

/// A value as it is kept in the outbox.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Written {
    /// A text, a day, a code.
    #[n(0)]
    Text(#[n(0)] String),
    /// A number.
    #[n(1)]
    Number(#[n(0)] i64),
    /// Yes or no.
    #[n(2)]
    Flag(#[n(0)] bool),
}

impl From<FieldValue> for Written {
    fn from(value: FieldValue) -> Self {
        match value {
            FieldValue::Text(text) => Self::Text(text),
            FieldValue::Number(number) => Self::Number(number),
            FieldValue::Flag(flag) => Self::Flag(flag),
        }
    }
}

impl From<Written> for ScalarValue {
    fn from(value: Written) -> Self {
        match value {
            Written::Text(text) => text.into(),
            Written::Number(number) => number.into(),
            Written::Flag(flag) => flag.into(),
        }
    }
}

/// One edit. `None` takes a value back: nobody knows.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum FieldEdit {
    /// One of the document's own registers.
    #[n(0)]
    Register(#[n(0)] String, #[n(1)] Option<Written>),
    /// A key of a map: map, key, value.
    #[n(1)]
    Entry(#[n(0)] String, #[n(1)] String, #[n(2)] Option<Written>),
    /// A long text as it should read; only what differs is written.
    #[n(2)]
    LongText(#[n(0)] String, #[n(1)] String),
    /// A typed number by its key; `None` = not known. It remembers the taps that stand now.
    #[n(3)]
    Count(#[n(0)] String, #[n(1)] Option<Amount>),
    /// Taps by the key of their count, added to those of this actor.
    #[n(4)]
    Tap(#[n(0)] String, #[n(1)] i32),
}

impl FieldEdit {
    /// What this edit writes: a later edit of the same writes over it. `None` for taps, which add up.
    #[must_use]
    pub fn slot(&self) -> Option<String> {
        Some(match self {
            Self::Tap(..) => return None,
            Self::Register(name, _) | Self::LongText(name, _) => name.clone(),
            Self::Entry(map, key, _) => format!("{map} {key}"),
            Self::Count(key, _) => format!("counts {key}"),
        })
    }

    /// `before` without what these later edits write over.
    #[must_use]
    pub fn without_written_over(before: Vec<Self>, later: &[Self]) -> Vec<Self> {
        let slots: Vec<String> = later.iter().filter_map(Self::slot).collect();
        let stays = |edit: &Self| edit.slot().is_none_or(|slot| !slots.contains(&slot));
        before.into_iter().filter(stays).collect()
    }

    /// A register with a text.
    #[must_use]
    pub fn text(name: &str, text: &str) -> Self {
        Self::Register(name.to_owned(), Some(Written::Text(text.to_owned())))
    }
}

/// Carries out one save: all edits become one change by `actor`, claimed at `at`. `None` when nothing differs from what
/// the document says already.
///
/// # Errors
/// [`Code::FormReadOnly`] for a document of a newer form, [`Code::KindUnknown`] for a visit, which has edits of its own,
/// [`Code::ChangeForbiddenField`] for a map or text that its kind does not have, [`Code::TextTooLong`],
/// [`Code::ChangeMalformed`] when the document lacks its root. Nothing is changed then.
pub fn edit(
    document: &mut Document,
    actor: ActorId,
    at: Millis,
    edits: &[FieldEdit],
) -> Result<Option<NewChange>, Problem> {
    let kind = document.kind();
    if kind == Kind::OutreachVisit {
        return Err(Problem::new(Code::KindUnknown));
    }
    let mut counting = Counting::of(document, actor);
    one_change(document, actor, at, |tx| {
        edits.iter().try_for_each(|edit| match edit {
            FieldEdit::Register(name, value) if name == CONFIRMATION => {
                say(tx, name, value.clone().map(Into::into))
            }
            FieldEdit::Register(name, value) => {
                put(tx, &ROOT, name, value.clone().map(Into::into)).map_err(|problem| problem.at(name))
            }
            FieldEdit::Entry(map, key, value) => {
                let part = part(kind, map, false)?;
                put_in(tx, part, key, value.clone().map(Into::into)).map_err(|problem| problem.at(key))
            }
            FieldEdit::LongText(name, text) => {
                let part = part(kind, name, true)?;
                put_text(tx, part, text).map_err(|problem| problem.at(name))
            }
            FieldEdit::Count(key, value) => {
                part(kind, Container::Counts.name(), false)?;
                counting.typed(tx, key, *value)
            }
            FieldEdit::Tap(key, taps) => {
                part(kind, Container::Taps.name(), false)?;
                counting.tapped(tx, key, *taps)
            }
        })
    })
}

fn part(kind: Kind, name: &str, is_text: bool) -> Result<Container, Problem> {
    let found = containers(kind).iter().find(|part| part.name() == name && part.is_text() == is_text);
    found.copied().ok_or_else(|| Problem::new(Code::ChangeForbiddenField).at(name))
}
