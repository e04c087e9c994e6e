//! Two-step codes for accounts of supervisors: scan, type the first code, go on.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::action::Weight;
use crate::components::field::{TextKind, no_problem, text_field};
use crate::components::notice::{Tone, notice, problem_notice};
use crate::components::page::{Frame, page};
use crate::components::view::dynamic;
use crate::i18n::{language, tr};
use crate::state::{AppState, CodeSetUp};

/// Draws the screen.
pub fn new_code() -> AnyView {
    let state = AppState::get();
    let found = RwSignal::new(None);
    spawn_local(async move {
        found.try_set(Some(state.begin_code().await));
    });
    let content = move || match found.get() {
        None => view! { <p class="soft" role="status">{tr!(code.preparing).to_string()}</p> }.into_any(),
        Some(Err(problem)) => notice(Tone::Fail, view! { <p>{problem.sentence(language())}</p> }),
        Some(Ok(set_up)) => form(state, &set_up),
    };
    page(Frame::default(), tr!(code.title).to_string(), (), view! { {dynamic(content)} }, None)
}

fn form(state: AppState, set_up: &CodeSetUp) -> AnyView {
    let code = RwSignal::new(String::new());
    let problem = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let outcome = state.confirm_code(code.get_untracked().trim()).await;
            busy.try_set(false);
            problem.try_set(outcome.err());
        });
    };
    let kind = TextKind { kind: "text", autocomplete: "one-time-code", test: "new-code" };
    let picture =
        format!("data:image/svg+xml;utf8,{}", String::from(js_sys::encode_uri_component(&set_up.qr_svg)));
    view! {
        <form class="stack" on:submit=submit>
            <p>{tr!(code.hint).to_string()}</p>
            <img class="qr" src=picture alt=tr!(code.picture).to_string() width="220" height="220" />
            <p class="soft">{tr!(code.by_hand).to_string()}" "<code class="secret" data-testid="code-secret">{set_up.secret.clone()}</code></p>
            {problem_notice(problem.into())}
            {text_field("new-code", tr!(code.first), None, kind, code, no_problem())}
            <button type="submit" class=Weight::Main.class() data-testid="code-confirm">{tr!(code.go_on).to_string()}</button>
        </form>
    }
    .into_any()
}
