//! After-care in figures, without names (C1, C2): one ward as facts, several as a table. Few people are not told apart. How
//! many are under management is typed in here, for exactly the period shown.

use donghanh_shared::access::{Role, Scope};
use donghanh_shared::domain::aftercare::terms::SupportKind;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::report::{AftercareFigures, AftercareReport, AftercareRow, PeopleCount};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::domain::ward::WardRef;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::period::Period;
use crate::components::action::{Weight, button};
use crate::components::dialog::dialog;
use crate::components::field::{Problems, TextKind, no_problem, problem_at, select_field, text_field};
use crate::components::notice::{not_read, problem_notice};
use crate::components::page::section;
use crate::components::stepper::typed_number;
use crate::components::table::{column, data_table};
use crate::components::view::dynamic;
use crate::i18n::format::{capital, number};
use crate::i18n::{tr, words};
use crate::state::AppState;

/// The wards whose counts the signed-in person sees.
pub fn sees_counts(state: AppState) -> bool {
    state.me.with(|me| me.as_ref().is_some_and(|me| !me.access.aftercare_counts.is_empty()))
}

/// Draws the section, for those who see counts.
pub fn care(state: AppState, period: RwSignal<Period>) -> AnyView {
    if !sees_counts(state) {
        return ().into_any();
    }
    let shown = RwSignal::new(None::<Result<AftercareReport, Problem>>);
    // Rises when a number was typed in.
    let typed = RwSignal::new(0_u32);
    Effect::new(move || {
        state.live.track();
        typed.track();
        let asked = period.get();
        spawn_local(async move {
            let answer = state.aftercare_report(asked.from, asked.to).await;
            // An answer to an older question is dropped.
            if period.try_get_untracked() == Some(asked) {
                shown.try_set(Some(answer));
            }
        });
    });
    let open = RwSignal::new(false);
    let content = move || match shown.get() {
        None => view! { <p class="soft" role="status">{tr!(report.reading)}</p> }.into_any(),
        Some(Err(problem)) => not_read(&problem),
        Some(Ok(report)) => drawn(&report),
    };
    let types = move || !typable(state, shown).is_empty();
    let edit = dynamic(move || {
        types().then(|| {
            let edit = move || open.set(true);
            button(Weight::Plain, None, tr!(report.type_managed).to_owned(), "type-managed", edit)
        })
    });
    let done = Callback::new(move |()| {
        open.set(false);
        typed.update(|typed| *typed += 1);
    });
    let asks = move || entry(state, typable(state, shown), period.get_untracked(), done);
    section(
        tr!(report.care),
        view! {
            <p class="soft small">{tr!(report.care_hint)}</p>
            {dynamic(content)}
            {edit}
            {dialog("managed-dialog", open, tr!(report.type_managed).to_string(), asks)}
        },
    )
}

/// The wards of the report for which the person may type in how many are under management.
fn typable(
    state: AppState,
    shown: RwSignal<Option<Result<AftercareReport, Problem>>>,
) -> Vec<(WardRef, String, Option<u32>)> {
    let may = |ward: WardRef| {
        state.me.with(|me| {
            me.as_ref().is_some_and(|me| {
                me.role == Some(Role::AreaSupervisor) || me.access.may_write(&Scope::Aftercare(ward))
            })
        })
    };
    let of = |row: &AftercareRow| {
        let typed = row.figures.as_ref().and_then(|figures| figures.typed?.count);
        (row.ward, row.name.clone(), typed)
    };
    shown.with(|shown| match shown {
        Some(Ok(report)) => report.wards.iter().filter(|row| may(row.ward)).map(of).collect(),
        _ => Vec::new(),
    })
}

/// A number of people: few are not told, and what nobody said is no zero.
fn people(count: PeopleCount) -> String {
    match count.count {
        Some(count) => number(count.into()),
        None if count.few => tr!(report.few).to_owned(),
        None => "—".to_owned(),
    }
}

/// `93,5%` of per mille.
fn share(per_mille: Option<u32>) -> String {
    per_mille
        .map_or_else(|| "—".to_owned(), |share| tr!(report.share, whole = share / 10, tenth = share % 10))
}

/// Every figure of a ward: its name for tests, its words, its value.
fn figures(row: &AftercareRow) -> Vec<(&'static str, &'static str, String)> {
    let none = AftercareFigures::default();
    let of = row.figures.as_ref().unwrap_or(&none);
    let typed = of.typed.map_or_else(|| tr!(report.not_typed).to_owned(), people);
    vec![
        ("open", tr!(report.care_open), people(row.open)),
        ("managed", tr!(report.care_managed), people(of.managed)),
        ("supported", tr!(report.care_supported), people(of.supported)),
        ("typed", tr!(report.care_typed), typed),
        ("share", tr!(report.care_share), share(of.share)),
        ("on-time", tr!(report.care_on_time), people(of.check_ins.on_time)),
        ("late", tr!(report.care_late), people(of.check_ins.late)),
        ("missed", tr!(report.care_missed), people(of.check_ins.missed)),
        ("overdue", tr!(report.care_overdue), people(of.overdue)),
        ("completed", tr!(report.care_completed), people(of.completed)),
        ("relapsed", tr!(report.care_relapsed), people(of.relapsed)),
    ]
}

fn drawn(report: &AftercareReport) -> AnyView {
    match report.wards.as_slice() {
        [] => view! { <p class="soft">{tr!(report.care_none)}</p> }.into_any(),
        [row] => one(row),
        rows => table(rows),
    }
}

