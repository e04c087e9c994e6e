//! What was asked of somebody (giao việc): how far it has come, by whom, until when, and the records that count.

pub mod asked;
pub mod list;
mod standing;
mod words;

use donghanh_shared::command::work_assignment as edits;
use donghanh_shared::crdt::history::FieldEdit;
use donghanh_shared::domain::work_assignment::{Ask, NUMBER, Work, WorkAssignment};
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;

use self::standing::Standing;
use super::form::common::Common;
use super::form::fields::may_log_in;
use super::naming;
use super::record::differences::Choices;
use super::record::{Opened, Screen, may_edit};
use super::visit_form::model::VisitForm;
use crate::components::action::{Weight, link};
use crate::components::icon::Icon;
use crate::components::page::section;
use crate::components::view::dynamic;
use crate::i18n::format::capital;
use crate::i18n::{tr, words as said};
use crate::state::{AppState, OpenAssignment, Register};

impl Screen for WorkAssignment {
    fn title(_: &Register, found: &OpenAssignment) -> String {
        found.value.name.value().cloned().unwrap_or_else(|| naming::work(&found.value.ask()))
    }

    fn kind_title() -> String {
        tr!(assignment.short).to_string()
    }

    fn facts(opened: Opened<Self>, found: &OpenAssignment, _: bool) -> AnyView {
        facts(opened.state, found)
    }

    fn actions(state: AppState, found: &OpenAssignment) -> Option<AnyView> {
        let edit = may_edit(state, found).then(|| {
            let to = format!("/assignments/{}/edit", found.id);
            link(Weight::Plain, Some(Icon::Pen), tr!(visit.edit), to, "edit-button")
        });
        let start = found.value.archived.value().is_none().then(|| start_button(state, found)).flatten();
        (edit.is_some() || start.is_some()).then(|| view! { {start}{edit} }.into_any())
    }

    fn back(_: AppState, _: DocumentId) -> String {
        "/assignments".to_owned()
    }

    fn field(&self, name: &str) -> String {
        words::field(name)
    }

    fn choices(&self, register: &Register, field: &str) -> Choices {
        choices(self, register, field)
    }

    fn history_line(&self, register: &Register, edit: &FieldEdit) -> String {
        words::edit(register, edit)
    }
}

/// Whoever is asked begins here; nobody else needs the button.
fn start_button(state: AppState, found: &OpenAssignment) -> Option<AnyView> {
    let ask = found.value.ask();
    let mine = state.me.with(|me| me.as_ref().is_some_and(|me| standing::is_asked(me, &ask)));
    let (id, done) = (found.id, Standing::of(state, &ask).is_done());
    let (words, to) = match ask.what.filter(|_| mine && !done)? {
        Work::Visit => (tr!(assignment.start_visit), format!("/visits/new?for={id}")),
        Work::Drive => (tr!(assignment.start_drive), format!("/drives/new?for={id}")),
        Work::CheckIn => (tr!(assignment.start_check_in), "/cases".to_owned()),
    };
    Some(link(Weight::Main, None, words, to, "start-work"))
}

/// What a form that fulfils an assignment starts from: who is to lead, the campaign, the one place that remains. The form
/// asked for is in the answer.
pub async fn start(state: AppState, asked: Option<DocumentId>, form: &mut Common) -> Option<Ask> {
    let found = state.open::<WorkAssignment>(asked?).await.ok().flatten()?;
    let ask = found.value.ask();
    form.campaign = found.value.campaign.value().cloned().or(form.campaign.take());
    form.lead = ask.lead.clone().or(form.lead.take());
    if let (Some(ward), Some(day)) = (found.home_ward.or(ask.ward), form.date) {
        form.ward = Some(ward).filter(|ward| may_log_in::<VisitForm>(state, *ward, day)).or(form.ward);
    }
    let reached = untrack(|| standing::reached(state, &ask));
    let mut left = ask.places.iter().filter(|place| !reached.contains(place));
    if let (Some(place), None) = (left.next(), left.next()) {
        form.place = Some(*place);
    }
    Some(ask)
}

fn facts(state: AppState, found: &OpenAssignment) -> AnyView {
    let assignment = found.value.clone();
    let ask = assignment.ask();
    let home = found.home_ward;
    let about = {
        let (ask, assignment) = (ask.clone(), assignment.clone());
        move || state.register.with(|register| about(register, &ask, &assignment, home))
    };
    let places = (!ask.places.is_empty()).then(|| places(state, ask.clone()));
    let counted = matches!(ask.what, Some(Work::Visit | Work::Drive)).then(|| counted(state, ask.clone()));
    let notes = (!assignment.notes.is_empty()).then(|| {
        section(tr!(form.notes), view! { <p class="notes" data-testid="visit-notes">{assignment.notes}</p> })
    });
    view! {
        {dynamic(move || Standing::of(state, &ask).drawn(state, &ask))}
        <dl class="facts">{dynamic(about)}</dl>
        {notes}
        {places}
        {counted}
    }
    .into_any()
}

