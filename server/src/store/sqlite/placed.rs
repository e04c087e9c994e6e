//! Where records were placed anew, as the ledger tells it. A database that was put back places them there again: who gave a record away
//! is not given it back with the copy.

use std::collections::BTreeSet;

use donghanh_shared::access::Placement;
use donghanh_shared::crdt::Kind as DocumentKind;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::ids::{DocumentId, PersonId, PlaceId};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::log::Scopes;
use super::place::{self, By, Shift};
use super::pool::Transaction;
use super::references::ward_key;
use super::{accounts, directory, ledger, look, rows, same_as};
use crate::store::{Key, PlacedAnew, PlacementEvent, PreparedDocument, StoreError, StoredDocument};
use crate::vault::Vault;

/// The kind of a line of the ledger about a record that is placed elsewhere from then on; its body is the document's 16 bytes and a
/// [`Placed`].
pub const DOCUMENT_PLACED: &str = "document_placed";

/// What a line tells. Parts of a case are where their core is and have no line.
#[derive(Debug, Serialize, Deserialize)]
struct Placed {
    /// Code of the record's kind.
    kind: DocumentKind,
    before: Place,
    after: Place,
    /// Who placed it.
    by: PersonId,
}

/// Where a record is.
#[derive(Debug, Serialize, Deserialize)]
struct Place {
    home: WardRef,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    reached: BTreeSet<WardRef>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    organisations: BTreeSet<OrganisationId>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    schools: BTreeSet<PlaceId>,
}

impl From<&Placement> for Place {
    fn from(placement: &Placement) -> Self {
        let Placement { home, reached, organisations, schools, case: _ } = placement.clone();
        Self { home, reached, organisations, schools }
    }
}

impl Place {
    /// The place, as far as the database knows the wards; `None` when it does not know the home.
    fn in_database(&self, db: &Connection) -> Result<Option<Placement>, StoreError> {
        let mut known = db.prepare_cached("SELECT 1 FROM ward WHERE ward = ?1")?;
        if !known.exists([self.home.to_string()])? {
            return Ok(None);
        }
        let mut reached = BTreeSet::new();
        for ward in &self.reached {
            if known.exists([ward.to_string()])? {
                reached.insert(*ward);
            }
        }
        let (organisations, schools) = (self.organisations.clone(), self.schools.clone());
        Ok(Some(Placement { reached, organisations, schools, ..Placement::new(self.home) }))
    }
}

/// Writes down that a record is placed elsewhere from now on than where it was made. Which organisations it names, whoever makes it
/// again says once more.
pub fn note(tx: &Transaction<'_>, by: By, document: &PreparedDocument) -> Result<(), StoreError> {
    let is_said_again = |event| matches!(event, &PlacementEvent::Created(_) | &PlacementEvent::Joined(_));
    let before = match &document.before {
        Some(before) => Some(before.clone()),
        None if document.is_made_again => last(tx, document.id)?.map(|last| last.place),
        None if document.events.iter().all(is_said_again) => return Ok(()),
        None => None,
    };
    let before = before.unwrap_or_else(|| Placement::new(document.begun_in()));
    if (Placement { case: document.after.case, ..before.clone() }) == document.after {
        return Ok(());
    }
    let by_whom = directory::person_id(tx, by.person)?;
    let placed = Placed {
        kind: document.kind,
        before: (&before).into(),
        after: (&document.after).into(),
        by: by_whom,
    };
    let body = [&document.id.0[..], &ledger::body(&placed)?].concat();
    accounts::note(tx, by.at, DOCUMENT_PLACED, &body)
}

/// What the ledger says about a record; `None` when it was never placed anew, or last in a ward that the database does not know.
pub fn last(db: &Connection, document: DocumentId) -> Result<Option<PlacedAnew>, StoreError> {
    let lines = lines(db, document)?;
    let homes = lines.iter().flat_map(|(placed, _)| [placed.before.home, placed.after.home]).collect();
    let Some((Placed { kind, after, .. }, _)) = lines.last() else { return Ok(None) };
    Ok(after.in_database(db)?.map(|place| PlacedAnew { kind: *kind, place, homes }))
}

