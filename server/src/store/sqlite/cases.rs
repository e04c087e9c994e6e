//! After-care in the database: the keys under which a case is sealed, and who looks after it.

use std::collections::HashMap;

use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::date::{Date, Millis};
use donghanh_shared::ids::{ChangeHash, DocumentId, PersonId};
use donghanh_shared::seal;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

use super::look::{self, former_homes};
use super::pool::Transaction;
use super::{accounts, directory, ledger};
use crate::store::{
    Assigned, Assignment, Key, KnownCase, PreparedBatch, PreparedDocument, SetAside, StoreError,
};
use crate::vault::{self, Purpose, Vault};

/// Opens and seals what belongs to cases; each key is opened once.
pub struct CaseKeys<'a> {
    vault: &'a Vault,
    /// By the row of the core.
    open: HashMap<Key, seal::Key>,
}

/// What is sealed: its place in the database, so that no sealed bytes can stand for others.
#[derive(Clone, Copy, Debug)]
pub enum Sealed<'a> {
    /// A change of this document.
    Change(DocumentId, ChangeHash),
    /// The snapshot of this document at these heads, 32 bytes each.
    Snapshot(DocumentId, &'a [u8]),
    /// What counts are drawn from of this document.
    Row(DocumentId),
}

impl Sealed<'_> {
    fn about(self) -> Vec<u8> {
        match self {
            Self::Change(document, hash) => [&b"change"[..], &document.0, &hash.0].concat(),
            Self::Row(document) => [&b"row"[..], &document.0].concat(),
            Self::Snapshot(document, heads) => [&b"snapshot"[..], &document.0, heads].concat(),
        }
    }
}

impl<'a> CaseKeys<'a> {
    /// With the master key.
    pub fn new(vault: &'a Vault) -> Self {
        Self { vault, open: HashMap::new() }
    }

    /// Draws the key of a new case.
    pub fn make(&self, tx: &Transaction<'_>, core: Key, id: DocumentId) -> Result<(), StoreError> {
        let key = vault::draw()?;
        let sealed = self.vault.seal(Purpose::CaseKey, &id.0, key.expose())?;
        tx.prepare_cached("INSERT INTO case_key (document, key) VALUES (?1, ?2)")?
            .execute(params![core, sealed])?;
        Ok(())
    }

    /// Seals bytes of a document that is, or is part of, a case.
    pub fn seal(
        &mut self,
        db: &Connection,
        document: Key,
        what: Sealed<'_>,
        plain: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        Ok(vault::seal(self.of(db, document)?, &what.about(), plain)?)
    }

    /// Opens bytes of such a document.
    pub fn open(
        &mut self,
        db: &Connection,
        document: Key,
        what: Sealed<'_>,
        sealed: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        Ok(vault::open(self.of(db, document)?, &what.about(), sealed)?)
    }

