//! Writes the projections of after-care, and reads them for counting. Which case a part belongs to is taken from its row in
//! `document`; where a case is, from that of its core.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::aftercare::CaseStatus;
use donghanh_shared::domain::aftercare::schedule::{Basis, Seen};
use donghanh_shared::domain::aftercare::support::Told;
use donghanh_shared::domain::aftercare::terms::{EventKind, SupportKind};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::vocabulary::Term as _;
use rusqlite::{Connection, Row, params};

use super::pool::Transaction;
use super::report::json;
use crate::projection::aftercare::{CaseRow, EventRow, PartRow, SupportRows};
use crate::store::aftercare::{CaseFacts, EventFact};
use crate::store::{Key, StoreError};

/// The tables, for whoever empties or dumps them.
pub const TABLES: [&str; 5] = ["case_row", "case_stretch", "case_event", "case_support", "check_in_row"];

/// The core of the document of a row.
const CORE: &str = "coalesce(family, id)";

/// Writes the row of a core.
pub fn write_case(
    tx: &Transaction<'_>,
    document: Key,
    row: &CaseRow,
    is_new: bool,
) -> Result<(), StoreError> {
    let basis = &row.basis;
    tx.prepare_cached(
        "INSERT OR REPLACE INTO case_row (document, home, status, archived, changed_at, since, until, every_days, next_due)
         SELECT ?1, home, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM document WHERE id = ?1",
    )?
    .execute(params![
        document,
        row.status.map(CaseStatus::code),
        basis.is_removed,
        row.changed_at,
        text(basis.since),
        text(basis.until),
        basis.every_days,
        text(basis.agreed)
    ])?;
    if !is_new {
        tx.prepare_cached("DELETE FROM case_stretch WHERE document = ?1")?.execute([document])?;
    }
    let mut stretch = tx.prepare_cached(
        "INSERT INTO case_stretch (document, key, from_day, every_days) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for (from, key, days) in &basis.stretches {
        stretch.execute(params![document, key, from.to_string(), days])?;
    }
    write_told(tx, document, (&row.events, &row.support), is_new)
}

/// Writes the row of a part.
pub fn write_part(
    tx: &Transaction<'_>,
    document: Key,
    row: &PartRow,
    is_new: bool,
) -> Result<(), StoreError> {
    if let Some(check_in) = row.check_in {
        tx.prepare_cached(&format!(
            "INSERT OR REPLACE INTO check_in_row (document, core, date, met, next_due, archived, changed_at)
             SELECT ?1, {CORE}, ?2, ?3, ?4, ?5, ?6 FROM document WHERE id = ?1"
        ))?
        .execute(params![
            document,
            text(check_in.date),
            check_in.met,
            text(check_in.next_due),
            check_in.archived,
            check_in.changed_at
        ])?;
    }
    write_told(tx, document, (&row.events, &row.support), is_new)
}

fn write_told(
    tx: &Transaction<'_>,
    document: Key,
    (events, support): (&[EventRow], &SupportRows),
    is_new: bool,
) -> Result<(), StoreError> {
    if !is_new {
        for sql in
            ["DELETE FROM case_event WHERE document = ?1", "DELETE FROM case_support WHERE document = ?1"]
        {
            tx.prepare_cached(sql)?.execute([document])?;
        }
    }
    let mut event = tx.prepare_cached(&format!(
        "INSERT INTO case_event (document, core, key, kind, date)
         SELECT ?1, {CORE}, ?2, ?3, ?4 FROM document WHERE id = ?1"
    ))?;
    for row in events {
        event.execute(params![document, row.key, row.kind.code(), row.date.to_string()])?;
    }
    let mut told = tx.prepare_cached(&format!(
        "INSERT INTO case_support (document, core, kind, date, given)
         SELECT ?1, {CORE}, ?2, ?3, ?4 FROM document WHERE id = ?1"
    ))?;
    for ((kind, date), given) in support {
        told.execute(params![document, kind.code(), date.to_string(), given])?;
    }
    Ok(())
}

fn text(day: Option<Date>) -> Option<String> {
    day.map(|day| day.to_string())
}

/// The cases at home in these wards that were not removed, each with all that its parts tell.
pub fn facts(db: &Connection, wards: &BTreeSet<WardRef>) -> Result<Vec<CaseFacts>, StoreError> {
    let wards = json(wards.iter())?;
    let mut cases: BTreeMap<Key, CaseFacts> = BTreeMap::new();
    let mut query = db.prepare_cached(include_str!("report/care_cases.sql"))?;
    let mut rows = query.query([&wards])?;
    while let Some(row) = rows.next()? {
        cases.insert(row.get(0)?, case(row)?);
    }
    each(db, include_str!("report/care_stretches.sql"), &wards, &mut cases, |case, row| {
        case.basis.stretches.insert((date(row, 1)?, row.get(2)?, row.get(3)?));
        Ok(())
    })?;
    each(db, include_str!("report/care_events.sql"), &wards, &mut cases, |case, row| {
        let kind = EventKind::parse(&row.get::<_, String>(3)?)?;
        case.events.push(EventFact { date: date(row, 1)?, key: row.get(2)?, kind, by_core: row.get(4)? });
        Ok(())
    })?;
    each(db, include_str!("report/care_support.sql"), &wards, &mut cases, |case, row| {
        let kind = SupportKind::parse(&row.get::<_, String>(2)?)?;
        case.support.push(Told { day: date(row, 1)?, kind, given: row.get(3)? });
        Ok(())
    })?;
    each(db, include_str!("report/care_check_ins.sql"), &wards, &mut cases, |case, row| {
        case.seen.push(Seen { day: date(row, 1)?, met: row.get(2)?, next_due: optional(row, 3)? });
        Ok(())
    })?;
    Ok(cases.into_values().collect())
}

/// Runs a query whose first column is the row of a core; what belongs to no known case is left out.
fn each(
    db: &Connection,
    sql: &str,
    wards: &str,
    cases: &mut BTreeMap<Key, CaseFacts>,
    add: impl Fn(&mut CaseFacts, &Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut query = db.prepare_cached(sql)?;
    let mut rows = query.query([wards])?;
    while let Some(row) = rows.next()? {
        if let Some(case) = cases.get_mut(&row.get(0)?) {
            add(case, row)?;
        }
    }
    Ok(())
}

fn case(row: &Row<'_>) -> Result<CaseFacts, StoreError> {
    let status = row.get::<_, Option<String>>(2)?.map(|code| CaseStatus::parse(&code)).transpose()?;
    let basis = Basis {
        // As `AftercareCase::standing`: a case of which nobody said is under after-care.
        standing: status.unwrap_or(CaseStatus::Managed),
        is_removed: false,
        since: optional(row, 3)?,
        until: optional(row, 4)?,
        every_days: row.get(5)?,
        stretches: BTreeSet::new(),
        agreed: optional(row, 6)?,
    };
    let ward = row.get::<_, String>(1)?.parse()?;
    Ok(CaseFacts { ward, basis, events: Vec::new(), support: Vec::new(), seen: Vec::new() })
}

fn date(row: &Row<'_>, column: usize) -> Result<Date, StoreError> {
    Ok(row.get::<_, String>(column)?.parse()?)
}

fn optional(row: &Row<'_>, column: usize) -> Result<Option<Date>, StoreError> {
    Ok(row.get::<_, Option<String>>(column)?.map(|text| text.parse()).transpose()?)
}
