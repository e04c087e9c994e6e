//! What every answer carries, and whom the interface turns away.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::json;

use crate::test_app::{PASSWORD, Reply, TestApp};

async fn ask(app: &TestApp, method: Method, path: &str, header: (&str, &str)) -> Reply {
    let request = Request::builder().method(method).uri(path).header(header.0, header.1);
    app.send(request.body(Body::empty()).expect("request")).await
}

#[tokio::test]
async fn every_answer_says_what_pages_may_do() {
    let app = TestApp::empty().await;
    for path in ["/", "/healthz", "/api/v1/instance", "/api/v1/nothing"] {
        let headers = app.get(path).await.headers;
        for (name, value) in [
            ("strict-transport-security", "max-age=63072000; includeSubDomains"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("permissions-policy", "camera=(self), geolocation=(self), microphone=()"),
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(headers.get(name).and_then(|value| value.to_str().ok()), Some(value), "{path}");
        }
        assert!(headers.contains_key("content-security-policy"));
        assert!(!headers.contains_key("set-cookie") && !headers.contains_key("access-control-allow-origin"));
        let kept = headers.get("cache-control").and_then(|value| value.to_str().ok());
        assert_eq!(kept == Some("no-store"), path.starts_with("/api"), "{path}: {kept:?}");
    }
}

#[tokio::test]
async fn pages_of_other_sites_are_turned_away() {
    let app = TestApp::empty().await;
    for (method, path) in [
        (Method::GET, "/api/v1/instance"),
        (Method::POST, "/api/v1/session"),
        (Method::OPTIONS, "/api/v1/push"),
        (Method::POST, "/api/v1/set-up"),
    ] {
        let reply = ask(&app, method, path, ("sec-fetch-site", "cross-site")).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "not_allowed"), "{path}");
    }
    for site in ["same-origin", "none", "same-site"] {
        let reply = ask(&app, Method::GET, "/api/v1/instance", ("sec-fetch-site", site)).await;
        assert_eq!(reply.status, 200, "{site}");
    }
    // A link on another page to the app itself is an ordinary link.
    let link = ask(&app, Method::GET, "/healthz", ("sec-fetch-site", "cross-site")).await;
    assert_eq!(link.status, 200);
}

#[tokio::test]
async fn only_what_the_proxy_itself_added_is_believed() {
    let app = TestApp::init().await;
    let guess = |forwarded: String, password: &'static str| {
        let form = json!({ "name": format!("nobody{}", forwarded.len()), "password": password });
        let request = Request::post("/api/v1/session")
            .header("content-type", "application/json")
            .header("x-forwarded-for", forwarded)
            .body(Body::from(form.to_string()));
        app.send(request.expect("request"))
    };
    // The caller writes what it likes in front; the proxy adds the last one.
    for n in 0..50 {
        assert_eq!(guess(format!("{}, 203.0.113.7", "1".repeat(n + 1)), PASSWORD).await.status, 401);
    }
    assert_eq!(guess("9.9.9.9, 203.0.113.7".to_owned(), PASSWORD).await.status, 429);
    assert_eq!(guess("203.0.113.7, 9.9.9.9".to_owned(), PASSWORD).await.status, 401);
}
