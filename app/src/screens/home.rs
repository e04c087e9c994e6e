//! Home: what is due, drafts, recent records, and the big "Ghi hoạt động" at the thumb.

use std::sync::Arc;

use donghanh_shared::domain::kind::Kind;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::assignment::asked;
use super::assignment_form::model::AssignmentForm;
use super::care::{is_involved, waiting};
use super::case_form::model::CaseForm;
use super::check_in_form::model::CheckInForm;
use super::drive_form::model::DriveForm;
use super::due::{Due, all_due, due_row};
use super::form::draft;
use super::model_form::model::ModelForm;
use super::naming;
use super::saved::Saved;
use super::visit_form::model::VisitForm;
use crate::components::action::{Weight, button, link};
use crate::components::dom;
use crate::components::icon::Icon;
use crate::components::list::keyed;
use crate::components::notice::{Tone, notice};
use crate::components::page::{Frame, page, section};
use crate::components::view::dynamic;
use crate::i18n::{format, tr};
use crate::screens::parts::row::{RowWords, row};
use crate::state::{AppState, Register, Row};

/// How many due follow-ups stand before the rest is asked for.
const DUE: usize = 5;
/// How many records stand under "recent".
const RECENT: usize = 12;

/// Draws the screen.
pub fn home() -> AnyView {
    let state = AppState::get();
    let title = Signal::derive(move || {
        let ward = state.me.with(|me| me.as_ref().and_then(|me| me.home_ward));
        ward.map_or_else(
            || tr!(home.title).to_string(),
            |ward| state.register.with(|all| naming::ward(all, ward)),
        )
    });
    let who = move || {
        state.me.with(|me| me.as_ref().map(|me| naming::given_name(&me.name).to_owned()).unwrap_or_default())
    };
    let aside = view! { <a class="who soft" href="/me">{dynamic(who)}</a> };
    let body = view! {
        {Saved::get().line(true)}
        {super::sign_in::again(state)}
        {what_to_know(state)}
        {to_review(state)}
        {to_confirm(state)}
        {returned(state)}
        {asked::asked_of_me(state)}
        {due(state)}
        {dynamic(move || is_involved(state).then(|| {
            link(Weight::Plain, Some(Icon::People), tr!(care.all_cases), "/cases".to_owned(), "all-cases")
        }))}
        {drafts(state)}
        {dynamic(move || logs_activity(state).then(|| recent(state)))}
    };
    page(Frame::default(), title, aside, body, Some(super::log_button(state)))
}

/// A new version, a store that the browser threw away, something that went with an erased case: said once and clearly.
fn what_to_know(state: AppState) -> AnyView {
    view! {
        {dynamic(move || state.store_lost.get().then(|| {
            notice(Tone::Fail, view! {
                <p>{tr!(home.store_lost).to_string()}</p>
                {button(Weight::Quiet, None, tr!(common.understood).to_string(), "store-lost-close", move || state.store_lost.set(false))}
            })
        }))}
        {dynamic(move || state.erased_unsent.get().then(|| {
            notice(Tone::Wait, view! {
                <p data-testid="erased-unsent">{tr!(home.erased_unsent).to_string()}</p>
                {button(Weight::Quiet, None, tr!(common.understood).to_string(), "erased-unsent-close", move || state.erased_unsent_seen())}
            })
        }))}
        {dynamic(move || state.update_ready.get().then(|| {
            notice(Tone::Wait, view! {
                <p>{tr!(home.update).to_string()}</p>
                {button(Weight::Plain, None, tr!(home.take_update).to_string(), "take-update", move || state.take_update())}
            })
        }))}
    }
    .into_any()
}

/// What a person must decide: two people wrote differently, removed and edited apart, or the server did not take it.
fn to_review(state: AppState) -> AnyView {
    let count = Memo::new(move |_| {
        let open = state.summaries.with(|rows| rows.iter().filter(|row| row.needs_review()).count());
        open + state.care.with(|care| care.values().filter(|line| line.open_fields > 0).count())
    });
    dynamic(move || {
        (count.get() > 0).then(|| {
            let words = tr!(home.to_review, n = count.get());
            link(Weight::Plain, Some(Icon::People), words, "/review".to_owned(), "to-review")
        })
    })
}

/// What waits for this person to confirm it.
fn to_confirm(state: AppState) -> AnyView {
    let records = Memo::new(move |_| {
        let Some(access) = state.me.with(|me| me.as_ref().map(|me| me.access.clone())) else { return 0 };
        let waits = |row: &Row| row.waits_for(&access, |actor| state.is_mine(actor));
        state.summaries.with(|rows| rows.iter().filter(|row| waits(row)).count())
    });
    let check_ins = Memo::new(move |_| waiting::count(state));
    let way = |count: usize, words: String, href: &str, test: &'static str| {
        (count > 0).then(|| link(Weight::Plain, Some(Icon::Check), words, href.to_owned(), test))
    };
    dynamic(move || {
        let (records, check_ins) = (records.get(), check_ins.get());
        let of_records = tr!(confirmation.to_confirm, n = records);
        let of_check_ins = tr!(confirmation.check_ins_to_confirm, n = check_ins);
        view! {
            {way(records, of_records, "/visits?confirm=1", "to-confirm")}
            {way(check_ins, of_check_ins, "/check-ins", "check-ins-to-confirm")}
        }
    })
}

