//! A rescue file, whoever brings it.

use donghanh_shared::ids::{DeviceId, InstanceId};
use serde_json::json;

use crate::test_app::phone::{document, first_edits};
use crate::test_app::{TestApp, ward_a};

#[tokio::test]
async fn anybody_brings_the_file_and_it_becomes_the_record_of_its_author() {
    let app = TestApp::init().await;
    let (mut lan, hoa) = (app.phone("lan").await, app.phone("hoa").await);
    let items = vec![lan.create(document(1), ward_a()), lan.save(document(1), &first_edits())];
    let file = lan.seal(&items).to_file();
    for (taken, already) in [(2, 0), (0, 2)] {
        let reply = hoa.rescue(&app, file.clone()).await;
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        assert_eq!(
            reply.json(),
            json!({ "taken": taken, "already": already, "parked": 0, "photos": 0, "refused": [] })
        );
    }
    let mut minh = app.phone("minh").await;
    minh.pull(&app).await;
    assert!(minh.names.values().any(|name| name == "Nguyễn Thị Lan"), "hers, not of who brought it");
    let line = &app.audit("rescue").await[0];
    assert_eq!(
        (&line["person"]["name"], &line["about"]["name"]),
        (&json!("Phạm Thị Hoa"), &json!("Nguyễn Thị Lan"))
    );
}

#[tokio::test]
async fn the_file_of_a_device_taken_away_waits_for_a_supervisor() {
    let app = TestApp::init().await;
    let (mut lan, minh) = (app.phone("lan").await, app.phone("minh").await);
    let items = vec![lan.create(document(1), ward_a())];
    assert_eq!(app.phone("phuong").await.revoke(&app, &lan).await.status, 204);
    let before = app.contents();
    assert_eq!(minh.rescue(&app, lan.seal(&items).to_file()).await.json()["taken"], 1);
    assert_eq!(app.contents(), before);
    let items = app.phone("phuong").await.read(&app, "/api/v1/handed-over").await;
    assert_eq!(items.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn each_item_is_refused_for_what_it_is_and_a_wrong_file_as_a_whole() {
    let app = TestApp::init().await;
    let (mut lan, minh) = (app.phone("lan").await, app.phone("minh").await);
    let items = vec![lan.create(document(1), ward_a()), lan.create(document(2), ward_a())];
    let mut sealed = lan.seal(&items);
    sealed.items[1] = minh.seal(&items).items[1].clone();
    let reply = minh.rescue(&app, sealed.to_file()).await.json();
    assert_eq!(
        (&reply["taken"], &reply["refused"]),
        (&json!(1), &json!([{ "code": "sealed_forged", "count": 1 }]))
    );
    let mut elsewhere = lan.seal(&items);
    elsewhere.instance = InstanceId([0; 16]);
    assert_eq!(minh.rescue(&app, elsewhere.to_file()).await.code(), "other_instance");
    let mut unknown = lan.seal(&items);
    unknown.device = DeviceId([0; 16]);
    assert_eq!(minh.rescue(&app, unknown.to_file()).await.code(), "sealed_forged");
    for bad in [Vec::new(), b"PK\x03\x04".to_vec()] {
        assert_eq!(minh.rescue(&app, bad).await.code(), "rescue_unreadable");
    }
}
