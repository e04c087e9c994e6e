//! One prevention model: how it stands, its facts, what was found year by year, the activities linked to it.

pub mod link;
mod review;
mod words;

use std::sync::Arc;

use donghanh_shared::command::{Edits, prevention_model as edits};
use donghanh_shared::crdt::Kind;
use donghanh_shared::crdt::history::FieldEdit;
use donghanh_shared::domain::prevention_model::{ModelCount, PreventionModel, ReviewYear, Verdict};
use donghanh_shared::domain::vocabulary::Term as _;
use leptos::prelude::*;

use super::naming;
use super::record::differences::Choices;
use super::record::{Opened, Screen, may_edit};
use crate::components::action::{Weight, link as link_button};
use crate::components::icon::Icon;
use crate::components::notice::{Tone, notice};
use crate::components::page::section;
use crate::components::view::dynamic;
use crate::i18n::format::{self, capital};
use crate::i18n::{tr, words as said};
use crate::state::{AppState, OpenModel, Register, Row};

impl Screen for PreventionModel {
    fn title(_: &Register, found: &OpenModel) -> String {
        found.value.name.value().cloned().unwrap_or_else(Self::kind_title)
    }

    fn kind_title() -> String {
        tr!(model.short).to_string()
    }

    fn facts(opened: Opened<Self>, found: &OpenModel, editable: bool) -> AnyView {
        facts(opened, found, editable)
    }

    fn actions(state: AppState, found: &OpenModel) -> Option<AnyView> {
        let edit = || {
            let to = format!("/models/{}/edit", found.id);
            link_button(Weight::Plain, Some(Icon::Pen), tr!(visit.edit), to, "edit-button")
        };
        may_edit(state, found).then(edit)
    }

    fn looked_at() -> &'static [&'static str] {
        &["name", "kind", "since", "place", "members", "lead", "notes"]
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

fn facts(opened: Opened<PreventionModel>, found: &OpenModel, editable: bool) -> AnyView {
    let register = opened.state.register.get();
    let model = &found.value;
    let exceeds = (!model.warnings().is_empty()).then(|| {
        notice(Tone::Wait, view! { <p data-testid="members-exceed">{tr!(model.exceeds).to_string()}</p> })
    });
    let notes = (!model.notes.is_empty()).then(|| {
        let notes = model.notes.clone();
        section(tr!(form.notes), view! { <p class="notes" data-testid="visit-notes">{notes}</p> })
    });
    view! {
        {standing(opened.state, model)}
        {exceeds}
        <dl class="facts">{about(&register, found)}</dl>
        {section(tr!(model.members), view! { <dl class="facts numbers">{numbers(model)}</dl> })}
        {review::reviews(opened, found, editable)}
        {activities(opened)}
        {notes}
    }
    .into_any()
}

/// "Đang hoạt động", "Đã kết thúc", or what the latest review leaves to be done.
fn standing(state: AppState, model: &PreventionModel) -> AnyView {
    let today = state.today();
    let verdict = model.verdict_by(today).map(|(_, verdict)| verdict);
    let words = match model.ended.value().filter(|ended| **ended < today) {
        Some(ended) => tr!(model.has_ended, day = ended.for_people()),
        None if !model.exists_in(today, today) => tr!(model.since_unknown).to_string(),
        None if verdict == Some(Verdict::NotEffective) => tr!(model.works_not).to_string(),
        None => tr!(model.works).to_string(),
    };
    view! { <p class="strong" data-testid="model-standing">{words}</p> }.into_any()
}

fn about(register: &Register, found: &OpenModel) -> Vec<AnyView> {
    let model = &found.value;
    let mut facts = Vec::new();
    let mut say = |label: &str, value: Option<String>, test: &'static str| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let label = label.to_owned();
            facts.push(view! { <div><dt>{label}</dt><dd data-testid=test>{value}</dd></div> }.into_any());
        }
    };
    let list = |items: Vec<String>| Some(items.join(", "));
    say(tr!(model.kind), model.kind.value().map(|kind| capital(said(*kind))), "fact-kind");
    let since = model.since.value().map(|day| day.for_people());
    say(tr!(model.since), Some(since.unwrap_or_else(|| tr!(common.unknown).to_string())), "fact-since");
    say(tr!(model.ended), model.ended.value().map(|day| day.for_people()), "fact-ended");
    say(tr!(model.ended_because), model.ended_because.value().cloned(), "fact-ended-because");
    say(tr!(model.place), model.place.value().map(|id| naming::place(register, *id)), "fact-venue");
    let home = found.home_ward.or(model.ward.value().copied());
    say(tr!(form.ward), home.map(|ward| naming::ward(register, ward)), "fact-ward");
    say(tr!(form.lead), model.lead.value().map(|lead| naming::organisation(register, lead)), "fact-lead");
    let with = model.co_organisers.iter().map(|id| naming::organisation(register, id)).collect();
    say(tr!(form.co_organisers), list(with), "fact-with");
    say(tr!(model.people), list(model.done_by.values().cloned().collect()), "fact-done-by");
    facts
}

