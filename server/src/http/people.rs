//! Accounts and what they may do, for whoever looks after them.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use donghanh_shared::access::Role;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{PersonId, PlaceId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ApiError, ErrorBody};
use super::extract::{Administrator, ApiJson};
use crate::admin::people::{NewAccount, add_account};
use crate::admin::{invitations, roles};
use crate::audit::kind;
use crate::auth::SignedIn;
use crate::problem::logged;
use crate::state::AppState;
use crate::store::directory::Account;
use crate::store::invitations::RoleAt;

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
    /// The school of a contact person.
    #[schema(value_type = Option<String>)]
    place: Option<PlaceId>,
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
    /// The school of a contact person.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    place: Option<PlaceId>,
}

/// A role to be given.
#[derive(Deserialize, ToSchema)]
pub struct RoleForm {
    #[schema(value_type = String)]
    role: Role,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    ward: Option<WardRef>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    organisation: Option<OrganisationId>,
    /// The school of a contact person.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    place: Option<PlaceId>,
}

/// The answer of [`add`].
#[derive(Serialize, ToSchema)]
pub struct Added {
    #[schema(value_type = String)]
    id: PersonId,
}

/// The accounts that somebody looks after: to administrators every one, with those whose access ended.
#[utoipa::path(get, path = "/api/v1/people", responses(
    (status = 200, body = Vec<AccountAnswer>),
    (status = 401, description = "not_signed_in", body = ErrorBody),
    (status = 403, description = "not_allowed", body = ErrorBody),
))]
pub async fn list(
    State(state): State<AppState>,
    who: SignedIn,
) -> Result<Json<Vec<AccountAnswer>>, ApiError> {
    if who.access().invites.is_empty() {
        return Err(Code::NotAllowed.into());
    }
    let today = state.today();
    let answer = |account: Account| {
        let held = account.memberships.into_iter().find(|held| held.span.contains(today));
        AccountAnswer {
            id: account.person,
            full_name: account.full_name,
            name: account.sign_in,
            role: held.as_ref().map(|held| held.role),
            ward: held.as_ref().and_then(|held| held.ward),
            place: held.as_ref().and_then(|held| held.place),
            organisation: held.and_then(|held| held.organisation),
        }
    };
    let people = state.store().people().await.map_err(logged)?;
    let mine = people.into_iter().filter(|account| who.looks_after(&account.memberships, &state));
    Ok(Json(mine.map(answer).collect()))
}

/// Adds an account whose role holds from today on.
#[utoipa::path(post, path = "/api/v1/people", request_body = AccountForm, responses(
    (status = 201, body = Added),
    (status = 401, description = "not_signed_in", body = ErrorBody),
    (status = 403, description = "not_allowed", body = ErrorBody),
    (status = 409, description = "document_exists: the name is taken", body = ErrorBody),
    (status = 422, description = "field_missing, ward_unknown, organisation_invalid, place_unknown, password_too_short", body = ErrorBody),
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
        role: RoleAt { role: form.role, ward: form.ward, organisation: form.organisation, place: form.place },
    };
    let id = add_account(&state, &who, account).await?;
    invitations::note(&state, &who, kind::ACCOUNT_ADDED, id, form.role.code().to_owned()).await;
    Ok((StatusCode::CREATED, Json(Added { id })))
}

/// Gives somebody another role in place of those they hold.
#[utoipa::path(put, path = "/api/v1/people/{id}/role", params(
    ("id" = String, Path, description = "the person"),
), request_body = RoleForm, responses(
    (status = 204),
    (status = 403, description = "not_allowed: not theirs to look after, or their own", body = ErrorBody),
    (status = 404, description = "not_found", body = ErrorBody),
    (status = 409, description = "second_person_needed", body = ErrorBody),
    (status = 422, description = "field_missing, ward_unknown, organisation_invalid, place_unknown", body = ErrorBody),
))]
pub async fn change_role(
    State(state): State<AppState>,
    who: SignedIn,
    person: Result<Path<PersonId>, PathRejection>,
    ApiJson(form): ApiJson<RoleForm>,
) -> Result<StatusCode, ApiError> {
    let Path(person) = person.map_err(|_| Code::NotFound)?;
    let RoleForm { role, ward, organisation, place } = form;
    roles::change(&state, &who, person, RoleAt { role, ward, organisation, place }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends what somebody may do, and takes their phones away.
#[utoipa::path(delete, path = "/api/v1/people/{id}/role", params(
    ("id" = String, Path, description = "the person"),
), responses(
    (status = 204),
    (status = 403, description = "not_allowed: not theirs to look after, or their own", body = ErrorBody),
    (status = 404, description = "not_found", body = ErrorBody),
))]
pub async fn end(
    State(state): State<AppState>,
    who: SignedIn,
    person: Result<Path<PersonId>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(person) = person.map_err(|_| Code::NotFound)?;
    roles::end(&state, &who, person).await?;
    Ok(StatusCode::NO_CONTENT)
}
