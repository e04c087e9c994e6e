//! Merging changes from outside into a document, on a scratch copy: apply → save → load → read. A change on which
//! Automerge fails or panics is set aside with what builds on it; the others go on.
//!
//! [`attempt`] takes all of them or none, and [`without_bad`] finds out who is bad by asking again: whoever can survive a
//! process that dies of an attempt (the server) makes the attempts in one.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::{Automerge, Change, ReadDoc as _};
use minicbor::{Decode, Encode};

use super::confirmation::{confirms, said_in};
use super::gate::CheckedChange;
use super::{Content, Document, Kind, root};
use crate::domain::confirmation::{Confirmation, Standing};
use crate::domain::error::Code;
use crate::domain::organisation::OrganisationId;
use crate::ids::{ChangeHash, DocumentId};

/// Largest saved document, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 512 << 10;
/// Most operations in a document: a few hundred bytes can stand for thousands of them, and whoever loads the document holds
/// them all. A visit that was saved five times has about eighty.
pub const MAX_DOCUMENT_OPS: u64 = 50_000;

/// What a document became.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The saved document, not compressed inside.
    pub bytes: Vec<u8>,
    /// Its heads.
    pub heads: Vec<ChangeHash>,
    /// What it says.
    pub content: Content,
    /// What it said when it was confirmed, of a record that was edited since: that is what counts.
    pub confirmed: Option<Content>,
    /// How it stands with whoever confirms it.
    pub standing: Standing,
    /// Those of the accepted changes that say something of the record.
    pub confirming: Vec<Confirming>,
    /// The latest time any change claims.
    pub changed_at: i64,
    /// Changes now in it that were not, dependencies first.
    pub accepted: Vec<ChangeHash>,
    /// Changes that were there already.
    pub known: Vec<ChangeHash>,
    /// Changes that build on something unknown.
    pub missing: Vec<ChangeHash>,
    /// Changes not taken, and why.
    pub refused: Vec<(ChangeHash, Code)>,
}

/// A change that confirms a record, returns it, or takes that back.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Confirming {
    /// The change.
    #[n(0)]
    pub hash: ChangeHash,
    /// What it says; `None` takes back what was said.
    #[n(1)]
    pub said: Option<Confirmation>,
    /// The organisation that leads in the state it is about.
    #[n(2)]
    pub lead: Option<OrganisationId>,
}

/// The document that changes are merged into.
#[derive(Clone, Copy, Debug)]
pub struct Base<'a> {
    /// Its kind.
    pub kind: Kind,
    /// Its identity.
    pub id: DocumentId,
    /// Its generation.
    pub generation: u32,
    /// Its saved bytes; `None` for one that has only its root.
    pub bytes: Option<&'a [u8]>,
}

/// Merges changes, which came through [`super::gate::check`] and [`super::rules::check_change`], into a document.
///
/// # Errors
/// [`Code::Internal`] when the stored bytes themselves do not load.
pub fn merge(base: Base<'_>, changes: &[&CheckedChange]) -> Result<Merged, Code> {
    let (merged, refused) = without_bad(changes, |some| attempt(base, some))?;
    Ok(Merged { refused, ..merged })
}

/// How many changes all attempts of [`without_bad`] may be made with, one by one: thousands of bad ones among thousands of good
/// ones are no accident, and finding each takes as long as merging all of them several times.
pub const MAX_TRIED: usize = 100_000;

/// Why an attempt came to nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// The stored document does not load.
    Base,
    /// Somebody among the changes is bad: [`Code::ChangeMalformed`], [`Code::DocumentTooLarge`].
    Changes(Code),
}

/// Changes with those they build on before them; otherwise in the order given, each once.
fn in_order<'a>(changes: &[&'a CheckedChange]) -> Vec<&'a CheckedChange> {
    let mut seen = HashSet::new();
    let mut waiting: Vec<&CheckedChange> =
        changes.iter().filter(|change| seen.insert(change.hash)).copied().collect();
    let mut order = Vec::with_capacity(waiting.len());
    let mut open = seen;
    while !waiting.is_empty() {
        let before = waiting.len();
        waiting.retain(|change| {
            let fits = !change.deps.iter().any(|dep| open.contains(dep));
            if fits {
                open.remove(&change.hash);
                order.push(*change);
            }
            !fits
        });
        if waiting.len() == before {
            // Hashes cannot build on each other in a ring; should they seem to, nothing is lost.
            order.append(&mut waiting);
        }
    }
    order
}

