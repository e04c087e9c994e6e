//! What becomes of good batches, sent once, twice, in pieces and out of order.

use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::sync::wire::{Answer, PushItem};

use crate::test_app::phone::{amount, document, first_edits};
use crate::test_app::{TestApp, ward_a, ward_b, ward_before_a};

#[tokio::test]
async fn a_record_is_kept_and_a_replayed_batch_gets_the_same_answer() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    let items = vec![lan.create(document(1), ward_a()), lan.save(document(1), &first_edits())];
    let request = lan.request(items);
    let first = lan.push_request(&app, &request).await;
    assert_eq!(first, [Answer::Ok(1), Answer::Ok(2)]);
    let contents = app.contents();
    assert_eq!(lan.push_request(&app, &request).await, first, "the same batch");
    let mut other_number = request.clone();
    other_number.batch += 1;
    assert_eq!(lan.push_request(&app, &other_number).await, [Answer::Duplicate, Answer::Duplicate]);
    let mut other_content = request.clone();
    other_content.items.remove(0);
    assert_eq!(lan.push_request(&app, &other_content).await, [Answer::Duplicate]);
    assert_eq!(app.contents(), contents, "nothing was written twice");
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_restart() {
    let mut app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    lan.log_visit(&app, document(1), ward_a()).await;
    app.restart().await;
    let mut minh = app.phone("minh").await;
    minh.pull(&app).await;
    assert_eq!(minh.documents[&document(1)].visit(), lan.documents[&document(1)].visit());
}

#[tokio::test]
async fn a_change_without_what_it_builds_on_waits_and_changes_nothing() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    let create = lan.create(document(1), ward_a());
    let first = lan.save(document(1), &first_edits());
    let second = lan.save(document(1), &[VisitEdit::Count(CountKey::Attendance, amount(60))]);
    let before = app.contents();
    assert_eq!(
        lan.push(&app, vec![second.clone(), first.clone()]).await,
        vec![Answer::MissingDependencies; 2]
    );
    assert_eq!(app.contents(), before);
    assert_eq!(lan.push(&app, vec![create]).await, [Answer::Ok(1)]);
    assert_eq!(lan.push(&app, vec![second.clone()]).await, [Answer::MissingDependencies]);
    // Within a batch the order does not matter.
    assert_eq!(lan.push(&app, vec![second.clone(), first]).await, [Answer::Ok(3), Answer::Ok(2)]);
    assert_eq!(lan.push(&app, vec![second.clone(), second]).await, [Answer::Duplicate, Answer::Duplicate]);
}

#[tokio::test]
async fn edits_made_apart_merge_and_taps_add_up() {
    let app = TestApp::init().await;
    let (mut lan, mut minh) = (app.phone("lan").await, app.phone("minh").await);
    lan.log_visit(&app, document(1), ward_a()).await;
    minh.pull(&app).await;
    let taps = |n| [VisitEdit::Tap(CountKey::Women, n)];
    let (one, two) = (lan.save(document(1), &taps(10)), minh.save(document(1), &taps(7)));
    assert!(lan.push(&app, vec![one]).await[0].is_kept());
    assert!(minh.push(&app, vec![two]).await[0].is_kept());
    lan.pull(&app).await;
    minh.pull(&app).await;
    assert_eq!(lan.documents[&document(1)].heads(), minh.documents[&document(1)].heads());
    assert_eq!(lan.documents[&document(1)].visit().count(CountKey::Women), Some(17));
    let row = rusqlite::Connection::open(app.folder.path().join(donghanh_server::DATABASE))
        .expect("opens")
        .query_row("SELECT women, attendance, sessions, pupils FROM visit_row", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        });
    assert_eq!(row, Ok((17, 80, 1, None::<u32>)));
}

