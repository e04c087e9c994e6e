//! Erasing a case for good: asked of the server, where a second person decides. The phone lets go of the case when the server
//! says that it is gone.

use donghanh_shared::domain::aftercare::terms::ErasureReason;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::Problem;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};

use super::AppState;
use crate::sync::ERASED_UNSENT;

/// What was asked and nobody has decided yet.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct AskedErasure {
    /// Why.
    pub reason: ErasureReason,
    /// Who asked.
    pub by: String,
    /// When.
    pub at: Millis,
}

#[derive(Deserialize)]
struct Answer {
    asked: Option<AskedErasure>,
}

#[derive(Serialize)]
struct Form {
    reason: ErasureReason,
}

fn path(case: DocumentId) -> String {
    format!("/api/v1/cases/{case}/erasure")
}

impl AppState {
    /// What was asked about a case and nobody has decided yet.
    ///
    /// # Errors
    /// `not_found` for a case that the server does not have, `not_allowed`, `no_connection`.
    pub async fn erasure_asked(self, case: DocumentId) -> Result<Option<AskedErasure>, Problem> {
        self.engine()?.transport.get::<Answer>(&path(case)).await.map(|answer| answer.asked)
    }

    /// Asks that a case be erased for good.
    ///
    /// # Errors
    /// Those of [`Self::erasure_asked`].
    pub async fn ask_erasure(self, case: DocumentId, reason: ErasureReason) -> Result<(), Problem> {
        self.engine()?.transport.post(&path(case), &Form { reason }).await.map(drop)
    }

    /// Takes that back.
    ///
    /// # Errors
    /// Those of [`Self::erasure_asked`]; `not_found` also when it was decided meanwhile.
    pub async fn take_back_erasure(self, case: DocumentId) -> Result<(), Problem> {
        self.engine()?.transport.delete(&path(case)).await.map(drop)
    }

    /// The person has read that something not sent yet went with a case that was erased.
    pub fn erased_unsent_seen(self) {
        self.erased_unsent.set(false);
        spawn_local(async move {
            if let Ok(engine) = self.engine() {
                // Told once more rather than never.
                let _ = engine.store.keep_meta(ERASED_UNSENT, &[]).await;
            }
        });
    }
}
