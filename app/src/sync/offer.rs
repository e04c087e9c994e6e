//! When the server was put back to an older state: what it had, and has no longer, is sent once more. A scope whose log is no
//! longer the one that the phone has read is begun anew; what the server's whole records lack then, and records it does not
//! give at all, it has lost. What this person wrote is always offered; what others wrote when the server itself says that it was
//! put back (it then still knows whose an actor is), and where this person may write: their own phones may be gone.

use std::collections::{BTreeSet, HashSet};

use donghanh_shared::access::Scope;
use donghanh_shared::command::Command;
use donghanh_shared::command::placed::SAID_BEFORE;
use donghanh_shared::crdt::{Document, RawChange};
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::Problem;
use donghanh_shared::ids::{ActorId, ChangeHash, CommandId, Digest, DocumentId};
use donghanh_shared::sync::offer::{
    Offer, Whereabouts, ended, is_of_others, is_offered, not_given, offer, uncovered, unknown_edits,
};
use donghanh_shared::sync::page::Authors;
use donghanh_shared::sync::parts::{Mended, Parts, Said};
use donghanh_shared::sync::wire::{PullPage, to_bytes};
use minicbor::bytes::ByteVec;

use super::driver::Driver;
use super::page::{WALK, unsent};
use super::scopes::{self, Scopes};
use crate::browser;
use crate::store::{Batch, OutboxEntry, Payload, RecordWrite, StoredRecord};

/// A change that is offered once more.
pub fn entry((id, record): (DocumentId, &StoredRecord), change: RawChange) -> OutboxEntry {
    let edits = unknown_edits(record.kind);
    let payload = Payload::Change { hash: change.hash, bytes: ByteVec::from(change.bytes), edits };
    OutboxEntry { document: Some(id), generation: record.generation, payload, at: change.at, refused: None }
}

/// Whether an entry of the outbox is one.
pub fn is_one(entry: &OutboxEntry) -> bool {
    matches!(&entry.payload, Payload::Change { edits, .. } if is_offered(edits))
}

/// A scope that is begun anew, or parts of it are.
pub struct BegunAnew {
    number: u32,
    /// Over all that the phone holds of it: what it had counted is checked against that.
    digest: Digest,
    /// What is to be given again.
    held: BTreeSet<DocumentId>,
}

impl BegunAnew {
    /// Notes it with the page that begins it.
    pub fn note(self, scopes: &mut Scopes) {
        if !self.held.is_empty() {
            scopes.anew.get_or_insert_default().insert(self.number, self.held);
        }
        if let Some(state) = scopes.states.get_mut(&self.number) {
            state.digest = self.digest;
        }
    }
}

impl Driver {
    /// What the phone holds of the scopes that the page begins anew, that the server knows no more, or of which it has parts again: all of
    /// that is to be given again.
    pub(super) async fn begun_anew(&self, page: &PullPage) -> Result<Vec<BegunAnew>, Problem> {
        let named = page.scopes.iter().map(|info| info.number);
        let whole = named.chain(page.unknown.iter().flatten().copied()).map(|number| (number, None));
        let parts = page.mended.iter().flatten().map(|mended| (mended.scope, Some(mended)));
        let known = |(number, _): &(u32, Option<&Mended>)| self.scopes.borrow().states.contains_key(number);
        let wanted: Vec<(u32, Option<&Mended>)> = whole.chain(parts).filter(known).collect();
        let mut begun = Vec::with_capacity(wanted.len());
        for (number, within) in wanted {
            begun.push(self.holds(number, within).await?);
        }
        Ok(begun)
    }

    async fn holds(&self, number: u32, within: Option<&Mended>) -> Result<BegunAnew, Problem> {
        let mut begun = BegunAnew { number, digest: Digest::EMPTY, held: BTreeSet::new() };
        let mut after = None;
        loop {
            let records = self.store.records_after(after, WALK).await?;
            let Some((last, _)) = records.last() else { return Ok(begun) };
            after = Some(*last);
            for (id, record) in records.iter().filter(|(_, record)| record.scopes.contains(&number)) {
                begun.digest = begun.digest.plus(record.digest.unwrap_or(Digest::EMPTY));
                if within.is_none_or(|mended| mended.has(*id)) {
                    begun.held.insert(*id);
                }
            }
        }
    }

    /// What the phone holds of these scopes, part by part, reckoned from the records themselves.
    pub(super) async fn sums(&self, numbers: &[u32]) -> Result<Vec<Said>, Problem> {
        let mut all: Vec<(u32, Parts)> = numbers.iter().map(|number| (*number, Parts::default())).collect();
        let mut after = None;
        loop {
            let records = self.store.records_after(after, WALK).await?;
            let Some((last, _)) = records.last() else { break };
            after = Some(*last);
            for (id, record) in &records {
                for (_, parts) in all.iter_mut().filter(|(number, _)| record.scopes.contains(number)) {
                    parts.add(*id, record.digest.unwrap_or(Digest::EMPTY));
                }
            }
        }
        Ok(all.iter().map(|(number, parts)| parts.said(*number)).collect())
    }

