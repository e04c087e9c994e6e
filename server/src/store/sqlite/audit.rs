//! Lines of the audit: written, counted up, found.

use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::search::{folded, matches};
use donghanh_shared::ids::{DeviceId, DocumentId, PersonId};
use rusqlite::{Connection, Row, params};

use super::SqliteStore;
use crate::store::audit::{Audit, Line, NewLine, Query};
use crate::store::{Key, Pending, StoreError};

/// Lines looked at for one answer at most: a search must not read years.
const LOOKED_AT: usize = 20_000;

impl Audit for SqliteStore {
    fn write_line(&self, line: NewLine, at: Millis) -> Pending<'_, Key> {
        self.write(move |tx| {
            let (document, ward) = (line.document.map(|id| id.0), line.ward.map(|ward| ward.to_string()));
            tx.prepare_cached(
                "INSERT INTO audit (at, kind, person, device, about, document, ward, address, note)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, COALESCE(?7, (SELECT ward FROM membership
                     WHERE person = COALESCE(?5, ?3) AND ward IS NOT NULL ORDER BY id DESC LIMIT 1)), ?8, ?9)",
            )?
            .execute(params![
                at,
                line.kind,
                line.person,
                line.device,
                line.about,
                document,
                ward,
                line.address,
                line.note
            ])?;
            Ok(tx.last_insert_rowid())
        })
    }

    fn count_lines(&self, counts: Vec<(Key, u64)>) -> Pending<'_, ()> {
        self.write(move |tx| {
            let mut update = tx.prepare_cached("UPDATE audit SET times = ?2 WHERE id = ?1")?;
            for (id, times) in &counts {
                update.execute(params![id, times.cast_signed()])?;
            }
            Ok(())
        })
    }

    fn lines(&self, query: Query) -> Pending<'_, Vec<Line>> {
        self.read(move |db| lines(db, &query))
    }
}

fn lines(db: &Connection, query: &Query) -> Result<Vec<Line>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT audit.id, at, kind, who.person, who.full_name, device.device, device.name, about.person, about.full_name,
            document, ward, address, note, times
         FROM audit LEFT JOIN person AS who ON who.id = audit.person
             LEFT JOIN person AS about ON about.id = audit.about
             LEFT JOIN device ON device.id = audit.device
         WHERE at >= COALESCE(?1, at) AND at < COALESCE(?2, at + 1) AND kind = COALESCE(?3, kind)
             AND (?4 IS NULL OR who.person = ?4 OR about.person = ?4)
             AND (?5 IS NULL OR document = ?5) AND audit.id < COALESCE(?6, audit.id + 1)
         ORDER BY audit.id DESC",
    )?;
    let (person, document) = (query.person.map(|id| id.0), query.document.map(|id| id.0));
    let mut rows = select.query(params![query.from, query.to, query.kind, person, document, query.before])?;
    let mut found = Vec::new();
    let mut looked_at = 0;
    while let Some(row) = rows.next()? {
        looked_at += 1;
        let line = line(row)?;
        if is_wanted(&line, query) {
            found.push(line);
        }
        if found.len() == query.limit || looked_at == LOOKED_AT {
            break;
        }
    }
    Ok(found)
}

fn is_wanted(line: &Line, query: &Query) -> bool {
    let is_of_wards =
        query.wards.as_ref().is_none_or(|wards| line.ward.is_some_and(|ward| wards.contains(&ward)));
    let name =
        |one: &Option<(PersonId, String)>| one.as_ref().map_or_else(String::new, |(_, name)| name.clone());
    let text = || {
        let device = line.device.as_ref().map_or("", |(_, name)| name);
        folded(&format!("{} {} {device} {} {}", name(&line.person), name(&line.about), line.kind, line.note))
    };
    is_of_wards && (query.words.is_empty() || matches(&text(), &query.words))
}

fn line(row: &Row<'_>) -> Result<Line, StoreError> {
    let person = |column: usize| -> Result<Option<(PersonId, String)>, rusqlite::Error> {
        let id: Option<[u8; 16]> = row.get(column)?;
        id.map(|id| Ok((PersonId(id), row.get(column + 1)?))).transpose()
    };
    let device: Option<[u8; 16]> = row.get(5)?;
    let ward: Option<String> = row.get(10)?;
    Ok(Line {
        id: row.get(0)?,
        at: row.get(1)?,
        kind: row.get(2)?,
        person: person(3)?,
        device: device.map(|id| Ok::<_, rusqlite::Error>((DeviceId(id), row.get(6)?))).transpose()?,
        about: person(7)?,
        document: row.get::<_, Option<[u8; 16]>>(9)?.map(DocumentId),
        ward: ward.map(|text| text.parse()).transpose()?,
        address: row.get(11)?,
        note: row.get(12)?,
        times: row.get::<_, i64>(13)?.cast_unsigned(),
    })
}
