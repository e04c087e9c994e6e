//! Logging a check-in: what changed since the last one, in well under thirty seconds.

mod fields;
pub mod model;

use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;

use super::care::case_of;
use super::form;
use crate::state::{AppState, OfCase};
use donghanh_shared::domain::aftercare::CheckIn;
use model::CheckInForm;

/// What the parts of the form share.
pub type Editor = form::Editor<CheckInForm>;

/// A new check-in of a case. It starts with what held at the last one.
pub fn new_check_in(case: DocumentId) -> AnyView {
    form::new_record::<CheckInForm>(None, Some(case), async move |state, form| {
        form.case = Some(case);
        form.met = Some(true);
        form.common.ward = ward_of(state, case).await;
        let last = state.care.with_untracked(|care| {
            case_of(care, case).and_then(|view| view.check_ins.first().map(|(id, _)| *id))
        });
        if let Some(last) = last
            && let Ok(Some(found)) = state.open::<OfCase<CheckIn>>(last).await
        {
            form.carry_over(&found.value.value);
        }
    })
}

/// The ward in which the case is.
async fn ward_of(state: AppState, case: DocumentId) -> Option<donghanh_shared::domain::WardRef> {
    use donghanh_shared::domain::aftercare::AftercareCase;
    let found = state.open::<OfCase<AftercareCase>>(case).await.ok().flatten()?;
    found.home_ward.or(found.value.value.ward.value().copied())
}
