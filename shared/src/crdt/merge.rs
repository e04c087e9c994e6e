//! Merging changes from outside into a document, on a scratch copy: apply → save → load → read. A change on which
//! Automerge fails or panics is set aside with what builds on it; the others go on.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::{Automerge, Change};

use super::confirmation::{confirms, said_in};
use super::gate::CheckedChange;
use super::{Content, Document, Kind};
use crate::domain::confirmation::{Confirmation, Standing};
use crate::domain::error::Code;
use crate::domain::organisation::OrganisationId;
use crate::ids::{ChangeHash, DocumentId};

/// Largest saved document, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 512 << 10;

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
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Confirming {
    /// The change.
    pub hash: ChangeHash,
    /// What it says; `None` takes back what was said.
    pub said: Option<Confirmation>,
    /// The organisation that leads in the state it is about.
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
    let whole = catch_unwind(AssertUnwindSafe(|| attempt(base, changes)));
    match whole {
        Ok(Ok(merged)) => Ok(merged),
        Ok(Err(Failure::Base)) => Err(Code::Internal),
        // Somebody among them is bad: find out who, one after the other.
        Ok(Err(Failure::Changes)) | Err(_) => one_by_one(base, changes),
    }
}

enum Failure {
    Base,
    Changes,
}

fn open(base: Base<'_>) -> Result<Automerge, Failure> {
    match base.bytes {
        Some(bytes) => Automerge::load(bytes).map_err(|_| Failure::Base),
        None => Ok(Document::create(base.kind, base.id, base.generation).automerge),
    }
}

/// Sorts changes into those that can be applied now (in order) and those that must wait.
fn ready<'a>(
    document: &Automerge,
    changes: &[&'a CheckedChange],
) -> (Vec<&'a CheckedChange>, Vec<ChangeHash>, Vec<ChangeHash>) {
    let has = |hash: &ChangeHash| document.get_change_meta_by_hash(&automerge::ChangeHash(hash.0)).is_some();
    let mut seen = BTreeSet::new();
    let (known, mut waiting): (Vec<&CheckedChange>, Vec<&CheckedChange>) =
        changes.iter().filter(|change| seen.insert(change.hash)).partition(|change| has(&change.hash));
    let mut taken = BTreeSet::new();
    let mut order = Vec::new();
    loop {
        let before = order.len();
        waiting.retain(|change| {
            let fits = change.deps.iter().all(|dep| taken.contains(dep) || has(dep));
            if fits {
                taken.insert(change.hash);
                order.push(*change);
            }
            !fits
        });
        if order.len() == before {
            break;
        }
    }
    (order, known.iter().map(|c| c.hash).collect(), waiting.iter().map(|c| c.hash).collect())
}

fn attempt(base: Base<'_>, changes: &[&CheckedChange]) -> Result<Merged, Failure> {
    let mut document = open(base)?;
    let (order, known, missing) = ready(&document, changes);
    let mut parsed = Vec::with_capacity(order.len());
    for change in &order {
        parsed.push(Change::from_bytes(change.bytes.clone()).map_err(|_| Failure::Changes)?);
    }
    document.apply_changes(parsed).map_err(|_| Failure::Changes)?;
    let bytes = document.save_nocompress();
    if bytes.len() > MAX_DOCUMENT_BYTES {
        return Err(Failure::Changes);
    }
    let mut heads = document.get_heads();
    // A damaged change can apply and leave a document that no longer loads: prove that this one does, and that what
    // loads is what was merged. Everything below reads the proven copy.
    let again = Automerge::load(&bytes).map_err(|_| Failure::Changes)?;
    let mut loaded = again.get_heads();
    heads.sort_unstable();
    loaded.sort_unstable();
    if heads != loaded {
        return Err(Failure::Changes);
    }
    let again = Document::of(again).map_err(|_| Failure::Changes)?;
    if (again.kind(), again.id(), again.generation()) != (base.kind, base.id, base.generation) {
        return Err(Failure::Changes);
    }
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

fn one_by_one(base: Base<'_>, changes: &[&CheckedChange]) -> Result<Merged, Code> {
    let order = {
        let document = open(base).map_err(|_| Code::Internal)?;
        let (order, ..) = ready(&document, changes);
        order
    };
    let mut good: Vec<&CheckedChange> = Vec::new();
    let mut refused: Vec<(ChangeHash, Code)> = Vec::new();
    for change in order {
        if change.deps.iter().any(|dep| refused.iter().any(|(hash, _)| hash == dep)) {
            refused.push((change.hash, Code::DependsOnRefused));
            continue;
        }
        good.push(change);
        match catch_unwind(AssertUnwindSafe(|| attempt(base, &good))) {
            Ok(Ok(_)) => {}
            Ok(Err(Failure::Base)) => return Err(Code::Internal),
            Ok(Err(Failure::Changes)) | Err(_) => {
                good.pop();
                refused.push((change.hash, why(base, &good, change)));
            }
        }
    }
    // What was neither good nor refused is known or missing: let the last attempt say so.
    let rest: Vec<&CheckedChange> =
        changes.iter().filter(|c| !refused.iter().any(|(hash, _)| *hash == c.hash)).copied().collect();
    let merged = catch_unwind(AssertUnwindSafe(|| attempt(base, &rest)));
    match merged {
        Ok(Ok(merged)) => Ok(Merged { refused, ..merged }),
        _ => Err(Code::Internal),
    }
}

/// Why a single change could not be taken.
fn why(base: Base<'_>, good: &[&CheckedChange], bad: &CheckedChange) -> Code {
    let size = base.bytes.map_or(0, <[u8]>::len)
        + good.iter().map(|c| c.bytes.len()).sum::<usize>()
        + bad.bytes.len();
    if size > MAX_DOCUMENT_BYTES { Code::DocumentTooLarge } else { Code::ChangeMalformed }
}
