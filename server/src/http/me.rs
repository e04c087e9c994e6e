//! What a person sets for themselves: password and two-step codes.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ApiError, ErrorBody};
use super::extract::{AnySession, ApiJson};
use crate::auth::codes;
use crate::auth::prove::{self, Caller};
use crate::state::AppState;

/// What an authenticator app is given.
#[derive(Serialize, ToSchema)]
pub struct TotpAnswer {
    /// Base32.
    secret: String,
    /// `otpauth://`.
    uri: String,
    /// The same as a picture.
    qr_svg: String,
}

/// Draws a secret for two-step codes; it counts for nothing until a first code proves it.
#[utoipa::path(post, path = "/api/v1/me/totp", responses(
    (status = 200, body = TotpAnswer),
    (status = 403, description = "not_allowed: there are codes already", body = ErrorBody),
))]
pub async fn offer_codes(
    State(state): State<AppState>,
    AnySession(who): AnySession,
) -> Result<Json<TotpAnswer>, ApiError> {
    let codes::Offered { secret, uri, qr_svg } = codes::offer(&state, &who).await?;
    Ok(Json(TotpAnswer { secret, uri, qr_svg }))
}

/// A first code.
#[derive(Deserialize, ToSchema)]
pub struct CodeForm {
    code: String,
}

/// Proves the secret.
#[utoipa::path(put, path = "/api/v1/me/totp", request_body = CodeForm, responses(
    (status = 204),
    (status = 401, description = "code_wrong", body = ErrorBody),
    (status = 429, description = "too_many_attempts", body = ErrorBody),
))]
pub async fn prove_codes(
    State(state): State<AppState>,
    AnySession(who): AnySession,
    caller: Caller,
    ApiJson(form): ApiJson<CodeForm>,
) -> Result<StatusCode, ApiError> {
    prove::prove_codes(&state, &caller, &who, &form.code).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new password, with the old one where there is one.
#[derive(Deserialize, ToSchema)]
pub struct PasswordForm {
    #[serde(default)]
    old: Option<String>,
    new: String,
}

/// Sets or changes the password. Other devices stay signed in.
#[utoipa::path(put, path = "/api/v1/me/password", request_body = PasswordForm, responses(
    (status = 204),
    (status = 401, description = "sign_in_wrong at old", body = ErrorBody),
    (status = 422, description = "password_too_short, text_too_long at new", body = ErrorBody),
    (status = 429, description = "too_many_attempts", body = ErrorBody),
))]
pub async fn change_password(
    State(state): State<AppState>,
    AnySession(who): AnySession,
    caller: Caller,
    ApiJson(form): ApiJson<PasswordForm>,
) -> Result<StatusCode, ApiError> {
    prove::change_password(&state, &caller, &who, (form.old, form.new)).await?;
    Ok(StatusCode::NO_CONTENT)
}
