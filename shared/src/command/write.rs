//! Making one save one change, whatever the kind of record.

use automerge::transaction::{CommitOptions, Transactable as _, Transaction};
use automerge::{AutomergeError, ObjId, ReadDoc as _, ScalarValue, Value};

use crate::crdt::Document;
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
    document.automerge.set_actor(automerge::ActorId::from(actor.0));
    let mut tx = document.automerge.transaction();
    if let Err(problem) = write(&mut tx) {
        tx.rollback();
        return Err(problem);
    }
    if tx.pending_ops() == 0 {
        tx.rollback();
        return Ok(None);
    }
    tx.commit_with(CommitOptions::default().with_time(at));
    let change = document.automerge.get_last_local_change();
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
        (_, Some(value)) => tx.put(object, key, value),
        (_, None) => tx.delete(object, key),
    };
    written.map_err(damaged)
}

/// Writes what differs in a long text.
pub(super) fn put_text(tx: &mut Transaction<'_>, object: &ObjId, text: &str) -> Result<(), Problem> {
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
