//! What the device keeps: documents, the outbox, cursors, names and the register. In memory; a "crash" is a clone
//! taken before.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use donghanh_shared::access::Scope;
use donghanh_shared::crdt::{Document, gate};
use donghanh_shared::domain::error::Problem;
use donghanh_shared::domain::place::Place;
use donghanh_shared::ids::{ActorId, ChangeHash, Digest, DocumentId, PlaceId};
use donghanh_shared::sync::wire::{Answer, Cursor, PullItem, PullPage, PushItem, Reference};

/// One record.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// The saved document.
    pub bytes: Vec<u8>,
    /// Its heads, so that digests need no loading.
    pub heads: Vec<ChangeHash>,
    /// Its generation.
    pub generation: u32,
    /// The scopes (by the server's number) through which the device holds it. Empty: made here, not yet seen back.
    pub scopes: BTreeSet<u32>,
}

/// One thing that waits to be sent.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// What.
    pub item: PushItem,
    /// Why the server would not take it.
    pub refused: Option<String>,
}

/// The device's store.
#[derive(Clone, Debug, Default)]
pub struct Store {
    /// Records by id.
    pub records: HashMap<DocumentId, Record>,
    /// The outbox, in order.
    pub outbox: BTreeMap<u64, Waiting>,
    /// Number of the last outbox entry ever made.
    pub last_entry: u64,
    /// Cursors as of the last page.
    pub cursors: Vec<Cursor>,
    /// The server's epoch.
    pub epoch: u32,
    /// Scopes by number.
    pub scopes: BTreeMap<u32, Scope>,
    /// Names behind actors.
    pub names: HashMap<ActorId, String>,
    /// Places of the register.
    pub places: HashMap<PlaceId, Place>,
    /// Documents that could not be read, with their bytes.
    pub set_aside: Vec<(DocumentId, Vec<Vec<u8>>)>,
}

impl Store {
    /// The document, loaded.
    ///
    /// # Errors
    /// When its bytes do not load.
    pub fn document(&self, id: DocumentId) -> Option<Result<Document, Problem>> {
        self.records.get(&id).map(|record| Document::load(&record.bytes))
    }

    /// Keeps a document that was changed here.
    pub fn keep(&mut self, document: &Document) {
        let record = self.records.entry(document.id()).or_default();
        record.bytes = document.save();
        record.heads = document.heads();
        record.generation = document.generation();
    }

    /// Puts something into the outbox.
    pub fn enqueue(&mut self, item: PushItem) {
        self.last_entry += 1;
        self.outbox.insert(self.last_entry, Waiting { item, refused: None });
    }

    /// Entries after `after`, about `max_bytes` of them, refused ones left out.
    #[must_use]
    pub fn load_outbox(&self, after: u64, max_bytes: u32) -> Vec<(u64, PushItem)> {
        let mut left = i64::from(max_bytes);
        let mut entries = Vec::new();
        for (number, waiting) in
            self.outbox.range(after + 1..).filter(|(_, waiting)| waiting.refused.is_none())
        {
            left -= match &waiting.item {
                PushItem::Change { bytes, .. } => bytes.len() as i64 + 24,
                PushItem::Command { .. } => 64,
            };
            if left < 0 && !entries.is_empty() {
                break;
            }
            entries.push((*number, waiting.item.clone()));
        }
        entries
    }

    /// Records what became of entries.
    pub fn settle(&mut self, answers: &[(u64, Answer)]) {
        for (number, answer) in answers {
            match answer {
                Answer::Refused { code, .. } => {
                    if let Some(waiting) = self.outbox.get_mut(number) {
                        waiting.refused = Some(code.clone());
                    }
                }
                answer if answer.is_kept() => {
                    self.outbox.remove(number);
                }
                _ => {}
            }
        }
    }

    /// Stores a page with its cursors and answers with the digests of the scopes it names.
    pub fn store_page(&mut self, page: &PullPage, cursors: &[Cursor]) -> Vec<(u32, Digest)> {
        self.epoch = page.epoch;
        self.scopes.extend(page.scopes.iter().map(|info| (info.number, info.scope.clone())));
        self.names.extend(page.names.iter().map(|name| (name.actor, name.name.clone())));
        for item in &page.items {
            self.take(item);
        }
        for ended in &page.ended {
            self.scopes.remove(ended);
            self.leave_all(*ended);
        }
        self.cursors = cursors.to_vec();
        let waiting = self.waiting_documents();
        page.digests.iter().filter_map(|(scope, _)| Some((*scope, self.digest(*scope, &waiting)?))).collect()
    }

