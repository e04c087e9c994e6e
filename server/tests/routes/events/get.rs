//! Hints: who hears that something changed, and when the stream ends.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use donghanh_shared::command::Command;
use futures_util::StreamExt as _;
use tokio::time::timeout;
use tower::ServiceExt as _;

use crate::test_app::phone::{Phone, document};
use crate::test_app::{TestApp, person, ward_a};

struct Hints(BodyDataStream);

impl Hints {
    async fn open(app: &TestApp, phone: &Phone) -> Self {
        let request =
            Request::get("/api/v1/events").header("authorization", format!("Bearer {}", phone.token));
        let request = request.body(Body::empty()).expect("request");
        let response = app.application.router.clone().oneshot(request).await.expect("answers");
        assert_eq!(response.status(), 200);
        assert!(response.headers()["content-type"].to_str().expect("text").starts_with("text/event-stream"));
        let mut hints = Self(response.into_body().into_data_stream());
        assert!(hints.next().await.is_some_and(|first| first.starts_with(':')), "a comment comes at once");
        hints
    }

    /// The next piece; `None` at the end of the stream.
    async fn next(&mut self) -> Option<String> {
        let piece =
            timeout(Duration::from_secs(10), self.0.next()).await.expect("something within ten seconds")?;
        Some(String::from_utf8(piece.expect("piece").to_vec()).expect("text"))
    }
}

#[tokio::test]
async fn a_commit_is_hinted_to_those_who_may_read_it_and_the_end_of_the_session_ends_the_stream() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    let (minh, hoa) = (app.phone("minh").await, app.phone("hoa").await);
    let (mut to_minh, mut to_hoa) = (Hints::open(&app, &minh).await, Hints::open(&app, &hoa).await);
    lan.log_visit(&app, document(1), ward_a()).await;
    let hint = to_minh.next().await.expect("a hint");
    assert!(hint.contains("event: changed") && hint.contains("\"scopes\":["), "{hint}");
    for phone in [&minh, &hoa] {
        let reply = app.json(
            axum::http::Method::DELETE,
            "/api/v1/session",
            Some(&phone.token),
            &serde_json::Value::Null,
        );
        assert_eq!(reply.await.status, 204);
    }
    // Had the visit been hinted to ward B, that hint would come first.
    assert!(to_hoa.next().await.expect("the end").contains("event: ended"));
    assert!(to_minh.next().await.expect("the end").contains("event: ended"));
    assert_eq!(to_minh.next().await, None);
}

#[tokio::test]
async fn taking_a_device_away_ends_its_stream() {
    let app = TestApp::init().await;
    let (lan, minh) = (app.phone("lan").await, app.phone("minh").await);
    let (mut to_lan, mut to_minh) = (Hints::open(&app, &lan).await, Hints::open(&app, &minh).await);
    let supervisor = app.phone("phuong").await;
    assert_eq!(supervisor.revoke(&app, &lan).await.status, 204);
    assert!(to_lan.next().await.expect("the end").contains("event: ended"));
    assert_eq!(to_lan.next().await, None);
    assert_eq!(supervisor.revoke(&app, &minh).await.status, 204);
    assert!(to_minh.next().await.expect("the end").contains("event: ended"));
}

#[tokio::test]
async fn a_scope_that_begins_later_and_a_new_assignment_are_hinted_too() {
    let app = TestApp::with_aftercare().await;
    let mut dung = app.phone("dung").await;
    let (second, giang) = (app.phone("dung").await, app.phone("giang").await);
    let (mut to_second, mut to_giang) = (Hints::open(&app, &second).await, Hints::open(&app, &giang).await);
    // The first case of the ward: nothing of after-care was there when the streams opened.
    let case = document(10);
    let items = vec![dung.create_case(case, ward_a()), dung.save_fields(case, &[("address_as", "anh Hùng")])];
    dung.push(&app, items).await;
    assert!(to_second.next().await.expect("a hint").contains("event: changed"));
    let assigned = dung.command(Command::AssignHelper { case, person: person("giang") });
    dung.push(&app, vec![assigned]).await;
    // Had the case been hinted before the assignment, that hint would come first, without a scope of hers.
    let hint = to_giang.next().await.expect("a hint");
    assert!(hint.contains("event: changed") && !hint.contains("[]"), "{hint}");
}

#[tokio::test]
async fn nobody_listens_without_signing_in() {
    let app = TestApp::init().await;
    assert_eq!(app.get("/api/v1/events").await.code(), "not_signed_in");
}
