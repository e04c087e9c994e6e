//! The dialog in which one rule is edited or added.

use donghanh_shared::domain::aftercare::services::ServiceKind;
use donghanh_shared::domain::aftercare::terms::Completion;
use donghanh_shared::domain::error::Problem;
use donghanh_shared::domain::vocabulary::Term as _;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::draft::{Draft, Table};
use super::{Keeping, is_too_late};
use crate::components::action::{Weight, button};
use crate::components::dialog::dialog;
use crate::components::field::{Problems, TextKind, field, no_problem, problem_at, select_field, text_field};
use crate::components::notice::problem_notice;
use crate::components::view::{dynamic, entered, holds, text_of, ticked};
use crate::i18n::format::capital;
use crate::i18n::{tr, words};

/// The dialog; it is open while there is a draft.
pub fn rule_dialog(keeping: Keeping) -> AnyView {
    let open = RwSignal::new(false);
    // Each follows the other, and writes only what differs: else they would call each other for ever.
    Effect::new(move || {
        let wanted = keeping.draft.with(Option::is_some);
        if open.get_untracked() != wanted {
            open.set(wanted);
        }
    });
    Effect::new(move || {
        if !open.get() && keeping.draft.with_untracked(Option::is_some) {
            keeping.draft.set(None);
        }
    });
    let content = move || keeping.draft.get_untracked().map(|draft| content(keeping, draft)).into_any();
    dialog("rule-dialog", open, tr!(rules.rule).to_string(), content)
}

fn content(keeping: Keeping, begun: Draft) -> AnyView {
    let draft = RwSignal::new(begun.clone());
    let problems: Problems = RwSignal::new(Vec::new());
    let failure = RwSignal::new(None::<Problem>);
    let keep = move || {
        let Some(newest) = keeping.newest() else { return };
        let rules = match draft.get_untracked().put_into(newest.rules) {
            Ok(rules) => rules,
            Err(found) => return problems.set(found),
        };
        spawn_local(async move {
            let outcome = keeping.state.change_rules(newest.version, &rules).await;
            match &outcome {
                // What was typed stays until it can be sent, unless it was made from rules that are no longer in force.
                Err(problem) if !is_too_late(problem) => drop(failure.try_set(Some(problem.clone()))),
                _ => keeping.done(&outcome),
            }
        });
    };
    let is = begun.table;
    view! {
        <div class="stack">
            {problem_notice(failure.into())}
            {(is == Table::Legal).then(|| completion(draft, problems, begun.id.is_some()))}
            {begun.event.map(|event| view! { <p class="strong">{capital(words(event))}</p> })}
            {day(draft, problems, "rule-from", "from", tr!(rules.from), |draft| &mut draft.from)}
            {(is == Table::Service).then(|| service(keeping, draft, problems))}
            {matches!(is, Table::Legal | Table::Interval).then(|| line(draft, problems, "rule-months", "months", months_label(is), |draft| &mut draft.months))}
            {(is == Table::Interval).then(|| line(draft, problems, "rule-late", "late_days", tr!(rules.late_days), |draft| &mut draft.late_days))}
            {(is == Table::Form).then(|| line(draft, problems, "rule-form", "form", tr!(rules.form), |draft| &mut draft.form))}
            {(is == Table::Form).then(|| line(draft, problems, "rule-signer", "signer", tr!(rules.signer), |draft| &mut draft.signer))}
            {(is == Table::Event).then(|| super::event::fields(draft, problems))}
            {line(draft, problems, "rule-source", "source", tr!(rules.source), |draft| &mut draft.source)}
            <label class="check">
                <input type="checkbox" data-testid="rule-confirmed" prop:checked=holds(move || draft.with(|draft| draft.confirmed))
                    on:change=ticked(move |on| draft.update(|draft| draft.confirmed = on)) />
                <span>{tr!(rules.is_confirmed)}</span>
            </label>
            {(is == Table::Legal).then(|| view! { <p class="field-hint">{tr!(rules.applies)}</p> })}
            {button(Weight::Main, None, tr!(rules.keep).to_owned(), "rule-keep", keep)}
        </div>
    }
    .into_any()
}

