//! Pictures that come before their record: out of a rescue file, or from a device that was taken away.

use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::outreach_visit::Form;
use donghanh_shared::domain::photo::MAX_PHOTO_BYTES;
use donghanh_shared::ids::PhotoKey;
use donghanh_shared::seal::outbox::SealedItems;
use serde_json::json;

use super::{Piece, get, picture, put};
use crate::test_app::phone::{Phone, document, first_edits};
use crate::test_app::{TestApp, ward_a};

/// Lan's unsent visit with a picture, as her locked phone holds it.
fn waiting(lan: &mut Phone, number: u8, bytes: usize) -> SealedItems {
    let (photo, sealed) = picture(bytes);
    let id = document(number);
    let mut edits = first_edits();
    edits.push(VisitEdit::Photo(photo, Some(PhotoKey([8; 32]))));
    let items = vec![lan.create(id, ward_a()), lan.save(id, &edits)];
    SealedItems { photos: Some(vec![sealed.into()]), ..lan.seal(&items) }
}

#[tokio::test]
async fn a_rescue_file_brings_the_picture_with_its_record_in_whichever_order() {
    for photos_first in [false, true] {
        let app = TestApp::init().await;
        let (mut lan, minh) = (app.phone("lan").await, app.phone("minh").await);
        let (photo, bytes) = picture(70_000);
        let mut parts = waiting(&mut lan, 1, 70_000).parts(50_000);
        assert_eq!(parts.len(), 2);
        if photos_first {
            parts.reverse();
        }
        for part in parts.iter().chain(&parts) {
            let photos = part.photos.as_ref().map_or(0, Vec::len);
            let reply = minh.rescue(&app, part.to_file()).await.json();
            assert_eq!((&reply["photos"], &reply["refused"]), (&json!(photos), &json!([])));
        }
        assert_eq!(get(&app, &minh, photo).await.body, bytes);
        assert_eq!(app.loose(), 0, "it waits no longer");
        let outsider = app.phone("hoa").await;
        assert_eq!(get(&app, &outsider, photo).await.status, 404, "of another ward");
    }
}

#[tokio::test]
async fn of_a_device_taken_away_it_waits_until_somebody_takes_the_record_in() {
    let app = TestApp::init().await;
    let (mut lan, phuong) = (app.phone("lan").await, app.phone("phuong").await);
    let (photo, bytes) = picture(70_000);
    let sealed = waiting(&mut lan, 1, 70_000);
    assert_eq!(phuong.revoke(&app, &lan).await.status, 204);
    for (taken, already) in [(2, 0), (0, 2)] {
        let reply = lan.hand_over(&app, &sealed).await.json();
        assert_eq!(reply, json!({ "taken": taken, "already": already, "photos": 1, "refused": 0 }));
    }
    assert_eq!((get(&app, &phuong, photo).await.status.as_u16(), app.loose()), (404, 1));
    let items = phuong.read(&app, "/api/v1/handed-over").await;
    let ids: Vec<_> = items.as_array().expect("list").iter().map(|item| item["id"].clone()).collect();
    let body = json!({ "ids": ids, "take": true });
    let reply = phuong.call(&app, axum::http::Method::POST, "/api/v1/handed-over", &body).await;
    assert_eq!(reply.status, 200);
    assert_eq!(get(&app, &phuong, photo).await.body, bytes);
    assert_eq!(app.loose(), 0);
}

#[tokio::test]
async fn an_upload_cut_short_is_completed_by_the_whole() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    let (photo, bytes) = picture(70_000);
    let sealed = waiting(&mut lan, 1, 70_000);
    let parts = sealed.parts(50_000);
    lan.rescue(&app, parts[0].to_file()).await;
    let piece = Piece { photo, document: document(1), size: bytes.len(), at: 0, bytes: &bytes[..60_000] };
    assert_eq!(put(&app, &lan, piece).await.json()["have"], 60_000);
    lan.rescue(&app, parts[1].to_file()).await;
    assert_eq!(get(&app, &lan, photo).await.body, bytes);
}

#[tokio::test]
async fn a_private_visit_is_given_none_and_what_is_no_picture_is_named() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    let (photo, bytes) = picture(9_000);
    let mut edits = first_edits();
    edits.push(VisitEdit::Form(Some(Form::DoorToDoor)));
    edits.push(VisitEdit::Photo(photo, Some(PhotoKey([8; 32]))));
    let items = vec![lan.create(document(1), ward_a()), lan.save(document(1), &edits)];
    let large = vec![0; MAX_PHOTO_BYTES + 1];
    let sealed = SealedItems { photos: Some(vec![bytes.into(), large.into()]), ..lan.seal(&items) };
    let reply = lan.rescue(&app, sealed.to_file()).await.json();
    assert_eq!(reply["photos"], 1);
    let refused = reply["refused"].as_array().expect("list");
    assert!(refused.contains(&json!({ "code": "photo_too_large", "count": 1 })), "{refused:?}");
    assert_eq!((get(&app, &lan, photo).await.status.as_u16(), app.loose()), (404, 1));
}

#[tokio::test]
async fn one_device_leaves_so_many_and_no_more() {
    let app = TestApp::init().await;
    let lan = app.phone("lan").await;
    let pictures = |many: u16| (0..many).map(|n| n.to_be_bytes().to_vec().into()).collect::<Vec<_>>();
    let of = |photos| SealedItems { photos: Some(photos), ..lan.seal(&[]) }.to_file();
    assert_eq!(lan.rescue(&app, of(pictures(200))).await.json()["photos"], 200);
    let full = lan.rescue(&app, of(vec![b"one more".to_vec().into()])).await;
    assert_eq!((full.status.as_u16(), full.code().as_str()), (413, "hand_over_full"));
    assert_eq!(app.loose(), 200, "all or none was kept");
    assert_eq!(lan.rescue(&app, of(pictures(200))).await.json()["photos"], 200, "a repeat is harmless");
}
