//! Push and pull as routes: media types, sizes, compression. What they do is in [`crate::sync`].

use std::io::Write as _;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use donghanh_shared::domain::error::Code;
use donghanh_shared::sync::wire::{CONTENT_TYPE, MAX_PULL_REQUEST, MAX_PUSH_BODY, from_bytes, to_bytes};

use super::error::{ApiError, ErrorBody};
use super::extract::{body, has_type};
use crate::auth::SignedIn;
use crate::state::AppState;
use crate::sync;

/// Pages smaller than this are not worth compressing.
const WORTH_COMPRESSING: usize = 200;
/// Of 11. Above 6 it costs several times the time for a few percent.
const BROTLI_QUALITY: u32 = 6;
/// Up to this size the link matters more than the time.
const SMALL_PAGE: usize = 128 << 10;
/// Quality for small pages.
const BROTLI_QUALITY_SMALL: u32 = 9;
/// Logarithm of the window: 4 MiB, a whole page.
const BROTLI_WINDOW: u32 = 22;

/// Takes a batch of changes and commands.
#[utoipa::path(post, path = "/api/v1/push",
    request_body(content_type = "application/vnd.donghanh.sync+cbor", description = "zlib-deflated PushRequest"),
    responses(
        (status = 200, description = "PushAnswer", content_type = "application/vnd.donghanh.sync+cbor"),
        (status = "4XX", description = "the whole batch; nothing was changed", body = ErrorBody),
    ))]
pub async fn push(
    State(state): State<AppState>,
    who: SignedIn,
    request: Request,
) -> Result<Response, ApiError> {
    check_deflated(request.headers())?;
    let bytes = body(request, MAX_PUSH_BODY).await?;
    let answer = sync::watch::pushed(&state, &who, sync::push::push_body(&state, &who, bytes).await).await?;
    Ok(cbor(to_bytes(&answer)))
}

/// Whether the headers name a deflated message of ours.
pub fn check_deflated(headers: &HeaderMap) -> Result<(), ApiError> {
    let is_deflated = headers.get(header::CONTENT_ENCODING).is_some_and(|value| value == "deflate");
    if has_type(headers, CONTENT_TYPE) && is_deflated { Ok(()) } else { Err(Code::ContentTypeWrong.into()) }
}

/// Gives one page of what is new.
#[utoipa::path(post, path = "/api/v1/pull",
    request_body(content_type = "application/vnd.donghanh.sync+cbor", description = "PullRequest"),
    responses(
        (status = 200, description = "PullPage", content_type = "application/vnd.donghanh.sync+cbor"),
        (status = "4XX", body = ErrorBody),
    ))]
pub async fn pull(
    State(state): State<AppState>,
    who: SignedIn,
    request: Request,
) -> Result<Response, ApiError> {
    if !has_type(request.headers(), CONTENT_TYPE) {
        return Err(Code::ContentTypeWrong.into());
    }
    let takes_brotli = accepts(request.headers(), "br");
    let bytes = body(request, MAX_PULL_REQUEST).await?;
    let page = sync::pull(&state, &who, from_bytes(&bytes)?).await?;
    let page = to_bytes(&page);
    if !takes_brotli || page.len() <= WORTH_COMPRESSING {
        return Ok(cbor(page));
    }
    let compressed = state.compute(move || compress(&page)).await?;
    let mut response = cbor(compressed);
    response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    Ok(response)
}

/// Whether the caller takes this encoding.
pub fn accepts(headers: &HeaderMap, wanted: &str) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|one| one.trim().split(';').map(str::trim).collect::<Vec<_>>())
        .any(|one| one.first() == Some(&wanted) && !one.contains(&"q=0"))
}

fn compress(page: &[u8]) -> Vec<u8> {
    let quality = if page.len() <= SMALL_PAGE { BROTLI_QUALITY_SMALL } else { BROTLI_QUALITY };
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 1 << 16, quality, BROTLI_WINDOW);
    // Writing to a `Vec` cannot fail.
    let _ = encoder.write_all(page);
    encoder.into_inner()
}

/// A message of ours.
pub fn cbor(body: Vec<u8>) -> Response {
    let mut response = Bytes::from(body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_read_as_written() {
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().expect("value"));
            accepts(&headers, "br")
        };
        assert!(with("br") && with("gzip, deflate, br") && with("gzip, br;q=0.5"));
        assert!(!with("gzip") && !with("br;q=0") && !with("brotli") && !accepts(&HeaderMap::new(), "br"));
    }

    #[test]
    fn pages_come_back_from_brotli() {
        let page = b"Nguyen Thi Lan ".repeat(20_000);
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut compress(&page).as_slice(), &mut back).expect("decompresses");
        assert!(back == page && compress(&page).len() < 2_000);
    }
}
