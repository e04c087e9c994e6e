//! Taking a device away.

use axum::http::Method;
use serde_json::{Value, json};

use crate::test_app::phone::document;
use crate::test_app::{TestApp, ward_a};

#[tokio::test]
async fn both_tokens_of_a_revoked_device_are_refused_and_its_unlock_key_is_gone() {
    let app = TestApp::init().await;
    let (lan, other) = (app.phone("lan").await, app.phone("lan").await);
    assert_eq!(other.revoke(&app, &lan).await.status, 204);
    assert_eq!(other.revoke(&app, &lan).await.status, 204, "a repeat is harmless");
    for path in ["/api/v1/session", "/api/v1/devices", "/api/v1/events"] {
        assert_eq!(lan.call(&app, Method::GET, path, &Value::Null).await.code(), "device_revoked", "{path}");
    }
    let sealed = lan.push_sealed(&app, &lan.seal(&[])).await;
    assert_eq!((sealed.status.as_u16(), sealed.code().as_str()), (401, "device_revoked"));
    let form = json!({ "device": lan.device });
    let unlock = app.json(Method::POST, "/api/v1/unlock", Some(&other.token), &form).await;
    assert_eq!((unlock.status.as_u16(), unlock.code().as_str()), (401, "device_revoked"));
    let devices = other.read(&app, "/api/v1/devices").await;
    let revoked = devices.as_array().expect("list").iter().find(|device| device["this"] == false);
    assert_eq!(revoked.expect("listed")["revoked_at"], app.now());
    assert_eq!(app.audit("device_revoked").await.len(), 1);
    let refused = app.audit("device_refused").await;
    assert_eq!(refused[0]["device"]["id"], lan.device.to_string());
    assert_eq!(refused.iter().filter_map(|line| line["times"].as_u64()).sum::<u64>(), 4);
}

#[tokio::test]
async fn supervisors_take_away_the_phones_of_their_volunteers_alone() {
    let app = TestApp::init().await;
    let (mut lan, hoa) = (app.phone("lan").await, app.phone("hoa").await);
    let (supervisor, administrator) = (app.phone("phuong").await, app.phone("quantri").await);
    for (who, whose, code) in [
        (&lan, &supervisor, "not_found"),
        (&lan, &hoa, "not_found"),
        (&supervisor, &hoa, "not_found"),
        (&supervisor, &administrator, "not_found"),
    ] {
        assert_eq!(who.revoke(&app, whose).await.code(), code);
    }
    app.add("tam", "Lý Văn Tâm", donghanh_shared::access::Role::WardSupervisor, Some(ward_a()), None).await;
    let colleague = app.phone("tam").await;
    assert_eq!(supervisor.revoke(&app, &colleague).await.code(), "not_allowed");
    lan.log_visit(&app, document(1), ward_a()).await;
    assert_eq!(supervisor.revoke(&app, &lan).await.status, 204);
    assert_eq!(administrator.revoke(&app, &supervisor).await.status, 204);
    assert_eq!(administrator.revoke(&app, &administrator).await.status, 204, "one's own");
    let malformed = hoa.call(&app, Method::POST, "/api/v1/devices/x/revoke", &Value::Null).await;
    assert_eq!(malformed.code(), "not_found");
}
