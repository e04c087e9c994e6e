//! What is asked of the person signed in, at the top of home. What is done leaves it by itself.

use leptos::prelude::*;

use super::standing::{Line, is_asked};
use crate::components::action::{Weight, link};
use crate::components::icon::Icon;
use crate::components::list::keyed;
use crate::components::page::section;
use crate::components::view::dynamic;
use crate::i18n::tr;
use crate::state::AppState;

/// Draws it; nothing where nobody asks anything and the person asks nobody.
pub fn asked_of_me(state: AppState) -> AnyView {
    let open = Memo::new(move |_| {
        let Some(me) = state.me.get() else { return Vec::new() };
        let mut lines = Line::all(state, |ask| is_asked(&me, ask));
        lines.retain(|line| !line.standing.is_done() && !line.row.summary.archived);
        lines
    });
    let any = Memo::new(move |_| {
        state.summaries.with(|rows| rows.iter().any(|row| row.summary.ask.is_some() && !row.summary.archived))
    });
    let asks = move || state.me.with(|me| me.as_ref().is_some_and(|me| !me.access.assigns.is_empty()));
    let none = Memo::new(move |_| open.with(Vec::is_empty));
    let rows = move || {
        (!none.get()).then(|| {
            let rows = keyed(
                move || open.get(),
                |line| line.row.summary.id.to_string(),
                move |line: &Line| line.drawn(state, false),
            );
            let list = view! { <ul class="rows tasks" data-testid="asked-of-me">{rows}</ul> };
            section(tr!(assignment.mine), list)
        })
    };
    let all = move || {
        let words = if asks() { tr!(assignment.of_ward) } else { tr!(assignment.all) };
        (asks() || any.get()).then(|| {
            link(Weight::Quiet, Some(Icon::Tasks), words, "/assignments".to_owned(), "all-assignments")
        })
    };
    view! { {dynamic(rows)}{dynamic(all)} }.into_any()
}
