//! Merges what came from outside, and draws the row of it, where a death is survived: in a process of its own whose memory and
//! time are limited. A change that makes it die is found, refused and kept aside by its hash; the others go on.
//!
//! Automerge is not made for bytes of strangers (an input of a hundred bytes can ask for gigabytes, and a failed allocation
//! ends the process). The gate of [`donghanh_shared::crdt::gate`] stops what is known of that; this is for what is not.

mod limits;
mod pool;
pub mod worker;

use std::path::PathBuf;
use std::sync::Arc;

use donghanh_shared::crdt::Kind;
use donghanh_shared::crdt::gate::CheckedChange;
use donghanh_shared::crdt::merge::{self, Base, Confirming, Failure, Merged, without_bad};
use donghanh_shared::domain::error::Code;
use donghanh_shared::ids::ChangeHash;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::projection::{Row, row};
use pool::Pool;

/// What a document became.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Outcome {
    /// The saved document.
    #[n(0)]
    pub bytes: ByteVec,
    /// Its heads.
    #[n(1)]
    pub heads: Vec<ChangeHash>,
    /// What reports read of it.
    #[n(2)]
    pub row: Row,
    /// Those of the accepted changes that say something of the record.
    #[n(3)]
    pub confirming: Vec<Confirming>,
    /// Changes now in it that were not, dependencies first.
    #[n(4)]
    pub accepted: Vec<ChangeHash>,
    /// Changes that were there already.
    #[n(5)]
    pub known: Vec<ChangeHash>,
}

impl Outcome {
    fn of(kind: Kind, merged: Merged) -> Self {
        let row = row(kind, &merged);
        let Merged { bytes, heads, confirming, accepted, known, .. } = merged;
        Self { bytes: bytes.into(), heads, row, confirming, accepted, known }
    }
}

/// Where changes are merged; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Merger(Option<Arc<Pool>>);

impl Merger {
    /// In this process: for changes that are trusted, such as those of a test.
    #[must_use]
    pub fn here() -> Self {
        Self(None)
    }

    /// In processes of their own, started from this program when they are needed: as many as merge at the same time.
    #[must_use]
    pub fn apart() -> Self {
        Self::apart_by(pool::own_program())
    }

    /// The same by another program that does what [`worker::run`] does, such as this one from a test.
    #[must_use]
    pub fn apart_by(program: PathBuf) -> Self {
        Self(Some(Arc::new(Pool::new(program))))
    }

    /// Merges changes, which came through the gate and the rules, into a document. Also says which it had to leave out,
    /// and why. Blocks.
    ///
    /// # Errors
    /// [`Code::Internal`] when the stored document does not load, or no process can be started.
    pub fn merge(
        &self,
        base: Base<'_>,
        changes: &[&CheckedChange],
    ) -> Result<(Outcome, Vec<(ChangeHash, Code)>), Code> {
        without_bad(changes, |some| self.attempt(base, some))
    }

    fn attempt(&self, base: Base<'_>, changes: &[&CheckedChange]) -> Result<Outcome, Failure> {
        match &self.0 {
            None => merge::attempt(base, changes).map(|merged| Outcome::of(base.kind, merged)),
            Some(pool) => pool.attempt(base, changes),
        }
    }
}
