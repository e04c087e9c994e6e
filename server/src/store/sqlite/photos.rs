//! Photos in pieces: appended as they arrive, checked against their name when the last one is there.

use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::outreach_visit::Form;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{DocumentId, PhotoId};
use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

use super::pool::Transaction;
use super::{SqliteStore, loose};
use crate::store::photos::{Arrived, ListedPhoto, LoosePhoto, NewPiece, Photos};
use crate::store::{Key, Pending, StoreError};

/// An upload that has not ended after so long is begun anew by its phone, if it still exists.
const GIVEN_UP_MS: Millis = 14 * 24 * 3600 * 1000;

impl Photos for SqliteStore {
    fn listed(&self, document: DocumentId, photo: PhotoId) -> Pending<'_, Option<ListedPhoto>> {
        self.read(move |db| listed(db, document, photo))
    }

    fn put_piece(&self, piece: NewPiece) -> Pending<'_, Arrived> {
        self.write(move |tx| put(tx, &piece))
    }

    fn keep_loose(&self, device: Key, photos: Vec<LoosePhoto>, at: Millis) -> Pending<'_, usize> {
        self.write(move |tx| {
            photos.iter().try_for_each(|photo| loose::keep(tx, device, photo, at))?;
            loose::check_room(tx, device)?;
            Ok(photos.len())
        })
    }

    fn records_of(&self, photo: PhotoId) -> Pending<'_, Vec<DocumentId>> {
        self.read(move |db| {
            let mut query = db.prepare_cached(
                "SELECT document.document FROM photo JOIN document ON document.id = photo.document
                 JOIN visit_photo ON visit_photo.document = photo.document AND visit_photo.photo = photo.photo
                 WHERE photo.photo = ?1 AND photo.whole_at IS NOT NULL",
            )?;
            let rows = query.query_map([photo.0], |row| row.get(0).map(DocumentId))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    fn photo(&self, document: DocumentId, photo: PhotoId) -> Pending<'_, Option<Vec<u8>>> {
        self.read(move |db| {
            let found: Option<Key> = db
                .prepare_cached(
                    "SELECT photo.id FROM photo JOIN document ON document.id = photo.document
                     WHERE photo.photo = ?1 AND document.document = ?2 AND photo.whole_at IS NOT NULL",
                )?
                .query_row(params![photo.0, document.0], |row| row.get(0))
                .optional()?;
            found.map(|key| whole(db, key)).transpose()
        })
    }
}

fn listed(db: &Connection, document: DocumentId, photo: PhotoId) -> Result<Option<ListedPhoto>, StoreError> {
    let found = db
        .prepare_cached(
            "SELECT document.id FROM document JOIN visit_photo ON visit_photo.document = document.id
             WHERE document.document = ?1 AND visit_photo.photo = ?2",
        )?
        .query_row(params![document.0, photo.0], |row| row.get::<_, Key>(0))
        .optional()?;
    let Some(key) = found else { return Ok(None) };
    let Some((private, photos)) = about(db, key)? else { return Ok(None) };
    let mut scopes = Vec::new();
    let mut query = db.prepare_cached(
        "SELECT scope.scope FROM placement JOIN scope ON scope.id = placement.scope WHERE document = ?1",
    )?;
    for scope in query.query_map([key], |row| row.get::<_, String>(0))? {
        scopes.push(scope?.parse()?);
    }
    Ok(Some(ListedPhoto { scopes, photos, private }))
}

/// Whether a visit is one that keeps no photos, and how many it lists.
pub fn about(db: &Connection, document: Key) -> Result<Option<(bool, usize)>, StoreError> {
    let found = db
        .prepare_cached(
            "SELECT form, high_risk, (SELECT count(*) FROM visit_photo WHERE document = ?1) FROM visit_row
             WHERE document = ?1",
        )?
        .query_row([document], |row| {
            Ok((row.get::<_, Option<String>>(0)?, row.get::<_, Option<u32>>(1)?, row.get::<_, i64>(2)?))
        })
        .optional()?;
    let Some((form, high_risk, photos)) = found else { return Ok(None) };
    let form = form.and_then(|code| Form::parse(&code).ok());
    let private = form.is_some_and(Form::is_private) || high_risk.is_some_and(|number| number > 0);
    Ok(Some((private, size_of(photos)?)))
}

/// A photo as far as it has come.
#[derive(Clone, Copy)]
struct Row {
    key: Key,
    size: usize,
    have: usize,
    whole: bool,
}

impl Row {
    fn arrived(self) -> Arrived {
        Arrived { have: self.have, whole: self.whole, damaged: false }
    }
}

