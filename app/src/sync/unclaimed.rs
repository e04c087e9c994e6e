//! Records that were begun here, reached the server, and are in no scope that this phone reads: a part of a case that had moved
//! away before its author heard of it. No page ever names a scope for them, so no page takes them away either.

use std::collections::{BTreeSet, HashSet};

use donghanh_shared::domain::error::Problem;
use donghanh_shared::ids::DocumentId;
use donghanh_shared::sync::outbox::is_tried_again;

use super::driver::Driver;
use crate::store::{Batch, OutboxEntry, Outcome, RecordWrite, StoredRecord};

/// How many records a walk over the store reads at once.
const WALK: u32 = 200;

/// Whether the server has everything of a record, and has never said through which scope the phone holds it.
fn is_unclaimed(id: DocumentId, record: &StoredRecord, waiting: &HashSet<DocumentId>) -> bool {
    record.digest.is_none() && record.scopes.is_empty() && !waiting.contains(&id)
}

impl Driver {
    /// Lets go of them. Only once everything that the server had was stored: until then a page may still name their scopes.
    pub(super) async fn drop_unclaimed(&self) -> Result<(), Problem> {
        self.offer_unnamed().await?;
        let mut after = None;
        loop {
            let records = self.store.records_after(after, WALK).await?;
            let Some((last, _)) = records.last() else { return Ok(()) };
            let last = *last;
            // Read behind the records: what was begun in between has its entry here.
            let waiting: HashSet<DocumentId> =
                self.store.outbox().await?.iter().filter_map(|(_, entry)| entry.document).collect();
            let unclaimed = records.iter().filter(|(id, record)| is_unclaimed(*id, record, &waiting));
            let dropped = unclaimed.map(|(id, record)| (*id, record.revision)).collect();
            let batch = Batch { dropped, ..Batch::default() };
            if !batch.dropped.is_empty() {
                if self.store.commit(&batch).await? == Outcome::Stale {
                    continue;
                }
                self.announce(batch);
            }
            after = Some(last);
        }
    }
}

impl Driver {
    /// Sends what was refused of cases that this phone reads no longer once more, in a batch that the server has not answered before;
    /// see [`is_tried_again`].
    pub(super) async fn try_again(&self) -> Result<(), Problem> {
        loop {
            let outbox = self.store.outbox().await?;
            let refused = outbox.iter().filter(|(_, entry)| !entry.waits());
            let ids: BTreeSet<DocumentId> = refused.filter_map(|(_, entry)| entry.document).collect();
            let ids = Vec::from_iter(ids);
            let mut records = Vec::new();
            for (id, record) in ids.iter().zip(self.store.records(&ids).await?) {
                let Some(record) = record.filter(|r| is_tried_again(r.kind, r.scopes.len())) else {
                    continue;
                };
                let line = self.store.lines(&[*id]).await?.pop();
                records.push(RecordWrite { id: *id, expected: Some(record.revision), record, line });
            }
            // Read behind the records: what another window did before is in it, what it does after makes them other records.
            let mut own = self.store.outbox().await?;
            let of_others = self.of_others(&own).await?;
            own.retain(|(number, _)| !of_others.contains(number));
            let Some(batch) = again(own, records) else { return Ok(()) };
            if self.store.commit(&batch).await? == Outcome::Stale {
                continue;
            }
            self.announce(batch);
            self.go_on();
            return Ok(());
        }
    }
}

/// Puts what was refused of these records behind everything else, with what waits of them: one after the other, as they were made. The
/// records are written as they are: another window that saved or gave up something of them meanwhile makes this stale, and this
/// makes stale what it is about to write; else an entry would stand twice, or be back.
fn again(mut own: Vec<(u64, OutboxEntry)>, records: Vec<RecordWrite>) -> Option<Batch> {
    own.retain(|(_, entry)| records.iter().any(|record| entry.document == Some(record.id)));
    if own.iter().all(|(_, entry)| entry.waits()) {
        return None;
    }
    let (outbox_drop, entries): (Vec<u64>, Vec<OutboxEntry>) = own.into_iter().unzip();
    let outbox_add = entries.into_iter().map(|entry| OutboxEntry { refused: None, ..entry }).collect();
    Some(Batch { outbox_drop, outbox_add, records, ..Batch::default() })
}

#[cfg(test)]
mod tests {
    use donghanh_shared::crdt::Kind;
    use donghanh_shared::ids::{Digest, PhotoId};
    use minicbor::bytes::ByteVec;

    use super::*;
    use crate::store::{Payload, Refusal};

    fn record() -> StoredRecord {
        StoredRecord {
            kind: Kind::CheckIn,
            generation: 0,
            home_ward: None,
            case: None,
            scopes: Vec::new(),
            digest: None,
            pack: 0,
            revision: 7,
            bytes: ByteVec::from(Vec::new()),
        }
    }

    #[test]
    fn only_what_no_page_ever_named_and_nothing_waits_of() {
        let id = DocumentId([1; 16]);
        let record = record();
        assert!(is_unclaimed(id, &record, &HashSet::new()));
        assert!(!is_unclaimed(id, &record, &HashSet::from([id])));
        let named = StoredRecord { digest: Some(Digest::EMPTY), scopes: vec![1], ..record };
        assert!(!is_unclaimed(id, &named, &HashSet::new()));
    }

    #[test]
    fn what_is_tried_again_goes_in_its_order_and_only_on_records_as_they_were_read() {
        let (case, other) = (DocumentId([1; 16]), DocumentId([2; 16]));
        let entry = |id, code: Option<&str>| OutboxEntry {
            document: Some(id),
            generation: 0,
            payload: Payload::Photo { photo: PhotoId([3; 32]) },
            at: 5,
            refused: code.map(|code| Refusal { code: code.to_owned(), at: 6 }),
        };
        let refused = Some("not_allowed");
        let own = vec![(1, entry(case, refused)), (2, entry(other, refused)), (4, entry(case, None))];
        let record = || RecordWrite { id: case, expected: Some(7), record: record(), line: None };
        let batch = again(own.clone(), vec![record()]).expect("a batch");
        assert_eq!(batch.outbox_drop, [1, 4]);
        assert_eq!(batch.outbox_add, [entry(case, None), entry(case, None)]);
        assert_eq!(batch.records, [record()], "another window may have given it up meanwhile");
        assert!(again(own, Vec::new()).is_none());
        assert!(again(vec![(4, entry(case, None))], vec![record()]).is_none(), "it was given up in between");
    }
}
