//! A database that was put back to an older copy: who may do what stays as it was in the end. The ledger lies elsewhere and was not put
//! back with it.

use axum::http::Method;
use donghanh_shared::command::Command;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::error::Code;
use donghanh_shared::sync::wire::Answer;
use serde_json::{Value, json};

use crate::test_app::phone::{Phone, document};
use crate::test_app::{PASSWORD, TestApp, person, ward_a};

fn role_of(name: &str) -> String {
    format!("/api/v1/people/{}/role", TestApp::person(name))
}

/// Every role that somebody holds or held.
async fn roles(phone: &Phone, app: &TestApp) -> Value {
    phone.read(app, "/api/v1/session").await["memberships"].clone()
}

async fn sign_in(app: &TestApp, name: &str) -> u16 {
    let form = json!({ "name": name, "password": PASSWORD });
    app.json(Method::POST, "/api/v1/session", None, &form).await.status.as_u16()
}

#[tokio::test]
async fn another_role_stays_the_one_that_is_held() {
    let mut app = TestApp::init().await;
    let (administrator, lan) = (app.phone("quantri").await, app.phone("lan").await);
    let backup = app.back_up().await;
    let form = json!({ "role": "volunteer", "ward": "08716@2025-07-01" });
    assert_eq!(administrator.call(&app, Method::PUT, &role_of("lan"), &form).await.status, 204);
    let now = roles(&lan, &app).await;
    // Twice: what the ledger told of is in the database then, as it is the second time.
    for _ in 0..2 {
        app.restore(&backup).await;
        let session = lan.read(&app, "/api/v1/session").await;
        assert!(!session["access"].to_string().contains("08707@2025-07-01"), "{session}");
        assert_eq!(session["memberships"], now);
    }
    app.restart().await;
    assert_eq!(roles(&lan, &app).await, now, "nothing is done again where nothing was lost");
}

#[tokio::test]
async fn who_was_shut_out_stays_out_and_keeps_the_rest_of_their_colleagues_as_they_were() {
    let mut app = TestApp::init().await;
    let (administrator, lan, minh) =
        (app.phone("quantri").await, app.phone("lan").await, app.phone("minh").await);
    let backup = app.back_up().await;
    assert_eq!(administrator.call(&app, Method::DELETE, &role_of("lan"), &Value::Null).await.status, 204);
    app.restore(&backup).await;
    let reply = lan.call(&app, Method::GET, "/api/v1/session", &Value::Null).await;
    assert_eq!(reply.code(), "device_revoked");
    assert_eq!(sign_in(&app, "lan").await, 401, "by the password of before");
    assert_eq!(sign_in(&app, "minh").await, 200);
    let people = administrator.read(&app, "/api/v1/people").await;
    let role = |name: &str| {
        people.as_array().expect("list").iter().find(|one| one["name"] == name).map(|one| one["role"].clone())
    };
    assert_eq!((role("lan"), role("minh")), (Some(Value::Null), Some(json!("volunteer"))));
    assert_eq!(minh.call(&app, Method::GET, "/api/v1/session", &Value::Null).await.status, 200);
}

#[tokio::test]
async fn who_was_taken_off_a_case_sees_it_no_more() {
    let mut app = TestApp::with_aftercare().await;
    let (mut dung, mut giang) = (app.phone("dung").await, app.phone("giang").await);
    let (case, person) = (document(1), person("giang"));
    let items = vec![
        dung.create_case(case, ward_a()),
        dung.save_fields(case, &[("address_as", "anh Hùng"), ("status", "managed")]),
        dung.create_part(document(2), Kind::CheckIn, case),
        dung.save_fields(document(2), &[("remarks", "ổn")]),
        dung.command(Command::AssignHelper { case, person }),
    ];
    assert!(dung.push(&app, items).await.iter().all(Answer::is_kept));
    giang.pull(&app).await;
    assert!(giang.documents.contains_key(&case), "it was hers to see");
    let backup = app.back_up().await;
    let items = vec![dung.command(Command::UnassignHelper { case, person })];
    assert!(dung.push(&app, items).await.iter().all(Answer::is_kept));
    app.restore(&backup).await;
    let mut fresh = app.phone("giang").await;
    fresh.pull(&app).await;
    assert!(fresh.documents.is_empty(), "her assignment is back with the copy");
    // What she wrote is offered with its creation: of what is there she is told so, of what went with the copy that she may not.
    let offered = vec![
        giang.create_part(document(2), Kind::CheckIn, case),
        giang.create_part(document(3), Kind::CheckIn, case),
        giang.save_fields(document(3), &[("remarks", "gặp ở nhà")]),
    ];
    let answers = giang.push(&app, offered).await;
    let refused = Answer::refused(Code::NotAllowed);
    assert_eq!(answers, [Answer::Duplicate, refused, Answer::MissingDependencies], "nothing waits for ever");
    // And may be given it again.
    let items = vec![dung.command(Command::AssignHelper { case, person })];
    assert!(dung.push(&app, items).await.iter().all(Answer::is_kept));
    fresh.pull(&app).await;
    assert!(fresh.documents.contains_key(&case));
}

#[tokio::test]
async fn who_was_put_to_a_case_looks_after_it() {
    let mut app = TestApp::with_aftercare().await;
    let (mut dung, mut giang) = (app.phone("dung").await, app.phone("giang").await);
    let (case, person) = (document(1), person("giang"));
    let items = vec![dung.create_case(case, ward_a()), dung.save_fields(case, &[("status", "managed")])];
    assert!(dung.push(&app, items).await.iter().all(Answer::is_kept));
    let backup = app.back_up().await;
    let items = vec![dung.command(Command::AssignHelper { case, person })];
    assert!(dung.push(&app, items).await.iter().all(Answer::is_kept));
    app.restore(&backup).await;
    giang.pull(&app).await;
    assert!(
        giang.documents.contains_key(&case),
        "the case says that she looks after it, and she is not given it"
    );
}

/// A case that was begun since the copy was made is brought back by a phone that has not heard who was taken off it.
#[tokio::test]
async fn who_was_taken_off_a_case_that_the_copy_does_not_know_is_not_given_it_again() {
    let mut app = TestApp::with_aftercare().await;
    let (mut dung, mut giang) = (app.phone("dung").await, app.phone("giang").await);
    let (case, person) = (document(1), person("giang"));
    let backup = app.back_up().await;
    let begin = |phone: &mut Phone| {
        vec![phone.create_case(case, ward_a()), phone.save_fields(case, &[("status", "managed")])]
    };
    let mut items = begin(&mut dung);
    items.push(dung.command(Command::AssignHelper { case, person }));
    items.push(dung.command(Command::UnassignHelper { case, person }));
    assert!(dung.push(&app, items).await.iter().all(Answer::is_kept));
    app.restore(&backup).await;
    let items = begin(&mut dung);
    assert!(dung.push(&app, items).await.iter().all(Answer::is_kept));
    // What is offered may come in two batches.
    let items = vec![dung.said_before(Command::AssignHelper { case, person })];
    assert_eq!(dung.push(&app, items).await, [Answer::Duplicate]);
    giang.pull(&app).await;
    assert!(giang.documents.is_empty(), "she was taken off it");
    // Whoever puts her to it from now on, means it.
    let items = vec![dung.command(Command::AssignHelper { case, person })];
    assert!(dung.push(&app, items).await.iter().all(Answer::is_kept));
    giang.pull(&app).await;
    assert!(giang.documents.contains_key(&case));
}
