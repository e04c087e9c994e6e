//! What a person can do for the safety of their phone: lock now, another PIN, the phone's own lock, a rescue file of
//! another phone, an account password.

use leptos::ev::Event;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser;
use crate::components::action::{Weight, button, link};
use crate::components::field::{Problems, TextKind, problem_at, text_field};
use crate::components::notice::{Tone, notice, problem_notice};
use crate::components::page::{Frame, page, section};
use crate::components::view::dynamic;
use crate::i18n::{language, tr};
use crate::state::{AppState, Rescued};

/// The part of the person's screen.
pub fn safety(state: AppState) -> AnyView {
    let said = RwSignal::new(None::<&'static str>);
    let problem = RwSignal::new(None);
    let can = RwSignal::new(false);
    spawn_local(async move {
        can.try_set(state.has_own_lock().await);
    });
    let lock = move || {
        spawn_local(async move {
            problem.try_set(state.lock().await.err());
        });
    };
    let own = move || {
        spawn_local(async move {
            match state.use_own_lock().await {
                Ok(true) => drop(said.try_set(Some(tr!(me.own_on)))),
                Ok(false) => drop(said.try_set(Some(tr!(me.own_off)))),
                Err(found) => drop(problem.try_set(Some(found))),
            }
        });
    };
    let own_lock = move || {
        can.get().then(|| button(Weight::Plain, None, tr!(me.own_lock).to_string(), "use-own-lock", own))
    };
    let content = view! {
        <div class="stack">
            {problem_notice(problem.into())}
            <div role="status">{dynamic(move || said.get().map(|words| notice(Tone::Good, view! { <p>{words}</p> })))}</div>
            <div class="line">
                {button(Weight::Plain, None, tr!(me.lock_now).to_string(), "lock-now", lock)}
                {link(Weight::Plain, None, tr!(me.change_secret), "/me/secret".to_owned(), "change-secret")}
                {link(Weight::Plain, None, tr!(me.password), "/me/password".to_owned(), "change-password")}
                {dynamic(own_lock)}
            </div>
            {import(state)}
        </div>
    };
    section(tr!(me.safety), content)
}

fn import(state: AppState) -> AnyView {
    let outcome = RwSignal::new(None);
    let chosen = move |event: Event| {
        let Some(input) = event.target() else { return };
        spawn_local(async move {
            let Some(bytes) = browser::chosen_file(&input).await else { return };
            outcome.try_set(Some(state.import_rescue(&bytes).await));
        });
    };
    let told = move || {
        outcome.get().map(|outcome| match outcome {
            Ok(rescued) => notice(Tone::Good, rescued_words(&rescued)),
            Err(problem) => notice(Tone::Fail, view! { <p>{problem.sentence(language())}</p> }),
        })
    };
    view! {
        <div class="stack">
            <label class="button">
                <span>{tr!(me.import).to_string()}</span>
                <input type="file" accept=".dhr" class="visually-hidden" data-testid="rescue-input" on:change=chosen />
            </label>
            <p class="field-hint">{tr!(me.import_hint).to_string()}</p>
            <div role="status" data-testid="rescue-outcome">{dynamic(told)}</div>
        </div>
    }
    .into_any()
}

fn rescued_words(rescued: &Rescued) -> AnyView {
    let refused: usize = rescued.refused.iter().map(|refusal| refusal.count).sum();
    view! {
        <p>{tr!(me.imported, taken = rescued.taken, already = rescued.already, parked = rescued.parked)}</p>
        {(rescued.photos > 0).then(|| view! { <p>{tr!(me.imported_photos, n = rescued.photos)}</p> })}
        {(refused > 0).then(|| view! { <p>{tr!(me.import_refused, n = refused)}</p> })}
    }
    .into_any()
}

/// Another account password.
pub fn password() -> AnyView {
    let state = AppState::get();
    let old = RwSignal::new(String::new());
    let new = RwSignal::new(String::new());
    let problems: Problems = RwSignal::new(Vec::new());
    let general = RwSignal::new(None);
    let done = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        spawn_local(async move {
            let before = Some(old.get_untracked()).filter(|old| !old.is_empty());
            let outcome = state.change_password(before, new.get_untracked()).await;
            done.try_set(outcome.is_ok());
            match outcome {
                Ok(()) => {
                    problems.try_set(Vec::new());
                    general.try_set(None);
                }
                Err(problem) if problem.field.is_some() => drop(problems.try_set(vec![problem])),
                Err(problem) => drop(general.try_set(Some(problem))),
            }
        });
    };
    let kind = |autocomplete, test| TextKind { kind: "password", autocomplete, test };
    let (old_kind, new_kind) =
        (kind("current-password", "old-password"), kind("new-password", "new-password"));
    let (old_hint, new_hint) = (tr!(safety.old_hint).to_string(), tr!(people.password_hint).to_string());
    let body = view! {
        <form class="stack" on:submit=submit>
            <p>{tr!(safety.password_what).to_string()}</p>
            {problem_notice(general.into())}
            <div role="status">{dynamic(move || done.get().then(|| notice(Tone::Good, view! { <p>{tr!(safety.password_done).to_string()}</p> })))}</div>
            {text_field("old-password", tr!(safety.old), Some(old_hint), old_kind, old, problem_at(problems, "old"))}
            {text_field("new-password", tr!(safety.new), Some(new_hint), new_kind, new, problem_at(problems, "new"))}
            <button type="submit" class=Weight::Main.class() data-testid="keep-password">{tr!(safety.keep_password).to_string()}</button>
        </form>
    };
    page(Frame::back("/me"), tr!(me.password).to_string(), (), body, None)
}
