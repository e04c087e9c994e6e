//! Searching the built-in communes.

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

use crate::test_app::{Reply, TestApp};

/// As the set-up asks.
async fn ask(app: &TestApp, query: &str) -> Reply {
    let request = Request::get(format!("/api/v1/communes?q={query}")).header("x-set-up", app.set_up_token());
    app.send(request.body(Body::empty()).expect("request")).await
}

async fn names(app: &TestApp, query: &str) -> Vec<String> {
    let reply = ask(app, query).await;
    assert_eq!(reply.status, 200);
    let name =
        |unit: &Value| format!("{} {}, {}", unit["kind"], unit["name"], unit["province"]).replace('"', "");
    reply.json().as_array().expect("a list").iter().map(name).collect()
}

#[tokio::test]
async fn search_ignores_marks_and_puts_names_first() {
    let app = TestApp::empty().await;
    assert_eq!(names(&app, "vinh%20yen").await[0], "Phường Vĩnh Yên, Tỉnh Phú Thọ");
    assert_eq!(names(&app, "08716").await, ["Phường Vĩnh Phúc, Tỉnh Phú Thọ"]);
    assert_eq!(names(&app, "V%C4%A9nh%20Ph%C3%BAc%20phu%20tho").await[0], "Phường Vĩnh Phúc, Tỉnh Phú Thọ");
    assert_eq!(names(&app, "").await.len(), 50);
    assert!(names(&app, "khong-co-noi-nay").await.is_empty());
    let first = &ask(&app, "08707").await.json()[0];
    assert_eq!((&first["code"], &first["province_code"]), (&Value::from("08707"), &Value::from("25")));
}

#[tokio::test]
async fn once_set_up_it_is_for_administrators() {
    let app = TestApp::init().await;
    assert_eq!(app.get("/api/v1/communes?q=a").await.status, 401);
    for (name, status) in [("lan", 403), ("quantri", 200)] {
        let phone = app.phone(name).await;
        let request =
            Request::get("/api/v1/communes?q=a").header("authorization", format!("Bearer {}", phone.token));
        assert_eq!(app.send(request.body(Body::empty()).expect("request")).await.status, status, "{name}");
    }
    let empty = TestApp::empty().await;
    assert_eq!(ask(&empty, &"x".repeat(300)).await.code(), "text_too_long");
    assert_eq!(empty.get("/api/v1/communes?q=a").await.code(), "not_allowed");
}