    /// The key of a document's case.
    fn of(&mut self, db: &Connection, document: Key) -> Result<&seal::Key, StoreError> {
        let lost = || StoreError::Failed("a case has lost its key".to_owned());
        let core: Key = db
            .prepare_cached("SELECT coalesce(family, id) FROM document WHERE id = ?1")?
            .query_row([document], |row| row.get(0))?;
        if !self.open.contains_key(&core) {
            let found: Option<(Vec<u8>, [u8; 16])> = db
                .prepare_cached(
                    "SELECT case_key.key, document.document FROM case_key
                     JOIN document ON document.id = case_key.document WHERE case_key.document = ?1",
                )?
                .query_row([core], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let (sealed, id) = found.ok_or_else(lost)?;
            let bytes = self.vault.open_sealed(Purpose::CaseKey, &id, &sealed)?;
            self.open.insert(core, seal::Key::from_slice(&bytes).ok_or_else(lost)?);
        }
        self.open.get(&core).ok_or_else(lost)
    }
}

/// Bytes of a change that was not taken, sealed for whoever looks into it. All of them are: of some it is not known yet
/// whether they belong to a case.
pub fn seal_set_aside(vault: &Vault, aside: &SetAside) -> Result<Vec<u8>, StoreError> {
    Ok(vault.seal(Purpose::SetAside, &set_aside_place(aside.document, aside.hash), &aside.bytes)?)
}

/// What [`seal_set_aside`] binds the bytes to.
pub fn set_aside_place(document: DocumentId, hash: ChangeHash) -> Vec<u8> {
    [&document.0[..], &hash.0].concat()
}

/// Where a case is and was, by its core; `None` when there is no such case.
pub fn whereabouts(db: &Connection, case: DocumentId) -> Result<Option<KnownCase>, StoreError> {
    let found: Option<(Key, String)> = db
        .prepare_cached(
            "SELECT document.id, ward.ward FROM document JOIN ward ON ward.id = document.home
             WHERE document.document = ?1 AND document.kind = 'aftercare_case' AND erased_at IS NULL",
        )?
        .query_row([case.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((key, home)) = found else { return Ok(None) };
    Ok(Some(KnownCase { home: home.parse()?, former: former_homes(db, key)? }))
}

/// Cases that are or were assigned to somebody.
pub fn assignments(db: &Connection, person: Key) -> Result<Vec<Assignment>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT document.document, since, until FROM assignment
         JOIN document ON document.id = assignment.document WHERE person = ?1 ORDER BY assignment.id",
    )?;
    let rows = query.query_map([person], |row| {
        Ok(Assignment { case: DocumentId(row.get(0)?), since: row.get(1)?, until: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Begins or ends assignments; one that stands already, or never stood, stays as it is. A case that is made again is its helpers' of
/// before, by what the ledger says.
pub fn assign(
    tx: &Transaction<'_>,
    batch: &PreparedBatch,
    document: &PreparedDocument,
) -> Result<(), StoreError> {
    if document.expected.is_none() && document.kind == Kind::AftercareCase && look::was_put_back(tx)? {
        for (set, at) in helpers_told(tx, Some(document.id))? {
            set.carry_out(tx, at)?;
        }
    }
    if document.helpers.is_empty() {
        return Ok(());
    }
    let (at, case, by) = (batch.received, document.id, directory::person_id(tx, batch.person)?);
    for Assigned { person, is_in } in &document.helpers {
        let set = HelperSet { case, person: *person, is_in: *is_in, by };
        if set.carry_out(tx, at)? {
            accounts::note(tx, at, HELPER_SET, &ledger::body(&set)?)?;
        }
    }
    Ok(())
}

/// What the ledger says about who looks after this case, or any, oldest first, each with its moment.
pub fn helpers_told(
    db: &Connection,
    case: Option<DocumentId>,
) -> Result<Vec<(HelperSet, Millis)>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT body, at FROM ledger
         WHERE kind = 'helper_set' AND (?1 IS NULL OR instr(CAST(body AS TEXT), ?1) > 0) ORDER BY id",
    )?;
    let mut rows = query.query([case.map(|case| case.to_string())])?;
    let mut told = Vec::new();
    while let Some(row) = rows.next()? {
        let set = serde_json::from_slice::<HelperSet>(&row.get::<_, Vec<u8>>(0)?);
        let is_asked = |set: &HelperSet| case.is_none_or(|case| set.case == case);
        told.extend(set.ok().filter(is_asked).zip(Some(row.get(1)?)));
    }
    Ok(told)
}

/// The kind of a line of the ledger about who looks after a case; its body is a [`HelperSet`].
pub const HELPER_SET: &str = "helper_set";

/// Somebody who looks after a case from now on, or no more, as its line tells it.
#[derive(Debug, Serialize, Deserialize)]
pub struct HelperSet {
    /// The core of the case.
    pub case: DocumentId,
    /// Who.
    pub person: PersonId,
    /// Whether they look after it from then on.
    pub is_in: bool,
    /// Who said so; a database that does not know them any more takes its first account for them.
    pub by: PersonId,
}

impl HelperSet {
    /// Does it; whether it was not so before. Nothing happens when the database does not know the case or the person.
    pub fn carry_out(&self, tx: &Transaction<'_>, at: Millis) -> Result<bool, StoreError> {
        let changed = if self.is_in {
            tx.prepare_cached(
                "INSERT OR IGNORE INTO assignment (document, person, since, by)
                 SELECT document.id, helper.id, ?3,
                     coalesce((SELECT id FROM person WHERE person = ?4), (SELECT min(id) FROM person))
                 FROM document, person helper
                 WHERE document.document = ?1 AND erased_at IS NULL AND helper.person = ?2",
            )?
            .execute(params![self.case.0, self.person.0, at, self.by.0])?
        } else {
            tx.prepare_cached(
                "UPDATE assignment SET until = ?3
                 WHERE document = (SELECT id FROM document WHERE document = ?1) AND until IS NULL
                     AND person = (SELECT id FROM person WHERE person = ?2)",
            )?
            .execute(params![self.case.0, self.person.0, at])?
        };
        Ok(changed > 0)
    }
}

/// Whether somebody has an account and holds the role of a helper on this day.
pub fn is_helper(db: &Connection, person: PersonId, today: Date) -> Result<bool, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT 1 FROM person JOIN membership ON membership.person = person.id
         WHERE person.person = ?1 AND person.closed_at IS NULL AND membership.role = 'helper'
           AND ?2 BETWEEN membership.valid_from AND coalesce(membership.valid_to, '9999-12-31')",
    )?;
    Ok(query.exists(params![person.0, today.to_string()])?)
}
