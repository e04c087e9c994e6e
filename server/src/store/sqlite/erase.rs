//! Erases a case for good. What is left of each of its documents is a tombstone: its row, so that logs that name it can be
//! read and its identity is never used again.

use donghanh_shared::crdt::Kind as DocumentKind;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::aftercare::terms::ErasureReason;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ApprovalId, DeviceId, Digest, DocumentId};
use donghanh_shared::sync::wire::{PushItem, from_bytes};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::SqliteStore;
use super::accounts::note;
use super::ledger::{self, Erased};
use super::log::{Entry, Kind, Scopes};
use super::look::heads;
use super::pool::Transaction;
use crate::store::erasure::{AskedErasure, ErasableCase, Erasures};
use crate::store::{Event, Key, NewPart, Pending, StoreError};
use crate::vault::{Purpose, Vault};

/// Tables whose rows belong to one document each, in an order in which none points at what is gone.
const CONTENT: [&str; 11] = [
    "care_row",
    "case_key",
    "assignment",
    "snapshot",
    "change",
    "parked",
    "photo",
    "placement_history",
    "organisation_history",
    "school_history",
    "recovered_seen",
];

impl Erasures for SqliteStore {
    fn erasable(&self, case: DocumentId) -> Pending<'_, Option<ErasableCase>> {
        self.read(move |db| erasable(db, case))
    }

    fn erase(&self, approval: ApprovalId, by: Key, at: Millis) -> Pending<'_, Option<(DocumentId, WardRef)>> {
        let vault = self.vault();
        self.write(move |tx| {
            let case = tx
                .prepare_cached(
                    "UPDATE approval SET decided_by = ?2, granted = 1, decided_at = ?3
                     WHERE approval = ?1 AND kind = 'erasure' AND decided_at IS NULL RETURNING document",
                )?
                .query_row(params![approval.0, by, at], |row| row.get(0).map(DocumentId))
                .optional()?;
            let Some(case) = case else { return Ok(None) };
            Ok(erase(tx, &vault, case, at)?.map(|home| (case, home)))
        })
    }

    fn compact(&self) -> Pending<'_, ()> {
        Box::pin(self.writer.compact())
    }
}

fn erasable(db: &Connection, case: DocumentId) -> Result<Option<ErasableCase>, StoreError> {
    let found = db
        .prepare_cached(
            "SELECT ward.ward, document.created_at FROM document JOIN ward ON ward.id = document.home
             WHERE document.document = ?1 AND document.kind = 'aftercare_case' AND erased_at IS NULL",
        )?
        .query_row([case.0], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))
        .optional()?;
    let Some((home, created_at)) = found else { return Ok(None) };
    let mut query = db.prepare_cached(
        "SELECT approval, reason, person.full_name, asked_at FROM approval JOIN person ON person.id = asked_by
         WHERE kind = 'erasure' AND document = ?1 AND decided_at IS NULL",
    )?;
    let mut rows = query.query_and_then([case.0], |row| -> Result<_, StoreError> {
        let reason = ErasureReason::parse(&row.get::<_, String>(1)?)?;
        Ok(AskedErasure { approval: ApprovalId(row.get(0)?), reason, by: row.get(2)?, at: row.get(3)? })
    })?;
    Ok(Some(ErasableCase { home: home.parse()?, created_at, asked: rows.next().transpose()? }))
}

/// The last ward of a document that was erased; `None` for every other.
pub fn tombstone(db: &Connection, document: DocumentId) -> Result<Option<WardRef>, StoreError> {
    let home: Option<String> = db
        .prepare_cached(
            "SELECT ward.ward FROM document JOIN ward ON ward.id = document.home
             WHERE document.document = ?1 AND erased_at IS NOT NULL",
        )?
        .query_row([document.0], |row| row.get(0))
        .optional()?;
    Ok(home.map(|home| home.parse()).transpose()?)
}

/// Makes a tombstone of a new part that somebody began in a case that was erased.
pub fn bury(tx: &Transaction<'_>, part: &NewPart, device: Key, at: Millis) -> Result<(), StoreError> {
    let home: Option<String> = tx
        .prepare_cached(
            "INSERT OR IGNORE INTO document (document, generation, kind, created_ward, home, created_by, created_at,
                 family, version, erased_at)
             SELECT ?1, 1, ?2, core.home, core.home, device.person, ?4, core.id, 1, ?4 FROM document core, device
             WHERE core.document = ?5 AND core.erased_at IS NOT NULL AND device.id = ?3
             RETURNING (SELECT ward FROM ward WHERE ward.id = home)",
        )?
        .query_row(params![part.document.0, part.kind.code(), device, at, part.case.0], |row| row.get(0))
        .optional()?;
    if let Some(home) = home {
        let body = ledger::erased(part.document, part.case, part.kind, home.parse()?);
        note(tx, at, "document_erased", &body)?;
    }
    Ok(())
}

/// Does again what the ledger tells of: erases the case that the database has again, and makes a tombstone of a document that
/// it does not know.
pub fn again(tx: &mut Transaction<'_>, vault: &Vault, of: &Erased, at: Millis) -> Result<(), StoreError> {
    if of.document == of.case {
        erase(tx, vault, of.case, at)?;
    }
    // Where it was and whose, does not matter to anybody any more; the table wants to know.
    tx.prepare_cached(
        "INSERT OR IGNORE INTO document (document, generation, kind, created_ward, home, created_by, created_at, family,
             version, erased_at)
         SELECT ?1, 1, ?2, w.id, w.id, (SELECT min(id) FROM person), ?3,
             (SELECT id FROM document WHERE document = ?4 AND ?4 <> ?1), 1, ?3
         FROM ward w ORDER BY w.ward <> ?5, w.id LIMIT 1",
    )?
    .execute(params![of.document.0, of.kind.code(), at, of.case.0, of.ward.to_string()])?;
    Ok(())
}

