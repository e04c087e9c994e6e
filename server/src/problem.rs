//! What the store could not do, as a sentence for people and a line for the log.

use donghanh_shared::domain::error::{Code, Problem};

use crate::store::StoreError;

/// Writes the precise line to the log and keeps the sentence for the person.
pub fn logged(error: StoreError) -> Problem {
    match error {
        StoreError::Refused(problem) => problem,
        error => {
            tracing::error!(%error, "the store failed");
            Problem::new(Code::Internal)
        }
    }
}
