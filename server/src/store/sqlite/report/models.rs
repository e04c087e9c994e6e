//! Reads what the figures of prevention models are drawn from.

use std::collections::BTreeMap;

use donghanh_shared::domain::prevention_model::Verdict;
use donghanh_shared::domain::vocabulary::Term as _;
use rusqlite::Row;

use super::{Asked, ward};
use crate::store::report::ModelFact;
use crate::store::{Key, StoreError};

impl Asked<'_> {
    /// Models with what their reviews said.
    pub(super) fn models(&self) -> Result<Vec<ModelFact>, StoreError> {
        let mut reviews: BTreeMap<Key, Vec<(u16, Verdict)>> = BTreeMap::new();
        for (document, review) in self.all(include_str!("model_reviews.sql"), review)? {
            reviews.entry(document).or_default().push(review);
        }
        let with_reviews = |(document, model): (Key, ModelFact)| ModelFact {
            reviews: reviews.remove(&document).unwrap_or_default(),
            ..model
        };
        Ok(self.all(include_str!("models.sql"), model)?.into_iter().map(with_reviews).collect())
    }
}

fn model(row: &Row<'_>) -> Result<(Key, ModelFact), StoreError> {
    let fact =
        ModelFact { home: ward(row, 1)?, members: row.get(2)?, is_open: row.get(3)?, reviews: Vec::new() };
    Ok((row.get(0)?, fact))
}

fn review(row: &Row<'_>) -> Result<(Key, (u16, Verdict)), StoreError> {
    Ok((row.get(0)?, (row.get(1)?, Verdict::parse(&row.get::<_, String>(2)?)?)))
}
