//! The address of the screen: reading it, going elsewhere, and following links without loading the page again.
//!
//! Small on purpose: a phone downloads it. Which address shows which screen is decided by `screens::route`.

use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast as _, JsValue};
use leptos::web_sys;

thread_local! {
    static ADDRESS: Address = Address::watch();
}

/// Path and query of the address bar, as signals that belong to no screen.
#[derive(Clone)]
struct Address {
    path: ArcRwSignal<String>,
    query: ArcRwSignal<String>,
}

impl Address {
    /// Reads the address and follows it from now on. Lives as long as the page.
    fn watch() -> Self {
        let address = Self { path: ArcRwSignal::new(String::new()), query: ArcRwSignal::new(String::new()) };
        address.read();
        let again = address.clone();
        window_event_listener_untyped("popstate", move |_| again.read());
        window_event_listener(leptos::ev::click, follow);
        address
    }

    fn read(&self) {
        let location = window().location();
        let path = location.pathname().unwrap_or_default();
        let query = location.search().unwrap_or_default();
        if self.query.with_untracked(|now| *now != query) {
            self.query.set(query);
        }
        if self.path.with_untracked(|now| *now != path) {
            self.path.set(path);
        }
    }
}

/// The path of the address: `/visits/07`.
pub fn path() -> Signal<String> {
    let path = ADDRESS.with(|address| address.path.clone());
    Signal::derive(move || path.get())
}

/// The value of a name in the query; whoever reads it hears of changes. Values here never hold encoded characters
/// but `@` in wards.
pub fn query(name: &str) -> Option<String> {
    ADDRESS.with(|address| {
        address.query.with(|query| {
            query.trim_start_matches('?').split('&').find_map(|part| {
                let (key, value) = part.split_once('=')?;
                (key == name).then(|| value.replace("%40", "@"))
            })
        })
    })
}

/// Goes to another screen; "back" leads here again.
pub fn go(to: &str) {
    leave(to, false);
}

/// Goes to another screen in place of this one: "back" does not lead here again.
pub fn replace(to: &str) {
    leave(to, true);
}

fn leave(to: &str, replace: bool) {
    let Ok(history) = window().history() else { return };
    let outcome = match replace {
        true => history.replace_state_with_url(&JsValue::NULL, "", Some(to)),
        false => history.push_state_with_url(&JsValue::NULL, "", Some(to)),
    };
    if outcome.is_ok() {
        window().scroll_to_with_x_and_y(0.0, 0.0);
        ADDRESS.with(Address::read);
    }
}

/// A pressed link inside the app changes the screen; every other press is left to the browser.
fn follow(event: web_sys::MouseEvent) {
    let plain = event.button() == 0
        && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
    if event.default_prevented() || !plain {
        return;
    }
    let pressed = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let link = pressed.and_then(|element| element.closest("a[href]").ok().flatten());
    let Some(to) = link.and_then(|link| link.get_attribute("href")).filter(|to| to.starts_with('/')) else {
        return;
    };
    event.prevent_default();
    go(&to);
}