fn about(
    register: &Register,
    ask: &Ask,
    assignment: &WorkAssignment,
    home: Option<donghanh_shared::domain::WardRef>,
) -> Vec<AnyView> {
    let mut facts = Vec::new();
    let mut say = |label: &str, value: Option<String>, test: &'static str| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let label = label.to_owned();
            facts.push(view! { <div><dt>{label}</dt><dd data-testid=test>{value}</dd></div> }.into_any());
        }
    };
    let named = assignment.name.value().is_some();
    say(tr!(assignment.what), named.then(|| naming::work(ask)), "fact-what");
    say(tr!(assignment.form), ask.form.map(|form| capital(said(form))), "fact-form");
    let days = ask.from.zip(ask.by);
    let days = days
        .map(|(from, by)| tr!(assignment.days_of, from = from.for_people(), by = by.for_people()))
        .or(ask.by.map(|by| by.for_people()));
    say(tr!(assignment.days), days, "fact-days");
    say(tr!(assignment.to), Some(naming::asked(register, ask)), "fact-asked");
    say(tr!(form.ward), home.or(ask.ward).map(|ward| naming::ward(register, ward)), "fact-ward");
    let campaign = assignment.campaign.value().map(|id| naming::campaign(register, id));
    say(tr!(form.campaign), campaign, "fact-campaign");
    facts
}

/// Each place asked for, and whether somebody was there.
fn places(state: AppState, ask: Ask) -> AnyView {
    let list = move || {
        let reached = standing::reached(state, &ask);
        let line = |place| {
            let name = state.register.with(|register| naming::place(register, place));
            let words =
                if reached.contains(&place) { tr!(assignment.reached) } else { tr!(assignment.not_reached) };
            view! { <div><dt>{name}</dt><dd>{words.to_string()}</dd></div> }
        };
        ask.places.iter().copied().map(line).collect_view()
    };
    section(
        tr!(assignment.places),
        view! { <dl class="facts" data-testid="asked-places">{dynamic(list)}</dl> },
    )
}

/// The records that count, newest first.
fn counted(state: AppState, ask: Ask) -> AnyView {
    let counted = Memo::new(move |_| standing::counted(state, &ask));
    let empty = Memo::new(move |_| counted.with(Vec::is_empty));
    let list = move || {
        if empty.get() {
            let none = tr!(assignment.none_counted).to_string();
            return view! { <p class="soft" data-testid="none-counted">{none}</p> }.into_any();
        }
        let rows = naming::record_rows(state, move || counted.get());
        view! { <ul class="rows" data-testid="counted">{rows}</ul> }.into_any()
    };
    section(tr!(assignment.counted), dynamic(list))
}

fn choices(of: &WorkAssignment, register: &Register, field: &str) -> Choices {
    match field {
        "name" => Choices::of(&of.name, String::clone, |name| vec![edits::name(Some(name.clone()))]),
        "what" => Choices::of(&of.what, |what| capital(said(*what)), |what| vec![edits::what(Some(*what))]),
        "form" => Choices::of(&of.form, |form| capital(said(*form)), |form| vec![edits::form(Some(*form))]),
        "from" => Choices::of(&of.from, |day| day.for_people(), |day| vec![edits::from(Some(*day))]),
        "by" => Choices::of(&of.by, |day| day.for_people(), |day| vec![edits::by(Some(*day))]),
        "ward" => {
            Choices::of(&of.ward, |ward| naming::ward(register, *ward), |ward| vec![edits::ward(*ward)])
        }
        "campaign" => {
            let words = |id: &_| naming::campaign(register, id);
            Choices::of(&of.campaign, words, |id| vec![edits::campaign(Some(id))])
        }
        "lead" => {
            let words = |id: &_| naming::organisation(register, id);
            Choices::of(&of.lead, words, |id| vec![edits::lead(Some(id))])
        }
        "archived" => {
            Choices::of(&of.archived, String::clone, |why| vec![edits::archived(Some(why.clone()))])
        }
        NUMBER => Choices::of_count(Some(&of.number), |value| vec![edits::number(value)]),
        _ => Choices::unknown(),
    }
}
