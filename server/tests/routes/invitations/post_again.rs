//! Inviting somebody again who has an account.

use axum::http::Method;
use donghanh_server::admin::invitations::let_back_in;
use donghanh_shared::access::Role;
use donghanh_shared::domain::error::{Code, Problem};
use serde_json::{Value, json};

use crate::test_app::phone::Phone;
use crate::test_app::{Reply, TestApp, ward_a};

async fn again(app: &TestApp, who: &Phone, name: &str) -> Reply {
    let path = format!("/api/v1/people/{}/invitations", TestApp::person(name));
    who.call(app, Method::POST, &path, &Value::Null).await
}

async fn look(app: &TestApp, token: &Value) -> Reply {
    app.json(Method::POST, "/api/v1/join/look", None, &json!({ "invitation": token })).await
}

#[tokio::test]
async fn a_new_invitation_ends_the_older_one() {
    let app = TestApp::init().await;
    let supervisor = app.phone("phuong").await;
    let first = again(&app, &supervisor, "lan").await.json();
    assert_eq!(look(&app, &first["token"]).await.status, 200);
    let second = again(&app, &supervisor, "lan").await;
    assert_eq!((second.status.as_u16(), &second.json()["name"]), (201, &json!("lan")));
    assert_eq!(look(&app, &first["token"]).await.code(), "invitation_invalid");
    assert_eq!(look(&app, &second.json()["token"]).await.status, 200);
}

#[tokio::test]
async fn officers_and_administrators_take_a_second_person_and_others_who_looks_after_them() {
    let app = TestApp::init().await;
    app.add("can", "Ngô Cẩn", Role::AftercareOfficer, Some(ward_a()), None).await;
    let (supervisor, administrator) = (app.phone("phuong").await, app.phone("quantri").await);
    for name in ["hoa", "thanh", "quantri", "can"] {
        assert_eq!(again(&app, &supervisor, name).await.code(), "not_allowed", "{name}");
    }
    for name in ["hoa", "thanh", "phuong"] {
        assert_eq!(again(&app, &administrator, name).await.status, 201, "{name}");
    }
    for name in ["can", "quantri"] {
        let reply = again(&app, &administrator, name).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (409, "second_person_needed"), "{name}");
    }
    let nobody = format!("/api/v1/people/{}/invitations", "0".repeat(32));
    assert_eq!(administrator.call(&app, Method::POST, &nobody, &Value::Null).await.code(), "not_found");
}

#[tokio::test]
async fn whoever_runs_the_machine_lets_an_administrator_back_in_and_nobody_else() {
    let app = TestApp::init().await;
    let state = &app.application.state;
    for (name, code) in
        [("lan", Code::NotAllowed), ("phuong", Code::NotAllowed), ("khong.ai", Code::NotFound)]
    {
        assert_eq!(let_back_in(state, name).await.map(drop), Err(Problem::new(code)), "{name}");
    }
    let made = let_back_in(state, " Quantri ").await.expect("made");
    let form = json!({ "invitation": made.token.to_hex(), "device_name": "x" });
    let joined = app.json(Method::POST, "/api/v1/join", None, &form).await;
    assert_eq!((joined.status.as_u16(), &joined.json()["code"]), (200, &json!("off")));
    let token = joined.json()["token"].as_str().map(str::to_owned);
    let log =
        app.json(Method::GET, "/api/v1/audit?kind=invitation_made", token.as_deref(), &json!(null)).await;
    assert_eq!(log.json()[0]["note"], "server");
}
