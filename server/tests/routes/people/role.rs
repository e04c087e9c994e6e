//! Another role, and the end of one.

use axum::http::Method;
use donghanh_shared::access::Role;
use serde_json::{Value, json};

use crate::test_app::phone::{Phone, document};
use crate::test_app::{PASSWORD, Reply, TestApp, ward_a};

fn path(name: &str) -> String {
    format!("/api/v1/people/{}/role", TestApp::person(name))
}

async fn change(app: &TestApp, who: &Phone, name: &str, role: &str, ward: Option<&str>) -> Reply {
    who.call(app, Method::PUT, &path(name), &json!({ "role": role, "ward": ward })).await
}

async fn end(app: &TestApp, who: &Phone, name: &str) -> Reply {
    who.call(app, Method::DELETE, &path(name), &Value::Null).await
}

const WARD_A: Option<&str> = Some("08707@2025-07-01");
const WARD_B: Option<&str> = Some("08716@2025-07-01");

#[tokio::test]
async fn another_ward_from_this_moment_on() {
    let app = TestApp::init().await;
    let (administrator, mut lan) = (app.phone("quantri").await, app.phone("lan").await);
    lan.log_visit(&app, document(1), ward_a()).await;
    assert_eq!(change(&app, &administrator, "lan", "volunteer", WARD_B).await.status, 204);
    let session = lan.read(&app, "/api/v1/session").await;
    let wards: Vec<_> = session["memberships"].as_array().into_iter().flatten().collect();
    assert!(!session["access"].to_string().contains("08707@2025-07-01"), "{wards:?}");
    let mut minh = app.phone("minh").await;
    minh.pull(&app).await;
    assert!(minh.names.values().any(|name| name == "Nguyễn Thị Lan"), "what she wrote stays where it was");
    let line = &app.audit("role_changed").await[0];
    assert_eq!((&line["note"], &line["about"]["name"]), (&json!("volunteer"), &json!("Nguyễn Thị Lan")));
}

#[tokio::test]
async fn who_is_ended_comes_in_no_more_and_their_phones_hand_over() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    let waiting = vec![lan.create(document(1), ward_a())];
    assert_eq!(end(&app, &app.phone("phuong").await, "lan").await.status, 204);
    let request = lan.request(Vec::new());
    let body = donghanh_shared::sync::wire::deflate(&donghanh_shared::sync::wire::to_bytes(&request));
    assert_eq!(lan.post(&app, "/api/v1/push", body).await.code(), "device_revoked");
    assert_eq!(lan.hand_over(&app, &lan.seal(&waiting)).await.json()["taken"], 1);
    let form = json!({ "name": "lan", "password": PASSWORD });
    assert_eq!(app.json(Method::POST, "/api/v1/session", None, &form).await.code(), "sign_in_wrong");
    let people = app.phone("quantri").await.read(&app, "/api/v1/people").await;
    let found = people.as_array().expect("list").iter().find(|one| one["name"] == "lan").expect("listed");
    assert!(found["role"].is_null());
    assert_eq!(app.audit("access_ended").await[0]["about"]["name"], "Nguyễn Thị Lan");
    // And begins again by a role and an invitation.
    let administrator = app.phone("quantri").await;
    assert_eq!(change(&app, &administrator, "lan", "volunteer", WARD_A).await.status, 204);
    let again = format!("/api/v1/people/{}/invitations", TestApp::person("lan"));
    let made = administrator.call(&app, Method::POST, &again, &Value::Null).await.json();
    let form = json!({ "invitation": made["token"], "device_name": "mới" });
    assert_eq!(app.json(Method::POST, "/api/v1/join", None, &form).await.status, 200);
}

