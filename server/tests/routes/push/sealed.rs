//! What a device sealed while it was locked, sent with the token that can do nothing else.

use axum::http::Method;
use donghanh_shared::domain::error::Code;
use donghanh_shared::sync::wire::{Answer, PushAnswer, deflate, from_bytes, to_bytes};
use serde_json::Value;

use crate::test_app::phone::{document, first_edits};
use crate::test_app::{TestApp, ward_a};

#[tokio::test]
async fn a_locked_phone_sends_and_each_item_gets_its_answer() {
    let app = TestApp::init().await;
    let (mut lan, minh) = (app.phone("lan").await, app.phone("minh").await);
    let items = vec![lan.create(document(1), ward_a()), lan.save(document(1), &first_edits())];
    let mut sealed = lan.seal(&items);
    sealed.items.insert(1, minh.seal(&items).items[0].clone());
    sealed.items.push(vec![1, 2, 3].into());
    let reply = lan.push_sealed(&app, &sealed).await;
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    let answers = from_bytes::<PushAnswer>(&reply.body).expect("an answer").answers;
    assert!(matches!(answers[0], Answer::Ok(_)) && matches!(answers[2], Answer::Ok(_)), "{answers:?}");
    assert_eq!(answers[1], Answer::refused(Code::SealedForged));
    assert_eq!(answers[3], Answer::refused(Code::RescueUnreadable));
    // The same in the open, with the full token, once the app is open again.
    assert_eq!(lan.push(&app, items).await, [Answer::Duplicate, Answer::Duplicate]);
    let with_full = deflate(&to_bytes(&sealed));
    let reply = lan.post_with(&app, &lan.token, "/api/v1/push/sealed", with_full).await;
    let again = from_bytes::<PushAnswer>(&reply.body).expect("an answer").answers;
    assert_eq!((&again[0], &again[2]), (&Answer::Duplicate, &Answer::Duplicate));
}

#[tokio::test]
async fn the_push_token_opens_no_other_route() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    let item = lan.create(document(1), ward_a());
    let request = lan.request(vec![item]);
    let before = app.contents();
    let push = lan.post_with(&app, &lan.push_token, "/api/v1/push", deflate(&to_bytes(&request))).await;
    assert_eq!((push.status.as_u16(), push.code().as_str()), (401, "not_signed_in"));
    let pull = lan.post_with(&app, &lan.push_token, "/api/v1/pull", to_bytes(&lan.pull_request(1_000))).await;
    assert_eq!(pull.code(), "not_signed_in");
    let photo = format!("/api/v1/photos/{}", "0".repeat(64));
    for (method, path) in [
        (Method::GET, "/api/v1/session"),
        (Method::DELETE, "/api/v1/session"),
        (Method::GET, "/api/v1/events"),
        (Method::GET, "/api/v1/devices"),
        (Method::GET, "/api/v1/people"),
        (Method::GET, "/api/v1/audit"),
        (Method::POST, "/api/v1/me/totp"),
        (Method::PUT, "/api/v1/me/password"),
        (Method::POST, "/api/v1/rescue"),
        (Method::GET, "/api/v1/reports/activity?from=2026-06-01&to=2026-06-30"),
        (Method::GET, photo.as_str()),
    ] {
        let reply = app.json(method.clone(), path, Some(&lan.push_token), &Value::Null).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (401, "not_signed_in"), "{method} {path}");
    }
    assert_eq!(app.contents(), before);
}
