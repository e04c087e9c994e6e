//! Opening a locked phone online.

use axum::http::Method;
use serde_json::{Value, json};

use crate::test_app::{PASSWORD, Reply, TestApp};

async fn unlock(app: &TestApp, form: Value) -> Reply {
    app.json(Method::POST, "/api/v1/unlock", None, &form).await
}

#[tokio::test]
async fn the_person_whose_phone_it_is_gets_its_key_and_nobody_else() {
    let app = TestApp::init().await;
    let (lan, other, minh) = (app.phone("lan").await, app.phone("lan").await, app.phone("minh").await);
    assert_ne!(lan.unlock_key, other.unlock_key);
    let right = unlock(&app, json!({ "device": lan.device, "name": "Lan", "password": PASSWORD })).await;
    assert_eq!(right.status, 200, "{}", String::from_utf8_lossy(&right.body));
    assert_eq!(right.json(), json!({ "unlock_key": lan.unlock_key }));
    for (device, name, password) in [
        (json!(lan.device), "lan", "sai-mat-khau"),
        (json!(lan.device), "minh", PASSWORD),
        (json!(minh.device), "lan", PASSWORD),
        (json!("0".repeat(32)), "lan", PASSWORD),
    ] {
        let reply = unlock(&app, json!({ "device": device, "name": name, "password": password })).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (401, "sign_in_wrong"), "{device} {name}");
    }
    assert_eq!(unlock(&app, json!({ "device": lan.device })).await.code(), "sign_in_wrong");
    assert_eq!(app.audit("unlocked").await[0]["device"]["id"], lan.device.to_string());
}

#[tokio::test]
async fn an_invitation_of_the_same_person_opens_it_once() {
    let app = TestApp::init().await;
    let (lan, supervisor) = (app.phone("lan").await, app.phone("phuong").await);
    let invite = |name: &'static str| {
        let path = format!("/api/v1/people/{}/invitations", TestApp::person(name));
        let (app, supervisor) = (&app, &supervisor);
        async move { supervisor.call(app, Method::POST, &path, &Value::Null).await.json()["token"].clone() }
    };
    let of_minh = invite("minh").await;
    let wrong = unlock(&app, json!({ "device": lan.device, "invitation": of_minh })).await;
    assert_eq!((wrong.status.as_u16(), wrong.code().as_str()), (404, "invitation_invalid"));
    let still = app.json(Method::POST, "/api/v1/join/look", None, &json!({ "invitation": of_minh })).await;
    assert_eq!(still.status, 200, "it was not used up for another's phone");
    let of_lan = invite("lan").await;
    let form = json!({ "device": lan.device, "invitation": of_lan });
    assert_eq!(unlock(&app, form.clone()).await.json()["unlock_key"], lan.unlock_key);
    assert_eq!(unlock(&app, form).await.code(), "invitation_invalid");
}

#[tokio::test]
async fn codes_are_asked_for_and_a_phone_that_signed_out_stays_closed() {
    let app = TestApp::init().await;
    let supervisor = app.phone("phuong").await;
    let form = |code: Value| json!({ "device": supervisor.device, "name": "phuong", "password": PASSWORD, "code": code });
    assert_eq!(unlock(&app, form(Value::Null)).await.code(), "code_needed");
    assert_eq!(unlock(&app, form(json!("000000"))).await.code(), "code_wrong");
    assert_eq!(unlock(&app, form(json!(app.code("phuong")))).await.status, 200);
    assert_eq!(supervisor.call(&app, Method::DELETE, "/api/v1/session", &Value::Null).await.status, 204);
    assert_eq!(unlock(&app, form(json!(app.code("phuong")))).await.code(), "sign_in_wrong");
}

#[tokio::test]
async fn guesses_are_counted_with_those_of_signing_in() {
    let app = TestApp::init().await;
    let lan = app.phone("lan").await;
    let form = |password: &str| json!({ "device": lan.device, "name": "lan", "password": password });
    for _ in 0..10 {
        assert_eq!(unlock(&app, form("sai-mat-khau")).await.code(), "sign_in_wrong");
    }
    assert_eq!(unlock(&app, form(PASSWORD)).await.code(), "too_many_attempts");
    let sign_in = json!({ "name": "lan", "password": PASSWORD });
    assert_eq!(app.json(Method::POST, "/api/v1/session", None, &sign_in).await.code(), "too_many_attempts");
}
