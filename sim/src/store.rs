//! What the device keeps: documents, the outbox, cursors, names and the register. In memory; a "crash" is a clone
//! taken before. What a page does to a document is in [`donghanh_shared::sync::page`], what an answer does to the outbox in
//! `settle`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use donghanh_shared::access::Scope;
use donghanh_shared::command::Edits;
use donghanh_shared::command::outreach_visit::NewChange;
use donghanh_shared::crdt::{Document, Kind};
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::Problem;
use donghanh_shared::domain::place::Place;
use donghanh_shared::ids::{ActorId, ChangeHash, Digest, DocumentId, PersonId, PlaceId};
use donghanh_shared::sync::offer::Anew;
use donghanh_shared::sync::page::{Held, Kept, Merged, merge, server_digest};
use donghanh_shared::sync::parts::Compared;
use donghanh_shared::sync::wire::{Cursor, PullItem, PullPage, PushItem, Reference};

use crate::offer::Remade;

/// One record.
#[derive(Clone, Debug)]
pub struct Record {
    /// The saved document.
    pub bytes: Vec<u8>,
    /// Its heads, so that digests need no loading.
    pub heads: Vec<ChangeHash>,
    /// Its generation.
    pub generation: u32,
    /// Its kind.
    pub kind: Kind,
    /// The core of the case that it is, or is part of.
    pub case: Option<DocumentId>,
    /// Its home ward, as far as the device knows.
    pub home: Option<WardRef>,
    /// Whether a scope ever covered it: of what was begun here, the next page names the scopes.
    pub was_covered: bool,
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
    /// The edits that a change came from, and when they were made; a rebuilt record does them again.
    pub edits: Option<(Edits, Millis)>,
    /// The hash of a change.
    pub hash: Option<ChangeHash>,
}

impl Waiting {
    /// The document that it is about.
    #[must_use]
    pub fn document(&self) -> Option<DocumentId> {
        match &self.item {
            PushItem::Change { document, .. } => Some(*document),
            PushItem::Command { command, .. } => command.document(),
        }
    }
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
    /// Scopes that differ from the server's, until they are mended.
    pub differing: BTreeSet<u32>,
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
    /// Scopes in which the person may write.
    pub(crate) writes: BTreeSet<u32>,
    /// Whose device it is.
    pub(crate) person: Option<PersonId>,
    /// Actors of that person.
    pub(crate) own: HashSet<ActorId>,
    /// Scopes that are begun anew, each with what the server has not given again yet.
    pub(crate) anew: Anew,
    /// The server said that it was put back, and not all of that is looked through yet.
    pub(crate) restored: bool,
    /// The same, of what it had from here and never named a scope of.
    pub(crate) unnamed: bool,
    /// Records to be made again.
    pub(crate) remade: Vec<Remade>,
}

