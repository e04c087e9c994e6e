//! What a handler asks for in its signature: who is calling, with which right, and a body within its limits.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use donghanh_shared::access::{Grant, Scope};
use donghanh_shared::domain::error::Code;
use serde::de::DeserializeOwned;

use super::error::ApiError;
use crate::admin::set_up;
use crate::audit::{self, kind};
use crate::auth::codes::{self, Codes};
use crate::auth::prove::Caller;
use crate::auth::secrets::Token;
use crate::auth::{SignedIn, by_token};
use crate::state::AppState;

/// Largest JSON body.
const MAX_JSON: usize = 64 << 10;

/// The device behind the credential shown, whatever it may be used for.
async fn bearer(parts: &Parts, state: &AppState) -> Result<SignedIn, ApiError> {
    let value = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = value
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .and_then(|(_, token)| Token::parse(token))
        .ok_or(Code::NotSignedIn)?;
    Ok(by_token(state, &token).await?)
}

/// The same, unless the device was taken away.
async fn living(parts: &Parts, state: &AppState) -> Result<SignedIn, ApiError> {
    let who = bearer(parts, state).await?;
    if who.session().revoked {
        audit::note(state, who.line(kind::DEVICE_REFUSED)).await;
        return Err(Code::DeviceRevoked.into());
    }
    Ok(who)
}

fn with_codes(who: SignedIn, state: &AppState) -> Result<SignedIn, ApiError> {
    if codes::of(state, &who) == Codes::Needed { Err(Code::CodeSetUpNeeded.into()) } else { Ok(who) }
}

/// Somebody signed in, for every ordinary route: with the full token, and with two-step codes where they are needed.
impl FromRequestParts<AppState> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let AnySession(who) = AnySession::from_request_parts(parts, state).await?;
        with_codes(who, state)
    }
}

/// Somebody signed in who may still have to set up two-step codes: for what they need until then.
#[derive(Debug)]
pub struct AnySession(pub SignedIn);

impl FromRequestParts<AppState> for AnySession {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let who = living(parts, state).await?;
        if who.session().push_only { Err(Code::NotSignedIn.into()) } else { Ok(Self(who)) }
    }
}

/// A device that sends what it sealed: with the full token, or with the one that can only push.
#[derive(Debug)]
pub struct Pusher(pub SignedIn);

impl FromRequestParts<AppState> for Pusher {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        with_codes(living(parts, state).await?, state).map(Self)
    }
}

/// A device that was taken away, with either token.
#[derive(Debug)]
pub struct Revoked(pub SignedIn);

impl FromRequestParts<AppState> for Revoked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let who = bearer(parts, state).await?;
        if who.session().revoked { Ok(Self(who)) } else { Err(Code::NotAllowed.into()) }
    }
}

/// Longest address looked at in a proxy's header, in bytes.
const MAX_ADDRESS: usize = 64;

/// Where the request comes from: the socket, or what the proxy in front of the server adds. An IPv6 network counts as one.
impl FromRequestParts<AppState> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let socket = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        let forwarded = parts.headers.get_all("x-forwarded-for").iter().next_back();
        let forwarded = forwarded
            .filter(|_| state.settings().behind_proxy)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.rsplit(',').next())
            .filter(|value| value.len() <= MAX_ADDRESS)
            .and_then(|value| value.trim().parse().ok());
        Ok(Self { address: forwarded.or(socket).map(network).unwrap_or_default() })
    }
}

fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Somebody who may read the audit: administrators, and supervisors of wards.
#[derive(Debug)]
pub struct Auditor(pub SignedIn);

impl FromRequestParts<AppState> for Auditor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let who = SignedIn::from_request_parts(parts, state).await?;
        let may = who.access().administers || who.access().supervises;
        if may { Ok(Self(who)) } else { Err(Code::NotAllowed.into()) }
    }
}

/// Somebody who may read reports.
#[derive(Debug)]
pub struct Reader(pub SignedIn);

impl FromRequestParts<AppState> for Reader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let who = SignedIn::from_request_parts(parts, state).await?;
        if who.access().reports { Ok(Self(who)) } else { Err(Code::NotAllowed.into()) }
    }
}

/// Somebody who may see counts of after-care.
#[derive(Debug)]
pub struct CountsReader(pub SignedIn);

impl FromRequestParts<AppState> for CountsReader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let who = SignedIn::from_request_parts(parts, state).await?;
        if who.access().aftercare_counts.is_empty() { Err(Code::NotAllowed.into()) } else { Ok(Self(who)) }
    }
}

/// An after-care officer.
#[derive(Debug)]
pub struct Officer(pub SignedIn);

impl FromRequestParts<AppState> for Officer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let who = SignedIn::from_request_parts(parts, state).await?;
        let cases = |grant: &Grant| grant.write && matches!(grant.scope, Scope::Aftercare(_));
        if who.access().grants.iter().any(cases) { Ok(Self(who)) } else { Err(Code::NotAllowed.into()) }
    }
}

/// Somebody who manages people, places and wards.
#[derive(Debug)]
pub struct Administrator(pub SignedIn);

impl FromRequestParts<AppState> for Administrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let who = SignedIn::from_request_parts(parts, state).await?;
        if who.access().administers { Ok(Self(who)) } else { Err(Code::NotAllowed.into()) }
    }
}

/// Whoever sets an empty server up, with its token in `X-Set-Up`; afterwards an administrator.
#[derive(Debug)]
pub struct SetUpOrAdministrator;

impl FromRequestParts<AppState> for SetUpOrAdministrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        if !set_up::is_open(state).await? {
            Administrator::from_request_parts(parts, state).await?;
            return Ok(Self);
        }
        let token = parts.headers.get("x-set-up").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if set_up::may_set_up(state, token) { Ok(Self) } else { Err(Code::NotAllowed.into()) }
    }
}

/// Whether the header names this media type.
pub fn has_type(headers: &HeaderMap, wanted: &str) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(wanted)
}

/// Reads a body whole.
///
/// # Errors
/// [`Code::BodyTooLarge`] beyond the limit, [`Code::BodyMalformed`] when it ends early.
pub async fn body(mut request: Request, limit: usize) -> Result<Bytes, ApiError> {
    DefaultBodyLimit::max(limit).apply(&mut request);
    Bytes::from_request(request, &()).await.map_err(|rejection| {
        let too_large = rejection.status() == StatusCode::PAYLOAD_TOO_LARGE;
        if too_large { Code::BodyTooLarge.into() } else { Code::BodyMalformed.into() }
    })
}

/// A JSON body.
#[derive(Debug)]
pub struct ApiJson<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for ApiJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, ApiError> {
        if !has_type(request.headers(), "application/json") {
            return Err(Code::ContentTypeWrong.into());
        }
        let bytes = body(request, MAX_JSON).await?;
        serde_json::from_slice(&bytes).map(Self).map_err(|_| Code::BodyMalformed.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_counts_as_one_caller() {
        let of = |text: &str| network(text.parse().expect("address"));
        assert_eq!(of("192.168.1.20"), "192.168.1.20");
        assert_eq!(of("::ffff:192.168.1.20"), "192.168.1.20");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2:9::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
