//! Making one save one change, whatever the kind of record.

use std::collections::BTreeMap;

use automerge::transaction::{CommitOptions, Transactable as _, Transaction};
use automerge::{AutomergeError, ObjId, ROOT, ReadDoc as _, ScalarValue, Value};

use crate::crdt::Document;
use crate::crdt::count::{encode_correction, tap_key};
use crate::crdt::reader::{container, counts};
use crate::crdt::root::Container;
use crate::domain::count::{Amount, Correction, MAX_TAPS, Taps};
use crate::domain::date::Millis;
use crate::domain::error::{Code, Problem};
use crate::ids::{ActorId, ChangeHash};

/// A change just made on this device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewChange {
    /// Its hash.
    pub hash: ChangeHash,
    /// The uncompressed chunk, ready for the outbox.
    pub bytes: Vec<u8>,
}

/// Longest long text, in characters.
pub const MAX_NOTES: usize = 4_000;

/// Everything that `write` writes becomes one change by `actor`, claimed at `at`; `None` when that is nothing. When it
/// fails, nothing is changed.
///
/// # Errors
/// [`Code::FormReadOnly`] for a document of a newer form, and those of `write`.
pub(super) fn one_change(
    document: &mut Document,
    actor: ActorId,
    at: Millis,
    write: impl FnOnce(&mut Transaction<'_>) -> Result<(), Problem>,
) -> Result<Option<NewChange>, Problem> {
    if document.is_read_only() {
        return Err(Problem::new(Code::FormReadOnly));
    }
    let automerge = document.writable()?;
    automerge.set_actor(automerge::ActorId::from(actor.0));
    let mut tx = automerge.transaction();
    if let Err(problem) = write(&mut tx) {
        tx.rollback();
        return Err(problem);
    }
    if tx.pending_ops() == 0 {
        tx.rollback();
        return Ok(None);
    }
    tx.commit_with(CommitOptions::default().with_time(at));
    let change = automerge.get_last_local_change();
    Ok(change
        .map(|change| NewChange { hash: ChangeHash(change.hash().0), bytes: change.raw_bytes().to_vec() }))
}

/// Writes one key, unless it says so already and nobody says otherwise.
pub(super) fn put(
    tx: &mut Transaction<'_>,
    object: &ObjId,
    key: &str,
    value: Option<ScalarValue>,
) -> Result<(), Problem> {
    let standing = tx.get_all(object, key).map_err(damaged)?;
    let written = match (standing.as_slice(), value) {
        ([], None) => Ok(()),
        ([(Value::Scalar(one), _)], Some(value)) if **one == value => Ok(()),
        // Settling is a value of its own. Writing the one that counts already, Automerge would only take the others away, and
        // somebody who settles differently apart would then win without anybody seeing it.
        ([_, _, ..], Some(value)) => tx.delete(object, key).and_then(|()| tx.put(object, key, value)),
        (_, Some(value)) => tx.put(object, key, value),
        (_, None) => tx.delete(object, key),
    };
    written.map_err(damaged)
}

/// Says something of the record as it stands. The same was perhaps said of another state: it is written all the same.
pub(super) fn say(tx: &mut Transaction<'_>, key: &str, value: Option<ScalarValue>) -> Result<(), Problem> {
    let standing = tx.get_all(ROOT, key).map_err(damaged)?;
    if !standing.is_empty() {
        tx.delete(ROOT, key).map_err(damaged)?;
    }
    value.map_or(Ok(()), |value| tx.put(ROOT, key, value)).map_err(damaged)
}

/// The counts of a record while one save is written: what was tapped before it, and the taps of the save itself, which add
/// up before they are written.
pub(super) struct Counting {
    actor: ActorId,
    taps: BTreeMap<String, Taps>,
}

impl Counting {
    /// The taps that stand in the document.
    pub(super) fn of(document: &Document, actor: ActorId) -> Self {
        let taps = counts(&document.automerge).into_iter().map(|(key, count)| (key, count.taps));
        Self { actor, taps: taps.collect() }
    }

    /// A typed number; it remembers the taps that stood when it was typed, this save's own included.
    pub(super) fn typed(
        &self,
        tx: &mut Transaction<'_>,
        key: &str,
        value: Option<Amount>,
    ) -> Result<(), Problem> {
        let mut seen = self.taps.get(key).cloned().unwrap_or_default();
        seen.retain(|_, taps| *taps != 0);
        let correction = Correction { value: value.map(Amount::get), seen };
        let bytes = ScalarValue::Bytes(encode_correction(&correction));
        put_in(tx, Container::Counts, key, Some(bytes))
    }

    /// Taps, added to those of this actor.
    pub(super) fn tapped(&mut self, tx: &mut Transaction<'_>, key: &str, taps: i32) -> Result<(), Problem> {
        let mine = self.taps.entry(key.to_owned()).or_default().entry(self.actor).or_default();
        let total = *mine + i64::from(taps);
        if total.abs() > MAX_TAPS {
            return Err(Problem::new(Code::CountTooLarge).at(key));
        }
        *mine = total;
        put_in(tx, Container::Taps, &tap_key(key, self.actor), Some(total.into()))
    }
}

/// Writes one key of one of the document's maps.
pub(super) fn put_in(
    tx: &mut Transaction<'_>,
    map: Container,
    key: &str,
    value: Option<ScalarValue>,
) -> Result<(), Problem> {
    let object = container(tx, map).ok_or_else(|| Problem::new(Code::ChangeMalformed))?;
    put(tx, &object, key, value)
}

/// Writes what differs in a long text.
pub(super) fn put_text(tx: &mut Transaction<'_>, of: Container, text: &str) -> Result<(), Problem> {
    let object = &container(tx, of).ok_or_else(|| Problem::new(Code::ChangeMalformed))?;
    if text.chars().count() > MAX_NOTES {
        return Err(Problem::new(Code::TextTooLong));
    }
    if tx.text(object).map_err(damaged)? == text {
        return Ok(());
    }
    tx.update_text(object, text).map_err(damaged)
}

pub(super) fn damaged(_: AutomergeError) -> Problem {
    Problem::new(Code::ChangeMalformed)
}
