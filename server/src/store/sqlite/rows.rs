//! Writes the projections, and dumps them for comparison.

use std::collections::BTreeMap;

use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::DocumentId;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ToSql, params};

use super::care_rows;
use super::cases::CaseKeys;
use super::pool::Transaction;
use super::references::ward_key;
use super::same_as;
use crate::projection::{COUNTS, DriveRow, ModelRow, Row, VERSION, VisitRow};
use crate::store::{Key, ProjectionDump, StoreError};
use crate::vault::Vault;

const TABLES: [&str; 14] = [
    "visit_row",
    "visit_place",
    "visit_organisation",
    "visit_ward",
    "visit_topic",
    "visit_photo",
    "drive_row",
    "drive_group",
    "drive_organisation",
    "model_row",
    "model_review",
    "model_activity",
    "model_organisation",
    "same_as",
];

/// Writes the row of a document, replacing the one before. Home and author are taken from the document's row.
pub fn write(
    tx: &Transaction<'_>,
    keys: &mut CaseKeys<'_>,
    (document, id): (Key, DocumentId),
    row: &Row,
    is_new: bool,
) -> Result<(), StoreError> {
    if let Some(other) = row.same_as() {
        same_as::write(tx, document, other)?;
    }
    match row {
        Row::Visit(row) => write_visit(tx, document, row, is_new),
        Row::Drive(row) => write_drive(tx, document, row, is_new),
        Row::Model(row) => write_model(tx, document, row, is_new),
        Row::Care(row) => care_rows::write(tx, keys, (document, id), row),
        Row::Nothing => Ok(()),
    }
}

fn write_visit(tx: &Transaction<'_>, document: Key, row: &VisitRow, is_new: bool) -> Result<(), StoreError> {
    let (confirmed, standing) = (row.standing.has_confirmed_values(), row.standing.code());
    let mut values: Vec<&dyn ToSql> = vec![
        &document,
        &row.date,
        &row.form,
        &row.lead,
        &row.campaign,
        &row.programme_year,
        &row.sessions,
        &row.media,
        &row.archived,
        &row.open_fields,
        &row.problems,
        &row.due,
        &row.changed_at,
        &confirmed,
        &standing,
    ];
    values.extend(row.counts.iter().map(|count| count as &dyn ToSql));
    debug_assert_eq!(values.len(), 15 + COUNTS.len());
    tx.prepare_cached(
        "INSERT OR REPLACE INTO visit_row (document, date, form, lead, campaign, programme_year, sessions, media, archived,
             open_fields, problems, due, changed_at, confirmed, standing, attendance, pupils, students, youth, workers, residents, officials,
             women, high_risk, households, leaflets, booklets, posters, banners, keepsakes, home, author)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,
             ?24, ?25, ?26, ?27, ?28, ?29, ?30, home, created_by FROM document WHERE id = ?1",
    )?
    .execute(values.as_slice())?;
    if !is_new {
        for sql in [
            "DELETE FROM visit_place WHERE document = ?1",
            "DELETE FROM visit_organisation WHERE document = ?1",
            "DELETE FROM visit_topic WHERE document = ?1",
            "DELETE FROM visit_photo WHERE document = ?1",
        ] {
            tx.prepare_cached(sql)?.execute([document])?;
        }
    }
    let mut place = tx.prepare_cached("INSERT INTO visit_place (document, place) VALUES (?1, ?2)")?;
    row.places.iter().try_for_each(|id| place.execute(params![document, id.0]).map(drop))?;
    let mut organisation =
        tx.prepare_cached("INSERT INTO visit_organisation (document, organisation) VALUES (?1, ?2)")?;
    row.organisations.iter().try_for_each(|id| organisation.execute(params![document, id]).map(drop))?;
    let mut topic = tx.prepare_cached("INSERT INTO visit_topic (document, topic) VALUES (?1, ?2)")?;
    row.topics.iter().try_for_each(|code| topic.execute(params![document, code]).map(drop))?;
    let mut photo = tx.prepare_cached("INSERT INTO visit_photo (document, photo) VALUES (?1, ?2)")?;
    row.photos.iter().try_for_each(|id| photo.execute(params![document, id.0]).map(drop))?;
    Ok(())
}