#[tokio::test]
async fn nobody_changes_their_own_or_those_they_do_not_look_after() {
    let app = TestApp::init().await;
    app.add("can", "Ngô Cẩn", Role::AftercareOfficer, Some(ward_a()), None).await;
    let (administrator, phuong) = (app.phone("quantri").await, app.phone("phuong").await);
    assert_eq!(end(&app, &administrator, "quantri").await.code(), "not_allowed");
    assert_eq!(change(&app, &administrator, "quantri", "volunteer", WARD_A).await.code(), "not_allowed");
    assert_eq!(change(&app, &phuong, "lan", "helper", WARD_A).await.status, 204);
    for (name, role, ward) in [
        ("lan", "volunteer", WARD_B),
        ("lan", "ward_supervisor", WARD_A),
        ("lan", "aftercare_officer", WARD_A),
        ("hoa", "volunteer", WARD_A),
        ("can", "volunteer", WARD_A),
        ("quantri", "volunteer", WARD_A),
    ] {
        assert_eq!(change(&app, &phuong, name, role, ward).await.code(), "not_allowed", "{name} {role}");
    }
    for name in ["hoa", "can", "phuong", "quantri"] {
        assert_eq!(end(&app, &phuong, name).await.code(), "not_allowed", "{name}");
    }
    for name in ["lan", "thanh"] {
        assert_eq!(end(&app, &app.phone(name).await, "minh").await.code(), "not_allowed", "{name}");
    }
    let nobody = format!("/api/v1/people/{}/role", "0".repeat(32));
    assert_eq!(administrator.call(&app, Method::DELETE, &nobody, &Value::Null).await.code(), "not_found");
    let missing = change(&app, &administrator, "lan", "volunteer", None).await;
    assert_eq!((missing.code().as_str(), missing.json()["field"].as_str()), ("field_missing", Some("ward")));
}

#[tokio::test]
async fn an_officer_is_made_by_two() {
    let app = TestApp::init().await;
    app.add("hai", "Trịnh Hải", Role::Administrator, None, None).await;
    let (one, two) = (app.phone("quantri").await, app.phone("hai").await);
    app.phone("minh").await;
    let asked = change(&app, &one, "minh", "aftercare_officer", WARD_A).await;
    assert_eq!((asked.status.as_u16(), asked.code().as_str()), (409, "second_person_needed"));
    let form = json!({ "full_name": "Ngô Cẩn", "role": "aftercare_officer", "ward": WARD_A });
    assert_eq!(
        one.call(&app, Method::POST, "/api/v1/invitations", &form).await.code(),
        "second_person_needed"
    );
    let form = json!({ "full_name": "Ma", "name": "ma", "password": PASSWORD, "role": "administrator" });
    let alone = one.call(&app, Method::POST, "/api/v1/people", &form).await;
    assert_eq!((alone.code().as_str(), alone.json()["field"].as_str()), ("not_allowed", Some("role")));
    let roles = two.read(&app, "/api/v1/people").await;
    let role = |name: &str| {
        let found = roles.as_array().expect("list").iter().find(|one| one["full_name"] == name);
        found.expect("listed")["role"].clone()
    };
    assert_eq!((role("Trần Văn Minh"), role("Ngô Cẩn")), (json!("volunteer"), Value::Null), "nothing yet");
    let open = two.read(&app, "/api/v1/approvals").await;
    let open = open.as_array().expect("list");
    let wanted: Vec<_> = open.iter().map(|one| (&one["kind"], &one["role"], &one["ward"])).collect();
    assert_eq!(wanted, [(&json!("role"), &json!("aftercare_officer"), &json!("08707@2025-07-01")); 2]);
    for (asked, is_new) in open.iter().zip([false, true]) {
        let path = format!("/api/v1/approvals/{}", asked["id"].as_str().expect("id"));
        assert_eq!(
            one.call(&app, Method::POST, &path, &json!({ "grant": true })).await.code(),
            "not_allowed"
        );
        let granted = two.call(&app, Method::POST, &path, &json!({ "grant": true })).await;
        assert_eq!(granted.status, 200);
        assert_eq!(granted.json()["invitation"].is_object(), is_new, "only who never came needs one");
    }
    let people = two.read(&app, "/api/v1/people").await;
    let officers = people.as_array().expect("list").iter().filter(|one| one["role"] == "aftercare_officer");
    assert_eq!(officers.count(), 2);
}

#[tokio::test]
async fn with_one_administrator_there_is_nobody_to_ask() {
    let app = TestApp::init().await;
    let alone = app.phone("quantri").await;
    let form = json!({ "full_name": "Ngô Cẩn", "role": "aftercare_officer", "ward": WARD_A });
    assert_eq!(alone.call(&app, Method::POST, "/api/v1/invitations", &form).await.status, 201);
    let form = json!({ "full_name": "Trịnh Hải", "role": "administrator" });
    assert_eq!(alone.call(&app, Method::POST, "/api/v1/invitations", &form).await.status, 201);
    let form = json!({ "full_name": "Tạ Ba", "role": "administrator" });
    let third = alone.call(&app, Method::POST, "/api/v1/invitations", &form).await;
    assert_eq!(third.code(), "second_person_needed");
}
