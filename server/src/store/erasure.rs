//! Erasing cases for good: asked for by an officer, granted by a second person.

use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::aftercare::terms::ErasureReason;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::ids::{ApprovalId, DocumentId};

use super::{Key, Pending};

/// A case as far as erasing it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasableCase {
    /// Where it is.
    pub home: WardRef,
    /// When it was created.
    pub created_at: Millis,
    /// What was asked and nobody has decided yet.
    pub asked: Option<AskedErasure>,
}

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedErasure {
    /// Its identity outside.
    pub approval: ApprovalId,
    /// Why.
    pub reason: ErasureReason,
    /// The name of who asked.
    pub by: String,
    /// When.
    pub at: Millis,
}

/// Cases that are erased for good.
pub trait Erasures {
    /// The case with this core; `None` when there is none, or it was erased.
    fn erasable(&self, case: DocumentId) -> Pending<'_, Option<ErasableCase>>;
    /// Grants what was asked and erases the case with all its parts, in one commit: placements (the logs say so), content,
    /// keys, helpers, what was set aside or handed over of it. Gives the case and the ward it was in; `None` when nothing
    /// of this identity waits, or the case is gone. What was erased lies in free pages until [`Self::compact`].
    fn erase(&self, approval: ApprovalId, by: Key, at: Millis) -> Pending<'_, Option<(DocumentId, WardRef)>>;
    /// Rewrites the database without its free pages, if something was erased since the last time.
    fn compact(&self) -> Pending<'_, ()>;
}
