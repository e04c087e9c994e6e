//! Who is signed in.

use axum::body::Body;
use axum::http::Request;

use crate::test_app::TestApp;

#[tokio::test]
async fn the_token_tells_who_and_nothing_else_does() {
    let app = TestApp::init().await;
    let phone = app.phone("hoa").await;
    let ask = |value: String| {
        app.send(
            Request::get("/api/v1/session")
                .header("authorization", value)
                .body(Body::empty())
                .expect("request"),
        )
    };
    let session = ask(format!("Bearer {}", phone.token)).await;
    assert_eq!(session.status, 200);
    assert_eq!(session.json()["device"], phone.device.to_string());
    assert!(session.json().get("token").is_none(), "shown once, at sign-in");
    for wrong in [
        String::new(),
        "Bearer".into(),
        format!("Bearer {}", "0".repeat(64)),
        format!("Basic {}", phone.token),
    ] {
        let reply = ask(wrong.clone()).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (401, "not_signed_in"), "{wrong}");
    }
    assert_eq!(app.get("/api/v1/session").await.code(), "not_signed_in");
}
