//! Commits a prepared batch: rechecks what it was prepared on, then changes, snapshot, logs, digests and rows at once.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::access::Placement;
use donghanh_shared::crdt::Kind as DocumentKind;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ActorId, DocumentId};
use donghanh_shared::sync::wire::{Answer, PushAnswer, to_bytes};
use rusqlite::{OptionalExtension as _, params};

use super::accounts::note;
use super::cases::{CaseKeys, Sealed};
use super::log::{Entry, Kind, Scopes};
use super::place::Shift;
use super::pool::Transaction;
use super::references::{carry_out, ward_key};
use super::{audit, cases, photos, place, rows};
use crate::store::{
    Committed, Draft, Key, NewChange, NewState, PlacementEvent, PreparedBatch, PreparedDocument,
    RegisterCommand, SetAside, StoreError,
};
use crate::vault::Vault;

/// Answers kept per device; an older batch sent again is looked at anew, which changes nothing.
const ANSWERS_KEPT: i64 = 64;

/// Places in the log of the home scope.
#[derive(Default)]
struct Seqs {
    placement: u64,
    changes: Vec<u64>,
}

/// Commits the batch, or writes nothing when somebody else was faster.
pub fn commit(
    tx: &mut Transaction<'_>,
    vault: &Vault,
    batch: PreparedBatch,
) -> Result<Committed, StoreError> {
    let stale = stale(tx, &batch)?;
    if !stale.is_empty() {
        return Ok(Committed::Stale(stale, Box::new(batch)));
    }
    let actors = bind(tx, &batch)?;
    let mut scopes = Scopes::default();
    let register = batch
        .register
        .iter()
        .map(|command| carry_out_once(tx, &mut scopes, command, &batch))
        .collect::<Result<Vec<_>, _>>()?;
    let seqs = Writing { tx, batch: &batch, actors, keys: CaseKeys::new(vault) }.documents(&mut scopes)?;
    scopes.save(tx)?;
    for command in &batch.done {
        done(tx, command.0, &batch)?;
    }
    set_aside(tx, vault, &batch)?;
    audit::read(tx, &batch)?;
    let answers = batch.answers.iter().map(|draft| match draft {
        Draft::Certain(answer) => answer.clone(),
        Draft::Change(document, change) => Answer::Ok(seqs[*document].changes[*change]),
        Draft::Placement(document) => Answer::Ok(seqs[*document].placement),
        Draft::Register(command) => register[*command].clone(),
    });
    let epoch = tx.prepare_cached("SELECT epoch FROM instance")?.query_row([], |row| row.get(0))?;
    let answer = PushAnswer { epoch, answers: answers.collect() };
    acknowledge(tx, &batch, &answer)?;
    Ok(Committed::Done(answer))
}

