//! Invitations: made by administrators and ward supervisors, used by whoever was invited, and what takes a second person.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use donghanh_shared::access::Role;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::aftercare::terms::ErasureReason;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::ids::{ApprovalId, PersonId, PlaceId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::devices::NamedPerson;
use super::error::{ApiError, ErrorBody};
use super::extract::{Administrator, ApiJson};
use super::session::{SessionAnswer, made as session_answer};
use crate::admin::invitations::{self, Made, Wanted};
use crate::admin::second_person;
use crate::auth::prove::Caller;
use crate::auth::{SignedIn, join as joining};
use crate::qr;
use crate::state::AppState;
use crate::store::invitations::{Approval, RoleAt};

/// Longest address of this server looked at, in bytes.
const MAX_ORIGIN: usize = 200;

/// Somebody to be invited.
#[derive(Deserialize, ToSchema)]
pub struct InvitationForm {
    full_name: String,
    /// Name to sign in with; made from the full name when absent.
    #[serde(default)]
    name: Option<String>,
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

/// An invitation, shown once.
#[derive(Serialize, ToSchema)]
pub struct InvitationAnswer {
    #[schema(value_type = String)]
    person: PersonId,
    /// Name to sign in with.
    name: String,
    /// Hexadecimal.
    token: String,
    /// Behind this server's address.
    path: String,
    /// Milliseconds since 1970.
    #[schema(value_type = i64)]
    expires_at: Millis,
    /// The whole link as a picture.
    qr_svg: String,
}

fn answer(made: Made, headers: &HeaderMap) -> Result<InvitationAnswer, Problem> {
    let token = made.token.to_hex();
    let path = format!("/#/join/{token}");
    let qr_svg = qr::svg(&format!("{}{path}", origin(headers)))?;
    Ok(InvitationAnswer {
        person: made.person,
        name: made.name,
        token,
        path,
        expires_at: made.expires_at,
        qr_svg,
    })
}

/// This server's address as the inviting browser knows it.
fn origin(headers: &HeaderMap) -> String {
    let text = |name| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.filter(|value| value.len() <= MAX_ORIGIN)
    };
    match text(header::ORIGIN).filter(|origin| origin.starts_with("http")) {
        Some(origin) => origin.to_owned(),
        None => text(header::HOST).map_or_else(String::new, |host| format!("http://{host}")),
    }
}

/// Adds somebody without a password and invites them.
#[utoipa::path(post, path = "/api/v1/invitations", request_body = InvitationForm, responses(
    (status = 201, body = InvitationAnswer),
    (status = 403, description = "not_allowed", body = ErrorBody),
    (status = 409, description = "document_exists: the name is taken; second_person_needed", body = ErrorBody),
    (status = 422, description = "field_missing, ward_unknown, organisation_invalid, place_unknown, text_empty", body = ErrorBody),
))]
pub async fn invite(
    State(state): State<AppState>,
    who: SignedIn,
    headers: HeaderMap,
    ApiJson(form): ApiJson<InvitationForm>,
) -> Result<(StatusCode, Json<InvitationAnswer>), ApiError> {
    let InvitationForm { full_name, name: sign_in, role, ward, organisation, place } = form;
    let wanted = Wanted { full_name, sign_in, role: RoleAt { role, ward, organisation, place } };
    let made = invitations::invite_new(&state, &who, wanted).await?;
    Ok((StatusCode::CREATED, Json(answer(made, &headers)?)))
}

/// Invites somebody who has an account again; older invitations end.
#[utoipa::path(post, path = "/api/v1/people/{id}/invitations", params(
    ("id" = String, Path, description = "the person"),
), responses(
    (status = 201, body = InvitationAnswer),
    (status = 403, description = "not_allowed", body = ErrorBody),
    (status = 404, description = "not_found", body = ErrorBody),
    (status = 409, description = "second_person_needed", body = ErrorBody),
))]
pub async fn invite_again(
    State(state): State<AppState>,
    who: SignedIn,
    person: Result<Path<PersonId>, PathRejection>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<InvitationAnswer>), ApiError> {
    let Path(person) = person.map_err(|_| Code::NotFound)?;
    let made = invitations::invite_again(&state, &who, person).await?;
    Ok((StatusCode::CREATED, Json(answer(made, &headers)?)))
}