    /// Notes that the server was put back: its epoch is higher than the one that the phone knew.
    pub(super) fn note_epoch(&self, epoch: u32) {
        let mut scopes = self.scopes.borrow_mut();
        if epoch > scopes.epoch {
            // A phone that had sent something and read nothing yet knew of no epoch.
            scopes.unnamed = Some(true);
            scopes.restored = scopes.restored.or((scopes.epoch > 0).then_some(true));
            self.unclaimed.set(true);
        }
    }

    /// Whose changes are brought back; nobody's while the server was not put back and no scope is begun anew.
    pub(super) async fn brings(&self, scopes: &Scopes) -> Result<Option<Authors>, Problem> {
        // In a log that the phone has read as it is, only what it sent itself and has not read again can be missing.
        if scopes.anew.is_none() && scopes.unnamed != Some(true) {
            return Ok(None);
        }
        if scopes.anew.is_some() && scopes.restored == Some(true) {
            return Ok(Some(Authors::All));
        }
        Ok(Some(Authors::Own(self.own_actors().await?)))
    }

    /// The actors of this person.
    async fn own_actors(&self) -> Result<HashSet<ActorId>, Problem> {
        let mine = self.store.names().await?.into_iter().filter(|name| name.person == self.identity.person);
        Ok(mine.map(|name| name.actor).collect())
    }

    /// Entries that bring back what others wrote: nobody here can mend them.
    pub(super) async fn of_others(&self, outbox: &[(u64, OutboxEntry)]) -> Result<HashSet<u64>, Problem> {
        let offered: Vec<(u64, &OutboxEntry)> = outbox
            .iter()
            .filter(|(_, entry)| is_one(entry))
            .map(|(number, entry)| (*number, entry))
            .collect();
        if offered.is_empty() {
            return Ok(HashSet::new());
        }
        let own = self.own_actors().await?;
        let is_of_others = |entry: &OutboxEntry| match &entry.payload {
            Payload::Change { bytes, .. } => is_of_others(bytes, &own),
            Payload::Command { .. } | Payload::Photo { .. } => false,
        };
        Ok(offered.into_iter().filter(|(_, entry)| is_of_others(entry)).map(|(number, _)| number).collect())
    }

    /// What is in no scope, and may have been lost by a server that was put back: what was begun here and reached it, or was
    /// offered before; and what the waiting edits of a record that left its last scope build on. Only once everything that the
    /// server has was stored.
    pub(super) async fn offer_unnamed(&self) -> Result<(), Problem> {
        if self.scopes.borrow().unnamed != Some(true) {
            return Ok(());
        }
        let (mut after, none) = (None, HashSet::new());
        loop {
            let records = self.store.records_after(after, WALK).await?;
            let Some((last, _)) = records.last() else { break };
            after = Some(*last);
            let outbox = self.store.outbox().await?;
            let waiting = unsent(&outbox);
            let begins = |(_, entry): &(u64, OutboxEntry)| match &entry.payload {
                Payload::Command { command, .. } if command.creates() => entry.document,
                _ => None,
            };
            let begun: HashSet<DocumentId> = outbox.iter().filter_map(begins).collect();
            let mut batch = Batch::default();
            for (id, record) in &records {
                if record.scopes.is_empty() && !begun.contains(id) {
                    batch.outbox_add.extend(offered_unnamed(*id, record, waiting.get(id).unwrap_or(&none)));
                }
            }
            if !batch.outbox_add.is_empty() {
                self.store.commit(&batch).await?;
                self.announce(batch);
                self.go_on();
            }
        }
        let scopes = Scopes { unnamed: None, ..self.scopes.borrow().clone() };
        let batch = Batch { meta: vec![(scopes::KEY, to_bytes(&scopes))], ..Batch::default() };
        self.store.commit(&batch).await?;
        self.scopes.replace(scopes);
        Ok(())
    }

    /// Whose changes are sent once more of records whose last scope ends; nobody's while the server was not put back.
    pub(super) async fn brings_of_ended(&self) -> Result<Option<Authors>, Problem> {
        let scopes = self.scopes.borrow().clone();
        if self.brings(&scopes).await?.is_none() {
            return Ok(None);
        }
        // What others wrote there is not for this person to read any more.
        Ok(Some(Authors::Own(self.own_actors().await?)))
    }

