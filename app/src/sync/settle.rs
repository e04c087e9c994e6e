//! What the server answered, into the outbox: kept entries go, refused ones stay with their reason and take what builds
//! on them with them, edits under another device's mark are done again by a fresh actor.

use std::collections::{BTreeSet, HashMap, HashSet};

use donghanh_shared::crdt::Document;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ActorId, ChangeHash, DocumentId};
use donghanh_shared::sync::wire::{Answer, to_bytes};
use minicbor::bytes::ByteVec;

use super::driver::Driver;
use super::merge::server_digest;
use super::offer;
use super::page::unsent;
use super::rebuild::{dependants, rebuild};
use super::scopes;
use crate::browser::{self, Slices};
use crate::store::{Batch, Line, OutboxEntry, Outcome, Payload, RecordWrite, Refusal, StoredRecord};

type Entries = Vec<(u64, OutboxEntry)>;

/// The outbox after these answers: numbers that are done, entries that are refused.
struct Verdict {
    done: Vec<u64>,
    refused: Vec<(u64, String)>,
}

impl Verdict {
    /// Documents of which the server says that they, or the cases that they were to be part of, were erased for good; and
    /// entries that only mention one, of which there is nothing to be seen or mended.
    fn erased(&self, outbox: &Entries) -> (BTreeSet<DocumentId>, Vec<u64>) {
        let code = Code::DocumentErased.code();
        let gone: Vec<u64> =
            self.refused.iter().filter(|(_, why)| why == code).map(|(number, _)| *number).collect();
        let entries = || outbox.iter().filter(|(number, _)| gone.contains(number));
        let documents = entries().filter_map(|(_, entry)| entry.document).collect();
        (documents, entries().filter(|(_, entry)| entry.document.is_none()).map(|(n, _)| *n).collect())
    }
}

fn verdict(outbox: &Entries, answers: &[(u64, Answer)]) -> Verdict {
    let entries: HashMap<u64, &OutboxEntry> = outbox.iter().map(|(number, entry)| (*number, entry)).collect();
    let mut verdict = Verdict { done: Vec::new(), refused: Vec::new() };
    for (number, answer) in answers {
        let Some(entry) = entries.get(number) else { continue };
        match answer {
            Answer::Ok(_) | Answer::Duplicate => verdict.done.push(*number),
            // Kept aside for a supervisor: not in the document yet, so the person should see it.
            Answer::Refused { code, .. } | Answer::Parked(code) => {
                verdict.refused.push((*number, code.clone()))
            }
            Answer::MissingDependencies if stands_on_refused(outbox, &verdict, entry) => {
                verdict.refused.push((*number, Code::DependsOnRefused.code().to_owned()));
            }
            Answer::MissingDependencies | Answer::RetryLater => {}
        }
    }
    let refused_now: HashSet<u64> = verdict.refused.iter().map(|(number, _)| *number).collect();
    let out = |number: &u64, entry: &OutboxEntry| refused_now.contains(number) || !entry.waits();
    let changes: HashSet<ChangeHash> = outbox
        .iter()
        .filter(|(number, entry)| out(number, entry))
        .filter_map(|(_, entry)| match &entry.payload {
            Payload::Change { hash, .. } => Some(*hash),
            Payload::Command { .. } | Payload::Photo { .. } => None,
        })
        .collect();
    let dependants = dependants(outbox, &changes);
    for (number, entry) in outbox {
        let falls = matches!(&entry.payload, Payload::Change { hash, .. } if dependants.contains(hash));
        if falls && !out(number, entry) && !verdict.done.contains(number) {
            verdict.refused.push((*number, Code::DependsOnRefused.code().to_owned()));
        }
    }
    verdict
}

fn stands_on_refused(outbox: &Entries, verdict: &Verdict, entry: &OutboxEntry) -> bool {
    let refused = |number: &u64, other: &OutboxEntry| {
        !other.waits() || verdict.refused.iter().any(|(refused, _)| refused == number)
    };
    outbox.iter().any(|(number, other)| other.document == entry.document && refused(number, other))
}

