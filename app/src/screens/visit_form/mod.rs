//! The form of a visit.

mod main_fields;
pub mod model;
mod more_counts;
mod more_fields;
mod photos;

use donghanh_shared::ids::{DocumentId, PhotoId, PhotoKey};
use leptos::prelude::*;

use super::{assignment, form};
use crate::components::address;
use model::VisitForm;

/// What the parts of the form share.
pub type Editor = form::Editor<VisitForm>;

impl Editor {
    /// Lists a picture that is kept on this phone; the draft knows it at once.
    fn add_photo(self, id: PhotoId, key: PhotoKey) {
        if self.is_open() {
            self.edit(|form| {
                form.photos.insert(id, key);
            });
            self.keep();
        }
    }
}

/// "Ghi hoạt động": a new visit; by itself, or for the assignment that the address names.
pub fn new_visit() -> AnyView {
    let like: Option<DocumentId> = untrack(|| address::query("like")).and_then(|text| text.parse().ok());
    let asked = untrack(|| address::query("for")).and_then(|text| text.parse::<DocumentId>().ok());
    form::new_record::<VisitForm>(like, None, async move |state, form| {
        let Some(ask) = assignment::start(state, asked, &mut form.common).await else { return };
        form.form = ask.form;
    })
}
