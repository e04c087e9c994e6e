//! What others brought back after the server was put back to an older copy, for whoever looks after the ward to look through.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::Code;
use donghanh_shared::ids::DocumentId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ApiError, ErrorBody};
use super::extract::ApiJson;
use crate::auth::SignedIn;
use crate::problem::logged;
use crate::state::AppState;
use crate::store::recovered::{MAX_LISTED, Recovered};

/// A record in which somebody brought back what others wrote, without its content.
#[derive(Serialize, ToSchema)]
pub struct RecoveredAnswer {
    #[schema(value_type = String)]
    document: DocumentId,
    kind: String,
    #[schema(value_type = String)]
    ward: WardRef,
    /// Who wrote it.
    authors: Vec<String>,
    /// Who brought it.
    brought_by: Vec<String>,
    changes: u64,
    /// When the last of it came, milliseconds since 1970.
    #[schema(value_type = i64)]
    at: Millis,
    /// To be said when it was seen: what comes later is listed anew.
    upto: i64,
}

/// Records that were seen.
#[derive(Deserialize, ToSchema)]
pub struct SeenForm {
    records: Vec<SeenRecord>,
}

/// One of them.
#[derive(Deserialize, ToSchema)]
pub struct SeenRecord {
    #[schema(value_type = String)]
    document: DocumentId,
    upto: i64,
}

async fn mine(state: &AppState, who: &SignedIn) -> Result<Vec<Recovered>, ApiError> {
    if !who.takes_in_anything() {
        return Err(Code::NotAllowed.into());
    }
    let mut all = state.store().recovered().await.map_err(logged)?;
    all.retain(|one| who.takes_in(Some(one.ward), Some(&one.kind)));
    Ok(all)
}

/// What was brought back and nobody in charge has seen yet, what came last first; at most 200 records.
#[utoipa::path(get, path = "/api/v1/recovered", responses(
    (status = 200, body = Vec<RecoveredAnswer>),
    (status = 403, description = "not_allowed", body = ErrorBody),
))]
pub async fn list(
    State(state): State<AppState>,
    who: SignedIn,
) -> Result<Json<Vec<RecoveredAnswer>>, ApiError> {
    let answer = |one: Recovered| {
        let Recovered { document, kind, ward, authors, brought_by, changes, at, upto } = one;
        RecoveredAnswer { document, kind, ward, authors, brought_by, changes, at, upto }
    };
    Ok(Json(mine(&state, &who).await?.into_iter().take(MAX_LISTED).map(answer).collect()))
}

/// Notes that they were seen; they are listed no more, unless something further is brought back.
#[utoipa::path(post, path = "/api/v1/recovered", request_body = SeenForm, responses(
    (status = 204),
    (status = 403, description = "not_allowed", body = ErrorBody),
))]
pub async fn seen(
    State(state): State<AppState>,
    who: SignedIn,
    ApiJson(form): ApiJson<SeenForm>,
) -> Result<StatusCode, ApiError> {
    let listed: HashMap<DocumentId, i64> =
        mine(&state, &who).await?.into_iter().map(|one| (one.document, one.upto)).collect();
    let mut seen = Vec::with_capacity(form.records.len());
    for SeenRecord { document, upto } in form.records {
        // What is not theirs, or was seen meanwhile, is passed over; and nobody has seen what is not here yet.
        if let Some(last) = listed.get(&document) {
            seen.push((document, upto.min(*last)));
        }
    }
    state.store().see_recovered(who.person_key(), seen, state.now()).await.map_err(logged)?;
    Ok(StatusCode::NO_CONTENT)
}
