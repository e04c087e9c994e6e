//! Edits of somebody whose right had ended wait where a supervisor sees them, and count once they are taken in.

use axum::http::Method;
use donghanh_shared::access::Role;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::sync::wire::{Answer, PushItem};
use serde_json::{Value, json};

use crate::test_app::phone::{Phone, amount, document};
use crate::test_app::{TestApp, ward_a};

fn attendance(number: i64) -> [VisitEdit; 1] {
    [VisitEdit::Count(CountKey::Attendance, amount(number))]
}

/// Mai made two edits before she heard that her role had ended; both are parked.
async fn parked() -> (TestApp, Phone, Vec<PushItem>) {
    let app = TestApp::init().await;
    let until = "2026-06-20".parse().expect("day");
    app.add("mai", "Đỗ Thị Mai", Role::Volunteer, Some(ward_a()), Some(until)).await;
    let mut mai = app.phone("mai").await;
    mai.log_visit(&app, document(1), ward_a()).await;
    let edits = vec![mai.save(document(1), &attendance(90)), mai.save(document(1), &attendance(95))];
    app.pass(48 * 3_600_000);
    let answers = mai.push(&app, edits.clone()).await;
    assert!(answers.iter().all(|answer| matches!(answer, Answer::Parked(_))), "{answers:?}");
    (app, mai, edits)
}

async fn listed(app: &TestApp, who: &Phone) -> Vec<Value> {
    who.read(app, "/api/v1/handed-over").await.as_array().expect("items").clone()
}

async fn decide(app: &TestApp, who: &Phone, items: &[Value], take: bool) -> Value {
    let ids: Vec<&Value> = items.iter().map(|item| &item["id"]).collect();
    who.call(app, Method::POST, "/api/v1/handed-over", &json!({ "ids": ids, "take": take })).await.json()
}

#[tokio::test]
async fn a_supervisor_takes_them_in_and_they_are_their_authors() {
    let (app, mut mai, edits) = parked().await;
    let mut supervisor = app.phone("phuong").await;
    supervisor.pull(&app).await;
    assert_eq!(supervisor.documents[&document(1)].visit().count(CountKey::Attendance), Some(80));
    let items = listed(&app, &supervisor).await;
    assert_eq!(items.len(), 2);
    for item in &items {
        assert_eq!((&item["reason"], &item["person"]["name"]), (&json!("right_ended"), &json!("Đỗ Thị Mai")));
        assert_eq!((&item["kind"], &item["decided"]), (&json!("outreach_visit"), &Value::Null));
    }
    let outcomes = decide(&app, &supervisor, &items, true).await;
    assert!(outcomes.as_array().expect("outcomes").iter().all(|one| one["outcome"] == "taken"), "{outcomes}");
    supervisor.pull(&app).await;
    assert_eq!(supervisor.documents[&document(1)].visit().count(CountKey::Attendance), Some(95));
    assert!(supervisor.names.values().any(|name| name == "Đỗ Thị Mai"));
    // The phone that sends them once more hears that they are there.
    assert_eq!(mai.push(&app, edits).await, [Answer::Duplicate, Answer::Duplicate]);
}

#[tokio::test]
async fn what_is_left_out_stays_parked_with_all_that_builds_on_it() {
    let (app, mut mai, edits) = parked().await;
    let supervisor = app.phone("phuong").await;
    let before = app.contents();
    let items = listed(&app, &supervisor).await;
    decide(&app, &supervisor, &items, false).await;
    assert_eq!(app.contents(), before);
    let more = mai.save(document(1), &attendance(99));
    let answers = mai.push(&app, [edits, vec![more]].concat()).await;
    assert!(answers.iter().all(|answer| matches!(answer, Answer::Parked(_))), "{answers:?}");
    let waiting: Vec<Value> = listed(&app, &supervisor).await;
    assert_eq!(
        waiting.iter().filter(|item| item["decided"] == Value::Null).count(),
        1,
        "the new one is asked about"
    );
}

#[tokio::test]
async fn they_do_not_use_up_what_a_device_may_hand_over_and_nobody_else_sees_them() {
    let (app, mai, _) = parked().await;
    for name in ["lan", "minh"] {
        let reply = app.phone(name).await.call(&app, Method::GET, "/api/v1/handed-over", &json!({})).await;
        assert_eq!(reply.code(), "not_allowed", "{name}");
    }
    let database = app.database();
    let counted: i64 = database
        .query_row("SELECT count(*) FROM handed_over WHERE reason = 'device_revoked'", [], |row| row.get(0))
        .expect("count");
    assert_eq!(counted, 0);
    drop(mai);
}

#[tokio::test]
async fn what_an_earlier_build_parked_is_shown_after_the_next_start() {
    let (mut app, _, _) = parked().await;
    app.database().execute("DELETE FROM handed_over", []).expect("as an earlier build left it");
    app.restart().await;
    let supervisor = app.phone("phuong").await;
    let items = listed(&app, &supervisor).await;
    assert_eq!(items.len(), 2);
    let outcomes = decide(&app, &supervisor, &items, true).await;
    assert!(outcomes.as_array().expect("outcomes").iter().all(|one| one["outcome"] == "taken"), "{outcomes}");
}

#[tokio::test]
async fn an_edit_of_the_day_on_which_the_role_was_taken_away_is_parked_too() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    lan.log_visit(&app, document(1), ward_a()).await;
    let edit = lan.save(document(1), &attendance(75));
    let supervisor = app.phone("phuong").await;
    let path = format!("/api/v1/people/{}/role", TestApp::person("lan"));
    let helper = json!({ "role": "helper", "ward": "08707@2025-07-01" });
    assert_eq!(supervisor.call(&app, Method::PUT, &path, &helper).await.status, 204);
    assert_eq!(lan.push(&app, vec![edit]).await, [Answer::Parked("not_allowed".to_owned())]);
    let items = listed(&app, &supervisor).await;
    assert_eq!(items.len(), 1);
    let outcomes = decide(&app, &supervisor, &items, true).await;
    assert_eq!(outcomes[0]["outcome"], "taken");
}
