//! Opening a phone whose PIN is forgotten.

use axum::http::Method;
use serde_json::json;

use crate::test_app::Reply;
use crate::test_app::TestApp;
use crate::test_app::phone::Phone;

async fn unlock(app: &TestApp, token: &str, phone: &Phone) -> Reply {
    let form = json!({ "device": phone.device });
    app.json(Method::POST, "/api/v1/unlock", Some(token), &form).await
}

#[tokio::test]
async fn whoever_signs_in_anew_gets_what_opens_their_own_phone() {
    let app = TestApp::init().await;
    let (locked, anew) = (app.phone("lan").await, app.phone("lan").await);
    assert_ne!(locked.unlock_key, anew.unlock_key);
    let given = unlock(&app, &anew.token, &locked).await;
    assert_eq!(given.json(), json!({ "unlock_key": locked.unlock_key }));
    assert_eq!(app.audit("unlocked").await[0]["device"]["id"], locked.device.to_string());
}

#[tokio::test]
async fn nobody_elses_phone_opens_and_none_that_signed_out() {
    let app = TestApp::init().await;
    let (lan, minh) = (app.phone("lan").await, app.phone("minh").await);
    let gone = app.phone("lan").await;
    let out = app.json(Method::DELETE, "/api/v1/session", Some(&gone.token), &json!(null)).await;
    assert_eq!(out.status, 204);
    for (token, phone) in [(&minh.token, &lan), (&lan.token, &minh), (&lan.token, &gone)] {
        let refused = unlock(&app, token, phone).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (404, "not_found"));
    }
    // Neither without a session, nor with the credential that only pushes.
    assert_eq!(
        app.json(Method::POST, "/api/v1/unlock", None, &json!({ "device": lan.device })).await.status,
        401
    );
    assert_eq!(unlock(&app, &lan.push_token, &lan).await.code(), "not_signed_in");
}
