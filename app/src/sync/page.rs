//! A page of the server into the store: documents merged in slices, then records, rows, digests and cursors in one
//! transaction.

use std::collections::{BTreeSet, HashMap, HashSet};

use donghanh_shared::access::Scope;
use donghanh_shared::domain::aftercare::AftercareRules;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ChangeHash, Digest, DocumentId};
use donghanh_shared::sync::page::{Kept, Merged, merge};
use donghanh_shared::sync::wire::{Cursor, PullItem, PullPage, Reference, to_bytes};
use minicbor::bytes::ByteVec;

use super::driver::{Driver, Notice};
use super::erased;
use super::merge::{held, written};
use super::offer;
use super::scopes::{self, Scopes};
use crate::browser::{self, Slices};
use crate::store::{Batch, OutboxEntry, Outcome, Payload, RecordWrite, SetAside, StoredRecord};

/// How many records a walk over the store reads at once.
pub(super) const WALK: u32 = 200;

/// A page by document, in the page's order.
struct Sorted<'a> {
    documents: Vec<(DocumentId, Vec<&'a PullItem>)>,
    reference: Vec<Reference>,
}

fn sorted(page: &PullPage) -> Sorted<'_> {
    let mut at: HashMap<DocumentId, usize> = HashMap::new();
    let mut sorted = Sorted { documents: Vec::new(), reference: Vec::new() };
    for item in &page.items {
        let id = match item {
            PullItem::Snapshot { document, .. }
            | PullItem::Changes { document, .. }
            | PullItem::Leave { document, .. }
            | PullItem::Erase { document, .. } => *document,
            PullItem::Reference(piece) => {
                sorted.reference.push(piece.clone());
                continue;
            }
        };
        let place = *at.entry(id).or_insert_with(|| {
            sorted.documents.push((id, Vec::new()));
            sorted.documents.len() - 1
        });
        sorted.documents[place].1.push(item);
    }
    sorted
}

/// What of each document waits in the outbox: its changes by their hashes, and its pictures by theirs, which no change has.
pub(super) fn unsent(outbox: &[(u64, OutboxEntry)]) -> HashMap<DocumentId, HashSet<ChangeHash>> {
    let mut unsent: HashMap<DocumentId, HashSet<ChangeHash>> = HashMap::new();
    for (_, entry) in outbox {
        let Some(document) = entry.document else { continue };
        let hash = match &entry.payload {
            Payload::Change { hash, .. } => *hash,
            Payload::Photo { photo } => ChangeHash(photo.0),
            Payload::Command { .. } => continue,
        };
        unsent.entry(document).or_default().insert(hash);
    }
    unsent
}

impl Driver {
    /// Stores a page with its cursors; gives the digests of the scopes that it named.
    pub(super) async fn store_page(
        &self,
        page: PullPage,
        cursors: Vec<Cursor>,
    ) -> Result<Vec<(u32, Digest)>, Problem> {
        if !self.may_hold_cases && brings_cases(&page) {
            self.tell(Notice::LockTooWeak);
            return Err(Problem::new(Code::PassphraseNeeded));
        }
        self.note_epoch(page.epoch);
        for ended in &page.ended {
            self.end_scope(*ended).await?;
        }
        let Sorted { documents, reference } = sorted(&page);
        loop {
            let mut scopes = self.scopes.borrow().clone();
            // Durable with the page or not at all: what is noted of a page that was not stored would be missed for ever.
            scopes.places = self.expected_places(&page).await?.or(scopes.places);
            for begun in self.begun_anew(&page).await? {
                begun.note(&mut scopes);
            }
            scopes.name(&page.scopes);
            scopes.strike_places(&reference);
            scopes.cursors.clone_from(&cursors);
            scopes.epoch = page.epoch;
            let mut batch =
                Batch { names: page.names.clone(), reference: reference.clone(), ..Batch::default() };
            self.merge_documents(&documents, &mut scopes, &mut batch).await?;
            self.offer_what_is_lost(&page, &mut scopes, &mut batch).await?;
            scopes.compare(&page);
            batch.meta.retain(|(key, _)| *key != scopes::KEY);
            batch.meta.push((scopes::KEY, to_bytes(&scopes)));
            if self.store.commit(&batch).await? == Outcome::Stale {
                continue;
            }
            self.scopes.replace(scopes);
            if !batch.outbox_add.is_empty() {
                self.go_on();
            }
            self.announce(batch);
            break;
        }
        // The first download says what the sign-in said a moment ago.
        let complete = self.scopes.borrow().complete;
        if complete && !(page.scopes.is_empty() && page.ended.is_empty() && page.unknown.is_none()) {
            self.tell(Notice::Rights);
        }
        let scopes = self.scopes.borrow();
        Ok(page.digests.iter().map(|(number, _)| (*number, scopes.digest(*number))).collect())
    }

