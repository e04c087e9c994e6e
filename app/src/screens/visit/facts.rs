//! What a visit says: its facts, its numbers with the unknown ones named, what to come back to.

use std::sync::Arc;

use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::outreach_visit::{CountKey, FollowUp, Visit};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;

use crate::components::action::{Weight, button, link};
use crate::components::icon::Icon;
use crate::components::page::section;
use crate::i18n::format::{self, capital};
use crate::i18n::{tr, words};
use crate::screens::model::link::link_to_model;
use crate::screens::naming;
use crate::screens::record::Opened;
use crate::state::{OpenVisit, Register, Row};

/// Draws them.
pub fn facts(opened: Opened<Visit>, found: &OpenVisit, editable: bool) -> AnyView {
    let register = opened.state.register.get();
    let visit = &found.value;
    let open: Vec<&FollowUp> = visit.follow_ups.iter().filter(|f| f.text.value().is_some()).collect();
    let follow_ups = (!open.is_empty()).then(|| {
        let lines = open.into_iter().map(|f| follow_up(opened, f, editable)).collect_view();
        section(tr!(form.follow_ups), view! { <ul class="rows">{lines}</ul> })
    });
    let notes = (!visit.notes.is_empty()).then(|| {
        section(
            tr!(form.notes),
            view! { <p class="notes" data-testid="visit-notes">{visit.notes.clone()}</p> },
        )
    });
    view! {
        <dl class="facts">{about(&register, found)}</dl>
        {section(tr!(visit.numbers), view! { <dl class="facts numbers">{numbers(visit)}</dl> })}
        {drives(opened, found.id, editable)}
        {link_to_model(opened, found, editable)}
        {notes}
        {super::photos::photos(opened, visit)}
        {follow_ups}
    }
    .into_any()
}

fn fact(label: impl Into<String>, value: String, test: &'static str) -> AnyView {
    view! { <div><dt>{label.into()}</dt><dd data-testid=test>{value}</dd></div> }.into_any()
}

fn about(register: &Register, found: &OpenVisit) -> Vec<AnyView> {
    let visit = &found.value;
    let mut facts = Vec::new();
    let mut say = |label: &str, value: Option<String>, test: &'static str| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            facts.push(fact(label, value, test));
        }
    };
    let list = |items: Vec<String>| items.join(", ");
    let date = visit.date.value().map(|date| date.for_people());
    let when = date.map(|date| match visit.time.value() {
        Some(time) => format!("{date}, {time}"),
        None => date,
    });
    say(tr!(form.date), Some(when.unwrap_or_else(|| tr!(common.unknown).to_string())), "fact-date");
    say(tr!(form.venue), visit.venue.value().map(|id| naming::place(register, *id)), "fact-venue");
    let home = found.home_ward.or(visit.ward.value().copied());
    say(tr!(form.ward), home.map(|ward| naming::ward(register, ward)), "fact-ward");
    say(tr!(form.lead), visit.lead.value().map(|lead| naming::organisation(register, lead)), "fact-lead");
    let with = visit.co_organisers.iter().map(|id| naming::organisation(register, id)).collect();
    say(tr!(form.co_organisers), Some(list(with)), "fact-with");
    let topics = visit.topics.iter().map(|topic| capital(words(*topic))).collect();
    say(tr!(form.topics), Some(list(topics)), "fact-topics");
    say(tr!(form.campaign), visit.campaign.value().map(|id| naming::campaign(register, id)), "fact-campaign");
    let places = visit.places.iter().map(|id| naming::place(register, *id)).collect();
    say(tr!(form.places), Some(list(places)), "fact-places");
    let wards = visit.other_wards.iter().map(|ward| naming::ward(register, *ward)).collect();
    say(tr!(form.other_wards), Some(list(wards)), "fact-other-wards");
    say(tr!(form.done_by), Some(list(visit.done_by.values().cloned().collect())), "fact-done-by");
    say(
        tr!(visit.position),
        visit.position.value().map(|_| tr!(form.position_kept).to_string()),
        "fact-position",
    );
    facts
}

/// Attendance and sessions always; the others where somebody wrote or tapped something.
fn numbers(visit: &Visit) -> Vec<AnyView> {
    CountKey::ALL
        .iter()
        .filter(|key| **key == CountKey::Attendance || visit.counts.contains_key(*key))
        .map(|key| {
            let label = capital(words(*key));
            let test = format!("fact-{}", key.code());
            view! { <div><dt>{label}</dt><dd class="figures" data-testid=test>{format::count(visit.count(*key))}</dd></div> }.into_any()
        })
        .collect()
}

fn follow_up(opened: Opened<Visit>, of: &FollowUp, editable: bool) -> AnyView {
    let today = opened.state.today();
    let done = of.done.value() == Some(&true);
    let due = of.due.value().copied();
    let overdue = !done && due.is_some_and(|due| due < today);
    let end = match (done, due) {
        (true, _) => tr!(visit.follow_up_done).to_string(),
        (false, Some(due)) => format::day(due, today),
        (false, None) => String::new(),
    };
    let id = of.id.clone();
    let words = if done { tr!(visit.not_done_yet).to_string() } else { tr!(visit.mark_done).to_string() };
    let toggle = editable.then(|| {
        let weight = if done { Weight::Quiet } else { Weight::Plain };
        button(weight, (!done).then_some(Icon::Check), words, "follow-up-done", move || {
            opened.save(vec![VisitEdit::FollowUpDone(id.clone(), !done)]);
        })
    });
    view! {
        <li class="row follow-up-row">
            <span class="row-title">{of.text.value().cloned().unwrap_or_default()}</span>
            <span class="row-end figures" class:overdue=overdue>{end}</span>
            {toggle}
        </li>
    }
    .into_any()
}

/// The drives that went with the visit, and logging another ("kèm ký cam kết").
fn drives(opened: Opened<Visit>, id: DocumentId, editable: bool) -> AnyView {
    let state = opened.state;
    let mine = move || {
        let is_mine = |row: &&Arc<Row>| row.summary.visit == Some(id) && !row.summary.archived;
        state.summaries.with(|rows| rows.iter().filter(is_mine).cloned().collect())
    };
    let rows = naming::record_rows(state, mine);
    let add = editable.then(|| {
        let new = format!("/drives/new?visit={id}");
        link(Weight::Quiet, Some(Icon::Plus), tr!(drive.add_to_visit), new, "add-drive")
    });
    view! { <div class="stack" data-testid="visit-drives"><ul class="rows">{rows}</ul>{add}</div> }.into_any()
}
