//! What others brought back after the database was put back to an older copy: listed until it was seen.

use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::ids::DocumentId;

use super::{Key, Pending};

/// Most records that are listed at once; those that came last.
pub const MAX_LISTED: usize = 200;

/// A record in which somebody brought back what others wrote.
#[derive(Clone, Debug)]
pub struct Recovered {
    /// The record.
    pub document: DocumentId,
    /// Code of its kind.
    pub kind: String,
    /// Where it is.
    pub ward: WardRef,
    /// The names of those who wrote it.
    pub authors: Vec<String>,
    /// The names of those who brought it.
    pub brought_by: Vec<String>,
    /// How many changes.
    pub changes: u64,
    /// When the last of them came.
    pub at: Millis,
    /// The last of them: what comes later is listed anew.
    pub upto: Key,
}

/// What was brought back.
pub trait Recoveries {
    /// Every record of which something was not seen yet, what came last first.
    fn recovered(&self) -> Pending<'_, Vec<Recovered>>;
    /// Notes that somebody has seen what was brought back of these records, each up to a change.
    fn see_recovered(&self, by: Key, seen: Vec<(DocumentId, Key)>, at: Millis) -> Pending<'_, ()>;
}
