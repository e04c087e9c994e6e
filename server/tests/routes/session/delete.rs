//! Signing out.

use axum::http::Method;
use serde_json::Value;

use crate::test_app::TestApp;

#[tokio::test]
async fn the_token_is_void_afterwards_and_other_phones_stay() {
    let app = TestApp::init().await;
    let (one, other) = (app.phone("lan").await, app.phone("lan").await);
    let call = |method: Method, token: String| {
        let app = &app;
        async move { app.json(method, "/api/v1/session", Some(&token), &Value::Null).await.status.as_u16() }
    };
    assert_eq!(call(Method::DELETE, one.token.clone()).await, 204);
    assert_eq!(call(Method::GET, one.token.clone()).await, 401);
    assert_eq!(call(Method::DELETE, one.token).await, 401);
    assert_eq!(call(Method::GET, other.token).await, 200);
}
