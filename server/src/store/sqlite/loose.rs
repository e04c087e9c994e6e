//! Whole pictures that came without their record: each is given to the records that list it, now or when one does.

use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::photo::MAX_PHOTOS;
use donghanh_shared::ids::PhotoId;
use rusqlite::{OptionalExtension as _, params};

use super::photos::{about, place, size_of};
use super::pool::Transaction;
use crate::store::photos::{LoosePhoto, MAX_LOOSE, MAX_LOOSE_BYTES};
use crate::store::{Key, StoreError};

/// Gives a picture to the records that list it, or keeps it for the one that will.
pub fn keep(tx: &Transaction<'_>, device: Key, photo: &LoosePhoto, at: Millis) -> Result<(), StoreError> {
    let mut query = tx.prepare_cached("SELECT document FROM visit_photo WHERE photo = ?1")?;
    let documents: Vec<Key> =
        query.query_map([photo.photo.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut placed = false;
    for document in documents {
        placed |= give(tx, document, device, photo, at)?;
    }
    if !placed {
        tx.prepare_cached(
            "INSERT OR IGNORE INTO loose_photo (photo, device, received, bytes) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![photo.photo.0, device, at, photo.bytes])?;
    }
    Ok(())
}

/// Refuses what is more than one device may leave here.
pub fn check_room(tx: &Transaction<'_>, device: Key) -> Result<(), StoreError> {
    let (count, bytes) = tx
        .prepare_cached(
            "SELECT count(*), COALESCE(sum(length(bytes)), 0) FROM loose_photo WHERE device = ?1",
        )?
        .query_row([device], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if size_of(count)? > MAX_LOOSE || size_of(bytes)? > MAX_LOOSE_BYTES {
        return Err(Problem::new(Code::HandOverFull).into());
    }
    Ok(())
}

/// Gives a record the pictures that waited for it.
pub fn adopt(tx: &Transaction<'_>, document: Key, at: Millis) -> Result<(), StoreError> {
    let mut query = tx.prepare_cached(
        "SELECT loose_photo.photo, device, bytes FROM loose_photo
         JOIN visit_photo ON visit_photo.photo = loose_photo.photo WHERE document = ?1",
    )?;
    let rows = query.query_map([document], |row| {
        Ok((row.get(1)?, LoosePhoto { photo: PhotoId(row.get(0)?), bytes: row.get(2)? }))
    })?;
    for row in rows.collect::<Result<Vec<(Key, LoosePhoto)>, _>>()? {
        let (device, photo) = row;
        if give(tx, document, device, &photo, at)? {
            tx.prepare_cached("DELETE FROM loose_photo WHERE photo = ?1")?.execute([photo.photo.0])?;
        }
    }
    Ok(())
}

/// Puts a whole picture to a record; `false` when it is one that keeps none, or lists too many.
fn give(
    tx: &Transaction<'_>,
    document: Key,
    device: Key,
    photo: &LoosePhoto,
    at: Millis,
) -> Result<bool, StoreError> {
    if !about(tx, document)?.is_some_and(|(private, photos)| !private && photos <= MAX_PHOTOS) {
        return Ok(false);
    }
    let whole = tx
        .prepare_cached("SELECT whole_at IS NOT NULL FROM photo WHERE document = ?1 AND photo = ?2")?
        .query_row(params![document, photo.photo.0], |row| row.get::<_, bool>(0))
        .optional()?;
    if whole == Some(true) {
        return Ok(true);
    }
    // Pieces of an upload that never ended: the whole is here.
    tx.prepare_cached("DELETE FROM photo WHERE document = ?1 AND photo = ?2")?
        .execute(params![document, photo.photo.0])?;
    let size = place(photo.bytes.len())?;
    tx.prepare_cached(
        "INSERT INTO photo (photo, document, device, size, have, begun_at, whole_at) VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?5)",
    )?
    .execute(params![photo.photo.0, document, device, size, at])?;
    tx.prepare_cached("INSERT INTO photo_piece (photo, at, bytes) VALUES (?1, 0, ?2)")?
        .execute(params![tx.last_insert_rowid(), photo.bytes])?;
    Ok(true)
}
