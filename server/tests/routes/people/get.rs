//! The list of accounts.

use axum::body::Body;
use axum::http::Request;

use crate::test_app::TestApp;

#[tokio::test]
async fn administrators_see_every_account_and_no_secret() {
    let app = TestApp::init().await;
    let phone = app.phone("quantri").await;
    let request = Request::get("/api/v1/people").header("authorization", format!("Bearer {}", phone.token));
    let reply = app.send(request.body(Body::empty()).expect("request")).await;
    assert_eq!(reply.status, 200);
    let people = reply.json();
    assert_eq!(people.as_array().map(Vec::len), Some(6));
    assert_eq!(
        (people[0]["name"].as_str(), people[0]["full_name"].as_str()),
        (Some("lan"), Some("Nguyễn Thị Lan"))
    );
    assert_eq!(
        (people[0]["role"].as_str(), people[0]["ward"].as_str()),
        (Some("volunteer"), Some("08707@2025-07-01"))
    );
    assert!(people[4]["ward"].is_null());
    assert!(!String::from_utf8_lossy(&reply.body).contains("argon2"));
}

#[tokio::test]
async fn ward_supervisors_see_the_volunteers_and_helpers_of_their_wards() {
    let app = TestApp::init().await;
    let people = app.phone("phuong").await.read(&app, "/api/v1/people").await;
    let names: Vec<_> = people.as_array().expect("list").iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["lan", "minh"]);
}

#[tokio::test]
async fn nobody_else_does() {
    let app = TestApp::init().await;
    assert_eq!(app.get("/api/v1/people").await.status, 401);
    for name in ["lan", "thanh"] {
        let phone = app.phone(name).await;
        let request =
            Request::get("/api/v1/people").header("authorization", format!("Bearer {}", phone.token));
        assert_eq!(
            app.send(request.body(Body::empty()).expect("request")).await.code(),
            "not_allowed",
            "{name}"
        );
    }
}
