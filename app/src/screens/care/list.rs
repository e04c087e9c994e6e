//! The cases that the person looks after: overdue first, found by any word.

use donghanh_shared::domain::aftercare::{AftercareRules, CaseStatus};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::search::{folded, matches};
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;

use super::case_parts::new_case;
use super::{CaseView, cases};
use crate::components::icon::{Icon, icon};
use crate::components::list::keyed;
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
    let found = Memo::new(move |_| {
        let (today, question) = (state.today(), typed.with(|text| folded(text)));
        let rules = state.rules.get();
        state.care.with(|care| {
            let all = cases(care);
            let found = all.iter().filter(|view| !view.archived && found(view, &question));
            let mut found: Vec<CaseRow> = found.map(|view| CaseRow::of(view, today, &rules)).collect();
            // Who is due stands first; who is not visited now, last.
            found.sort_by_key(|row| (row.due.is_none(), row.due, row.id));
            found
        })
    });
    let of = move |open: bool| {
        found.with(|all| all.iter().filter(|row| row.is_open == open).cloned().collect::<Vec<_>>())
    };
    let rows = move |open: bool| keyed(move || of(open), |row: &CaseRow| row.id.to_string(), CaseRow::drawn);
    let count = move || {
        let n = found.with(|all| all.iter().filter(|row| row.is_open && !row.is_counted).count());
        tr!(care.count, n = n)
    };
    let any_closed = Memo::new(move |_| found.with(|all| all.iter().any(|row| !row.is_open)));
    let closed = move || {
        any_closed.get().then(|| section(tr!(care.closed), view! { <ul class="rows">{rows(false)}</ul> }))
    };
    let list = view! {
        <p class="soft small" role="status" data-testid="case-count">{dynamic(count)}</p>
        <ul class="rows tasks">{rows(true)}</ul>
        {dynamic(closed)}
    };
    let body = view! {
        {Saved::get().line(false)}
        <div class="search" role="search">
            {icon(Icon::Search)}
            <input type="search" id="case-search" data-testid="case-search" autocomplete="off" enterkeyhint="search"
                aria-label=tr!(care.search).to_string() placeholder=tr!(care.search).to_string()
                prop:value=text_of(move || typed.get()) on:input=entered(move |text| typed.set(text)) />
        </div>
        {list}
    };
    page(Frame::back("/"), tr!(care.cases).to_string(), (), body, Some(new_case(state)))
}

fn found(view: &CaseView<'_>, question: &str) -> bool {
    let person = view.person.map_or("", |person| person.folded.as_str());
    question.split(' ').all(|word| matches(&view.line.folded, word) || matches(person, word))
}

/// The row of a case.
#[derive(Clone, PartialEq)]
struct CaseRow {
    id: DocumentId,
    is_open: bool,
    /// By when the person is to be met.
    due: Option<Date>,
    words: RowWords,
    /// Whether people differ on something in it.
    differs: bool,
    /// Whether another case of the same person counts for it.
    is_counted: bool,
}

impl CaseRow {
    fn of(view: &CaseView<'_>, today: Date, rules: &AftercareRules) -> Self {
        let due = view.due(today, rules);
        let status = (view.line.status != CaseStatus::Managed).then(|| capital(words(view.line.status)));
        let name = view.person.map(|person| person.full_name.clone());
        let helpers = Some(view.line.helpers.clone());
        let detail = [name, status, helpers].into_iter().flatten().filter(|part| !part.is_empty());
        let words = RowWords {
            href: view.address(),
            title: view.line.address_as.clone(),
            detail: detail.collect::<Vec<_>>().join(" · "),
            end: due.map(|due| format::day(due.day, today)).unwrap_or_default(),
            overdue: due.is_some_and(|due| due.overdue_by_days > 0),
        };
        Self {
            id: view.id,
            is_open: view.line.status.is_open(),
            due: due.map(|due| due.day),
            words,
            differs: view.open,
            is_counted: view.counted.is_some(),
        }
    }

    fn drawn(&self) -> AnyView {
        let marks = [
            (self.words.overdue, overdue_mark as fn() -> AnyView),
            (self.differs, open_mark),
            (self.is_counted, same_mark),
        ];
        let marks = marks.into_iter().filter(|(holds, _)| *holds).map(|(_, mark)| mark()).collect();
        row(self.words.clone(), marks, "case-row")
    }
}
