//! Changing a password.

use axum::http::Method;
use serde_json::{Value, json};

use crate::test_app::phone::Phone;
use crate::test_app::{PASSWORD, Reply, TestApp};

const NEW: &str = "mat-khau-moi-2026";

async fn change(app: &TestApp, phone: &Phone, form: Value) -> Reply {
    phone.call(app, Method::PUT, "/api/v1/me/password", &form).await
}

async fn sign_in(app: &TestApp, name: &str, password: &str) -> u16 {
    let form = json!({ "name": name, "password": password });
    app.json(Method::POST, "/api/v1/session", None, &form).await.status.as_u16()
}

#[tokio::test]
async fn the_old_password_is_asked_for_and_other_devices_stay() {
    let app = TestApp::init().await;
    let (lan, other) = (app.phone("lan").await, app.phone("lan").await);
    for old in [Value::Null, json!("sai-mat-khau")] {
        let reply = change(&app, &lan, json!({ "old": old, "new": NEW })).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (401, "sign_in_wrong"));
        assert_eq!(reply.json()["field"], "old");
    }
    let weak = change(&app, &lan, json!({ "old": PASSWORD, "new": "ngan" })).await;
    assert_eq!((weak.code().as_str(), &weak.json()["field"]), ("password_too_short", &json!("new")));
    assert_eq!(change(&app, &lan, json!({ "old": PASSWORD, "new": NEW })).await.status, 204);
    assert_eq!((sign_in(&app, "lan", PASSWORD).await, sign_in(&app, "lan", NEW).await), (401, 200));
    assert!(other.read(&app, "/api/v1/devices").await.is_array());
    assert_eq!(app.audit("password_changed").await.len(), 1);
}

#[tokio::test]
async fn whoever_has_none_sets_a_first_one() {
    let app = TestApp::init().await;
    let administrator = app.phone("quantri").await;
    let form = json!({ "full_name": "Kim Thơm", "role": "volunteer", "ward": "08707@2025-07-01" });
    let made = administrator.call(&app, Method::POST, "/api/v1/invitations", &form).await.json();
    let form = json!({ "invitation": made["token"] });
    let phone = Phone::of(&app.json(Method::POST, "/api/v1/join", None, &form).await.json());
    assert_eq!(change(&app, &phone, json!({ "new": NEW })).await.status, 204);
    assert_eq!(sign_in(&app, "kim.thom", NEW).await, 200);
    assert_eq!(change(&app, &phone, json!({ "new": PASSWORD })).await.code(), "sign_in_wrong");
}

#[tokio::test]
async fn a_stolen_session_does_not_guess_the_old_one() {
    let app = TestApp::init().await;
    let lan = app.phone("lan").await;
    for _ in 0..10 {
        change(&app, &lan, json!({ "old": "sai-mat-khau", "new": NEW })).await;
    }
    let right = change(&app, &lan, json!({ "old": PASSWORD, "new": NEW })).await;
    assert_eq!(right.code(), "too_many_attempts");
}
