//! The browser as the engine needs it: clock, chance, pauses, locks, marks, a crash that does not go unseen. No
//! storage of records, no network and no interface.

use std::cell::RefCell;

use donghanh_shared::domain::date::Millis;
use donghanh_shared::ids::DocumentId;
use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

mod js {
    use super::*;

    #[wasm_bindgen(module = "/src/browser.js")]
    extern "C" {
        pub fn lead(name: &str) -> Promise;
        pub fn breathe() -> Promise;
        pub fn painted() -> Promise;
        pub fn later(ms: f64) -> Promise;
        pub fn storage() -> Promise;
        #[wasm_bindgen(catch)]
        pub fn mark(name: &str) -> Result<(), JsValue>;
        #[wasm_bindgen(catch)]
        pub fn measure(name: &str, from: &str, to: &str) -> Result<(), JsValue>;
        pub fn hold(id: Option<String>);
        pub fn watch(key: &str);
        pub fn recall(key: &str) -> Option<String>;
        #[wasm_bindgen(js_name = onAwake)]
        pub fn on_awake(callback: &JsValue);
        #[wasm_bindgen(js_name = onUpdate)]
        pub fn on_update(callback: &JsValue);
        #[wasm_bindgen(js_name = tellLoader)]
        pub fn tell_loader(what: &str);
        #[wasm_bindgen(js_name = onIdle)]
        pub fn on_idle(idle: f64, away: f64, picking: f64, callback: &JsValue);
        #[wasm_bindgen(js_name = takeFragment)]
        pub fn take_fragment() -> Option<String>;
        #[wasm_bindgen(js_name = onFragment)]
        pub fn on_fragment(callback: &JsValue);
        #[wasm_bindgen(js_name = saveFile)]
        pub fn save_file(name: &str, bytes: &[u8]);
        #[wasm_bindgen(js_name = chosenFile)]
        pub fn chosen_file(input: &JsValue) -> Promise;
    }
}

/// How long work may hold the main thread, in milliseconds.
const SLICE_MS: f64 = 8.0;
/// Where a crash leaves the documents on which the program died.
const CRASHED: &str = "donghanh.crashed";

thread_local! {
    static HELD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Now, in milliseconds UTC, by this phone's clock.
#[must_use]
#[allow(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit")]
pub fn now() -> Millis {
    js_sys::Date::now() as Millis
}

/// Sixteen random bytes.
#[must_use]
pub fn random_id() -> [u8; 16] {
    let mut bytes = [0; 16];
    // The browser's generator cannot fail once the page runs in a secure context.
    if getrandom::fill(&mut bytes).is_err() {
        warn("no random bytes");
    }
    bytes
}

/// Says something to the console, for whoever looks into a failure.
pub fn warn(text: &str) {
    web_sys::console::warn_1(&text.into());
}

/// Waits.
#[allow(clippy::cast_precision_loss, reason = "pauses are short")]
pub async fn later(ms: u64) {
    // A timer does not fail.
    let _ = JsFuture::from(js::later(ms as f64)).await;
}

/// Waits until what was changed so far is on the screen.
pub async fn painted() {
    let _ = JsFuture::from(js::painted()).await;
}

/// Waits until this tab leads; it then leads until it is closed.
pub async fn lead(name: &str) {
    // A tab that asked again would wait behind itself.
    if HELD.with_borrow(|held| held.iter().any(|known| known == name)) {
        return;
    }
    let _ = JsFuture::from(js::lead(name)).await;
    HELD.with_borrow_mut(|held| held.push(name.to_owned()));
}

/// What this installation is called in the list of devices.
#[must_use]
pub fn device_name() -> String {
    let agent = web_sys::window().and_then(|window| window.navigator().user_agent().ok()).unwrap_or_default();
    device_words(&agent)
}

/// What people call it, from what the browser says of itself: "Android · Chrome".
fn device_words(agent: &str) -> String {
    let first = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| agent.contains(mark)).map_or("", |(_, words)| words)
    };
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Macintosh", "Mac"),
        ("Linux", "Linux"),
    ]);
    // Chrome also says Safari, Edge also says Chrome.
    let browser =
        first(&[("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari")]);
    [system, browser].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// Loads the page anew.
pub fn reload() {
    if let Some(window) = web_sys::window() {
        // It fails only where the page may not navigate at all.
        let _ = window.location().reload();
    }
}

/// Bytes used, bytes allowed, and whether the browser promised to keep the store; it is asked to.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes of a store are whole and positive"
)]
pub async fn storage() -> Option<(u64, u64, bool)> {
    let told = JsFuture::from(js::storage()).await.ok()?;
    let told = told.dyn_ref::<Array>()?;
    Some((told.get(0).as_f64()? as u64, told.get(1).as_f64()? as u64, told.get(2).as_bool()?))
}

/// Long work in slices: gives the browser a turn when the slice is used up.
pub struct Slices {
    began: f64,
}

impl Slices {
    /// Begins a slice now.
    #[must_use]
    pub fn begin() -> Self {
        Self { began: js_sys::Date::now() }
    }

