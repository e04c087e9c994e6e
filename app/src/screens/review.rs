//! What a person must decide, of every kind in one place: values that two people wrote apart, records that one removed and
//! another edited, edits that the server did not take.

use leptos::prelude::*;

use super::naming::{self, Found};
use crate::components::page::{Frame, page, section};
use crate::components::view::dynamic;
use crate::i18n::tr;
use crate::screens::parts::row::{RowWords, open_mark, row};
use crate::state::{AppState, Care};
use donghanh_shared::domain::aftercare::line::{CareLine, CarePart};

/// Draws the screen.
pub fn review() -> AnyView {
    let state = AppState::get();
    let activity = move || {
        let (register, seen) = (state.register.get(), naming::Seen::by(state));
        state.summaries.with(|rows| {
            let open = rows.iter().filter(|row| row.needs_review());
            open.map(|row| naming::record_row(&register, row, &seen)).collect::<Vec<_>>()
        })
    };
    let cases = move || state.care.with(|care| care_rows(care));
    let all = move || {
        let (activity, cases) = (activity(), cases());
        if activity.is_empty() && cases.is_empty() {
            return view! { <p class="soft" data-testid="review-none">{tr!(review.none).to_string()}</p> }
                .into_any();
        }
        let cases =
            (!cases.is_empty()).then(|| section(tr!(care.cases), view! { <ul class="rows">{cases}</ul> }));
        view! { <ul class="rows">{activity}</ul>{cases} }.into_any()
    };
    let body = view! { <p class="soft">{tr!(review.hint).to_string()}</p>{dynamic(all)} };
    page(Frame::back("/"), tr!(review.title).to_string(), (), body, None)
}

fn care_rows(care: &Care) -> Vec<AnyView> {
    let drawn = |line: &CareLine| {
        let Found { href, title } = naming::of_care(care, line);
        let detail = match line.part {
            CarePart::CheckIn(_) => tr!(care.check_in).to_string(),
            CarePart::Case(_) | CarePart::Person(_) => String::new(),
        };
        let words = RowWords { href, title, detail, end: String::new(), overdue: false };
        row(words, vec![open_mark()], "review-row")
    };
    let mut open: Vec<&CareLine> = care.values().filter(|line| line.open_fields > 0).collect();
    open.sort_unstable_by_key(|line| (line.case, line.id));
    open.into_iter().map(drawn).collect()
}
