//! The log of each scope: numbered entries with a hash chain, and a digest of what the scope holds.

use std::collections::HashMap;

use donghanh_shared::access::{Access, Scope};
use donghanh_shared::ids::Digest;
use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

use super::pool::Transaction;
use crate::store::{Key, StoreError};

/// What an entry says. The numbers stand in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub enum Kind {
    /// A document entered the scope.
    Enter = 0,
    /// A change of a document in it.
    Put = 1,
    /// A document left.
    Leave = 2,
    /// A document was erased for good.
    Erase = 3,
    /// A ward of the register.
    Ward = 4,
    /// A place.
    Place = 5,
    /// An organisation.
    Organisation = 6,
    /// A campaign.
    Campaign = 7,
}

impl Kind {
    /// Reads the number.
    pub fn of(number: i64) -> Option<Self> {
        [
            Self::Enter,
            Self::Put,
            Self::Leave,
            Self::Erase,
            Self::Ward,
            Self::Place,
            Self::Organisation,
            Self::Campaign,
        ]
        .into_iter()
        .find(|kind| *kind as i64 == number)
    }
}

/// An entry to append.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// What it says.
    pub kind: Kind,
    /// The row it is about.
    pub subject: Key,
    /// The change, for [`Kind::Put`].
    pub change: Option<Key>,
    /// The device that has it already.
    pub device: Option<Key>,
    /// What the hash chain binds: the identity and the content.
    pub content: [&'a [u8]; 2],
}

/// A scope as it stands.
#[derive(Clone, Debug)]
pub struct ScopeState {
    /// Its number.
    pub id: Key,
    /// Last entry.
    pub seq: i64,
    /// Hash over the log.
    pub chain: i64,
    /// Digest of its documents.
    pub digest: Digest,
    /// How many.
    pub documents: i64,
}

/// Reads a scope.
pub fn scope(db: &Connection, scope: &Scope) -> Result<Option<ScopeState>, StoreError> {
    Ok(db
        .prepare_cached("SELECT id, seq, chain, digest, documents FROM scope WHERE scope = ?1")?
        .query_row([scope.to_string()], |row| {
            Ok(ScopeState {
                id: row.get(0)?,
                seq: row.get(1)?,
                chain: row.get(2)?,
                digest: Digest(row.get(3)?),
                documents: row.get(4)?,
            })
        })
        .optional()?)
}

/// The numbers of the scopes that may be read.
pub fn numbers(db: &Connection, access: &Access) -> Result<Vec<u32>, StoreError> {
    let mut numbers = Vec::new();
    for grant in &access.grants {
        numbers
            .extend(scope(db, &grant.scope)?.map(|state| u32::try_from(state.id)).transpose().ok().flatten());
    }
    Ok(numbers)
}

/// The scopes that one transaction touches; written back once, by [`Scopes::save`].
#[derive(Debug, Default)]
pub struct Scopes {
    open: HashMap<Scope, ScopeState>,
}

impl Scopes {
    /// The scope's state, read or made when it is first touched.
    pub fn get(&mut self, tx: &Transaction<'_>, of: &Scope) -> Result<&mut ScopeState, StoreError> {
        if !self.open.contains_key(of) {
            let state = match scope(tx, of)? {
                Some(state) => state,
                None => make(tx, of)?,
            };
            self.open.insert(of.clone(), state);
        }
        self.open.get_mut(of).ok_or_else(|| StoreError::Failed("a scope went missing".to_owned()))
    }

    /// Appends an entry; returns its place.
    pub fn append(&mut self, tx: &Transaction<'_>, of: &Scope, entry: Entry<'_>) -> Result<u64, StoreError> {
        let state = self.get(tx, of)?;
        state.seq += 1;
        state.chain = link(state.chain, state.seq, &entry);
        tx.prepare_cached(
            "INSERT INTO scope_log (scope, seq, kind, subject, change, device, chain) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            state.id,
            state.seq,
            entry.kind as i64,
            entry.subject,
            entry.change,
            entry.device,
            state.chain
        ])?;
        u64::try_from(state.seq).map_err(|error| StoreError::Failed(error.to_string()))
    }

    /// Writes the scopes back and announces them.
    pub fn save(self, tx: &mut Transaction<'_>) -> Result<(), StoreError> {
        for state in self.open.values() {
            tx.prepare_cached(
                "UPDATE scope SET seq = ?2, chain = ?3, digest = ?4, documents = ?5 WHERE id = ?1",
            )?
            .execute(params![
                state.id,
                state.seq,
                state.chain,
                state.digest.0,
                state.documents
            ])?;
            tx.changed_scopes.extend(u32::try_from(state.id));
        }
        Ok(())
    }
}

/// Makes an empty scope.
pub fn make(tx: &Transaction<'_>, scope: &Scope) -> Result<ScopeState, StoreError> {
    tx.prepare_cached(
        "INSERT INTO scope (scope, seq, chain, digest, documents) VALUES (?1, 0, 0, zeroblob(16), 0)",
    )?
    .execute([scope.to_string()])?;
    Ok(ScopeState { id: tx.last_insert_rowid(), seq: 0, chain: 0, digest: Digest::EMPTY, documents: 0 })
}

/// The chain after an entry: the first 8 bytes of SHA-256 over the chain before and the entry.
fn link(before: i64, seq: i64, entry: &Entry<'_>) -> i64 {
    let mut hasher = Sha256::new();
    hasher.update(before.to_be_bytes());
    hasher.update(seq.to_be_bytes());
    hasher.update((entry.kind as i64).to_be_bytes());
    for part in entry.content {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let mut short = [0; 8];
    short.copy_from_slice(&hasher.finalize()[..8]);
    i64::from_be_bytes(short)
}
