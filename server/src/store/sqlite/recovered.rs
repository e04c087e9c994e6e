//! What others brought back after the database was put back.

use donghanh_shared::domain::date::Millis;
use donghanh_shared::ids::DocumentId;
use rusqlite::{Row, params};

use super::SqliteStore;
use crate::store::recovered::{Recovered, Recoveries};
use crate::store::{Key, Pending, StoreError};

impl Recoveries for SqliteStore {
    fn recovered(&self) -> Pending<'_, Vec<Recovered>> {
        self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT document.document, document.kind, ward.ward, json_group_array(DISTINCT author.full_name),
                     json_group_array(DISTINCT bringer.full_name), count(*), max(change.received), max(change.id)
                 FROM change JOIN document ON document.id = change.document JOIN ward ON ward.id = document.home
                 JOIN device ON device.id = change.recovered_by JOIN person bringer ON bringer.id = device.person
                 JOIN actor ON actor.id = change.actor JOIN person author ON author.id = actor.person
                 LEFT JOIN recovered_seen seen ON seen.document = document.id
                 WHERE change.recovered_by IS NOT NULL AND document.erased_at IS NULL
                     AND change.id > coalesce(seen.upto, 0)
                 GROUP BY document.id ORDER BY max(change.id) DESC",
            )?;
            query.query_and_then([], recovered)?.collect()
        })
    }

    fn see_recovered(&self, by: Key, seen: Vec<(DocumentId, Key)>, at: Millis) -> Pending<'_, ()> {
        self.write(move |tx| {
            let mut note = tx.prepare_cached(
                "INSERT INTO recovered_seen (document, upto, by, at) SELECT id, ?2, ?3, ?4 FROM document WHERE document = ?1
                 ON CONFLICT (document) DO UPDATE SET upto = max(upto, excluded.upto), by = excluded.by, at = excluded.at",
            )?;
            for (document, upto) in &seen {
                note.execute(params![document.0, upto, by, at])?;
            }
            Ok(())
        })
    }
}

fn recovered(row: &Row<'_>) -> Result<Recovered, StoreError> {
    let names = |at| -> Result<Vec<String>, StoreError> {
        serde_json::from_str(&row.get::<_, String>(at)?)
            .map_err(|error| StoreError::Failed(error.to_string()))
    };
    Ok(Recovered {
        document: DocumentId(row.get(0)?),
        kind: row.get(1)?,
        ward: row.get::<_, String>(2)?.parse()?,
        authors: names(3)?,
        brought_by: names(4)?,
        changes: row.get::<_, i64>(5)?.unsigned_abs(),
        at: row.get(6)?,
        upto: row.get(7)?,
    })
}
