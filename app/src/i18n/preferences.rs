//! Small choices of this phone (language, theme), kept outside the record store because the first paint needs them.

use leptos::prelude::window;
use leptos::wasm_bindgen::JsCast as _;

/// The choice made earlier, if any.
pub fn remembered(key: &str) -> Option<String> {
    let storage = js_sys::Reflect::get(&window(), &"localStorage".into()).ok()?;
    let get: js_sys::Function = js_sys::Reflect::get(&storage, &"getItem".into()).ok()?.dyn_into().ok()?;
    get.call1(&storage, &key.into()).ok()?.as_string()
}

/// Remembers a small preference, or forgets it. Where storage is switched off it holds until the app closes.
pub fn remember(key: &str, value: Option<&str>) {
    let Ok(storage) = js_sys::Reflect::get(&window(), &"localStorage".into()) else { return };
    let name = if value.is_some() { "setItem" } else { "removeItem" };
    let Some(call) =
        js_sys::Reflect::get(&storage, &name.into()).ok().and_then(|f| f.dyn_into::<js_sys::Function>().ok())
    else {
        return;
    };
    let _ = match value {
        Some(value) => call.call2(&storage, &key.into(), &value.into()),
        None => call.call1(&storage, &key.into()),
    };
}
