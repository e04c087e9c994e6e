//! Devices: seen, and taken away.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::Code;
use donghanh_shared::ids::{DeviceId, PersonId};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::{ApiError, ErrorBody};
use crate::auth::{SignedIn, devices};
use crate::state::AppState;

/// Somebody by name.
#[derive(Serialize, ToSchema)]
pub struct NamedPerson {
    #[schema(value_type = String)]
    id: PersonId,
    name: String,
}

impl NamedPerson {
    /// Of these.
    pub fn new(id: PersonId, name: String) -> Self {
        Self { id, name }
    }
}

/// A device by name.
#[derive(Serialize, ToSchema)]
pub struct NamedDevice {
    #[schema(value_type = String)]
    id: DeviceId,
    name: String,
}

impl NamedDevice {
    /// Of these.
    pub fn new(id: DeviceId, name: String) -> Self {
        Self { id, name }
    }
}

/// A device. Moments are milliseconds since 1970.
#[derive(Serialize, ToSchema)]
pub struct DeviceAnswer {
    #[schema(value_type = String)]
    id: DeviceId,
    name: String,
    person: NamedPerson,
    /// Of the person who asks.
    mine: bool,
    /// The one that asks.
    this: bool,
    #[schema(value_type = i64)]
    created_at: Millis,
    #[schema(value_type = Option<i64>)]
    last_seen_at: Option<Millis>,
    /// Records that waited on it then.
    waiting: Option<u64>,
    #[schema(value_type = Option<i64>)]
    revoked_at: Option<Millis>,
    #[schema(value_type = Option<i64>)]
    wiped_at: Option<Millis>,
    /// Items it handed over after it was taken away.
    handed_over: u64,
}

/// Devices: one's own; for administrators every one, for ward supervisors those of the people of their wards.
#[utoipa::path(get, path = "/api/v1/devices", responses(
    (status = 200, body = Vec<DeviceAnswer>),
    (status = 401, description = "not_signed_in, device_revoked", body = ErrorBody),
))]
pub async fn list(State(state): State<AppState>, who: SignedIn) -> Result<Json<Vec<DeviceAnswer>>, ApiError> {
    let answer = |device: crate::store::devices::Device| DeviceAnswer {
        mine: device.person_key == who.person_key(),
        this: device.key == who.device_key(),
        id: device.device,
        name: device.name,
        person: NamedPerson::new(device.person, device.person_name),
        created_at: device.created_at,
        last_seen_at: device.last_seen_at,
        waiting: device.waiting,
        revoked_at: device.revoked_at,
        wiped_at: device.wiped_at,
        handed_over: device.handed_over,
    };
    Ok(Json(devices::visible(&state, &who).await?.into_iter().map(answer).collect()))
}

/// Takes a device away for good.
#[utoipa::path(post, path = "/api/v1/devices/{id}/revoke", params(
    ("id" = String, Path, description = "the device"),
), responses(
    (status = 204),
    (status = 403, description = "not_allowed", body = ErrorBody),
    (status = 404, description = "not_found", body = ErrorBody),
))]
pub async fn revoke(
    State(state): State<AppState>,
    who: SignedIn,
    device: Result<Path<DeviceId>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(device) = device.map_err(|_| Code::NotFound)?;
    devices::revoke(&state, &who, device).await?;
    Ok(StatusCode::NO_CONTENT)
}
