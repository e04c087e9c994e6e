//! What is already known: read before a batch is prepared.

use std::collections::HashMap;

use donghanh_shared::access::{Placement, Scope};
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ActorId, ChangeHash, DocumentId};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::cases::{self, CaseKeys, Sealed};
use super::{erase, placed};
use crate::store::{Key, Known, Questions, Replayed, StoreError, StoredDocument};
use crate::vault::Vault;

/// The answer kept for a batch with this content.
pub fn batch_answer(
    db: &Connection,
    device: Key,
    batch: u64,
    content: [u8; 16],
) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(db
        .prepare_cached("SELECT answer FROM batch_ack WHERE device = ?1 AND batch = ?2 AND content = ?3")?
        .query_row(params![device, batch.cast_signed(), content], |row| row.get(0))
        .optional()?)
}

/// Answers what a batch asks about its pieces.
pub fn look(db: &Connection, questions: &Questions) -> Result<Known, StoreError> {
    let mut known = Known::default();
    foreign(db, questions, &mut known)?;
    let hashes = || questions.changes.iter().flat_map(|(_, hash, _, deps)| deps.iter().chain([hash]));
    if any(db, "SELECT EXISTS (SELECT 1 FROM refused_change)")? {
        known.refused = named(db, "SELECT code FROM refused_change WHERE hash = ?1", hashes())?;
    }
    if any(db, "SELECT EXISTS (SELECT 1 FROM parked)")? {
        known.parked = named(db, "SELECT reason FROM parked WHERE hash = ?1", hashes())?;
    }
    let mut done = db.prepare_cached("SELECT 1 FROM command_done WHERE command = ?1")?;
    for command in &questions.commands {
        if done.exists([command.0])? {
            known.done.insert(*command);
        }
    }
    if any(db, "SELECT EXISTS (SELECT 1 FROM document WHERE erased_at IS NOT NULL)")? {
        for document in questions.documents.iter().chain(&questions.cases) {
            known.erased.extend(erase::tombstone(db, *document)?.map(|ward| (*document, ward)));
        }
    }
    for case in &questions.cases {
        known.cases.extend(cases::whereabouts(db, *case)?.map(|known| (*case, known)));
    }
    let mut delivered = db.prepare_cached(
        "SELECT 1 FROM audit WHERE document = ?1 AND device = ?2 AND kind = 'case_delivered'",
    )?;
    for document in &questions.reads {
        if delivered.exists(params![document.0, questions.device])? {
            known.delivered.insert(*document);
        }
    }
    if let Some(today) = questions.today {
        for person in &questions.people {
            if cases::is_helper(db, *person, today)? {
                known.helpers.insert(*person);
            }
        }
    }
    if was_put_back(db)? {
        for document in &questions.documents {
            known.placed.extend(placed::last(db, *document)?.map(|last| (*document, last)));
        }
        if !questions.people.is_empty() {
            let told = cases::helpers_told(db, None)?;
            known.helpers_told = told.into_iter().map(|(set, _)| (set.case, set.person)).collect();
        }
    }
    Ok(known)
}

/// Whether the database was ever put back to an older copy.
pub fn was_put_back(db: &Connection) -> Result<bool, StoreError> {
    any(db, "SELECT epoch > 1 FROM instance")
}

fn any(db: &Connection, sql: &str) -> Result<bool, StoreError> {
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

fn named<'a>(
    db: &Connection,
    sql: &str,
    hashes: impl Iterator<Item = &'a ChangeHash>,
) -> Result<HashMap<ChangeHash, String>, StoreError> {
    let mut query = db.prepare_cached(sql)?;
    let mut found = HashMap::new();
    for hash in hashes {
        if let Some(text) = query.query_row([hash.0], |row| row.get(0)).optional()? {
            found.insert(*hash, text);
        }
    }
    Ok(found)
}

/// Actors of other devices, which of their changes the log has all the same, and whose changes it may have lost: those of before
/// the database was put back. Whose an actor is stands in the ledger, so nobody takes another's place.
fn foreign(db: &Connection, questions: &Questions, known: &mut Known) -> Result<(), StoreError> {
    let mut bound = db.prepare_cached(
        "SELECT device, person, bound_at <= (SELECT max(at) FROM ledger WHERE kind = 'restored') FROM actor
         WHERE actor = ?1",
    )?;
    let mut logged = db.prepare_cached(
        "SELECT 1 FROM change JOIN document ON document.id = change.document
         WHERE document.document = ?1 AND change.hash = ?2",
    )?;
    let mut own = std::collections::HashSet::new();
    for (document, hash, actor, _) in &questions.changes {
        if own.contains(actor) {
            continue;
        }
        if !known.foreign.contains(actor) {
            let found = bound.query_row([actor.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
            let found: Option<(Key, Key, Option<bool>)> = found.optional()?;
            if found.is_none() && is_of_nobody_known(db, *actor)? {
                known.foreign.insert(*actor);
                continue;
            }
            let Some((_, person, lost)) = found.filter(|(device, ..)| *device != questions.device) else {
                own.insert(*actor);
                continue;
            };
            known.foreign.insert(*actor);
            if lost == Some(true) {
                known.recoverable.insert(*actor, person);
            }
        }
        if logged.exists(params![document.0, hash.0])? {
            known.logged.insert(*hash);
        }
    }
    Ok(())
}

/// Whether the ledger alone knows the actor: of somebody who came after the copy that was put back, and whom the database does
/// not know. It is not for whoever brings it first.
fn is_of_nobody_known(db: &Connection, actor: ActorId) -> Result<bool, StoreError> {
    if !was_put_back(db)? {
        return Ok(false);
    }
    let mut query =
        db.prepare_cached("SELECT 1 FROM ledger WHERE kind = 'actor_bound' AND substr(body, 1, 16) = ?1")?;
    Ok(query.exists([actor.0])?)
}

/// Documents as they stand.
pub fn documents(
    db: &Connection,
    vault: &Vault,
    ids: &[DocumentId],
) -> Result<HashMap<DocumentId, StoredDocument>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT d.id, d.version, d.kind, d.generation, h.ward, s.heads, s.bytes, core.document, d.created_by
         FROM document d JOIN ward h ON h.id = d.home JOIN snapshot s ON s.document = d.id
         LEFT JOIN document core ON core.id = d.family WHERE d.document = ?1",
    )?;
    let mut keys = CaseKeys::new(vault);
    let mut found = HashMap::with_capacity(ids.len());
    for id in ids {
        let mut rows = query.query([id.0])?;
        let Some(row) = rows.next()? else { continue };
        let (key, kind) = (row.get(0)?, Kind::parse(&row.get::<_, String>(2)?)?);
        let (heads_kept, mut bytes): (Vec<u8>, Vec<u8>) = (row.get(5)?, row.get(6)?);
        let mut placement = Placement::new(row.get::<_, String>(4)?.parse()?);
        if kind.is_aftercare() {
            bytes = keys.open(db, key, Sealed::Snapshot(*id, &heads_kept), &bytes)?;
            placement.case = Some(row.get::<_, Option<[u8; 16]>>(7)?.map_or(*id, DocumentId));
        }
        let mut document = StoredDocument {
            key,
            version: row.get(1)?,
            kind,
            generation: row.get(3)?,
            author: row.get(8)?,
            placement,
            heads: heads(&heads_kept),
            bytes,
            former_homes: Vec::new(),
            left: Vec::new(),
        };
        complete_placement(db, &mut document)?;
        found.insert(*id, document);
    }
    Ok(found)
}

