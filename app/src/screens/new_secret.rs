//! Choosing the PIN or passphrase that opens the records on this phone.

use donghanh_shared::domain::error::Problem;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::action::Weight;
use crate::components::field::{TextKind, text_field};
use crate::components::notice::problem_notice;
use crate::components::page::{Frame, page};
use crate::components::view::dynamic;
use crate::i18n::{language, tr};
use crate::state::{AppState, SecretReason, secret};

/// Draws the screen.
pub fn new_secret(reason: SecretReason) -> AnyView {
    let state = AppState::get();
    let frame = if reason == SecretReason::Change { Frame::back("/me") } else { Frame::default() };
    let title = match reason {
        SecretReason::First => tr!(secret.title).to_string(),
        SecretReason::Forgotten | SecretReason::Change => tr!(secret.title_again).to_string(),
        SecretReason::Stronger => tr!(secret.title_stronger).to_string(),
    };
    page(frame, title, (), form(state, reason), None)
}

fn form(state: AppState, reason: SecretReason) -> AnyView {
    let old = RwSignal::new(String::new());
    let typed = RwSignal::new(String::new());
    let again = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<Problem>);
    let differs = RwSignal::new(false);
    let done = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let chosen = typed.get_untracked();
        problem.set(secret::check(&chosen, state.secret_for_cases.get_untracked()).err());
        differs.set(problem.get_untracked().is_none() && chosen != again.get_untracked());
        if problem.get_untracked().is_some() || differs.get_untracked() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let outcome = state.choose_secret(&chosen, &old.get_untracked()).await;
            // Mostly this screen is gone after success.
            busy.try_set(false);
            done.try_set(outcome.is_ok());
            problem.try_set(outcome.err());
        });
    };
    let at = move |field: &'static str| {
        Signal::derive(move || {
            problem.with(|problem| {
                problem.as_ref().filter(|p| p.field.as_deref() == Some(field)).map(|p| p.sentence(language()))
            })
        })
    };
    let other = Signal::derive(move || problem.get().filter(|p| p.field.is_none()));
    let unequal = Signal::derive(move || differs.get().then(|| tr!(secret.differs)));
    let kind = |test| TextKind { kind: "password", autocomplete: "new-password", test };
    let old_kind = TextKind { kind: "password", autocomplete: "off", test: "old-secret" };
    // With the records open, whoever holds the phone has yet to show that it is theirs.
    let asks_old = matches!(reason, SecretReason::Change | SecretReason::Stronger);
    let explained = move || {
        if state.secret_for_cases.get() {
            tr!(secret.hint_cases).to_string()
        } else {
            tr!(secret.hint).to_string()
        }
    };
    let why =
        (reason == SecretReason::Stronger).then(|| view! { <p>{tr!(secret.why_stronger).to_string()}</p> });
    let words = move || if busy.get() { tr!(secret.busy).to_string() } else { tr!(secret.keep).to_string() };
    view! {
        <form class="stack" on:submit=submit>
            {why}
            <p>{dynamic(explained)}</p>
            {problem_notice(other)}
            {asks_old.then(|| text_field("old-secret", tr!(secret.old), None, old_kind, old, at("old")))}
            {text_field("new-secret", tr!(secret.new), None, kind("new-secret"), typed, at("pin"))}
            {text_field("new-secret-again", tr!(secret.again), None, kind("new-secret-again"), again, unequal)}
            <button type="submit" class=Weight::Main.class() data-testid="keep-secret">{words}</button>
            <p class="soft">{tr!(secret.advice).to_string()}</p>
            <p role="status">{dynamic(move || done.get().then(|| tr!(secret.done).to_string()))}</p>
        </form>
    }
    .into_any()
}

/// The same for somebody whose records are open and who wants another one.
pub fn change() -> AnyView {
    new_secret(SecretReason::Change)
}
