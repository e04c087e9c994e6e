//! An invitation is used twice, one after the other and at the same moment.

use axum::http::Method;
use serde_json::{Value, json};

use crate::test_app::{Reply, TestApp};

async fn invitation(app: &TestApp) -> Value {
    let administrator = app.phone("quantri").await;
    let path = format!("/api/v1/people/{}/invitations", TestApp::person("lan"));
    administrator.call(app, Method::POST, &path, &Value::Null).await.json()["token"].clone()
}

async fn join(app: &TestApp, token: &Value) -> Reply {
    app.json(Method::POST, "/api/v1/join", None, &json!({ "invitation": token })).await
}

#[tokio::test]
async fn the_second_is_told_what_a_stranger_is_told() {
    let app = TestApp::init().await;
    let token = invitation(&app).await;
    assert_eq!(join(&app, &token).await.status, 200);
    let used = join(&app, &token).await;
    let unknown = join(&app, &json!("0".repeat(64))).await;
    assert_eq!((used.status.as_u16(), used.code().as_str()), (404, "invitation_invalid"));
    assert_eq!((used.status, &used.body), (unknown.status, &unknown.body));
    assert_eq!(app.audit("invitation_refused").await[0]["times"], 2);
}

#[tokio::test]
async fn of_many_at_once_one_wins() {
    let app = TestApp::init().await;
    let token = invitation(&app).await;
    let (a, b, c, d) =
        tokio::join!(join(&app, &token), join(&app, &token), join(&app, &token), join(&app, &token));
    let won = [a, b, c, d].iter().filter(|reply| reply.status == 200).count();
    assert_eq!(won, 1);
    assert_eq!(app.audit("joined").await.len(), 1);
}
