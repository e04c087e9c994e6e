//! Who reads which lines of the audit.

use axum::http::Method;
use serde_json::{Value, json};

use crate::test_app::{PASSWORD, TestApp};

fn names(lines: &Value, field: &str) -> Vec<String> {
    let name = |line: &Value| line[field]["name"].as_str().map(str::to_owned);
    lines.as_array().expect("lines").iter().filter_map(name).collect()
}

#[tokio::test]
async fn supervisors_read_the_lines_of_their_wards_and_administrators_all() {
    let app = TestApp::init().await;
    for name in ["lan", "hoa", "minh"] {
        app.phone(name).await;
    }
    let supervisor = app.phone("phuong").await;
    let theirs = names(&supervisor.read(&app, "/api/v1/audit?kind=signed_in").await, "person");
    assert_eq!(theirs, ["Lê Thu Phương", "Trần Văn Minh", "Nguyễn Thị Lan"]);
    let administrator = app.phone("quantri").await;
    let all = names(&administrator.read(&app, "/api/v1/audit?kind=signed_in").await, "person");
    assert_eq!(all.len(), 5);
    for name in ["lan", "thanh"] {
        let reply = app.phone(name).await.call(&app, Method::GET, "/api/v1/audit", &Value::Null).await;
        assert_eq!(reply.code(), "not_allowed", "{name}");
    }
    assert_eq!(app.get("/api/v1/audit").await.status, 401);
}

#[tokio::test]
async fn lines_are_found_by_day_person_and_words_page_by_page() {
    let app = TestApp::init().await;
    app.phone("lan").await;
    app.pass(24 * 3_600_000);
    app.phone("hoa").await;
    let administrator = app.phone("quantri").await;
    let found = |query: &str| {
        let path = format!("/api/v1/audit?{query}");
        let (app, administrator) = (&app, &administrator);
        async move { names(&administrator.read(app, &path).await, "person") }
    };
    assert_eq!(found("to=2026-06-20").await, ["Nguyễn Thị Lan"]);
    assert_eq!(found("from=2026-06-21").await, ["Quản trị", "Phạm Thị Hoa"]);
    assert_eq!(found(&format!("person={}", TestApp::person("hoa"))).await, ["Phạm Thị Hoa"]);
    assert_eq!(found("q=pham%20hoa").await, ["Phạm Thị Hoa"]);
    assert!(found("kind=device_revoked").await.is_empty());
    let lines = administrator.read(&app, "/api/v1/audit").await;
    let before = &lines[0]["id"];
    assert_eq!(found(&format!("before={before}")).await, ["Phạm Thị Hoa", "Nguyễn Thị Lan"]);
    for (query, code) in
        [("from=x", "date_invalid"), ("person=x", "field_missing"), ("before=x", "field_missing")]
    {
        let path = format!("/api/v1/audit?{query}");
        assert_eq!(administrator.call(&app, Method::GET, &path, &Value::Null).await.code(), code, "{query}");
    }
}

#[tokio::test]
async fn refusals_tell_whose_account_it_was_and_never_what_was_typed() {
    let app = TestApp::init().await;
    for (name, times) in [("lan", 3), ("mat-khau-go-nham", 2)] {
        for _ in 0..times {
            let form = json!({ "name": name, "password": "bi-mat-go-nham" });
            app.json(Method::POST, "/api/v1/session", None, &form).await;
        }
    }
    let good = json!({ "name": "lan", "password": PASSWORD, "device_name": "máy" });
    assert_eq!(app.json(Method::POST, "/api/v1/session", None, &good).await.status, 200);
    let lines = app.audit("sign_in_refused").await;
    let told: Vec<_> =
        lines.iter().map(|line| (line["about"]["name"].clone(), line["times"].clone())).collect();
    assert_eq!(told, [(Value::Null, json!(2)), (json!("Nguyễn Thị Lan"), json!(3))]);
    assert!(!json!(lines).to_string().contains("go-nham"));
}
