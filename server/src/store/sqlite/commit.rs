//! Commits a prepared batch: rechecks what it was prepared on, then changes, snapshot, logs, digests and rows at once.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::crdt::Kind as DocumentKind;
use donghanh_shared::ids::ActorId;
use donghanh_shared::sync::wire::{Answer, PushAnswer, to_bytes};
use rusqlite::{OptionalExtension as _, params};

use super::accounts::note;
use super::documents::Writing;
use super::log::Scopes;
use super::pool::Transaction;
use super::references::carry_out;
use super::{case_log, cases, erase, parked};
use crate::store::{
    Committed, Draft, Event, Key, PlacementEvent, PreparedBatch, PreparedDocument, RegisterCommand, SetAside,
    StoreError,
};
use crate::vault::Vault;

/// Answers kept per device; an older batch sent again is looked at anew, which changes nothing.
const ANSWERS_KEPT: i64 = 64;

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
    let seqs = Writing::new(tx, vault, &batch, actors).documents(&mut scopes)?;
    scopes.save(tx)?;
    for command in &batch.done {
        done(tx, command.0, &batch)?;
    }
    for part in &batch.buried {
        erase::bury(tx, part, batch.device, batch.received)?;
    }
    set_aside(tx, vault, &batch)?;
    case_log::read(tx, &batch)?;
    tell_helpers(tx, &batch)?;
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
        for change in document.changes.iter().filter(|change| change.recovered.is_none()) {
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

/// Binds the actors of the batch to its device. [`stale`] has made sure that none belongs to another, but those of changes that are
/// brought back: they stay whose they are.
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
                let (device, person): ([u8; 16], [u8; 16]) = tx
                    .prepare_cached(
                        "SELECT device.device, person.person FROM device JOIN person ON person.id = ?2
                         WHERE device.id = ?1",
                    )?
                    .query_row([batch.device, batch.person], |row| Ok((row.get(0)?, row.get(1)?)))?;
                note(tx, batch.received, "actor_bound", &[actor.0, device, person].concat())?;
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
    Ok(begun || cases::whereabouts(tx, case)?.is_some_and(|case| case.home == document.after.home))
}

/// Keeps what was not taken. Long chunks, and those for what was erased, are known by hash only.
fn set_aside(tx: &Transaction<'_>, vault: &Vault, batch: &PreparedBatch) -> Result<(), StoreError> {
    const KEPT: usize = 4096;
    let kept = |aside: &SetAside| {
        let keep = aside.bytes.len() <= KEPT && erase::tombstone(tx, aside.document)?.is_none();
        let bytes = if keep { aside.bytes.clone() } else { Vec::new() };
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
    parked::brought_back(tx, batch)?;
    parked::keep(tx, vault, batch)
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

/// Whose assignments these may be: their streams look again at what they read.
fn tell_helpers(tx: &mut Transaction<'_>, batch: &PreparedBatch) -> Result<(), StoreError> {
    for helper in batch.documents.iter().flat_map(|document| &document.helpers) {
        let person = tx
            .prepare_cached("SELECT id FROM person WHERE person = ?1")?
            .query_row([helper.person.0], |row| row.get(0))
            .optional()?;
        tx.events.extend(person.map(Event::RightsChanged));
    }
    // Those that the ledger put to a case that is made again.
    let is_core = |one: &&PreparedDocument| one.expected.is_none() && one.kind == DocumentKind::AftercareCase;
    for core in batch.documents.iter().filter(is_core) {
        let people: Vec<Key> = tx
            .prepare_cached(
                "SELECT person FROM assignment JOIN document ON document.id = assignment.document
                 WHERE document.document = ?1 AND until IS NULL",
            )?
            .query_map([core.id.0], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        tx.events.extend(people.into_iter().map(Event::RightsChanged));
    }
    Ok(())
}
