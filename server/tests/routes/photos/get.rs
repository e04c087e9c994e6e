//! Who may see a picture: whoever may read its record, for as long as the record lists it.

use axum::body::Body;
use axum::http::Request;
use donghanh_shared::command::Command;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::outreach_visit::Form;

use super::{get, listed, picture, put_whole};
use crate::test_app::{TestApp, ward_b};

#[tokio::test]
async fn readers_of_the_record_see_it_and_nobody_else() {
    let app = TestApp::init().await;
    let (photo, sealed) = picture(70_000);
    let (mut lan, id) = listed(&app, photo).await;
    put_whole(&app, &lan, photo, id, &sealed).await;
    let (minh, hoa, administrator) =
        (app.phone("minh").await, app.phone("hoa").await, app.phone("quantri").await);
    let reply = get(&app, &minh, photo).await;
    assert_eq!(reply.body, sealed);
    assert_eq!(reply.headers["cache-control"], "private, max-age=31536000, immutable");
    let (absent, _) = picture(5);
    let refused = get(&app, &hoa, photo).await;
    assert_eq!(refused.status, 404);
    assert_eq!(refused.body, get(&app, &hoa, absent).await.body, "absent and forbidden are told alike");
    assert_eq!(get(&app, &administrator, photo).await.status, 404, "managing is not reading");
    let nobody = Request::get(format!("/api/v1/photos/{photo}")).body(Body::empty()).expect("request");
    assert_eq!(app.send(nobody).await.status, 401);
    let reach = lan.command(Command::ReachWard { document: id, ward: ward_b() });
    lan.push(&app, vec![reach]).await;
    assert_eq!(get(&app, &hoa, photo).await.body, sealed, "the record reached that ward");
}

#[tokio::test]
async fn a_record_that_became_private_shows_none() {
    let app = TestApp::init().await;
    let (photo, sealed) = picture(70_000);
    let (lan, id) = listed(&app, photo).await;
    put_whole(&app, &lan, photo, id, &sealed).await;
    let mut minh = app.phone("minh").await;
    minh.pull(&app).await;
    let item = minh.save(id, &[VisitEdit::Form(Some(Form::Counselling))]);
    minh.push(&app, vec![item]).await;
    assert_eq!(get(&app, &lan, photo).await.status, 404);
}

#[tokio::test]
async fn taken_out_of_the_record_it_is_gone_from_the_server() {
    let app = TestApp::init().await;
    let (photo, sealed) = picture(70_000);
    let (mut lan, id) = listed(&app, photo).await;
    put_whole(&app, &lan, photo, id, &sealed).await;
    let item = lan.save(id, &[VisitEdit::Photo(photo, None)]);
    lan.push(&app, vec![item]).await;
    assert_eq!(get(&app, &lan, photo).await.status, 404);
    let db = rusqlite::Connection::open(app.folder.path().join(donghanh_server::DATABASE)).expect("opens");
    let pieces: i64 = db.query_row("SELECT count(*) FROM photo_piece", [], |row| row.get(0)).expect("count");
    assert_eq!(pieces, 0);
}
