//! What stands before every route: other sites' pages are turned away, time and number of requests are bounded, and what
//! the interface answers stays in no cache.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use donghanh_shared::domain::error::Code;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::error::ApiError;

/// Requests handled at the same time; further ones are asked to come back.
const REQUESTS: usize = 256;
/// How long a request may take, its body included.
const LIMIT: Duration = Duration::from_secs(30);
/// How long one may take whose body is large or comes over a slow link.
const LIMIT_LARGE: Duration = Duration::from_secs(120);

/// The limits, shared by every request.
#[derive(Clone, Debug)]
pub struct Guard {
    places: Arc<Semaphore>,
    ordinary: Duration,
    large: Duration,
}

impl Default for Guard {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(REQUESTS)), ordinary: LIMIT, large: LIMIT_LARGE }
    }
}

impl Guard {
    fn limit(&self, path: &str) -> Duration {
        let large = ["/api/v1/push", "/api/v1/photos", "/api/v1/hand-over", "/api/v1/rescue"];
        if large.iter().any(|start| path.starts_with(start)) { self.large } else { self.ordinary }
    }
}

/// A page of another site asks. No cookie is used here, so it could do nothing in anybody's name; it still has no
/// business at the interface.
fn is_cross_site(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|value| value == "cross-site")
}

/// Lets a request through to its route.
pub async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let is_api = path == "/api" || path.starts_with("/api/");
    if is_api && is_cross_site(request.headers()) {
        return ApiError::from(Code::NotAllowed).into_response();
    }
    let Ok(_place) = guard.places.try_acquire() else {
        return ApiError::from(Code::Busy).into_response();
    };
    // An event stream is answered at once; its lines come afterwards and are not bounded here.
    let answered = timeout(guard.limit(&path), next.run(request)).await;
    let mut response = answered.unwrap_or_else(|_| ApiError::from(Code::TooSlow).into_response());
    if is_api {
        response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, Bytes};
    use axum::routing::post;
    use futures_util::stream;
    use tower::ServiceExt as _;

    use super::*;

    fn routes(guard_of: Guard) -> Router {
        let read = |body: Bytes| async move { body };
        let layer = axum::middleware::from_fn_with_state(guard_of, guard);
        Router::new().route("/api/v1/session", post(read)).layer(layer)
    }

    async fn status(routes: &Router, body: Body) -> u16 {
        let request = Request::post("/api/v1/session").body(body).expect("request");
        routes.clone().oneshot(request).await.expect("answers").status().as_u16()
    }

    #[tokio::test]
    async fn a_body_that_never_ends_is_given_up() {
        let routes = routes(Guard { ordinary: Duration::from_millis(50), ..Guard::default() });
        let never = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
        assert_eq!(status(&routes, never).await, 408);
        assert_eq!(status(&routes, Body::from("x")).await, 200);
    }

    #[test]
    fn only_large_bodies_get_long() {
        let guard = Guard::default();
        for (path, limit) in [
            ("/api/v1/session", LIMIT),
            ("/api/v1/pull", LIMIT),
            ("/api/v1/push", LIMIT_LARGE),
            ("/api/v1/push/sealed", LIMIT_LARGE),
            ("/api/v1/photos/00", LIMIT_LARGE),
            ("/api/v1/rescue", LIMIT_LARGE),
        ] {
            assert_eq!(guard.limit(path), limit, "{path}");
        }
    }

    #[tokio::test]
    async fn beyond_the_places_nobody_waits() {
        let full = Guard { places: Arc::new(Semaphore::new(0)), ..Guard::default() };
        assert_eq!(status(&routes(full), Body::empty()).await, 503);
    }
}
