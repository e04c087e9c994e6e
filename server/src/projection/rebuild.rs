//! Makes every projection anew from the changes alone, never from the rows that are there.

use std::sync::Arc;

use donghanh_shared::crdt::gate::{self, CheckedChange};
use donghanh_shared::crdt::merge::{Base, merge};
use donghanh_shared::ids::DocumentId;

use super::{Row, row};
use crate::store::{Replayed, Store, StoreError};

/// Documents loaded at a time.
const PAGE: u32 = 500;

/// Replaces all projections by what the changes say. Returns how many documents there are.
///
/// # Errors
/// [`StoreError::Failed`] when a document cannot be made from its changes; nothing is replaced then.
pub async fn rebuild(store: &Arc<dyn Store>) -> Result<usize, StoreError> {
    let mut rows = Vec::new();
    let mut after = 0;
    loop {
        let page = store.replay(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.key;
        let drawn =
            tokio::task::spawn_blocking(move || page.into_iter().map(draw).collect::<Result<Vec<_>, _>>());
        rows.extend(drawn.await.map_err(|error| StoreError::Failed(error.to_string()))??);
    }
    let count = rows.len();
    store.replace_projections(rows).await?;
    Ok(count)
}

fn draw(replayed: Replayed) -> Result<(DocumentId, Row), StoreError> {
    let Replayed { id, kind, generation, heads, changes, .. } = replayed;
    let damaged = |what: &str| StoreError::Failed(format!("document {id}: {what}"));
    let checked: Vec<CheckedChange> = changes
        .into_iter()
        .map(|bytes| gate::check(bytes).map_err(|problem| damaged(&problem.to_string())))
        .collect::<Result<_, _>>()?;
    let changes: Vec<&CheckedChange> = checked.iter().collect();
    let merged = merge(Base { kind, id, generation, bytes: None }, &changes)
        .map_err(|code| damaged(&format!("does not merge: {code:?}")))?;
    if merged.heads != heads {
        return Err(damaged("its changes do not lead to the heads kept"));
    }
    Ok((id, row(kind, &merged)))
}
