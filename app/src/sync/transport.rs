//! The only place that talks to the server: requests with a time limit, answers read whole, problems in their stable
//! codes, and the stream of hints. It decides nothing about what is sent.

use std::cell::RefCell;

use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{DocumentId, InstanceId, PhotoId};
use donghanh_shared::sync::session::Route;
use donghanh_shared::sync::wire::CONTENT_TYPE;
use js_sys::{Reflect, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, ReadableStreamDefaultReader, Request, RequestInit, Response};

use super::hints::Hints;
use crate::browser;

/// Longest wait for an answer to a short request, in milliseconds.
const SHORT_MS: u64 = 20_000;
/// Longest wait for a batch or a page: a worst-case link needs its time.
const LONG_MS: u64 = 90_000;
/// Longest silence of the stream of hints; the server says something every 25 s.
const SILENCE_MS: u64 = 70_000;
const JSON: &str = "application/json";
const SEALED: &str = "application/octet-stream";
/// Answers about records do not belong into the browser's cache.
const NEVER: web_sys::RequestCache = web_sys::RequestCache::NoStore;

/// An answer of the server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Body, decompressed.
    pub body: Vec<u8>,
}

impl Reply {
    /// The problem that an answer tells, if it is not a good one.
    #[must_use]
    pub fn problem(&self) -> Option<Problem> {
        (!(200..300).contains(&self.status)).then(|| problem(self))
    }

    /// The body of a good answer; the problem that any other tells.
    fn checked(self) -> Result<Vec<u8>, Problem> {
        if (200..300).contains(&self.status) { Ok(self.body) } else { Err(problem(&self)) }
    }
}

/// Nothing came back: no connection, cut, too slow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unreached;

impl From<Unreached> for Problem {
    fn from(_: Unreached) -> Self {
        Self::new(Code::NoConnection)
    }
}

struct Ask<'a> {
    method: &'a str,
    path: &'a str,
    body: Option<&'a [u8]>,
    content_type: &'a str,
    encoding: Option<&'a str>,
    wait_ms: u64,
    cache: web_sys::RequestCache,
}

/// The way to the server, with the credential of whoever is signed in.
#[derive(Default)]
pub struct Transport {
    token: RefCell<Option<String>>,
    set_up: RefCell<Option<String>>,
}

impl Transport {
    /// Uses this credential from now on.
    pub fn set_token(&self, token: Option<String>) {
        self.token.replace(token);
    }

    /// Shows the one-time link of an empty server from now on.
    pub fn set_up_with(&self, token: Option<String>) {
        self.set_up.replace(token);
    }

    fn headers(&self, ask: &Ask<'_>) -> Result<Headers, JsValue> {
        let headers = Headers::new()?;
        if ask.body.is_some() {
            headers.set("Content-Type", ask.content_type)?;
        }
        if let Some(encoding) = ask.encoding {
            headers.set("Content-Encoding", encoding)?;
        }
        if let Some(token) = &*self.token.borrow() {
            headers.set("Authorization", &format!("Bearer {token}"))?;
        }
        if let Some(token) = &*self.set_up.borrow() {
            headers.set("X-Set-Up", token)?;
        }
        Ok(headers)
    }

    fn request(&self, ask: &Ask<'_>, abort: &AbortController) -> Result<Request, JsValue> {
        let init = RequestInit::new();
        init.set_method(ask.method);
        init.set_headers(&JsValue::from(self.headers(ask)?));
        init.set_signal(Some(&abort.signal()));
        // The credential travels in its header alone.
        init.set_credentials(web_sys::RequestCredentials::Omit);
        init.set_cache(ask.cache);
        if let Some(body) = ask.body {
            init.set_body(&Uint8Array::from(body));
        }
        Request::new_with_str_and_init(ask.path, &init)
    }

    async fn open(&self, ask: &Ask<'_>, abort: &AbortController) -> Result<Response, JsValue> {
        let request = self.request(ask, abort)?;
        let window = web_sys::window().ok_or(JsValue::NULL)?;
        JsFuture::from(window.fetch_with_request(&request)).await?.dyn_into()
    }

    async fn exchange(&self, ask: &Ask<'_>, abort: &AbortController) -> Result<Reply, JsValue> {
        let response = self.open(ask, abort).await?;
        let body = JsFuture::from(response.array_buffer()?).await?;
        Ok(Reply { status: response.status(), body: Uint8Array::new(&body).to_vec() })
    }

