//! The guided set-up of an empty server, and the built-in communes that it chooses from.

use std::collections::HashMap;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use donghanh_migrations::reference::Commune;
use donghanh_shared::domain::error::Code;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ApiError, ErrorBody};
use super::extract::{ApiJson, SetUpOrAdministrator};
use crate::admin;
use crate::auth::prove::Caller;
use crate::state::AppState;

/// Longest search looked at, in bytes.
const MAX_SEARCH: usize = 200;

/// The first account.
#[derive(Deserialize, ToSchema)]
pub struct FirstAccount {
    full_name: String,
    name: String,
    password: String,
}

/// What the server is for.
#[derive(Deserialize, ToSchema)]
pub struct SetUpForm {
    /// The token of the link that the server printed at its start.
    #[serde(default)]
    token: String,
    /// A whole province, when no wards are listed.
    #[serde(default)]
    province_code: Option<String>,
    /// Codes of current units: `08707`.
    #[serde(default)]
    wards: Vec<String>,
    area_name: String,
    administrator: FirstAccount,
}

/// What was made.
#[derive(Serialize, ToSchema)]
pub struct SetUpAnswer {
    /// Wards, those that went into the current ones included.
    wards: usize,
    organisations: usize,
    campaigns: usize,
}

/// Sets an empty server up, for whoever has the link that the server printed; afterwards it is over.
#[utoipa::path(post, path = "/api/v1/set-up", request_body = SetUpForm, responses(
    (status = 201, body = SetUpAnswer),
    (status = 403, description = "not_allowed: the token is not the one", body = ErrorBody),
    (status = 409, description = "already_set_up", body = ErrorBody),
    (status = 422, description = "field_missing, ward_invalid, ward_unknown, text_empty, password_too_short", body = ErrorBody),
))]
pub async fn set_up(
    State(state): State<AppState>,
    caller: Caller,
    ApiJson(form): ApiJson<SetUpForm>,
) -> Result<(StatusCode, Json<SetUpAnswer>), ApiError> {
    let FirstAccount { full_name, name, password } = form.administrator;
    let wanted = admin::set_up::SetUp {
        token: form.token,
        province_code: form.province_code,
        wards: form.wards,
        area_name: form.area_name,
        administrator: (full_name, name, password),
    };
    let made = admin::set_up::set_up(&state, &caller, wanted).await?;
    let answer =
        SetUpAnswer { wards: made.wards, organisations: made.organisations, campaigns: made.campaigns };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Searches the built-in communes, at most 50. For the set-up, and for administrators.
#[utoipa::path(get, path = "/api/v1/communes", params(
    ("q" = Option<String>, Query, description = "words of the name, kind, province or code; diacritics do not matter"),
), responses(
    (status = 200, description = "[{code, name, kind, province_code, province}]", content_type = "application/json"),
    (status = 401, description = "not_signed_in", body = ErrorBody),
    (status = 403, description = "not_allowed", body = ErrorBody),
))]
pub async fn communes(
    _: SetUpOrAdministrator,
    query: Result<Query<HashMap<String, String>>, QueryRejection>,
) -> Result<Json<Vec<&'static Commune>>, ApiError> {
    let Query(query) = query.map_err(|_| Code::BodyMalformed)?;
    let words = query.get("q").map(String::as_str).unwrap_or_default();
    if words.len() > MAX_SEARCH {
        return Err(Code::TextTooLong.into());
    }
    Ok(Json(admin::set_up::communes(words)))
}
