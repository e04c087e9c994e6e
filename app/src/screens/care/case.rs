//! One case: when the next visit is due, what to know at the door, check-ins, what happened, and, where the person may know
//! it, the restricted part.

use donghanh_shared::access::rules::{self, Action};
use donghanh_shared::access::{Access, Placement};
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::aftercare::schedule::Due;
use donghanh_shared::domain::aftercare::{AftercareCase, AftercareRestricted};
use donghanh_shared::domain::date::Date;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;

use super::case_parts::{check_ins, events, restricted, support};
use super::certificate::completion;
use super::erasure::erasure;
use super::event::event_dialog;
use super::helpers::helpers_dialog;
use super::part::PartScreen;
use super::same_person::same_person;
use crate::components::action::{Weight, button, link};
use crate::components::icon::Icon;
use crate::components::notice::{Tone, notice};
use crate::components::page::section;
use crate::components::view::dynamic;
use crate::i18n::format::{self, capital};
use crate::i18n::{tr, words};
use crate::screens::naming;
use crate::screens::record::{Opened, may_edit};
use crate::state::{AppState, OfCase, OpenCase, Register};

impl PartScreen for AftercareCase {
    fn title(_: &Register, found: &OpenCase) -> String {
        found.value.value.address_as.value().cloned().unwrap_or_else(Self::kind_title)
    }

    fn kind_title() -> String {
        tr!(care.case).to_string()
    }

    fn back(_: AppState, _: DocumentId) -> String {
        "/cases".to_owned()
    }

    fn facts(opened: Opened<OfCase<Self>>, found: &OpenCase, editable: bool) -> AnyView {
        facts(opened, found, editable)
    }

    fn actions(state: AppState, found: &OpenCase) -> Option<AnyView> {
        let id = found.id;
        let check_in = may_check_in(state, found).then(|| {
            let new = format!("/cases/{id}/check-in");
            link(Weight::Main, Some(Icon::Plus), tr!(care.log_check_in), new, "new-check-in")
        });
        check_in.map(IntoAny::into_any)
    }
}

/// Whether the signed-in person may log check-ins of the case.
fn may_check_in(state: AppState, found: &OpenCase) -> bool {
    let Some(ward) = found.home_ward.or(found.value.value.ward.value().copied()) else { return false };
    let place = Placement::of_case(ward, found.id);
    let may = |access: &Access| rules::may(access, Action::Create, Kind::CheckIn, &place);
    found.value.value.standing().is_open()
        && state.me.with(|me| me.as_ref().is_some_and(|me| may(&me.access)))
}

fn facts(opened: Opened<OfCase<AftercareCase>>, found: &OpenCase, editable: bool) -> AnyView {
    let state = opened.state;
    let case = &found.value.value;
    let id = found.id;
    let tools = editable.then(|| tools(opened, found));
    let of_restricted = Opened::<OfCase<AftercareRestricted>>::of(id.restricted_companion());
    let text = |heading: &'static str, text: &str| {
        let text = text.to_owned();
        (!text.is_empty()).then(|| section(heading, view! { <p class="notes">{text}</p> }))
    };
    view! {
        {due_notice(state, id)}
        {dynamic(move || of_restricted.now.get().and_then(Result::ok).map(|found| same_person(of_restricted, &found, editable)))}
        <dl class="facts">{about(state, found)}</dl>
        {text(tr!(care.visiting), &case.visiting)}
        {check_ins(state, id)}
        {support(case)}
        {dynamic(move || {
            let hidden = of_restricted.now.get().and_then(Result::ok);
            opened.now.with(|now| match now {
                Some(Ok(found)) => Some(events(state, &found.value.value, hidden.as_ref().map(|found| &found.value.value))),
                _ => None,
            })
        })}
        {text(tr!(form.notes), &case.notes)}
        {dynamic(move || {
            let hidden = of_restricted.now.get().and_then(Result::ok)?;
            opened.now.with(|now| match now {
                Some(Ok(found)) if editable => to_certificate(state, found, &hidden.value.value),
                _ => None,
            })
        })}
        {dynamic(move || of_restricted.now.get().and_then(Result::ok).map(|found| restricted(of_restricted, &found, editable)))}
        {tools}
    }
    .into_any()
}

/// The way to the certificate, once completion is recorded.
fn to_certificate(state: AppState, found: &OpenCase, hidden: &AftercareRestricted) -> Option<AnyView> {
    let completed = state.rules.with(|rules| completion(rules, &found.value.value, hidden).is_some());
    let href = format!("/cases/{}/certificate", found.id);
    completed.then(|| link(Weight::Plain, None, tr!(certificate.open), href, "open-certificate"))
}