fn put(tx: &Transaction<'_>, piece: &NewPiece) -> Result<Arrived, StoreError> {
    let document = record(tx, piece)?;
    let found = row(tx, document, piece.photo)?;
    if piece.bytes.is_empty() || found.is_some_and(|row| row.whole) {
        let nothing = Arrived { have: 0, whole: false, damaged: false };
        return Ok(found.map_or(nothing, Row::arrived));
    }
    // Begun with another size: whoever sends the first piece says which it is.
    let other = found.filter(|row| piece.at == 0 && row.size != piece.size);
    if let Some(row) = other {
        tx.prepare_cached("DELETE FROM photo WHERE id = ?1")?.execute([row.key])?;
    }
    let row = match found.filter(|_| other.is_none()) {
        Some(row) => row,
        None => begin(tx, document, piece)?,
    };
    let next = row.have == piece.at && row.size == piece.size && row.have + piece.bytes.len() <= row.size;
    if next { append(tx, row, piece) } else { Ok(row.arrived()) }
}

fn append(tx: &Transaction<'_>, row: Row, piece: &NewPiece) -> Result<Arrived, StoreError> {
    tx.prepare_cached("INSERT INTO photo_piece (photo, at, bytes) VALUES (?1, ?2, ?3)")?.execute(params![
        row.key,
        place(piece.at)?,
        piece.bytes
    ])?;
    let have = row.have + piece.bytes.len();
    tx.prepare_cached("UPDATE photo SET have = ?2 WHERE id = ?1")?.execute(params![row.key, place(have)?])?;
    if have < row.size {
        return Ok(Row { have, ..row }.arrived());
    }
    if Sha256::digest(whole(tx, row.key)?).as_slice() == piece.photo.0 {
        tx.prepare_cached("UPDATE photo SET whole_at = ?2 WHERE id = ?1")?
            .execute(params![row.key, piece.received])?;
        return Ok(Row { have, whole: true, ..row }.arrived());
    }
    tx.prepare_cached("DELETE FROM photo WHERE id = ?1")?.execute([row.key])?;
    Ok(Arrived { have: 0, whole: false, damaged: true })
}

/// The row of the record, if it lists the photo at this moment: a photo taken out meanwhile must not come in again.
fn record(tx: &Transaction<'_>, piece: &NewPiece) -> Result<Key, StoreError> {
    let found = tx
        .prepare_cached(
            "SELECT document.id FROM document JOIN visit_photo ON visit_photo.document = document.id
             WHERE document.document = ?1 AND visit_photo.photo = ?2",
        )?
        .query_row(params![piece.document.0, piece.photo.0], |row| row.get(0))
        .optional()?;
    found.ok_or_else(|| Problem::new(Code::NotFound).into())
}

fn row(tx: &Transaction<'_>, document: Key, photo: PhotoId) -> Result<Option<Row>, StoreError> {
    let found = tx
        .prepare_cached(
            "SELECT id, size, have, whole_at IS NOT NULL FROM photo WHERE document = ?1 AND photo = ?2",
        )?
        .query_row(params![document, photo.0], |row| {
            Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?, row.get(3)?))
        })
        .optional()?;
    let read = |(key, size, have, whole)| Ok(Row { key, size: size_of(size)?, have: size_of(have)?, whole });
    found.map(read).transpose()
}

/// Begins an upload, and lets go of those given up long ago.
fn begin(tx: &Transaction<'_>, document: Key, piece: &NewPiece) -> Result<Row, StoreError> {
    tx.prepare_cached("DELETE FROM photo WHERE whole_at IS NULL AND begun_at < ?1")?
        .execute([piece.received - GIVEN_UP_MS])?;
    tx.prepare_cached(
        "INSERT INTO photo (photo, document, device, size, have, begun_at) VALUES (?1, ?2, ?3, ?4, 0, ?5)",
    )?
    .execute(params![piece.photo.0, document, piece.device, place(piece.size)?, piece.received])?;
    Ok(Row { key: tx.last_insert_rowid(), size: piece.size, have: 0, whole: false })
}

pub fn size_of(number: i64) -> Result<usize, StoreError> {
    usize::try_from(number).map_err(|error| StoreError::Failed(error.to_string()))
}

pub fn place(bytes: usize) -> Result<i64, StoreError> {
    i64::try_from(bytes).map_err(|error| StoreError::Failed(error.to_string()))
}

fn whole(db: &Connection, key: Key) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    let mut query = db.prepare_cached("SELECT bytes FROM photo_piece WHERE photo = ?1 ORDER BY at")?;
    for piece in query.query_map([key], |row| row.get::<_, Vec<u8>>(0))? {
        bytes.extend(piece?);
    }
    Ok(bytes)
}

/// Erases the pictures of a record that it does not list any more: whoever takes a photo out wants it gone.
pub fn erase_unlisted(tx: &Transaction<'_>, document: Key) -> Result<(), StoreError> {
    tx.prepare_cached(
        "DELETE FROM photo WHERE document = ?1 AND photo NOT IN (SELECT photo FROM visit_photo WHERE document = ?1)",
    )?
    .execute([document])?;
    Ok(())
}
