//! What the server answered, into the outbox: kept entries go, refused ones stay with their reason and take what builds
//! on them with them, edits under another device's mark are done again by a fresh actor.

use std::collections::HashSet;

use donghanh_shared::crdt::Document;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ActorId, DocumentId};
use donghanh_shared::sync::offer::{about_own, not_taken};
use donghanh_shared::sync::outbox::verdict;
use donghanh_shared::sync::page::server_digest;
use donghanh_shared::sync::wire::{Answer, to_bytes};
use minicbor::bytes::ByteVec;

use super::driver::Driver;
use super::offer;
use super::page::unsent;
use super::rebuild::{added, rebuild, seen};
use super::scopes;
use crate::browser::{self, Slices};
use crate::store::{Batch, Line, OutboxEntry, Outcome, RecordWrite, Refusal, StoredRecord};

type Entries = Vec<(u64, OutboxEntry)>;

impl Driver {
    /// Records what became of the entries of a batch.
    pub(super) async fn settle(&self, answers: &[(u64, Answer)]) -> Result<(), Problem> {
        let mut foreign = Vec::new();
        loop {
            let outbox = self.store.outbox().await?;
            let of_others = self.of_others(&outbox).await?;
            let verdict = verdict(&seen(&outbox), &about_own(answers, &of_others));
            let mut batch = Batch { outbox_drop: verdict.done.clone(), ..Batch::default() };
            foreign.clear();
            batch.outbox_drop.extend(not_taken(answers, &of_others));
            for (number, entry) in outbox.iter().filter(|(number, _)| !of_others.contains(number)) {
                let Some((_, code)) = verdict.refused.iter().find(|(refused, _)| refused == number) else {
                    continue;
                };
                if code == Code::ActorForeign.code() {
                    if offer::is_one(entry) {
                        // Of another phone of the same person: that one offers it itself.
                        batch.outbox_drop.push(*number);
                        continue;
                    }
                    foreign.extend(entry.document);
                }
                let refused = Some(Refusal { code: code.clone(), at: browser::now() });
                batch.outbox_put.push((*number, OutboxEntry { refused, ..entry.clone() }));
            }
            let left: Entries = outbox.iter().filter(|(n, _)| !verdict.done.contains(n)).cloned().collect();
            let (erased, of_none) = verdict.erased(&seen(&outbox));
            batch.outbox_put.retain(|(number, _)| !of_none.contains(number));
            batch.outbox_drop.extend(of_none);
            let mut touched = documents(&outbox, &verdict.done);
            touched.retain(|id| !erased.contains(id));
            let mut scopes = self.count_in(&touched, &left, &mut batch).await?;
            self.let_go_of_erased(erased, &outbox, &mut scopes, &mut batch).await?;
            if self.store.commit(&batch).await? == Outcome::Stale {
                continue;
            }
            self.scopes.replace(scopes);
            self.announce(batch);
            break;
        }
        foreign.sort_unstable();
        foreign.dedup();
        for document in foreign {
            self.do_again(document).await?;
        }
        Ok(())
    }

    /// Counts what the server now has into the digests; drops what no scope covers once everything is handed over.
    async fn count_in(
        &self,
        touched: &[DocumentId],
        left: &Entries,
        batch: &mut Batch,
    ) -> Result<scopes::Scopes, Problem> {
        let mut scopes = self.scopes.borrow().clone();
        let unsent = unsent(left);
        let none = HashSet::new();
        let mut slices = Slices::begin();
        for (id, record) in touched.iter().zip(self.store.records(touched).await?) {
            // Without a digest the server has not named its scopes yet: the next page does.
            self.unclaimed
                .set(self.unclaimed.get() || record.as_ref().is_some_and(|record| record.digest.is_none()));
            let Some(record) = record.filter(|record| record.digest.is_some()) else { continue };
            let waiting = unsent.get(id).unwrap_or(&none);
            if record.scopes.is_empty() && waiting.is_empty() {
                batch.dropped.push((*id, record.revision));
                continue;
            }
            let Ok(document) = browser::in_hand(*id, || Document::load(&record.bytes)) else { continue };
            let digest = Some(server_digest(&document, waiting));
            if digest != record.digest {
                scopes.shift((&record.scopes, record.digest), (&record.scopes, digest));
                let line = Line::of_record(&document, record.case, &self.store.rules().rules);
                let expected = Some(record.revision);
                batch.records.push(RecordWrite {
                    id: *id,
                    expected,
                    record: StoredRecord { digest, ..record },
                    line,
                });
            }
            slices.turn().await;
        }
        if !batch.records.is_empty() || !batch.dropped.is_empty() {
            batch.meta.push((scopes::KEY, to_bytes(&scopes)));
        }
        Ok(scopes)
    }

    /// Edits that the server refused for their author alone, done again by a fresh one.
    async fn do_again(&self, id: DocumentId) -> Result<(), Problem> {
        loop {
            let Some(record) = self.store.record(id).await? else { return Ok(()) };
            let mine = |(_, entry): &(u64, OutboxEntry)| entry.document == Some(id);
            let entries: Entries = self.store.outbox().await?.into_iter().filter(mine).collect();
            let actor = ActorId(browser::random_id());
            let document = browser::in_hand(id, || Document::load(&record.bytes))?;
            let Some(mut rebuilt) = rebuild(&document, &entries, actor)? else { return Ok(()) };
            rebuilt.keep_refused(actor)?;
            let line = Line::of_record(&rebuilt.document, record.case, &self.store.rules().rules);
            let bytes = ByteVec::from(rebuilt.document.save());
            let expected = Some(record.revision);
            let batch = Batch {
                records: vec![RecordWrite { id, expected, record: StoredRecord { bytes, ..record }, line }],
                outbox_add: added(&rebuilt.document, rebuilt.add),
                outbox_drop: rebuilt.drop,
                names: vec![self.identity.named(actor)],
                ..Batch::default()
            };
            if self.store.commit(&batch).await? != Outcome::Stale {
                self.announce(batch);
                return Ok(());
            }
        }
    }
}

fn documents(outbox: &Entries, numbers: &[u64]) -> Vec<DocumentId> {
    let done = outbox.iter().filter(|(number, _)| numbers.contains(number));
    let mut documents: Vec<DocumentId> = done.filter_map(|(_, entry)| entry.document).collect();
    documents.sort_unstable();
    documents.dedup();
    documents
}
