//! Sealed items as routes: sent while the app is locked, brought as a rescue file, handed over by a device that was taken
//! away, and what a supervisor does with the latter.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::Code;
use donghanh_shared::ids::DocumentId;
use donghanh_shared::seal::outbox::MAX_RESCUE;
use donghanh_shared::sync::wire::{MAX_PUSH_BODY, to_bytes};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::devices::{NamedDevice, NamedPerson};
use super::error::{ApiError, ErrorBody};
use super::extract::{ApiJson, Pusher, Revoked, body, has_type};
use super::sync::{cbor, check_deflated};
use crate::audit::{self, kind};
use crate::auth::SignedIn;
use crate::problem::logged;
use crate::state::AppState;
use crate::store::handed_over::{DEVICE_REVOKED, Item};
use crate::sync::{hand_over, sealed};

/// Takes what a device sealed while it was locked.
#[utoipa::path(post, path = "/api/v1/push/sealed",
    request_body(content_type = "application/vnd.donghanh.sync+cbor", description = "zlib-deflated SealedItems"),
    responses(
        (status = 200, description = "PushAnswer, one answer an item", content_type = "application/vnd.donghanh.sync+cbor"),
        (status = "4XX", description = "the whole; nothing was changed", body = ErrorBody),
    ))]
pub async fn push(
    State(state): State<AppState>,
    Pusher(who): Pusher,
    request: Request,
) -> Result<Response, ApiError> {
    check_deflated(request.headers())?;
    let bytes = body(request, MAX_PUSH_BODY).await?;
    let answer = sealed::push(&state, &who, bytes).await?;
    Ok(cbor(to_bytes(&answer)))
}

/// What became of a hand-over.
#[derive(Serialize, ToSchema)]
pub struct HandOverAnswer {
    taken: usize,
    /// Were here before.
    already: usize,
    /// Pictures that are here now; each goes to its record when that is taken in.
    photos: usize,
    /// The device did not make them.
    refused: usize,
}

/// Takes what a device that was taken away still has. Repeats are harmless.
#[utoipa::path(post, path = "/api/v1/hand-over",
    request_body(content_type = "application/vnd.donghanh.sync+cbor", description = "zlib-deflated SealedItems"),
    responses(
        (status = 200, body = HandOverAnswer),
        (status = 403, description = "not_allowed: the device was not taken away", body = ErrorBody),
        (status = 413, description = "hand_over_full, body_too_large", body = ErrorBody),
    ))]
pub async fn take(
    State(state): State<AppState>,
    Revoked(who): Revoked,
    request: Request,
) -> Result<Json<HandOverAnswer>, ApiError> {
    check_deflated(request.headers())?;
    let bytes = body(request, MAX_RESCUE).await?;
    let kept = hand_over::take(&state, &who, bytes).await?;
    let refused = kept.refused.values().sum();
    let hand_over::Kept { taken, already, photos, .. } = kept;
    Ok(Json(HandOverAnswer { taken, already, photos, refused }))
}

/// A device that was taken away says that it is empty.
#[utoipa::path(post, path = "/api/v1/hand-over/done", responses(
    (status = 204),
    (status = 403, description = "not_allowed: the device was not taken away", body = ErrorBody),
))]
pub async fn done(State(state): State<AppState>, Revoked(who): Revoked) -> Result<StatusCode, ApiError> {
    state.store().wiped(who.device_key(), state.now()).await.map_err(logged)?;
    audit::note(&state, who.line(kind::DEVICE_WIPED)).await;
    Ok(StatusCode::NO_CONTENT)
}

/// What became of a rescue file.
#[derive(Serialize, ToSchema)]
pub struct RescueAnswer {
    taken: usize,
    already: usize,
    parked: usize,
    /// Pictures that are here now.
    photos: usize,
    refused: Vec<RefusedAnswer>,
}

/// Items not taken.
#[derive(Serialize, ToSchema)]
pub struct RefusedAnswer {
    code: String,
    count: usize,
}

fn refused(counts: BTreeMap<String, usize>) -> Vec<RefusedAnswer> {
    counts.into_iter().map(|(code, count)| RefusedAnswer { code, count }).collect()
}

/// Takes a rescue file, whoever brings it.
#[utoipa::path(post, path = "/api/v1/rescue",
    request_body(content_type = "application/octet-stream", description = "at most 8 MiB; a larger file is sent in parts"),
    responses(
        (status = 200, body = RescueAnswer),
        (status = 403, description = "sealed_forged: of no device known here", body = ErrorBody),
        (status = 409, description = "other_instance", body = ErrorBody),
        (status = 422, description = "rescue_unreadable", body = ErrorBody),
    ))]
