//! What the rule of an event has beside what every rule has: what it may follow, how the case stands after it, who records it.

use donghanh_shared::domain::aftercare::CaseStatus;
use donghanh_shared::domain::aftercare::terms::{EventKind, Recorder};
use donghanh_shared::domain::vocabulary::Term;
use leptos::prelude::*;

use super::draft::Draft;
use crate::components::choice::some_of;
use crate::components::field::{Problems, no_problem, problem_at, select_field};
use crate::components::icon::{Icon, icon};
use crate::components::view::{dynamic, holds, ticked};
use crate::i18n::format::capital;
use crate::i18n::{tr, words};
use crate::screens::form::common::put;

/// Draws them.
pub fn fields(draft: RwSignal<Draft>, problems: Problems) -> AnyView {
    let chips = Signal::derive(options::<EventKind>);
    let chosen = Signal::derive(move || {
        draft.with(|draft| draft.after.iter().map(|event| event.code().to_owned()).collect::<Vec<_>>())
    });
    let change = Callback::new(move |(code, on): (String, bool)| {
        if let Ok(event) = EventKind::parse(&code) {
            draft.update(|draft| put(&mut draft.after, event, on));
        }
    });
    let problem = problem_at(problems, "after");
    view! {
        <label class="check">
            <input type="checkbox" data-testid="rule-first" prop:checked=holds(move || draft.with(|draft| draft.first))
                on:change=ticked(move |on| draft.update(|draft| draft.first = on)) />
            <span>{tr!(rules.is_first)}</span>
        </label>
        {some_of("rule-after", tr!(rules.after), chips, chosen, change)}
        {dynamic(move || problem.get().map(|said| view! { <p class="field-problem" role="alert" data-testid="after-problem">{icon(Icon::Alert)}<span>{said}</span></p> }))}
        {becomes(draft)}
        {recorder(draft, problems)}
    }
    .into_any()
}

fn options<T: Term>() -> Vec<(String, String)> {
    T::ALL.iter().map(|term| (term.code().to_owned(), capital(words(*term)))).collect()
}

fn becomes(draft: RwSignal<Draft>) -> AnyView {
    let statuses = Signal::derive(|| {
        let mut all = vec![(String::new(), tr!(rules.as_before).to_owned())];
        all.extend(options::<CaseStatus>());
        all
    });
    let chosen = Signal::derive(move || {
        draft.with(|draft| draft.becomes.map(|status| status.code().to_owned()).unwrap_or_default())
    });
    let choose = Callback::new(move |code: String| {
        draft.update(|draft| draft.becomes = CaseStatus::parse(&code).ok());
    });
    select_field("rule-becomes", tr!(rules.status_after), None, statuses, chosen, choose, no_problem())
}

fn recorder(draft: RwSignal<Draft>, problems: Problems) -> AnyView {
    let chosen = Signal::derive(move || {
        draft.with(|draft| draft.recorder.map(|who| who.code().to_owned()).unwrap_or_default())
    });
    let choose = Callback::new(move |code: String| {
        draft.update(|draft| draft.recorder = Recorder::parse(&code).ok());
    });
    let who = Signal::derive(options::<Recorder>);
    let problem = problem_at(problems, "recorder");
    select_field("rule-recorder", tr!(rules.recorder), None, who, chosen, choose, problem)
}
