//! The scopes of a pull: which a device may read, and whether what it has seen of their logs is ours.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::access::Scope;
use donghanh_shared::sync::wire::{Boot, Cursor};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::log::{self, ScopeState};
use crate::store::{Key, PullQuery, StoreError};

/// Phases of a beginning: the person's own and due records, the others.
pub const PHASES: u8 = 2;

/// A scope the person may read, and how far the device is.
pub struct Open {
    /// The scope.
    pub scope: Scope,
    /// Whether they may write there.
    pub write: bool,
    /// As it stands.
    pub state: ScopeState,
    /// Whether the device begins it.
    pub is_new: bool,
    /// Where the device was.
    pub asked: Cursor,
    /// Where it is after this page.
    pub cursor: Cursor,
}

impl Open {
    /// Whether what it holds is sealed.
    pub fn is_aftercare(&self) -> bool {
        matches!(self.scope, Scope::Aftercare(_) | Scope::AftercareRestricted(_) | Scope::Case(_))
    }

    /// Whether everything in it is for this person to do: cases they look after, what is asked of people.
    pub fn is_due(&self) -> bool {
        matches!(self.scope, Scope::Case(_) | Scope::Assignments(_))
    }

    /// Whether the device has everything of it.
    pub fn is_complete(&self) -> bool {
        self.cursor.boot.is_none() && self.cursor.seq == self.state.seq.unsigned_abs()
    }
}

/// The scopes of a page.
#[derive(Default)]
pub struct Opened {
    /// Those that are read, in a fixed order.
    pub scopes: Vec<Open>,
    /// How far the device was in those that the person may no longer read.
    pub ended: Vec<Cursor>,
    /// Numbers in cursors that are of no log of ours.
    pub unknown: Vec<u32>,
}

/// Opens them.
pub fn open(db: &Connection, query: &PullQuery) -> Result<Opened, StoreError> {
    let mut asked: BTreeMap<u32, Cursor> =
        query.cursors.iter().map(|cursor| (cursor.scope, *cursor)).collect();
    let mut opened = Opened::default();
    for grant in &query.access.grants {
        let Some(state) = log::scope(db, &grant.scope)? else { continue };
        let number = u32::try_from(state.id).map_err(|error| StoreError::Failed(error.to_string()))?;
        let standing = match asked.remove(&number) {
            Some(cursor) if fits(db, &state, &cursor)? => Some(cursor),
            _ => None,
        };
        let cursor = standing.unwrap_or_else(|| begin(number, &state, &grant.scope));
        opened.scopes.push(Open {
            scope: grant.scope.clone(),
            write: grant.write,
            state,
            is_new: standing.is_none(),
            asked: cursor,
            cursor,
        });
    }
    opened.scopes.sort_by_key(|scope| (scope.scope != Scope::Reference, scope.cursor.scope));
    for (number, cursor) in asked {
        let is_ours = match by_number(db, number)? {
            Some((state, _)) => fits(db, &state, &cursor)?,
            None => false,
        };
        if is_ours { opened.ended.push(cursor) } else { opened.unknown.push(number) }
    }
    Ok(opened)
}

/// A scope by its number.
fn by_number(db: &Connection, number: u32) -> Result<Option<(ScopeState, Scope)>, StoreError> {
    let name: Option<String> = db
        .prepare_cached("SELECT scope FROM scope WHERE id = ?1")?
        .query_row([number], |row| row.get(0))
        .optional()?;
    let Some(name) = name else { return Ok(None) };
    let scope = name.parse()?;
    Ok(log::scope(db, &scope)?.map(|state| (state, scope)))
}

/// Of scopes that the person may no longer read, the cases that were erased: whoever looked after one is told, so that nothing
/// of it stays on the phone. Only a device that has seen the scope's log hears it.
pub fn erased(db: &Connection, ended: &[Cursor]) -> Result<Vec<Key>, StoreError> {
    let mut tombstone =
        db.prepare_cached("SELECT id FROM document WHERE document = ?1 AND erased_at IS NOT NULL")?;
    let mut erased = Vec::new();
    for cursor in ended.iter().filter(|cursor| cursor.seq > 0) {
        if let Some((_, Scope::Case(case))) = by_number(db, cursor.scope)? {
            erased.extend(tombstone.query_row([case.0], |row| row.get::<_, Key>(0)).optional()?);
        }
    }
    Ok(erased)
}

/// The register is read from its log alone; other scopes begin with snapshots.
fn begin(number: u32, state: &ScopeState, scope: &Scope) -> Cursor {
    if *scope == Scope::Reference {
        return Cursor { scope: number, seq: 0, chain: 0, boot: None };
    }
    let boot = (state.documents > 0).then_some(Boot { phase: 0, after: 0 });
    Cursor { scope: number, seq: state.seq.unsigned_abs(), chain: state.chain.cast_unsigned(), boot }
}

/// Whether the log the device has seen is a beginning of ours.
fn fits(db: &Connection, state: &ScopeState, cursor: &Cursor) -> Result<bool, StoreError> {
    if cursor.boot.is_some_and(|boot| boot.phase >= PHASES) {
        return Ok(false);
    }
    if cursor.seq == 0 {
        return Ok(cursor.chain == 0);
    }
    if cursor.seq == state.seq.unsigned_abs() {
        return Ok(cursor.chain == state.chain.cast_unsigned());
    }
    let chain: Option<i64> = db
        .prepare_cached("SELECT chain FROM scope_log WHERE scope = ?1 AND seq = ?2")?
        .query_row(params![state.id, cursor.seq.cast_signed()], |row| row.get(0))
        .optional()?;
    Ok(chain.is_some_and(|chain| chain.cast_unsigned() == cursor.chain))
}

/// How many records the scopes hold in all, each once.
pub fn total(db: &Connection, open: &[Open]) -> Result<u64, StoreError> {
    let mut documents: BTreeSet<Key> = BTreeSet::new();
    for scope in open {
        let mut query = db.prepare_cached("SELECT document FROM placement WHERE scope = ?1")?;
        for document in query.query_map([scope.state.id], |row| row.get(0))? {
            documents.insert(document?);
        }
    }
    Ok(documents.len() as u64)
}
