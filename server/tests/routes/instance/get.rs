//! What anybody may know before signing in.

use crate::test_app::TestApp;

#[tokio::test]
async fn it_says_whether_it_is_set_up_and_keeps_its_identity() {
    let mut app = TestApp::empty().await;
    let before = app.get("/api/v1/instance").await.json();
    assert_eq!(before["set_up"], false);
    assert_eq!(before["demo"], false);
    assert_eq!(before["today"], "2026-06-20");
    assert_eq!(before["demo_sign_ins"].as_array().map(Vec::len), Some(0));
    app.restart().await;
    assert_eq!(app.get("/api/v1/instance").await.json()["instance"], before["instance"]);
    let set_up = TestApp::init().await;
    assert_eq!(set_up.get("/api/v1/instance").await.json()["set_up"], true);
}
