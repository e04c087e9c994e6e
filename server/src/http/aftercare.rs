//! The dated rules of after-care, and the numbers of people under management that are typed in.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use donghanh_shared::domain::aftercare::AftercareRules;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::{Date, WardRef};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ApiError, ErrorBody};
use super::extract::{Administrator, ApiJson, CountsReader};
use crate::admin::aftercare::{self as admin, change_rules, rules, type_managed};
use crate::auth::SignedIn;
use crate::state::AppState;
use crate::store::aftercare::{KeptRules, ManagedPeople};

/// The rules as somebody left them.
#[derive(Serialize, ToSchema)]
pub struct RulesAnswer {
    /// To be named by whoever changes them.
    version: i64,
    /// Who left them so; absent: they shipped.
    by: Option<String>,
    /// When, milliseconds since 1970; 0 for those that shipped.
    #[schema(value_type = i64)]
    at: Millis,
    #[schema(value_type = Object)]
    rules: AftercareRules,
}

/// Changed rules.
#[derive(Deserialize, ToSchema)]
pub struct RulesForm {
    /// The version that they were made from.
    version: i64,
    #[schema(value_type = Object)]
    rules: AftercareRules,
}

/// A number typed in.
#[derive(Deserialize, ToSchema)]
pub struct ManagedForm {
    #[schema(value_type = String)]
    ward: WardRef,
    #[schema(value_type = String)]
    from: Date,
    #[schema(value_type = String)]
    to: Date,
    /// Absent: the number is taken back.
    number: Option<u32>,
}

/// The rules that a phone has.
#[derive(Deserialize)]
pub struct Known {
    /// Their version; absent: those of its own build.
    known: Option<i64>,
}

impl From<KeptRules> for RulesAnswer {
    fn from(kept: KeptRules) -> Self {
        Self { version: kept.version, by: kept.by, at: kept.at, rules: kept.rules }
    }
}

/// The rules in force, unless the caller knows them already: what phones ask for, again and again.
#[utoipa::path(get, path = "/api/v1/aftercare/rules/in-force", params(
    ("known" = Option<i64>, Query, description = "the version that the caller has"),
), responses(
    (status = 200, body = RulesAnswer),
    (status = 204, description = "the version known is the one in force"),
    (status = 401, description = "not_signed_in", body = ErrorBody),
))]
pub async fn in_force(
    State(state): State<AppState>,
    _: SignedIn,
    query: Result<Query<Known>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(Known { known }) = query.map_err(|_| Code::BodyMalformed)?;
    let newer = admin::in_force(&state).await?.filter(|newest| Some(newest.version) != known);
    Ok(newer.map_or_else(
        || StatusCode::NO_CONTENT.into_response(),
        |kept| Json(RulesAnswer::from(kept)).into_response(),
    ))
}

/// The rules in force, then those before them, newest first.
#[utoipa::path(get, path = "/api/v1/aftercare/rules", responses(
    (status = 200, body = Vec<RulesAnswer>),
    (status = 401, description = "not_signed_in", body = ErrorBody),
    (status = 403, description = "not_allowed", body = ErrorBody),
))]
pub async fn list(State(state): State<AppState>, who: SignedIn) -> Result<Json<Vec<RulesAnswer>>, ApiError> {
    Ok(Json(rules(&state, &who).await?.into_iter().map(RulesAnswer::from).collect()))
}

/// Changes the rules; those before stay in the history.
#[utoipa::path(put, path = "/api/v1/aftercare/rules", request_body = RulesForm, responses(
    (status = 204),
    (status = 401, description = "not_signed_in", body = ErrorBody),
    (status = 403, description = "not_allowed", body = ErrorBody),
    (status = 409, description = "document_exists: at `version`, somebody else was faster; at a code, it is used twice", body = ErrorBody),
    (status = 422, description = "field_missing, text_too_long, period_invalid, count_malformed, count_too_large", body = ErrorBody),
))]
pub async fn change(
    State(state): State<AppState>,
    Administrator(who): Administrator,
    ApiJson(form): ApiJson<RulesForm>,
) -> Result<StatusCode, ApiError> {
    change_rules(&state, &who, form.version, form.rules).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Types in how many people are under management in a ward and period (C1).
#[utoipa::path(put, path = "/api/v1/aftercare/managed", request_body = ManagedForm, responses(
    (status = 204),
    (status = 401, description = "not_signed_in", body = ErrorBody),
    (status = 403, description = "not_allowed", body = ErrorBody),
    (status = 422, description = "period_invalid, count_too_large", body = ErrorBody),
))]
pub async fn managed(
    State(state): State<AppState>,
    CountsReader(who): CountsReader,
    ApiJson(form): ApiJson<ManagedForm>,
) -> Result<StatusCode, ApiError> {
    let ManagedForm { ward, from, to, number } = form;
    type_managed(&state, &who, ManagedPeople { ward, period: (from, to), number }).await?;
    Ok(StatusCode::NO_CONTENT)
}
