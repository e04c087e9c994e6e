//! A picture comes in pieces over a bad link, and nothing but the picture announced is ever kept.

use donghanh_shared::access::Role;
use donghanh_shared::command::Command;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::outreach_visit::Form;
use donghanh_shared::ids::{PhotoId, PhotoKey};

use super::{Piece, get, listed, picture, put, put_to, put_whole};
use crate::test_app::phone::{Phone, document};
use crate::test_app::{TestApp, ward_a, ward_b};

const PIECE: usize = 64 << 10;

#[tokio::test]
async fn a_cut_upload_goes_on_where_it_was_cut() {
    let app = TestApp::init().await;
    let (photo, sealed) = picture(100_000);
    let (lan, document) = listed(&app, photo).await;
    let size = sealed.len();
    let piece = |at, bytes| Piece { photo, document, size, at, bytes };
    let reply = put(&app, &lan, piece(0, &sealed[..PIECE])).await.json();
    assert_eq!((reply["have"].as_u64(), reply["whole"].as_bool()), (Some(65_536), Some(false)));
    assert_eq!(get(&app, &lan, photo).await.status, 404, "half a picture is none");
    // The answer was lost: the same piece again, a piece from further on, and a question change nothing.
    for (at, bytes) in [(0, &sealed[..PIECE]), (90_000, &sealed[90_000..]), (0, &[][..])] {
        assert_eq!(put(&app, &lan, piece(at, bytes)).await.json()["have"], 65_536);
    }
    assert_eq!(put(&app, &lan, piece(PIECE, &sealed[PIECE..])).await.json()["whole"], true);
    assert_eq!(put(&app, &lan, piece(0, &sealed[..PIECE])).await.json()["whole"], true, "again: it is there");
    assert_eq!(get(&app, &lan, photo).await.body, sealed);
}

#[tokio::test]
async fn another_picture_than_the_one_announced_is_dropped_and_can_be_sent_again() {
    let app = TestApp::init().await;
    let (photo, sealed) = picture(1_000);
    let (lan, document) = listed(&app, photo).await;
    let mut other = sealed.clone();
    other[500] ^= 1;
    let piece = |bytes| Piece { photo, document, size: 1_000, at: 0, bytes };
    let reply = put(&app, &lan, piece(&other)).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (422, "photo_damaged"));
    assert_eq!(put(&app, &lan, piece(&sealed)).await.json()["whole"], true);
}

#[tokio::test]
async fn what_is_not_listed_not_theirs_or_private_is_not_taken() {
    let app = TestApp::init().await;
    let (photo, sealed) = picture(1_000);
    let (mut lan, id) = listed(&app, photo).await;
    let hoa = app.phone("hoa").await;
    let piece = |photo, document| Piece { photo, document, size: 1_000, at: 0, bytes: &sealed[..] };
    let (stranger, _) = picture(999);
    for (who, photo, document) in
        [(&hoa, photo, id), (&lan, stranger, id), (&lan, photo, document(9)), (&hoa, stranger, document(9))]
    {
        let reply = put(&app, who, piece(photo, document)).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (404, "not_found"));
    }
    let item = lan.save(id, &[VisitEdit::Form(Some(Form::Counselling))]);
    lan.push(&app, vec![item]).await;
    let reply = put(&app, &lan, piece(photo, id)).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (422, "photo_not_allowed"));
}