pub async fn rescue(
    State(state): State<AppState>,
    who: SignedIn,
    request: Request,
) -> Result<Json<RescueAnswer>, ApiError> {
    if !has_type(request.headers(), "application/octet-stream") {
        return Err(Code::ContentTypeWrong.into());
    }
    let bytes = body(request, MAX_RESCUE).await?;
    let sealed::Rescued { taken, already, parked, photos, refused: counts } =
        sealed::rescue(&state, &who, bytes).await?;
    Ok(Json(RescueAnswer { taken, already, parked, photos, refused: refused(counts) }))
}

/// An item that a device handed over, without its content.
#[derive(Serialize, ToSchema)]
pub struct HandedOverAnswer {
    id: i64,
    device: NamedDevice,
    person: NamedPerson,
    /// Milliseconds since 1970.
    #[schema(value_type = i64)]
    received: Millis,
    kind: Option<String>,
    #[schema(value_type = Option<String>)]
    document: Option<DocumentId>,
    #[schema(value_type = Option<String>)]
    ward: Option<WardRef>,
    /// `taken`, `discarded`, a code; null while it waits.
    decided: Option<String>,
    /// `device_revoked`, or `right_ended` for an edit of somebody whose right had ended.
    reason: String,
}

/// How many items of a device wait: all that administrators see.
#[derive(Serialize, ToSchema)]
pub struct HandedOverCount {
    device: NamedDevice,
    person: NamedPerson,
    waiting: usize,
    decided: usize,
}

/// The answer of [`list`]: items, or counts.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum HandedOverList {
    /// For supervisors of wards, and officers of after-care: the items they decide about.
    Items(Vec<HandedOverAnswer>),
    /// For administrators.
    Counts(Vec<HandedOverCount>),
}

/// What was handed over: items to those who decide about them, counts to administrators.
#[utoipa::path(get, path = "/api/v1/handed-over", responses(
    (status = 200, body = HandedOverList),
    (status = 403, description = "not_allowed", body = ErrorBody),
))]
pub async fn list(State(state): State<AppState>, who: SignedIn) -> Result<Json<HandedOverList>, ApiError> {
    if !who.takes_in_anything() && !who.access().administers {
        return Err(Code::NotAllowed.into());
    }
    let items = state.store().handed_over().await.map_err(logged)?;
    if !who.takes_in_anything() {
        return Ok(Json(HandedOverList::Counts(counted(items))));
    }
    let mine = items.into_iter().filter(|item| who.takes_in(item.ward, item.kind.as_deref()));
    let answer = |item: Item| HandedOverAnswer {
        id: item.id,
        device: NamedDevice::new(item.device, item.device_name),
        person: NamedPerson::new(item.person, item.person_name),
        received: item.received,
        kind: item.kind,
        document: item.document,
        ward: item.ward,
        decided: item.outcome,
        reason: item.reason,
    };
    Ok(Json(HandedOverList::Items(mine.map(answer).collect())))
}

fn counted(items: Vec<Item>) -> Vec<HandedOverCount> {
    let mut counts: BTreeMap<i64, HandedOverCount> = BTreeMap::new();
    for item in items.into_iter().filter(|item| item.reason == DEVICE_REVOKED) {
        let of_device = counts.entry(item.device_key).or_insert_with(|| HandedOverCount {
            device: NamedDevice::new(item.device, item.device_name),
            person: NamedPerson::new(item.person, item.person_name),
            waiting: 0,
            decided: 0,
        });
        let count = if item.outcome.is_some() { &mut of_device.decided } else { &mut of_device.waiting };
        *count += 1;
    }
    counts.into_values().collect()
}

/// What is to become of items.
#[derive(Deserialize, ToSchema)]
pub struct DecideForm {
    ids: Vec<i64>,
    /// Taken in, or discarded.
    take: bool,
}

/// What became of an item; null: it builds on others that have not come.
#[derive(Serialize, ToSchema)]
pub struct OutcomeAnswer {
    id: i64,
    outcome: Option<String>,
}

/// Takes items in, or discards them.
#[utoipa::path(post, path = "/api/v1/handed-over", request_body = DecideForm, responses(
    (status = 200, body = Vec<OutcomeAnswer>),
    (status = 403, description = "not_allowed: one is not theirs to decide", body = ErrorBody),
))]
pub async fn decide(
    State(state): State<AppState>,
    who: SignedIn,
    ApiJson(form): ApiJson<DecideForm>,
) -> Result<Json<Vec<OutcomeAnswer>>, ApiError> {
    let outcomes = hand_over::decide(&state, &who, form.ids, form.take).await?;
    Ok(Json(outcomes.into_iter().map(|(id, outcome)| OutcomeAnswer { id, outcome }).collect()))
}