/// The documents that are no longer what they were prepared on.
fn stale(tx: &Transaction<'_>, batch: &PreparedBatch) -> Result<Vec<usize>, StoreError> {
    let mut version = tx.prepare_cached("SELECT id, version FROM document WHERE document = ?1")?;
    let mut device = tx.prepare_cached("SELECT device FROM actor WHERE actor = ?1")?;
    let mut foreign: BTreeMap<ActorId, bool> = BTreeMap::new();
    let mut stale = Vec::new();
    for (index, document) in batch.documents.iter().enumerate() {
        let found = version.query_row([document.id.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let mut is_stale = found != document.expected || !has_its_case(tx, &batch.documents, document)?;
        for change in &document.changes {
            let is_foreign = match foreign.get(&change.actor) {
                Some(known) => *known,
                None => {
                    let bound: Option<Key> =
                        device.query_row([change.actor.0], |row| row.get(0)).optional()?;
                    let is_foreign = bound.is_some_and(|bound| bound != batch.device);
                    foreign.insert(change.actor, is_foreign);
                    is_foreign
                }
            };
            is_stale |= is_foreign;
        }
        if is_stale {
            stale.push(index);
        }
    }
    Ok(stale)
}

/// Binds the actors of the batch to its device. [`stale`] has made sure that none belongs to another.
fn bind(tx: &Transaction<'_>, batch: &PreparedBatch) -> Result<BTreeMap<ActorId, Key>, StoreError> {
    let names: BTreeSet<ActorId> = batch
        .documents
        .iter()
        .flat_map(|document| document.changes.iter().map(|change| change.actor))
        .collect();
    let mut actors = BTreeMap::new();
    for actor in names {
        let found: Option<Key> = tx
            .prepare_cached("SELECT id FROM actor WHERE actor = ?1")?
            .query_row([actor.0], |row| row.get(0))
            .optional()?;
        let key = match found {
            Some(key) => key,
            None => {
                tx.prepare_cached(
                    "INSERT INTO actor (actor, device, person, bound_at) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![actor.0, batch.device, batch.person, batch.received])?;
                let key = tx.last_insert_rowid();
                note(tx, batch.received, "actor_bound", &actor.0)?;
                key
            }
        };
        actors.insert(actor, key);
    }
    Ok(actors)
}

fn carry_out_once(
    tx: &Transaction<'_>,
    scopes: &mut Scopes,
    command: &RegisterCommand,
    batch: &PreparedBatch,
) -> Result<Answer, StoreError> {
    let known = tx.prepare_cached("SELECT 1 FROM command_done WHERE command = ?1")?.exists([command.id.0])?;
    if known {
        return Ok(Answer::Duplicate);
    }
    let answer = carry_out(tx, scopes, &command.action, batch.person)?;
    if answer.is_kept() {
        done(tx, command.id.0, batch)?;
    }
    Ok(answer)
}

fn done(tx: &Transaction<'_>, command: [u8; 16], batch: &PreparedBatch) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT OR IGNORE INTO command_done (command, person, at) VALUES (?1, ?2, ?3)")?
        .execute(params![command, batch.person, batch.received])?;
    Ok(())
}

/// The documents of a batch on their way into the tables.
struct Writing<'a, 'c> {
    tx: &'a Transaction<'c>,
    batch: &'a PreparedBatch,
    actors: BTreeMap<ActorId, Key>,
    keys: CaseKeys<'a>,
}

impl Writing<'_, '_> {
    /// Writes them all, cases before their parts; where each went in its home scope, in the order of the batch.
    fn documents(mut self, scopes: &mut Scopes) -> Result<Vec<Seqs>, StoreError> {
        let documents = &self.batch.documents;
        let mut seqs: Vec<Seqs> = documents.iter().map(|_| Seqs::default()).collect();
        for parts in [false, true] {
            for (at, document) in documents.iter().enumerate() {
                if document.kind.is_part_of_case() == parts {
                    seqs[at] = self.document(scopes, document)?;
                }
            }
        }
        for document in documents.iter().filter(|document| document.kind == DocumentKind::AftercareCase) {
            let moved = document.events.iter().any(|event| matches!(event, PlacementEvent::Moved(..)));
            if moved {
                let core = (self.key_of(document.id)?, document.id);
                place::move_parts(self.tx, scopes, self.batch, core, document.after.home)?;
            }
        }
        Ok(seqs)
    }

    fn key_of(&self, document: DocumentId) -> Result<Key, StoreError> {
        let mut query = self.tx.prepare_cached("SELECT id FROM document WHERE document = ?1")?;
        Ok(query.query_row([document.0], |row| row.get(0))?)
    }

    fn document(&mut self, scopes: &mut Scopes, document: &PreparedDocument) -> Result<Seqs, StoreError> {
        let key = self.row(document)?;
        let scopes_after = document.after.scopes(document.kind);
        let home = document.after.home_scope(document.kind);
        let shift = Shift {
            key,
            id: document.id,
            generation: document.generation,
            before: document.before.as_ref().map(|place| place.scopes(document.kind)).unwrap_or_default(),
            after: scopes_after.clone(),
            home: home.clone(),
            heads_before: &document.heads_before,
            heads_after: document.state.as_ref().map_or(&document.heads_before, |state| &state.heads),
            made_by: document.expected.is_none().then_some(self.batch.device),
        };
        let mut seqs = Seqs { placement: shift.carry_out(self.tx, scopes)?, changes: Vec::new() };
        let mut upto = None;
        for change in &document.changes {
            let change_key = self.change(key, document, change)?;
            upto = Some(change_key);
            for scope in &scopes_after {
                let entry = Entry {
                    kind: Kind::Put,
                    subject: key,
                    change: Some(change_key),
                    device: Some(self.batch.device),
                    content: [&document.id.0, &change.hash.0],
                };
                let seq = scopes.append(self.tx, scope, entry)?;
                if *scope == home {
                    seqs.changes.push(seq);
                }
            }
        }
        if let Some(state) = &document.state {
            self.state(key, document, state, upto)?;
        }
        self.projected_place(key, document)?;
        cases::assign(self.tx, self.batch, key, &document.helpers)?;
        Ok(seqs)
    }

    fn change(
        &mut self,
        key: Key,
        document: &PreparedDocument,
        change: &NewChange,
    ) -> Result<Key, StoreError> {
        let actor = self
            .actors
            .get(&change.actor)
            .ok_or_else(|| StoreError::Failed("an actor went missing".to_owned()))?;
        let what = Sealed::Change(document.id, change.hash);
        let bytes = if document.kind.is_aftercare() {
            Cow::Owned(self.keys.seal(self.tx, key, what, &change.bytes)?)
        } else {
            Cow::Borrowed(&change.bytes)
        };
        self.tx
            .prepare_cached(
                "INSERT INTO change (document, hash, actor, received, bytes) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![key, change.hash.0, actor, self.batch.received, bytes.as_ref()])?;
        Ok(self.tx.last_insert_rowid())
    }

    fn state(
        &mut self,
        key: Key,
        document: &PreparedDocument,
        state: &NewState,
        upto: Option<Key>,
    ) -> Result<(), StoreError> {
        let heads: Vec<u8> = state.heads.iter().flat_map(|head| head.0).collect();
        let bytes = if document.kind.is_aftercare() {
            Cow::Owned(self.keys.seal(self.tx, key, Sealed::Snapshot(document.id, &heads), &state.bytes)?)
        } else {
            Cow::Borrowed(&state.bytes)
        };
        self.tx
            .prepare_cached(
                "INSERT INTO snapshot (document, upto, heads, bytes) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (document) DO UPDATE SET upto = max(upto, excluded.upto), heads = excluded.heads,
                     bytes = excluded.bytes",
            )?
            .execute(params![key, upto.unwrap_or(0), heads, bytes.as_ref()])?;
        rows::write(self.tx, key, &state.row, document.expected.is_none())?;
        if document.expected.is_some() && !document.kind.is_aftercare() {
            photos::erase_unlisted(self.tx, key)?;
        }
        Ok(())
    }

    /// What the projections keep of the placement.
    fn projected_place(&self, key: Key, document: &PreparedDocument) -> Result<(), StoreError> {
        let is_new = document.expected.is_none();
        let wards = |place: &Placement| (place.home, place.reached.clone());
        let stays = document.before.as_ref().map(wards) == Some(wards(&document.after));
        if stays || (is_new && document.after.reached.is_empty()) {
            return Ok(());
        }
        rows::write_wards(self.tx, key, document.after.reached.iter())
    }

    /// The document's own row, and what is new in the history of its placement.
    fn row(&self, document: &PreparedDocument) -> Result<Key, StoreError> {
        let home = ward_key(self.tx, document.after.home)?;
        let key = match document.expected {
            Some((key, _)) => {
                self.tx
                    .prepare_cached("UPDATE document SET version = version + 1, home = ?2 WHERE id = ?1")?
                    .execute(params![key, home])?;
                key
            }
            None => self.new_row(document, home)?,
        };
        document.events.iter().try_for_each(|event| place::history(self.tx, self.batch, key, event))?;
        Ok(key)
    }

    fn new_row(&self, document: &PreparedDocument, home: Key) -> Result<Key, StoreError> {
        let created = document.events.iter().find_map(|event| match event {
            PlacementEvent::Created(ward) => Some(*ward),
            _ => None,
        });
        let family = match document.after.case.filter(|_| document.kind.is_part_of_case()) {
            Some(case) => Some(self.key_of(case)?),
            None => None,
        };
        self.tx
            .prepare_cached(
                "INSERT INTO document (document, generation, kind, created_ward, home, created_by, created_at, family,
                     version)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1)",
            )?
            .execute(params![
                document.id.0,
                document.generation,
                document.kind.code(),
                ward_key(self.tx, created.unwrap_or(document.after.home))?,
                home,
                self.batch.person,
                self.batch.received,
                family
            ])?;
        let key = self.tx.last_insert_rowid();
        if document.kind == DocumentKind::AftercareCase {
            self.keys.make(self.tx, key, document.id)?;
        }
        Ok(key)
    }
}

/// Whether a new part still finds its case where it was when the part was prepared, or begun by the same batch.
fn has_its_case(
    tx: &Transaction<'_>,
    batch: &[PreparedDocument],
    document: &PreparedDocument,
) -> Result<bool, StoreError> {
    if document.expected.is_some() || !document.kind.is_part_of_case() {
        return Ok(true);
    }
    let Some(case) = document.after.case else { return Ok(false) };
    let begun = batch.iter().any(|other| {
        other.id == case
            && other.expected.is_none()
            && other.kind == DocumentKind::AftercareCase
            && other.events.contains(&PlacementEvent::Created(document.after.home))
    });
    Ok(begun || cases::home(tx, case)? == Some(document.after.home))
}

/// Keeps what was not taken. Long chunks are known by hash only.
fn set_aside(tx: &Transaction<'_>, vault: &Vault, batch: &PreparedBatch) -> Result<(), StoreError> {
    const KEPT: usize = 4096;
    let kept = |aside: &SetAside| {
        let bytes = if aside.bytes.len() <= KEPT { aside.bytes.clone() } else { Vec::new() };
        cases::seal_set_aside(vault, &SetAside { bytes, ..aside.clone() })
    };
    for aside in &batch.refused {
        tx.prepare_cached(
            "INSERT OR IGNORE INTO refused_change (hash, document, code, device, received, bytes, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1)",
        )?
        .execute(params![
            aside.hash.0,
            aside.document.0,
            aside.code,
            batch.device,
            batch.received,
            kept(aside)?
        ])?;
    }
    for aside in &batch.parked {
        tx.prepare_cached(
            "INSERT OR IGNORE INTO parked (hash, document, reason, device, received, bytes, sealed)
             SELECT ?1, id, ?3, ?4, ?5, ?6, 1 FROM document WHERE document = ?2",
        )?
        .execute(params![
            aside.hash.0,
            aside.document.0,
            aside.code,
            batch.device,
            batch.received,
            cases::seal_set_aside(vault, aside)?
        ])?;
    }
    Ok(())
}

/// Keeps the answer, when sending the batch again could not change it.
fn acknowledge(tx: &Transaction<'_>, batch: &PreparedBatch, answer: &PushAnswer) -> Result<(), StoreError> {
    let is_final = |answer: &Answer| !matches!(answer, Answer::MissingDependencies | Answer::RetryLater);
    if !answer.answers.iter().all(is_final) {
        return Ok(());
    }
    let (number, content) = batch.batch;
    tx.prepare_cached(
        "INSERT OR REPLACE INTO batch_ack (device, batch, content, answer) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![batch.device, number.cast_signed(), content, to_bytes(answer)])?;
    tx.prepare_cached(
        "DELETE FROM batch_ack WHERE device = ?1 AND batch <=
             (SELECT batch FROM batch_ack WHERE device = ?1 ORDER BY batch DESC LIMIT 1 OFFSET ?2)",
    )?
    .execute(params![batch.device, ANSWERS_KEPT])?;
    Ok(())
}
