//! What takes a second person, and the second person.

use axum::http::Method;
use donghanh_shared::access::Role;
use serde_json::{Value, json};

use crate::test_app::phone::Phone;
use crate::test_app::{PASSWORD, Reply, TestApp, ward_a};

/// An officer, a second administrator, and a third.
async fn app() -> TestApp {
    let app = TestApp::init().await;
    app.add("can", "Ngô Cẩn", Role::AftercareOfficer, Some(ward_a()), None).await;
    app.add("hai", "Trịnh Hải", Role::Administrator, None, None).await;
    app
}

async fn ask(app: &TestApp, who: &Phone, method: Method, what: &str, name: &str) -> Reply {
    let path = format!("/api/v1/people/{}/{what}", TestApp::person(name));
    who.call(app, method, &path, &Value::Null).await
}

async fn decide(app: &TestApp, who: &Phone, id: &Value, grant: bool) -> Reply {
    let path = format!("/api/v1/approvals/{}", id.as_str().expect("id"));
    who.call(app, Method::POST, &path, &json!({ "grant": grant })).await
}

#[tokio::test]
async fn an_officers_invitation_is_granted_by_another_administrator_once() {
    let app = app().await;
    let (asker, second) = (app.phone("quantri").await, app.phone("hai").await);
    for _ in 0..2 {
        let asked = ask(&app, &asker, Method::POST, "invitations", "can").await;
        assert_eq!(asked.code(), "second_person_needed");
    }
    let open = second.read(&app, "/api/v1/approvals").await;
    assert_eq!(open.as_array().map(Vec::len), Some(1), "asked once");
    assert_eq!((&open[0]["kind"], &open[0]["person"]["name"]), (&json!("invitation"), &json!("Ngô Cẩn")));
    assert_eq!(open[0]["asked_by"]["name"], "Quản trị");
    assert_eq!(decide(&app, &asker, &open[0]["id"], true).await.code(), "not_allowed");
    let granted = decide(&app, &second, &open[0]["id"], true).await;
    assert_eq!(granted.status, 200, "{}", String::from_utf8_lossy(&granted.body));
    let form = json!({ "invitation": granted.json()["invitation"]["token"], "device_name": "mới" });
    assert_eq!(app.json(Method::POST, "/api/v1/join", None, &form).await.status, 200);
    assert_eq!(decide(&app, &second, &open[0]["id"], true).await.code(), "not_found");
    assert_eq!(second.read(&app, "/api/v1/approvals").await, json!([]));
    assert_eq!(app.audit("reset_asked").await[0]["about"]["name"], "Ngô Cẩn");
    assert_eq!(app.audit("reset_granted").await[0]["person"]["name"], "Trịnh Hải");
}

#[tokio::test]
async fn neither_whom_it_concerns_nor_anybody_else_decides() {
    let app = app().await;
    let (asker, concerned) = (app.phone("quantri").await, app.phone("hai").await);
    assert_eq!(ask(&app, &asker, Method::DELETE, "totp", "hai").await.code(), "second_person_needed");
    let open = asker.read(&app, "/api/v1/approvals").await;
    assert_eq!(decide(&app, &concerned, &open[0]["id"], true).await.code(), "not_allowed");
    for name in ["phuong", "lan"] {
        assert_eq!(decide(&app, &app.phone(name).await, &open[0]["id"], true).await.code(), "not_allowed");
    }
    app.add("ba", "Tạ Ba", Role::Administrator, None, None).await;
    let third = app.phone("ba").await;
    assert_eq!(decide(&app, &third, &open[0]["id"], false).await.json(), json!({}));
    assert_eq!(third.read(&app, "/api/v1/approvals").await, json!([]));
    let form = json!({ "name": "hai", "password": PASSWORD });
    let sign_in = app.json(Method::POST, "/api/v1/session", None, &form).await;
    assert_eq!(sign_in.code(), "code_needed", "it was refused: the codes are still there");
}

#[tokio::test]
async fn lost_codes_are_forgotten_for_supervisors_at_once_and_for_administrators_by_two() {
    let app = app().await;
    let asker = app.phone("quantri").await;
    assert_eq!(ask(&app, &asker, Method::DELETE, "totp", "phuong").await.status, 204);
    let form = json!({ "name": "phuong", "password": PASSWORD });
    let session = app.json(Method::POST, "/api/v1/session", None, &form).await;
    assert_eq!(session.json()["code"], "needed");
    assert_eq!(ask(&app, &asker, Method::DELETE, "totp", "hai").await.code(), "second_person_needed");
    app.add("ba", "Tạ Ba", Role::Administrator, None, None).await;
    let third = app.phone("ba").await;
    let open = third.read(&app, "/api/v1/approvals").await;
    assert_eq!(decide(&app, &third, &open[0]["id"], true).await.json(), json!({}));
    let form = json!({ "name": "hai", "password": PASSWORD });
    assert_eq!(app.json(Method::POST, "/api/v1/session", None, &form).await.json()["code"], "needed");
    let supervisor = app.phone("lan").await;
    assert_eq!(ask(&app, &supervisor, Method::DELETE, "totp", "minh").await.code(), "not_allowed");
}
