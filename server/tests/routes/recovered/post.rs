//! What was seen of it is listed no more.

use axum::http::Method;
use donghanh_shared::access::Role;
use serde_json::{Value, json};

use super::{brought_back, listed};
use crate::test_app::phone::Phone;
use crate::test_app::{TestApp, ward_b};

async fn see(app: &TestApp, who: &Phone, records: &[Value]) -> u16 {
    let records: Vec<Value> =
        records.iter().map(|one| json!({ "document": one["document"], "upto": one["upto"] })).collect();
    let form = json!({ "records": records });
    who.call(app, Method::POST, "/api/v1/recovered", &form).await.status.as_u16()
}

#[tokio::test]
async fn what_was_seen_is_listed_no_more_however_often_it_is_said() {
    let (app, _, phuong) = brought_back().await;
    let records = listed(&app, &phuong).await;
    for _ in 0..2 {
        assert_eq!(see(&app, &phuong, &records[..1]).await, 204);
        assert_eq!(listed(&app, &phuong).await, records[1..]);
    }
    assert_eq!(see(&app, &phuong, &records).await, 204);
    assert!(listed(&app, &phuong).await.is_empty());
}

#[tokio::test]
async fn what_came_after_the_list_was_read_stays_on_it() {
    let (app, _, phuong) = brought_back().await;
    let records = listed(&app, &phuong).await;
    let mut early = records.clone();
    for one in &mut early {
        one["upto"] = json!(one["upto"].as_i64().expect("a number") - 1);
    }
    assert_eq!(see(&app, &phuong, &early).await, 204);
    assert_eq!(listed(&app, &phuong).await, records);
    // Nor is anything seen before it is here.
    early[0]["upto"] = json!(i64::MAX);
    assert_eq!(see(&app, &phuong, &early[..1]).await, 204);
    let database = app.database();
    let upto: i64 =
        database.query_row("SELECT max(upto) FROM recovered_seen", [], |row| row.get(0)).expect("noted");
    assert_eq!(json!(upto), records[0]["upto"]);
}

#[tokio::test]
async fn nobody_else_can_say_so() {
    let (app, minh, phuong) = brought_back().await;
    let records = listed(&app, &phuong).await;
    app.add_in("an", "Đỗ Thị An", Role::WardSupervisor, &[ward_b()]).await;
    assert_eq!(see(&app, &minh, &records).await, 403);
    assert_eq!(see(&app, &app.phone("an").await, &records).await, 204);
    assert_eq!(listed(&app, &phuong).await, records);
}
