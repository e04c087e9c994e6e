//! What a person must decide, of every kind in one place: values that two people wrote apart, records that one removed and
//! another edited, edits that the server did not take.

use std::sync::Arc;

use donghanh_shared::domain::aftercare::line::{CareLine, CarePart};
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;

use super::naming::{self, Found};
use crate::components::list::keyed;
use crate::components::page::{Frame, page, section};
use crate::components::view::dynamic;
use crate::i18n::tr;
use crate::screens::parts::row::{RowWords, open_mark, row};
use crate::state::{AppState, Care, Row};

/// Draws the screen.
pub fn review() -> AnyView {
    let state = AppState::get();
    let activity = Memo::new(move |_| {
        let open = |row: &&Arc<Row>| row.needs_review();
        state.summaries.with(|rows| rows.iter().filter(open).cloned().collect::<Vec<_>>())
    });
    let cases = Memo::new(move |_| state.care.with(|care| case_lines(care)));
    let none = move || {
        (activity.with(Vec::is_empty) && cases.with(Vec::is_empty)).then(|| {
            view! { <p class="soft" data-testid="review-none">{tr!(review.none).to_string()}</p> }
        })
    };
    let any_case = Memo::new(move |_| cases.with(|cases| !cases.is_empty()));
    let of_cases = move || {
        any_case.get().then(|| {
            let draw =
                |(_, words): &(DocumentId, RowWords)| row(words.clone(), vec![open_mark()], "review-row");
            let rows = keyed(move || cases.get(), |(id, _)| id.to_string(), draw);
            section(tr!(care.cases), view! { <ul class="rows">{rows}</ul> })
        })
    };
    let body = view! {
        <p class="soft">{tr!(review.hint).to_string()}</p>
        {dynamic(none)}
        <ul class="rows">{naming::record_rows(state, move || activity.get())}</ul>
        {dynamic(of_cases)}
    };
    page(Frame::back("/"), tr!(review.title).to_string(), (), body, None)
}

fn case_lines(care: &Care) -> Vec<(DocumentId, RowWords)> {
    let said = |line: &CareLine| {
        let Found { href, title } = naming::of_care(care, line);
        let detail = match line.part {
            CarePart::CheckIn(_) => tr!(care.check_in).to_string(),
            CarePart::Case(_) | CarePart::Person(_) => String::new(),
        };
        (line.id, RowWords { href, title, detail, end: String::new(), overdue: false })
    };
    let mut open: Vec<&CareLine> = care.values().filter(|line| line.open_fields > 0).collect();
    open.sort_unstable_by_key(|line| (line.case, line.id));
    open.into_iter().map(said).collect()
}
