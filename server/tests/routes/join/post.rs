//! Coming in by an invitation.

use axum::http::Method;
use serde_json::{Value, json};

use crate::test_app::phone::{Phone, document};
use crate::test_app::{PASSWORD, Reply, TestApp, ward_a};

/// An invitation for this role in ward A.
async fn invitation(app: &TestApp, role: &str) -> Value {
    let administrator = app.phone("quantri").await;
    let form = json!({ "full_name": "Kim Thị Thơm", "role": role, "ward": "08707@2025-07-01" });
    administrator.call(app, Method::POST, "/api/v1/invitations", &form).await.json()
}

async fn join(app: &TestApp, form: Value) -> Reply {
    app.json(Method::POST, "/api/v1/join", None, &form).await
}

#[tokio::test]
async fn whoever_is_invited_looks_joins_and_works() {
    let app = TestApp::init().await;
    let made = invitation(&app, "volunteer").await;
    for _ in 0..2 {
        let form = json!({ "invitation": made["token"] });
        let look = app.json(Method::POST, "/api/v1/join/look", None, &form).await;
        let expected = json!({
            "full_name": "Kim Thị Thơm", "role": "volunteer", "ward": "08707@2025-07-01", "organisation": null
        });
        assert_eq!(look.json(), expected, "looking does not use it up");
    }
    let reply = join(&app, json!({ "invitation": made["token"], "device_name": "máy của Thơm" })).await;
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    let session = reply.json();
    for secret in ["token", "push_token", "mark_key", "unlock_key", "server_key"] {
        assert_eq!(session[secret].as_str().map(str::len), Some(64), "{secret}");
    }
    assert_eq!((&session["code"], &session["offline_hours"]), (&json!("off"), &json!(72)));
    let mut phone = Phone::of(&session);
    phone.log_visit(&app, document(1), ward_a()).await;
    let form = json!({ "name": made["name"], "password": "" });
    let sign_in = app.json(Method::POST, "/api/v1/session", None, &form).await;
    assert_eq!(sign_in.code(), "sign_in_wrong", "there is still no password");
    assert_eq!(app.audit("joined").await[0]["person"]["name"], "Kim Thị Thơm");
}

#[tokio::test]
async fn a_password_may_be_set_on_the_way_and_a_weak_one_costs_nothing() {
    let app = TestApp::init().await;
    let made = invitation(&app, "volunteer").await;
    let weak = join(&app, json!({ "invitation": made["token"], "password": "ngan" })).await;
    assert_eq!((weak.code().as_str(), &weak.json()["field"]), ("password_too_short", &json!("password")));
    assert_eq!(join(&app, json!({ "invitation": made["token"], "password": PASSWORD })).await.status, 200);
    let form = json!({ "name": made["name"], "password": PASSWORD });
    assert_eq!(app.json(Method::POST, "/api/v1/session", None, &form).await.status, 200);
}

#[tokio::test]
async fn a_device_handed_over_in_person_needs_no_codes_and_one_made_by_a_password_does() {
    let app = TestApp::init().await;
    let made = invitation(&app, "ward_supervisor").await;
    let joined = join(&app, json!({ "invitation": made["token"], "password": PASSWORD })).await.json();
    assert_eq!(joined["code"], "off");
    assert!(Phone::of(&joined).read(&app, "/api/v1/devices").await.is_array());
    let form = json!({ "name": made["name"], "password": PASSWORD });
    let signed_in = app.json(Method::POST, "/api/v1/session", None, &form).await.json();
    assert_eq!(signed_in["code"], "needed");
    let devices = Phone::of(&signed_in).call(&app, Method::GET, "/api/v1/devices", &Value::Null).await;
    assert_eq!((devices.status.as_u16(), devices.code().as_str()), (403, "code_set_up_needed"));
}

#[tokio::test]
async fn an_invitation_lasts_a_week() {
    let app = TestApp::init().await;
    let made = invitation(&app, "volunteer").await;
    app.pass(7 * 24 * 3_600_000);
    for path in ["/api/v1/join/look", "/api/v1/join"] {
        let reply = app.json(Method::POST, path, None, &json!({ "invitation": made["token"] })).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (404, "invitation_invalid"), "{path}");
    }
}