    /// Gives the browser a turn if this slice is used up.
    pub async fn turn(&mut self) {
        if js_sys::Date::now() - self.began >= SLICE_MS {
            let _ = JsFuture::from(js::breathe()).await;
            self.began = js_sys::Date::now();
        }
    }
}

/// Sets a mark for measurements.
pub fn mark(name: &str) {
    let _ = js::mark(name);
}

/// Notes the time between two marks.
pub fn measure(name: &str, from: &str, to: &str) {
    let _ = js::measure(name, from, to);
}

/// Calls back whenever there may be a connection again, or a person looks at the app.
pub fn on_awake(callback: impl FnMut() + 'static) {
    js::on_awake(&Closure::<dyn FnMut()>::new(callback).into_js_value());
}

/// Calls back when a newer version of the app is ready.
pub fn on_update(callback: impl FnMut() + 'static) {
    js::on_update(&Closure::<dyn FnMut()>::new(callback).into_js_value());
}

/// Calls back when nobody touched the app for a while, or it was out of sight; not while a camera is open. Milliseconds.
pub fn on_idle((idle, away, picking): (f64, f64, f64), callback: impl FnMut() + 'static) {
    js::on_idle(idle, away, picking, &Closure::<dyn FnMut()>::new(callback).into_js_value());
}

/// Takes what stands behind `#/` in the address out of it: `/join/07…`.
#[must_use]
pub fn take_fragment() -> Option<String> {
    js::take_fragment()
}

/// Calls back when the address gets another fragment.
pub fn on_fragment(callback: impl FnMut() + 'static) {
    js::on_fragment(&Closure::<dyn FnMut()>::new(callback).into_js_value());
}

/// Saves bytes as a file of the person's own.
pub fn save_file(name: &str, bytes: &[u8]) {
    js::save_file(name, bytes);
}

/// The bytes of the file chosen in an input.
pub async fn chosen_file(input: &JsValue) -> Option<Vec<u8>> {
    let chosen = JsFuture::from(js::chosen_file(input)).await.ok()?;
    chosen.dyn_into::<js_sys::Uint8Array>().ok().map(|bytes| bytes.to_vec())
}

/// Asks the loader to take the newer version and load the page anew.
pub fn take_update() {
    js::tell_loader("take-update");
}

/// Lets the page notice when this program dies (a panic, memory or stack run out): the loader tells the person that what
/// was saved is safe, and the document in hand is remembered, so that the next start sets it aside. All of it is
/// JavaScript's work: a program that died cannot do it. In the phone's build a panic has no message; a build for
/// development writes it to the console.
pub fn watch_crashes() {
    #[cfg(debug_assertions)]
    std::panic::set_hook(Box::new(|info| web_sys::console::error_1(&info.to_string().into())));
    js::watch(&crash_key());
}

/// A newer version may survive what this one did not, so each keeps its own list.
fn crash_key() -> String {
    let page = web_sys::window().and_then(|window| window.document());
    let version = page
        .and_then(|page| page.query_selector("meta[name=version]").ok().flatten())
        .and_then(|meta| meta.get_attribute("content"));
    format!("{CRASHED}.{}", version.unwrap_or_default())
}

/// Does something to a document that may be damaged: should the program die of it, the next start knows which it was.
pub fn in_hand<T>(id: DocumentId, work: impl FnOnce() -> T) -> T {
    js::hold(Some(id.to_string()));
    let done = work();
    js::hold(None);
    done
}

/// The documents on which the program died before.
#[must_use]
pub fn crashed() -> Vec<DocumentId> {
    js::recall(&crash_key()).unwrap_or_default().split(' ').filter_map(|id| id.parse().ok()).collect()
}

/// A channel between the tabs of this app.
#[derive(Clone)]
pub struct Tabs {
    channel: Option<web_sys::BroadcastChannel>,
}

impl Tabs {
    /// Joins the channel; `heard` gets what other tabs say.
    #[must_use]
    pub fn join(name: &str, mut heard: impl FnMut(String) + 'static) -> Self {
        let channel = web_sys::BroadcastChannel::new(name).ok();
        if let Some(channel) = &channel {
            let listener =
                Closure::<dyn FnMut(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| {
                    if let Some(text) = event.data().as_string() {
                        heard(text);
                    }
                });
            channel.set_onmessage(Some(listener.into_js_value().unchecked_ref()));
        }
        Self { channel }
    }

    /// Tells the other tabs.
    pub fn say(&self, text: &str) {
        if let Some(channel) = &self.channel {
            // It fails only when the channel was closed.
            let _ = channel.post_message(&text.into());
        }
    }

    /// Leaves the channel.
    pub fn leave(&self) {
        if let Some(channel) = &self.channel {
            channel.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::device_words;

    #[test]
    fn a_device_is_called_what_people_call_it() {
        let android = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36";
        assert_eq!(device_words(android), "Android · Chrome");
        let edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0";
        assert_eq!(device_words(edge), "Windows · Edge");
        assert_eq!(device_words(""), "");
    }
}