/// A document of the case.
struct Part {
    key: Key,
    id: DocumentId,
    kind: DocumentKind,
    generation: u32,
    digest: Digest,
}

/// Erases the case; gives the ward it was in, or `None` when there is no such case any more.
fn erase(
    tx: &mut Transaction<'_>,
    vault: &Vault,
    case: DocumentId,
    at: Millis,
) -> Result<Option<WardRef>, StoreError> {
    let Some(ErasableCase { home, .. }) = erasable(tx, case)? else { return Ok(None) };
    let parts = parts(tx, case)?;
    tell_helpers(tx, &parts)?;
    let mut scopes = Scopes::default();
    for part in &parts {
        leave(tx, &mut scopes, part)?;
    }
    scopes.save(tx)?;
    for part in &parts {
        for table in CONTENT {
            tx.prepare_cached(&format!("DELETE FROM {table} WHERE document = ?1"))?.execute([part.key])?;
        }
        // The version rises: whatever was prepared on it is looked at again.
        tx.prepare_cached(
            "UPDATE document SET erased_at = ?2, generation = ?3, version = version + 1 WHERE id = ?1",
        )?
        .execute(params![part.key, at, part.generation + 1])?;
        note(tx, at, "document_erased", &ledger::erased(part.id, case, part.kind, home))?;
    }
    parts.iter().try_for_each(|part| forget(tx, part.id, at))?;
    // Those that a device handed over may not have reached the log.
    for (device, part) in handed_over_parts(tx, vault, case)? {
        bury(tx, &part, device, at)?;
        forget(tx, part.document, at)?;
    }
    tx.execute("UPDATE instance SET to_compact = 1", [])?;
    Ok(Some(home))
}

/// The core and everything that is part of it.
fn parts(db: &Connection, case: DocumentId) -> Result<Vec<Part>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT d.id, d.document, d.generation, s.heads, d.kind FROM document core
         JOIN document d ON d.id = core.id OR d.family = core.id JOIN snapshot s ON s.document = d.id
         WHERE core.document = ?1 ORDER BY d.id",
    )?;
    let rows = query.query_and_then([case.0], |row| {
        let (id, generation) = (DocumentId(row.get(1)?), row.get(2)?);
        let digest = Digest::of_document(id, generation, &heads(&row.get::<_, Vec<u8>>(3)?));
        let kind = DocumentKind::parse(&row.get::<_, String>(4)?)?;
        Ok(Part { key: row.get(0)?, id, kind, generation, digest })
    })?;
    rows.collect()
}

/// Takes a document out of all its scopes; their logs say that it was erased.
fn leave(tx: &Transaction<'_>, scopes: &mut Scopes, part: &Part) -> Result<(), StoreError> {
    let mut query = tx.prepare_cached(
        "SELECT scope.scope FROM placement JOIN scope ON scope.id = placement.scope WHERE document = ?1",
    )?;
    let placed = query.query_map([part.key], |row| row.get::<_, String>(0))?;
    for scope in placed.collect::<Result<Vec<_>, _>>()? {
        let scope = scope.parse()?;
        let state = scopes.get(tx, &scope)?;
        state.digest = state.digest.minus(part.digest);
        state.documents -= 1;
        let content = [&part.id.0[..], &[]];
        let entry = Entry { kind: Kind::Erase, subject: part.key, change: None, device: None, content };
        scopes.append(tx, &scope, entry)?;
    }
    tx.prepare_cached("DELETE FROM placement WHERE document = ?1")?.execute([part.key])?;
    Ok(())
}

/// Whoever looks after the case no longer does: their streams look again at what they may read.
fn tell_helpers(tx: &mut Transaction<'_>, parts: &[Part]) -> Result<(), StoreError> {
    for part in parts {
        let helpers: Vec<Key> = tx
            .prepare_cached("SELECT person FROM assignment WHERE document = ?1 AND until IS NULL")?
            .query_map([part.key], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        tx.events.extend(helpers.into_iter().map(Event::RightsChanged));
    }
    Ok(())
}

/// Parts of this case that devices handed over, each with its device.
fn handed_over_parts(
    db: &Connection,
    vault: &Vault,
    case: DocumentId,
) -> Result<Vec<(Key, NewPart)>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT device.id, device.device, handed_over.bytes FROM handed_over
         JOIN device ON device.id = handed_over.device
         WHERE length(handed_over.bytes) > 0 AND handed_over.kind <> 'aftercare_case'",
    )?;
    let mut rows = query.query([])?;
    let mut parts = Vec::new();
    while let Some(row) = rows.next()? {
        let (device, sealed) = (DeviceId(row.get(1)?), row.get::<_, Vec<u8>>(2)?);
        let item = vault.open_sealed(Purpose::HandedOver, &device.0, &sealed)?;
        if let Ok(PushItem::Command { command, .. }) = from_bytes(&item)
            && let Some(part) = NewPart::of(&command).filter(|part| part.case == case)
        {
            parts.push((row.get(0)?, part));
        }
    }
    Ok(parts)
}

/// Empties what was set aside and handed over of a document, and says why nothing can be made of it any more.
fn forget(tx: &Transaction<'_>, document: DocumentId, at: Millis) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE refused_change SET bytes = zeroblob(0) WHERE document = ?1")?
        .execute([document.0])?;
    tx.prepare_cached(
        "UPDATE handed_over SET bytes = zeroblob(0), outcome = coalesce(outcome, ?2),
             decided_at = coalesce(decided_at, ?3) WHERE document = ?1",
    )?
    .execute(params![document.0, Code::DocumentErased.code(), at])?;
    Ok(())
}
