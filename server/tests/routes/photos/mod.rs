//! Photos of records: pieces that arrive, and who may see the whole.

mod get;
mod loose;
mod put;

use axum::body::Body;
use axum::http::Request;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::ids::{DocumentId, PhotoId, PhotoKey};
use sha2::{Digest as _, Sha256};

use crate::test_app::phone::{Phone, document};
use crate::test_app::{Reply, TestApp, ward_a};

/// What stands for a sealed picture.
fn picture(bytes: usize) -> (PhotoId, Vec<u8>) {
    let sealed: Vec<u8> = (0..bytes).map(|n| (n * 7 % 251) as u8).collect();
    (PhotoId(Sha256::digest(&sealed).into()), sealed)
}

/// A record of Lan's in ward A that lists a photo.
async fn listed(app: &TestApp, photo: PhotoId) -> (Phone, DocumentId) {
    let (mut lan, id) = (app.phone("lan").await, document(1));
    lan.log_visit(app, id, ward_a()).await;
    let item = lan.save(id, &[VisitEdit::Photo(photo, Some(PhotoKey([8; 32])))]);
    lan.push(app, vec![item]).await;
    (lan, id)
}

struct Piece<'a> {
    photo: PhotoId,
    document: DocumentId,
    size: usize,
    at: usize,
    bytes: &'a [u8],
}

async fn put(app: &TestApp, who: &Phone, piece: Piece<'_>) -> Reply {
    let Piece { photo, document, size, at, bytes } = piece;
    put_to(app, who, &format!("/api/v1/photos/{photo}?document={document}&size={size}&at={at}"), bytes).await
}

async fn put_to(app: &TestApp, who: &Phone, path: &str, bytes: &[u8]) -> Reply {
    let request = Request::put(path)
        .header("content-type", "application/octet-stream")
        .header("authorization", format!("Bearer {}", who.token));
    app.send(request.body(Body::from(bytes.to_vec())).expect("request")).await
}

async fn get(app: &TestApp, who: &Phone, photo: PhotoId) -> Reply {
    let request = Request::get(format!("/api/v1/photos/{photo}"))
        .header("authorization", format!("Bearer {}", who.token));
    app.send(request.body(Body::empty()).expect("request")).await
}

/// Sends all of it, in pieces of 64 KiB.
async fn put_whole(app: &TestApp, who: &Phone, photo: PhotoId, document: DocumentId, sealed: &[u8]) {
    let size = sealed.len();
    for (nth, bytes) in sealed.chunks(64 << 10).enumerate() {
        let reply = put(app, who, Piece { photo, document, size, at: nth * (64 << 10), bytes }).await;
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    }
}
