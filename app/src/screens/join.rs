//! An invitation: who is invited and as what, an account password if the person wants one, and on to the PIN.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::me::language_choice;
use crate::components::action::{Weight, button};
use crate::components::field::{TextKind, problem_at, text_field};
use crate::components::notice::{Tone, notice, problem_notice};
use crate::components::page::{Frame, page};
use crate::components::view::dynamic;
use crate::i18n::format::capital;
use crate::i18n::{language, tr, words};
use crate::state::{AppState, Invited};

/// Draws the screen.
pub fn join(invitation: String) -> AnyView {
    let state = AppState::get();
    let found = RwSignal::new(None);
    let asked = invitation.clone();
    spawn_local(async move {
        found.try_set(Some(state.look_at_invitation(&asked).await));
    });
    let leave = move || state.invitation.set(None);
    let content = move || {
        match found.get() {
        None => view! { <p class="soft" role="status">{tr!(join.looking).to_string()}</p> }.into_any(),
        Some(Err(problem)) => view! {
            <div class="stack">
                {notice(Tone::Fail, view! { <p data-testid="invitation-problem">{problem.sentence(language())}</p> })}
                {button(Weight::Plain, None, tr!(join.leave).to_string(), "join-leave", leave)}
            </div>
        }
        .into_any(),
        Some(Ok(invited)) => accept(state, invitation.clone(), &invited),
    }
    };
    let body = view! {
        {dynamic(content)}
        <div class="quiet-legend">{language_choice("language")}</div>
    };
    page(Frame::default(), tr!(join.title).to_string(), (), body, None)
}

fn accept(state: AppState, invitation: String, invited: &Invited) -> AnyView {
    let password = RwSignal::new(String::new());
    let problems = RwSignal::new(Vec::new());
    let general = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let invitation = invitation.clone();
        spawn_local(async move {
            let password = Some(password.get_untracked()).filter(|password| !password.is_empty());
            match state.join(&invitation, password).await {
                Ok(()) => state.invitation.set(None),
                Err(problem) if problem.field.is_some() => drop(problems.try_set(vec![problem])),
                Err(problem) => drop(general.try_set(Some(problem))),
            }
            busy.try_set(false);
        });
    };
    let role = invited.role.map(|role| capital(words(role))).unwrap_or_default();
    let kind = TextKind { kind: "password", autocomplete: "new-password", test: "join-password" };
    let hint = Some(tr!(join.password_hint).to_string());
    view! {
        <form class="stack" on:submit=submit>
            <p class="strong" data-testid="join-name">{invited.full_name.clone()}</p>
            <p class="soft">{role}</p>
            <p>{tr!(join.hint).to_string()}</p>
            {problem_notice(general.into())}
            {text_field("join-password", tr!(join.password), hint, kind, password, problem_at(problems, "password"))}
            <button type="submit" class=Weight::Main.class() data-testid="join">{tr!(join.go).to_string()}</button>
        </form>
    }
    .into_any()
}