    /// Documents with edits that have not been sent.
    #[must_use]
    pub fn waiting_documents(&self) -> BTreeSet<DocumentId> {
        self.outbox
            .values()
            .filter_map(|waiting| match &waiting.item {
                PushItem::Change { document, .. } => Some(*document),
                PushItem::Command { .. } => None,
            })
            .collect()
    }

    /// The digest of a scope; `None` while edits of its documents wait.
    #[must_use]
    pub fn digest(&self, scope: u32, waiting: &BTreeSet<DocumentId>) -> Option<Digest> {
        let mut digest = Digest::EMPTY;
        for (id, record) in self.records.iter().filter(|(_, record)| record.scopes.contains(&scope)) {
            if waiting.contains(id) {
                return None;
            }
            digest = digest.plus(Digest::of_document(*id, record.generation, &record.heads));
        }
        Some(digest)
    }

    fn take(&mut self, item: &PullItem) {
        match item {
            PullItem::Snapshot { scope, document, generation, bytes, .. } => {
                self.take_snapshot(*scope, *document, *generation, bytes);
            }
            PullItem::Changes { scope, document, generation: _, changes } => {
                let raw: Vec<Vec<u8>> = changes.iter().map(|bytes| bytes.to_vec()).collect();
                let mut loaded = self.document(*document).and_then(Result::ok);
                match loaded.as_mut().map(|loaded| loaded.apply(&raw)) {
                    Some(Ok(())) => loaded.iter().for_each(|loaded| self.keep(loaded)),
                    _ => self.set_aside.push((*document, raw)),
                }
                if let Some(record) = self.records.get_mut(document) {
                    record.scopes.insert(*scope);
                }
            }
            PullItem::Leave { scope, document } => {
                if let Some(record) = self.records.get_mut(document) {
                    record.scopes.remove(scope);
                }
                self.drop_uncovered();
            }
            PullItem::Erase { document, .. } => {
                self.records.remove(document);
            }
            PullItem::Reference(Reference::Place(place)) => {
                self.places.insert(place.id, place.clone());
            }
            PullItem::Reference(_) => {}
        }
    }

    fn take_snapshot(&mut self, scope: u32, id: DocumentId, generation: u32, bytes: &[u8]) {
        match (Document::load(bytes), self.document(id)) {
            (Ok(theirs), Some(Ok(mut ours))) => {
                let changes: Vec<Vec<u8>> = theirs.changes().into_iter().map(|change| change.bytes).collect();
                match ours.apply(&changes) {
                    Ok(()) => self.keep(&ours),
                    Err(_) => self.set_aside.push((id, changes)),
                }
            }
            (Ok(theirs), _) => {
                let record =
                    Record { bytes: bytes.to_vec(), heads: theirs.heads(), generation, ..Record::default() };
                self.records.insert(id, record);
            }
            (Err(_), _) => self.set_aside.push((id, vec![bytes.to_vec()])),
        }
        if let Some(record) = self.records.get_mut(&id) {
            record.scopes.insert(scope);
        }
    }

    fn leave_all(&mut self, scope: u32) {
        for record in self.records.values_mut() {
            record.scopes.remove(&scope);
        }
        self.drop_uncovered();
    }

    /// Drops what no scope covers any more, unless its edits still wait.
    fn drop_uncovered(&mut self) {
        let waiting = self.waiting_documents();
        self.records.retain(|id, record| !record.scopes.is_empty() || waiting.contains(id));
    }

    /// The hashes of the changes of a document that wait.
    #[must_use]
    pub fn waiting_hashes(&self) -> BTreeSet<ChangeHash> {
        self.outbox
            .values()
            .filter_map(|waiting| match &waiting.item {
                PushItem::Change { bytes, .. } => gate::check(bytes.to_vec()).ok().map(|change| change.hash),
                PushItem::Command { .. } => None,
            })
            .collect()
    }
}
