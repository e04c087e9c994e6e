//! Inviting somebody new.

use axum::http::Method;
use donghanh_server::store::directory::Directory as _;
use serde_json::{Value, json};

use crate::test_app::phone::Phone;
use crate::test_app::{Reply, TestApp};

async fn invite(app: &TestApp, who: &Phone, form: &Value) -> Reply {
    who.call(app, Method::POST, "/api/v1/invitations", form).await
}

fn form() -> Value {
    json!({ "full_name": " Nguyễn Thị Lan ", "role": "volunteer", "ward": "08707@2025-07-01" })
}

#[tokio::test]
async fn an_invitation_adds_a_person_without_a_password_under_a_name_made_for_them() {
    let app = TestApp::init().await;
    let administrator = app.phone("quantri").await;
    for name in ["nguyen.thi.lan", "nguyen.thi.lan2"] {
        let reply = invite(&app, &administrator, &form()).await;
        assert_eq!(reply.status, 201, "{}", String::from_utf8_lossy(&reply.body));
        let made = reply.json();
        let token = made["token"].as_str().expect("token");
        assert_eq!((made["name"].as_str(), token.len()), (Some(name), 64));
        assert_eq!(made["path"], format!("/#/join/{token}"));
        assert_eq!(made["expires_at"], app.now() + 7 * 24 * 3_600_000);
        assert!(made["qr_svg"].as_str().is_some_and(|svg| svg.starts_with("<svg ")));
        let sign_in = json!({ "name": name, "password": "" });
        assert_eq!(app.json(Method::POST, "/api/v1/session", None, &sign_in).await.code(), "sign_in_wrong");
    }
    let people = app.application.sqlite.people().await.expect("people");
    assert_eq!(people.last().map(|person| person.full_name.as_str()), Some("Nguyễn Thị Lan"));
    assert_eq!(app.audit("invitation_made").await.len(), 2);
    assert_eq!(app.audit("account_added").await[0]["note"], "volunteer");
}

#[tokio::test]
async fn supervisors_invite_volunteers_and_helpers_of_their_wards() {
    let app = TestApp::init().await;
    let supervisor = app.phone("phuong").await;
    let with = |role: &str, ward: Value| json!({ "full_name": "Kim Thơm", "role": role, "ward": ward });
    let (here, there) = (json!("08707@2025-07-01"), json!("08716@2025-07-01"));
    for role in ["volunteer", "helper"] {
        assert_eq!(invite(&app, &supervisor, &with(role, here.clone())).await.status, 201, "{role}");
        assert_eq!(invite(&app, &supervisor, &with(role, there.clone())).await.code(), "not_allowed");
    }
    for (role, ward) in [
        ("ward_supervisor", here.clone()),
        ("aftercare_officer", here.clone()),
        ("administrator", Value::Null),
        ("area_supervisor", Value::Null),
        ("volunteer", Value::Null),
    ] {
        assert_eq!(invite(&app, &supervisor, &with(role, ward)).await.code(), "not_allowed", "{role}");
    }
    // A ward that went into theirs takes nobody any more.
    let before = invite(&app, &supervisor, &with("volunteer", json!("08722@2004-07-08"))).await;
    assert_eq!(before.code(), "ward_unknown");
    for name in ["lan", "thanh"] {
        let who = app.phone(name).await;
        assert_eq!(
            invite(&app, &who, &with("volunteer", here.clone())).await.code(),
            "not_allowed",
            "{name}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_by_field() {
    let app = TestApp::init().await;
    let administrator = app.phone("quantri").await;
    for (change, code, field) in [
        (json!({ "ward": null }), "field_missing", "ward"),
        (json!({ "full_name": " " }), "text_empty", "full_name"),
        (json!({ "name": "lan" }), "document_exists", "name"),
        (json!({ "name": "x".repeat(200) }), "text_too_long", "name"),
        (json!({ "organisation": "khong-co" }), "organisation_invalid", "organisation"),
    ] {
        let mut form = form();
        for (key, value) in change.as_object().expect("changes") {
            form[key] = value.clone();
        }
        let reply = invite(&app, &administrator, &form).await;
        assert_eq!((reply.code().as_str(), &reply.json()["field"]), (code, &json!(field)), "{change}");
    }
    assert_eq!(app.application.sqlite.people().await.expect("people").len(), 6);
}
