//! Paths that lead out of the app's folder.

use axum::body::Body;
use axum::http::Request;

use crate::test_app::TestApp;

#[tokio::test]
async fn nothing_outside_the_app_is_served() {
    let app = TestApp::empty().await;
    let page = app.get("/").await;
    for path in [
        "/../Cargo.toml",
        "/../../Cargo.toml",
        "/assets/../../../Cargo.toml",
        "/%2e%2e/%2e%2e/Cargo.toml",
        "/%2E%2E/%2E%2E/Cargo.toml",
        "/..%2f..%2fCargo.toml",
        "/assets/..%2f..%2f..%2fCargo.toml",
        "/..%5c..%5cCargo.toml",
        "/....//....//Cargo.toml",
        "//etc/passwd",
        "/etc/passwd",
        "/%2fetc%2fpasswd",
        "/index.html%00.png",
        "/%00",
        "/%",
        "/%ff%fe",
        "/.git/config",
        "/donghanh.sqlite",
        "/master.key",
    ] {
        let reply = app.get(path).await;
        let is_page = reply.status == page.status && reply.body == page.body;
        let is_refused = reply.status == 404 && reply.code() == "not_found";
        assert!(is_page || is_refused, "{path}: {} {:?}", reply.status, reply.body);
    }
    for path in
        ["/api/../master.key", "/api/v1/%2e%2e/%2e%2e/master.key", "/api/v1/photos/..%2f..%2fmaster.key"]
    {
        let request = Request::get(path).body(Body::empty()).expect("request");
        let reply = app.send(request).await;
        assert!([401, 404].contains(&reply.status.as_u16()), "{path}: {}", reply.status);
    }
}