    async fn send(&self, ask: Ask<'_>) -> Result<Reply, Unreached> {
        let abort = AbortController::new().map_err(|_| Unreached)?;
        let limit = Limit::set(&abort, ask.wait_ms);
        let reply = self.exchange(&ask, &abort).await.map_err(|_| Unreached);
        limit.lift();
        reply
    }

    /// Sends a batch or asks for a page.
    ///
    /// # Errors
    /// [`Unreached`].
    pub async fn sync(&self, route: Route, body: &[u8]) -> Result<Reply, Unreached> {
        let (path, encoding) = match route {
            Route::Push => ("/api/v1/push", Some("deflate")),
            Route::Pull => ("/api/v1/pull", None),
        };
        let body = Some(body);
        let content_type = CONTENT_TYPE;
        self.send(Ask { method: "POST", path, body, content_type, encoding, wait_ms: LONG_MS, cache: NEVER })
            .await
    }

    /// Sends a piece of a sealed picture; gives how many bytes the server has from the start on, and whether they are all.
    ///
    /// # Errors
    /// The server's problem; `no_connection`.
    pub async fn send_piece(
        &self,
        document: DocumentId,
        photo: PhotoId,
        size: usize,
        at: usize,
        piece: &[u8],
    ) -> Result<(usize, bool), Problem> {
        #[derive(serde::Deserialize)]
        struct Arrived {
            have: usize,
            whole: bool,
        }
        let path = &format!("/api/v1/photos/{photo}?document={document}&size={size}&at={at}");
        let (body, content_type) = (Some(piece), SEALED);
        let ask =
            Ask { method: "PUT", path, body, content_type, encoding: None, wait_ms: LONG_MS, cache: NEVER };
        let arrived: Arrived = read(&self.send(ask).await?.checked()?)?;
        Ok((arrived.have, arrived.whole))
    }

    /// Fetches a sealed picture. The browser may keep it: it never changes, and without its record nobody opens it.
    ///
    /// # Errors
    /// The server's problem; `no_connection`.
    pub async fn photo(&self, photo: PhotoId) -> Result<Vec<u8>, Problem> {
        let (path, cache) = (&format!("/api/v1/photos/{photo}"), web_sys::RequestCache::Default);
        let (body, content_type) = (None, SEALED);
        let ask = Ask { method: "GET", path, body, content_type, encoding: None, wait_ms: LONG_MS, cache };
        self.send(ask).await?.checked()
    }

    async fn json(&self, method: &str, path: &str, body: Option<&[u8]>) -> Result<Vec<u8>, Problem> {
        let wait_ms = SHORT_MS;
        let ask = Ask { method, path, body, content_type: JSON, encoding: None, wait_ms, cache: NEVER };
        self.send(ask).await?.checked()
    }

