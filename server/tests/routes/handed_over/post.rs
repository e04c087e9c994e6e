//! Taking in what was handed over, or discarding it.

use axum::http::Method;
use donghanh_shared::access::Role;
use serde_json::{Value, json};

use super::handed_over;
use crate::test_app::phone::{Phone, document};
use crate::test_app::{Reply, TestApp, ward_b};

async fn ids(app: &TestApp, who: &Phone) -> Vec<i64> {
    let items = who.read(app, "/api/v1/handed-over").await;
    items.as_array().expect("items").iter().filter_map(|item| item["id"].as_i64()).collect()
}

async fn decide(app: &TestApp, who: &Phone, ids: &[i64], take: bool) -> Reply {
    who.call(app, Method::POST, "/api/v1/handed-over", &json!({ "ids": ids, "take": take })).await
}

#[tokio::test]
async fn what_a_supervisor_takes_in_is_the_record_of_its_author() {
    let app = TestApp::init().await;
    handed_over(&app).await;
    let mut supervisor = app.phone("phuong").await;
    let ids = ids(&app, &supervisor).await;
    let outcomes = decide(&app, &supervisor, &ids, true).await;
    assert_eq!(outcomes.status, 200, "{}", String::from_utf8_lossy(&outcomes.body));
    for outcome in outcomes.json().as_array().expect("outcomes") {
        assert_eq!(outcome["outcome"], "taken");
    }
    supervisor.pull(&app).await;
    let visit = supervisor.documents[&document(1)].visit();
    assert_eq!(visit.date.value(), Some(&"2026-06-18".parse().expect("day")));
    assert!(supervisor.names.values().any(|name| name == "Nguyễn Thị Lan"));
    assert_eq!(decide(&app, &supervisor, &ids, false).await.json(), json!([]), "decided once");
    let items = supervisor.read(&app, "/api/v1/handed-over").await;
    assert!(items.as_array().expect("items").iter().all(|item| item["decided"] == "taken"));
    assert_eq!(app.audit("handed_over_decided").await[0]["note"], "taken 2");
}

#[tokio::test]
async fn what_is_discarded_stays_out() {
    let app = TestApp::init().await;
    handed_over(&app).await;
    let supervisor = app.phone("phuong").await;
    let ids = ids(&app, &supervisor).await;
    let before = app.contents();
    let outcomes = decide(&app, &supervisor, &ids, false).await.json();
    assert!(outcomes.as_array().expect("outcomes").iter().all(|one| one["outcome"] == "discarded"));
    assert_eq!(decide(&app, &supervisor, &ids, true).await.json(), json!([]));
    assert_eq!(app.contents(), before);
}

#[tokio::test]
async fn a_change_without_its_record_waits_for_it() {
    let app = TestApp::init().await;
    handed_over(&app).await;
    let supervisor = app.phone("phuong").await;
    // Newest first: the save, then what created the record.
    let ids = ids(&app, &supervisor).await;
    let alone = decide(&app, &supervisor, &ids[..1], true).await.json();
    assert!(alone[0]["outcome"].is_null() || alone[0]["outcome"] == "document_unknown", "{alone}");
}

#[tokio::test]
async fn nobody_decides_for_another_ward() {
    let app = TestApp::init().await;
    handed_over(&app).await;
    let ids = ids(&app, &app.phone("phuong").await).await;
    app.add_in("an", "Đỗ Thị An", Role::WardSupervisor, &[ward_b()]).await;
    for name in ["an", "minh", "thanh", "quantri"] {
        let who = app.phone(name).await;
        assert_eq!(decide(&app, &who, &ids, true).await.code(), "not_allowed", "{name}");
    }
    let waiting = app.phone("phuong").await.read(&app, "/api/v1/handed-over").await;
    assert!(waiting.as_array().expect("items").iter().all(|item| item["decided"] == Value::Null));
}
