//! Who sees what was brought back after the server was put back.

use axum::http::Method;
use donghanh_shared::access::Role;
use serde_json::{Value, json};

use super::{brought_back, listed};
use crate::test_app::phone::document;
use crate::test_app::{TestApp, ward_b};

#[tokio::test]
async fn whoever_looks_after_the_ward_sees_whose_it_is_and_who_brought_it() {
    let (app, _, phuong) = brought_back().await;
    let records = listed(&app, &phuong).await;
    let ids: Vec<&Value> = records.iter().map(|one| &one["document"]).collect();
    assert_eq!(ids, [&json!(document(2).to_string()), &json!(document(1).to_string())], "the last one first");
    for one in &records {
        assert_eq!((&one["kind"], &one["ward"]), (&json!("outreach_visit"), &json!("08707@2025-07-01")));
        assert_eq!(one["authors"], json!(["Nguyễn Thị Lan"]));
        assert_eq!((&one["brought_by"], &one["changes"]), (&json!(["Trần Văn Minh"]), &json!(1)));
        assert!(one["at"].is_i64() && one.get("bytes").is_none());
    }
}

#[tokio::test]
async fn nobody_else_does() {
    let (app, minh, _) = brought_back().await;
    app.add_in("an", "Đỗ Thị An", Role::WardSupervisor, &[ward_b()]).await;
    assert_eq!(app.phone("an").await.read(&app, "/api/v1/recovered").await, json!([]), "another ward");
    for who in [minh, app.phone("quantri").await] {
        assert_eq!(
            who.call(&app, Method::GET, "/api/v1/recovered", &Value::Null).await.code(),
            "not_allowed"
        );
    }
}

#[tokio::test]
async fn what_people_send_themselves_is_not_listed() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    lan.log_visit(&app, document(1), crate::test_app::ward_a()).await;
    assert!(listed(&app, &app.phone("phuong").await).await.is_empty());
}
