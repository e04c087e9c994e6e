//! The app's files, and what is under `/api` but no route.

use axum::http::Method;
use serde_json::Value;

use crate::test_app::TestApp;

#[tokio::test]
async fn what_is_no_route_under_api_is_a_problem_not_a_page() {
    let app = TestApp::empty().await;
    for (method, path) in [
        (Method::GET, "/api/v1/nothing"),
        (Method::GET, "/api"),
        (Method::POST, "/somewhere"),
        (Method::PUT, "/api/v1/push"),
        (Method::GET, "/api/v1/push"),
    ] {
        let reply = app.json(method.clone(), path, None, &Value::Null).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (404, "not_found"), "{method} {path}");
    }
}