/// Members always; women and youth where somebody knows.
fn numbers(model: &PreventionModel) -> Vec<AnyView> {
    let shown = |what: &&ModelCount| **what == ModelCount::Members || model.count(**what).is_some();
    let drawn = |what: &ModelCount| {
        let (label, test) = (capital(said(*what)), format!("fact-{}", what.code()));
        let number = format::count(model.count(*what));
        view! { <div><dt>{label}</dt><dd class="figures" data-testid=test>{number}</dd></div> }.into_any()
    };
    ModelCount::ALL.iter().filter(shown).map(drawn).collect()
}

/// The linked visits and drives, newest first. One that this phone does not hold is counted, not hidden.
fn activities(opened: Opened<PreventionModel>) -> AnyView {
    let state = opened.state;
    let linked = Memo::new(move |_| {
        opened.now.with(|now| match now {
            Some(Ok(found)) => found.value.activities.clone(),
            _ => Default::default(),
        })
    });
    let held = move || {
        let is_linked = |row: &&Arc<Row>| linked.with(|linked| linked.contains(&row.summary.id));
        state.summaries.with(|rows| rows.iter().filter(is_linked).cloned().collect::<Vec<_>>())
    };
    let standing = move || held().into_iter().filter(|row| !row.summary.archived).collect();
    let elsewhere = move || {
        let elsewhere = linked.with(|linked| linked.len()) - held().len();
        (elsewhere > 0).then(|| {
            view! { <p class="soft small" data-testid="activities-elsewhere">{tr!(model.elsewhere, n = elsewhere)}</p> }
        })
    };
    let none = Memo::new(move |_| linked.with(|linked| linked.is_empty()));
    let list = move || {
        if none.get() {
            return view! { <p class="soft" data-testid="no-activities">{tr!(model.no_activities).to_string()}</p> }
                .into_any();
        }
        let rows = naming::record_rows(state, standing);
        view! { <ul class="rows" data-testid="model-activities">{rows}</ul>{dynamic(elsewhere)} }.into_any()
    };
    section(tr!(model.activities), dynamic(list))
}

fn choices(model: &PreventionModel, register: &Register, field: &str) -> Choices {
    match field {
        "name" => Choices::of(&model.name, String::clone, |name| vec![edits::name(Some(name.clone()))]),
        "kind" => {
            Choices::of(&model.kind, |kind| capital(said(*kind)), |kind| vec![edits::kind(Some(*kind))])
        }
        "since" => Choices::of(&model.since, |day| day.for_people(), |day| vec![edits::since(Some(*day))]),
        "ended" => Choices::of(&model.ended, |day| day.for_people(), |day| vec![edits::ended(Some(*day))]),
        "ended_because" => {
            let write = |why: &String| vec![edits::ended_because(Some(why.clone()))];
            Choices::of(&model.ended_because, String::clone, write)
        }
        "ward" => {
            Choices::of(&model.ward, |ward| naming::ward(register, *ward), |ward| vec![edits::ward(*ward)])
        }
        "place" => {
            let words = |place: &_| naming::place(register, *place);
            Choices::of(&model.place, words, |place| vec![edits::place(Some(*place))])
        }
        "lead" => {
            let words = |id: &_| naming::organisation(register, id);
            Choices::of(&model.lead, words, |id| vec![edits::lead(Some(id))])
        }
        "archived" => {
            Choices::of(&model.archived, String::clone, |why| vec![edits::archived(Some(why.clone()))])
        }
        "same_as" => {
            let words = |id: &_| naming::other_record(register, *id);
            Choices::of(&model.same_as, words, |id| Edits::same_as(Kind::PreventionModel, Some(*id)))
        }
        other => match ModelCount::parse(other) {
            Ok(what) => Choices::of_count(model.counts.get(&what), |value| vec![edits::count(what, value)]),
            Err(_) => review_choices(model, other).unwrap_or_else(Choices::unknown),
        },
    }
}

/// What two people found apart in one year: each keeps standing until somebody settles it.
fn review_choices(model: &PreventionModel, field: &str) -> Option<Choices> {
    let (year, field) = field.split_once('.')?;
    let year: ReviewYear = year.parse().ok()?;
    let review = model.reviews.get(&year)?;
    Some(match field {
        "effective" => {
            let write = |verdict: &_| vec![edits::effective(year, Some(*verdict))];
            Choices::of(&review.effective, |verdict| capital(said(*verdict)), write)
        }
        "date" => {
            let write = |day: &_| vec![edits::reviewed_on(year, Some(*day))];
            Choices::of(&review.date, |day| day.for_people(), write)
        }
        "text" => {
            let write = |text: &String| vec![edits::review_text(year, Some(text.clone()))];
            Choices::of(&review.text, String::clone, write)
        }
        "by" => {
            let write = |by: &String| vec![edits::reviewed_by(year, Some(by.clone()))];
            Choices::of(&review.by, String::clone, write)
        }
        _ => return None,
    })
}
