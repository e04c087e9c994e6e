//! While a record is written: another on this phone may be of the same event. It is shown beside the save, with the way to
//! look at it; it never stands in the way of saving.

use std::collections::BTreeSet;
use std::sync::Arc;

use donghanh_shared::domain::same_as::Look;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;

use super::{Editor, RecordForm};
use crate::components::action::{Weight, button, link};
use crate::components::view::dynamic;
use crate::i18n::tr;
use crate::screens::naming;
use crate::screens::record::same_as::{apart_from, look_alikes, panel, who};
use crate::state::Row;

/// Draws the notice; nothing while nothing looks alike.
pub fn alike<F: RecordForm>(editor: Editor<F>) -> AnyView {
    let state = editor.state;
    let passed = match editor.id {
        Some(id) => apart_from(state, id),
        None => RwSignal::new(BTreeSet::new()),
    };
    let look = editor.part(move |form| Look { id: editor.id, ..form.look() });
    let found = Memo::new(move |_| {
        let look = look.get();
        let mut found = state.summaries.with(|rows| look_alikes(state, rows, &look));
        found.retain(|row| !passed.with(|passed| passed.contains(&row.summary.id)));
        found
    });
    let notice = move || {
        found.with(|found| found.first().map(|first| drawn::<F>(editor, first, found.len() - 1, passed)))
    };
    view! { <div role="status">{dynamic(notice)}</div> }.into_any()
}

fn drawn<F: RecordForm>(
    editor: Editor<F>,
    row: &Arc<Row>,
    more: usize,
    passed: RwSignal<BTreeSet<DocumentId>>,
) -> AnyView {
    let (state, id) = (editor.state, row.summary.id);
    let who = who::<F::Record>(state, row);
    let numbers = naming::numbers(&row.summary);
    let more = (more > 0).then(|| tr!(same.and_more, n = more));
    let anyway = match editor.is_new() {
        true => tr!(same.anyway),
        false => tr!(same.no),
    };
    let content = view! {
        <p class="strong">{tr!(same.maybe_written).to_string()}</p>
        <p class="small">{numbers}" · "{dynamic(move || who.get())}" "{more}</p>
        <div class="line">
            {link(Weight::Plain, None, tr!(same.look), naming::address(&row.summary), "alike-open")}
            {button(Weight::Quiet, None, anyway.to_string(), "alike-anyway", move || {
                passed.update(|passed| {
                    passed.insert(id);
                });
            })}
        </div>
    };
    panel("alike", content.into_any())
}
