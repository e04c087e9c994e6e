//! The phone's program: mounts the interface and starts the engine. Layers:
//! `screens` → `components`, `state`, `i18n`; `state` → `store`, `sync`. Nothing but the wiring lives here.

pub mod browser;
pub mod components;
pub mod i18n;
pub mod kdf;
pub mod photo;
pub mod screens;
pub mod state;
pub mod store;
pub mod sync;

use leptos::prelude::*;
/// The static shell of `index.html`, which stands until the interface takes its place.
const SHELL: &str = "shell";

fn main() {
    browser::watch_crashes();
    let state = state::AppState::new();
    mount_to_body(move || {
        provide_context(state);
        view! { <screens::App /> }
    });
    if let Some(shell) = document().get_element_by_id(SHELL) {
        shell.remove();
    }
    leptos::task::spawn_local(state.start());
}
