//! Moves documents between scopes: rows of placement, entries in the logs, digests. A case takes its parts along.

use std::collections::BTreeSet;

use donghanh_shared::access::{Placement, Scope};
use donghanh_shared::crdt::Kind as DocumentKind;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ChangeHash, Digest, DocumentId};
use rusqlite::params;

use super::log::{Entry, Kind, Scopes};
use super::look::heads;
use super::pool::Transaction;
use super::references::ward_key;
use crate::store::{Key, PlacementEvent, StoreError};

/// Who placed something, and when.
#[derive(Clone, Copy, Debug)]
pub struct By {
    /// Who.
    pub person: Key,
    /// By the server's clock.
    pub at: Millis,
}

/// A document that goes from some scopes to others, or only changes in those it is in.
#[derive(Debug)]
pub struct Shift<'a> {
    /// Its row.
    pub key: Key,
    /// The document.
    pub id: DocumentId,
    /// Its generation.
    pub generation: u32,
    /// The scopes it was in.
    pub before: BTreeSet<Scope>,
    /// The scopes it is in from now on.
    pub after: BTreeSet<Scope>,
    /// The one among them that numbers it.
    pub home: Scope,
    /// Heads before; empty when it is new.
    pub heads_before: &'a [ChangeHash],
    /// Heads from now on.
    pub heads_after: &'a [ChangeHash],
    /// The device that made it, when it is new.
    pub made_by: Option<Key>,
}

impl Shift<'_> {
    /// Carries it out. Returns the last entry of the home scope.
    pub fn carry_out(&self, tx: &Transaction<'_>, scopes: &mut Scopes) -> Result<u64, StoreError> {
        let old = Digest::of_document(self.id, self.generation, self.heads_before);
        let new = Digest::of_document(self.id, self.generation, self.heads_after);
        let mut last = 0;
        for scope in self.before.union(&self.after) {
            let (was, is) = (self.before.contains(scope), self.after.contains(scope));
            let state = scopes.get(tx, scope)?;
            if was {
                state.digest = state.digest.minus(old);
            }
            if is {
                state.digest = state.digest.plus(new);
            }
            let mut seq = state.seq.unsigned_abs();
            if was != is {
                state.documents += if is { 1 } else { -1 };
                let sql = if is {
                    "INSERT INTO placement (scope, document) VALUES (?1, ?2)"
                } else {
                    "DELETE FROM placement WHERE scope = ?1 AND document = ?2"
                };
                tx.prepare_cached(sql)?.execute(params![state.id, self.key])?;
                // The phone that made it has it; who reached a ward or moved it is told like everybody.
                let has_it = *scope == self.home
                    || matches!(scope, Scope::Case(_) | Scope::Assignments(_) | Scope::Place(_));
                let device = self.made_by.filter(|_| has_it);
                let kind = if is { Kind::Enter } else { Kind::Leave };
                let content = [&self.id.0[..], &new.0];
                seq = scopes.append(
                    tx,
                    scope,
                    Entry { kind, subject: self.key, change: None, device, content },
                )?;
            }
            if *scope == self.home {
                last = seq;
            }
        }
        Ok(last)
    }
}

/// Takes the parts of a case to the ward that its core went to.
pub fn move_parts(
    tx: &Transaction<'_>,
    scopes: &mut Scopes,
    by: By,
    core: (Key, DocumentId),
    to: WardRef,
) -> Result<(), StoreError> {
    let mut query = tx.prepare_cached(
        "SELECT d.id, d.document, d.generation, d.kind, ward.ward, s.heads FROM document d
         JOIN ward ON ward.id = d.home JOIN snapshot s ON s.document = d.id
         WHERE d.family = ?1 AND ward.ward <> ?2 ORDER BY d.id",
    )?;
    let mut rows = query.query(params![core.0, to.to_string()])?;
    while let Some(row) = rows.next()? {
        let kind = DocumentKind::parse(&row.get::<_, String>(3)?)?;
        let (key, from): (Key, WardRef) = (row.get(0)?, row.get::<_, String>(4)?.parse()?);
        let heads = heads(&row.get::<_, Vec<u8>>(5)?);
        let at = |ward| Placement::of_case(ward, core.1);
        let shift = Shift {
            key,
            id: DocumentId(row.get(1)?),
            generation: row.get(2)?,
            before: at(from).scopes(kind),
            after: at(to).scopes(kind),
            home: at(to).home_scope(kind),
            heads_before: &heads,
            heads_after: &heads,
            made_by: None,
        };
        shift.carry_out(tx, scopes)?;
        // The version rises: whatever was prepared on the old place is looked at again.
        tx.prepare_cached("UPDATE document SET version = version + 1, home = ?2 WHERE id = ?1")?
            .execute(params![key, ward_key(tx, to)?])?;
        history(tx, by, key, &PlacementEvent::Moved(from, to))?;
    }
    Ok(())
}

/// Notes something in the history of a document's placement.
pub fn history(
    tx: &Transaction<'_>,
    by: By,
    document: Key,
    event: &PlacementEvent,
) -> Result<(), StoreError> {
    let named = match event {
        PlacementEvent::Created(ward) => [Some((ward, "created")), None],
        PlacementEvent::Reached(ward) => [Some((ward, "reached")), None],
        PlacementEvent::Left(ward) => [Some((ward, "left")), None],
        PlacementEvent::Moved(from, to) => [Some((from, "moved_away")), Some((to, "moved_here"))],
        PlacementEvent::Joined(organisation) | PlacementEvent::Parted(organisation) => {
            let name = if matches!(event, PlacementEvent::Joined(_)) { "joined" } else { "parted" };
            tx.prepare_cached(
                "INSERT INTO organisation_history (document, organisation, event, person, at)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![document, organisation.as_str(), name, by.person, by.at])?;
            [None, None]
        }
        PlacementEvent::SchoolAdded(school) | PlacementEvent::SchoolRemoved(school) => {
            let name = if matches!(event, PlacementEvent::SchoolAdded(_)) { "joined" } else { "parted" };
            tx.prepare_cached(
                "INSERT INTO school_history (document, school, event, person, at) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![document, school.0, name, by.person, by.at])?;
            [None, None]
        }
    };
    for (ward, name) in named.into_iter().flatten() {
        tx.prepare_cached(
            "INSERT INTO placement_history (document, ward, event, person, at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![document, ward_key(tx, *ward)?, name, by.person, by.at])?;
    }
    Ok(())
}
