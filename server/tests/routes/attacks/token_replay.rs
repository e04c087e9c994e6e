//! A token is shown again after it ended.

use axum::http::Method;
use donghanh_shared::sync::wire::{deflate, to_bytes};
use serde_json::Value;

use crate::test_app::phone::{Phone, document};
use crate::test_app::{TestApp, ward_a};

/// What both tokens of a phone are told on every way to data.
async fn codes(app: &TestApp, phone: &mut Phone) -> Vec<String> {
    let item = phone.create(document(1), ward_a());
    let request = deflate(&to_bytes(&phone.request(vec![item.clone()])));
    let sealed = deflate(&to_bytes(&phone.seal(&[item])));
    let pull = to_bytes(&phone.pull_request(1_000));
    let mut codes = Vec::new();
    for token in [&phone.token, &phone.push_token] {
        for (path, body) in
            [("/api/v1/push", &request), ("/api/v1/push/sealed", &sealed), ("/api/v1/pull", &pull)]
        {
            let reply = phone.post_with(app, token, path, body.clone()).await;
            assert_eq!(reply.status, 401, "{path}");
            codes.push(reply.code());
        }
        for path in ["/api/v1/session", "/api/v1/events", "/api/v1/devices"] {
            codes.push(app.json(Method::GET, path, Some(token), &Value::Null).await.code());
        }
    }
    codes.dedup();
    codes
}

#[tokio::test]
async fn after_signing_out_it_is_no_token() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    assert_eq!(lan.call(&app, Method::DELETE, "/api/v1/session", &Value::Null).await.status, 204);
    let before = app.contents();
    assert_eq!(codes(&app, &mut lan).await, ["not_signed_in"]);
    assert_eq!(lan.hand_over(&app, &lan.seal(&[])).await.code(), "not_signed_in");
    assert_eq!(app.contents(), before);
}

#[tokio::test]
async fn after_the_device_was_taken_away_it_is_told_so_and_noted() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    assert_eq!(app.phone("phuong").await.revoke(&app, &lan).await.status, 204);
    let before = app.contents();
    assert_eq!(codes(&app, &mut lan).await, ["device_revoked"]);
    assert_eq!(app.contents(), before);
    let lines = app.audit("device_refused").await;
    assert_eq!((&lines[0]["times"], &lines[0]["person"]["name"]), (&12.into(), &"Nguyễn Thị Lan".into()));
}
