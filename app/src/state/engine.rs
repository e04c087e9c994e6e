//! What runs behind the signals while somebody is signed in: the store, the way to the server, the driver when this tab
//! leads, and the author of this tab's edits.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use donghanh_shared::crdt::Document;
use donghanh_shared::domain::error::Problem;
use donghanh_shared::ids::{ActorId, DocumentId};
use donghanh_shared::seal::Key;
use donghanh_shared::sync::stream::Stream;
use donghanh_shared::sync::wire::{ActorName, Reference};

use super::notices::Held;
use super::types::{OutboxStatus, RefusedRecord, RowState};
use crate::browser::{self, Tabs};
use crate::store::{OutboxEntry, Payload, Store, StoredRecord};
use crate::sync::transport::Transport;
use crate::sync::{Driver, Identity};

/// The engine of one signed-in person in one tab.
pub(super) struct Engine {
    pub store: Rc<Store>,
    pub transport: Rc<Transport>,
    pub identity: Identity,
    /// The data key, for locking it anew; it leaves the memory with the engine.
    pub data: Key,
    pub driver: RefCell<Option<Rc<Driver>>>,
    pub tabs: RefCell<Option<Tabs>>,
    /// The outbox as last read, by number.
    pub outbox: RefCell<BTreeMap<u64, OutboxEntry>>,
    /// The record opened last.
    pub looked_at: RefCell<Option<LookedAt>>,
    /// Parts of cases whose reading is noted since the app was opened.
    pub noted: RefCell<HashSet<DocumentId>>,
    /// Every piece of the register.
    pub reference: RefCell<Vec<Reference>>,
    /// What others did while a dialog was open, and is still to be shown.
    pub held: RefCell<Vec<Held>>,
    actor: Cell<ActorId>,
    stream: RefCell<Stream>,
    named: Cell<bool>,
}

/// A record as it was when somebody opened it.
pub(super) struct LookedAt {
    pub id: DocumentId,
    pub record: StoredRecord,
    pub document: Document,
}

impl Engine {
    pub fn new(store: Rc<Store>, transport: Rc<Transport>, identity: Identity, data: Key) -> Self {
        Self {
            store,
            transport,
            identity,
            data,
            driver: RefCell::new(None),
            tabs: RefCell::new(None),
            outbox: RefCell::default(),
            looked_at: RefCell::default(),
            noted: RefCell::default(),
            reference: RefCell::default(),
            held: RefCell::default(),
            actor: Cell::new(ActorId(browser::random_id())),
            stream: RefCell::default(),
            named: Cell::new(false),
        }
    }

    /// The author of the next edit of this document: fresh at every start and in every tab, and when the document is here
    /// without something that this author wrote in it.
    pub fn actor(&self, document: &Document) -> ActorId {
        let goes_on = self.stream.borrow().goes_on(document);
        if goes_on { self.actor.get() } else { self.renew_actor() }
    }

    /// Notes what the author wrote, now that it is durable.
    pub fn wrote(&self, entries: &[OutboxEntry]) {
        for entry in entries {
            if let (Some(document), Payload::Change { hash, .. }) = (entry.document, &entry.payload) {
                self.stream.borrow_mut().wrote(document, *hash);
            }
        }
    }

    /// Takes a fresh author: the stream of the last one was broken by a refusal.
    pub fn renew_actor(&self) -> ActorId {
        self.actor.set(ActorId(browser::random_id()));
        self.named.set(false);
        self.stream.take();
        self.actor.get()
    }

    /// The name of the author, to be kept with its first edit.
    pub fn name_of_actor(&self) -> Option<ActorName> {
        (!self.named.get()).then(|| self.identity.named(self.actor.get()))
    }

    /// The author's name is kept.
    pub fn actor_is_named(&self) {
        self.named.set(true);
    }

    /// Something waits: this tab sends it, or asks the tab that does.
    pub fn poke(&self) {
        match &*self.driver.borrow() {
            Some(driver) => driver.wake(),
            None => self.say("wake"),
        }
    }