/// What comes of attempts with all changes but the bad ones; also says which those are, and why. Halves its way to the
/// first of them, takes it out with what builds on it, and tries the rest.
///
/// # Errors
/// [`Code::Internal`] when the document itself cannot be worked with, or so many are bad that it would take too long
/// ([`MAX_TRIED`]).
pub fn without_bad<T>(
    changes: &[&CheckedChange],
    attempt: impl Fn(&[&CheckedChange]) -> Result<T, Failure>,
) -> Result<(T, Vec<(ChangeHash, Code)>), Code> {
    let mut order = in_order(changes);
    let mut refused = Vec::new();
    let tried = std::cell::Cell::new(0);
    let attempt = |some: &[&CheckedChange]| {
        tried.set(tried.get() + some.len());
        attempt(some)
    };
    loop {
        if tried.get() > MAX_TRIED {
            return Err(Code::Internal);
        }
        let mut why = match attempt(&order) {
            Ok(done) => return Ok((done, refused)),
            Err(Failure::Changes(code)) if !order.is_empty() => code,
            Err(_) => return Err(Code::Internal),
        };
        let (mut good, mut bad) = (0, order.len());
        while bad - good > 1 {
            let middle = usize::midpoint(good, bad);
            match attempt(&order[..middle]) {
                Ok(_) => good = middle,
                Err(Failure::Changes(code)) => (bad, why) = (middle, code),
                Err(Failure::Base) => return Err(Code::Internal),
            }
        }
        let first = order.remove(good);
        let mut gone = HashSet::from([first.hash]);
        refused.push((first.hash, why));
        order.retain(|change| {
            let builds_on_it = change.deps.iter().any(|dep| gone.contains(dep));
            if builds_on_it {
                gone.insert(change.hash);
                refused.push((change.hash, Code::DependsOnRefused));
            }
            !builds_on_it
        });
    }
}

/// Merges all of these changes that have what they build on, or none; survives a panic.
///
/// # Errors
/// [`Failure`].
pub fn attempt(base: Base<'_>, changes: &[&CheckedChange]) -> Result<Merged, Failure> {
    let malformed = Failure::Changes(Code::ChangeMalformed);
    catch_unwind(AssertUnwindSafe(|| apply(base, changes))).unwrap_or(Err(malformed))
}

fn open(base: Base<'_>) -> Result<Automerge, Failure> {
    match base.bytes {
        Some(bytes) => Automerge::load(bytes).map_err(|_| Failure::Base),
        None => Ok(Automerge::new()),
    }
}

/// Changes sorted by what can be done with them.
struct Ready<'a> {
    /// Can be applied, in this order.
    order: Vec<&'a CheckedChange>,
    known: Vec<ChangeHash>,
    missing: Vec<ChangeHash>,
}

/// Sorts changes; the root counts as there, whether it is yet to be applied or not.
fn ready<'a>(document: &Automerge, root: ChangeHash, changes: &[&'a CheckedChange]) -> Ready<'a> {
    let has = |hash: &ChangeHash| {
        *hash == root || document.get_change_meta_by_hash(&automerge::ChangeHash(hash.0)).is_some()
    };
    let mut taken = HashSet::new();
    let mut sorted = Ready { order: Vec::new(), known: Vec::new(), missing: Vec::new() };
    for change in in_order(changes) {
        if has(&change.hash) {
            sorted.known.push(change.hash);
        } else if change.deps.iter().all(|dep| taken.contains(dep) || has(dep)) {
            taken.insert(change.hash);
            sorted.order.push(change);
        } else {
            sorted.missing.push(change.hash);
        }
    }
    sorted
}

fn apply(base: Base<'_>, changes: &[&CheckedChange]) -> Result<Merged, Failure> {
    let malformed = Failure::Changes(Code::ChangeMalformed);
    let mut document = open(base)?;
    let first = root::change(base.kind, base.id, base.generation);
    let first = Change::from_bytes(first).map_err(|_| Failure::Base)?;
    let Ready { order, known, missing } = ready(&document, ChangeHash(first.hash().0), changes);
    // A new document gets its root and everything else at once: each time costs.
    let mut parsed = Vec::with_capacity(order.len() + 1);
    parsed.extend(base.bytes.is_none().then_some(first));
    for change in &order {
        parsed.push(Change::from_bytes(change.bytes.clone()).map_err(|_| malformed)?);
    }
    document.apply_changes(parsed).map_err(|_| malformed)?;
    let bytes = document.save_nocompress();
    if bytes.len() > MAX_DOCUMENT_BYTES || document.stats().num_ops > MAX_DOCUMENT_OPS {
        return Err(Failure::Changes(Code::DocumentTooLarge));
    }
    let mut heads = document.get_heads();
    heads.sort_unstable();
    let again = proven(base, &heads, &bytes).ok_or(malformed)?;
    Ok(Merged {
        heads: heads.iter().map(|hash| ChangeHash(hash.0)).collect(),
        content: again.content(),
        confirmed: again.confirmed_content(),
        standing: again.standing(),
        confirming: order
            .iter()
            .filter(|change| confirms(change))
            .map(|change| Confirming {
                hash: change.hash,
                said: said_in(change),
                lead: again.lead_at(change),
            })
            .collect(),
        changed_at: again.changed_at(),
        bytes,
        accepted: order.iter().map(|change| change.hash).collect(),
        known,
        missing,
        refused: Vec::new(),
    })
}

/// What the bytes load to, when that is what was merged: a damaged change can apply and leave a document that no longer
/// loads, or that loads as something else. Whatever is read is read from this.
fn proven(base: Base<'_>, heads: &[automerge::ChangeHash], bytes: &[u8]) -> Option<Document> {
    let again = Automerge::load(bytes).ok()?;
    let mut loaded = again.get_heads();
    loaded.sort_unstable();
    if loaded != heads {
        return None;
    }
    let again = Document::of(again).ok()?;
    ((again.kind(), again.id(), again.generation()) == (base.kind, base.id, base.generation)).then_some(again)
}
