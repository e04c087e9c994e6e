//! The device's way over HTTP, counting the bytes of bodies both ways.

use std::io::Read as _;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use donghanh_shared::ids::{DeviceId, InstanceId};
use donghanh_shared::sync::session::Route;
use donghanh_shared::sync::wire::{CONTENT_TYPE, MAX_PAGE};
use serde::Deserialize;

use crate::device::Transport;

/// What the server tells at sign-in; the fields a device needs.
#[derive(Clone, Debug, Deserialize)]
pub struct SignedIn {
    /// The opaque credential.
    pub token: String,
    /// The device the server registered.
    pub device: DeviceId,
    /// The database.
    pub instance: InstanceId,
    /// Its epoch.
    pub epoch: u32,
}

/// Signs a device in.
///
/// # Errors
/// When the server cannot be reached or refuses.
pub fn sign_in(base: &str, name: &str, password: &str) -> Result<SignedIn> {
    let body =
        serde_json::json!({ "name": name, "password": password, "device_name": "native device" }).to_string();
    let mut response = agent()
        .post(format!("{base}/api/v1/session"))
        .header("content-type", "application/json")
        .send(body.as_bytes())
        .context("the server cannot be reached")?;
    let text = response.body_mut().read_to_string()?;
    if response.status() != 200 {
        bail!("sign-in answered {}: {text}", response.status());
    }
    serde_json::from_str(&text).context("the sign-in answer does not read")
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(120)))
        .build()
        .new_agent()
}

/// HTTP to one server with one credential.
pub struct Http {
    agent: ureq::Agent,
    base: String,
    token: String,
    /// Bytes of request bodies sent.
    pub sent: u64,
    /// Bytes of response bodies received, as they travelled.
    pub received: u64,
    /// Requests made.
    pub requests: u64,
}

impl Http {
    /// A way to the server at `base`, such as `http://127.0.0.1:8080`.
    #[must_use]
    pub fn new(base: &str, token: &str) -> Self {
        Self {
            agent: agent(),
            base: base.to_owned(),
            token: token.to_owned(),
            sent: 0,
            received: 0,
            requests: 0,
        }
    }

    fn post(&mut self, route: Route, body: &[u8]) -> Result<(u16, Vec<u8>)> {
        let path = match route {
            Route::Push => "push",
            Route::Pull => "pull",
        };
        let mut request = self
            .agent
            .post(format!("{}/api/v1/{path}", self.base))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", CONTENT_TYPE)
            .header("accept-encoding", "br");
        if route == Route::Push {
            request = request.header("content-encoding", "deflate");
        }
        self.sent += body.len() as u64;
        self.requests += 1;
        let mut response = request.send(body)?;
        let compressed = response.headers().get("content-encoding").is_some_and(|value| value == "br");
        let mut raw = Vec::new();
        response.body_mut().as_reader().read_to_end(&mut raw)?;
        self.received += raw.len() as u64;
        let body = if compressed {
            let mut plain = Vec::new();
            // Twice the largest page: a server that sends more is not ours.
            brotli::Decompressor::new(&raw[..], 64 << 10)
                .take(2 * MAX_PAGE as u64)
                .read_to_end(&mut plain)?;
            plain
        } else {
            raw
        };
        Ok((response.status().as_u16(), body))
    }
}

impl Transport for Http {
    fn send(&mut self, route: Route, body: &[u8]) -> Option<(u16, Vec<u8>)> {
        self.post(route, body).ok()
    }
}
