//! The guided set-up of an empty server.

use axum::http::Method;
use donghanh_server::store::directory::Directory as _;
use donghanh_server::store::{Accounts as _, Register as _};
use serde_json::{Value, json};

use crate::test_app::{PASSWORD, Reply, TestApp};

fn form() -> Value {
    json!({
        "wards": ["08707", "08716"],
        "area_name": " Vĩnh Yên ",
        "administrator": { "full_name": "Bùi Hải Quân", "name": "QuanTri", "password": PASSWORD },
    })
}

/// With the token of the link that the server printed.
async fn set_up(app: &TestApp, form: &Value) -> Reply {
    let mut form = form.clone();
    if form.is_object() {
        form["token"] = json!(app.set_up_token());
    }
    app.json(Method::POST, "/api/v1/set-up", None, &form).await
}

#[tokio::test]
async fn nobody_sets_a_server_up_without_its_link() {
    let app = TestApp::empty().await;
    for token in [Value::from(""), json!("0".repeat(64)), json!("é".repeat(32))] {
        let mut form = form();
        form["token"] = token.clone();
        let reply = app.json(Method::POST, "/api/v1/set-up", None, &form).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "not_allowed"), "{token}");
    }
    assert_eq!(app.json(Method::POST, "/api/v1/set-up", None, &form()).await.code(), "not_allowed");
    assert!(app.application.sqlite.is_empty().await.expect("asked"));
    assert_eq!(set_up(&app, &form()).await.status, 201);
    assert_eq!(app.json(Method::POST, "/api/v1/set-up", None, &form()).await.code(), "already_set_up");
}

#[tokio::test]
async fn an_empty_server_gets_its_wards_and_its_first_account_once() {
    let app = TestApp::empty().await;
    assert_eq!(app.get("/api/v1/instance").await.json()["set_up"], false);
    let reply = set_up(&app, &form()).await;
    assert_eq!(reply.status, 201, "{}", String::from_utf8_lossy(&reply.body));
    assert_eq!((&reply.json()["wards"], &reply.json()["campaigns"]), (&json!(11), &json!(5)));
    assert_eq!(app.get("/api/v1/instance").await.json()["set_up"], true);
    let wards = app.application.sqlite.wards().await.expect("wards");
    assert_eq!(wards, donghanh_migrations::reference::wards());
    assert_eq!(app.get("/api/v1/instance").await.json()["area_name"], "Vĩnh Yên");
    let organisations = app.application.sqlite.organisations().await.expect("organisations");
    assert_eq!(organisations, donghanh_migrations::reference::organisations());
    let administrator = app.phone("quantri").await;
    assert!(!administrator.token.is_empty());
    let again = set_up(&app, &form()).await;
    assert_eq!((again.status.as_u16(), again.code().as_str()), (409, "already_set_up"));
}

#[tokio::test]
async fn of_two_at_once_one_wins() {
    let app = TestApp::empty().await;
    let form = form();
    let (one, other) = tokio::join!(set_up(&app, &form), set_up(&app, &form));
    let mut codes = [one.status.as_u16(), other.status.as_u16()];
    codes.sort_unstable();
    assert_eq!(codes, [201, 409]);
}

#[tokio::test]
async fn a_whole_province_can_be_chosen() {
    let app = TestApp::empty().await;
    let mut province = form();
    province["wards"] = json!([]);
    province["province_code"] = json!("25");
    assert_eq!(set_up(&app, &province).await.status, 201);
    let wards = app.application.sqlite.wards().await.expect("wards");
    assert_eq!(wards.iter().filter(|ward| ward.valid_to.is_none()).count(), 148);
}

#[tokio::test]
async fn what_is_wrong_is_told_by_field_and_nothing_is_changed() {
    let app = TestApp::empty().await;
    let before = app.contents();
    let with = |pointer: &str, value: Value| {
        let mut form = form();
        *form.pointer_mut(pointer).expect("field") = value;
        form
    };
    let mut elsewhere = form();
    elsewhere["province_code"] = json!("01");
    for (form, code, field) in [
        (with("/wards", json!([])), "field_missing", "wards"),
        (with("/wards/1", json!("8716")), "ward_invalid", "wards"),
        (with("/wards/1", json!("08710")), "ward_unknown", "wards"),
        (elsewhere, "ward_unknown", "wards"),
        (with("/area_name", json!("  ")), "text_empty", "area_name"),
        (with("/area_name", json!("x".repeat(500))), "text_too_long", "area_name"),
        (with("/administrator/name", json!("")), "text_empty", "name"),
        (with("/administrator/full_name", json!("x".repeat(500))), "text_too_long", "full_name"),
        (with("/administrator/password", json!("ngắn")), "password_too_short", "password"),
    ] {
        let reply = set_up(&app, &form).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (422, code), "{form}");
        assert_eq!(reply.json()["field"], field, "{form}");
    }
    for body in [json!({}), json!([1]), with("/wards", json!("08707")), with("/administrator", json!(null))] {
        assert_eq!(set_up(&app, &body).await.code(), "body_malformed", "{body}");
    }
    assert_eq!(app.contents(), before);
    assert!(app.application.sqlite.is_empty().await.expect("asked"));
    assert!(app.application.sqlite.wards().await.expect("wards").is_empty());
}