    /// Asks for something.
    ///
    /// # Errors
    /// The server's problem; `no_connection`.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Problem> {
        read(&self.json("GET", path, None).await?)
    }

    /// Asks for something, and gives the answer as it was written.
    ///
    /// # Errors
    /// The server's problem; `no_connection`.
    pub async fn get_text(&self, path: &str) -> Result<String, Problem> {
        let body = self.json("GET", path, None).await?;
        String::from_utf8(body).map_err(|_| Problem::new(Code::BodyMalformed))
    }

    /// Sends a form and gives the answer as it was written.
    ///
    /// # Errors
    /// The server's problem; `no_connection`.
    pub async fn post(&self, path: &str, form: &impl Serialize) -> Result<String, Problem> {
        let body = serde_json::to_vec(form).map_err(|_| Problem::new(Code::BodyMalformed))?;
        let answer = self.json("POST", path, Some(&body)).await?;
        String::from_utf8(answer).map_err(|_| Problem::new(Code::BodyMalformed))
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// The server's problem; `no_connection`.
    pub async fn post_bytes(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, Problem> {
        let (method, content_type, body) = ("POST", SEALED, Some(body));
        let ask = Ask { method, path, body, content_type, encoding: None, wait_ms: LONG_MS, cache: NEVER };
        self.send(ask).await?.checked()
    }

    /// Sends a deflated message of sealed items.
    ///
    /// # Errors
    /// The server's problem; `no_connection`.
    pub async fn post_sealed(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, Problem> {
        let (method, body, encoding) = ("POST", Some(body), Some("deflate"));
        let content_type = CONTENT_TYPE;
        let ask = Ask { method, path, body, content_type, encoding, wait_ms: LONG_MS, cache: NEVER };
        self.send(ask).await?.checked()
    }

    /// Changes something.
    ///
    /// # Errors
    /// The server's problem; `no_connection`.
    pub async fn put(&self, path: &str, form: &impl Serialize) -> Result<(), Problem> {
        let body = serde_json::to_vec(form).map_err(|_| Problem::new(Code::BodyMalformed))?;
        self.json("PUT", path, Some(&body)).await.map(drop)
    }

    /// Ends something.
    ///
    /// # Errors
    /// The server's problem; `no_connection`.
    pub async fn delete(&self, path: &str) -> Result<(), Problem> {
        self.json("DELETE", path, None).await.map(drop)
    }

    /// Whether this address now serves another database than `instance`; without an answer nobody knows, so `false`.
    pub async fn serves_another(&self, instance: InstanceId) -> bool {
        #[derive(serde::Deserialize)]
        struct Served {
            instance: InstanceId,
        }
        self.get::<Served>("/api/v1/instance").await.is_ok_and(|served| served.instance != instance)
    }

    /// Listens for hints until the stream ends; `heard` gets the name of every event. Gives the problem when the server
    /// refuses, else nothing: the stream was cut.
    pub async fn listen(&self, abort: &AbortController, mut heard: impl FnMut(&str)) -> Option<Problem> {
        let path = "/api/v1/events";
        let (body, content_type) = (None, JSON);
        let ask = Ask { method: "GET", path, body, content_type, encoding: None, wait_ms: 0, cache: NEVER };
        let response = self.open(&ask, abort).await.ok()?;
        if response.status() != 200 {
            return Some(problem(&Reply { status: response.status(), body: Vec::new() }));
        }
        heard("open");
        let reader: ReadableStreamDefaultReader = response.body()?.get_reader().unchecked_into();
        let mut hints = Hints::default();
        loop {
            // A connection that died in silence gives no error: the server's keep-alives must go on.
            let limit = Limit::set(abort, SILENCE_MS);
            let piece = JsFuture::from(reader.read()).await;
            limit.lift();
            let piece = piece.ok()?;
            if Reflect::get(&piece, &"done".into()).ok()?.is_truthy() {
                return None;
            }
            let bytes: Uint8Array = Reflect::get(&piece, &"value".into()).ok()?.dyn_into().ok()?;
            for event in hints.take(&bytes.to_vec()) {
                heard(&event);
            }
        }
    }
}

/// The problem that an answer tells.
fn problem(reply: &Reply) -> Problem {
    #[derive(serde::Deserialize)]
    struct Told {
        code: String,
        #[serde(default)]
        field: Option<String>,
    }
    match serde_json::from_slice::<Told>(&reply.body) {
        Ok(told) => Problem { code: Code::parse(&told.code).unwrap_or(Code::Internal), field: told.field },
        Err(_) => Problem::new(match reply.status {
            401 => Code::NotSignedIn,
            403 => Code::NotAllowed,
            404 => Code::NotFound,
            429 => Code::TooManyAttempts,
            503 => Code::Busy,
            _ => Code::Internal,
        }),
    }
}

/// Reads the JSON of the server.
///
/// # Errors
/// `body_malformed`.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        browser::warn(&format!("an answer cannot be read: {error}"));
        Problem::new(Code::BodyMalformed)
    })
}

/// Aborts a request that takes too long.
struct Limit {
    timer: Option<i32>,
    _abort: Closure<dyn FnMut()>,
}

impl Limit {
    fn set(abort: &AbortController, ms: u64) -> Self {
        let controller = abort.clone();
        let abort = Closure::<dyn FnMut()>::new(move || controller.abort());
        let ms = i32::try_from(ms).unwrap_or(i32::MAX);
        let timer = web_sys::window().and_then(|window| {
            window
                .set_timeout_with_callback_and_timeout_and_arguments_0(abort.as_ref().unchecked_ref(), ms)
                .ok()
        });
        Self { timer, _abort: abort }
    }

    fn lift(self) {
        if let (Some(window), Some(timer)) = (web_sys::window(), self.timer) {
            window.clear_timeout_with_handle(timer);
        }
    }
}
