//! Photos in pieces: appended as they arrive, checked against their name when the last one is there.

use std::collections::BTreeSet;

use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::outreach_visit::Form;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{DocumentId, PhotoId};
use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

use super::SqliteStore;
use super::pool::Transaction;
use crate::store::photos::{Arrived, ListedPhoto, NewPiece, Photos};
use crate::store::{Key, Pending, StoreError};

impl Photos for SqliteStore {
    fn listed(&self, document: DocumentId, photo: PhotoId) -> Pending<'_, Option<ListedPhoto>> {
        self.read(move |db| listed(db, document, photo))
    }

    fn put_piece(&self, piece: NewPiece) -> Pending<'_, Arrived> {
        self.write(move |tx| put(tx, &piece))
    }

    fn photo(&self, photo: PhotoId) -> Pending<'_, Option<(DocumentId, Vec<u8>)>> {
        self.read(move |db| {
            let found = db
                .prepare_cached(
                    "SELECT photo.id, document.document FROM photo JOIN document ON document.id = photo.document
                     WHERE photo.photo = ?1 AND photo.whole_at IS NOT NULL",
                )?
                .query_row([photo.0], |row| Ok((row.get::<_, Key>(0)?, DocumentId(row.get(1)?))))
                .optional()?;
            found.map(|(key, document)| Ok((document, whole(db, key)?))).transpose()
        })
    }
}

fn listed(db: &Connection, document: DocumentId, photo: PhotoId) -> Result<Option<ListedPhoto>, StoreError> {
    let found = db
        .prepare_cached(
            "SELECT document.id, ward.ward, visit_row.form, visit_row.high_risk FROM document
             JOIN visit_photo ON visit_photo.document = document.id AND visit_photo.photo = ?2
             JOIN visit_row ON visit_row.document = document.id JOIN ward ON ward.id = document.home
             WHERE document.document = ?1",
        )?
        .query_row(params![document.0, photo.0], |row| {
            let form: Option<String> = row.get(2)?;
            let high_risk: Option<u32> = row.get(3)?;
            Ok((row.get::<_, Key>(0)?, row.get::<_, String>(1)?, form, high_risk))
        })
        .optional()?;
    let Some((key, home, form, high_risk)) = found else { return Ok(None) };
    let home: WardRef = home.parse()?;
    let mut wards = BTreeSet::from([home]);
    let mut query = db.prepare_cached(
        "SELECT ward.ward FROM visit_ward JOIN ward ON ward.id = visit_ward.ward WHERE document = ?1",
    )?;
    for ward in query.query_map([key], |row| row.get::<_, String>(0))? {
        wards.insert(ward?.parse()?);
    }
    let form = form.and_then(|code| Form::parse(&code).ok());
    let private = form.is_some_and(Form::is_private) || high_risk.is_some_and(|number| number > 0);
    Ok(Some(ListedPhoto { home, wards, private }))
}

fn put(tx: &Transaction<'_>, piece: &NewPiece) -> Result<Arrived, StoreError> {
    let (key, size, have, is_whole) = row(tx, piece)?;
    let next = have == piece.at && size == piece.size && have + piece.bytes.len() <= size;
    if is_whole || !next || piece.bytes.is_empty() {
        return Ok(Arrived { have, whole: is_whole, damaged: false });
    }
    tx.prepare_cached("INSERT INTO photo_piece (photo, at, bytes) VALUES (?1, ?2, ?3)")?.execute(params![
        key,
        place(piece.at)?,
        piece.bytes
    ])?;
    let have = have + piece.bytes.len();
    tx.prepare_cached("UPDATE photo SET have = ?2 WHERE id = ?1")?.execute(params![key, place(have)?])?;
    if have < size {
        return Ok(Arrived { have, whole: false, damaged: false });
    }
    if Sha256::digest(whole(tx, key)?).as_slice() == piece.photo.0 {
        tx.prepare_cached("UPDATE photo SET whole_at = ?2 WHERE id = ?1")?
            .execute(params![key, piece.received])?;
        return Ok(Arrived { have, whole: true, damaged: false });
    }
    tx.prepare_cached("DELETE FROM photo WHERE id = ?1")?.execute([key])?;
    Ok(Arrived { have: 0, whole: false, damaged: true })
}

/// The photo's row, begun with its first piece: key, size, bytes that arrived, whether it is whole.
fn row(tx: &Transaction<'_>, piece: &NewPiece) -> Result<(Key, usize, usize, bool), StoreError> {
    tx.prepare_cached(
        "INSERT INTO photo (photo, document, device, size, have, begun_at)
         SELECT ?1, document.id, ?3, ?4, 0, ?5 FROM document WHERE document = ?2
         ON CONFLICT (photo) DO NOTHING",
    )?
    .execute(params![
        piece.photo.0,
        piece.document.0,
        piece.device,
        place(piece.size)?,
        piece.received
    ])?;
    let (key, size, have, is_whole) = tx
        .prepare_cached(
            "SELECT photo.id, size, have, whole_at IS NOT NULL FROM photo JOIN document ON document.id = photo.document
             WHERE photo.photo = ?1 AND document.document = ?2",
        )?
        .query_row(params![piece.photo.0, piece.document.0], |row| {
            Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?, row.get(3)?))
        })
        .optional()?
        // It belongs to another record: whoever asks learns nothing of that one.
        .ok_or_else(|| Problem::new(Code::NotFound))?;
    let bytes = |number: i64| usize::try_from(number).map_err(|error| StoreError::Failed(error.to_string()));
    Ok((key, bytes(size)?, bytes(have)?, is_whole))
}

fn place(bytes: usize) -> Result<i64, StoreError> {
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
