//! Pictures as the engine needs them: chosen by a person, drawn anew and sealed, opened to be shown. Encoding and
//! cryptography are the browser's own (canvas, Web Crypto); no storage, no network, no interface.

use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::photo::{MAX_PHOTO_BYTES, MAX_SIDE_PIXELS};
use donghanh_shared::ids::{PhotoId, PhotoKey};
use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

mod js {
    use super::*;

    #[wasm_bindgen(module = "/src/photo.js")]
    extern "C" {
        pub fn chosen(input: &JsValue) -> Array;
        pub fn sealed(file: &JsValue, side: u32, limit: u32) -> Promise;
        pub fn opened(whole: &Uint8Array, key: &Uint8Array) -> Promise;
        pub fn closed(address: &str);
    }
}

/// A picture that a person chose, as the camera or the gallery gave it.
#[derive(Clone, Debug)]
pub struct Chosen(JsValue);

/// A picture ready to be kept and sent.
pub struct Sealed {
    /// Hash of `bytes`.
    pub id: PhotoId,
    /// What opens it.
    pub key: PhotoKey,
    /// The sealed picture.
    pub bytes: Vec<u8>,
}

/// What was chosen in this file input.
#[must_use]
pub fn chosen(input: &JsValue) -> Vec<Chosen> {
    js::chosen(input).iter().map(Chosen).collect()
}

impl Chosen {
    /// Draws it anew within our limits and seals it. Nothing of the original is kept.
    ///
    /// # Errors
    /// `photo_unreadable` for what is no picture, `photo_too_large`.
    pub async fn seal(&self) -> Result<Sealed, Problem> {
        let limit = u32::try_from(MAX_PHOTO_BYTES).unwrap_or(u32::MAX);
        let made = JsFuture::from(js::sealed(&self.0, MAX_SIDE_PIXELS, limit)).await.map_err(|error| {
            if error.is_null() {
                return Problem::new(Code::PhotoTooLarge);
            }
            web_sys::console::warn_2(&"photo:".into(), &error);
            Problem::new(Code::PhotoUnreadable)
        })?;
        let part = |at: u32| Uint8Array::new(&Array::from(&made).get(at)).to_vec();
        match (PhotoId::from_slice(&part(0)), PhotoKey::from_slice(&part(1))) {
            (Some(id), Some(key)) => Ok(Sealed { id, key, bytes: part(2) }),
            _ => Err(Problem::new(Code::PhotoUnreadable)),
        }
    }
}

/// A sealed picture opened to be shown. The browser holds it until this is dropped.
#[derive(Debug)]
pub struct Opened {
    address: String,
}

impl Opened {
    /// Opens it.
    ///
    /// # Errors
    /// `photo_unreadable` for another key, or damaged bytes.
    pub async fn open(bytes: &[u8], key: PhotoKey) -> Result<Self, Problem> {
        let key = Uint8Array::from(key.as_bytes());
        let address = JsFuture::from(js::opened(&Uint8Array::from(bytes), &key)).await.ok();
        let address = address.and_then(|address| address.as_string());
        address.map(|address| Self { address }).ok_or_else(|| Problem::new(Code::PhotoUnreadable))
    }

    /// The address for an `img`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        js::closed(&self.address);
    }
}
