//! Signing in, asking who is signed in, signing out.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use donghanh_shared::access::{Access, Role};
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::ids::{DeviceId, InstanceId, PersonId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ApiError, ErrorBody};
use super::extract::ApiJson;
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
    /// What they call this phone.
    #[serde(default)]
    device_name: String,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub struct SessionAnswer {
    /// The device's credential, hexadecimal; only with the answer to a sign-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
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

fn answer(state: &AppState, who: &SignedIn, token: Option<String>) -> SessionAnswer {
    let instance = state.store().instance();
    let home = who.home(state).map(|held| HomeAnswer {
        ward: held.ward,
        organisation: held.organisation.clone(),
        role: held.role,
    });
    SessionAnswer {
        token,
        device: who.device(),
        person: PersonAnswer { id: who.person(), name: who.session().full_name.clone() },
        instance: instance.id,
        epoch: instance.epoch,
        demo: instance.demo,
        access: who.access().clone(),
        home,
    }
}

/// Signs in and makes a device.
#[utoipa::path(post, path = "/api/v1/session", request_body = SignInForm, responses(
    (status = 200, body = SessionAnswer),
    (status = 401, description = "sign_in_wrong", body = ErrorBody),
    (status = 429, description = "too_many_attempts", body = ErrorBody),
))]
pub async fn sign_in(
    State(state): State<AppState>,
    ApiJson(form): ApiJson<SignInForm>,
) -> Result<Json<SessionAnswer>, ApiError> {
    if form.name.len() > MAX_TEXT || form.password.len() > MAX_TEXT {
        return Err(Code::SignInWrong.into());
    }
    let (token, who) = auth::sign_in(&state, &form.name, form.password, &form.device_name).await?;
    Ok(Json(answer(&state, &who, Some(token.to_hex()))))
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/session", responses(
    (status = 200, body = SessionAnswer), (status = 401, description = "not_signed_in", body = ErrorBody),
))]
pub async fn current(State(state): State<AppState>, who: SignedIn) -> Json<SessionAnswer> {
    Json(answer(&state, &who, None))
}

/// Signs out; the token is void.
#[utoipa::path(delete, path = "/api/v1/session", responses(
    (status = 204), (status = 401, description = "not_signed_in", body = ErrorBody),
))]
pub async fn sign_out(State(state): State<AppState>, who: SignedIn) -> Result<StatusCode, ApiError> {
    auth::sign_out(&state, &who).await?;
    Ok(StatusCode::NO_CONTENT)
}
