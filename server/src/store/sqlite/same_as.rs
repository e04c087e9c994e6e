//! Which linked records count: kept beside the rows, so that reports read one view and ask nothing more. The rule is
//! [`donghanh_shared::domain::same_as`], the same as on phones.

use std::collections::BTreeMap;

use donghanh_shared::domain::same_as::{Said, stand_ins};
use donghanh_shared::ids::DocumentId;
use rusqlite::{OptionalExtension as _, params};

use super::pool::Transaction;
use crate::store::{Key, StoreError};

/// Writes what a record says; which one counts is settled by [`settle`] once its row and its place are written.
pub fn write(tx: &Transaction<'_>, document: Key, other: Option<DocumentId>) -> Result<(), StoreError> {
    match other {
        Some(other) => tx
            .prepare_cached("INSERT OR REPLACE INTO same_as (document, other) VALUES (?1, ?2)")?
            .execute(params![document, other.0])?,
        None => tx.prepare_cached("DELETE FROM same_as WHERE document = ?1")?.execute([document])?,
    };
    Ok(())
}

/// Settles anew which records count among those that are linked with this one, however far.
pub fn settle(tx: &Transaction<'_>, document: Key) -> Result<(), StoreError> {
    let is_linked = tx
        .prepare_cached(
            "SELECT 1 FROM document d WHERE d.id = ?1 AND (EXISTS (SELECT 1 FROM same_as WHERE document = d.id)
                 OR EXISTS (SELECT 1 FROM same_as WHERE other = d.document))",
        )?
        .exists([document])?;
    if is_linked { settle_linked(tx, Some(document)) } else { Ok(()) }
}

/// Settles it for every record.
pub fn settle_all(tx: &Transaction<'_>) -> Result<(), StoreError> {
    settle_linked(tx, None)
}

/// Of the records linked with `with`, or of all that are linked.
fn settle_linked(tx: &Transaction<'_>, with: Option<Key>) -> Result<(), StoreError> {
    let linked = linked(tx, with)?;
    let counted = stand_ins(linked.values().copied());
    let mut update = tx.prepare_cached("UPDATE same_as SET counted = ?2 WHERE document = ?1")?;
    let mut key = tx.prepare_cached("SELECT id FROM document WHERE document = ?1")?;
    for (document, said) in &linked {
        let stands_in = match counted.get(&said.id) {
            Some(other) => key.query_row([other.0], |row| row.get::<_, Key>(0)).optional()?,
            None => None,
        };
        update.execute(params![document, stands_in])?;
    }
    Ok(())
}

/// What records say that links lead to or from, by their rows. A set is a kind in a home ward.
fn linked(tx: &Transaction<'_>, with: Option<Key>) -> Result<BTreeMap<Key, Said<(u8, Key)>>, StoreError> {
    let mut query = tx.prepare_cached(
        "WITH RECURSIVE linked (id) AS (
             SELECT document FROM same_as WHERE ?1 IS NULL
             UNION
             SELECT ?1 WHERE ?1 IS NOT NULL
             UNION
             SELECT same_as.document FROM linked JOIN document ON document.id = linked.id
                 JOIN same_as ON same_as.other = document.document
             UNION
             SELECT document.id FROM linked JOIN same_as ON same_as.document = linked.id
                 JOIN document ON document.document = same_as.other
         )
         SELECT d.id, d.document, 0, d.home, v.archived, same_as.other
         FROM linked JOIN document d ON d.id = linked.id JOIN visit_row v ON v.document = d.id
         LEFT JOIN same_as ON same_as.document = d.id
         UNION ALL
         SELECT d.id, d.document, 1, d.home, v.archived, same_as.other
         FROM linked JOIN document d ON d.id = linked.id JOIN drive_row v ON v.document = d.id
         LEFT JOIN same_as ON same_as.document = d.id
         UNION ALL
         SELECT d.id, d.document, 2, d.home, v.archived, same_as.other
         FROM linked JOIN document d ON d.id = linked.id JOIN model_row v ON v.document = d.id
         LEFT JOIN same_as ON same_as.document = d.id",
    )?;
    let rows = query.query_map([with], |row| {
        let said = Said {
            id: DocumentId(row.get(1)?),
            set: (row.get(2)?, row.get(3)?),
            removed: row.get(4)?,
            same_as: row.get::<_, Option<[u8; 16]>>(5)?.map(DocumentId),
        };
        Ok((row.get(0)?, said))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
