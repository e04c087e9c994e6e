//! Devices as people look after them.

use donghanh_shared::domain::date::Millis;
use donghanh_shared::ids::{DeviceId, PersonId};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::SqliteStore;
use super::accounts::{memberships, note, session};
use super::pool::Transaction;
use crate::store::devices::{Device, Devices, Which};
use crate::store::{Event, Key, Pending, Session, StoreError};

impl Devices for SqliteStore {
    fn devices(&self, which: Which) -> Pending<'_, Vec<Device>> {
        self.read(move |db| devices(db, which))
    }

    fn session_of(&self, device: Key) -> Pending<'_, Option<Session>> {
        self.read(move |db| session(db, "device.id = ?1", params![device]))
    }

    fn revoke(&self, device: Key, by: Key, at: Millis) -> Pending<'_, ()> {
        self.write(move |tx| revoke(tx, device, by, at))
    }

    fn seen(&self, device: Key, waiting: Option<u64>, at: Millis) -> Pending<'_, ()> {
        self.write(move |tx| {
            tx.prepare_cached(
                "UPDATE device SET last_seen_at = ?2, waiting = COALESCE(?3, waiting) WHERE id = ?1",
            )?
            .execute(params![device, at, waiting.map(u64::cast_signed)])?;
            Ok(())
        })
    }

    fn wiped(&self, device: Key, at: Millis) -> Pending<'_, ()> {
        self.write(move |tx| {
            tx.prepare_cached("UPDATE device SET wiped_at = COALESCE(wiped_at, ?2) WHERE id = ?1")?
                .execute(params![device, at])?;
            Ok(())
        })
    }

    fn unlock_key(&self, device: Key) -> Pending<'_, Option<Vec<u8>>> {
        self.read(move |db| {
            let key = db
                .prepare_cached("SELECT unlock_key FROM device WHERE id = ?1 AND ended_at IS NULL")?
                .query_row([device], |row| row.get(0))
                .optional()?;
            Ok(key.flatten())
        })
    }
}

/// Takes a device off: only its unsent edits are accepted from it from now on.
pub fn revoke(tx: &mut Transaction<'_>, device: Key, by: Key, at: Millis) -> Result<(), StoreError> {
    let revoked = tx
        .prepare_cached(
            "UPDATE device SET ended_at = ?2, revoked_at = ?2, revoked_by = ?3, unlock_key = NULL
             WHERE id = ?1 AND ended_at IS NULL RETURNING device",
        )?
        .query_row(params![device, at, by], |row| row.get::<_, [u8; 16]>(0))
        .optional()?;
    if let Some(device) = revoked {
        note(tx, at, "device_revoked", &device)?;
        tx.events.push(Event::SessionEnded(DeviceId(device)));
    }
    Ok(())
}

fn devices(db: &Connection, which: Which) -> Result<Vec<Device>, StoreError> {
    let condition = match which {
        Which::All => "?1 IS NULL AND (device.ended_at IS NULL OR device.revoked_at IS NOT NULL)",
        Which::Of(_) => "device.person = ?1 AND (device.ended_at IS NULL OR device.revoked_at IS NOT NULL)",
        Which::One(_) => "device.device = ?1",
    };
    let mut query = db.prepare_cached(&format!(
        "SELECT device.id, device.device, device.name, person.id, person.person, person.full_name, device.created_at,
            device.last_seen_at, device.waiting, device.ended_at, device.revoked_at, device.wiped_at,
            (SELECT count(*) FROM handed_over WHERE handed_over.device = device.id AND handed_over.reason = 'device_revoked')
         FROM device JOIN person ON person.id = device.person WHERE {condition} ORDER BY device.id DESC",
    ))?;
    let rows = match which {
        Which::All => query.query_map([None::<Key>], device)?,
        Which::Of(person) => query.query_map([person], device)?,
        Which::One(id) => query.query_map([id.0], device)?,
    };
    let mut found = rows.collect::<Result<Vec<Device>, _>>()?;
    for one in &mut found {
        one.memberships = memberships(db, one.person_key)?;
    }
    Ok(found)
}

fn device(row: &Row<'_>) -> rusqlite::Result<Device> {
    Ok(Device {
        key: row.get(0)?,
        device: DeviceId(row.get(1)?),
        name: row.get(2)?,
        person_key: row.get(3)?,
        person: PersonId(row.get(4)?),
        person_name: row.get(5)?,
        memberships: Vec::new(),
        created_at: row.get(6)?,
        last_seen_at: row.get(7)?,
        waiting: row.get::<_, Option<i64>>(8)?.map(i64::cast_unsigned),
        ended_at: row.get(9)?,
        revoked_at: row.get(10)?,
        wiped_at: row.get(11)?,
        handed_over: row.get::<_, i64>(12)?.cast_unsigned(),
    })
}
