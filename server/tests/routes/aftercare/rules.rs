//! The dated rules of after-care: who reads them, who changes them, what stays of those before.

use axum::http::Method;
use donghanh_shared::domain::aftercare::AftercareRules;
use donghanh_shared::domain::date::Span;
use donghanh_shared::sync::wire::{PullItem, Reference, from_bytes, to_bytes};
use serde_json::{Value, json};

use crate::test_app::{Reply, TestApp};

const PATH: &str = "/api/v1/aftercare/rules";

async fn put(app: &TestApp, name: &str, version: i64, rules: &AftercareRules) -> Reply {
    let body = json!({ "version": version, "rules": rules });
    app.phone(name).await.call(app, Method::PUT, PATH, &body).await
}

#[tokio::test]
async fn whoever_may_see_a_case_reads_the_rules_and_nobody_else() {
    let app = TestApp::with_aftercare().await;
    assert_eq!(app.get(PATH).await.status, 401);
    for name in ["dung", "phuong", "thanh", "quantri"] {
        let versions = app.phone(name).await.read(&app, PATH).await;
        let rules: AftercareRules = serde_json::from_value(versions[0]["rules"].clone()).expect("rules");
        assert_eq!((rules, &versions[0]["by"]), (AftercareRules::shipped(), &Value::Null), "{name}");
    }
    // A helper to whom no case was assigned, and whoever has to do with activity only.
    for name in ["giang", "lan", "tuan"] {
        let reply = app.phone(name).await.call(&app, Method::GET, PATH, &Value::Null).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "not_allowed"), "{name}");
    }
    for name in ["dung", "phuong", "thanh", "giang", "lan", "tuan"] {
        let reply = put(&app, name, 1, &AftercareRules::shipped()).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "not_allowed"), "{name}");
    }
    assert_eq!(app.json(Method::PUT, PATH, None, &json!({})).await.status, 401);
}

#[tokio::test]
async fn a_change_is_kept_with_who_and_when_and_nobody_overwrites_unseen() {
    let app = TestApp::with_aftercare().await;
    let mut rules = AftercareRules::shipped();
    rules.intervals[0].late_days = 10;
    rules.intervals[0].confirmed = true;
    assert_eq!(put(&app, "quantri", 1, &rules).await.status, 204);
    let late = put(&app, "quantri", 1, &AftercareRules::shipped()).await;
    assert_eq!((late.status.as_u16(), late.code().as_str()), (409, "document_exists"));
    let versions = app.phone("dung").await.read(&app, PATH).await;
    assert_eq!((versions.as_array().map(Vec::len), &versions[0]["by"]), (Some(2), &json!("Quản trị")));
    assert_eq!(versions[0]["version"], json!(2));
    assert_eq!(versions[0]["rules"]["intervals"][0]["late_days"], json!(10));
    assert_eq!(versions[1]["rules"]["intervals"][0]["late_days"], json!(7), "those before stay");
    let lines = app.audit("aftercare_rules_changed").await;
    assert_eq!((lines.len(), &lines[0]["note"]), (1, &json!("version 2")));
}

#[tokio::test]
async fn rules_that_make_no_sense_are_refused_with_their_code() {
    let app = TestApp::with_aftercare().await;
    let try_with = async |change: &dyn Fn(&mut AftercareRules)| {
        let mut rules = AftercareRules::shipped();
        change(&mut rules);
        let reply = put(&app, "quantri", 1, &rules).await;
        (reply.status.as_u16(), reply.code(), reply.json()["field"].as_str().unwrap_or_default().to_owned())
    };
    let expected = |status, code: &str, field: &str| (status, code.to_owned(), field.to_owned());
    assert_eq!(
        try_with(&|rules| rules.intervals[0].months = 0).await,
        expected(422, "count_malformed", "monthly")
    );
    let twice = try_with(&|rules| rules.forms[0].id = "monthly".to_owned()).await;
    assert_eq!(twice, expected(409, "document_exists", "monthly"));
    let backwards = |rules: &mut AftercareRules| {
        let from = rules.intervals[0].span.from;
        rules.intervals[0].span = Span { from, to: Some(from.plus_days(-1)) };
    };
    assert_eq!(try_with(&backwards).await, expected(422, "period_invalid", "monthly"));
    assert_eq!(app.phone("dung").await.read(&app, PATH).await.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_phone_is_given_the_rules_in_force_only_when_it_has_others() {
    let app = TestApp::with_aftercare().await;
    let now = format!("{PATH}/in-force");
    assert_eq!(app.get(&now).await.status, 401);
    let ask = async |name: &str, path: String| {
        app.phone(name).await.call(&app, Method::GET, &path, &Value::Null).await
    };
    assert_eq!(ask("dung", now.clone()).await.json()["version"], json!(1));
    let same = ask("dung", format!("{now}?known=1")).await;
    assert_eq!((same.status.as_u16(), same.body.is_empty()), (204, true));
    let mut rules = AftercareRules::shipped();
    rules.intervals[0].months = 2;
    assert_eq!(put(&app, "quantri", 1, &rules).await.status, 204);
    let newer = ask("dung", format!("{now}?known=1")).await.json();
    assert_eq!((&newer["version"], &newer["rules"]["intervals"][0]["months"]), (&json!(2), &json!(2)));
    assert_eq!(ask("dung", format!("{now}?known=2")).await.status, 204);
    for name in ["giang", "lan", "tuan"] {
        assert_eq!(ask(name, now.clone()).await.json()["version"], json!(2), "{name}: with the hotlines");
    }
}

/// Why rules do not travel in the register log: a phone of today cannot read a page with a piece that it does not know.
#[test]
fn a_piece_of_the_register_that_is_not_known_makes_a_page_unreadable() {
    let campaign = donghanh_migrations::reference::campaigns().into_iter().next().expect("one");
    let mut bytes = to_bytes(&PullItem::Reference(Reference::Campaign(campaign)));
    assert!(from_bytes::<PullItem>(&bytes).is_ok());
    // [4, [[3, [..]]]]: the number of the variant.
    let at = bytes.iter().position(|byte| *byte == 3).expect("the variant");
    bytes[at] = 4;
    assert!(from_bytes::<PullItem>(&bytes).is_err());
}
