//! Accounts, for administrators.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use donghanh_shared::access::Role;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::PersonId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ApiError, ErrorBody};
use super::extract::{Administrator, ApiJson};
use crate::admin::invitations;
use crate::admin::people::{NewAccount, add_account};
use crate::audit::kind;
use crate::problem::logged;
use crate::state::AppState;
use crate::store::directory::Account;

/// An account with the role that is held today.
#[derive(Serialize, ToSchema)]
pub struct AccountAnswer {
    #[schema(value_type = String)]
    id: PersonId,
    full_name: String,
    /// Name to sign in with.
    name: String,
    #[schema(value_type = Option<String>)]
    role: Option<Role>,
    #[schema(value_type = Option<String>)]
    ward: Option<WardRef>,
    #[schema(value_type = Option<String>)]
    organisation: Option<OrganisationId>,
}

/// An account to be added.
#[derive(Deserialize, ToSchema)]
pub struct AccountForm {
    full_name: String,
    /// Name to sign in with.
    name: String,
    password: String,
    #[schema(value_type = String)]
    role: Role,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    ward: Option<WardRef>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    organisation: Option<OrganisationId>,
}

/// The answer of [`add`].
#[derive(Serialize, ToSchema)]
pub struct Added {
    #[schema(value_type = String)]
    id: PersonId,
}

/// Every account.
#[utoipa::path(get, path = "/api/v1/people", responses(
    (status = 200, body = Vec<AccountAnswer>),
    (status = 401, description = "not_signed_in", body = ErrorBody),
    (status = 403, description = "not_allowed", body = ErrorBody),
))]
pub async fn list(
    State(state): State<AppState>,
    _: Administrator,
) -> Result<Json<Vec<AccountAnswer>>, ApiError> {
    let today = state.today();
    let answer = |account: Account| {
        let held = account.memberships.into_iter().find(|held| held.span.contains(today));
        AccountAnswer {
            id: account.person,
            full_name: account.full_name,
            name: account.sign_in,
            role: held.as_ref().map(|held| held.role),
            ward: held.as_ref().and_then(|held| held.ward),
            organisation: held.and_then(|held| held.organisation),
        }
    };
    let people = state.store().people().await.map_err(logged)?;
    Ok(Json(people.into_iter().map(answer).collect()))
}

/// Adds an account whose role holds from today on.
#[utoipa::path(post, path = "/api/v1/people", request_body = AccountForm, responses(
    (status = 201, body = Added),
    (status = 401, description = "not_signed_in", body = ErrorBody),
    (status = 403, description = "not_allowed", body = ErrorBody),
    (status = 409, description = "document_exists: the name is taken", body = ErrorBody),
    (status = 422, description = "field_missing, ward_unknown, organisation_invalid, password_too_short", body = ErrorBody),
))]
pub async fn add(
    State(state): State<AppState>,
    Administrator(who): Administrator,
    ApiJson(form): ApiJson<AccountForm>,
) -> Result<(StatusCode, Json<Added>), ApiError> {
    let account = NewAccount {
        full_name: form.full_name,
        sign_in: form.name,
        password: form.password,
        role: form.role,
        ward: form.ward,
        organisation: form.organisation,
    };
    let id = add_account(&state, account).await?;
    invitations::note(&state, &who, kind::ACCOUNT_ADDED, id, form.role.code().to_owned()).await;
    Ok((StatusCode::CREATED, Json(Added { id })))
}