impl Driver {
    /// Records what became of the entries of a batch.
    pub(super) async fn settle(&self, answers: &[(u64, Answer)]) -> Result<(), Problem> {
        let mut foreign = Vec::new();
        loop {
            let outbox = self.store.outbox().await?;
            let verdict = verdict(&outbox, answers);
            let mut batch = Batch { outbox_drop: verdict.done.clone(), ..Batch::default() };
            foreign.clear();
            for (number, entry) in &outbox {
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
            let (erased, of_none) = verdict.erased(&outbox);
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
                outbox_add: rebuilt.add,
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

#[cfg(test)]
mod tests {
    use donghanh_shared::command::outreach_visit::VisitEdit;
    use donghanh_shared::command::{Command, Edits};
    use donghanh_shared::crdt::Kind;
    use donghanh_shared::ids::CommandId;

    use super::*;

    fn outbox() -> Entries {
        let id = DocumentId([1; 16]);
        let mut document = Document::create(Kind::OutreachVisit, id, 0);
        let ward = "08707@2025-07-01".parse().expect("ward");
        let create = Command::CreateDocument { document: id, kind: Kind::OutreachVisit, ward };
        let mut payloads = vec![Payload::Command { id: CommandId([1; 16]), command: create }];
        for text in ["a", "ab", "abc"] {
            let edits = Edits::from(vec![VisitEdit::Notes(text.to_owned())]);
            let change = edits.apply(&mut document, ActorId([3; 16]), 1).expect("edit").expect("change");
            payloads.push(Payload::Change { hash: change.hash, bytes: ByteVec::from(change.bytes), edits });
        }
        let entry =
            |payload| OutboxEntry { document: Some(id), generation: 0, payload, at: 1, refused: None };
        payloads.into_iter().enumerate().map(|(at, payload)| (at as u64 + 10, entry(payload))).collect()
    }

    #[test]
    fn a_refused_change_takes_its_dependants_along_even_unsent_ones() {
        let answers = [(10, Answer::Ok(1)), (11, Answer::Ok(2)), (12, Answer::refused(Code::TextTooLong))];
        let verdict = verdict(&outbox(), &answers);
        assert_eq!(verdict.done, [10, 11]);
        let code = |code: Code| code.code().to_owned();
        assert_eq!(verdict.refused, [(12, code(Code::TextTooLong)), (13, code(Code::DependsOnRefused))]);
    }

    #[test]
    fn what_is_to_be_tried_again_stays() {
        let answers: Vec<_> = (10..14).map(|number| (number, Answer::RetryLater)).collect();
        let verdict = verdict(&outbox(), &answers);
        assert!(verdict.done.is_empty() && verdict.refused.is_empty());
    }

    #[test]
    fn missing_dependencies_count_as_refused_only_behind_a_refusal() {
        let answers = [(11, Answer::MissingDependencies)];
        assert!(verdict(&outbox(), &answers).refused.is_empty());
        let answers = [(10, Answer::refused(Code::WardUnknown)), (11, Answer::MissingDependencies)];
        assert_eq!(verdict(&outbox(), &answers).refused.len(), 4);
    }

    #[test]
    fn what_the_server_says_was_erased_is_told_from_other_refusals() {
        let read = Command::NoteRead { document: DocumentId([2; 16]), at: 1 };
        let payload = Payload::Command { id: CommandId([9; 16]), command: read };
        let mut outbox = outbox();
        outbox.push((20, OutboxEntry { document: None, generation: 0, payload, at: 1, refused: None }));
        let gone = |number| (number, Answer::refused(Code::DocumentErased));
        let erased = |answers: &[(u64, Answer)]| verdict(&outbox, answers).erased(&outbox);
        assert_eq!(erased(&[gone(11), gone(20)]), ([DocumentId([1; 16])].into(), vec![20]));
        assert_eq!(
            erased(&[(11, Answer::refused(Code::NotAllowed)), (20, Answer::Ok(0))]),
            Default::default()
        );
    }
}