/// Records that were returned to who logged them.
fn returned(state: AppState) -> AnyView {
    let list = move || {
        let rows = state.summaries.get();
        let returned: Vec<&Arc<Row>> =
            rows.iter().filter(|row| row.is_returned_to(|actor| state.is_mine(actor))).collect();
        let (register, seen) = (state.register.get(), naming::Seen::by(state));
        let mut drawn: Vec<AnyView> =
            returned.into_iter().map(|row| returned_row(&register, row, &seen)).collect();
        state.care.with(|care| {
            let check_ins = waiting::returned(care, |actor| state.is_mine(actor));
            let names = state.names.get();
            drawn.extend(check_ins.iter().map(|said| said.row(&names, seen.today, "returned-row")));
        });
        (!drawn.is_empty()).then(|| {
            let title = tr!(confirmation.returned_to_me).to_string();
            section(title, view! { <ul class="rows tasks" data-testid="returned">{drawn}</ul> })
        })
    };
    dynamic(list)
}

/// One of them, with what is to be mended.
fn returned_row(register: &Register, of: &Row, seen: &naming::Seen) -> AnyView {
    let summary = &of.summary;
    let reason = summary.confirmation.as_ref().and_then(|line| line.reason.clone());
    let words = RowWords {
        href: naming::address(summary),
        title: naming::title(register, summary),
        detail: reason.unwrap_or_default(),
        end: summary.date.map(|date| format::day(date, seen.today)).unwrap_or_default(),
        overdue: false,
    };
    row(words, Vec::new(), "returned-row")
}

/// Whether records of activity are to be seen: not for officers and helpers, who have cases alone.
fn logs_activity(state: AppState) -> bool {
    let activity = |row: &Arc<Row>| row.summary.kind() != Kind::WorkAssignment;
    !is_involved(state) || state.summaries.with(|rows| rows.iter().any(activity))
}

fn due(state: AppState) -> AnyView {
    let all = Memo::new(move |_| {
        let today = state.today();
        state.summaries.with(|rows| {
            let (care, rules) = (state.care.get(), state.rules.get());
            state.register.with(|register| all_due(rows, &care, &rules, register, today))
        })
    });
    let everything = RwSignal::new(false);
    let shown = move || if everything.get() { usize::MAX } else { DUE };
    let more = move || {
        let hidden = all.with(Vec::len).saturating_sub(shown());
        (hidden > 0).then(|| {
            button(Weight::Quiet, None, tr!(home.more_due, n = hidden), "more-due", move || {
                everything.set(true)
            })
        })
    };
    let none = Memo::new(move |_| all.with(Vec::is_empty));
    let list = move || {
        if none.get() {
            return view! { <p class="soft">{tr!(home.nothing_due).to_string()}</p> }.into_any();
        }
        let each = move || all.with(|all| all.iter().take(shown()).cloned().collect());
        let key = |due: &Due| format!("{} {}", due.href, due.text);
        let draw = move |due: &Due| due_row(due.clone(), state.today());
        view! { <ul class="rows tasks">{keyed(each, key, draw)}</ul>{dynamic(more)} }.into_any()
    };
    section(tr!(home.due), dynamic(list))
}

fn drafts(state: AppState) -> AnyView {
    let found = RwSignal::new(Vec::<(String, Vec<u8>)>::new());
    spawn_local(async move {
        let kept = state.drafts().await;
        // The screen may be gone by now.
        found.try_set(kept);
    });
    let line = move |(key, bytes): (String, Vec<u8>)| {
        let (href, title) = state.register.with(|register| {
            draft::shown::<VisitForm>(register, &key, &bytes)
                .or_else(|| draft::shown::<DriveForm>(register, &key, &bytes))
                .or_else(|| draft::shown::<ModelForm>(register, &key, &bytes))
                .or_else(|| draft::shown::<AssignmentForm>(register, &key, &bytes))
                .or_else(|| draft::shown::<CaseForm>(register, &key, &bytes))
                .or_else(|| draft::shown::<CheckInForm>(register, &key, &bytes))
        })?;
        let words = RowWords {
            href,
            title,
            detail: tr!(home.draft_hint).to_string(),
            end: String::new(),
            overdue: false,
        };
        Some(row(words, Vec::new(), "draft-row"))
    };
    view! {
        {dynamic(move || {
            let rows: Vec<AnyView> = found.get().into_iter().filter_map(line).collect();
            (!rows.is_empty()).then(|| section(tr!(home.drafts), view! { <ul class="rows">{rows}</ul> }))
        })}
    }
    .into_any()
}

fn recent(state: AppState) -> AnyView {
    let none = Memo::new(move |_| state.summaries.with(|rows| rows.is_empty()));
    let list = move || {
        if none.get() {
            let none = match super::is_of_school_alone(state) {
                true => tr!(home.no_drives),
                false => tr!(home.no_records),
            };
            return view! { <p class="soft">{none.to_string()}</p> }.into_any();
        }
        let each = move || {
            request_animation_frame(|| dom::mark("list-usable"));
            let stands =
                |row: &&Arc<Row>| !row.summary.archived && row.summary.kind() != Kind::WorkAssignment;
            state.summaries.with(|rows| rows.iter().filter(stands).take(RECENT).cloned().collect())
        };
        view! {
            <ul class="rows">{naming::record_rows(state, each)}</ul>
            {link(Weight::Quiet, Some(Icon::Search), tr!(home.find_more), "/visits".to_owned(), "all-visits")}
        }
        .into_any()
    };
    section(tr!(home.recent), dynamic(list))
}
