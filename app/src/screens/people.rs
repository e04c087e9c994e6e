//! People with an account: the list, inviting somebody new, inviting somebody again, and what waits for a second person.
//! Needs the server.

use donghanh_shared::domain::error::Problem;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::naming;
use crate::components::action::{Weight, button};
use crate::components::dom;
use crate::components::field::{Problems, TextKind, problem_at, text_field};
use crate::components::notice::{not_read, problem_notice};
use crate::components::page::{Frame, page, section};
use crate::components::view::dynamic;
use crate::i18n::format::capital;
use crate::i18n::{tr, words};
use crate::screens::parts::invitation::invitation;
use crate::screens::parts::role_choice::RoleChoice;
use crate::screens::parts::role_dialog::role_dialog;
use crate::state::{Account, AppState, Approval, Invitation, NewInvitation, Register, RoleAt};

/// What an invitation is shown in: the newest one.
type Shown = RwSignal<Option<Invitation>>;

/// Draws the screen.
pub fn people() -> AnyView {
    let state = AppState::get();
    let found = RwSignal::new(None::<Result<Vec<Account>, Problem>>);
    let shown: Shown = RwSignal::new(None);
    let problem = RwSignal::new(None);
    let asked = RwSignal::new(Vec::new());
    let decides = state.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.access.administers));
    let read = move || {
        spawn_local(async move {
            found.try_set(Some(state.people().await));
            if decides {
                asked.try_set(state.approvals().await.unwrap_or_default());
            }
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
    let changing = RwSignal::new(None::<Account>);
    let told = Callback::new(move |what: Option<Problem>| {
        problem.try_set(what);
        read();
        dom::to_top();
    });
    let changed = Callback::new(move |what| {
        changing.try_set(None);
        told.run(what);
    });
    let list = move || match found.get() {
        None => view! { <p class="soft" role="status">{tr!(people.reading).to_string()}</p> }.into_any(),
        Some(Err(problem)) => not_read(&problem),
        Some(Ok(people)) => {
            let register = state.register.get();
            let mine = state.me.with(|me| me.as_ref().map(|me| me.person));
            let change = move |account: &Account| changing.set(Some(account.clone()));
            let rows = people.into_iter().map(|account| {
                let actions = (mine != Some(account.id)).then_some((again, change));
                person(&register, account, actions)
            });
            let rows = rows.collect_view();
            view! { <ul class="rows" data-testid="people">{rows}</ul> }.into_any()
        }
    };
    let body = view! {
        {problem_notice(problem.into())}
        <div role="status">{dynamic(move || shown.get().map(|made| invitation(&made)))}</div>
        {approvals(state, asked, shown, told)}
        {dynamic(list)}
        {section(tr!(people.invite), new_person(state, shown, read))}
        {role_dialog(state, changing, changed)}
    };
    page(Frame::back("/me"), tr!(people.title).to_string(), (), body, None)
}

fn person(
    register: &Register,
    account: Account,
    actions: Option<(impl Fn(&Account) + Copy + 'static, impl Fn(&Account) + Copy + 'static)>,
) -> AnyView {
    let mut parts = Vec::new();
    parts.push(account.role.map_or_else(|| tr!(people.ended).to_string(), |role| capital(words(role))));
    parts.extend(account.place.map(|school| naming::place(register, school)));
    parts.extend(account.ward.map(|ward| naming::ward(register, ward)));
    parts.extend(account.organisation.as_ref().map(|id| naming::organisation(register, id)));
    let (name, sign_in) = (account.full_name.clone(), account.name.clone());
    let actions = actions.map(|(again, change)| {
        let other = account.clone();
        view! {
            <div class="line">
                {button(Weight::Quiet, None, tr!(people.invite_again).to_string(), "invite-again", move || again(&account))}
                {button(Weight::Quiet, None, tr!(people.change_role).to_string(), "change-role", move || change(&other))}
            </div>
        }
    });
    view! {
        <li class="row person" data-testid="person-row">
            <p><span class="strong">{name}</span>" "<span class="soft">{sign_in}</span></p>
            <p class="soft">{parts.join(" · ")}</p>
            {actions}
        </li>
    }
    .into_any()
}

/// What somebody asked for that takes a second person: shown to those who may decide. `decided` is told what came of it.
fn approvals(
    state: AppState,
    asked: RwSignal<Vec<Approval>>,
    shown: Shown,
    decided: Callback<Option<Problem>>,
) -> AnyView {
    let me = state.me.with_untracked(|me| me.as_ref().map(|me| me.person));
    let decide = move |id: String, grant: bool| {
        spawn_local(async move {
            let outcome = state.decide_approval(&id, grant).await;
            if let Ok(Some(made)) = &outcome {
                shown.try_set(Some(made.clone()));
            }
            // Left meanwhile, nobody waits for it.
            let _ = decided.try_run(outcome.err());
        });
    };
    let line = move |register: &Register, approval: Approval| {
        let (id, other) = (approval.id.clone(), approval.id.clone());
        let mine = me == Some(approval.asked_by.id);
        // What cannot be undone takes a second tap, on other words.
        let (final_one, sure) = (approval.reason.is_some(), RwSignal::new(false));
        let grant = move || {
            let id = id.clone();
            match final_one {
                true if sure.get() => button(
                    Weight::Remove,
                    None,
                    tr!(people.grant_erasure).to_string(),
                    "approval-grant-sure",
                    move || decide(id.clone(), true),
                ),
                true => {
                    button(Weight::Plain, None, tr!(people.grant).to_string(), "approval-grant", move || {
                        sure.set(true)
                    })
                }
                false => {
                    button(Weight::Plain, None, tr!(people.grant).to_string(), "approval-grant", move || {
                        decide(id.clone(), true)
                    })
                }
            }
        };
        let actions = if mine {
            view! { <p class="soft">{tr!(people.asked_other).to_string()}</p> }.into_any()
        } else {
            view! {
                <div class="line">
                    {dynamic(grant)}
                    {button(Weight::Quiet, None, tr!(people.refuse).to_string(), "approval-refuse", move || decide(other.clone(), false))}
                </div>
            }
            .into_any()
        };
        view! {
            <li class="row person" data-testid="approval-row">
                <p>{words_of(&approval)}</p>
                {approval.ward.map(|ward| view! { <p class="soft">{naming::ward(register, ward)}</p> })}
                {actions}
            </li>
        }
    };
    dynamic(move || {
        let waiting = asked.get();
        (!waiting.is_empty()).then(|| {
            let register = state.register.get();
            let lines = waiting.into_iter().map(|approval| line(&register, approval)).collect_view();
            section(tr!(people.approvals), view! { <ul class="rows">{lines}</ul> })
        })
    })
}

fn words_of(approval: &Approval) -> String {
    let (who, person) = (approval.asked_by.name.clone(), approval.person.name.clone());
    match approval.role {
        None if let Some((reason, created)) = approval.reason.zip(approval.case_created_at) => {
            let created = donghanh_shared::domain::Date::of_moment(created).for_people();
            tr!(people.asked_erasure, who = who, day = created, why = words(reason))
        }
        Some(role) => tr!(people.asked_role, who = who, person = person, role = words(role)),
        None => tr!(people.asked, who = who, person = person),
    }
}

fn new_person(state: AppState, shown: Shown, added: impl Fn() + Copy + 'static) -> AnyView {
    let full_name = RwSignal::new(String::new());
    let choice = RoleChoice::of(None);
    let problems: Problems = RwSignal::new(Vec::new());
    let general = RwSignal::new(None::<Problem>);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let RoleAt { role, ward, organisation, place } = choice.chosen(state);
        let full_name_typed = full_name.get_untracked().trim().to_owned();
        let whom = NewInvitation { full_name: full_name_typed, role, ward, organisation, place };
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
                Err(problem) => {
                    // The account may be there, waiting for a second person.
                    added();
                    general.try_set(Some(problem));
                }
            }
        });
    };
    view! {
        <form class="stack" on:submit=submit>
            <p class="field-hint">{tr!(people.invite_hint).to_string()}</p>
            {problem_notice(general.into())}
            {text_field("person-full-name", tr!(people.full_name), None, TextKind::text("person-full-name"), full_name, problem_at(problems, "full_name"))}
            {choice.fields(state, ["person-role", "person-ward", "person-school", "person-organisation"], problems)}
            <button type="submit" class=Weight::Main.class() data-testid="person-invite">{tr!(people.invite).to_string()}</button>
        </form>
    }
    .into_any()
}
