//! Commits a prepared batch: rechecks what it was prepared on, then changes, snapshot, logs, digests and rows at once.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::access::Scope;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ActorId, ChangeHash, Digest};
use donghanh_shared::sync::wire::{Answer, PushAnswer, to_bytes};
use rusqlite::{OptionalExtension as _, params};

use super::accounts::note;
use super::log::{Entry, Kind, Scopes};
use super::pool::Transaction;
use super::references::{carry_out, ward_key};
use super::{photos, rows};
use crate::store::{
    Committed, Draft, Key, PlacementEvent, PreparedBatch, PreparedDocument, RegisterCommand, SetAside,
    StoreError,
};

/// Answers kept per device; an older batch sent again is looked at anew, which changes nothing.
const ANSWERS_KEPT: i64 = 64;

/// Places in the log of the home scope.
#[derive(Default)]
struct Seqs {
    placement: u64,
    changes: Vec<u64>,
}

/// Commits the batch, or writes nothing when somebody else was faster.
pub fn commit(tx: &mut Transaction<'_>, batch: PreparedBatch) -> Result<Committed, StoreError> {
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
    let mut seqs = Vec::with_capacity(batch.documents.len());
    for document in &batch.documents {
        seqs.push(write(tx, &mut scopes, &batch, document, &actors)?);
    }
    scopes.save(tx)?;
    for command in &batch.done {
        done(tx, command.0, &batch)?;
    }
    set_aside(tx, &batch)?;
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
        let mut is_stale = found != document.expected;
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

fn write(
    tx: &Transaction<'_>,
    scopes: &mut Scopes,
    batch: &PreparedBatch,
    document: &PreparedDocument,
    actors: &BTreeMap<ActorId, Key>,
) -> Result<Seqs, StoreError> {
    let home =
        document.after.home.ok_or_else(|| StoreError::Failed("a document without a home".to_owned()))?;
    let key = document_row(tx, batch, document, home)?;
    let heads_after = document.state.as_ref().map_or(&document.heads_before, |state| &state.heads);
    let mut seqs = Seqs::default();
    place(tx, scopes, batch, document, key, heads_after, &mut seqs)?;
    let mut upto = None;
    for change in &document.changes {
        let actor = actors
            .get(&change.actor)
            .ok_or_else(|| StoreError::Failed("an actor went missing".to_owned()))?;
        tx.prepare_cached(
            "INSERT INTO change (document, hash, actor, received, bytes) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![key, change.hash.0, actor, batch.received, change.bytes])?;
        let change_key = tx.last_insert_rowid();
        upto = Some(change_key);
        for ward in document.after.wards() {
            let entry = Entry {
                kind: Kind::Put,
                subject: key,
                change: Some(change_key),
                device: Some(batch.device),
                content: [&document.id.0, &change.hash.0],
            };
            let seq = scopes.append(tx, &Scope::Activity(ward), entry)?;
            if ward == home {
                seqs.changes.push(seq);
            }
        }
    }
    if let Some(state) = &document.state {
        let heads: Vec<u8> = state.heads.iter().flat_map(|head| head.0).collect();
        tx.prepare_cached(
            "INSERT INTO snapshot (document, upto, heads, bytes) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (document) DO UPDATE SET upto = max(upto, excluded.upto), heads = excluded.heads,
                 bytes = excluded.bytes",
        )?
        .execute(params![key, upto.unwrap_or(0), heads, state.bytes])?;
        rows::write(tx, key, &state.row, document.expected.is_none())?;
        if document.expected.is_some() {
            photos::erase_unlisted(tx, key)?;
        }
    }
    if document.before != document.after
        && (document.expected.is_some() || !document.after.reached.is_empty())
    {
        rows::write_wards(tx, key, document.after.reached.iter())?;
    }
    Ok(seqs)
}

fn document_row(
    tx: &Transaction<'_>,
    batch: &PreparedBatch,
    document: &PreparedDocument,
    home: WardRef,
) -> Result<Key, StoreError> {
    let key = match document.expected {
        Some((key, _)) => {
            tx.prepare_cached("UPDATE document SET version = version + 1 WHERE id = ?1")?.execute([key])?;
            if document.before.home != document.after.home {
                tx.prepare_cached("UPDATE document SET home = ?2 WHERE id = ?1")?
                    .execute(params![key, ward_key(tx, home)?])?;
            }
            key
        }
        None => {
            let created = document.events.iter().find_map(|event| match event {
                PlacementEvent::Created(ward) => Some(*ward),
                _ => None,
            });
            tx.prepare_cached(
                "INSERT INTO document (document, generation, kind, created_ward, home, created_by, created_at, version)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1)",
            )?
            .execute(params![
                document.id.0,
                document.generation,
                document.kind.code(),
                ward_key(tx, created.unwrap_or(home))?,
                ward_key(tx, home)?,
                batch.person,
                batch.received
            ])?;
            tx.last_insert_rowid()
        }
    };
    for event in &document.events {
        let named = match event {
            PlacementEvent::Created(ward) => [Some((*ward, "created")), None],
            PlacementEvent::Reached(ward) => [Some((*ward, "reached")), None],
            PlacementEvent::Left(ward) => [Some((*ward, "left")), None],
            PlacementEvent::Moved(from, to) => [Some((*from, "moved_away")), Some((*to, "moved_here"))],
        };
        for (ward, name) in named.into_iter().flatten() {
            tx.prepare_cached(
                "INSERT INTO placement_history (document, ward, event, person, at) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![key, ward_key(tx, ward)?, name, batch.person, batch.received])?;
        }
    }
    Ok(key)
}

/// Moves the document between scopes and keeps their digests.
fn place(
    tx: &Transaction<'_>,
    scopes: &mut Scopes,
    batch: &PreparedBatch,
    document: &PreparedDocument,
    key: Key,
    heads_after: &[ChangeHash],
    seqs: &mut Seqs,
) -> Result<(), StoreError> {
    let (before, after) = (document.before.wards(), document.after.wards());
    let old = Digest::of_document(document.id, document.generation, &document.heads_before);
    let new = Digest::of_document(document.id, document.generation, heads_after);
    for ward in before.union(&after) {
        let scope = Scope::Activity(*ward);
        let (was, is) = (before.contains(ward), after.contains(ward));
        let state = scopes.get(tx, &scope)?;
        if was {
            state.digest = state.digest.minus(old);
        }
        if is {
            state.digest = state.digest.plus(new);
        }
        if was == is {
            if Some(*ward) == document.after.home {
                seqs.placement = state.seq.unsigned_abs();
            }
            continue;
        }
        state.documents += if is { 1 } else { -1 };
        let sql = if is {
            "INSERT INTO placement (scope, document) VALUES (?1, ?2)"
        } else {
            "DELETE FROM placement WHERE scope = ?1 AND document = ?2"
        };
        tx.prepare_cached(sql)?.execute(params![state.id, key])?;
        // The phone that created it has it; who reached a ward or moved it is told like everybody.
        let device =
            (document.expected.is_none() && Some(*ward) == document.after.home).then_some(batch.device);
        let kind = if is { Kind::Enter } else { Kind::Leave };
        let entry = Entry { kind, subject: key, change: None, device, content: [&document.id.0, &new.0] };
        let seq = scopes.append(tx, &scope, entry)?;
        if Some(*ward) == document.after.home {
            seqs.placement = seq;
        }
    }
    Ok(())
}

/// Keeps what was not taken. Long chunks are known by hash only.
fn set_aside(tx: &Transaction<'_>, batch: &PreparedBatch) -> Result<(), StoreError> {
    const KEPT: usize = 4096;
    let kept = |aside: &SetAside| if aside.bytes.len() <= KEPT { aside.bytes.clone() } else { Vec::new() };
    for aside in &batch.refused {
        tx.prepare_cached(
            "INSERT OR IGNORE INTO refused_change (hash, document, code, device, received, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            aside.hash.0,
            aside.document.0,
            aside.code,
            batch.device,
            batch.received,
            kept(aside)
        ])?;
    }
    for aside in &batch.parked {
        tx.prepare_cached(
            "INSERT OR IGNORE INTO parked (hash, document, reason, device, received, bytes)
             SELECT ?1, id, ?3, ?4, ?5, ?6 FROM document WHERE document = ?2",
        )?
        .execute(params![
            aside.hash.0,
            aside.document.0,
            aside.code,
            batch.device,
            batch.received,
            aside.bytes
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
