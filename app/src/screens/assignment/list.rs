//! All assignments of the person's wards: open ones by their day, those that are done and those removed folded away.

use leptos::prelude::*;

use super::standing::Line;
use crate::components::action::{Weight, link};
use crate::components::list::keyed;
use crate::components::page::{Frame, page};
use crate::components::view::dynamic;
use crate::i18n::tr;
use crate::screens::saved::Saved;
use crate::state::AppState;

/// Draws the screen.
pub fn assignments() -> AnyView {
    let state = AppState::get();
    let all = Memo::new(move |_| Line::all(state, |_| true));
    let of = move |takes: fn(&Line) -> bool| {
        move || all.with(|all| all.iter().filter(|line| takes(line)).cloned().collect::<Vec<_>>())
    };
    let rows = move |takes| {
        keyed(of(takes), |line| line.row.summary.id.to_string(), move |line: &Line| line.drawn(state, true))
    };
    let count = move |takes| Memo::new(move |_| of(takes)().len());
    let folded = move |takes, words: fn(usize) -> String, test: &'static str| {
        let count = count(takes);
        let any = Memo::new(move |_| count.get() > 0);
        dynamic(move || {
            any.get().then(|| {
                view! {
                    <details class="more" data-testid=test>
                        <summary>{dynamic(move || words(count.get()))}</summary>
                        <ul class="rows">{rows(takes)}</ul>
                    </details>
                }
            })
        })
    };
    let open = count(is_open);
    let none = move || {
        (open.get() == 0).then(|| {
            view! { <p class="soft" data-testid="no-assignments">{tr!(assignment.none).to_string()}</p> }
        })
    };
    let list = view! {
        {dynamic(none)}
        <ul class="rows tasks" data-testid="open-assignments">{rows(is_open)}</ul>
        {folded(is_done, |n| tr!(assignment.done_list, n = n), "done-assignments")}
        {folded(is_removed, |n| tr!(assignment.removed_list, n = n), "removed-assignments")}
    };
    let asks = move || state.me.with(|me| me.as_ref().is_some_and(|me| !me.access.assigns.is_empty()));
    let new = dynamic(move || {
        let to = "/assignments/new".to_owned();
        asks().then(|| link(Weight::Main, None, tr!(assignment.new), to, "new-assignment"))
    });
    let body = view! { {Saved::get().line(false)}{list} };
    page(Frame::back("/"), tr!(assignment.title).to_string(), (), body, Some(new))
}

fn is_open(line: &Line) -> bool {
    !is_removed(line) && !line.standing.is_done()
}

fn is_done(line: &Line) -> bool {
    !is_removed(line) && line.standing.is_done()
}

fn is_removed(line: &Line) -> bool {
    line.row.summary.archived
}
