//! Adding accounts.

use axum::http::Method;
use donghanh_server::store::directory::Directory as _;
use serde_json::{Value, json};

use crate::test_app::{PASSWORD, TestApp};

fn form() -> Value {
    json!({
        "full_name": " Kim Thị Thơm ", "name": "Thom", "password": PASSWORD,
        "role": "volunteer", "ward": "08707@2025-07-01", "organisation": null,
    })
}

#[tokio::test]
async fn an_added_person_signs_in_and_works_in_the_ward() {
    let app = TestApp::init().await;
    let administrator = app.phone("quantri").await;
    let reply = app.json(Method::POST, "/api/v1/people", Some(&administrator.token), &form()).await;
    assert_eq!(reply.status, 201, "{}", String::from_utf8_lossy(&reply.body));
    let mut phone = app.phone("thom").await;
    phone.log_visit(&app, crate::test_app::phone::document(1), crate::test_app::ward_a()).await;
    let people = app.application.sqlite.people().await.expect("people");
    let added = people.last().expect("somebody");
    assert_eq!((added.full_name.as_str(), added.sign_in.as_str()), ("Kim Thị Thơm", "thom"));
    assert_eq!(reply.json()["id"], json!(added.person));
}

#[tokio::test]
async fn what_is_wrong_is_told_by_field_and_nobody_is_added() {
    let app = TestApp::init().await;
    let administrator = app.phone("quantri").await;
    let with = |changes: Value| {
        let mut form = form();
        for (key, value) in changes.as_object().expect("changes") {
            form[key] = value.clone();
        }
        form
    };
    for (changes, status, code, field) in [
        (json!({ "ward": null }), 422, "field_missing", "ward"),
        (json!({ "role": "ward_supervisor", "ward": null }), 422, "field_missing", "ward"),
        (json!({ "role": "area_supervisor" }), 403, "not_allowed", "ward"),
        (json!({ "role": "administrator" }), 403, "not_allowed", "ward"),
        (json!({ "ward": "08710@2025-07-01" }), 422, "ward_unknown", "ward"),
        (json!({ "ward": "08722@2004-07-08" }), 422, "ward_unknown", "ward"),
        (json!({ "organisation": "khong-co" }), 422, "organisation_invalid", "organisation"),
        (json!({ "role": "organisation_lead", "ward": null }), 422, "field_missing", "organisation"),
        (json!({ "role": "union_head", "ward": null }), 422, "field_missing", "ward"),
        (json!({ "role": "union_head" }), 422, "field_missing", "organisation"),
        (json!({ "name": "  " }), 422, "text_empty", "name"),
        (json!({ "password": "ngan" }), 422, "password_too_short", "password"),
        (json!({ "name": "LAN" }), 409, "document_exists", "name"),
    ] {
        let reply = app
            .json(Method::POST, "/api/v1/people", Some(&administrator.token), &with(changes.clone()))
            .await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (status, code), "{changes}");
        assert_eq!(reply.json()["field"], field, "{changes}");
    }
    for changes in [json!({ "role": "king" }), json!({ "ward": "Vĩnh Yên" }), json!({ "full_name": 5 })] {
        let reply = app
            .json(Method::POST, "/api/v1/people", Some(&administrator.token), &with(changes.clone()))
            .await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, "body_malformed"), "{changes}");
    }
    assert_eq!(app.application.sqlite.people().await.expect("people").len(), 6);
}

#[tokio::test]
async fn nobody_but_an_administrator_adds_people() {
    let app = TestApp::init().await;
    assert_eq!(app.json(Method::POST, "/api/v1/people", None, &form()).await.status, 401);
    let supervisor = app.phone("phuong").await;
    let reply = app.json(Method::POST, "/api/v1/people", Some(&supervisor.token), &form()).await;
    assert_eq!(reply.code(), "not_allowed");
    assert_eq!(app.application.sqlite.people().await.expect("people").len(), 6);
}