fn write_drive(tx: &Transaction<'_>, document: Key, row: &DriveRow, is_new: bool) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO drive_row (document, date, ended, year, place, campaign, lead, visit, archived, open_fields,
             problems, changed_at, confirmed, standing, home, author)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, home, created_by FROM document WHERE id = ?1",
    )?
    .execute(params![
        document,
        row.date,
        row.ended,
        row.year,
        row.place.map(|place| place.0),
        row.campaign,
        row.lead,
        row.visit.map(|visit| visit.0),
        row.archived,
        row.open_fields,
        row.problems,
        row.changed_at,
        row.standing.has_confirmed_values(),
        row.standing.code(),
    ])?;
    if !is_new {
        for sql in [
            "DELETE FROM drive_group WHERE document = ?1",
            "DELETE FROM drive_organisation WHERE document = ?1",
        ] {
            tx.prepare_cached(sql)?.execute([document])?;
        }
    }
    let mut group = tx.prepare_cached(
        "INSERT INTO drive_group (document, group_key, signer, name, expected, signed, absent, late, parents)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for one in &row.groups {
        group.execute(params![
            document,
            one.key,
            one.signer,
            one.name,
            one.expected,
            one.signed,
            one.absent,
            one.late,
            one.parents,
        ])?;
    }
    let mut organisation =
        tx.prepare_cached("INSERT INTO drive_organisation (document, organisation) VALUES (?1, ?2)")?;
    row.organisations.iter().try_for_each(|id| organisation.execute(params![document, id]).map(drop))?;
    Ok(())
}

fn write_model(tx: &Transaction<'_>, document: Key, row: &ModelRow, is_new: bool) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO model_row (document, name, kind, since, ended, place, lead, members, women, youth, archived,
             open_fields, problems, changed_at, confirmed, standing, home, author)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, home, created_by FROM document
         WHERE id = ?1",
    )?
    .execute(params![
        document,
        row.name,
        row.kind,
        row.since,
        row.ended,
        row.place.map(|place| place.0),
        row.lead,
        row.members,
        row.women,
        row.youth,
        row.archived,
        row.open_fields,
        row.problems,
        row.changed_at,
        row.standing.has_confirmed_values(),
        row.standing.code(),
    ])?;
    if !is_new {
        for sql in [
            "DELETE FROM model_review WHERE document = ?1",
            "DELETE FROM model_activity WHERE document = ?1",
            "DELETE FROM model_organisation WHERE document = ?1",
        ] {
            tx.prepare_cached(sql)?.execute([document])?;
        }
    }
    let mut review = tx.prepare_cached(
        "INSERT INTO model_review (document, year, effective, said_on) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for one in &row.reviews {
        review.execute(params![document, one.year, one.effective, one.said_on])?;
    }
    let mut activity =
        tx.prepare_cached("INSERT INTO model_activity (document, activity) VALUES (?1, ?2)")?;
    row.activities.iter().try_for_each(|id| activity.execute(params![document, id.0]).map(drop))?;
    let mut organisation =
        tx.prepare_cached("INSERT INTO model_organisation (document, organisation) VALUES (?1, ?2)")?;
    row.organisations.iter().try_for_each(|id| organisation.execute(params![document, id]).map(drop))?;
    Ok(())
}