/// What the officer does beside logging: editing, what happened, who helps.
fn tools(opened: Opened<OfCase<AftercareCase>>, found: &OpenCase) -> AnyView {
    let id = found.id;
    let (event, helpers) = (RwSignal::new(false), RwSignal::new(false));
    let is_officer = may_edit(opened.state, found);
    let officer = is_officer.then(|| {
        view! {
            {link(Weight::Plain, Some(Icon::Pen), tr!(visit.edit), format!("/cases/{id}/edit"), "edit-button")}
            {button(Weight::Plain, Some(Icon::History), tr!(care.add_event).to_string(), "add-event", move || event.set(true))}
            {button(Weight::Plain, Some(Icon::People), tr!(care.assign).to_string(), "assign-helper", move || helpers.set(true))}
        }
    });
    view! {
        <div class="line">{officer}</div>
        {may_erase(opened.state, found).then(|| erasure(opened, id))}
        {event_dialog(opened, event)}
        {helpers_dialog(opened, helpers)}
    }
    .into_any()
}

/// Whether the signed-in person may ask that the case be erased for good.
fn may_erase(state: AppState, found: &OpenCase) -> bool {
    let Some(ward) = found.home_ward.or(found.value.value.ward.value().copied()) else { return false };
    let place = Placement::of_case(ward, found.id);
    let may = |access: &Access| rules::may(access, Action::Erase, Kind::AftercareCase, &place);
    state.me.with(|me| me.as_ref().is_some_and(|me| may(&me.access)))
}

/// "Thăm trước 26/12", "quá hạn 3 ngày".
pub fn due_words(due: Due, today: Date) -> String {
    match due.overdue_by_days {
        0 => tr!(care.due_by, day = format::day(due.day, today)),
        days => tr!(care.overdue_by, day = due.day.for_people(), n = days),
    }
}

fn due_notice(state: AppState, id: DocumentId) -> AnyView {
    dynamic(move || {
        let today = state.today();
        state.care.with(|care| {
            let view = super::case_of(care, id)?;
            if view.is_to_be_completed(today) {
                return Some(notice(
                    Tone::Wait,
                    view! { <p data-testid="to-complete">{tr!(care.to_complete).to_string()}</p> },
                ));
            }
            let due = state.rules.with(|rules| view.due(today, rules))?;
            let tone = if due.overdue_by_days > 0 { Tone::Fail } else { Tone::Wait };
            let said = due_words(due, today);
            Some(notice(tone, view! { <p class="strong" data-testid="case-due">{said}</p> }))
        })
    })
}

fn about(state: AppState, found: &OpenCase) -> Vec<AnyView> {
    let case = &found.value.value;
    let register = state.register.get();
    let mut facts = Vec::new();
    let mut say = |label: &str, value: Option<String>, test: &'static str| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let label = label.to_owned();
            facts.push(view! { <div><dt>{label}</dt><dd data-testid=test>{value}</dd></div> }.into_any());
        }
    };
    let text = |register: &donghanh_shared::domain::register::Register<String>| register.value().cloned();
    say(tr!(care.status), Some(capital(words(case.standing()))), "fact-status");
    say(tr!(care.meet_at), text(&case.meet_at), "fact-meet-at");
    say(tr!(care.meet_when), text(&case.meet_when), "fact-meet-when");
    let days = match (case.since.value(), case.until.value()) {
        (Some(since), Some(until)) => Some(format!("{} – {}", since.for_people(), until.for_people())),
        (Some(since), None) => Some(since.for_people()),
        _ => None,
    };
    say(tr!(care.term), days, "fact-term");
    say(tr!(care.officer), text(&case.officer), "fact-officer");
    say(
        tr!(care.helpers),
        Some(case.helpers.values().cloned().collect::<Vec<_>>().join(", ")),
        "fact-helpers",
    );
    let needs = case.needs.iter().map(|need| words(*need)).collect::<Vec<_>>().join(", ");
    say(tr!(care.needs), Some(capital(&needs)), "fact-needs");
    let home = found.home_ward.or(case.ward.value().copied());
    say(tr!(form.ward), home.map(|ward| naming::ward(&register, ward)), "fact-ward");
    if let Some(phone) = case.phone.value().filter(|phone| !phone.is_empty()) {
        facts.push(call(tr!(care.phone), phone, "fact-phone"));
    }
    facts
}

/// A telephone number to be called by a tap.
pub fn call(label: &str, phone: &str, test: &'static str) -> AnyView {
    let digits = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect::<String>();
    let (label, phone) = (label.to_owned(), phone.to_owned());
    view! { <div><dt>{label}</dt><dd><a href=format!("tel:{digits}") data-testid=test>{phone}</a></dd></div> }
        .into_any()
}
