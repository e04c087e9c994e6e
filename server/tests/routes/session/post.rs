//! Signing in: what it tells, whom it refuses, and how often one may try.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use crate::test_app::{PASSWORD, Reply, TestApp};

async fn sign_in(app: &TestApp, name: &str, password: &str) -> Reply {
    let form = json!({ "name": name, "password": password, "device_name": "điện thoại của Lan" });
    app.json(Method::POST, "/api/v1/session", None, &form).await
}

#[tokio::test]
async fn a_right_password_gives_a_device_with_its_rights() {
    let app = TestApp::init().await;
    let reply = sign_in(&app, "  LAN ", PASSWORD).await;
    assert_eq!(reply.status, 200);
    let session = reply.json();
    assert_eq!(session["token"].as_str().map(str::len), Some(64));
    assert_eq!(session["person"]["name"], "Nguyễn Thị Lan");
    assert_eq!(session["home"]["ward"], "08707@2025-07-01");
    assert_eq!(session["home"]["role"], "volunteer");
    let scopes: Vec<&str> = session["access"]["grants"]
        .as_array()
        .expect("grants")
        .iter()
        .filter_map(|g| g["scope"].as_str())
        .collect();
    assert!(scopes.contains(&"activity/08707@2025-07-01") && scopes.contains(&"activity/08722@2004-07-08"));
    assert!(!scopes.contains(&"activity/08716@2025-07-01"));
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_are_told_alike() {
    let app = TestApp::init().await;
    for (name, password) in [("lan", "sai-mat-khau"), ("nobody", PASSWORD), ("", ""), ("lan", "")] {
        let reply = sign_in(&app, name, password).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (401, "sign_in_wrong"), "{name}");
        assert!(reply.json()["vi"].as_str().is_some_and(|sentence| !sentence.is_empty()));
    }
}

#[tokio::test]
async fn ten_failures_make_a_name_wait_and_no_other() {
    let app = TestApp::init().await;
    for _ in 0..10 {
        assert_eq!(sign_in(&app, "lan", "sai-mat-khau").await.status, 401);
    }
    assert_eq!(sign_in(&app, "lan", PASSWORD).await.code(), "too_many_attempts");
    assert_eq!(sign_in(&app, "minh", PASSWORD).await.status, 200);
    app.pass(16 * 60 * 1000);
    assert_eq!(sign_in(&app, "lan", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn malformed_bodies_are_told_and_make_no_device() {
    let app = TestApp::init().await;
    for body in [json!({ "name": "lan" }), json!([]), Value::Null, json!({ "name": 5, "password": PASSWORD })]
    {
        let reply = app.json(Method::POST, "/api/v1/session", None, &body).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, "body_malformed"), "{body}");
    }
    let long = json!({ "name": "lan", "password": "x".repeat(70_000) });
    assert_eq!(app.json(Method::POST, "/api/v1/session", None, &long).await.code(), "body_too_large");
    let text = Request::post("/api/v1/session").header("content-type", "text/plain").body(Body::from("{}"));
    assert_eq!(app.send(text.expect("request")).await.code(), "content_type_wrong");
}
