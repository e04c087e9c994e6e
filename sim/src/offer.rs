//! What this device offers when the server was put back to an older state, over its own store: by the rules of
//! [`donghanh_shared::sync::offer`], in the order in which the app's `sync::offer` does it.

use std::collections::{BTreeSet, HashSet};

use donghanh_shared::command::outreach_visit::NewChange;
use donghanh_shared::crdt::{Document, Kind, RawChange};
use donghanh_shared::ids::{ActorId, ChangeHash, DocumentId, PersonId};
use donghanh_shared::sync::offer::{
    Offer, Whereabouts, ended, is_of_others, is_offered, not_given, offer, uncovered, unknown_edits,
};
use donghanh_shared::sync::page::Authors;
use donghanh_shared::sync::parts::{Mended, Parts, Said};
use donghanh_shared::sync::wire::{PullPage, PushItem};

use crate::store::{Record, Store, Waiting};

/// What makes a record again, before its commands have their ids.
#[derive(Clone, Debug)]
pub(crate) struct Remade {
    /// The record.
    pub id: DocumentId,
    /// Its generation.
    pub generation: u32,
    /// Its kind.
    pub kind: Kind,
    /// What is sent.
    pub offer: Offer,
}

impl Store {
    /// Says whose device it is: what this person wrote is brought back, whatever else is.
    pub fn belongs_to(&mut self, person: PersonId) {
        self.person = Some(person);
    }

    /// Notes an actor of this device.
    pub fn note_own(&mut self, actor: ActorId) {
        self.own.insert(actor);
    }

    /// Notes that the server was put back: its epoch is higher than the one that the device knew.
    pub(crate) fn note_epoch(&mut self, epoch: u32) {
        let put_back = self.epoch > 0 && epoch > self.epoch;
        self.restored |= put_back;
        // A device that had sent something and read nothing yet knew of no epoch.
        self.unnamed |= epoch > self.epoch;
        self.epoch = epoch;
    }

    /// A scope that is begun anew, or of which the server knows nothing: what the device holds of it is to be given again,
    /// or of these parts of it.
    pub(crate) fn begin_anew(&mut self, number: u32, within: Option<&Mended>) {
        if !self.scopes.contains_key(&number) {
            return;
        }
        let is_in = |id: &DocumentId| within.is_none_or(|mended| mended.has(*id));
        let held = self.records.iter().filter(|(id, record)| record.scopes.contains(&number) && is_in(id));
        let held: BTreeSet<DocumentId> = held.map(|(id, _)| *id).collect();
        if !held.is_empty() {
            self.anew.insert(number, held);
        }
    }

    /// What the device holds of these scopes, part by part.
    pub(crate) fn sums(&self, scopes: &[u32]) -> Vec<Said> {
        let sum = |scope: &u32| {
            let mut parts = Parts::default();
            for (id, record) in self.records.iter().filter(|(_, record)| record.scopes.contains(scope)) {
                parts.add(*id, self.digest_of(*id, record));
            }
            parts.said(*scope)
        };
        scopes.iter().map(sum).collect()
    }

    /// Whose changes are brought back; nobody's while the server was not put back and no scope is begun anew.
    pub(crate) fn brings(&self) -> Option<Authors> {
        // In a log that the device has read as it is, only what it sent itself and has not read again can be missing.
        let all = self.restored && !self.anew.is_empty();
        let whose = || if all { Authors::All } else { Authors::Own(self.own.clone()) };
        (self.unnamed || !self.anew.is_empty()).then(whose)
    }

    /// Sends changes once more that a whole record of the server lacks.
    pub(crate) fn offer_changes(&mut self, id: DocumentId, generation: u32, kind: Kind, lost: &[RawChange]) {
        for change in lost {
            let new = NewChange { hash: change.hash, bytes: change.bytes.clone() };
            self.enqueue_edits(id, generation, new, change.at, unknown_edits(kind));
        }
    }

    /// Takes records out of the scopes that are whole now, or not known any more, and in which the server did not give them;
    /// those of which nothing is left and in which somebody wrote whose changes are brought back, are made again. `touched`: of
    /// which the page said something.
    pub(crate) fn offer_what_is_lost(&mut self, page: &PullPage, touched: &BTreeSet<DocumentId>) {
        if self.anew.is_empty() {
            return;
        }
        let authors = self.brings().unwrap_or(Authors::Own(HashSet::new()));
        for (number, ids) in not_given(page, &mut self.anew) {
            // Where this person may not write, only what they wrote when they might is worth a try.
            let own = Authors::Own(self.own.clone());
            let authors = if self.writes.contains(&number) { &authors } else { &own };
            ids.difference(touched).for_each(|id| self.offer_record(number, *id, authors));
        }
        self.restored &= !self.anew.is_empty();
        for number in page.unknown.iter().flatten() {
            self.scopes.remove(number);
            self.writes.remove(number);
        }
    }

