//! Changes of people whose right had ended: kept aside, and shown among what was handed over, where whoever looks after the ward takes
//! them in or leaves them.

use donghanh_shared::ids::{ChangeHash, DocumentId};
use donghanh_shared::sync::wire::{PushItem, to_bytes};
use rusqlite::{Connection, params};

use super::cases::{seal_set_aside, set_aside_place};
use crate::store::batch::PreparedBatch;
use crate::store::handed_over::{MAX_ITEMS, TAKEN};
use crate::store::{Key, StoreError};
use crate::vault::{Purpose, Vault};

/// Keeps the parked changes of a batch.
pub fn keep(db: &Connection, vault: &Vault, batch: &PreparedBatch) -> Result<(), StoreError> {
    for aside in &batch.parked {
        let fresh = db
            .prepare_cached(
                "INSERT OR IGNORE INTO parked (hash, document, reason, device, received, bytes, sealed)
                 SELECT ?1, id, ?3, ?4, ?5, ?6, 1 FROM document WHERE document = ?2",
            )?
            .execute(params![
                aside.hash.0,
                aside.document.0,
                aside.code,
                batch.device,
                batch.received,
                seal_set_aside(vault, aside)?
            ])?;
        if fresh > 0 {
            show(db, vault, (aside.hash, aside.document, batch.device), &aside.bytes)?;
        }
    }
    Ok(())
}

/// Shows what an earlier build had parked where nobody saw it.
pub fn show_all(db: &Connection, vault: &Vault) -> Result<(), StoreError> {
    let mut query = db.prepare(
        "SELECT hash, document.document, device, bytes, sealed FROM parked JOIN document ON document.id = parked.document
         WHERE NOT EXISTS (SELECT 1 FROM handed_over WHERE item = hash) ORDER BY received, hash",
    )?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (hash, document) = (ChangeHash(row.get(0)?), DocumentId(row.get(1)?));
        let mut bytes: Vec<u8> = row.get(3)?;
        if row.get(4)? {
            bytes = vault.open_sealed(Purpose::SetAside, &set_aside_place(document, hash), &bytes)?;
        }
        show(db, vault, (hash, document, row.get(2)?), &bytes)?;
    }
    Ok(())
}

fn show(
    db: &Connection,
    vault: &Vault,
    (hash, document, device): (ChangeHash, DocumentId, Key),
    bytes: &[u8],
) -> Result<(), StoreError> {
    let shown: i64 = db
        .prepare_cached(
            "SELECT count(*) FROM handed_over WHERE device = ?1 AND reason = 'right_ended' AND outcome IS NULL",
        )?
        .query_row([device], |row| row.get(0))?;
    // Nobody looks through more; what waits behind them is shown after a later start.
    if shown.unsigned_abs() >= MAX_ITEMS {
        return Ok(());
    }
    let generation = db
        .prepare_cached("SELECT generation FROM document WHERE document = ?1")?
        .query_row([document.0], |row| row.get(0))?;
    let author: [u8; 16] = db
        .prepare_cached("SELECT device FROM device WHERE id = ?1")?
        .query_row([device], |row| row.get(0))?;
    let item = PushItem::Change { document, generation, bytes: bytes.to_vec().into() };
    let sealed = vault.seal(Purpose::HandedOver, &author, &to_bytes(&item))?;
    db.prepare_cached(
        "INSERT OR IGNORE INTO handed_over (item, device, document, kind, ward, received, bytes, reason)
         SELECT hash, device, document.document, document.kind, ward.ward, received, ?2, 'right_ended' FROM parked
         JOIN document ON document.id = parked.document JOIN ward ON ward.id = document.home WHERE hash = ?1",
    )?
    .execute(params![hash.0, sealed])?;
    Ok(())
}

/// What waited for somebody to take it in, and was brought back by a colleague who holds it from before a restore, waits no longer.
pub fn brought_back(db: &Connection, batch: &PreparedBatch) -> Result<(), StoreError> {
    let changes = batch.documents.iter().flat_map(|document| &document.changes);
    for change in changes.filter(|change| change.recovered.is_some()) {
        let parked = db.prepare_cached("DELETE FROM parked WHERE hash = ?1")?.execute([change.hash.0])?;
        if parked > 0 {
            db.prepare_cached(
                "UPDATE handed_over SET decided_by = ?2, decided_at = ?3, outcome = ?4 WHERE item = ?1 AND outcome IS NULL",
            )?
            .execute(params![change.hash.0, batch.person, batch.received, TAKEN])?;
        }
    }
    Ok(())
}

/// What was taken in is parked no longer: what builds on it is taken like anything else.
pub fn release(db: &Connection, handed_over: Key) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM parked WHERE hash = (SELECT item FROM handed_over WHERE id = ?1)")?
        .execute([handed_over])?;
    Ok(())
}
