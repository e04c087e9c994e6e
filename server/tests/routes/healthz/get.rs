//! Whether the server answers.

use crate::test_app::TestApp;

#[tokio::test]
async fn it_answers_and_every_answer_bears_the_safety_headers() {
    let app = TestApp::empty().await;
    let reply = app.get("/healthz").await;
    assert_eq!((reply.status.as_u16(), reply.json()["status"].as_str()), (200, Some("ok")));
    for name in ["content-security-policy", "x-content-type-options", "referrer-policy"] {
        assert!(reply.headers.contains_key(name), "{name}");
    }
}
