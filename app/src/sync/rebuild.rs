//! The phone's outbox as the rules of [`donghanh_shared::sync::outbox`] see it, and what they say as entries of it.

use donghanh_shared::crdt::Document;
use donghanh_shared::domain::error::Problem;
use donghanh_shared::ids::ActorId;
use donghanh_shared::sync::outbox::{self, Entry, Rebuilt, Redone, Saved};

use crate::store::{OutboxEntry, Payload};

/// Entries as the rules see them.
#[must_use]
pub fn seen(entries: &[(u64, OutboxEntry)]) -> Vec<Entry<'_>> {
    entries.iter().map(|(number, entry)| seen_one(*number, entry)).collect()
}

fn seen_one(number: u64, entry: &OutboxEntry) -> Entry<'_> {
    let change = match &entry.payload {
        Payload::Change { hash, bytes, edits } => Some(Saved { hash: *hash, bytes, edits, at: entry.at }),
        Payload::Command { .. } | Payload::Photo { .. } => None,
    };
    let refused = entry.refused.as_ref().map(|refusal| refusal.code.as_str());
    Entry { number, document: entry.document, change, refused }
}

/// Builds a record anew from its document and its entries; `None` when no change of it was refused.
///
/// # Errors
/// Those of [`outbox::rebuild`].
pub fn rebuild(
    document: &Document,
    entries: &[(u64, OutboxEntry)],
    actor: ActorId,
) -> Result<Option<Rebuilt>, Problem> {
    outbox::rebuild(document, &seen(entries), actor)
}

/// What is to be sent instead of what was refused.
#[must_use]
pub fn added(document: &Document, redone: Vec<Redone>) -> Vec<OutboxEntry> {
    let entry = |Redone { hash, bytes, edits, at }: Redone| OutboxEntry {
        document: Some(document.id()),
        generation: document.generation(),
        payload: Payload::Change { hash, bytes, edits },
        at,
        refused: None,
    };
    redone.into_iter().map(entry).collect()
}
