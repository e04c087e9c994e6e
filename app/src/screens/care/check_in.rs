//! One check-in.

use donghanh_shared::domain::aftercare::{CheckIn, CheckInRestricted};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;

use super::case_parts::support_lines;
use super::part::PartScreen;
use crate::components::action::{Weight, link};
use crate::components::icon::Icon;
use crate::components::page::section;
use crate::components::view::dynamic;
use crate::i18n::format::capital;
use crate::i18n::{tr, words};
use crate::screens::record::{Opened, may_edit};
use crate::state::{AppState, OfCase, OpenCheckIn, Register};

impl PartScreen for CheckIn {
    fn title(_: &Register, found: &OpenCheckIn) -> String {
        let day = found.value.value.date.value().map(|day| day.for_people());
        day.map_or_else(Self::kind_title, |day| format!("{} · {day}", Self::kind_title()))
    }

    fn kind_title() -> String {
        tr!(care.check_in).to_string()
    }

    fn back(state: AppState, id: DocumentId) -> String {
        let case = state.care.with_untracked(|care| care.get(&id).map(|line| line.case));
        case.map_or_else(|| "/cases".to_owned(), |case| format!("/cases/{case}"))
    }

    fn looked_at() -> &'static [&'static str] {
        &["date", "met", "how", "notes"]
    }

    fn facts(_: Opened<OfCase<Self>>, found: &OpenCheckIn, _: bool) -> AnyView {
        facts(found)
    }

    fn actions(state: AppState, found: &OpenCheckIn) -> Option<AnyView> {
        may_edit(state, found).then(|| {
            let edit = format!("/check-ins/{}/edit", found.id);
            link(Weight::Plain, Some(Icon::Pen), tr!(visit.edit), edit, "edit-button")
        })
    }
}

fn facts(found: &OpenCheckIn) -> AnyView {
    let of = &found.value.value;
    let mut facts = Vec::new();
    let mut say = |label: &str, value: Option<String>, test: &'static str| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let label = label.to_owned();
            facts.push(view! { <div><dt>{label}</dt><dd data-testid=test>{value}</dd></div> }.into_any());
        }
    };
    let met = of.met.value().map(|met| match met {
        true => tr!(care.was_met).to_string(),
        false => tr!(care.was_not_met).to_string(),
    });
    say(tr!(care.met), met, "fact-met");
    say(tr!(care.not_met_because), of.not_met_because.value().cloned(), "fact-not-met");
    say(tr!(care.how), of.how.value().map(|how| capital(words(*how))), "fact-how");
    say(tr!(care.next_due), of.next_due.value().map(|day| day.for_people()), "fact-next-due");
    let needs = of.needs.iter().map(|need| words(*need)).collect::<Vec<_>>().join(", ");
    say(tr!(care.needs), Some(capital(&needs)), "fact-needs");
    let signs = of.signs.iter().map(|sign| words(*sign)).collect::<Vec<_>>().join(", ");
    say(tr!(care.signs), Some(capital(&signs)), "fact-signs");
    let done_by = of.done_by.values().cloned().collect::<Vec<_>>().join(", ");
    say(tr!(form.done_by), Some(done_by), "fact-done-by");
    let situation: Vec<AnyView> = of
        .situation
        .keys()
        .filter_map(|life| {
            let state = capital(words(of.state(*life)?));
            let test = format!("life-{}", life.code());
            let life = capital(words(*life));
            Some(view! { <div><dt>{life}</dt><dd data-testid=test>{state}</dd></div> }.into_any())
        })
        .collect();
    let situation = (!situation.is_empty())
        .then(|| section(tr!(care.situation), view! { <dl class="facts">{situation}</dl> }));
    let support = support_lines(&of.support);
    let support =
        (!support.is_empty()).then(|| section(tr!(care.support), view! { <ul class="rows">{support}</ul> }));
    let notes = (!of.notes.is_empty()).then(|| {
        let notes = of.notes.clone();
        section(tr!(form.notes), view! { <p class="notes" data-testid="visit-notes">{notes}</p> })
    });
    view! { <dl class="facts">{facts}</dl>{situation}{support}{notes}{of_officer(found.id)} }.into_any()
}

/// What only officers' phones hold of a check-in.
fn of_officer(id: DocumentId) -> AnyView {
    let hidden = Opened::<OfCase<CheckInRestricted>>::of(id.restricted_companion());
    dynamic(move || {
        let found = hidden.now.get().and_then(Result::ok)?;
        let of = found.value.value;
        let urine = of.urine_result.value().map(|result| {
            let day = of.urine_date.value().map(|day| day.for_people()).unwrap_or_default();
            let result = capital(words(*result));
            view! { <div><dt>{tr!(care.urine).to_string()}</dt><dd data-testid="fact-urine">{format!("{result} {day}")}</dd></div> }
        });
        let remarks = of.remarks.value().cloned().map(|remarks| {
            view! { <div><dt>{tr!(care.remarks).to_string()}</dt><dd>{remarks}</dd></div> }
        });
        Some(section(tr!(care.restricted), view! { <dl class="facts">{urine}{remarks}</dl> }))
    })
}
