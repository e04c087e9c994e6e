//! Signing in: name and password; in a demo, one button for each person it offers.

use donghanh_shared::domain::error::Code;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::me::language_choice;
use crate::components::action::{Weight, button, link};
use crate::components::address;
use crate::components::field::{TextKind, no_problem, text_field};
use crate::components::notice::{Tone, notice, problem_notice};
use crate::components::page::{Frame, page, section};
use crate::components::view::dynamic;
use crate::i18n::tr;
use crate::state::{AppState, DemoSignIn, Phase};

/// Where somebody signs in again.
const PATH: &str = "/sign-in";

/// Said where people look for what happens to their records, while the session has run out. Nothing is lost by signing
/// in again: the same person goes on with the same records.
pub fn again(state: AppState) -> AnyView {
    let out = Memo::new(move |_| {
        state.sync.with(|sync| sync.problem.as_ref().is_some_and(|problem| problem.code == Code::NotSignedIn))
    });
    dynamic(move || {
        out.get().then(|| {
            notice(
                Tone::Wait,
                view! {
                    <p>{tr!(sign_in.again).to_string()}</p>
                    {link(Weight::Plain, None, tr!(sign_in.again_button), PATH.to_owned(), "sign-in-again")}
                },
            )
        })
    })
}

/// Draws the screen.
pub fn sign_in() -> AnyView {
    let state = AppState::get();
    let name = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let problem = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let code = RwSignal::new(String::new());
    // Asked for only once the password was right.
    let asks_code = RwSignal::new(false);
    let enter = move |name: String, password: String| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        spawn_local(async move {
            let typed = Some(code.get_untracked().trim().to_owned()).filter(|code| !code.is_empty());
            let outcome = state.sign_in(name, password, typed).await;
            if outcome.as_ref().is_err_and(|problem| problem.code == Code::CodeNeeded) {
                asks_code.try_set(true);
            }
            if outcome.is_ok() && address::path().get_untracked() == PATH {
                address::replace("/");
            }
            // After success this screen is gone.
            busy.try_set(false);
            problem.try_set(outcome.err());
        });
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        enter(name.get_untracked().trim().to_owned(), password.get_untracked());
    };
    let name_kind = TextKind { kind: "text", autocomplete: "username", test: "sign-in-name" };
    let password_kind =
        TextKind { kind: "password", autocomplete: "current-password", test: "sign-in-password" };
    let code_kind = TextKind { kind: "text", autocomplete: "one-time-code", test: "sign-in-code" };
    let locked = Memo::new(move |_| state.phase.get() == Phase::Locked);
    let back = move || {
        locked
            .get()
            .then(|| link(Weight::Quiet, None, tr!(sign_in.locked_back), "/".to_owned(), "back-to-lock"))
    };
    let words =
        move || if busy.get() { tr!(sign_in.busy).to_string() } else { tr!(sign_in.enter).to_string() };
    let body = view! {
        {demo(state, enter)}
        <form class="stack" on:submit=submit>
            {problem_notice(problem.into())}
            {text_field("sign-in-name", tr!(sign_in.name), None, name_kind, name, no_problem())}
            {text_field("sign-in-password", tr!(sign_in.password), None, password_kind, password, no_problem())}
            {dynamic(move || asks_code.get().then(|| text_field("sign-in-code", tr!(sign_in.code), None, code_kind, code, no_problem())))}
            <button type="submit" class=Weight::Main.class() data-testid="sign-in-button">{words}</button>
        </form>
        {dynamic(back)}
        <p class="soft">{tr!(sign_in.hint).to_string()}</p>
        <div class="quiet-legend">{language_choice("language")}</div>
    };
    page(Frame::default(), tr!(sign_in.title).to_string(), (), body, None)
}

fn demo(state: AppState, enter: impl Fn(String, String) + Copy + Send + Sync + 'static) -> AnyView {
    dynamic(move || {
        let offered = state.demo_sign_ins.get();
        (!offered.is_empty()).then(|| {
            let line = |DemoSignIn { name, password, who }: DemoSignIn| {
                view! { <li>{button(Weight::Plain, None, who, "demo-sign-in", move || enter(name.clone(), password.clone()))}</li> }
            };
            let lines = offered.into_iter().map(line).collect_view();
            section(tr!(sign_in.demo), view! { <ul class="demo-people">{lines}</ul> })
        })
    })
}
