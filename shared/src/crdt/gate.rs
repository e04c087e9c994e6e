//! The gate for changes from outside: everything that must hold before Automerge sees a byte
//! (size, chunk type, checksum, run lengths, caps, no reserved actor).

use super::chunk::{self, Chunk};
use super::root;
use crate::domain::date::Millis;
use crate::domain::error::{Code, Problem};
use crate::ids::{ActorId, ChangeHash};

/// A change that passed the gate, with its bytes.
#[derive(Clone, PartialEq, Debug)]
pub struct CheckedChange {
    /// Its hash.
    pub hash: ChangeHash,
    /// Its author.
    pub actor: ActorId,
    /// Number among the author's changes of this document.
    pub seq: u64,
    /// What it builds on.
    pub deps: Vec<ChangeHash>,
    /// When, by the author's clock.
    pub at: Millis,
    /// What was read from it.
    pub chunk: Chunk,
    /// The chunk itself.
    pub bytes: Vec<u8>,
}

/// Passes a change through the gate.
///
/// # Errors
/// The codes of [`chunk::read`]; [`Code::ChangeForbiddenField`] for a reserved actor (roots never travel this way).
pub fn check(bytes: Vec<u8>) -> Result<CheckedChange, Problem> {
    let chunk = chunk::read(&bytes).map_err(Problem::new)?;
    if root::is_reserved(&chunk.actor.0) {
        return Err(Problem::new(Code::ChangeForbiddenField));
    }
    // Every change builds at least on the root.
    if chunk.deps.is_empty() {
        return Err(Problem::new(Code::ChangeMalformed));
    }
    let (hash, actor, seq, at) = (chunk.hash, chunk.actor, chunk.seq, chunk.at);
    Ok(CheckedChange { hash, actor, seq, deps: chunk.deps.clone(), at, chunk, bytes })
}