    fn offer_record(&mut self, number: u32, id: DocumentId, authors: &Authors) {
        let waits: HashSet<ChangeHash> = self.unsent(id);
        let scope = self.scopes.get(&number).cloned();
        let Some(record) = self.records.get_mut(&id) else { return };
        record.scopes.remove(&number);
        if !record.scopes.is_empty() {
            return;
        }
        let at = Whereabouts { case: record.case, home: record.home, scope: scope.as_ref() };
        let document = Document::load(&record.bytes).ok();
        match document.and_then(|document| offer(&document, at, authors, &waits)) {
            Some(offer) => {
                // As if it had never been sent: the server names its scopes when it has it again.
                record.was_covered = false;
                let (generation, kind) = (record.generation, record.kind);
                self.remade.push(Remade { id, generation, kind, offer });
            }
            None if waits.is_empty() => drop(self.records.remove(&id)),
            None => record.was_covered = false,
        }
    }

    /// What is in no scope, and may have been lost by a server that was put back: what was begun here and reached it, or was
    /// offered before; and what the waiting edits of a record that left its last scope build on. Only once everything that the
    /// server has was stored.
    pub(crate) fn offer_unnamed(&mut self) {
        if !std::mem::take(&mut self.unnamed) {
            return;
        }
        let begins = |waiting: &Waiting| match &waiting.item {
            PushItem::Command { command, .. } if command.creates() => command.document(),
            _ => None,
        };
        let begun: BTreeSet<DocumentId> = self.outbox.values().filter_map(begins).collect();
        let mut ids: Vec<DocumentId> = self.records.keys().copied().collect();
        ids.retain(|id| !begun.contains(id));
        ids.sort_unstable();
        for id in ids {
            let waits = self.unsent(id);
            let Some(record) = self.records.get(&id).filter(|record| record.scopes.is_empty()) else {
                continue;
            };
            let at = Whereabouts { case: record.case, home: record.home, scope: None };
            let Ok(document) = Document::load(&record.bytes) else { continue };
            let (generation, kind) = (record.generation, record.kind);
            let offer = uncovered(&document, at, record.was_covered, &waits);
            self.remade.extend(offer.map(|offer| Remade { id, generation, kind, offer }));
        }
    }

    /// The records that this scope alone covers are about to go, and nobody will say whether a server that was put back has what
    /// this person wrote in them: it is sent once more, and they stay until that is answered.
    pub(crate) fn offer_own_of(&mut self, scope: u32) {
        if self.brings().is_none() {
            return;
        }
        let own = Authors::Own(self.own.clone());
        let is_last = |record: &Record| record.scopes.iter().eq([&scope]);
        let mut ids: Vec<DocumentId> =
            self.records.iter().filter(|(_, record)| is_last(record)).map(|(id, _)| *id).collect();
        ids.sort_unstable();
        for id in ids {
            let Some(record) = self.records.get(&id) else { continue };
            let Ok(document) = Document::load(&record.bytes) else { continue };
            let (generation, kind) = (record.generation, record.kind);
            let at = Whereabouts { case: record.case, home: record.home, scope: self.scopes.get(&scope) };
            let offer = ended(&document, at, &own, &self.unsent(id));
            self.remade.extend(offer.map(|offer| Remade { id, generation, kind, offer }));
        }
    }

    /// Entries that bring back what others wrote: nobody here can mend them.
    pub(crate) fn of_others(&self) -> HashSet<u64> {
        let is_one = |waiting: &Waiting| match &waiting.item {
            PushItem::Change { bytes, .. } => waiting.is_offered() && is_of_others(bytes, &self.own),
            PushItem::Command { .. } => false,
        };
        self.outbox.iter().filter(|(_, waiting)| is_one(waiting)).map(|(number, _)| *number).collect()
    }
}

impl Waiting {
    /// Whether it is a change that is offered once more.
    pub(crate) fn is_offered(&self) -> bool {
        self.edits.as_ref().is_some_and(|(edits, _)| is_offered(edits))
    }
}