    /// Fetches nothing for now, or goes on: by this tab, or the one that does.
    pub fn hold(&self, held: bool) {
        match &*self.driver.borrow() {
            Some(driver) => driver.hold(held),
            None => self.say(if held { "hold" } else { "go-on" }),
        }
    }

    /// Tells the other tabs.
    pub fn say(&self, text: &str) {
        if let Some(tabs) = &*self.tabs.borrow() {
            tabs.say(text);
        }
    }

    /// The entries of one record, oldest first.
    pub fn entries_of(&self, id: DocumentId) -> Vec<(u64, OutboxEntry)> {
        let outbox = self.outbox.borrow();
        let mine = outbox.iter().filter(|(_, entry)| entry.document == Some(id));
        mine.map(|(number, entry)| (*number, entry.clone())).collect()
    }

    /// Where the records with something in the outbox stand.
    pub fn row_states(&self) -> BTreeMap<DocumentId, RowState> {
        row_states(&self.outbox.borrow())
    }

    /// The outbox in a few words.
    pub fn outbox_status(&self) -> OutboxStatus {
        outbox_status(&self.outbox.borrow())
    }
}

fn row_states(outbox: &BTreeMap<u64, OutboxEntry>) -> BTreeMap<DocumentId, RowState> {
    let mut states = BTreeMap::new();
    for entry in outbox.values() {
        let Some(document) = entry.document else { continue };
        let state = if entry.waits() { RowState::Waiting } else { RowState::Refused };
        let known = states.entry(document).or_insert(state);
        if state == RowState::Refused {
            *known = state;
        }
    }
    states
}

fn outbox_status(outbox: &BTreeMap<u64, OutboxEntry>) -> OutboxStatus {
    let waiting = outbox.values().filter(|entry| entry.waits());
    let mut refused: Vec<RefusedRecord> = Vec::new();
    for entry in outbox.values() {
        let Some(refusal) = &entry.refused else { continue };
        let known = refused.iter().any(|r| r.document == entry.document && entry.document.is_some());
        // The first refusal of a record is the reason; the rest stands on it.
        if !known {
            let problem: Problem = refusal.problem();
            refused.push(RefusedRecord { document: entry.document, problem, at: refusal.at });
        }
    }
    let states = row_states(outbox);
    OutboxStatus {
        records: states.values().filter(|state| **state == RowState::Waiting).count(),
        entries: waiting.count(),
        refused,
        states,
    }
}

#[cfg(test)]
mod tests {
    use donghanh_shared::command::Command;
    use donghanh_shared::domain::error::Code;
    use donghanh_shared::domain::vocabulary::Term as _;
    use donghanh_shared::ids::{CommandId, PlaceId};

    use super::*;
    use crate::store::{Payload, Refusal};

    fn entry(document: Option<u8>, refused: Option<Code>) -> OutboxEntry {
        let command = Command::ApprovePlace { place: PlaceId([1; 16]) };
        OutboxEntry {
            document: document.map(|byte| DocumentId([byte; 16])),
            generation: 0,
            payload: Payload::Command { id: CommandId([2; 16]), command },
            at: 1,
            refused: refused.map(|code| Refusal { code: code.code().to_owned(), at: 5 }),
        }
    }

    #[test]
    fn one_refused_entry_makes_the_record_refused_and_the_first_reason_is_told() {
        let outbox = BTreeMap::from([
            (1, entry(Some(1), None)),
            (2, entry(Some(2), Some(Code::DateInFuture))),
            (3, entry(Some(2), Some(Code::DependsOnRefused))),
            (4, entry(Some(2), None)),
            (5, entry(None, None)),
        ]);
        let states = row_states(&outbox);
        assert_eq!(states[&DocumentId([1; 16])], RowState::Waiting);
        assert_eq!(states[&DocumentId([2; 16])], RowState::Refused);
        let status = outbox_status(&outbox);
        assert_eq!((status.records, status.entries), (1, 3));
        assert_eq!(status.refused.len(), 1);
        assert_eq!(status.refused[0].problem.code, Code::DateInFuture);
    }
}
