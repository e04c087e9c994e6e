//! What a device that was taken away gives back.

use axum::http::Method;
use donghanh_shared::ids::InstanceId;
use donghanh_shared::sync::wire::PushItem;
use serde_json::{Value, json};

use crate::test_app::phone::{Phone, document, first_edits};
use crate::test_app::{TestApp, ward_a};

/// Lan's phone with a record that was not sent, taken away.
async fn revoked(app: &TestApp) -> (Phone, Vec<PushItem>) {
    let mut lan = app.phone("lan").await;
    let items = vec![lan.create(document(1), ward_a()), lan.save(document(1), &first_edits())];
    assert_eq!(app.phone("phuong").await.revoke(app, &lan).await.status, 204);
    (lan, items)
}

#[tokio::test]
async fn what_was_not_sent_is_kept_sealed_and_a_repeat_is_harmless() {
    let app = TestApp::init().await;
    let (lan, items) = revoked(&app).await;
    let before = app.contents();
    let sealed = lan.seal(&items);
    for (taken, already) in [(2, 0), (0, 2)] {
        let reply = lan.hand_over(&app, &sealed).await;
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        assert_eq!(reply.json(), json!({ "taken": taken, "already": already, "photos": 0, "refused": 0 }));
    }
    assert_eq!(app.contents(), before, "nothing of it is taken in by itself");
    let file = std::fs::read(app.folder.path().join(donghanh_server::DATABASE)).expect("read");
    let wal = std::fs::read(app.folder.path().join(format!("{}-wal", donghanh_server::DATABASE)));
    let kept = [file, wal.unwrap_or_default()].concat();
    assert!(!kept.windows(10).any(|window| window == b"2026-06-18"), "it cannot be read in the database");
    assert_eq!(app.audit("hand_over").await[0]["note"], "0");
}

#[tokio::test]
async fn the_phone_says_when_it_is_empty() {
    let app = TestApp::init().await;
    let (lan, items) = revoked(&app).await;
    lan.hand_over(&app, &lan.seal(&items)).await;
    for token in [&lan.token, &lan.push_token] {
        let done = app.json(Method::POST, "/api/v1/hand-over/done", Some(token), &Value::Null).await;
        assert_eq!(done.status, 204);
    }
    let devices = app.phone("quantri").await.read(&app, "/api/v1/devices").await;
    let found = devices.as_array().expect("list").iter().find(|one| one["id"] == lan.device.to_string());
    let found = found.expect("listed");
    assert_eq!((&found["handed_over"], &found["wiped_at"]), (&json!(2), &found["revoked_at"]));
}

#[tokio::test]
async fn it_takes_a_device_that_was_taken_away_and_items_of_its_own() {
    let app = TestApp::init().await;
    let minh = app.phone("minh").await;
    assert_eq!(minh.hand_over(&app, &minh.seal(&[])).await.code(), "not_allowed");
    let (lan, items) = revoked(&app).await;
    let mut elsewhere = lan.seal(&items);
    elsewhere.instance = InstanceId([0; 16]);
    assert_eq!(lan.hand_over(&app, &elsewhere).await.code(), "other_instance");
    let mut newer = lan.seal(&items);
    newer.version = 9;
    assert_eq!(lan.hand_over(&app, &newer).await.code(), "version_unsupported");
    assert_eq!(lan.hand_over(&app, &minh.seal(&items)).await.code(), "not_allowed");
    let mut forged = lan.seal(&items);
    forged.items = minh.seal(&items).items;
    let reply = lan.hand_over(&app, &forged).await.json();
    assert_eq!(reply, json!({ "taken": 0, "already": 0, "photos": 0, "refused": 2 }));
    assert_eq!(app.audit("sealed_push_refused").await[0]["note"], "sealed_forged 2");
}

#[tokio::test]
async fn one_device_hands_over_so_much_and_no_more() {
    let app = TestApp::init().await;
    let (mut lan, _) = revoked(&app).await;
    let creations = |lan: &mut Phone, many: std::ops::Range<u16>| {
        let item = |number: u16| {
            let mut id = document(9);
            id.0[..2].copy_from_slice(&number.to_be_bytes());
            let command = donghanh_shared::command::Command::CreateDocument {
                document: id,
                kind: donghanh_shared::crdt::Kind::OutreachVisit,
                ward: ward_a(),
            };
            lan.command(command)
        };
        many.map(item).collect::<Vec<_>>()
    };
    lan.commands = 0;
    let first = creations(&mut lan, 0..200);
    assert_eq!(lan.hand_over(&app, &lan.seal(&first)).await.json()["taken"], 200);
    let many: Vec<PushItem> = (0..11).flat_map(|_| first.clone()).collect();
    // The same content under another nonce is another item.
    let full = lan.hand_over(&app, &lan.seal(&many)).await;
    assert_eq!((full.status.as_u16(), full.code().as_str()), (413, "hand_over_full"));
    let again = lan.hand_over(&app, &lan.seal(&first)).await;
    assert_eq!(
        again.json(),
        json!({ "taken": 0, "already": 200, "photos": 0, "refused": 0 }),
        "all or none was kept"
    );
}
