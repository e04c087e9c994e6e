//! What colleagues' phones brought back after the server was put back to an older copy, for whoever is in charge of the ward to look
//! through.

use donghanh_shared::domain::aftercare::line::{CareLine, CarePart};
use leptos::prelude::*;

use crate::components::action::{Weight, button};
use crate::components::page::section;
use crate::i18n::tr;
use crate::screens::naming;
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
    let activity = state.summaries.with(|rows| {
        let found = rows.iter().find(|row| row.summary.id == one.document)?;
        let title = state.register.with(|register| naming::title(register, &found.summary));
        Some((naming::address(&found.summary), title))
    });
    let found = activity.or_else(|| {
        state.care.with(|care| {
            let line = care.get(&one.document)?;
            let called = match care.get(&line.case).map(|core: &CareLine| &core.part) {
                Some(CarePart::Case(case)) => case.address_as.clone(),
                _ => tr!(care.case).to_string(),
            };
            Some((format!("/cases/{}", line.case), called))
        })
    });
    match found {
        Some((href, title)) => {
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
