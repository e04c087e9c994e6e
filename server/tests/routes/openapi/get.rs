//! The description of the routes.

use crate::test_app::TestApp;

#[tokio::test]
async fn every_route_is_described() {
    let app = TestApp::empty().await;
    let document = app.get("/api/v1/openapi.json").await.json();
    for (path, method) in [
        ("/healthz", "get"),
        ("/api/v1/instance", "get"),
        ("/api/v1/session", "post"),
        ("/api/v1/session", "get"),
        ("/api/v1/session", "delete"),
        ("/api/v1/push", "post"),
        ("/api/v1/pull", "post"),
        ("/api/v1/events", "get"),
        ("/api/v1/aftercare/rules", "get"),
        ("/api/v1/aftercare/rules", "put"),
        ("/api/v1/aftercare/rules/in-force", "get"),
        ("/api/v1/aftercare/managed", "put"),
    ] {
        assert!(document["paths"][path][method].is_object(), "{method} {path}");
    }
}
