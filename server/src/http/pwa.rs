//! The app itself, embedded in the binary: hashed names are kept for ever, the page and its worker never.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use donghanh_shared::domain::error::Code;
use rust_embed::{EmbeddedFile, RustEmbed};

use super::error::ApiError;
use super::sync::accepts;

/// What `cargo xtask app` made; empty when it has not run yet.
#[derive(RustEmbed)]
#[folder = "../target/pwa/"]
#[allow_missing = true]
struct Files;

/// A file of the app; `index.html` for its screens; a problem under `/api`.
pub async fn file(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") || (method != Method::GET && method != Method::HEAD) {
        return ApiError::from(Code::NotFound).into_response();
    }
    // A hashed file of another version: the page in its place would be taken for a program.
    if path.starts_with("assets/") && Files::get(path).is_none() {
        return ApiError::from(Code::NotFound).into_response();
    }
    // Files beside a `.br` are the only ones that bear that ending; nobody asks for it by name.
    let name = if path.is_empty() || path.ends_with(".br") || Files::get(path).is_none() {
        "index.html"
    } else {
        path
    };
    let packed = accepts(&headers, "br").then(|| Files::get(&format!("{name}.br"))).flatten();
    let is_packed = packed.is_some();
    match packed.or_else(|| Files::get(name)) {
        Some(found) => respond(name, found, is_packed),
        None => ApiError::from(Code::NotFound).into_response(),
    }
}

fn respond(name: &str, file: EmbeddedFile, is_packed: bool) -> Response {
    let kept = if is_hashed(name) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = (StatusCode::OK, axum::body::Bytes::from(file.data.into_owned())).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if is_packed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

/// Whether a part of the name between a `-` or `.` and the ending is a hash of the content.
fn is_hashed(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let stem = file.rsplit_once('.').map_or("", |(stem, _)| stem);
    let last = stem.rsplit(['-', '.', '_']).next().unwrap_or("");
    last.len() < stem.len() && last.len() >= 8 && last.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        for name in [
            "app-0123abcd.js",
            "app.0123456789abcdef.wasm",
            "styles/main-deadbeef.css",
            "app-0123abcd_bg.deadbeef99.wasm",
        ] {
            assert!(is_hashed(name), "{name}");
        }
        for name in
            ["index.html", "sw.js", "manifest.webmanifest", "icon-192.png", "deadbeef.js", "loader.js"]
        {
            assert!(!is_hashed(name), "{name}");
        }
    }
}
