//! From what a person types, or from the phone's own lock, to a key. The slow part runs in a worker.

use donghanh_shared::seal::Key;
use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(module = "/src/kdf.js")]
extern "C" {
    #[wasm_bindgen(js_name = rehearse)]
    fn rehearse_with(memory: u32);
    /// Lets the worker go that is ready and was not needed.
    pub fn dismiss();
    fn derived(typed: &[u8], salt: &[u8], secret: &[u8], memory: u32, passes: u32) -> Promise;
    #[wasm_bindgen(js_name = ownLock)]
    fn own_lock() -> Promise;
    #[wasm_bindgen(js_name = makeOwnLock)]
    fn make_own_lock(person: &[u8], name: &str, question: &[u8]) -> Promise;
    #[wasm_bindgen(js_name = askOwnLock)]
    fn ask_own_lock(credential: &[u8], question: &[u8]) -> Promise;
}

/// Memory of a new derivation, in KiB, and its passes: chosen so that an old phone opens within a second. What that is
/// worth is in `docs/security.md`.
pub const COST: (u32, u32) = (32 * 1024, 3);

/// Has the worker ready before it is needed: while somebody types.
pub fn rehearse() {
    rehearse_with(COST.0);
}

/// Derives a key; nothing when the worker cannot be had.
pub async fn derive(typed: &str, salt: &[u8], secret: &[u8], (memory, passes): (u32, u32)) -> Option<Key> {
    let key = JsFuture::from(derived(typed.as_bytes(), salt, secret, memory, passes)).await.ok()?;
    key_of(&key)
}

/// Whether the phone's own lock can keep a secret.
pub async fn has_own_lock() -> bool {
    JsFuture::from(own_lock()).await.is_ok_and(|value| value.is_truthy())
}

/// Makes a credential of the phone's own lock: its name, and its answer to the question.
pub async fn new_own_lock(person: &[u8], name: &str, question: &[u8]) -> Option<(Vec<u8>, Key)> {
    let made = JsFuture::from(make_own_lock(person, name, question)).await.ok()?;
    let made: Array = made.dyn_into().ok()?;
    let credential = made.get(0).dyn_into::<Uint8Array>().ok()?.to_vec();
    // Some phones answer only when asked, not while the credential is made.
    let key = match key_of(&made.get(1)) {
        Some(key) => key,
        None => answer(&credential, question).await?,
    };
    Some((credential, key))
}

/// Asks the phone's own lock.
pub async fn answer(credential: &[u8], question: &[u8]) -> Option<Key> {
    key_of(&JsFuture::from(ask_own_lock(credential, question)).await.ok()?)
}

fn key_of(value: &JsValue) -> Option<Key> {
    Key::from_slice(&value.dyn_ref::<Uint8Array>()?.to_vec())
}
