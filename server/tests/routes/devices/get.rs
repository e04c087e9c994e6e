//! The list of devices.

use axum::http::Method;
use serde_json::Value;

use crate::test_app::TestApp;

fn people(devices: &Value) -> Vec<&str> {
    let devices = devices.as_array().expect("a list");
    let mut names: Vec<&str> =
        devices.iter().map(|device| device["person"]["name"].as_str().expect("name")).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn everybody_sees_whom_they_look_after_and_themselves() {
    let app = TestApp::init().await;
    let (lan, other, hoa) = (app.phone("lan").await, app.phone("lan").await, app.phone("hoa").await);
    let (supervisor, administrator) = (app.phone("phuong").await, app.phone("quantri").await);
    let mine = lan.read(&app, "/api/v1/devices").await;
    assert_eq!(people(&mine), ["Nguyễn Thị Lan", "Nguyễn Thị Lan"]);
    let this = mine.as_array().expect("list").iter().find(|device| device["this"] == true).expect("this");
    assert_eq!((&this["id"], &this["mine"]), (&Value::from(lan.device.to_string()), &Value::from(true)));
    assert_eq!(
        people(&supervisor.read(&app, "/api/v1/devices").await),
        ["Lê Thu Phương", "Nguyễn Thị Lan", "Nguyễn Thị Lan"]
    );
    assert_eq!(people(&administrator.read(&app, "/api/v1/devices").await).len(), 5);
    assert_eq!(people(&hoa.read(&app, "/api/v1/devices").await), ["Phạm Thị Hoa"]);
    // A device that signed out is no device any more.
    assert_eq!(other.call(&app, Method::DELETE, "/api/v1/session", &Value::Null).await.status, 204);
    assert_eq!(people(&lan.read(&app, "/api/v1/devices").await).len(), 1);
    assert_eq!(app.get("/api/v1/devices").await.status, 401);
}

#[tokio::test]
async fn a_device_says_once_a_minute_what_waits_on_it() {
    let app = TestApp::init().await;
    let lan = app.phone("lan").await;
    for (pass, waiting, expected) in [(0, 3, Value::Null), (61_000, 4, 4.into()), (30_000, 5, 4.into())] {
        app.pass(pass);
        lan.read(&app, &format!("/api/v1/session?waiting={waiting}")).await;
        assert_eq!(lan.read(&app, "/api/v1/devices").await[0]["waiting"], expected, "{waiting}");
    }
    app.pass(31_000);
    lan.read(&app, "/api/v1/session").await;
    let device = &lan.read(&app, "/api/v1/devices").await[0];
    assert_eq!((&device["waiting"], &device["last_seen_at"]), (&4.into(), &app.now().into()));
}
