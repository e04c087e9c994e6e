//! Signing in, asking who is signed in, signing out, opening a locked phone.

use std::collections::HashMap;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use donghanh_shared::access::{Access, Role};
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::ids::{DeviceId, InstanceId, PersonId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ApiError, ErrorBody};
use super::extract::{AnySession, ApiJson};
use crate::auth::codes::{self, Codes};
use crate::auth::devices::{self, NewDevice};
use crate::auth::prove::{Caller, Proof};
use crate::auth::secrets::to_hex;
use crate::auth::{self, SignedIn};
use crate::state::AppState;

/// Longest name and password looked at, in bytes.
const MAX_TEXT: usize = 400;

/// What a person types.
#[derive(Deserialize, ToSchema)]
pub struct SignInForm {
    /// Name.
    name: String,
    /// Password.
    password: String,
    /// Code of their authenticator app, where they have one.
    #[serde(default)]
    code: Option<String>,
    /// What they call this phone.
    #[serde(default)]
    device_name: String,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub struct SessionAnswer {
    /// What a device is told once, when it is made.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    secrets: Option<SecretsAnswer>,
    #[schema(value_type = String)]
    device: DeviceId,
    person: PersonAnswer,
    #[schema(value_type = String)]
    instance: InstanceId,
    epoch: u32,
    demo: bool,
    #[schema(value_type = Object)]
    access: Access,
    home: Option<HomeAnswer>,
    /// What phones seal to, hexadecimal.
    server_key: String,
    /// Hours after which a phone that was not in contact stays closed.
    offline_hours: u32,
    /// Two-step codes: `off`, `on`, or `needed` before anything else.
    code: Codes,
}

/// What a device is told once; all hexadecimal.
#[derive(Serialize, ToSchema)]
pub struct SecretsAnswer {
    /// Its credential.
    token: String,
    /// The credential that can only push.
    push_token: String,
    /// Marks what it seals to the server.
    mark_key: String,
    /// Opens its data key after an online unlock.
    unlock_key: String,
}

/// The person.
#[derive(Serialize, ToSchema)]
pub struct PersonAnswer {
    #[schema(value_type = String)]
    id: PersonId,
    name: String,
}

/// Where the person works.
#[derive(Serialize, ToSchema)]
pub struct HomeAnswer {
    #[schema(value_type = Option<String>)]
    ward: Option<WardRef>,
    #[schema(value_type = Option<String>)]
    organisation: Option<OrganisationId>,
    #[schema(value_type = String)]
    role: Role,
}

fn answer(state: &AppState, who: &SignedIn, secrets: Option<SecretsAnswer>) -> SessionAnswer {
    let instance = state.store().instance();
    let home = who.home(state).map(|held| HomeAnswer {
        ward: held.ward,
        organisation: held.organisation.clone(),
        role: held.role,
    });
    SessionAnswer {
        secrets,
        device: who.device(),
        person: PersonAnswer { id: who.person(), name: who.session().full_name.clone() },
        instance: instance.id,
        epoch: instance.epoch,
        demo: instance.demo,
        access: who.access().clone(),
        home,
        server_key: to_hex(&state.vault().receiver().public()),
        offline_hours: state.settings().offline_hours,
        code: codes::of(state, who),
    }
}

/// The answer that makes a device.
pub fn made(state: &AppState, device: &NewDevice) -> Json<SessionAnswer> {
    let secrets = SecretsAnswer {
        token: device.token.to_hex(),
        push_token: device.push_token.to_hex(),
        mark_key: to_hex(device.mark_key.expose()),
        unlock_key: to_hex(device.unlock_key.expose()),
    };
    Json(answer(state, &device.who, Some(secrets)))
}

/// Signs in and makes a device.
#[utoipa::path(post, path = "/api/v1/session", request_body = SignInForm, responses(
    (status = 200, body = SessionAnswer),
    (status = 401, description = "sign_in_wrong; after a right password code_needed, code_wrong", body = ErrorBody),
    (status = 429, description = "too_many_attempts", body = ErrorBody),
))]
pub async fn sign_in(
    State(state): State<AppState>,
    caller: Caller,
    ApiJson(form): ApiJson<SignInForm>,
) -> Result<Json<SessionAnswer>, ApiError> {
    let SignInForm { name, password, code, device_name } = form;
    let proof = proof(name, password, code)?;
    let device = devices::sign_in(&state, &caller, proof, &device_name).await?;
    Ok(made(&state, &device))
}

fn proof(name: String, password: String, code: Option<String>) -> Result<Proof, ApiError> {
    let is_long = name.len() > MAX_TEXT || password.len() > MAX_TEXT;
    if is_long { Err(Code::SignInWrong.into()) } else { Ok(Proof { name, password, code }) }
}

/// Who is signed in. Whoever says how many records wait is noted as heard of.
#[utoipa::path(get, path = "/api/v1/session", params(
    ("waiting" = Option<u64>, Query, description = "records waiting on the phone"),
), responses(
    (status = 200, body = SessionAnswer),
    (status = 401, description = "not_signed_in, device_revoked", body = ErrorBody),
))]
pub async fn current(
    State(state): State<AppState>,
    AnySession(who): AnySession,
    query: Result<Query<HashMap<String, String>>, QueryRejection>,
) -> Result<Json<SessionAnswer>, ApiError> {
    let Query(query) = query.map_err(|_| Code::BodyMalformed)?;
    let waiting = query.get("waiting").and_then(|text| text.parse::<u32>().ok());
    devices::seen(&state, &who, waiting.map(u64::from)).await?;
    Ok(Json(answer(&state, &who, None)))
}

/// Signs out; the tokens are void.
#[utoipa::path(delete, path = "/api/v1/session", responses(
    (status = 204), (status = 401, description = "not_signed_in", body = ErrorBody),
))]
pub async fn sign_out(
    State(state): State<AppState>,
    AnySession(who): AnySession,
) -> Result<StatusCode, ApiError> {
    auth::sign_out(&state, &who).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which phone.
#[derive(Deserialize, ToSchema)]
pub struct UnlockForm {
    #[schema(value_type = String)]
    device: DeviceId,
}

/// The answer of [`unlock`].
#[derive(Serialize, ToSchema)]
pub struct UnlockAnswer {
    /// Opens the phone's data key, hexadecimal.
    unlock_key: String,
}

/// Opens a locked phone whose PIN is forgotten, for its person: they signed in anew, or took a fresh invitation.
#[utoipa::path(post, path = "/api/v1/unlock", request_body = UnlockForm, responses(
    (status = 200, body = UnlockAnswer),
    (status = 401, description = "not_signed_in, device_revoked", body = ErrorBody),
    (status = 404, description = "not_found: another person's phone, or one that signed out", body = ErrorBody),
))]
pub async fn unlock(
    State(state): State<AppState>,
    AnySession(who): AnySession,
    ApiJson(form): ApiJson<UnlockForm>,
) -> Result<Json<UnlockAnswer>, ApiError> {
    let key = devices::unlock(&state, &who, form.device).await?;
    Ok(Json(UnlockAnswer { unlock_key: to_hex(key.expose()) }))
}
