//! Who sees what was handed over.

use axum::http::Method;
use serde_json::{Value, json};

use super::handed_over;
use crate::test_app::TestApp;
use crate::test_app::phone::document;

#[tokio::test]
async fn supervisors_see_the_items_of_their_wards_and_administrators_counts() {
    let app = TestApp::init().await;
    let lan = handed_over(&app).await;
    let items = app.phone("phuong").await.read(&app, "/api/v1/handed-over").await;
    for item in items.as_array().expect("items") {
        assert_eq!(item["device"]["id"], lan.device.to_string());
        assert_eq!(item["person"]["name"], "Nguyễn Thị Lan");
        assert_eq!(item["document"], document(1).to_string());
        assert_eq!((&item["kind"], &item["ward"]), (&json!("outreach_visit"), &json!("08707@2025-07-01")));
        assert_eq!((&item["decided"], item.get("bytes")), (&Value::Null, None));
    }
    assert_eq!(items.as_array().map(Vec::len), Some(2));
    let counts = app.phone("quantri").await.read(&app, "/api/v1/handed-over").await;
    assert_eq!((&counts[0]["waiting"], &counts[0]["decided"]), (&json!(2), &json!(0)));
    assert!(counts[0].get("document").is_none());
    app.add_in(
        "an",
        "Đỗ Thị An",
        donghanh_shared::access::Role::WardSupervisor,
        &[crate::test_app::ward_b()],
    )
    .await;
    assert_eq!(app.phone("an").await.read(&app, "/api/v1/handed-over").await, json!([]));
    for name in ["minh", "thanh"] {
        let reply = app.phone(name).await.call(&app, Method::GET, "/api/v1/handed-over", &Value::Null).await;
        assert_eq!(reply.code(), "not_allowed", "{name}");
    }
}
