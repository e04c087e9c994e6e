//! What revoked devices gave back.

use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::{DeviceId, DocumentId, PersonId};
use rusqlite::{OptionalExtension as _, Row, params};

use super::SqliteStore;
use super::erase;
use super::parked;
use super::pool::Transaction;
use crate::store::handed_over::{Decision, HandedOver, Item, MAX_BYTES, MAX_ITEMS, NewItem, Received, TAKEN};
use crate::store::{Key, Pending, StoreError};

/// Columns of an item, in the order of [`item`].
const ITEM: &str = "handed_over.id, device.id, device.device, device.name, person.person, person.full_name, \
    handed_over.received, handed_over.kind, handed_over.document, \
    COALESCE((SELECT ward.ward FROM document JOIN ward ON ward.id = document.home \
        WHERE document.document = handed_over.document AND document.erased_at IS NULL), handed_over.ward), \
    handed_over.outcome, handed_over.reason";
const FROM: &str = "FROM handed_over JOIN device ON device.id = handed_over.device \
    JOIN person ON person.id = device.person";

impl HandedOver for SqliteStore {
    fn hand_over(&self, device: Key, items: Vec<NewItem>, at: Millis) -> Pending<'_, Received> {
        self.write(move |tx| hand_over(tx, device, &items, at))
    }

    fn handed_over(&self) -> Pending<'_, Vec<Item>> {
        self.read(|db| {
            let mut query =
                db.prepare_cached(&format!("SELECT {ITEM} {FROM} ORDER BY handed_over.id DESC"))?;
            let rows = query.query_and_then([], item)?;
            rows.collect()
        })
    }

    fn handed_over_bytes(&self, ids: Vec<Key>) -> Pending<'_, Vec<(Item, Vec<u8>)>> {
        self.read(move |db| {
            let mut query = db.prepare_cached(&format!(
                "SELECT {ITEM}, handed_over.bytes {FROM} WHERE handed_over.id = ?1 AND handed_over.outcome IS NULL"
            ))?;
            let mut ids = ids;
            ids.sort_unstable();
            ids.dedup();
            let mut found = Vec::with_capacity(ids.len());
            for id in ids {
                let mut rows = query.query([id])?;
                if let Some(row) = rows.next()? {
                    found.push((item(row)?, row.get(12)?));
                }
            }
            Ok(found)
        })
    }

    fn decide_handed_over(&self, by: Key, decisions: Vec<Decision>, at: Millis) -> Pending<'_, ()> {
        self.write(move |tx| {
            let mut update = tx.prepare_cached(
                "UPDATE handed_over SET decided_by = ?2, decided_at = ?3, outcome = ?4 WHERE id = ?1 AND outcome IS NULL",
            )?;
            for decision in &decisions {
                update.execute(params![decision.id, by, at, decision.outcome])?;
                if decision.outcome == TAKEN {
                    parked::release(tx, decision.id)?;
                }
            }
            Ok(())
        })
    }
}

fn hand_over(
    tx: &Transaction<'_>,
    device: Key,
    items: &[NewItem],
    at: Millis,
) -> Result<Received, StoreError> {
    let mut known = tx.prepare_cached("SELECT 1 FROM handed_over WHERE item = ?1")?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO handed_over (item, device, document, kind, ward, received, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let mut received = Received::default();
    for item in items {
        if let Some(part) = &item.part {
            erase::bury(tx, part, device, at)?;
        }
        let tombstone = item.document.map_or(Ok(None), |document| erase::tombstone(tx, document))?;
        if tombstone.is_some() || known.exists([item.item])? {
            received.already += 1;
            continue;
        }
        let mut told = (item.kind.clone(), item.ward.map(|ward| ward.to_string()));
        if let Some(document) = item.document {
            let of_document = placed(tx, document)?;
            told = (told.0.or(of_document.0), told.1.or(of_document.1));
        }
        if told.1.is_none() {
            told.1 = home(tx, device)?;
        }
        let document = item.document.map(|document| document.0);
        insert.execute(params![item.item, device, document, told.0, told.1, at, item.bytes])?;
        received.taken += 1;
    }
    let (count, bytes) = tx
        .prepare_cached(
            "SELECT count(*), COALESCE(sum(length(bytes)), 0) FROM handed_over WHERE device = ?1 AND reason = 'device_revoked'",
        )?
        .query_row([device], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    if received.taken > 0 && (count.cast_unsigned() > MAX_ITEMS || bytes.cast_unsigned() > MAX_BYTES) {
        return Err(Problem::new(Code::HandOverFull).into());
    }
    Ok(received)
}

/// Kind and ward of a document: as the server has it, or as what was handed over before tells.
fn placed(
    tx: &Transaction<'_>,
    document: DocumentId,
) -> Result<(Option<String>, Option<String>), StoreError> {
    let found = tx
        .prepare_cached(
            "SELECT document.kind, ward.ward FROM document JOIN ward ON ward.id = document.home WHERE document = ?1
             UNION ALL SELECT kind, ward FROM handed_over WHERE document = ?1 AND kind IS NOT NULL LIMIT 1",
        )?
        .query_row([document.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// The ward of the device's person: somebody must see what belongs nowhere else.
fn home(tx: &Transaction<'_>, device: Key) -> Result<Option<String>, StoreError> {
    let found = tx
        .prepare_cached(
            "SELECT ward FROM membership WHERE person = (SELECT person FROM device WHERE id = ?1) AND ward IS NOT NULL
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row([device], |row| row.get(0))
        .optional()?;
    Ok(found)
}

fn item(row: &Row<'_>) -> Result<Item, StoreError> {
    let ward = row.get::<_, Option<String>>(9)?;
    Ok(Item {
        id: row.get(0)?,
        device_key: row.get(1)?,
        device: DeviceId(row.get(2)?),
        device_name: row.get(3)?,
        person: PersonId(row.get(4)?),
        person_name: row.get(5)?,
        received: row.get(6)?,
        kind: row.get(7)?,
        document: row.get::<_, Option<[u8; 16]>>(8)?.map(DocumentId),
        ward: ward.map(|text| text.parse()).transpose()?,
        outcome: row.get(10)?,
        reason: row.get(11)?,
    })
}
