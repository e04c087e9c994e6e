//! Writes the documents of a prepared batch: rows, scopes, changes, snapshots, projections; what belongs to a case is sealed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use donghanh_shared::access::Placement;
use donghanh_shared::crdt::Kind as DocumentKind;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ActorId, DocumentId};
use rusqlite::params;

use super::cases::{CaseKeys, Sealed};
use super::log::{Entry, Kind, Scopes};
use super::place::{By, Shift};
use super::pool::Transaction;
use super::references::ward_key;
use super::{cases, loose, photos, place, placed, rows, same_as};
use crate::projection::Row;
use crate::store::{Key, NewChange, NewState, PreparedBatch, PreparedDocument, StoreError};
use crate::vault::Vault;

/// Places in the log of the home scope.
#[derive(Default)]
pub struct Seqs {
    /// Of the last change of its placement.
    pub placement: u64,
    /// Of each of its new changes.
    pub changes: Vec<u64>,
}

/// The documents of a batch on their way into the tables.
pub struct Writing<'a, 'c> {
    tx: &'a Transaction<'c>,
    batch: &'a PreparedBatch,
    actors: BTreeMap<ActorId, Key>,
    keys: CaseKeys<'a>,
}

impl<'a, 'c> Writing<'a, 'c> {
    /// The documents of this batch, its actors by their rows.
    pub fn new(
        tx: &'a Transaction<'c>,
        vault: &'a Vault,
        batch: &'a PreparedBatch,
        actors: BTreeMap<ActorId, Key>,
    ) -> Self {
        Self { tx, batch, actors, keys: CaseKeys::new(vault) }
    }

    /// Writes them all, cases before their parts; where each went in its home scope, in the order of the batch.
    pub fn documents(mut self, scopes: &mut Scopes) -> Result<Vec<Seqs>, StoreError> {
        let documents = &self.batch.documents;
        let mut seqs: Vec<Seqs> = documents.iter().map(|_| Seqs::default()).collect();
        for parts in [false, true] {
            for (at, document) in documents.iter().enumerate() {
                if document.kind.is_part_of_case() == parts {
                    seqs[at] = self.document(scopes, document)?;
                }
            }
        }
        let is_core = |document: &&PreparedDocument| document.kind == DocumentKind::AftercareCase;
        for document in documents.iter().filter(is_core).filter(|core| core.is_moved()) {
            let core = (self.key_of(document.id)?, document.id);
            place::move_parts(self.tx, scopes, self.by(), core, document.after.home)?;
        }
        Ok(seqs)
    }

    fn by(&self) -> By {
        By { person: self.batch.person, at: self.batch.received }
    }

    fn key_of(&self, document: DocumentId) -> Result<Key, StoreError> {
        let mut query = self.tx.prepare_cached("SELECT id FROM document WHERE document = ?1")?;
        Ok(query.query_row([document.0], |row| row.get(0))?)
    }

    fn document(&mut self, scopes: &mut Scopes, document: &PreparedDocument) -> Result<Seqs, StoreError> {
        let key = self.row(document)?;
        let scopes_after = document.after.scopes(document.kind);
        let home = document.after.home_scope(document.kind);
        let shift = Shift {
            key,
            id: document.id,
            generation: document.generation,
            before: document.before.as_ref().map(|place| place.scopes(document.kind)).unwrap_or_default(),
            after: scopes_after.clone(),
            home: home.clone(),
            heads_before: &document.heads_before,
            heads_after: document.state.as_ref().map_or(&document.heads_before, |state| &state.heads),
            made_by: document.expected.is_none().then_some(self.batch.device),
        };
        let mut seqs = Seqs { placement: shift.carry_out(self.tx, scopes)?, changes: Vec::new() };
        let mut upto = None;
        for change in &document.changes {
            let change_key = self.change(key, document, change)?;
            upto = Some(change_key);
            for scope in &scopes_after {
                let entry = Entry {
                    kind: Kind::Put,
                    subject: key,
                    change: Some(change_key),
                    device: Some(self.batch.device),
                    content: [&document.id.0, &change.hash.0],
                };
                let seq = scopes.append(self.tx, scope, entry)?;
                if *scope == home {
                    seqs.changes.push(seq);
                }
            }
        }
        if let Some(state) = &document.state {
            self.state(key, document, state, upto)?;
        }
        self.projected_place(key, document)?;
        placed::note(self.tx, self.by(), document)?;
        same_as::settle(self.tx, key)?;
        cases::assign(self.tx, self.batch, document)?;
        Ok(seqs)
    }

