//! Beginning a case, and editing one: the core, and beside it the restricted part, which is a document of its own.

mod fields;
pub mod model;

use donghanh_shared::access::Role;

use super::care::own_wards;
use super::form;
use leptos::prelude::*;
use model::CaseForm;

/// What the parts of the form share.
pub type Editor = form::Editor<CaseForm>;

/// A new case: in the officer's ward, looked after by the officer.
pub fn new_case() -> AnyView {
    form::new_record::<CaseForm>(None, None, async |state, form| {
        form.common.ward = own_wards(state).first().copied();
        let me = state.me.get_untracked();
        form.officer =
            me.filter(|me| me.role == Some(Role::AftercareOfficer)).map(|me| me.name).unwrap_or_default();
    })
}
