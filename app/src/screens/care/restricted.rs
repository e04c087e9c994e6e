//! The restricted part of a case as a record of its own: it is shown within its case, and its differences are settled there.

use donghanh_shared::domain::aftercare::AftercareRestricted;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;

use super::part::PartScreen;
use crate::i18n::tr;
use crate::screens::record::Opened;
use crate::state::{AppState, OfCase, OpenRecord, Register};

impl PartScreen for AftercareRestricted {
    fn title(_: &Register, _: &OpenRecord<OfCase<Self>>) -> String {
        Self::kind_title()
    }

    fn kind_title() -> String {
        tr!(care.restricted).to_string()
    }

    fn back(_: AppState, _: DocumentId) -> String {
        "/cases".to_owned()
    }

    fn facts(opened: Opened<OfCase<Self>>, found: &OpenRecord<OfCase<Self>>, editable: bool) -> AnyView {
        super::case_parts::restricted(opened, found, editable)
    }

    fn actions(_: AppState, _: &OpenRecord<OfCase<Self>>) -> Option<AnyView> {
        None
    }
}
