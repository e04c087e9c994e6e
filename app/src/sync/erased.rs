//! Lets go of cases that were erased for good: of what the phone holds of them, of drafts, and of what waits to be sent. Nobody
//! can take that any more; that something was not sent yet is told to whoever wrote it.

use std::collections::BTreeSet;

use donghanh_shared::domain::error::Problem;
use donghanh_shared::ids::DocumentId;

use super::driver::Driver;
use super::scopes::{self, Scopes};
use crate::store::{Batch, OutboxEntry, StoredRecord};

/// Where the store keeps that a case was erased with something that was not sent yet, until the person has seen it; empty:
/// nothing is to be told.
pub const KEY: &str = "erased_unsent";

impl Driver {
    /// Puts into the batch that nothing is kept of these documents; with the core of a case goes every part of it, also one
    /// that the server never had.
    pub(super) async fn let_go_of_erased(
        &self,
        erased: BTreeSet<DocumentId>,
        outbox: &[(u64, OutboxEntry)],
        scopes: &mut Scopes,
        batch: &mut Batch,
    ) -> Result<(), Problem> {
        if erased.is_empty() {
            return Ok(());
        }
        let mut ids: BTreeSet<DocumentId> = outbox.iter().filter_map(|(_, entry)| entry.document).collect();
        ids.extend(&erased);
        let ids: Vec<DocumentId> = ids.into_iter().collect();
        let held: Vec<(DocumentId, Option<StoredRecord>)> =
            ids.iter().copied().zip(self.store.records(&ids).await?).collect();
        let gone = with_parts(&erased, &held);
        for (id, record) in held.into_iter().filter(|(id, _)| gone.contains(id)) {
            let Some(record) = record else { continue };
            scopes.shift((&record.scopes, record.digest), (&[], None));
            batch.records.retain(|write| write.id != id);
            batch.dropped.push((id, record.revision));
        }
        let is_gone = |entry: &OutboxEntry| entry.document.is_some_and(|id| gone.contains(&id));
        let unsent: Vec<u64> =
            outbox.iter().filter(|(_, entry)| is_gone(entry)).map(|(number, _)| *number).collect();
        if !unsent.is_empty() {
            batch.outbox_put.retain(|(number, _)| !unsent.contains(number));
            batch.outbox_drop.extend(unsent);
            batch.meta.push((KEY, vec![1]));
        }
        let drafts = self.store.drafts().await?.into_iter().map(|(key, _)| key);
        batch.drafts_drop.extend(drafts.filter(|key| is_draft_of(key, &gone)));
        batch.meta.retain(|(key, _)| *key != scopes::KEY);
        batch.meta.push((scopes::KEY, donghanh_shared::sync::wire::to_bytes(&*scopes)));
        Ok(())
    }
}

/// Whether a draft is one of, or for, these documents: its key ends with the identity.
fn is_draft_of(key: &str, gone: &BTreeSet<DocumentId>) -> bool {
    key.rsplit([':', '/']).next().and_then(|id| id.parse().ok()).is_some_and(|id| gone.contains(&id))
}

/// The erased documents, the cases that they are part of, and every other part of those.
fn with_parts(
    erased: &BTreeSet<DocumentId>,
    held: &[(DocumentId, Option<StoredRecord>)],
) -> BTreeSet<DocumentId> {
    let case_of = |record: &Option<StoredRecord>| record.as_ref().and_then(|record| record.case);
    let mut cases = erased.clone();
    cases.extend(held.iter().filter(|(id, _)| erased.contains(id)).filter_map(|(_, record)| case_of(record)));
    let of_one = |(_, record): &&(DocumentId, Option<StoredRecord>)| {
        case_of(record).is_some_and(|case| cases.contains(&case))
    };
    let parts: Vec<DocumentId> = held.iter().filter(of_one).map(|(id, _)| *id).collect();
    cases.extend(parts);
    cases
}

#[cfg(test)]
mod tests {
    use donghanh_shared::crdt::Kind;
    use minicbor::bytes::ByteVec;

    use super::*;

    fn id(byte: u8) -> DocumentId {
        DocumentId([byte; 16])
    }

    fn held(byte: u8, kind: Kind, case: Option<u8>) -> (DocumentId, Option<StoredRecord>) {
        let record = StoredRecord {
            kind,
            generation: 0,
            home_ward: None,
            case: case.map(id),
            scopes: Vec::new(),
            digest: None,
            pack: 0,
            revision: 0,
            bytes: ByteVec::from(Vec::new()),
        };
        (id(byte), Some(record))
    }

    #[test]
    fn with_a_case_goes_every_part_of_it_and_nothing_else() {
        let held = [
            held(1, Kind::AftercareCase, None),
            held(2, Kind::CheckIn, Some(1)),
            held(3, Kind::CheckIn, Some(1)),
            held(4, Kind::AftercareCase, None),
            held(5, Kind::CheckIn, Some(4)),
            (id(6), None),
            held(7, Kind::OutreachVisit, None),
        ];
        let gone = |erased: &[u8]| -> Vec<u8> {
            let erased = erased.iter().map(|byte| id(*byte)).collect();
            with_parts(&erased, &held).into_iter().map(|id| id.0[0]).collect()
        };
        assert_eq!(gone(&[1]), [1, 2, 3]);
        // The server refuses a part that it never had: its case is gone, and whatever else is part of it.
        assert_eq!(gone(&[2]), [1, 2, 3]);
        assert_eq!(gone(&[6]), [6], "something that was not begun here");
    }

    #[test]
    fn drafts_are_told_by_their_keys() {
        let gone = [id(1)].into();
        for (key, is_one) in [
            (format!("case:{}", id(1)), true),
            (format!("check-in:new/{}", id(1)), true),
            (format!("check-in:new/{}", id(2)), false),
            ("visit:new".to_owned(), false),
            ("last-visit".to_owned(), false),
        ] {
            assert_eq!(is_draft_of(&key, &gone), is_one, "{key}");
        }
    }
}