impl Record {
    /// Of a document that is in no case and no scope.
    fn of(document: &Document) -> Self {
        Self {
            bytes: document.save(),
            heads: document.heads(),
            generation: document.generation(),
            kind: document.kind(),
            case: None,
            home: None,
            was_covered: false,
            scopes: BTreeSet::new(),
        }
    }
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
        let before = self.records.remove(&document.id());
        let new = Record::of(document);
        let new = match before {
            Some(Record { case, home, was_covered, scopes, .. }) => {
                Record { case, home, was_covered, scopes, ..new }
            }
            None => new,
        };
        self.records.insert(document.id(), new);
    }

    /// Notes the case that a record is part of, and the ward it was made in.
    pub fn put_in_case(&mut self, id: DocumentId, case: Option<DocumentId>, home: Option<WardRef>) {
        if let Some(record) = self.records.get_mut(&id) {
            (record.case, record.home) = (case, home.or(record.home));
        }
    }

    /// Puts something into the outbox.
    pub fn enqueue(&mut self, item: PushItem) {
        self.push(Waiting { item, refused: None, edits: None, hash: None });
    }

    /// Puts a change into the outbox, with the edits it came from.
    pub fn enqueue_edits(
        &mut self,
        document: DocumentId,
        generation: u32,
        change: NewChange,
        at: Millis,
        edits: Edits,
    ) {
        let (hash, edits) = (Some(change.hash), Some((edits, at)));
        let item = PushItem::Change { document, generation, bytes: change.bytes.into() };
        self.push(Waiting { item, refused: None, edits, hash });
    }

    fn push(&mut self, waiting: Waiting) {
        self.last_entry += 1;
        self.outbox.insert(self.last_entry, waiting);
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

    /// Stores a page with its cursors and answers with the digests of the scopes it names.
    pub fn store_page(&mut self, page: &PullPage, cursors: &[Cursor]) -> Vec<(u32, Digest)> {
        self.note_epoch(page.epoch);
        for ended in &page.ended {
            self.scopes.remove(ended);
            self.writes.remove(ended);
            self.leave_all(*ended);
        }
        for again in page.scopes.iter().map(|info| info.number).chain(page.unknown.iter().flatten().copied())
        {
            self.begin_anew(again, None);
        }
        for mended in page.mended.iter().flatten() {
            self.begin_anew(mended.scope, Some(mended));
        }
        self.scopes.extend(page.scopes.iter().map(|info| (info.number, info.scope.clone())));
        for info in &page.scopes {
            if info.write {
                self.writes.insert(info.number)
            } else {
                self.writes.remove(&info.number)
            };
        }
        self.names.extend(page.names.iter().map(|name| (name.actor, name.name.clone())));
        let own = page.names.iter().filter(|name| Some(name.person) == self.person);
        self.own.extend(own.map(|name| name.actor));
        let mut documents: Vec<(DocumentId, Vec<&PullItem>)> = Vec::new();
        for item in &page.items {
            let id = match item {
                PullItem::Snapshot { document, .. }
                | PullItem::Changes { document, .. }
                | PullItem::Leave { document, .. }
                | PullItem::Erase { document, .. } => *document,
                PullItem::Reference(Reference::Place(place)) => {
                    self.places.insert(place.id, place.clone());
                    continue;
                }
                PullItem::Reference(_) => continue,
            };
            match documents.iter_mut().find(|(known, _)| *known == id) {
                Some((_, items)) => items.push(item),
                None => documents.push((id, vec![item])),
            }
        }
        let (mut erased, mut touched) = (BTreeSet::new(), BTreeSet::new());
        let brings = self.brings();
        for (id, items) in documents {
            let unsent = self.unsent(id);
            let existing = self.records.get(&id);
            let scopes: Vec<u32> = existing.iter().flat_map(|record| &record.scopes).copied().collect();
            let held = existing.map(|record| Held {
                bytes: &record.bytes,
                kind: record.kind,
                case: record.case,
                home: record.home,
                scopes: &scopes,
                was_known: record.was_covered,
            });
            let merged = merge(held, &unsent, id, &items, brings.as_ref());
            if matches!(merged, Merged::Write(_) | Merged::Drop { .. }) {
                touched.insert(id);
            }
            match merged {
                Merged::Write(kept) => {
                    let Kept { document, case, home, scopes, arrived, lost, .. } = *kept;
                    let home = home.or_else(|| self.home(&document, &scopes));
                    self.offer_changes(id, document.generation(), document.kind(), &lost);
                    self.outbox.retain(|_, waiting| waiting.hash.is_none_or(|hash| !arrived.contains(&hash)));
                    let (was_covered, scopes) = (true, scopes.into_iter().collect());
                    let new = Record { case, home, was_covered, scopes, ..Record::of(&document) };
                    self.records.insert(id, new);
                }
                Merged::Drop { erased: true } => drop(erased.insert(id)),
                Merged::Drop { erased: false } => drop(self.records.remove(&id)),
                Merged::Nothing => {}
                Merged::SetAside { bytes, .. } => self.set_aside.push((id, vec![bytes])),
            }
        }
        self.let_go_of_erased(erased);
        self.offer_what_is_lost(page, &touched);
        self.cursors = cursors.to_vec();
        let mut differing = std::mem::take(&mut self.differing);
        Compared::of(page).note(&mut differing, |scope| Some(self.digest(scope)));
        self.differing = differing;
        page.digests.iter().map(|(scope, _)| (*scope, self.digest(*scope))).collect()
    }

    /// The changes of a document that are in the outbox, refused ones among them.
    #[must_use]
    pub fn unsent(&self, id: DocumentId) -> HashSet<ChangeHash> {
        let of = self.outbox.values().filter(|waiting| waiting.document() == Some(id));
        of.filter_map(|waiting| waiting.hash).collect()
    }

    /// Documents with edits that have not been sent.
    #[must_use]
    pub fn waiting_documents(&self) -> BTreeSet<DocumentId> {
        let changes = self.outbox.values().filter(|waiting| waiting.hash.is_some());
        changes.filter_map(Waiting::document).collect()
    }

    /// The digest of a scope, as far as the server can have what the device holds of it.
    #[must_use]
    pub fn digest(&self, scope: u32) -> Digest {
        let held = self.records.iter().filter(|(_, record)| record.scopes.contains(&scope));
        held.fold(Digest::EMPTY, |digest, (id, record)| digest.plus(self.digest_of(*id, record)))
    }

    /// What a record adds to it.
    pub(crate) fn digest_of(&self, id: DocumentId, record: &Record) -> Digest {
        let unsent = self.unsent(id);
        let without = || Some(server_digest(&Document::load(&record.bytes).ok()?, &unsent));
        let whole = || Digest::of_document(id, record.generation, &record.heads);
        if unsent.is_empty() { whole() } else { without().unwrap_or_else(whole) }
    }

    /// Ends the scopes that have no cursor once everything is stored: the server gave nothing of them.
    pub fn end_unnamed(&mut self, cursors: &[Cursor]) {
        let is_asked = |number: &u32| cursors.iter().any(|cursor| cursor.scope == *number);
        let ended: Vec<u32> = self.scopes.keys().copied().filter(|number| !is_asked(number)).collect();
        for number in ended {
            self.scopes.remove(&number);
            self.writes.remove(&number);
            self.leave_all(number);
        }
    }

    /// The home ward of a record of activity: what it says, or else the ward of a scope that it came in.
    fn home(&self, document: &Document, scopes: &[u32]) -> Option<WardRef> {
        let ward = |number: &u32| match self.scopes.get(number)? {
            Scope::Activity(ward) | Scope::Assignments(ward) => Some(*ward),
            _ => None,
        };
        document.summary().and_then(|summary| summary.ward).or_else(|| scopes.iter().find_map(ward))
    }

    fn leave_all(&mut self, scope: u32) {
        self.offer_own_of(scope);
        let waiting = self.waiting_documents();
        self.records.retain(|id, record| {
            let left = record.scopes.remove(&scope);
            !(left && record.scopes.is_empty()) || waiting.contains(id)
        });
    }

    /// Lets go of what was begun here, reached the server and is in no scope that this device reads: no page will ever name
    /// one. Only once everything that the server had was stored.
    pub fn drop_unclaimed(&mut self) {
        let waiting: BTreeSet<DocumentId> = self.outbox.values().filter_map(Waiting::document).collect();
        self.records
            .retain(|id, record| record.was_covered || !record.scopes.is_empty() || waiting.contains(id));
    }

    /// Nothing is kept of these documents; with the core of a case goes every part of it, also one that the server never had.
    pub(crate) fn let_go_of_erased(&mut self, erased: BTreeSet<DocumentId>) {
        if erased.is_empty() {
            return;
        }
        let case_of = |id: &DocumentId| self.records.get(id).and_then(|record| record.case);
        let mut gone = erased.clone();
        gone.extend(erased.iter().filter_map(case_of));
        let waiting: BTreeSet<DocumentId> = self.outbox.values().filter_map(Waiting::document).collect();
        let parts = waiting.into_iter().filter(|id| case_of(id).is_some_and(|case| gone.contains(&case)));
        let parts: Vec<DocumentId> = parts.collect();
        gone.extend(parts);
        self.records.retain(|id, _| !gone.contains(id));
        self.outbox.retain(|_, waiting| waiting.document().is_none_or(|id| !gone.contains(&id)));
    }
}