/// Writes the history of where a record was, which is made again in a database that was put back: whoever has not heard that it was
/// moved wrote under the right of before.
pub fn history_again(tx: &Transaction<'_>, key: Key, document: DocumentId) -> Result<(), StoreError> {
    for (placed, at) in lines(tx, document)? {
        let by = By { person: known_person(tx, placed.by)?, at };
        let (Some(before), Some(after)) = (placed.before.in_database(tx)?, placed.after.in_database(tx)?)
        else {
            continue;
        };
        for event in PlacementEvent::between(&before, &after) {
            place::history(tx, by, key, &event)?;
        }
    }
    Ok(())
}

/// Places a record again where a line says; nothing happens when the database does not know it, or not the ward.
pub fn again(tx: &mut Transaction<'_>, vault: &Vault, body: &[u8], at: Millis) -> Result<(), StoreError> {
    let Some((id, placed)) = read(body) else { return Ok(()) };
    let Some(place) = placed.after.in_database(tx)? else {
        let ward = placed.after.home;
        tracing::warn!(%ward, "a record was moved to a ward that the copy does not know: it stays where it was");
        return Ok(());
    };
    let Some(stored) = look::documents(tx, vault, &[id])?.remove(&id) else { return Ok(()) };
    let person = known_person(tx, placed.by)?;
    shift(tx, (id, &stored), place, By { person, at })
}

/// Somebody's row. Who joined since the copy was made is not known to it; the tables want somebody.
fn known_person(db: &Connection, person: PersonId) -> Result<Key, StoreError> {
    match directory::key(db, person)? {
        Some(key) => Ok(key),
        None => Ok(db.query_row("SELECT min(id) FROM person", [], |row| row.get(0))?),
    }
}

/// The lines about a record, oldest first, each with its moment.
fn lines(db: &Connection, document: DocumentId) -> Result<Vec<(Placed, Millis)>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT body, at FROM ledger WHERE kind = 'document_placed' AND substr(body, 1, 16) = ?1 ORDER BY id",
    )?;
    let mut rows = query.query([document.0])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        let body: Vec<u8> = row.get(0)?;
        lines.extend(read(&body).map(|(_, placed)| placed).zip(Some(row.get(1)?)));
    }
    Ok(lines)
}

fn shift(
    tx: &mut Transaction<'_>,
    (id, stored): (DocumentId, &StoredDocument),
    place: Placement,
    by: By,
) -> Result<(), StoreError> {
    let (key, kind, before) = (stored.key, stored.kind, &stored.placement);
    let after = Placement { case: before.case, ..place };
    if *before == after {
        return Ok(());
    }
    let mut scopes = Scopes::default();
    let moved = Shift {
        key,
        id,
        generation: stored.generation,
        before: before.scopes(kind),
        after: after.scopes(kind),
        home: after.home_scope(kind),
        heads_before: &stored.heads,
        heads_after: &stored.heads,
        made_by: None,
    };
    moved.carry_out(tx, &mut scopes)?;
    tx.prepare_cached("UPDATE document SET version = version + 1, home = ?2 WHERE id = ?1")?
        .execute(params![key, ward_key(tx, after.home)?])?;
    for event in PlacementEvent::between(before, &after) {
        place::history(tx, by, key, &event)?;
    }
    rows::write_wards(tx, key, after.reached.iter())?;
    same_as::settle(tx, key)?;
    if kind == DocumentKind::AftercareCase && before.home != after.home {
        place::move_parts(tx, &mut scopes, by, (key, id), after.home)?;
    }
    scopes.save(tx)
}

fn read(body: &[u8]) -> Option<(DocumentId, Placed)> {
    let (id, placed) = body.split_first_chunk::<16>()?;
    Some((DocumentId(*id), serde_json::from_slice(placed).ok()?))
}
