//! The fields of a check-in. What held last time is chosen already.

use donghanh_shared::access::Scope;
use donghanh_shared::domain::aftercare::terms::{How, Life, Need, Sign, State, SupportKind, TestResult};
use donghanh_shared::domain::vocabulary::Term;
use leptos::prelude::*;

use super::Editor;
use super::model::{CheckInForm, SupportForm};
use crate::components::choice::{one_of, some_of};
use crate::components::field::{field, no_problem, problem_at, select_field};
use crate::components::view::{dynamic, entered, text_of};
use crate::i18n::format::capital;
use crate::i18n::{tr, words};
use crate::screens::form::common::put;
use crate::screens::form::fields::{self, hexadecimal};
use crate::screens::services::for_support;
use crate::state::AppState;

/// Draws them.
pub fn fields(editor: Editor) -> AnyView {
    let signs = editor.form.with_untracked(|form| !form.signs.is_empty());
    let supported = editor.form.with_untracked(|form| !form.support.is_empty() || !form.needs.is_empty());
    let hidden = is_officer(editor.state()).then(|| of_officer(editor));
    view! {
        <div class="stack-wide">
            {fields::date(editor)}
            {met(editor)}
            {how(editor)}
            {situation(editor)}
        </div>
        <div>
            <details class="more" open=supported data-testid="more-support">
                <summary>{tr!(care.support_more).to_string()}</summary>
                <div class="stack">{support(editor)}{services(editor)}{needs(editor)}</div>
            </details>
            <details class="more" open=signs data-testid="more-signs">
                <summary>{tr!(care.signs_more).to_string()}</summary>
                <div class="stack"><p class="soft small">{tr!(care.signs_hint).to_string()}</p>{signs_field(editor)}</div>
            </details>
            {hidden}
            <details class="more" data-testid="more-people">
                <summary>{tr!(form.done_by).to_string()}</summary>
                <div class="stack">{fields::done_by(editor)}</div>
            </details>
        </div>
        {next_due(editor)}
        {fields::notes(editor)}
    }
    .into_any()
}

/// Whether the person writes what only officers may know.
fn is_officer(state: AppState) -> bool {
    let restricted = |scope: &Scope| matches!(scope, Scope::AftercareRestricted(_));
    state.me.with_untracked(|me| {
        me.as_ref()
            .is_some_and(|me| me.access.grants.iter().any(|grant| grant.write && restricted(&grant.scope)))
    })
}

fn chips<T: Term + Send + Sync>() -> Signal<Vec<(String, String)>> {
    Signal::derive(|| T::ALL.iter().map(|term| (term.code().to_owned(), capital(words(*term)))).collect())
}

fn met(editor: Editor) -> AnyView {
    let options = Signal::derive(|| {
        vec![
            ("yes".to_owned(), tr!(care.was_met).to_string()),
            ("no".to_owned(), tr!(care.was_not_met).to_string()),
        ]
    });
    let met = editor.part(|form| form.met);
    let chosen = Signal::derive(move || met.get().map(|met| if met { "yes" } else { "no" }.to_owned()));
    let choose = Callback::new(move |code: String| editor.edit(|form| form.met = Some(code == "yes")));
    let because = move || {
        (met.get() == Some(false)).then(|| {
            let text = editor.part(|form| form.not_met_because.clone());
            let control = view! {
                <input id="field-not-met-because" type="text" data-testid="not-met-because" maxlength="300" autocomplete="off"
                    aria-describedby="field-not-met-because-problem" prop:value=text_of(move || text.get())
                    on:input=entered(move |text| editor.edit(|form| form.not_met_because = text)) />
            };
            let problem = problem_at(editor.problems, "not-met-because");
            field("field-not-met-because", tr!(care.not_met_because), None, problem, control)
        })
    };
    view! {
        {one_of("met", tr!(care.met), options, chosen, choose, problem_at(editor.problems, "met"))}
        {dynamic(because)}
    }
    .into_any()
}

fn how(editor: Editor) -> AnyView {
    let how = editor.part(|form| form.how.map(|how| how.code().to_owned()));
    let choose = Callback::new(move |code: String| editor.edit(|form| form.how = How::parse(&code).ok()));
    one_of("how", tr!(care.how), chips::<How>(), how.into(), choose, problem_at(editor.problems, "how"))
}

/// One line a field of life; what was so last time stands chosen.
fn situation(editor: Editor) -> AnyView {
    let lines = Life::ALL.iter().map(|life| {
        let life = *life;
        let options = Signal::derive(|| {
            let mut options = vec![(String::new(), tr!(care.not_asked).to_string())];
            options.extend(State::ALL.iter().map(|s| (s.code().to_owned(), capital(words(*s)))));
            options
        });
        let state = editor.part(move |form: &CheckInForm| {
            form.situation.get(&life).map(|state| state.code().to_owned()).unwrap_or_default()
        });
        let choose = Callback::new(move |code: String| {
            editor.edit(|form| match State::parse(&code) {
                Ok(state) => drop(form.situation.insert(life, state)),
                Err(_) => drop(form.situation.remove(&life)),
            });
        });
        select_field(id_of(life), capital(words(life)), None, options, state.into(), choose, no_problem())
    });
    view! {
        <fieldset class="stack situation">
            <legend>{tr!(care.situation).to_string()}</legend>
            <p class="field-hint">{tr!(care.situation_hint).to_string()}</p>
            {lines.collect_view()}
        </fieldset>
    }
    .into_any()
}

