//! What a handler asks for in its signature: who is calling, with which right, and a body within its limits.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use donghanh_shared::domain::error::Code;
use serde::de::DeserializeOwned;

use super::error::ApiError;
use crate::admin::set_up;
use crate::auth::secrets::Token;
use crate::auth::{SignedIn, by_token};
use crate::state::AppState;

/// Largest JSON body.
const MAX_JSON: usize = 64 << 10;

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let value = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = value
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .and_then(|(_, token)| Token::parse(token))
            .ok_or(Code::NotSignedIn)?;
        Ok(by_token(state, &token).await?)
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

/// Whoever sets an empty server up; afterwards an administrator.
#[derive(Debug)]
pub struct SetUpOrAdministrator;

impl FromRequestParts<AppState> for SetUpOrAdministrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        if !set_up::is_open(state).await? {
            Administrator::from_request_parts(parts, state).await?;
        }
        Ok(Self)
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
