//! Records that people linked as one, worked out the plain way: whoever follows the links from a record comes to the one that
//! counts. Shares no code with [`donghanh_shared::domain::same_as`].

use std::collections::BTreeMap;

use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::DocumentId;

/// What a record says: its ward, whether it was removed, whose counts stand for it.
pub(super) type Said = (WardRef, bool, Option<DocumentId>);

/// For each record of a kind the one that counts: itself for most.
pub(super) fn counted(said: &BTreeMap<DocumentId, Said>) -> BTreeMap<DocumentId, DocumentId> {
    let next = |id: &DocumentId| {
        let (ward, removed, other) = said.get(id)?;
        let other = other.filter(|other| other != id && !removed)?;
        let (others_ward, other_removed, _) = said.get(&other)?;
        (ward == others_ward && !other_removed).then_some(other)
    };
    let counts_for = |id: &DocumentId| {
        // Long enough to have come to the end, or all around a circle.
        let mut at = *id;
        for _ in 0..said.len() {
            let Some(other) = next(&at) else { return at };
            at = other;
            if at == *id {
                break;
            }
        }
        let mut smallest = at;
        let begin = at;
        while let Some(other) = next(&at) {
            smallest = smallest.min(other);
            at = other;
            if at == begin {
                break;
            }
        }
        smallest
    };
    said.keys().map(|id| (*id, counts_for(id))).collect()
}