    async fn merge_documents(
        &self,
        documents: &[(DocumentId, Vec<&PullItem>)],
        scopes: &mut Scopes,
        batch: &mut Batch,
    ) -> Result<(), Problem> {
        if documents.is_empty() {
            return Ok(());
        }
        let outbox = self.store.outbox().await?;
        let unsent = unsent(&outbox);
        let none = HashSet::new();
        let crashed = browser::crashed();
        let ids: Vec<DocumentId> = documents.iter().map(|(id, _)| *id).collect();
        let existing = self.store.records(&ids).await?;
        let rules = self.store.rules();
        let brings = self.brings(scopes).await?;
        let mut slices = Slices::begin();
        let mut erased = BTreeSet::new();
        for ((id, items), existing) in documents.iter().zip(&existing) {
            let merged = if crashed.contains(id) {
                // The program died on it before: its bytes are kept, and it is left alone.
                let bytes = items.iter().flat_map(|item| bytes_of(item)).collect();
                Merged::SetAside { bytes, problem: Problem::new(Code::ChangeMalformed) }
            } else {
                let unsent = unsent.get(id).unwrap_or(&none);
                browser::in_hand(*id, || {
                    merge(existing.as_ref().map(held), unsent, *id, items, brings.as_ref())
                })
            };
            if matches!(merged, Merged::Drop { erased: true }) {
                erased.insert(*id);
            } else {
                let (rules, existing) = (&rules.rules, existing.as_ref());
                browser::in_hand(*id, || take(batch, scopes, (&outbox, rules), (*id, existing), merged));
            }
            slices.turn().await;
        }
        self.let_go_of_erased(erased, &outbox, scopes, batch).await
    }

    /// Tells what a batch changed, now that it is durable.
    pub(super) fn announce(&self, batch: Batch) {
        let Batch { records, dropped, outbox_add, outbox_put, outbox_drop, names, reference, meta, .. } =
            batch;
        if meta.iter().any(|(key, _)| *key == erased::KEY) {
            self.tell(Notice::ErasedUnsent);
        }
        if !reference.is_empty() {
            self.tell(Notice::Reference(reference));
        }
        if !names.is_empty() {
            self.tell(Notice::Names(names));
        }
        if !outbox_add.is_empty() || !outbox_put.is_empty() || !outbox_drop.is_empty() {
            self.tell(Notice::Outbox);
        }
        if !records.is_empty() {
            self.tell(Notice::Lines(records.into_iter().filter_map(|write| write.line).collect()));
        }
        if !dropped.is_empty() {
            self.tell(Notice::Dropped(dropped.into_iter().map(|(id, _)| id).collect()));
        }
    }

    /// Notes that everything was read once.
    pub(super) async fn complete(&self) -> Result<(), Problem> {
        let scopes = Scopes { complete: true, ..self.scopes.borrow().clone() };
        let batch = Batch { meta: vec![(scopes::KEY, to_bytes(&scopes))], ..Batch::default() };
        self.store.commit(&batch).await?;
        self.scopes.replace(scopes);
        Ok(())
    }

    /// Everything that the server had is stored: a scope without a cursor by now is one that it gave nothing of. The right to it
    /// ended while it was fetched anew, and nobody could say so of a scope that nobody asked for.
    pub(super) async fn end_unnamed(&self) -> Result<(), Problem> {
        let asked: HashSet<u32> = self.session.borrow().cursors().iter().map(|cursor| cursor.scope).collect();
        let known: Vec<u32> = self.scopes.borrow().states.keys().copied().collect();
        for number in known.into_iter().filter(|number| !asked.contains(number)) {
            self.end_scope(number).await?;
        }
        Ok(())
    }

    /// Drops what only this scope covered; what waits to be sent is handed over first, and stays until then. So does what this
    /// person wrote, when the server was put back: nobody will say whether it still has that.
    async fn end_scope(&self, number: u32) -> Result<(), Problem> {
        let (mut after, none) = (None, HashSet::new());
        let brings = self.brings_of_ended().await?;
        loop {
            let records = self.store.records_after(after, WALK).await?;
            let Some((last, _)) = records.last() else { break };
            let last = *last;
            let waiting = unsent(&self.store.outbox().await?);
            let mut scopes = self.scopes.borrow().clone();
            let mut batch = Batch::default();
            for (id, record) in records {
                if !record.scopes.contains(&number) {
                    continue;
                }
                let left: Vec<u32> = record.scopes.iter().copied().filter(|scope| *scope != number).collect();
                scopes.shift((&record.scopes, record.digest), (&left, record.digest));
                let mut waits = waiting.contains_key(&id);
                if let Some(authors) = brings.as_ref().filter(|_| left.is_empty()) {
                    let unsent = waiting.get(&id).unwrap_or(&none);
                    let scope = scopes.states.get(&number).and_then(|state| state.scope.as_ref());
                    let offered = offer::offered_ended(id, &record, authors, unsent, scope);
                    waits |= !offered.is_empty();
                    batch.outbox_add.extend(offered);
                }
                if left.is_empty() && !waits {
                    batch.dropped.push((id, record.revision));
                } else {
                    let line = self.store.lines(&[id]).await?.pop();
                    let expected = Some(record.revision);
                    batch.records.push(RecordWrite {
                        id,
                        expected,
                        record: StoredRecord { scopes: left, ..record },
                        line,
                    });
                }
            }
            scopes.end(number);
            batch.meta.push((scopes::KEY, to_bytes(&scopes)));
            if self.store.commit(&batch).await? == Outcome::Stale {
                continue;
            }
            self.scopes.replace(scopes);
            if !batch.outbox_add.is_empty() {
                self.go_on();
            }
            self.announce(batch);
            after = Some(last);
        }
        Ok(())
    }
}