    /// Strikes off what the page gave of the scopes that are begun anew. Of those that are whole now, and of those that the
    /// server knows no more, the rest left them: it is offered where this person wrote in it.
    pub(super) async fn offer_what_is_lost(
        &self,
        page: &PullPage,
        scopes: &mut Scopes,
        batch: &mut Batch,
    ) -> Result<(), Problem> {
        let Some(anew) = &mut scopes.anew else { return Ok(()) };
        let rest = not_given(page, anew);
        let authors = self.brings(scopes).await?.unwrap_or(Authors::Own(HashSet::new()));
        for (number, ids) in rest {
            self.offer_records(number, ids, &authors, scopes, batch).await?;
        }
        if scopes.anew.as_ref().is_some_and(|anew| anew.is_empty()) {
            (scopes.anew, scopes.restored) = (None, None);
        }
        for number in page.unknown.iter().flatten() {
            scopes.end(*number);
        }
        Ok(())
    }

    /// Takes these records out of a scope that no longer has them; those of which nothing is left there and in which somebody
    /// wrote whose changes are brought back, are made again.
    async fn offer_records(
        &self,
        number: u32,
        ids: BTreeSet<DocumentId>,
        authors: &Authors,
        scopes: &mut Scopes,
        batch: &mut Batch,
    ) -> Result<(), Problem> {
        // Where this person may not write, only what they wrote when they might is worth a try.
        let may_write = scopes.states.get(&number).is_some_and(|state| state.write);
        let own = Authors::Own(self.own_actors().await?);
        let authors = if may_write { authors } else { &own };
        let gone: HashSet<DocumentId> = batch.dropped.iter().map(|(id, _)| *id).collect();
        let written: HashSet<DocumentId> = batch.records.iter().map(|write| write.id).collect();
        let ids: Vec<DocumentId> =
            ids.into_iter().filter(|id| !gone.contains(id) && !written.contains(id)).collect();
        let waiting = unsent(&self.store.outbox().await?);
        let none = HashSet::new();
        for (id, record) in ids.iter().zip(self.store.records(&ids).await?) {
            let Some(record) = record else { continue };
            let left: Vec<u32> = record.scopes.iter().copied().filter(|scope| *scope != number).collect();
            scopes.shift((&record.scopes, record.digest), (&left, record.digest));
            let (revision, mut record) = (record.revision, StoredRecord { scopes: left, ..record });
            let waits = waiting.get(id).unwrap_or(&none);
            if record.scopes.is_empty() {
                let scope = scopes.states.get(&number).and_then(|state| state.scope.as_ref());
                let offered = offered(*id, &record, authors, waits, scope);
                if offered.is_empty() && waits.is_empty() {
                    batch.dropped.push((*id, revision));
                    continue;
                }
                batch.outbox_add.extend(offered);
                // As if it had never been sent: the server names its scopes when it has it again.
                record.digest = None;
            }
            let line = self.store.lines(&[*id]).await?.pop();
            batch.records.push(RecordWrite { id: *id, expected: Some(revision), record, line });
        }
        Ok(())
    }
}

/// What is sent of a record whose last scope ends, as entries of the outbox; empty when these authors wrote nothing in it.
pub(super) fn offered_ended(
    id: DocumentId,
    record: &StoredRecord,
    authors: &Authors,
    waits: &HashSet<ChangeHash>,
    scope: Option<&Scope>,
) -> Vec<OutboxEntry> {
    entries(id, record, scope, |document, at| ended(document, at, authors, waits))
}

/// What is sent of a record in no scope, as entries of the outbox.
fn offered_unnamed(id: DocumentId, record: &StoredRecord, waits: &HashSet<ChangeHash>) -> Vec<OutboxEntry> {
    entries(id, record, None, |document, at| uncovered(document, at, record.digest.is_some(), waits))
}

/// What makes a record again that the server has lost, as entries of the outbox.
fn offered(
    id: DocumentId,
    record: &StoredRecord,
    authors: &Authors,
    waits: &HashSet<ChangeHash>,
    scope: Option<&Scope>,
) -> Vec<OutboxEntry> {
    entries(id, record, scope, |document, at| offer(document, at, authors, waits))
}

/// An offer as entries of the outbox, in the order in which it is sent.
fn entries(
    id: DocumentId,
    record: &StoredRecord,
    scope: Option<&Scope>,
    make: impl FnOnce(&Document, Whereabouts<'_>) -> Option<Offer>,
) -> Vec<OutboxEntry> {
    let at = Whereabouts { case: record.case, home: record.home_ward, scope };
    let document = browser::in_hand(id, || Document::load(&record.bytes));
    let Some(offer) = document.ok().and_then(|document| make(&document, at)) else { return Vec::new() };
    let command = |at: Millis| {
        move |command: Command| {
            let payload = Payload::Command { id: CommandId(browser::random_id()), command };
            OutboxEntry { document: Some(id), generation: record.generation, payload, at, refused: None }
        }
    };
    let mut entries: Vec<OutboxEntry> = offer.creation.map(command(browser::now())).into_iter().collect();
    entries.extend(offer.changes.into_iter().map(|change| entry((id, record), change)));
    entries.extend(offer.placements.into_iter().map(command(SAID_BEFORE)));
    entries
}