fn one(row: &AftercareRow) -> AnyView {
    let facts = figures(row).into_iter().map(|(name, words, value)| {
        view! { <div><dt>{words}</dt><dd class="figures" data-testid=format!("care-{name}")>{value}</dd></div> }
    });
    let support = supported(std::slice::from_ref(row)).map(|(_, words, values)| {
        view! { <div><dt>{words}</dt><dd class="figures">{values.into_iter().collect_view()}</dd></div> }
    });
    view! {
        <p class="strong">{row.name.clone()}</p>
        <dl class="facts">{facts.collect_view()}{support.collect_view()}</dl>
    }
    .into_any()
}

/// Support that somebody got: its code, its words, and how many in each ward.
fn supported(rows: &[AftercareRow]) -> impl Iterator<Item = (&'static str, String, Vec<String>)> + '_ {
    // What is not told is no zero.
    let (nobody, untold) =
        (PeopleCount { count: Some(0), few: false }, PeopleCount { count: None, few: false });
    SupportKind::ALL.iter().filter_map(move |kind| {
        let of = |row: &AftercareRow| {
            let Some(of) = &row.figures else { return untold };
            of.support.get(kind.code()).map_or(nobody, |told| told.people)
        };
        let counts: Vec<PeopleCount> = rows.iter().map(of).collect();
        let told = counts.iter().any(|count| *count != nobody && *count != untold);
        told.then(|| (kind.code(), capital(words(*kind)), counts.into_iter().map(people).collect()))
    })
}

/// Several wards: each a column, as there are more figures than wards.
fn table(rows: &[AftercareRow]) -> AnyView {
    let mut head = vec![column(tr!(report.figure), "", false)];
    head.extend(rows.iter().map(|row| column(row.name.clone(), "", true)));
    let line = |(name, words, values): (&'static str, String, Vec<String>)| {
        let cells = rows.iter().zip(values).map(|(row, value)| {
            let test = format!("care-{name}-{}", row.ward);
            view! { <td class="number" data-testid=test><div class="cell">{value}</div></td> }
        });
        let indicator = Some(hint(name)).filter(|hint| !hint.is_empty());
        let indicator = indicator.map(|hint| view! { <span class="column-hint">{hint}</span> });
        view! { <tr data-testid="care-row"><th scope="row">{words}{indicator}</th>{cells.collect_view()}</tr> }
            .into_any()
    };
    let each: Vec<_> = rows.iter().map(figures).collect();
    let told = figures(&rows[0]).into_iter().enumerate().map(|(at, (name, words, _))| {
        (name, words.to_owned(), each.iter().map(|of| of[at].2.clone()).collect())
    });
    let lines = told.chain(supported(rows)).map(line).collect();
    data_table(tr!(report.care).to_string(), head, lines, None)
}

/// The indicator that a figure belongs to.
fn hint(name: &str) -> &'static str {
    match name {
        "open" | "managed" | "overdue" => "",
        "supported" | "typed" | "share" => "C1",
        _ => "C2",
    }
}

/// Typing in how many people are under management.
fn entry(
    state: AppState,
    wards: Vec<(WardRef, String, Option<u32>)>,
    period: Period,
    done: Callback<()>,
) -> AnyView {
    let Some((first, _, typed)) = wards.first().cloned() else { return ().into_any() };
    let ward = RwSignal::new(first.to_string());
    let text = RwSignal::new(typed.map(|typed| typed.to_string()).unwrap_or_default());
    let problems: Problems = RwSignal::new(Vec::new());
    let failure = RwSignal::new(None::<Problem>);
    let several = (wards.len() > 1).then(|| {
        let options: Vec<_> = wards.iter().map(|(ward, name, _)| (ward.to_string(), name.clone())).collect();
        let choose = Callback::new(move |chosen: String| {
            let typed = wards.iter().find(|(ward, ..)| ward.to_string() == chosen).and_then(|one| one.2);
            text.set(typed.map(|typed| typed.to_string()).unwrap_or_default());
            ward.set(chosen);
        });
        let options = Signal::derive(move || options.clone());
        select_field("managed-ward", tr!(report.ward), None, options, ward.into(), choose, no_problem())
    });
    let keep = move || {
        let Ok(ward) = ward.get_untracked().parse::<WardRef>() else { return };
        let typed = text.get_untracked();
        // An empty field takes the number back; anything else must be one.
        let number = typed_number(&typed);
        if number.is_none() && !typed.trim().is_empty() {
            return problems.set(vec![Problem::new(Code::CountMalformed).at("number")]);
        }
        spawn_local(async move {
            match state.type_managed(ward, period.from, period.to, number).await {
                Ok(()) => drop(done.try_run(())),
                Err(problem) if problem.field.is_some() => drop(problems.try_set(vec![problem])),
                Err(problem) => drop(failure.try_set(Some(problem))),
            }
        });
    };
    let label = tr!(report.managed_between, from = period.from.for_people(), to = period.to.for_people());
    let kind = TextKind { kind: "text", autocomplete: "off", test: "managed-number" };
    let hint = Some(tr!(report.managed_hint).to_owned());
    view! {
        <div class="stack">
            {problem_notice(failure.into())}
            {several}
            {text_field("managed-number", label, hint, kind, text, problem_at(problems, "number"))}
            {button(Weight::Main, None, tr!(report.keep_managed).to_owned(), "managed-keep", keep)}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_people_and_nobody_knows_are_no_zero() {
        let count = |count, few| people(PeopleCount { count, few });
        assert_eq!((count(Some(0), false).as_str(), count(Some(12), false).as_str()), ("0", "12"));
        assert_eq!((count(None, true).as_str(), count(None, false).as_str()), ("dưới 5", "—"));
        assert_eq!((share(Some(935)).as_str(), share(None).as_str()), ("93,5%", "—"));
    }
}