/// Forgets somebody's two-step codes.
#[utoipa::path(delete, path = "/api/v1/people/{id}/totp", params(
    ("id" = String, Path, description = "the person"),
), responses(
    (status = 204),
    (status = 404, description = "not_found", body = ErrorBody),
    (status = 409, description = "second_person_needed", body = ErrorBody),
))]
pub async fn reset_codes(
    State(state): State<AppState>,
    Administrator(who): Administrator,
    person: Result<Path<PersonId>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(person) = person.map_err(|_| Code::NotFound)?;
    invitations::reset_codes(&state, &who, person).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What waits for a second person.
#[derive(Serialize, ToSchema)]
pub struct ApprovalAnswer {
    #[schema(value_type = String)]
    id: ApprovalId,
    /// `invitation`, `totp_reset`, `role` or `erasure`.
    kind: String,
    /// The role asked for.
    #[schema(value_type = Option<String>)]
    role: Option<Role>,
    /// Where.
    #[schema(value_type = Option<String>)]
    ward: Option<WardRef>,
    /// Why a case is to be erased.
    #[schema(value_type = Option<String>)]
    reason: Option<ErasureReason>,
    /// When that case was created, in milliseconds since 1970. Nothing else is told of it.
    #[schema(value_type = Option<i64>)]
    case_created_at: Option<Millis>,
    person: NamedPerson,
    asked_by: NamedPerson,
    /// Milliseconds since 1970.
    #[schema(value_type = i64)]
    asked_at: Millis,
}

/// What waits for a second person.
#[utoipa::path(get, path = "/api/v1/approvals", responses(
    (status = 200, body = Vec<ApprovalAnswer>),
    (status = 403, description = "not_allowed", body = ErrorBody),
))]
pub async fn approvals(
    State(state): State<AppState>,
    _: Administrator,
) -> Result<Json<Vec<ApprovalAnswer>>, ApiError> {
    let answer = |one: Approval| ApprovalAnswer {
        id: one.approval,
        kind: one.kind,
        role: one.role.as_ref().map(|asked| asked.role),
        ward: one.role.and_then(|asked| asked.ward).or(one.erasure.map(|asked| asked.ward)),
        reason: one.erasure.map(|asked| asked.reason),
        case_created_at: one.erasure.map(|asked| asked.created_at),
        person: NamedPerson::new(one.person, one.person_name),
        asked_by: NamedPerson::new(one.asked_by, one.asked_by_name),
        asked_at: one.asked_at,
    };
    Ok(Json(second_person::approvals(&state).await?.into_iter().map(answer).collect()))
}

/// A decision.
#[derive(Deserialize, ToSchema)]
pub struct GrantForm {
    grant: bool,
}

/// What was granted.
#[derive(Serialize, ToSchema)]
pub struct GrantAnswer {
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation: Option<InvitationAnswer>,
}

/// Decides as the second person: neither who asked nor whom it concerns.
#[utoipa::path(post, path = "/api/v1/approvals/{id}", params(
    ("id" = String, Path, description = "what was asked"),
), request_body = GrantForm, responses(
    (status = 200, body = GrantAnswer),
    (status = 403, description = "not_allowed", body = ErrorBody),
    (status = 404, description = "not_found", body = ErrorBody),
))]
pub async fn decide(
    State(state): State<AppState>,
    Administrator(who): Administrator,
    approval: Result<Path<ApprovalId>, PathRejection>,
    headers: HeaderMap,
    ApiJson(form): ApiJson<GrantForm>,
) -> Result<Json<GrantAnswer>, ApiError> {
    let Path(approval) = approval.map_err(|_| Code::NotFound)?;
    let made = second_person::decide(&state, &who, approval, form.grant).await?;
    let invitation = made.map(|made| answer(made, &headers)).transpose()?;
    Ok(Json(GrantAnswer { invitation }))
}

/// An invitation as somebody holds it.
#[derive(Deserialize, ToSchema)]
pub struct LookForm {
    invitation: String,
}

/// Whom it is for.
#[derive(Serialize, ToSchema)]
pub struct LookAnswer {
    full_name: String,
    #[schema(value_type = Option<String>)]
    role: Option<Role>,
    #[schema(value_type = Option<String>)]
    ward: Option<WardRef>,
    #[schema(value_type = Option<String>)]
    organisation: Option<OrganisationId>,
}

/// Whom an invitation is for; it stays good.
#[utoipa::path(post, path = "/api/v1/join/look", request_body = LookForm, responses(
    (status = 200, body = LookAnswer),
    (status = 404, description = "invitation_invalid: unknown, used or expired", body = ErrorBody),
    (status = 429, description = "too_many_attempts", body = ErrorBody),
))]
pub async fn look(
    State(state): State<AppState>,
    caller: Caller,
    ApiJson(form): ApiJson<LookForm>,
) -> Result<Json<LookAnswer>, ApiError> {
    let invited = joining::look(&state, &caller, &form.invitation).await?;
    let today = state.today();
    let held = invited.memberships.into_iter().find(|held| held.span.contains(today));
    Ok(Json(LookAnswer {
        full_name: invited.full_name,
        role: held.as_ref().map(|held| held.role),
        ward: held.as_ref().and_then(|held| held.ward),
        organisation: held.and_then(|held| held.organisation),
    }))
}

/// Somebody comes in.
#[derive(Deserialize, ToSchema)]
pub struct JoinForm {
    invitation: String,
    #[serde(default)]
    device_name: String,
    /// Set as the account's password.
    #[serde(default)]
    password: Option<String>,
}

/// Uses an invitation up and makes a device.
#[utoipa::path(post, path = "/api/v1/join", request_body = JoinForm, responses(
    (status = 200, body = SessionAnswer),
    (status = 404, description = "invitation_invalid: unknown, used or expired", body = ErrorBody),
    (status = 422, description = "password_too_short", body = ErrorBody),
    (status = 429, description = "too_many_attempts", body = ErrorBody),
))]
pub async fn join(
    State(state): State<AppState>,
    caller: Caller,
    ApiJson(form): ApiJson<JoinForm>,
) -> Result<Json<SessionAnswer>, ApiError> {
    let JoinForm { invitation, device_name, password } = form;
    let device = joining::join(&state, &caller, &invitation, &device_name, password).await?;
    Ok(session_answer(&state, &device))
}
