//! What anybody may know about this server before signing in.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::{ApiError, ErrorBody};
use crate::problem::logged;
use crate::state::{AppState, DemoSignIn};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The answer of [`healthz`].
#[derive(Serialize, ToSchema)]
pub struct Health {
    status: &'static str,
    version: &'static str,
}

/// The answer of [`instance`].
#[derive(Serialize, ToSchema)]
pub struct InstanceAnswer {
    /// Identity of the database, hexadecimal.
    instance: String,
    /// Rises when the database was restored.
    epoch: u32,
    /// Whether it holds demo data.
    demo: bool,
    /// Whether somebody has an account.
    set_up: bool,
    /// What the area is called; empty until it is set up.
    area_name: String,
    version: &'static str,
    /// The day in Vietnam, ISO.
    today: String,
    /// Sign-ins of the demo.
    #[schema(value_type = Vec<Object>)]
    demo_sign_ins: Vec<DemoSignIn>,
}

/// Whether the server and its database answer.
#[utoipa::path(get, path = "/healthz", responses((status = 200, body = Health), (status = 500, body = ErrorBody)))]
pub async fn healthz(State(state): State<AppState>) -> Result<Json<Health>, ApiError> {
    state.store().ping().await.map_err(logged)?;
    Ok(Json(Health { status: "ok", version: VERSION }))
}

/// What this server is.
#[utoipa::path(get, path = "/api/v1/instance", responses((status = 200, body = InstanceAnswer)))]
pub async fn instance(State(state): State<AppState>) -> Result<Json<InstanceAnswer>, ApiError> {
    let instance = state.store().instance();
    let set_up = !state.store().is_empty().await.map_err(logged)?;
    Ok(Json(InstanceAnswer {
        instance: instance.id.to_string(),
        epoch: instance.epoch,
        demo: instance.demo,
        set_up,
        area_name: state.store().area_name().await.map_err(logged)?,
        version: VERSION,
        today: state.today().to_string(),
        demo_sign_ins: state.demo_sign_ins().to_vec(),
    }))
}
