//! The state of sync: what waits, what was not taken and why, the last contact, and whether the phone is ready for a
//! day without a connection.

use std::sync::Arc;

use leptos::prelude::*;

use super::naming;
use super::parts::give_up::give_up;
use crate::components::action::{Weight, button};
use crate::components::icon::Icon;
use crate::components::notice::{Tone, notice};
use crate::components::page::{Frame, page, section};
use crate::components::view::dynamic;
use crate::i18n::{format, language, tr};
use crate::state::{Activity, AppState, RefusedRecord, Row, RowState};

/// How many waiting records are listed.
const LISTED: usize = 100;

/// Draws the screen.
pub fn sync_status() -> AnyView {
    let state = AppState::get();
    let body = view! {
        {super::sign_in::again(state)}
        {ready(state)}
        {refused(state)}
        {waiting(state)}
        {contact(state)}
    };
    let dock = button(Weight::Main, Some(Icon::Sync), tr!(sync.now).to_string(), "sync-now", move || {
        state.sync_now()
    });
    page(Frame::back("/me"), tr!(sync.title).to_string(), (), body, Some(dock))
}

fn ready(state: AppState) -> AnyView {
    let lines = move || {
        state.sync.with(|sync| {
            let offline = if sync.ready_offline {
                notice(
                    Tone::Good,
                    view! { <p data-testid="ready-offline">{tr!(sync.ready_offline).to_string()}</p> },
                )
            } else {
                notice(Tone::Wait, view! { <p>{tr!(sync.not_ready).to_string()}</p> })
            };
            let problem = sync
                .problem
                .as_ref()
                .map(|problem| notice(Tone::Wait, view! { <p>{problem.sentence(language())}</p> }));
            view! { {offline}{problem} }.into_any()
        })
    };
    view! {
        <div class="stack">
            {dynamic(lines)}
            <p class="soft" role="status">{dynamic(move || doing(state))}</p>
            {holding(state)}
        </div>
    }
    .into_any()
}

/// A first download may be long and cost money: it can wait for a better line.
fn holding(state: AppState) -> AnyView {
    let tap = move |label: &str, name: &'static str, held| {
        button(Weight::Quiet, None, label.to_owned(), name, move || state.hold_reading(held))
    };
    // Not with every page that comes: the button would be drawn anew under the finger.
    let offered = Memo::new(move |_| match state.sync.with(|sync| sync.activity) {
        Activity::Receiving { .. } => Some(true),
        Activity::Held => Some(false),
        Activity::Idle | Activity::Sending | Activity::Waiting { .. } => None,
    });
    dynamic(move || match offered.get() {
        Some(true) => tap(tr!(sync.hold), "sync-hold", true),
        Some(false) => tap(tr!(sync.go_on), "sync-go-on", false),
        None => ().into_any(),
    })
}

/// What the engine is doing, as a sentence.
fn doing(state: AppState) -> String {
    match state.sync.with(|sync| sync.activity) {
        Activity::Idle => tr!(sync.idle).to_string(),
        Activity::Sending => tr!(sync.sending).to_string(),
        Activity::Held => tr!(sync.held).to_string(),
        Activity::Receiving { received, total: Some(total) } => {
            tr!(sync.receiving_of, n = format::number(received), all = format::number(total))
        }
        Activity::Receiving { received, total: None } => tr!(sync.receiving, n = format::number(received)),
        Activity::Waiting { until } => tr!(sync.next_try, when = format::clock(until)),
    }
}

fn refused(state: AppState) -> AnyView {
    let line = move |record: RefusedRecord| {
        let found = record.document.and_then(|id| naming::found(state, id));
        // What is of no record was a place; a record that its last right took along has no row any more.
        let title = match (&found, record.document) {
            (Some(found), _) => found.title.clone(),
            (None, Some(_)) => tr!(sync.refused_record).to_string(),
            (None, None) => tr!(sync.refused_place).to_string(),
        };
        let when = format::moment(record.at, state.today());
        let why = record.problem.sentence(language());
        // What is wrong in a record is mended or given up where all of it is in sight.
        let gone = found.is_none().then(|| give_up(state, record.document));
        let open = found
            .map(|found| view! { <a class="button" href=found.href>{tr!(sync.open_record).to_string()}</a> });
        view! {
            <li class="row stack refused" data-testid="refused-row">
                <p class="strong">{title}</p>
                <p>{why}</p>
                <p class="soft small">{when}</p>
                {open.map(|open| view! { <div>{open}</div> })}
                {gone}
            </li>
        }
        .into_any()
    };
    dynamic(move || {
        let refused = state.outbox.with(|outbox| outbox.refused.clone());
        (!refused.is_empty()).then(|| {
            let lines = refused.into_iter().map(line).collect_view();
            section(tr!(sync.refused_title), view! { <ul class="rows">{lines}</ul> })
        })
    })
}

fn waiting(state: AppState) -> AnyView {
    let words = move || {
        let (records, entries) = state.outbox.with(|outbox| (outbox.records, outbox.entries));
        if entries == 0 {
            tr!(sync.nothing_waits).to_string()
        } else {
            tr!(sync.waits, n = format::number(records as u64), all = format::number(entries as u64))
        }
    };
    let waiting = move || {
        let waits = |row: &&Arc<Row>| row.state == RowState::Waiting;
        state.summaries.with(|rows| rows.iter().filter(waits).take(LISTED).cloned().collect())
    };
    let list = view! {
        <p data-testid="waiting-count">{dynamic(words)}</p>
        <ul class="rows">{naming::record_rows(state, waiting)}</ul>
    };
    section(tr!(sync.waiting_title), list)
}

fn contact(state: AppState) -> AnyView {
    let facts = move || {
        let today = state.today();
        let sync = state.sync.get();
        let last =
            sync.last_contact.map_or_else(|| tr!(sync.never).to_string(), |at| format::moment(at, today));
        let storage = sync.storage.map(|(used, all)| {
            tr!(sync.storage_of, used = format::bytes(used as f64), all = format::bytes(all as f64))
        });
        let kept = sync.persisted.map(|kept| {
            if kept { tr!(sync.persisted).to_string() } else { tr!(sync.not_persisted).to_string() }
        });
        let leads = if state.tab_leads.get() {
            tr!(sync.this_tab).to_string()
        } else {
            tr!(sync.other_tab).to_string()
        };
        let fact = |label: String, value: Option<String>| {
            value.map(|value| view! { <div><dt>{label}</dt><dd>{value}</dd></div> })
        };
        view! {
            {fact(tr!(sync.last_contact).to_string(), Some(last))}
            {fact(tr!(sync.storage).to_string(), storage)}
            {fact(tr!(sync.keeping).to_string(), kept)}
            {fact(tr!(sync.tabs).to_string(), Some(leads))}
        }
    };
    section(tr!(sync.this_phone), view! { <dl class="facts">{dynamic(facts)}</dl> })
}
