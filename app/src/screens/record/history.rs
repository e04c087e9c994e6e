//! Who changed what, and when, newest first. Read from the record itself, so it is there without a connection.

use donghanh_shared::crdt::confirmation::CONFIRMATION;
use donghanh_shared::crdt::history::{FieldEdit, HistoryEntry, HistoryValue};
use leptos::prelude::*;

use super::{Screen, confirmation};
use crate::i18n::{format, tr};
use crate::screens::naming;
use crate::state::{AppState, OpenRecord};

/// Draws it.
pub fn history<V: Screen>(state: AppState, found: &OpenRecord<V>) -> AnyView {
    let (register, names, today) = (state.register.get(), state.names.get(), state.today());
    let entry = |entry: &HistoryEntry| {
        let who = naming::person(&names, entry.actor);
        let when = format::moment(entry.at, today);
        let line = |edit: &FieldEdit| match (&*edit.field, &edit.value) {
            (CONFIRMATION, HistoryValue::Text(text)) => confirmation::history_line(&found.value, Some(text)),
            (CONFIRMATION, _) => confirmation::history_line(&found.value, None),
            _ => found.value.history_line(&register, edit),
        };
        let lines = entry.edits.iter().map(|edit| view! { <li>{line(edit)}</li> }).collect_view();
        view! {
            <li class="history-entry" data-testid="history-entry">
                <p><span class="strong">{who}</span>" "<span class="soft figures">{when}</span></p>
                <ul class="soft">{lines}</ul>
            </li>
        }
        .into_any()
    };
    let entries: Vec<AnyView> =
        found.history.iter().rev().filter(|e| !e.edits.is_empty()).map(entry).collect();
    view! {
        <details class="more" open=true data-testid="history">
            <summary>{tr!(visit.history, n = entries.len())}</summary>
            <ol class="history">{entries}</ol>
        </details>
    }
    .into_any()
}
