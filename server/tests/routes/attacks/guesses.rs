//! Ten thousand guesses: at one account, from everywhere, at everybody.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use crate::test_app::{PASSWORD, Reply, TestApp};

/// As many as somebody makes in a night. Hashing each would take minutes: that this ends shows that it does not happen.
const GUESSES: usize = 10_000;

async fn guess(app: &TestApp, (path, address): (&str, &str), form: &serde_json::Value) -> Reply {
    let request = Request::post(path)
        .header("content-type", "application/json")
        .header("x-forwarded-for", address)
        .body(Body::from(form.to_string()));
    app.send(request.expect("request")).await
}

/// How often each code was told.
async fn guess_all(
    app: &TestApp,
    guesses: impl Iterator<Item = (String, String)>,
) -> BTreeMap<String, usize> {
    let mut told = BTreeMap::new();
    for (number, (name, address)) in guesses.enumerate() {
        let form = json!({ "name": name, "password": format!("guess-{number}") });
        let reply = guess(app, ("/api/v1/session", &address), &form).await;
        *told.entry(reply.code()).or_insert(0) += 1;
    }
    told
}

fn told(wrong: usize) -> BTreeMap<String, usize> {
    let (wrong, waits) = (("sign_in_wrong", wrong), ("too_many_attempts", GUESSES - wrong));
    [wrong, waits].into_iter().map(|(code, count)| (code.to_owned(), count)).collect()
}

#[tokio::test]
async fn one_account_is_guessed_at_ten_times_whatever_the_address() {
    let app = TestApp::init().await;
    let address = |n: usize| format!("10.{}.{}.{}", n >> 16, (n >> 8) & 255, n & 255);
    let guesses = (0..GUESSES).map(|n| ("lan".to_owned(), address(n)));
    assert_eq!(guess_all(&app, guesses).await, told(10));
    let form = json!({ "name": "lan", "password": PASSWORD });
    let right = guess(&app, ("/api/v1/session", "192.168.1.1"), &form).await;
    assert_eq!((right.status.as_u16(), right.code().as_str()), (429, "too_many_attempts"));
    assert_eq!(right.headers["retry-after"], "900");
    assert_eq!(right.json()["wait_s"], 900);
    let refused = app.audit("sign_in_refused").await;
    assert_eq!(refused.len(), 10, "each address its line");
    assert!(refused.iter().all(|line| line["about"]["name"] == "Nguyễn Thị Lan"));
}

#[tokio::test]
async fn one_address_guesses_fifty_times_whatever_the_names() {
    let app = TestApp::init().await;
    let guesses = (0..GUESSES).map(|n| (format!("nobody{n}"), "203.0.113.7".to_owned()));
    assert_eq!(guess_all(&app, guesses).await, told(50));
    for (path, form) in [
        ("/api/v1/session", json!({ "name": "lan", "password": PASSWORD })),
        ("/api/v1/join", json!({ "invitation": "0".repeat(64) })),
        ("/api/v1/join/look", json!({ "invitation": "0".repeat(64) })),
    ] {
        let reply = guess(&app, (path, "203.0.113.7"), &form).await;
        assert_eq!(reply.code(), "too_many_attempts", "{path}");
    }
    let elsewhere = json!({ "name": "lan", "password": PASSWORD });
    assert_eq!(guess(&app, ("/api/v1/session", "203.0.113.8"), &elsewhere).await.status, 200);
    let refused = app.audit("sign_in_refused").await;
    assert_eq!((refused.len(), &refused[0]["times"]), (1, &json!(50)), "a flood is one line");
    let waits = app.audit("too_many_attempts").await;
    assert_eq!((waits.len(), &waits[0]["times"]), (1, &json!(GUESSES - 50 + 3)));
    assert_eq!(waits[0]["address"], "203.0.113.7");
}

#[tokio::test]
async fn guesses_at_the_same_moment_do_not_slip_through_together() {
    let app = TestApp::init().await;
    let mut guesses = JoinSet::new();
    for number in 0..40 {
        let form = json!({ "name": "lan", "password": format!("guess-{number}") });
        let request = Request::post("/api/v1/session")
            .header("content-type", "application/json")
            .header("x-forwarded-for", format!("10.0.0.{number}"))
            .body(Body::from(form.to_string()));
        guesses.spawn(app.application.router.clone().oneshot(request.expect("request")));
    }
    let mut statuses = BTreeMap::new();
    while let Some(answer) = guesses.join_next().await {
        let status = answer.expect("ends").expect("answers").status().as_u16();
        *statuses.entry(status).or_insert(0) += 1;
    }
    assert_eq!(statuses, [(401, 10), (429, 30)].into());
}

#[tokio::test]
async fn invitations_are_not_guessed() {
    let app = TestApp::init().await;
    let mut wrong = 0;
    for number in 0..200_u64 {
        let form = json!({ "invitation": format!("{number:064x}") });
        wrong += usize::from(guess(&app, ("/api/v1/join", "203.0.113.7"), &form).await.status == 404);
    }
    assert_eq!(wrong, 50);
}
