//! When the server was put back to an older state: what this person wrote and the server had, and has no longer, is sent once
//! more. A scope whose log is no longer the one that the phone has read is begun anew; what the server's whole records lack
//! then, and records it does not give at all, it has lost. What others wrote they offer from their own phones.

use std::collections::{BTreeSet, HashSet};

use donghanh_shared::access::Scope;
use donghanh_shared::command::{Command, Edits, placed};
use donghanh_shared::crdt::{Document, Kind, RawChange};
use donghanh_shared::domain::error::Problem;
use donghanh_shared::ids::{ActorId, CommandId, Digest, DocumentId};
use donghanh_shared::sync::wire::{PullItem, PullPage};
use minicbor::bytes::ByteVec;

use super::driver::Driver;
use super::page::{WALK, unsent};
use super::scopes::Scopes;
use crate::browser;
use crate::store::{Batch, OutboxEntry, Payload, RecordWrite, StoredRecord};

/// A change that is offered once more. What was edited by it is not known any more: it cannot be done again.
pub fn entry((id, record): (DocumentId, &StoredRecord), change: RawChange) -> OutboxEntry {
    let edits = match record.kind {
        Kind::OutreachVisit => Edits::Visit(Vec::new()),
        _ => Edits::Fields(Vec::new()),
    };
    let payload = Payload::Change { hash: change.hash, bytes: ByteVec::from(change.bytes), edits };
    OutboxEntry { document: Some(id), generation: record.generation, payload, at: change.at, refused: None }
}

/// Whether an entry of the outbox is one.
pub fn is_one(entry: &OutboxEntry) -> bool {
    matches!(&entry.payload, Payload::Change { edits, .. } if edits.is_empty())
}

/// The command by which a record is made again where it was.
fn creation(id: DocumentId, record: &StoredRecord, scope: Option<&Scope>) -> Option<Command> {
    let kind = record.kind;
    if let Some(case) = record.case {
        return Some(Command::CreateInCase { document: id, kind, case });
    }
    let ward = record.home_ward?;
    Some(match scope {
        Some(Scope::Place(school)) => Command::CreateAtSchool { document: id, ward, school: *school },
        _ => Command::CreateDocument { document: id, kind, ward },
    })
}

impl Driver {
    /// The server begins a scope anew, or knows it no more: what the phone counted of it is checked against what it holds, and
    /// what it holds of it is to be given again.
    pub(super) async fn begin_anew(&self, number: u32) -> Result<(), Problem> {
        if !self.scopes.borrow().states.contains_key(&number) {
            return Ok(());
        }
        let (mut after, mut digest, mut held) = (None, Digest::EMPTY, BTreeSet::new());
        loop {
            let records = self.store.records_after(after, WALK).await?;
            let Some((last, _)) = records.last() else { break };
            after = Some(*last);
            for (id, record) in records.iter().filter(|(_, record)| record.scopes.contains(&number)) {
                digest = digest.plus(record.digest.unwrap_or(Digest::EMPTY));
                held.insert(*id);
            }
        }
        let mut scopes = self.scopes.borrow_mut();
        if !held.is_empty() {
            scopes.anew.get_or_insert_default().insert(number, held);
        }
        if let Some(state) = scopes.states.get_mut(&number) {
            state.digest = digest;
        }
        Ok(())
    }

    /// The actors of this person, while a scope is begun anew.
    pub(super) async fn own_actors(&self, scopes: &Scopes) -> Result<Option<HashSet<ActorId>>, Problem> {
        if scopes.anew.is_none() {
            return Ok(None);
        }
        let mine = self.store.names().await?.into_iter().filter(|name| name.person == self.identity.person);
        Ok(Some(mine.map(|name| name.actor).collect()))
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
        for item in &page.items {
            if let PullItem::Snapshot { scope, document, .. }
            | PullItem::Changes { scope, document, .. }
            | PullItem::Leave { scope, document } = item
                && let Some(held) = anew.get_mut(scope)
            {
                held.remove(document);
            }
        }
        let whole = page.digests.iter().map(|(number, _)| *number);
        let whole: BTreeSet<u32> = whole.chain(page.unknown.iter().flatten().copied()).collect();
        let rest: Vec<(u32, BTreeSet<DocumentId>)> =
            whole.iter().filter_map(|number| anew.remove_entry(number)).collect();
        let own = self.own_actors(scopes).await?.unwrap_or_default();
        if scopes.anew.as_ref().is_some_and(|anew| anew.is_empty()) {
            scopes.anew = None;
        }
        for (number, ids) in rest {
            self.offer_records(number, ids, &own, scopes, batch).await?;
        }
        for number in page.unknown.iter().flatten() {
            scopes.states.remove(number);
        }
        Ok(())
    }

    /// Takes these records out of a scope that no longer has them; those of which nothing is left there and in which this
    /// person wrote are made again.
    async fn offer_records(
        &self,
        number: u32,
        ids: BTreeSet<DocumentId>,
        own: &HashSet<ActorId>,
        scopes: &mut Scopes,
        batch: &mut Batch,
    ) -> Result<(), Problem> {
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
                let offered = offered(*id, &record, own, waits, scope);
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

/// What makes a record again that the server has lost: its creation, where it belongs, and what this person wrote; nothing
/// when that is nothing.
fn offered(
    id: DocumentId,
    record: &StoredRecord,
    own: &HashSet<ActorId>,
    waits: &HashSet<donghanh_shared::ids::ChangeHash>,
    scope: Option<&Scope>,
) -> Vec<OutboxEntry> {
    let Ok(document) = browser::in_hand(id, || Document::load(&record.bytes)) else { return Vec::new() };
    let mine = document.changes().into_iter().filter(|change| own.contains(&change.actor));
    let mine: Vec<RawChange> = mine.collect();
    let Some(creation) = creation(id, record, scope).filter(|_| !mine.is_empty()) else { return Vec::new() };
    let command = |command: Command| {
        let payload = Payload::Command { id: CommandId(browser::random_id()), command };
        OutboxEntry {
            document: Some(id),
            generation: record.generation,
            payload,
            at: browser::now(),
            refused: None,
        }
    };
    let lost = mine.into_iter().filter(|change| !waits.contains(&change.hash));
    let mut entries = vec![command(creation)];
    entries.extend(lost.map(|change| entry((id, record), change)));
    entries.extend(placed::placements(&document).into_iter().map(command));
    entries
}
