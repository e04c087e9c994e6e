//! A problem as a response: its status, its stable code, and its sentence in both languages.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::vocabulary::{Language, Term as _};
use donghanh_shared::sync::wire::http_status;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::attempts::Denied;

/// What a handler answers when it cannot do what was asked.
#[derive(Debug)]
pub struct ApiError(Denied);

/// The body of every error.
#[derive(Serialize, ToSchema)]
pub struct ErrorBody {
    /// Stable.
    code: &'static str,
    /// The field it is about.
    field: Option<String>,
    /// The sentence in Vietnamese.
    vi: &'static str,
    /// The sentence in English.
    en: &'static str,
    /// Seconds to wait before trying again, where waiting helps; also as `Retry-After`.
    #[serde(skip_serializing_if = "Option::is_none")]
    wait_s: Option<u64>,
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        Self(denied)
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self(problem.into())
    }
}

impl From<Code> for ApiError {
    fn from(code: Code) -> Self {
        Self(code.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Self(Denied { problem, wait_s }) = self;
        let status =
            StatusCode::from_u16(http_status(problem.code)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = ErrorBody {
            code: problem.code.code(),
            vi: problem.sentence(Language::Vietnamese),
            en: problem.sentence(Language::English),
            field: problem.field,
            wait_s,
        };
        let mut response = (status, Json(body)).into_response();
        if let Some(wait_s) = wait_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
        }
        response
    }
}

/// There is no such route, or not by this method.
pub async fn unknown_route() -> ApiError {
    Code::NotFound.into()
}
