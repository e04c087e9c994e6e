//! One visit: its facts, its numbers, and what can be done with it.

mod choices;
mod facts;
mod photos;
mod tally;
mod words;

use donghanh_shared::crdt::history::FieldEdit;
use donghanh_shared::domain::outreach_visit::Visit;
use donghanh_shared::domain::vocabulary::Term as _;
use leptos::prelude::*;

use super::naming;
use super::record::differences::Choices;
use super::record::{Opened, Screen, may_edit};
use crate::components::action::{Weight, link};
use crate::components::icon::Icon;
use crate::i18n::tr;
use crate::state::{AppState, OpenVisit, Register};

impl Screen for Visit {
    fn title(register: &Register, found: &OpenVisit) -> String {
        let visit = &found.value;
        let form = visit
            .form
            .value()
            .map_or_else(|| tr!(record.form_none).to_string(), |form| naming::form(form.code()));
        match visit.venue.value() {
            Some(venue) => format!("{form} · {}", naming::place(register, *venue)),
            None => form,
        }
    }

    fn kind_title() -> String {
        tr!(visit.title).to_string()
    }

    fn facts(opened: Opened<Self>, found: &OpenVisit, editable: bool) -> AnyView {
        facts::facts(opened, found, editable)
    }

    fn actions(state: AppState, found: &OpenVisit) -> Option<AnyView> {
        if !may_edit(state, found) {
            return None;
        }
        let id = found.id;
        let actions = view! {
            <div class="pair">
                {link(Weight::Plain, Some(Icon::People), tr!(visit.tally), format!("/visits/{id}/tally"), "tally-button")}
                {link(Weight::Plain, Some(Icon::Pen), tr!(visit.edit), format!("/visits/{id}/edit"), "edit-button")}
            </div>
        };
        Some(actions.into_any())
    }

    fn looked_at() -> &'static [&'static str] {
        &["date", "venue", "form", "attendance", "topics", "lead", "notes", "photos"]
    }

    fn field(&self, name: &str) -> String {
        words::field(name)
    }

    fn choices(&self, register: &Register, field: &str) -> Choices {
        choices::choices(register, self, field)
    }

    fn history_line(&self, register: &Register, edit: &FieldEdit) -> String {
        words::edit(register, edit)
    }
}