#[tokio::test]
async fn an_actor_belongs_to_one_device() {
    let app = TestApp::init().await;
    let (mut lan, mut minh) = (app.phone("lan").await, app.phone("minh").await);
    lan.log_visit(&app, document(1), ward_a()).await;
    minh.pull(&app).await;
    minh.actor = lan.actor;
    let forged = minh.save(document(1), &[VisitEdit::Count(CountKey::Attendance, amount(1))]);
    let before = app.contents();
    assert_eq!(minh.push(&app, vec![forged]).await, [Answer::refused(Code::ActorForeign)]);
    assert_eq!(app.contents(), before);
}

#[tokio::test]
async fn one_may_offer_again_what_the_server_has_of_another() {
    let app = TestApp::init().await;
    let (mut lan, mut minh) = (app.phone("lan").await, app.phone("minh").await);
    lan.log_visit(&app, document(1), ward_a()).await;
    minh.pull(&app).await;
    let bytes = minh.documents[&document(1)].changes()[0].bytes.clone();
    let item = PushItem::Change { document: document(1), generation: 0, bytes: bytes.into() };
    assert_eq!(minh.push(&app, vec![item]).await, [Answer::Duplicate]);
}

#[tokio::test]
async fn nobody_writes_where_they_have_no_right() {
    let app = TestApp::init().await;
    let (mut lan, mut hoa, mut thanh) =
        (app.phone("lan").await, app.phone("hoa").await, app.phone("thanh").await);
    lan.log_visit(&app, document(1), ward_a()).await;
    let before = app.contents();
    let denied = Answer::refused(Code::NotAllowed);
    let created = vec![hoa.create(document(2), ward_a()), hoa.save(document(2), &first_edits())];
    let answers = hoa.push(&app, created).await;
    assert_eq!(answers, [denied.clone(), Answer::MissingDependencies]);
    // Knowing the bytes of a record gives no right to it, and no word on whether it is there.
    hoa.documents.insert(document(1), lan.documents[&document(1)].clone());
    let edit = hoa.save(document(1), &[VisitEdit::Count(CountKey::Attendance, amount(5))]);
    assert_eq!(hoa.push(&app, vec![edit]).await, [Answer::MissingDependencies]);
    // An area supervisor reads everything and writes nothing.
    thanh.pull(&app).await;
    let edit = thanh.save(document(1), &[VisitEdit::Count(CountKey::Attendance, amount(5))]);
    assert_eq!(thanh.push(&app, vec![edit]).await, [denied]);
    assert_eq!(app.contents(), before);
}

#[tokio::test]
async fn an_edit_by_somebody_whose_right_has_ended_is_kept_aside() {
    let app = TestApp::init().await;
    let until = "2026-06-20".parse().expect("day");
    app.add("mai", "Đỗ Thị Mai", donghanh_shared::access::Role::Volunteer, Some(ward_a()), Some(until)).await;
    let mut mai = app.phone("mai").await;
    mai.log_visit(&app, document(1), ward_a()).await;
    let edit = mai.save(document(1), &[VisitEdit::Count(CountKey::Attendance, amount(90))]);
    app.pass(48 * 3_600_000);
    let parked = [Answer::Parked("not_allowed".into())];
    assert_eq!(mai.push(&app, vec![edit.clone()]).await, parked);
    assert_eq!(mai.push(&app, vec![edit]).await, parked, "and stays there");
    let mut lan = app.phone("lan").await;
    lan.pull(&app).await;
    assert_eq!(lan.documents[&document(1)].visit().count(CountKey::Attendance), Some(80));
}

#[tokio::test]
async fn a_ward_that_went_into_mine_is_mine() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    lan.log_visit(&app, document(1), ward_before_a()).await;
    let mut hoa = app.phone("hoa").await;
    assert!(hoa.push_one_create(&app, document(2), ward_b()).await.is_kept());
}

impl crate::test_app::phone::Phone {
    async fn push_one_create(
        &mut self,
        app: &TestApp,
        id: donghanh_shared::ids::DocumentId,
        ward: donghanh_shared::domain::WardRef,
    ) -> Answer {
        let create = self.create(id, ward);
        self.push(app, vec![create]).await.remove(0)
    }
}