    fn change(
        &mut self,
        key: Key,
        document: &PreparedDocument,
        change: &NewChange,
    ) -> Result<Key, StoreError> {
        let actor = self
            .actors
            .get(&change.actor)
            .ok_or_else(|| StoreError::Failed("an actor went missing".to_owned()))?;
        let what = Sealed::Change(document.id, change.hash);
        let bytes = if document.kind.is_aftercare() {
            Cow::Owned(self.keys.seal(self.tx, key, what, &change.bytes)?)
        } else {
            Cow::Borrowed(&change.bytes)
        };
        self.tx
            .prepare_cached(
                "INSERT INTO change (document, hash, actor, received, bytes, recovered_by)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                key,
                change.hash.0,
                actor,
                self.batch.received,
                bytes.as_ref(),
                change.recovered.map(|_| self.batch.device)
            ])?;
        Ok(self.tx.last_insert_rowid())
    }

    fn state(
        &mut self,
        key: Key,
        document: &PreparedDocument,
        state: &NewState,
        upto: Option<Key>,
    ) -> Result<(), StoreError> {
        let heads: Vec<u8> = state.heads.iter().flat_map(|head| head.0).collect();
        let bytes = if document.kind.is_aftercare() {
            Cow::Owned(self.keys.seal(self.tx, key, Sealed::Snapshot(document.id, &heads), &state.bytes)?)
        } else {
            Cow::Borrowed(&state.bytes)
        };
        self.tx
            .prepare_cached(
                "INSERT INTO snapshot (document, upto, heads, bytes) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (document) DO UPDATE SET upto = max(upto, excluded.upto), heads = excluded.heads,
                     bytes = excluded.bytes",
            )?
            .execute(params![key, upto.unwrap_or(0), heads, bytes.as_ref()])?;
        rows::write(self.tx, &mut self.keys, (key, document.id), &state.row, document.expected.is_none())?;
        if document.expected.is_some() && !document.kind.is_aftercare() {
            photos::erase_unlisted(self.tx, key)?;
        }
        if matches!(&state.row, Row::Visit(row) if !row.photos.is_empty()) {
            loose::adopt(self.tx, key, self.batch.received)?;
        }
        Ok(())
    }

    /// What the projections keep of the placement.
    fn projected_place(&self, key: Key, document: &PreparedDocument) -> Result<(), StoreError> {
        let is_new = document.expected.is_none();
        let wards = |place: &Placement| (place.home, place.reached.clone());
        let stays = document.before.as_ref().map(wards) == Some(wards(&document.after));
        if stays || (is_new && document.after.reached.is_empty()) {
            return Ok(());
        }
        rows::write_wards(self.tx, key, document.after.reached.iter())
    }

    /// The document's own row, and what is new in the history of its placement.
    fn row(&self, document: &PreparedDocument) -> Result<Key, StoreError> {
        let home = ward_key(self.tx, document.after.home)?;
        let key = match document.expected {
            Some((key, _)) => {
                self.tx
                    .prepare_cached("UPDATE document SET version = version + 1, home = ?2 WHERE id = ?1")?
                    .execute(params![key, home])?;
                self.recovered_author(key, document)?;
                key
            }
            None => self.new_row(document, home)?,
        };
        document.events.iter().try_for_each(|event| place::history(self.tx, self.by(), key, event))?;
        if document.is_made_again {
            placed::history_again(self.tx, key, document.id)?;
        }
        Ok(key)
    }

    /// A record that was brought back may begin in one batch and get its first change in the next: it is its author's, whoever
    /// began it.
    fn recovered_author(&self, key: Key, document: &PreparedDocument) -> Result<(), StoreError> {
        let Some(author) = document.changes.first().and_then(|change| change.recovered) else {
            return Ok(());
        };
        self.tx
            .prepare_cached(
                "UPDATE document SET created_by = ?2
                 WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM change WHERE document = ?1)",
            )?
            .execute([key, author])?;
        Ok(())
    }

    fn new_row(&self, document: &PreparedDocument, home: Key) -> Result<Key, StoreError> {
        // Whoever brings a lost record back is not its author.
        let author = document.changes.first().and_then(|change| change.recovered);
        let family = match document.after.case.filter(|_| document.kind.is_part_of_case()) {
            Some(case) => Some(self.key_of(case)?),
            None => None,
        };
        self.tx
            .prepare_cached(
                "INSERT INTO document (document, generation, kind, created_ward, home, created_by, created_at, family,
                     version)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1)",
            )?
            .execute(params![
                document.id.0,
                document.generation,
                document.kind.code(),
                ward_key(self.tx, document.begun_in())?,
                home,
                author.unwrap_or(self.batch.person),
                self.batch.received,
                family
            ])?;
        let key = self.tx.last_insert_rowid();
        if document.kind == DocumentKind::AftercareCase {
            self.keys.make(self.tx, key, document.id)?;
        }
        Ok(key)
    }
}
