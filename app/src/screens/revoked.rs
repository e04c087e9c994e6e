//! This phone was taken away: what waited goes to the supervisor, then nothing is left here.

use leptos::prelude::*;

use crate::components::action::{Weight, button};
use crate::components::notice::{Tone, notice};
use crate::components::page::{Frame, page};
use crate::i18n::tr;
use crate::state::AppState;

/// Draws the screen; `None`: the hand-over still waits for a connection.
pub fn revoked(handed_over: Option<usize>) -> AnyView {
    let state = AppState::get();
    let words = match handed_over {
        None => tr!(revoked.waits).to_string(),
        Some(0) => tr!(revoked.empty).to_string(),
        Some(count) => tr!(revoked.handed_over, n = count),
    };
    let tone = if handed_over.is_some() { Tone::Good } else { Tone::Wait };
    let next = match handed_over {
        None => button(Weight::Main, None, tr!(revoked.again).to_string(), "revoked-again", move || {
            state.sync_now()
        }),
        Some(_) => button(
            Weight::Plain,
            None,
            tr!(revoked.begin).to_string(),
            "revoked-begin",
            crate::browser::reload,
        ),
    };
    let body = view! {
        <div class="stack">
            <p>{tr!(revoked.what).to_string()}</p>
            {notice(tone, view! { <p data-testid="revoked">{words}</p> })}
            {next}
        </div>
    };
    page(Frame::default(), tr!(revoked.title).to_string(), (), body, None)
}
