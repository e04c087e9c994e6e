//! People with an account: the list, inviting somebody new, inviting somebody again, and what waits for a second person.
//! Needs the server.

use donghanh_shared::access::Role;
use donghanh_shared::domain::error::Problem;
use donghanh_shared::domain::vocabulary::Term as _;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::naming;
use crate::components::action::{Weight, button};
use crate::components::dom;
use crate::components::field::{Problems, TextKind, no_problem, problem_at, select_field, text_field};
use crate::components::notice::{Tone, notice, problem_notice};
use crate::components::page::{Frame, page, section};
use crate::components::view::dynamic;
use crate::i18n::format::capital;
use crate::i18n::{language, tr, words};
use crate::screens::parts::invitation::invitation;
use crate::state::{Account, AppState, Approval, Invitation, NewInvitation, Register};

/// What an invitation is shown in: the newest one.
type Shown = RwSignal<Option<Invitation>>;

/// Draws the screen.
pub fn people() -> AnyView {
    let state = AppState::get();
    let found = RwSignal::new(None::<Result<Vec<Account>, Problem>>);
    let shown: Shown = RwSignal::new(None);
    let problem = RwSignal::new(None);
    let read = move || {
        spawn_local(async move {
            found.try_set(Some(state.people().await));
        });
    };
    read();
    let again = move |account: &Account| {
        let id = account.id;
        spawn_local(async move {
            match state.invite_again(id).await {
                Ok(invitation) => {
                    problem.try_set(None);
                    shown.try_set(Some(invitation));
                }
                Err(found) => drop(problem.try_set(Some(found))),
            }
            dom::to_top();
        });
    };
    let list = move || match found.get() {
        None => view! { <p class="soft" role="status">{tr!(people.reading).to_string()}</p> }.into_any(),
        Some(Err(problem)) => notice(Tone::Wait, view! { <p>{problem.sentence(language())}</p> }),
        Some(Ok(people)) => {
            let register = state.register.get();
            let rows = people.into_iter().map(|account| person(&register, account, again)).collect_view();
            view! { <ul class="rows" data-testid="people">{rows}</ul> }.into_any()
        }
    };
    let body = view! {
        {problem_notice(problem.into())}
        <div role="status">{dynamic(move || shown.get().map(|made| invitation(&made)))}</div>
        {approvals(state, shown)}
        {dynamic(list)}
        {section(tr!(people.invite), new_person(state, shown, read))}
    };
    page(Frame::back("/me"), tr!(people.title).to_string(), (), body, None)
}

fn person(register: &Register, account: Account, again: impl Fn(&Account) + Copy + 'static) -> AnyView {
    let mut parts = Vec::new();
    parts.extend(account.role.map(|role| capital(words(role))));
    parts.extend(account.ward.map(|ward| naming::ward(register, ward)));
    parts.extend(account.organisation.as_ref().map(|id| naming::organisation(register, id)));
    view! {
        <li class="row person" data-testid="person-row">
            <p><span class="strong">{account.full_name.clone()}</span>" "<span class="soft">{account.name.clone()}</span></p>
            <p class="soft">{parts.join(" · ")}</p>
            {button(Weight::Quiet, None, tr!(people.invite_again).to_string(), "invite-again", move || again(&account))}
        </li>
    }
    .into_any()
}

/// What somebody asked for that takes a second person: shown to those who may decide.
fn approvals(state: AppState, shown: Shown) -> AnyView {
    let found = RwSignal::new(Vec::<Approval>::new());
    let read = move || {
        spawn_local(async move {
            // Who may not decide sees none.
            found.try_set(state.approvals().await.unwrap_or_default());
        });
    };
    read();
    let decide = move |id: String, grant: bool| {
        spawn_local(async move {
            if let Ok(Some(made)) = state.decide_approval(&id, grant).await {
                shown.try_set(Some(made));
            }
            read();
        });
    };
    let line = move |approval: Approval| {
        let (id, other) = (approval.id.clone(), approval.id);
        view! {
            <li class="row person" data-testid="approval-row">
                <p>{tr!(people.asked, who = approval.asked_by.name, person = approval.person.name)}</p>
                <div class="line">
                    {button(Weight::Plain, None, tr!(people.grant).to_string(), "approval-grant", move || decide(id.clone(), true))}
                    {button(Weight::Quiet, None, tr!(people.refuse).to_string(), "approval-refuse", move || decide(other.clone(), false))}
                </div>
            </li>
        }
    };
    dynamic(move || {
        let waiting = found.get();
        (!waiting.is_empty()).then(|| {
            let lines = waiting.into_iter().map(line).collect_view();
            section(tr!(people.approvals), view! { <ul class="rows">{lines}</ul> })
        })
    })
}

fn new_person(state: AppState, shown: Shown, added: impl Fn() + Copy + 'static) -> AnyView {
    let full_name = RwSignal::new(String::new());
    let role = RwSignal::new(Role::Volunteer);
    let ward = RwSignal::new(String::new());
    let organisation = RwSignal::new(String::new());
    let problems: Problems = RwSignal::new(Vec::new());
    let general = RwSignal::new(None::<Problem>);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let whom = NewInvitation {
            full_name: full_name.get_untracked().trim().to_owned(),
            role: role.get_untracked(),
            ward: ward.get_untracked().parse().ok(),
            organisation: organisation.get_untracked().parse().ok(),
        };
        spawn_local(async move {
            match state.invite(whom).await {
                Ok(made) => {
                    problems.try_set(Vec::new());
                    general.try_set(None);
                    shown.try_set(Some(made));
                    full_name.try_set(String::new());
                    added();
                    dom::to_top();
                }
                Err(problem) if problem.field.is_some() => drop(problems.try_set(vec![problem])),
                Err(problem) => drop(general.try_set(Some(problem))),
            }
        });
    };
    view! {
        <form class="stack" on:submit=submit>
            <p class="field-hint">{tr!(people.invite_hint).to_string()}</p>
            {problem_notice(general.into())}
            {text_field("person-full-name", tr!(people.full_name), None, TextKind::text("person-full-name"), full_name, problem_at(problems, "full_name"))}
            {choices(state, role, ward, organisation, problems)}
            <button type="submit" class=Weight::Main.class() data-testid="person-invite">{tr!(people.invite).to_string()}</button>
        </form>
    }
    .into_any()
}

fn choices(
    state: AppState,
    role: RwSignal<Role>,
    ward: RwSignal<String>,
    organisation: RwSignal<String>,
    problems: Problems,
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
        {select_field("person-ward", tr!(form.ward), None, wards, ward.into(), to_ward, problem_at(problems, "ward"))}
        {select_field("person-organisation", tr!(me.organisation), None, organisations, organisation.into(), to_organisation, problem_at(problems, "organisation"))}
    }
    .into_any()
}