fn id_of(life: Life) -> &'static str {
    match life {
        Life::Work => "life-work",
        Life::Training => "life-training",
        Life::Loan => "life-loan",
        Life::Housing => "life-housing",
        Life::Family => "life-family",
        Life::Health => "life-health",
        Life::Relations => "life-relations",
    }
}

/// Given or referred: a kind chosen in one row is taken out of the other.
fn support(editor: Editor) -> AnyView {
    let row = |name: &'static str, legend: String, given: bool| {
        let chosen = editor.part(move |form| {
            let mine = form.support.iter().filter(|one| one.given == given);
            mine.map(|one| one.kind.code().to_owned()).collect::<Vec<_>>()
        });
        let change = Callback::new(move |(code, on): (String, bool)| {
            let Ok(kind) = SupportKind::parse(&code) else { return };
            let id = hexadecimal(&editor.state().new_id());
            editor.edit(|form| {
                form.support.retain(|one| one.kind != kind);
                if on {
                    form.support.push(SupportForm { kind, given, id });
                }
            });
        });
        some_of(name, legend, chips::<SupportKind>(), chosen.into(), change)
    };
    view! {
        {row("given", tr!(care.support_given).to_string(), true)}
        {row("referred", tr!(care.support_referred).to_string(), false)}
    }
    .into_any()
}

/// Where the person can be sent for what was chosen.
fn services(editor: Editor) -> AnyView {
    let referred = editor.part(|form| {
        let referred = form.support.iter().filter(|one| !one.given);
        referred.map(|one| one.kind).collect::<Vec<_>>()
    });
    for_support(editor.state(), move || referred.get())
}

fn needs(editor: Editor) -> AnyView {
    let chosen = editor.part(|form| form.needs.iter().map(|need| need.code().to_owned()).collect::<Vec<_>>());
    let change = Callback::new(move |(code, on): (String, bool)| {
        if let Ok(need) = Need::parse(&code) {
            editor.edit(|form| put(&mut form.needs, need, on));
        }
    });
    some_of("need", tr!(care.needs), chips::<Need>(), chosen.into(), change)
}

fn signs_field(editor: Editor) -> AnyView {
    let chosen = editor.part(|form| form.signs.iter().map(|sign| sign.code().to_owned()).collect::<Vec<_>>());
    let change = Callback::new(move |(code, on): (String, bool)| {
        if let Ok(sign) = Sign::parse(&code) {
            editor.edit(|form| put(&mut form.signs, sign, on));
        }
    });
    some_of("sign", tr!(care.signs), chips::<Sign>(), chosen.into(), change)
}

fn next_due(editor: Editor) -> AnyView {
    let next = editor.part(|form| form.next_due.map(|day| day.to_string()).unwrap_or_default());
    let control = view! {
        <input id="field-next-due" type="date" data-testid="next-due-input"
            aria-describedby="field-next-due-hint field-next-due-problem" prop:value=text_of(move || next.get())
            on:change=entered(move |text| {
                editor.edit(|form| form.next_due = text.parse().ok());
            }) />
    };
    let hint = Some(tr!(care.next_due_hint).to_string());
    field("field-next-due", tr!(care.next_due), hint, problem_at(editor.problems, "next-due"), control)
}

/// What only officers write and read.
fn of_officer(editor: Editor) -> AnyView {
    let options = Signal::derive(|| {
        let mut options = vec![(String::new(), tr!(care.no_test).to_string())];
        options.extend(TestResult::ALL.iter().map(|r| (r.code().to_owned(), capital(words(*r)))));
        options
    });
    let urine = editor.part(|form| form.urine.map(|result| result.code().to_owned()).unwrap_or_default());
    let choose =
        Callback::new(move |code: String| editor.edit(|form| form.urine = TestResult::parse(&code).ok()));
    let remarks = editor.part(|form| form.remarks.clone());
    let control = view! {
        <input id="field-remarks" type="text" data-testid="remarks-input" maxlength="300" autocomplete="off"
            prop:value=text_of(move || remarks.get())
            on:input=entered(move |text| editor.edit(|form| form.remarks = text)) />
    };
    view! {
        <details class="more" data-testid="more-officer">
            <summary>{tr!(care.officer_more).to_string()}</summary>
            <div class="stack">
                <p class="soft small">{tr!(care.restricted_hint).to_string()}</p>
                {select_field("field-urine", tr!(care.urine), None, options, urine.into(), choose, no_problem())}
                {field("field-remarks", tr!(care.remarks), None, no_problem(), control)}
            </div>
        </details>
    }
    .into_any()
}