/// Adds what the scopes and the history say.
fn complete_placement(db: &Connection, document: &mut StoredDocument) -> Result<(), StoreError> {
    let mut scopes = db.prepare_cached(
        "SELECT scope.scope FROM placement JOIN scope ON scope.id = placement.scope WHERE document = ?1",
    )?;
    let mut rows = scopes.query([document.key])?;
    let place = &mut document.placement;
    while let Some(row) = rows.next()? {
        match row.get::<_, String>(0)?.parse()? {
            Scope::Activity(ward) => drop(place.reached.insert(ward)),
            Scope::Organisation(organisation) => drop(place.organisations.insert(organisation)),
            Scope::Place(school) => drop(place.schools.insert(school)),
            Scope::Assignments(_)
            | Scope::Aftercare(_)
            | Scope::AftercareRestricted(_)
            | Scope::Case(_)
            | Scope::Reference => {}
        }
    }
    place.reached.remove(&place.home);
    document.former_homes = former_homes(db, document.key)?;
    let mut left = db.prepare_cached(
        "SELECT ward.ward FROM placement_history JOIN ward ON ward.id = placement_history.ward
         WHERE document = ?1 AND event = 'left' AND event <> 'created'",
    )?;
    let mut rows = left.query([document.key])?;
    while let Some(row) = rows.next()? {
        document.left.push(row.get::<_, String>(0)?.parse()?);
    }
    Ok(())
}

/// The wards that a document was moved away from, and when. A part of a case was wherever its case was, even before the part
/// was made: its author may not have heard of the move.
pub fn former_homes(db: &Connection, document: Key) -> Result<Vec<(WardRef, Millis)>, StoreError> {
    let mut moved = db.prepare_cached(
        "SELECT ward.ward, at FROM placement_history JOIN ward ON ward.id = placement_history.ward
         WHERE document IN (?1, (SELECT family FROM document WHERE id = ?1))
           AND event = 'moved_away' AND event <> 'created'",
    )?;
    let mut rows = moved.query([document])?;
    let mut homes = Vec::new();
    while let Some(row) = rows.next()? {
        homes.push((row.get::<_, String>(0)?.parse()?, row.get(1)?));
    }
    Ok(homes)
}

/// Heads as kept: 32 bytes each.
pub fn heads(bytes: &[u8]) -> Vec<ChangeHash> {
    bytes.chunks_exact(32).filter_map(ChangeHash::from_slice).collect()
}

/// Documents with all their changes, for projections.
pub fn replay(db: &Connection, vault: &Vault, after: Key, limit: u32) -> Result<Vec<Replayed>, StoreError> {
    let mut documents = db.prepare_cached(
        "SELECT d.id, d.document, d.kind, d.generation, s.heads FROM document d JOIN snapshot s ON s.document = d.id
         WHERE d.id > ?1 ORDER BY d.id LIMIT ?2",
    )?;
    let mut changes = db.prepare_cached("SELECT bytes, hash FROM change WHERE document = ?1 ORDER BY id")?;
    let mut rows = documents.query(params![after, limit])?;
    let mut keys = CaseKeys::new(vault);
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (key, id): (Key, _) = (row.get(0)?, DocumentId(row.get(1)?));
        let kind = Kind::parse(&row.get::<_, String>(2)?)?;
        let kept =
            changes.query_map([key], |row| Ok((row.get::<_, Vec<u8>>(0)?, ChangeHash(row.get(1)?))))?;
        let opened = kept.map(|kept| {
            let (bytes, hash) = kept?;
            if kind.is_aftercare() { keys.open(db, key, Sealed::Change(id, hash), &bytes) } else { Ok(bytes) }
        });
        found.push(Replayed {
            key,
            id,
            kind,
            generation: row.get(3)?,
            heads: heads(&row.get::<_, Vec<u8>>(4)?),
            changes: opened.collect::<Result<_, StoreError>>()?,
        });
    }
    Ok(found)
}
