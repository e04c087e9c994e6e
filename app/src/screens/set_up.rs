//! The guided set-up of an empty server: 1 the wards, 2 the administrator, 3 done.

use donghanh_shared::domain::error::{Code, Problem};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::me::language_choice;
use crate::components::action::{Weight, button};
use crate::components::dom::Later;
use crate::components::field::{Problems, TextKind, field, problem_at, text_field};
use crate::components::icon::{Icon, icon};
use crate::components::notice::problem_notice;
use crate::components::page::{Frame, page};
use crate::components::view::{dynamic, entered, pressed, text_of};
use crate::i18n::tr;
use crate::state::{AppState, Commune, SetUpAdministrator, SetUpForm};
use std::time::Duration;

/// How long the keys must rest before the server is asked.
const QUIET: Duration = Duration::from_millis(200);

/// What is being filled in.
#[derive(Clone, Copy)]
struct Answers {
    state: AppState,
    step: RwSignal<u8>,
    area: RwSignal<String>,
    wards: RwSignal<Vec<Commune>>,
    full_name: RwSignal<String>,
    name: RwSignal<String>,
    password: RwSignal<String>,
    problems: Problems,
    general: RwSignal<Option<Problem>>,
}

/// The server is empty, but was not opened by the link that it wrote when it started.
pub fn by_link() -> AnyView {
    let body = view! {
        <p data-testid="set-up-by-link">{tr!(set_up.by_link).to_string()}</p>
        <div class="quiet-legend">{language_choice("language")}</div>
    };
    page(Frame::default(), tr!(set_up.title).to_string(), (), body, None)
}

/// Draws the screen.
pub fn set_up() -> AnyView {
    let answers = Answers {
        state: AppState::get(),
        step: RwSignal::new(1),
        area: RwSignal::new(String::new()),
        wards: RwSignal::new(Vec::new()),
        full_name: RwSignal::new(String::new()),
        name: RwSignal::new(String::new()),
        password: RwSignal::new(String::new()),
        problems: RwSignal::new(Vec::new()),
        general: RwSignal::new(None),
    };
    let step = move || match answers.step.get() {
        1 => area(answers),
        _ => administrator(answers),
    };
    let body = view! {
        <p class="soft" role="status">{dynamic(move || tr!(set_up.step, n = answers.step.get()))}</p>
        {problem_notice(answers.general.into())}
        {dynamic(step)}
        <div class="quiet-legend">{language_choice("language")}</div>
    };
    page(Frame::default(), tr!(set_up.title).to_string(), (), body, None)
}

fn area(answers: Answers) -> AnyView {
    let typed = RwSignal::new(String::new());
    let found = RwSignal::new(Vec::<Commune>::new());
    let later = Later::idle();
    let ask = move |text: String| {
        typed.set(text.clone());
        let state = answers.state;
        later.call(QUIET, move || {
            spawn_local(async move {
                match state.communes(&text).await {
                    // An answer to an older question is dropped.
                    Ok(list) if typed.try_get_untracked().as_deref() == Some(&text) => {
                        drop(found.try_set(list))
                    }
                    Ok(_) => {}
                    Err(problem) => drop(answers.general.try_set(Some(problem))),
                }
            });
        });
    };
    let next = move || {
        let mut problems = Vec::new();
        if answers.wards.with_untracked(Vec::is_empty) {
            problems.push(Problem::new(Code::WardUnknown).at("wards"));
        }
        if answers.area.with_untracked(|area| area.trim().is_empty()) {
            problems.push(Problem::new(Code::TextEmpty).at("area_name"));
        }
        if problems.is_empty() {
            answers.step.set(2);
        }
        answers.problems.set(problems);
    };
    let control = view! {
        <div class="search">
            {icon(Icon::Search)}
            <input type="search" id="set-up-search" data-testid="set-up-search" autocomplete="off"
                prop:value=text_of(move || typed.get()) on:input=entered(ask) />
        </div>
        <ul class="options">{dynamic(move || found.get().into_iter().map(|commune| commune_option(answers, commune)).collect_view())}</ul>
    };
    view! {
        <div class="stack">
            <h2>{tr!(set_up.area).to_string()}</h2>
            {text_field("set-up-area", tr!(set_up.area_name), Some(tr!(set_up.area_hint).to_string()), TextKind::text("set-up-area"), answers.area, problem_at(answers.problems, "area_name"))}
            {picked(answers)}
            {field("set-up-search", tr!(set_up.wards), Some(tr!(set_up.wards_hint).to_string()), problem_at(answers.problems, "wards"), control)}
            {button(Weight::Main, None, tr!(set_up.next).to_string(), "set-up-next", next)}
        </div>
    }
    .into_any()
}