fn months_label(table: Table) -> &'static str {
    if table == Table::Interval { tr!(rules.every_months) } else { tr!(rules.term_months) }
}

fn line(
    draft: RwSignal<Draft>,
    problems: Problems,
    id: &'static str,
    name: &'static str,
    label: &'static str,
    of: fn(&mut Draft) -> &mut String,
) -> AnyView {
    // Reading goes through the same door as writing, on a copy.
    let value = RwSignal::new(draft.with_untracked(|draft| of(&mut draft.clone()).clone()));
    Effect::new(move || {
        let typed = value.get();
        draft.update(|draft| *of(draft) = typed);
    });
    text_field(id, label, None, TextKind::text(id), value, problem_at(problems, name))
}

fn day(
    draft: RwSignal<Draft>,
    problems: Problems,
    id: &'static str,
    name: &'static str,
    label: &'static str,
    of: fn(&mut Draft) -> &mut String,
) -> AnyView {
    let control = view! {
        <input id=id type="date" data-testid=id aria-describedby=format!("{id}-problem")
            prop:value=text_of(move || draft.with(|draft| of(&mut draft.clone()).clone()))
            on:change=entered(move |text| draft.update(|draft| *of(draft) = text)) />
    };
    field(id, label, None, problem_at(problems, name), control)
}

/// What a service has beside what every rule has.
fn service(keeping: Keeping, draft: RwSignal<Draft>, problems: Problems) -> AnyView {
    let kinds = Signal::derive(|| {
        let mut options = vec![(String::new(), tr!(services.choose_kind).to_owned())];
        options.extend(ServiceKind::ALL.iter().map(|kind| (kind.code().to_owned(), capital(words(*kind)))));
        options
    });
    let kind = Signal::derive(move || {
        draft.with(|draft| draft.kind.map(|kind| kind.code().to_owned()).unwrap_or_default())
    });
    let choose_kind = Callback::new(move |code: String| {
        draft.update(|draft| draft.kind = ServiceKind::parse(&code).ok());
    });
    let state = keeping.state;
    let wards = Signal::derive(move || {
        let (register, today) = (state.register.get(), state.today());
        let mut options = vec![(String::new(), tr!(services.everywhere).to_owned())];
        let living = register.wards.iter().filter(|ward| ward.span().contains(today));
        options.extend(living.map(|ward| (ward.id.to_string(), ward.full_name())));
        options
    });
    let ward = Signal::derive(move || draft.with(|draft| draft.ward.clone()));
    let choose_ward = Callback::new(move |ward: String| draft.update(|draft| draft.ward = ward));
    view! {
        {day(draft, problems, "service-to", "to", tr!(services.to), |draft| &mut draft.to)}
        {select_field("service-kind", tr!(services.kind), None, kinds, kind, choose_kind, problem_at(problems, "kind"))}
        {line(draft, problems, "service-name", "name", tr!(services.name), |draft| &mut draft.name)}
        {line(draft, problems, "service-phone", "phone", tr!(care.phone), |draft| &mut draft.phone)}
        {line(draft, problems, "service-address", "address", tr!(services.address), |draft| &mut draft.address)}
        {select_field("service-ward", tr!(services.serves), None, wards, ward, choose_ward, no_problem())}
    }
    .into_any()
}

/// The way of completion; of a rule that is there it does not change.
fn completion(draft: RwSignal<Draft>, problems: Problems, stands: bool) -> AnyView {
    let way = move || draft.with(|draft| draft.completion);
    if stands {
        return dynamic(move || way().map(|way| view! { <p class="strong">{capital(words(way))}</p> }));
    }
    let options = Signal::derive(|| {
        let mut options = vec![(String::new(), tr!(care.choose_completion).to_owned())];
        options.extend(Completion::ALL.iter().map(|way| (way.code().to_owned(), capital(words(*way)))));
        options
    });
    let chosen = Signal::derive(move || way().map(|way| way.code().to_owned()).unwrap_or_default());
    let choose = Callback::new(move |code: String| {
        draft.update(|draft| draft.completion = Completion::parse(&code).ok());
    });
    let problem = problem_at(problems, "completion");
    select_field("rule-completion", tr!(care.completion), None, options, chosen, choose, problem)
}
