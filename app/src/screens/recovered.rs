//! What colleagues' phones brought back after the server was put back to an older copy, for whoever is in charge of the ward to look
//! through.

use leptos::prelude::*;

use crate::components::action::{Weight, button};
use crate::components::page::section;
use crate::i18n::tr;
use crate::screens::naming::{self, Found};
use crate::screens::parts::row::{RowWords, row};
use crate::state::{AppState, Recovered};

/// Draws them; `seen` is told that they were looked through.
pub fn recovered(
    state: AppState,
    records: Vec<Recovered>,
    seen: impl Fn(Vec<Recovered>) + 'static,
) -> AnyView {
    let rows = records.iter().map(|one| drawn(state, one)).collect_view();
    let content = view! {
        <p>{tr!(recovered.what)}</p>
        <ul class="rows">{rows}</ul>
        <div class="line">
            {button(Weight::Main, None, tr!(recovered.seen).to_string(), "recovered-seen", move || seen(records.clone()))}
        </div>
    };
    section(tr!(recovered.title), content)
}

fn drawn(state: AppState, one: &Recovered) -> AnyView {
    let told = tr!(
        recovered.row,
        by = one.brought_by.join(", "),
        n = one.changes,
        authors = one.authors.join(", "),
        when = naming::moment(one.at)
    );
    match naming::found(state, one.document) {
        Some(Found { href, title }) => {
            let words = RowWords { href, title, detail: told, end: String::new(), overdue: false };
            row(words, Vec::new(), "recovered-row")
        }
        None => view! {
            <li class="row" data-testid="recovered-row">
                <p class="strong">{tr!(recovered.elsewhere)}</p>
                <p class="soft">{told}</p>
            </li>
        }
        .into_any(),
    }
}
