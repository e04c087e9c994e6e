//! Photos of records as routes: pieces of a sealed picture, and the whole. They travel beside push and pull, so that a
//! picture never holds up a record.

use std::collections::HashMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::photo::{MAX_PHOTO_BYTES, MAX_PHOTOS, MAX_PIECE_BYTES};
use donghanh_shared::ids::{DocumentId, PhotoId};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::{ApiError, ErrorBody};
use super::extract::{body, has_type};
use crate::auth::SignedIn;
use crate::problem::logged;
use crate::state::AppState;
use crate::store::photos::NewPiece;
use crate::sync::push::may_write;

const SEALED: &str = "application/octet-stream";

/// How much of a picture the server has.
#[derive(Serialize, ToSchema)]
pub struct ArrivedAnswer {
    /// Bytes from the start on: the next piece begins here.
    have: usize,
    /// All of them, and they are the picture announced.
    whole: bool,
}

type Photo = Result<Path<PhotoId>, PathRejection>;
type Parameters = Result<Query<HashMap<String, String>>, QueryRejection>;

/// Takes a piece of a sealed picture that a record lists. An empty piece asks how much is there.
#[utoipa::path(put, path = "/api/v1/photos/{photo}", params(
    ("photo" = String, Path, description = "SHA-256 of the sealed picture, hexadecimal"),
    ("document" = String, Query, description = "the record that lists it"),
    ("size" = usize, Query, description = "bytes of the whole, at most 1 MiB"),
    ("at" = usize, Query, description = "place of the first byte of this piece"),
), request_body(content_type = "application/octet-stream", description = "at most 64 KiB"), responses(
    (status = 200, body = ArrivedAnswer),
    (status = 404, description = "not_found: no such record or photo, or not theirs", body = ErrorBody),
    (status = 413, description = "photo_too_large, body_too_large", body = ErrorBody),
    (status = 422, description = "photo_not_allowed, photos_too_many, photo_damaged, field_missing", body = ErrorBody),
))]
pub async fn put(
    State(state): State<AppState>,
    who: SignedIn,
    photo: Photo,
    query: Parameters,
    request: Request,
) -> Result<Json<ArrivedAnswer>, ApiError> {
    let Path(photo) = photo.map_err(|_| Code::NotFound)?;
    let Query(query) = query.map_err(|_| Code::BodyMalformed)?;
    let document: DocumentId = parameter(&query, "document")?;
    let (size, at) = (parameter(&query, "size")?, parameter(&query, "at")?);
    if !has_type(request.headers(), SEALED) {
        return Err(Code::ContentTypeWrong.into());
    }
    if size == 0 || size > MAX_PHOTO_BYTES {
        return Err(Problem::new(Code::PhotoTooLarge).at("size").into());
    }
    let bytes = body(request, MAX_PIECE_BYTES).await?.to_vec();
    let listed = state.store().listed(document, photo).await.map_err(logged)?;
    let stored = state.store().documents(vec![document]).await.map_err(logged)?;
    let may = stored.get(&document).is_some_and(|stored| may_write(&who, stored, state.now()));
    let listed = listed.filter(|_| may).ok_or(Code::NotFound)?;
    if listed.private {
        return Err(Problem::new(Code::PhotoNotAllowed).at("photos").into());
    }
    if listed.photos > MAX_PHOTOS {
        return Err(Problem::new(Code::PhotosTooMany).at("photos").into());
    }
    let (device, received) = (who.device_key(), state.now());
    let piece = NewPiece { photo, document, device, size, at, bytes, received };
    let arrived = state.store().put_piece(piece).await.map_err(logged)?;
    if arrived.damaged {
        return Err(Code::PhotoDamaged.into());
    }
    Ok(Json(ArrivedAnswer { have: arrived.have, whole: arrived.whole }))
}

/// The picture, from a record that the person may read. One that became private meanwhile shows none.
async fn readable(state: &AppState, who: &SignedIn, photo: PhotoId) -> Result<Option<Vec<u8>>, Problem> {
    for document in state.store().records_of(photo).await.map_err(logged)? {
        let listed = state.store().listed(document, photo).await.map_err(logged)?;
        if listed.is_some_and(|listed| {
            !listed.private && listed.scopes.iter().any(|scope| who.access().may_read(scope))
        }) {
            return state.store().photo(document, photo).await.map_err(logged);
        }
    }
    Ok(None)
}

fn parameter<T: std::str::FromStr>(query: &HashMap<String, String>, name: &str) -> Result<T, Problem> {
    let missing = || Problem::new(Code::FieldMissing).at(name);
    query.get(name).and_then(|text| text.parse().ok()).ok_or_else(missing)
}

/// Gives a sealed picture to whoever may read its record.
#[utoipa::path(get, path = "/api/v1/photos/{photo}", params(
    ("photo" = String, Path, description = "SHA-256 of the sealed picture, hexadecimal"),
), responses(
    (status = 200, description = "the sealed picture", content_type = "application/octet-stream"),
    (status = 404, description = "not_found: no such photo, not whole yet, taken out, or not theirs", body = ErrorBody),
))]
pub async fn get(State(state): State<AppState>, who: SignedIn, photo: Photo) -> Result<Response, ApiError> {
    let Path(photo) = photo.map_err(|_| Code::NotFound)?;
    let bytes = readable(&state, &who, photo).await?.ok_or(Code::NotFound)?;
    let mut response = Bytes::from(bytes).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(SEALED));
    // Its name is its hash: it never changes. Whoever finds it in a cache has no key to it.
    let cached = HeaderValue::from_static("private, max-age=31536000, immutable");
    response.headers_mut().insert(header::CACHE_CONTROL, cached);
    Ok(response)
}