#[tokio::test]
async fn bad_input_is_named_and_keeps_nothing() {
    let app = TestApp::init().await;
    let (photo, sealed) = picture(1_000);
    let (lan, id) = listed(&app, photo).await;
    let base = format!("/api/v1/photos/{photo}");
    let large = vec![0; PIECE + 1];
    let cases = [
        (format!("{base}?document={id}&size=0&at=0"), &sealed, 413, "photo_too_large"),
        (format!("{base}?document={id}&size=1048577&at=0"), &sealed, 413, "photo_too_large"),
        (format!("{base}?document={id}&size=100000&at=0"), &large, 413, "body_too_large"),
        (format!("{base}?document={id}&size=-1&at=0"), &sealed, 422, "field_missing"),
        (format!("{base}?document=x&size=1000&at=0"), &sealed, 422, "field_missing"),
        (format!("{base}?size=1000&at=0"), &sealed, 422, "field_missing"),
        (base, &sealed, 422, "field_missing"),
        (format!("/api/v1/photos/07?document={id}&size=1000&at=0"), &sealed, 404, "not_found"),
    ];
    for (path, bytes, status, code) in cases {
        let reply = put_to(&app, &lan, &path, bytes).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (status, code), "{path}");
    }
    // More than was announced is not appended either.
    let reply = put(&app, &lan, Piece { photo, document: id, size: 10, at: 0, bytes: &sealed }).await;
    assert_eq!(reply.json()["have"], 0);
    put_whole(&app, &lan, photo, id, &sealed[..0]).await;
    assert_eq!(get(&app, &lan, photo).await.status, 404);
}

#[tokio::test]
async fn nobody_can_occupy_the_photo_of_another_record() {
    let app = TestApp::init().await;
    let (photo, sealed) = picture(1_000);
    let (mut lan, id) = listed(&app, photo).await;
    // The id travels with the record, before the picture: a reader lists it in a record of their own.
    let mut minh = app.phone("minh").await;
    minh.log_visit(&app, document(2), ward_a()).await;
    let item = minh.save(document(2), &[VisitEdit::Photo(photo, Some(PhotoKey([1; 32])))]);
    minh.push(&app, vec![item]).await;
    let piece = |document, size, bytes| Piece { photo, document, size, at: 0, bytes };
    put(&app, &minh, piece(document(2), 1_000, &sealed[..10])).await;
    // Another writer of the record itself announces another size.
    assert_eq!(put(&app, &minh, piece(id, 7, &sealed[..5])).await.status, 200);
    assert_eq!(put(&app, &lan, piece(id, 1_000, &sealed)).await.json()["whole"], true);
    assert_eq!(get(&app, &lan, photo).await.body, sealed);
    let item = lan.save(id, &[VisitEdit::Photo(photo, None)]);
    lan.push(&app, vec![item]).await;
    assert_eq!(get(&app, &lan, photo).await.status, 404, "the other record's was never whole");
}

#[tokio::test]
async fn the_photo_of_a_record_moved_away_still_arrives_and_there_are_never_too_many() {
    let app = TestApp::init().await;
    let (photo, sealed) = picture(1_000);
    let (lan, id) = listed(&app, photo).await;
    let piece = || Piece { photo, document: id, size: 1_000, at: 0, bytes: &sealed[..] };
    let minh = listed_many(&app, 13).await;
    let refused = put(&app, &minh, Piece { document: document(3), ..piece() }).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (422, "photos_too_many"));
    // Somebody with a right in both wards moves it.
    app.add_in("ca", "Người chuyển", Role::WardSupervisor, &[ward_a(), ward_b()]).await;
    let mut mover = app.phone("ca").await;
    mover.pull(&app).await;
    let command = mover.command(Command::MoveDocument { document: id, ward: ward_b() });
    mover.push(&app, vec![command]).await;
    assert_eq!(put(&app, &lan, piece()).await.json()["whole"], true);
}

/// A record of Minh's that lists so many photos, the one of size 1,000 among them.
async fn listed_many(app: &TestApp, number: u8) -> Phone {
    let (photo, _) = picture(1_000);
    let mut minh = app.phone("minh").await;
    minh.log_visit(app, document(3), ward_a()).await;
    let others = (1..number).map(|n| VisitEdit::Photo(PhotoId([n; 32]), Some(PhotoKey([n; 32]))));
    let mut edits: Vec<VisitEdit> = others.collect();
    edits.push(VisitEdit::Photo(photo, Some(PhotoKey([1; 32]))));
    let item = minh.save(document(3), &edits);
    minh.push(app, vec![item]).await;
    minh
}
