//! Edits of the parts of after-care: single registers, keys of maps, long texts. Which fields there are and what they
//! take stands in [`crate::crdt::schema`].

use automerge::{ROOT, ScalarValue};
use minicbor::{Decode, Encode};

use super::write::{NewChange, one_change, put, put_text};
use crate::crdt::reader::container;
use crate::crdt::root::{Container, containers};
use crate::crdt::{Document, Kind};
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
}

impl FieldEdit {
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
/// [`Code::FormReadOnly`] for a document of a newer form, [`Code::KindUnknown`] for one that is no part of after-care,
/// [`Code::ChangeForbiddenField`] for a map or text that its kind does not have, [`Code::TextTooLong`],
/// [`Code::ChangeMalformed`] when the document lacks its root. Nothing is changed then.
pub fn edit(
    document: &mut Document,
    actor: ActorId,
    at: Millis,
    edits: &[FieldEdit],
) -> Result<Option<NewChange>, Problem> {
    let kind = document.kind();
    if !kind.is_aftercare() {
        return Err(Problem::new(Code::KindUnknown));
    }
    one_change(document, actor, at, |tx| {
        edits.iter().try_for_each(|edit| match edit {
            FieldEdit::Register(name, value) => {
                put(tx, &ROOT, name, value.clone().map(Into::into)).map_err(|problem| problem.at(name))
            }
            FieldEdit::Entry(map, key, value) => {
                let object = container(tx, part(kind, map, false)?).ok_or_else(rootless)?;
                put(tx, &object, key, value.clone().map(Into::into)).map_err(|problem| problem.at(key))
            }
            FieldEdit::LongText(name, text) => {
                let object = container(tx, part(kind, name, true)?).ok_or_else(rootless)?;
                put_text(tx, &object, text).map_err(|problem| problem.at(name))
            }
        })
    })
}

fn part(kind: Kind, name: &str, is_text: bool) -> Result<Container, Problem> {
    let found = containers(kind).iter().find(|part| part.name() == name && part.is_text() == is_text);
    found.copied().ok_or_else(|| Problem::new(Code::ChangeForbiddenField).at(name))
}

fn rootless() -> Problem {
    Problem::new(Code::ChangeMalformed)
}