/// Writes which other wards a document reached, and its home.
pub fn write_wards<'a>(
    tx: &Transaction<'_>,
    document: Key,
    reached: impl Iterator<Item = &'a WardRef>,
) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM visit_ward WHERE document = ?1")?.execute([document])?;
    let mut insert = tx.prepare_cached("INSERT INTO visit_ward (document, ward) VALUES (?1, ?2)")?;
    for ward in reached {
        insert.execute(params![document, ward_key(tx, *ward)?])?;
    }
    for sql in [
        "UPDATE visit_row SET home = (SELECT home FROM document WHERE id = ?1) WHERE document = ?1",
        "UPDATE drive_row SET home = (SELECT home FROM document WHERE id = ?1) WHERE document = ?1",
        "UPDATE model_row SET home = (SELECT home FROM document WHERE id = ?1) WHERE document = ?1",
    ] {
        tx.prepare_cached(sql)?.execute([document])?;
    }
    Ok(())
}

/// Replaces every projection.
pub fn replace_all(
    tx: &Transaction<'_>,
    vault: &Vault,
    rows: &[(DocumentId, Row)],
) -> Result<(), StoreError> {
    for table in TABLES.into_iter().chain([care_rows::TABLE]) {
        tx.execute(&format!("DELETE FROM {table}"), [])?;
    }
    let mut keys = CaseKeys::new(vault);
    for (id, row) in rows {
        let key: Key = tx
            .prepare_cached("SELECT id FROM document WHERE document = ?1")?
            .query_row([id.0], |found| found.get(0))?;
        write(tx, &mut keys, (key, *id), row, true)?;
    }
    same_as::settle_all(tx)?;
    // Placement is not in the documents: it is drawn from the scopes they are in.
    tx.execute(
        "INSERT INTO visit_ward (document, ward)
         SELECT placement.document, ward.id FROM placement
         JOIN scope ON scope.id = placement.scope JOIN ward ON 'activity/' || ward.ward = scope.scope
         JOIN document ON document.id = placement.document WHERE ward.id <> document.home",
        [],
    )?;
    tx.execute("UPDATE instance SET projected = ?1", [VERSION])?;
    Ok(())
}

/// Whether the tables were drawn by an older build than this one, and are to be drawn anew.
pub fn are_old(db: &Connection) -> Result<bool, StoreError> {
    Ok(db.query_row("SELECT projected < ?1 FROM instance", [VERSION], |row| row.get(0))?)
}

/// Every table as text, row by row.
pub fn dump(db: &Connection, vault: &Vault) -> Result<ProjectionDump, StoreError> {
    let mut tables = BTreeMap::from([(care_rows::TABLE.to_owned(), care_rows::dump(db, vault)?)]);
    for table in TABLES {
        // By the identity of documents and people, not by rows, so that two databases can be compared.
        let mut query = db.prepare(&format!(
            "SELECT hex(document.document), {table}.* FROM {table} JOIN document ON document.id = {table}.document"
        ))?;
        let names: Vec<String> = query.column_names().map(str::to_owned).collect();
        let mut rows = query.query([])?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next()? {
            let mut line = String::new();
            for (column, name) in names.iter().enumerate().filter(|(_, name)| *name != "document") {
                let text = resolve(db, name, row.get_ref(column)?)?;
                line.push_str(&format!("{name}={text} "));
            }
            lines.push(line);
        }
        lines.sort_unstable();
        tables.insert(table.to_owned(), lines);
    }
    Ok(tables)
}

fn resolve(db: &Connection, name: &str, value: ValueRef<'_>) -> Result<String, StoreError> {
    let sql = match name {
        "counted" if value != ValueRef::Null => "SELECT hex(document) FROM document WHERE id = ?1",
        "home" | "ward" => "SELECT ward FROM ward WHERE id = ?1",
        "author" => "SELECT hex(person) FROM person WHERE id = ?1",
        _ => {
            return Ok(match value {
                ValueRef::Null => "-".to_owned(),
                ValueRef::Integer(number) => number.to_string(),
                ValueRef::Real(number) => number.to_string(),
                ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                ValueRef::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            });
        }
    };
    let key = value.as_i64().map_err(|error| StoreError::Failed(error.to_string()))?;
    Ok(db.prepare_cached(sql)?.query_row([key], |row| row.get(0))?)
}
