//! Erasing a case for good, as its officer asks for it. The second person decides with everything else that takes one.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use donghanh_shared::domain::aftercare::terms::ErasureReason;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::Code;
use donghanh_shared::ids::DocumentId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ApiError, ErrorBody};
use super::extract::{ApiJson, Officer};
use crate::admin::erasure;
use crate::state::AppState;
use crate::store::erasure::AskedErasure;

/// Why.
#[derive(Deserialize, ToSchema)]
pub struct ErasureForm {
    /// `asked_for`, `retention_over` or `by_mistake`.
    #[schema(value_type = String)]
    reason: ErasureReason,
}

/// What was asked.
#[derive(Serialize, ToSchema)]
pub struct Asked {
    #[schema(value_type = String)]
    reason: ErasureReason,
    /// The name of who asked.
    by: String,
    /// Milliseconds since 1970.
    #[schema(value_type = i64)]
    at: Millis,
}

/// What was asked about a case, if anything waits for a decision.
#[derive(Serialize, ToSchema)]
pub struct ErasureAnswer {
    asked: Option<Asked>,
}

/// What was asked and nobody has decided yet.
#[utoipa::path(get, path = "/api/v1/cases/{id}/erasure", params(
    ("id" = String, Path, description = "the core of the case"),
), responses(
    (status = 200, body = ErasureAnswer),
    (status = 403, description = "not_allowed", body = ErrorBody),
    (status = 404, description = "not_found", body = ErrorBody),
))]
pub async fn asked(
    State(state): State<AppState>,
    Officer(who): Officer,
    case: Result<Path<DocumentId>, PathRejection>,
) -> Result<Json<ErasureAnswer>, ApiError> {
    let Path(case) = case.map_err(|_| Code::NotFound)?;
    let told = |AskedErasure { reason, by, at, .. }| Asked { reason, by, at };
    Ok(Json(ErasureAnswer { asked: erasure::asked(&state, &who, case).await?.map(told) }))
}

/// Asks for a second person to erase the case with all its parts.
#[utoipa::path(post, path = "/api/v1/cases/{id}/erasure", params(
    ("id" = String, Path, description = "the core of the case"),
), request_body = ErasureForm, responses(
    (status = 202),
    (status = 400, description = "body_malformed", body = ErrorBody),
    (status = 403, description = "not_allowed", body = ErrorBody),
    (status = 404, description = "not_found", body = ErrorBody),
))]
pub async fn ask(
    State(state): State<AppState>,
    Officer(who): Officer,
    case: Result<Path<DocumentId>, PathRejection>,
    ApiJson(form): ApiJson<ErasureForm>,
) -> Result<StatusCode, ApiError> {
    let Path(case) = case.map_err(|_| Code::NotFound)?;
    erasure::ask(&state, &who, case, form.reason).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Takes back what was asked.
#[utoipa::path(delete, path = "/api/v1/cases/{id}/erasure", params(
    ("id" = String, Path, description = "the core of the case"),
), responses(
    (status = 204),
    (status = 403, description = "not_allowed", body = ErrorBody),
    (status = 404, description = "not_found", body = ErrorBody),
))]
pub async fn take_back(
    State(state): State<AppState>,
    Officer(who): Officer,
    case: Result<Path<DocumentId>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(case) = case.map_err(|_| Code::NotFound)?;
    erasure::take_back(&state, &who, case).await?;
    Ok(StatusCode::NO_CONTENT)
}
