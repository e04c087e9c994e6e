//! All assignments of the person's wards: open ones by their day, those that are done and those removed folded away.

use leptos::prelude::*;

use super::standing::Line;
use crate::components::action::{Weight, link};
use crate::components::page::{Frame, page};
use crate::components::view::dynamic;
use crate::i18n::tr;
use crate::screens::saved::Saved;
use crate::state::AppState;

/// Draws the screen.
pub fn assignments() -> AnyView {
    let state = AppState::get();
    let all = Memo::new(move |_| Line::all(state, |_| true));
    let list = move || {
        let (removed, standing): (Vec<_>, Vec<_>) =
            all.get().into_iter().partition(|line| line.row.summary.archived);
        let (done, open): (Vec<_>, Vec<_>) = standing.into_iter().partition(|line| line.standing.is_done());
        let drawn = |lines: &[Line]| lines.iter().map(|line| line.drawn(state, true)).collect_view();
        let folded = |lines: &[Line], words: String, test: &'static str| {
            (!lines.is_empty()).then(|| {
                let rows = drawn(lines);
                view! {
                    <details class="more" data-testid=test>
                        <summary>{words}</summary>
                        <ul class="rows">{rows}</ul>
                    </details>
                }
            })
        };
        let none = open.is_empty().then(
            || view! { <p class="soft" data-testid="no-assignments">{tr!(assignment.none).to_string()}</p> },
        );
        view! {
            {none}
            <ul class="rows tasks" data-testid="open-assignments">{drawn(&open)}</ul>
            {folded(&done, tr!(assignment.done_list, n = done.len()), "done-assignments")}
            {folded(&removed, tr!(assignment.removed_list, n = removed.len()), "removed-assignments")}
        }
    };
    let asks = move || state.me.with(|me| me.as_ref().is_some_and(|me| !me.access.assigns.is_empty()));
    let new = dynamic(move || {
        let to = "/assignments/new".to_owned();
        asks().then(|| link(Weight::Main, None, tr!(assignment.new), to, "new-assignment"))
    });
    let body = view! { {Saved::get().line(false)}{dynamic(list)} };
    page(Frame::back("/"), tr!(assignment.title).to_string(), (), body, Some(new))
}
