//! A scope part by part, for a device whose digest of it differs: see [`donghanh_shared::sync::parts`]. Reckoned when it is asked for
//! from what is placed there and where it stands; no document is loaded.

use std::collections::BTreeMap;

use donghanh_shared::ids::{ChangeHash, Digest, DocumentId};
use donghanh_shared::sync::parts::{Mended, Parts, Said, part_of};
use rusqlite::Connection;

use super::open::Open;
use super::pull::{ITEM_OVERHEAD, ONE, Pager};
use crate::store::{Key, StoreError};

/// What a scope holds.
#[derive(Default)]
struct Held {
    /// The digest of each part.
    parts: Parts,
    /// The rows of its documents, by part.
    documents: BTreeMap<usize, Vec<Key>>,
}

/// Reads what the scope holds.
fn held(db: &Connection, scope: Key) -> Result<Held, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT d.id, d.document, d.generation, s.heads
         FROM placement p JOIN document d ON d.id = p.document JOIN snapshot s ON s.document = d.id
         WHERE p.scope = ?1 ORDER BY d.id",
    )?;
    let mut rows = query.query([scope])?;
    let mut held = Held::default();
    while let Some(row) = rows.next()? {
        let id = DocumentId(row.get(1)?);
        let heads = row.get_ref(3)?.as_blob().map_err(|error| StoreError::Failed(error.to_string()))?;
        let heads: Vec<ChangeHash> = heads.chunks(32).filter_map(ChangeHash::from_slice).collect();
        held.parts.add(id, Digest::of_document(id, row.get(2)?, &heads));
        held.documents.entry(part_of(id)).or_default().push(row.get(0)?);
    }
    Ok(held)
}

impl Pager<'_> {
    /// Puts the parts that differ in the page, each whole, as many as there is room for and at least one: in half a part nobody could
    /// tell what the scope no longer has.
    pub(super) fn mend(&mut self, scope: &Open, said: &Said) -> Result<(), StoreError> {
        let held = held(self.db, scope.state.id)?;
        let mut parts = Vec::new();
        for part in held.parts.differing(said) {
            if self.left == 0 && !parts.is_empty() {
                break;
            }
            for key in held.documents.get(&usize::from(part)).into_iter().flatten() {
                let mut query = self.db.prepare_cached(ONE)?;
                let mut rows = query.query([key])?;
                let Some(row) = rows.next()? else { continue };
                let bytes = row.get_ref(3)?.as_blob().map_or(0, <[u8]>::len);
                self.left = self.left.saturating_sub(bytes + ITEM_OVERHEAD);
                self.whole(row, scope.cursor.scope)?;
            }
            parts.push(part);
        }
        let mended = Mended { scope: scope.cursor.scope, parts: parts.into() };
        self.page.mended.get_or_insert_default().push(mended);
        Ok(())
    }
}
