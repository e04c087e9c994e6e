//! Rows of lists: one record, or something to do.

use leptos::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::i18n::tr;
use crate::state::RowState;

/// The mark of a record's state. What is sent needs no colour; what waits is amber; what failed is red.
pub fn state_mark(state: RowState) -> AnyView {
    let (class, drawing, words) = match state {
        RowState::Sent => ("mark sent", Icon::Check, tr!(record.sent).to_string()),
        RowState::Waiting => ("mark wait", Icon::Clock, tr!(record.waiting).to_string()),
        RowState::Refused => ("mark fail", Icon::Alert, tr!(record.refused).to_string()),
    };
    view! { <span class=class>{icon(drawing)}<span>{words}</span></span> }.into_any()
}

/// The mark "two people edited this".
pub fn open_mark() -> AnyView {
    view! { <span class="mark wait">{icon(Icon::People)}<span>{tr!(record.open).to_string()}</span></span> }
        .into_any()
}

/// The mark "a double, not counted again".
pub fn same_mark() -> AnyView {
    view! { <span class="mark" data-testid="same-mark">{icon(Icon::People)}<span>{tr!(same.mark).to_string()}</span></span> }
        .into_any()
}

/// The mark "overdue".
pub fn overdue_mark() -> AnyView {
    view! { <span class="mark fail">{icon(Icon::Clock)}<span>{tr!(home.overdue).to_string()}</span></span> }
        .into_any()
}

/// What a row shows.
#[derive(Clone, PartialEq)]
pub struct RowWords {
    /// Where it leads.
    pub href: String,
    /// First line.
    pub title: String,
    /// Second line, before the marks.
    pub detail: String,
    /// At the end of the first line: a day, a number.
    pub end: String,
    /// Whether the day has passed.
    pub overdue: bool,
}

/// Draws a row with its marks after the detail. `test` is its stable name for tests.
pub fn row(words: RowWords, marks: Vec<AnyView>, test: &'static str) -> AnyView {
    let RowWords { href, title, detail, end, overdue } = words;
    let more = (!detail.is_empty() || !marks.is_empty())
        .then(|| view! { <span class="row-more"><span>{detail}</span>{marks}</span> });
    let end =
        (!end.is_empty()).then(|| view! { <span class="row-end figures" class:overdue=overdue>{end}</span> });
    view! {
        <li class="row" data-testid=test>
            <a href=href>
                <span class="row-title">{title}</span>
                {end}
                {more}
            </a>
        </li>
    }
    .into_any()
}
