//! The few calls to the browser that the interface makes itself: focus, the position, marks for measurements, waiting
//! until things are quiet. No storage, no network.

use std::time::Duration;

use leptos::prelude::*;
use leptos::wasm_bindgen::closure::Closure;
use leptos::wasm_bindgen::{JsCast as _, JsValue};
use leptos::web_sys;

/// Moves the focus to an element after the next paint.
pub fn focus_later(id: impl Into<String>) {
    let id = id.into();
    request_animation_frame(move || focus(&id));
}

/// The same, unless the person is writing by then: on a slow phone the next paint may come after the first letter.
pub fn rest_on_later(id: &'static str) {
    request_animation_frame(move || {
        let written_in = document().active_element().map(|element| element.tag_name());
        if !written_in.is_some_and(|tag| ["INPUT", "TEXTAREA", "SELECT"].contains(&tag.as_str())) {
            focus(id);
        }
    });
}

/// Moves the focus to an element now, which brings it into view where it is not; nothing happens when it is not there.
pub fn focus(id: &str) {
    let Some(element) = document().get_element_by_id(id) else { return };
    if let Ok(element) = element.dyn_into::<web_sys::HtmlElement>() {
        let _ = element.focus();
    }
}

/// Shows the beginning of the page.
pub fn to_top() {
    window().scroll_to_with_x_and_y(0.0, 0.0);
}

/// A point in time for measurements (`performance.mark`).
pub fn mark(name: &str) {
    let Ok(performance) = js_sys::Reflect::get(&window(), &"performance".into()) else { return };
    if let Some(mark) = js_sys::Reflect::get(&performance, &"mark".into())
        .ok()
        .and_then(|f| f.dyn_into::<js_sys::Function>().ok())
    {
        let _ = mark.call1(&performance, &name.into());
    }
}

/// Whether the browser believes that it is online. A hint for words on a button, nothing more.
pub fn seems_online() -> bool {
    window().navigator().on_line()
}

/// Calls `done` with latitude and longitude × 1,000,000, or `None` when the phone cannot or may not tell.
pub fn position(done: impl Fn(Option<(i32, i32)>) + Clone + 'static) {
    let Ok(geolocation) = js_sys::Reflect::get(&window().navigator(), &"geolocation".into()) else {
        return done(None);
    };
    let ask = js_sys::Reflect::get(&geolocation, &"getCurrentPosition".into());
    let Some(ask) = ask.ok().and_then(|f| f.dyn_into::<js_sys::Function>().ok()) else { return done(None) };
    let failed = done.clone();
    let found = Closure::once_into_js(move |place: JsValue| done(coordinates(&place)));
    let failed = Closure::once_into_js(move |_: JsValue| failed(None));
    let options = js_sys::Object::new();
    let _ = js_sys::Reflect::set(&options, &"timeout".into(), &20_000.into());
    let _ = ask.call3(&geolocation, &found, &failed, &options);
}

fn coordinates(place: &JsValue) -> Option<(i32, i32)> {
    let coords = js_sys::Reflect::get(place, &"coords".into()).ok()?;
    let read = |name: &str| {
        js_sys::Reflect::get(&coords, &name.into()).ok()?.as_f64().map(|v| (v * 1e6).round() as i32)
    };
    Some((read("latitude")?, read("longitude")?))
}

/// Calls `act` once things have been quiet for `quiet`: each call starts the wait again.
#[derive(Clone, Copy)]
pub struct Later(StoredValue<Option<TimeoutHandle>>);

impl Later {
    /// Nothing waits yet.
    pub fn idle() -> Self {
        Self(StoredValue::new(None))
    }

    /// Starts the wait (again).
    pub fn call(self, quiet: Duration, act: impl FnOnce() + 'static) {
        self.cancel();
        self.0.set_value(set_timeout_with_handle(act, quiet).ok());
    }

    /// Gives up what waits.
    pub fn cancel(self) {
        if let Some(handle) = self.0.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    }
}

/// Runs `act` whenever the page is hidden (the person switches apps or closes it), for as long as the owner lives.
pub fn when_hidden(act: impl Fn() + 'static) {
    let handle = window_event_listener_untyped("visibilitychange", move |_| {
        if document().hidden() {
            act();
        }
    });
    on_cleanup(move || handle.remove());
}

/// Opens the browser's own dialog for printing.
pub fn print() {
    // A browser that cannot print says so itself.
    let _ = window().print();
}