fn commune_option(answers: Answers, commune: Commune) -> AnyView {
    let words = format!("{} {}", commune.kind, commune.name);
    let detail = format!("{} · {}", commune.province, commune.code);
    let add = move || {
        let commune = commune.clone();
        answers.wards.update(|all| {
            if all.iter().all(|one| one.code != commune.code) {
                all.push(commune);
            }
        });
    };
    view! {
        <li><button type="button" class="option" data-testid="commune-option" on:click=pressed(add)>
            <span>{words}</span><span class="soft small">{detail}</span>
        </button></li>
    }
    .into_any()
}

fn picked(answers: Answers) -> AnyView {
    let line = move |commune: Commune| {
        let name = format!("{} {}", commune.kind, commune.name);
        let label = tr!(form.take_out, what = name.clone());
        let code = commune.code;
        let remove = move || answers.wards.update(|all| all.retain(|one| one.code != code));
        view! {
            <li><span>{name}</span>
                <button type="button" class="button quiet" aria-label=label on:click=pressed(remove)>{icon(Icon::Close)}</button></li>
        }
    };
    view! { <ul class="picked" data-testid="set-up-wards">{dynamic(move || answers.wards.get().into_iter().map(line).collect_view())}</ul> }
        .into_any()
}

fn administrator(answers: Answers) -> AnyView {
    let password_kind = TextKind { kind: "password", autocomplete: "new-password", test: "set-up-password" };
    let finish = move || {
        let form = SetUpForm {
            token: None,
            province_code: None,
            wards: answers.wards.with_untracked(|all| all.iter().map(|ward| ward.code.clone()).collect()),
            area_name: answers.area.get_untracked().trim().to_owned(),
            administrator: SetUpAdministrator {
                full_name: answers.full_name.get_untracked().trim().to_owned(),
                name: answers.name.get_untracked().trim().to_owned(),
                password: answers.password.get_untracked(),
            },
        };
        spawn_local(async move {
            // On success the app leads to the sign-in by itself.
            match answers.state.set_up(form).await {
                Ok(()) => {}
                Err(problem) if problem.field.is_some() => {
                    let field =
                        problem.field.as_deref().map(|f| f.trim_start_matches("administrator.").to_owned());
                    answers.problems.try_set(vec![Problem { field, ..problem }]);
                }
                Err(problem) => drop(answers.general.try_set(Some(problem))),
            }
        });
    };
    view! {
        <div class="stack">
            <h2>{tr!(set_up.administrator).to_string()}</h2>
            {text_field("set-up-full-name", tr!(people.full_name), None, TextKind::text("set-up-full-name"), answers.full_name, problem_at(answers.problems, "full_name"))}
            {text_field("set-up-name", tr!(sign_in.name), Some(tr!(people.name_hint).to_string()), TextKind::text("set-up-name"), answers.name, problem_at(answers.problems, "name"))}
            {text_field("set-up-password", tr!(sign_in.password), Some(tr!(people.password_hint).to_string()), password_kind, answers.password, problem_at(answers.problems, "password"))}
            <div class="line">
                {button(Weight::Main, None, tr!(set_up.finish).to_string(), "set-up-finish", finish)}
                {button(Weight::Quiet, Some(Icon::Back), tr!(common.back).to_string(), "set-up-back", move || answers.step.set(1))}
            </div>
        </div>
    }
    .into_any()
}
