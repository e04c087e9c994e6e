//! People with an account, for administrators: the list, and adding one. Needs the server.

use donghanh_shared::access::Role;
use donghanh_shared::domain::error::Problem;
use donghanh_shared::domain::vocabulary::Term as _;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::naming;
use crate::components::action::Weight;
use crate::components::field::{Problems, TextKind, no_problem, problem_at, select_field, text_field};
use crate::components::notice::{Tone, notice, problem_notice};
use crate::components::page::{Frame, page, section};
use crate::components::view::dynamic;
use crate::i18n::format::capital;
use crate::i18n::{language, tr, words};
use crate::state::{Account, AppState, NewAccount, Register};

/// Draws the screen.
pub fn people() -> AnyView {
    let state = AppState::get();
    let found = RwSignal::new(None::<Result<Vec<Account>, Problem>>);
    let read = move || {
        spawn_local(async move {
            found.try_set(Some(state.people().await));
        });
    };
    read();
    let list = move || match found.get() {
        None => view! { <p class="soft" role="status">{tr!(people.reading).to_string()}</p> }.into_any(),
        Some(Err(problem)) => notice(Tone::Wait, view! { <p>{problem.sentence(language())}</p> }),
        Some(Ok(people)) => {
            let register = state.register.get();
            let rows = people.iter().map(|account| person(&register, account)).collect_view();
            view! { <ul class="rows" data-testid="people">{rows}</ul> }.into_any()
        }
    };
    let body = view! {
        {dynamic(list)}
        {section(tr!(people.add), new_person(state, read))}
    };
    page(Frame::back("/me"), tr!(people.title).to_string(), (), body, None)
}

fn person(register: &Register, account: &Account) -> AnyView {
    let mut parts = Vec::new();
    parts.extend(account.role.map(|role| capital(words(role))));
    parts.extend(account.ward.map(|ward| naming::ward(register, ward)));
    parts.extend(account.organisation.as_ref().map(|id| naming::organisation(register, id)));
    view! {
        <li class="row person" data-testid="person-row">
            <p><span class="strong">{account.full_name.clone()}</span>" "<span class="soft">{account.name.clone()}</span></p>
            <p class="soft">{parts.join(" · ")}</p>
        </li>
    }
    .into_any()
}

fn new_person(state: AppState, added: impl Fn() + Copy + 'static) -> AnyView {
    let full_name = RwSignal::new(String::new());
    let name = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let role = RwSignal::new(Role::Volunteer);
    let ward = RwSignal::new(String::new());
    let organisation = RwSignal::new(String::new());
    let problems: Problems = RwSignal::new(Vec::new());
    let general = RwSignal::new(None::<Problem>);
    let done = RwSignal::new(None::<String>);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let account = NewAccount {
            full_name: full_name.get_untracked().trim().to_owned(),
            name: name.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
            role: role.get_untracked(),
            ward: ward.get_untracked().parse().ok(),
            organisation: organisation.get_untracked().parse().ok(),
        };
        spawn_local(async move {
            let who = account.full_name.clone();
            match state.add_person(account).await {
                Ok(()) => {
                    problems.try_set(Vec::new());
                    general.try_set(None);
                    done.try_set(Some(who));
                    for field in [full_name, name, password] {
                        field.try_set(String::new());
                    }
                    added();
                }
                Err(problem) if problem.field.is_some() => drop(problems.try_set(vec![problem])),
                Err(problem) => drop(general.try_set(Some(problem))),
            }
        });
    };
    let password_kind = TextKind { kind: "password", autocomplete: "new-password", test: "person-password" };
    view! {
        <form class="stack" on:submit=submit>
            {problem_notice(general.into())}
            <div role="status">{dynamic(move || done.get().map(|who| notice(Tone::Good, view! { <p>{tr!(people.added, who = who)}</p> })))}</div>
            {text_field("person-full-name", tr!(people.full_name), None, TextKind::text("person-full-name"), full_name, problem_at(problems, "full_name"))}
            {text_field("person-name", tr!(sign_in.name), Some(tr!(people.name_hint).to_string()), TextKind::text("person-name"), name, problem_at(problems, "name"))}
            {text_field("person-password", tr!(sign_in.password), Some(tr!(people.password_hint).to_string()), password_kind, password, problem_at(problems, "password"))}
            {choices(state, role, ward, organisation)}
            <button type="submit" class=Weight::Main.class() data-testid="person-add">{tr!(people.add).to_string()}</button>
        </form>
    }
    .into_any()
}

fn choices(
    state: AppState,
    role: RwSignal<Role>,
    ward: RwSignal<String>,
    organisation: RwSignal<String>,
) -> AnyView {
    let roles = Signal::derive(|| {
        Role::ALL.iter().map(|role| (role.code().to_owned(), capital(words(*role)))).collect::<Vec<_>>()
    });
    let chosen = Signal::derive(move || role.get().code().to_owned());
    let choose = Callback::new(move |code: String| role.set(Role::parse(&code).unwrap_or(Role::Volunteer)));
    let wards = Signal::derive(move || {
        let (register, today) = (state.register.get(), state.today());
        let mut options = vec![(String::new(), tr!(people.whole_area).to_string())];
        let living = register.wards.iter().filter(|ward| ward.span().contains(today));
        options.extend(living.map(|ward| (ward.id.to_string(), ward.full_name())));
        options
    });
    let organisations = Signal::derive(move || {
        let (register, today) = (state.register.get(), state.today());
        let mut options = vec![(String::new(), tr!(people.no_organisation).to_string())];
        let living = register.organisations.iter().filter(|organisation| organisation.span.contains(today));
        options.extend(living.map(|o| (o.id.to_string(), naming::organisation(&register, &o.id))));
        options
    });
    let to_ward = Callback::new(move |text: String| ward.set(text));
    let to_organisation = Callback::new(move |text: String| organisation.set(text));
    view! {
        {select_field("person-role", tr!(me.role), None, roles, chosen, choose, no_problem())}
        {select_field("person-ward", tr!(form.ward), None, wards, ward.into(), to_ward, no_problem())}
        {select_field("person-organisation", tr!(me.organisation), None, organisations, organisation.into(), to_organisation, no_problem())}
    }
    .into_any()
}
