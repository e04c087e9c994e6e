//! Writes the projections of after-care, sealed under the keys of their cases, and opens them for counting. Which case a part
//! belongs to, and where the case is, is taken from `document`.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::same_as::{Said, stand_ins};
use donghanh_shared::ids::DocumentId;
use donghanh_shared::sync::wire::{from_bytes, to_bytes};
use rusqlite::{Connection, params};

use super::cases::{CaseKeys, Sealed};
use super::pool::Transaction;
use super::report::json;
use crate::projection::CareRow;
use crate::projection::aftercare::EventRow;
use crate::store::aftercare::{CaseFacts, EventFact};
use crate::store::{Key, StoreError};
use crate::vault::Vault;

/// The table, for whoever empties or dumps it.
pub const TABLE: &str = "care_row";

/// Writes the row of a document of a case.
pub fn write(
    tx: &Transaction<'_>,
    keys: &mut CaseKeys<'_>,
    (key, id): (Key, DocumentId),
    row: &CareRow,
) -> Result<(), StoreError> {
    let sealed = keys.seal(tx, key, Sealed::Row(id), &to_bytes(row))?;
    tx.prepare_cached("INSERT OR REPLACE INTO care_row (document, sealed) VALUES (?1, ?2)")?
        .execute(params![key, sealed])?;
    Ok(())
}

/// A row, opened.
struct Opened {
    core: Key,
    id: DocumentId,
    home: WardRef,
    row: CareRow,
}

/// The cases at home in these wards that count, each with all that its parts tell: not those removed, nor those of a person
/// whose other case counts.
pub fn facts(
    db: &Connection,
    vault: &Vault,
    wards: &BTreeSet<WardRef>,
) -> Result<Vec<CaseFacts>, StoreError> {
    let mut cases: BTreeMap<Key, CaseFacts> = BTreeMap::new();
    let mut said: BTreeMap<Key, Said<WardRef>> = BTreeMap::new();
    let wards = json(wards.iter())?;
    // Cores come first: the others belong to one that is known by then, or to one that was removed.
    each(db, vault, Some(&wards), |opened| {
        let Opened { core, id, home: ward, row } = opened;
        let by_core = row.basis.is_some();
        if let Some(basis) = row.basis.filter(|basis| !basis.is_removed) {
            let (events, support, seen) = (Vec::new(), Vec::new(), Vec::new());
            let facts = CaseFacts { ward, status: row.status, basis, events, support, seen };
            cases.insert(core, facts);
            said.insert(core, Said { id, set: ward, removed: false, same_as: None });
        }
        if let Some(said) = said.get_mut(&core) {
            said.same_as = said.same_as.or(row.same_as);
        }
        if let Some(case) = cases.get_mut(&core) {
            let fact =
                |event: EventRow| EventFact { date: event.date, key: event.key, kind: event.kind, by_core };
            case.events.extend(row.events.into_iter().map(fact));
            case.support.extend(row.support);
            case.seen.extend(row.seen);
        }
    })?;
    let elsewhere = stand_ins(said.values().copied());
    cases.retain(|core, _| said.get(core).is_none_or(|said| !elsewhere.contains_key(&said.id)));
    Ok(cases.into_values().collect())
}

/// Every row as text, by the identity of its document.
pub fn dump(db: &Connection, vault: &Vault) -> Result<Vec<String>, StoreError> {
    let mut lines = Vec::new();
    each(db, vault, None, |Opened { id, home, row, .. }| lines.push(format!("{id} home={home} {row:?}")))?;
    lines.sort_unstable();
    Ok(lines)
}

/// Opens the rows of cases at home in these wards (JSON), or of all, cores first.
fn each(
    db: &Connection,
    vault: &Vault,
    wards: Option<&str>,
    mut take: impl FnMut(Opened),
) -> Result<(), StoreError> {
    let mut keys = CaseKeys::new(vault);
    let mut query = db.prepare_cached(
        "SELECT d.id, d.document, core.id, ward.ward, care_row.sealed
         FROM document core
         JOIN ward ON ward.id = core.home
         JOIN document d ON d.id = core.id OR d.family = core.id
         JOIN care_row ON care_row.document = d.id
         WHERE core.kind = 'aftercare_case' AND (?1 IS NULL OR ward.ward IN (SELECT value FROM json_each(?1)))
         ORDER BY core.id, d.id <> core.id, d.id",
    )?;
    let mut rows = query.query([wards])?;
    while let Some(row) = rows.next()? {
        let (key, id) = (row.get(0)?, DocumentId(row.get(1)?));
        let plain = keys.open(db, key, Sealed::Row(id), &row.get::<_, Vec<u8>>(4)?)?;
        let home = row.get::<_, String>(3)?.parse()?;
        take(Opened { core: row.get(2)?, id, home, row: from_bytes(&plain)? });
    }
    Ok(())
}
