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
    /// The rows of its documents, by part, with the bytes of each.
    documents: BTreeMap<usize, Vec<(Key, usize)>>,
}

/// Reads what the scope holds.
fn held(db: &Connection, scope: Key) -> Result<Held, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT d.id, d.document, d.generation, s.heads, length(s.bytes)
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
        held.documents
            .entry(part_of(id))
            .or_default()
            .push((row.get(0)?, row.get::<_, i64>(4)?.unsigned_abs() as usize));
    }
    Ok(held)
}

/// Largest part that is sent in one piece over a line that takes less at a time: for a larger one the device reads the scope from its
/// beginning, in pages that may be cut anywhere.
const MAX_PART: usize = 64 << 10;

impl Pager<'_> {
    /// Puts the parts that differ in the page, each whole, as many as there is room for and at least one: in half a part nobody could
    /// tell what the scope no longer has. Says nothing when not even one can be sent; then the device begins the scope anew.
    pub(super) fn mend(&mut self, scope: &Open, said: &Said) -> Result<(), StoreError> {
        let held = held(self.db, scope.state.id)?;
        let most = self.left.max(MAX_PART);
        let mut parts = Vec::new();
        let differing = held.parts.differing(said);
        for part in &differing {
            let documents = held.documents.get(&usize::from(*part)).map_or(&[][..], Vec::as_slice);
            let bytes: usize = documents.iter().map(|(_, bytes)| bytes + ITEM_OVERHEAD).sum();
            if bytes > if parts.is_empty() { most } else { self.left } {
                break;
            }
            for (key, _) in documents {
                let mut query = self.db.prepare_cached(ONE)?;
                let mut rows = query.query([key])?;
                if let Some(row) = rows.next()? {
                    self.whole(row, scope.cursor.scope)?;
                }
            }
            self.left = self.left.saturating_sub(bytes);
            parts.push(*part);
        }
        if parts.is_empty() && !differing.is_empty() {
            return Ok(());
        }
        let mended = Mended { scope: scope.cursor.scope, parts: parts.into() };
        self.page.mended.get_or_insert_default().push(mended);
        Ok(())
    }
}