/// Whether a page begins a scope of after-care, or holds a part of a case.
fn brings_cases(page: &PullPage) -> bool {
    let is_case =
        |scope: &Scope| matches!(scope, Scope::Aftercare(_) | Scope::AftercareRestricted(_) | Scope::Case(_));
    let is_part = |item: &PullItem| matches!(item, PullItem::Snapshot { kind, .. } if kind.is_aftercare());
    page.scopes.iter().any(|info| is_case(&info.scope)) || page.items.iter().any(is_part)
}

fn bytes_of(item: &PullItem) -> Vec<u8> {
    match item {
        PullItem::Snapshot { bytes, .. } => bytes.to_vec(),
        PullItem::Changes { changes, .. } => changes.iter().flat_map(|change| change.to_vec()).collect(),
        _ => Vec::new(),
    }
}

/// Puts what became of one document into the batch.
fn take(
    batch: &mut Batch,
    scopes: &mut Scopes,
    (outbox, rules): (&[(u64, OutboxEntry)], &AftercareRules),
    (id, existing): (DocumentId, Option<&StoredRecord>),
    merged: Merged,
) {
    let before = existing.map_or((&[][..], None), |record| (record.scopes.as_slice(), record.digest));
    match merged {
        Merged::Write(kept) => {
            let (mut record, line) = written(&kept, rules);
            let Kept { arrived, lost, .. } = *kept;
            batch.outbox_add.extend(lost.into_iter().map(|change| offer::entry((id, &record), change)));
            scopes.shift(before, (&record.scopes, record.digest));
            let ward = line.as_ref().and_then(|line| line.summary.as_ref()?.ward);
            record.home_ward = record
                .home_ward
                .or(ward)
                .or_else(|| record.scopes.iter().find_map(|scope| scopes.ward(*scope)));
            let mine = outbox.iter().filter(|(_, entry)| entry.document == Some(id));
            let arrived = mine.filter(|(_, entry)| match &entry.payload {
                Payload::Change { hash, .. } => arrived.contains(hash),
                Payload::Command { .. } | Payload::Photo { .. } => false,
            });
            batch.outbox_drop.extend(arrived.map(|(number, _)| *number));
            let expected = existing.map(|record| record.revision);
            batch.records.push(RecordWrite { id, expected, record, line });
        }
        Merged::Drop { .. } => {
            scopes.shift(before, (&[], None));
            batch.dropped.extend(existing.map(|record| (id, record.revision)));
        }
        Merged::Nothing => {}
        Merged::SetAside { bytes, problem } => {
            browser::warn(&format!("document {id} is set aside: {problem}"));
            let code = problem.code.code().to_owned();
            batch.set_aside.push(SetAside {
                document: id,
                bytes: ByteVec::from(bytes),
                code,
                at: browser::now(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use donghanh_shared::crdt::Kind;
    use donghanh_shared::sync::wire::ScopeInfo;

    use super::*;

    #[test]
    fn a_page_with_anything_of_a_case_is_told_from_others() {
        let of = |scope: &str| PullPage {
            scopes: vec![ScopeInfo { number: 1, scope: scope.parse().expect("scope"), write: true }],
            ..PullPage::default()
        };
        let with = |kind| PullPage {
            items: vec![PullItem::Snapshot {
                scope: 1,
                document: DocumentId([1; 16]),
                generation: 0,
                kind,
                bytes: ByteVec::from(Vec::new()),
                case: None,
                home: None,
            }],
            ..PullPage::default()
        };
        let case = format!("case/{}", DocumentId([2; 16]));
        for scope in ["aftercare/08707@2025-07-01", "aftercare_restricted/08707@2025-07-01", &case] {
            assert!(brings_cases(&of(scope)), "{scope}");
        }
        assert!(brings_cases(&with(Kind::CheckIn)));
        for page in [of("activity/08707@2025-07-01"), of("reference"), with(Kind::OutreachVisit)] {
            assert!(!brings_cases(&page));
        }
    }
}
