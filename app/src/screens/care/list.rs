//! The cases that the person looks after: overdue first, found by any word.

use donghanh_shared::domain::aftercare::{AftercareRules, CaseStatus};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::search::{folded, matches};
use leptos::prelude::*;

use super::case_parts::new_case;
use super::{CaseView, cases};
use crate::components::icon::{Icon, icon};
use crate::components::page::{Frame, page, section};
use crate::components::view::{dynamic, entered, text_of};
use crate::i18n::format::{self, capital};
use crate::i18n::{tr, words};
use crate::screens::parts::row::{RowWords, open_mark, overdue_mark, row, same_mark};
use crate::screens::saved::Saved;
use crate::state::AppState;

/// Draws the screen.
pub fn case_list() -> AnyView {
    let state = AppState::get();
    let typed = RwSignal::new(String::new());
    let list = move || {
        let (today, question) = (state.today(), typed.with(|text| folded(text)));
        let rules = state.rules.get();
        state.care.with(|care| {
            let all = cases(care);
            let found = all.iter().filter(|view| !view.archived && found(view, &question));
            let (open, closed): (Vec<_>, Vec<_>) = found.partition(|view| view.line.status.is_open());
            let mut open: Vec<_> =
                open.into_iter().map(|view| (view.due(today, &rules).map(|due| due.day), view)).collect();
            // Who is due stands first; who is not visited now, last.
            open.sort_by_key(|(due, view)| (due.is_none(), *due, view.id));
            let count = open.iter().filter(|(_, view)| view.counted.is_none()).count();
            let closed = (!closed.is_empty()).then(|| {
                let rows = closed.iter().map(|view| case_row(view, today, &rules)).collect_view();
                section(tr!(care.closed), view! { <ul class="rows">{rows}</ul> })
            });
            let rows = open.iter().map(|(_, view)| case_row(view, today, &rules)).collect_view();
            view! {
                <p class="soft small" role="status" data-testid="case-count">{tr!(care.count, n = count)}</p>
                <ul class="rows tasks">{rows}</ul>
                {closed}
            }
        })
    };
    let body = view! {
        {Saved::get().line(false)}
        <div class="search" role="search">
            {icon(Icon::Search)}
            <input type="search" id="case-search" data-testid="case-search" autocomplete="off" enterkeyhint="search"
                aria-label=tr!(care.search).to_string() placeholder=tr!(care.search).to_string()
                prop:value=text_of(move || typed.get()) on:input=entered(move |text| typed.set(text)) />
        </div>
        {dynamic(list)}
    };
    page(Frame::back("/"), tr!(care.cases).to_string(), (), body, Some(new_case(state)))
}

fn found(view: &CaseView<'_>, question: &str) -> bool {
    let person = view.person.map_or("", |person| person.folded.as_str());
    question.split(' ').all(|word| matches(&view.line.folded, word) || matches(person, word))
}

/// The row of a case.
fn case_row(view: &CaseView<'_>, today: Date, rules: &AftercareRules) -> AnyView {
    let due = view.due(today, rules);
    let status = (view.line.status != CaseStatus::Managed).then(|| capital(words(view.line.status)));
    let name = view.person.map(|person| person.full_name.clone());
    let helpers = Some(view.line.helpers.clone());
    let detail = [name, status, helpers].into_iter().flatten().filter(|part| !part.is_empty());
    let overdue = due.is_some_and(|due| due.overdue_by_days > 0);
    let mut marks = Vec::new();
    if overdue {
        marks.push(overdue_mark());
    }
    if view.open {
        marks.push(open_mark());
    }
    if view.counted.is_some() {
        marks.push(same_mark());
    }
    let row_words = RowWords {
        href: view.address(),
        title: view.line.address_as.clone(),
        detail: detail.collect::<Vec<_>>().join(" · "),
        end: due.map(|due| format::day(due.day, today)).unwrap_or_default(),
        overdue,
    };
    row(row_words, marks, "case-row")
}
