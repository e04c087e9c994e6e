//! A database that was put back to an older copy: whoever holds what it lost may bring it back, whoever wrote it. It stays the
//! work of its author, says who brought it, and nobody can write in another's name that way.

use axum::http::Method;
use donghanh_server::DATABASE;
use donghanh_server::store::Log as _;
use donghanh_shared::access::Role;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::crdt::RawChange;
use donghanh_shared::domain::confirmation::Confirmation;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::ids::{ActorId, DocumentId};
use donghanh_shared::sync::wire::{Answer, PullItem, PushItem};
use rusqlite::Connection;
use serde_json::json;

use crate::test_app::phone::{Phone, amount, document};
use crate::test_app::{TestApp, ward_a};

/// What a phone holds of a record, as it offers it: its creation, and everything that anybody wrote.
pub fn offered(phone: &mut Phone, id: DocumentId) -> Vec<PushItem> {
    let changes = phone.documents[&id].changes();
    let create = phone.create(id, ward_a());
    [create].into_iter().chain(changes.into_iter().map(|change| as_item(id, change))).collect()
}

fn as_item(document: DocumentId, change: RawChange) -> PushItem {
    PushItem::Change { document, generation: 0, bytes: change.bytes.into() }
}

fn attendance(n: i64) -> VisitEdit {
    VisitEdit::Count(CountKey::Attendance, amount(n))
}

/// Who brought how many changes of others.
fn brought(app: &TestApp) -> Vec<(String, i64)> {
    let db = Connection::open(app.folder.path().join(DATABASE)).expect("opens");
    let mut query = db
        .prepare(
            "SELECT person.sign_in, count(*) FROM change JOIN device ON device.id = recovered_by
             JOIN person ON person.id = device.person GROUP BY 1 ORDER BY 1",
        )
        .expect("asks");
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("answers");
    rows.collect::<Result<_, _>>().expect("reads")
}

/// Who began how many records, as the server says.
fn begun_by(app: &TestApp) -> Vec<(String, i64)> {
    let db = Connection::open(app.folder.path().join(DATABASE)).expect("opens");
    let mut query = db
        .prepare("SELECT sign_in, count(*) FROM document JOIN person ON person.id = created_by GROUP BY 1 ORDER BY 1")
        .expect("asks");
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("answers");
    rows.collect::<Result<_, _>>().expect("reads")
}

/// Lan writes before and after the backup, Minh and Phương hold all of it; then the backup is put back, and Lan's phone is gone.
pub async fn world() -> (TestApp, Phone, Phone) {
    let mut app = TestApp::init().await;
    let (mut lan, mut minh, mut phuong) =
        (app.phone("lan").await, app.phone("minh").await, app.phone("phuong").await);
    lan.log_visit(&app, document(1), ward_a()).await;
    let backup = app.back_up().await;
    let items = vec![lan.save(document(1), &[attendance(45)])];
    assert!(lan.push(&app, items).await.iter().all(Answer::is_kept));
    lan.log_visit(&app, document(2), ward_a()).await;
    phuong.pull(&app).await;
    let returned =
        Confirmation::Returned { field: String::new(), reason: "thiếu số người".to_owned() };
    let items = vec![phuong.save(document(2), &[VisitEdit::Confirmation(Some(returned.to_string()))])];
    assert!(phuong.push(&app, items).await.iter().all(Answer::is_kept));
    minh.pull(&app).await;
    app.restore(&backup).await;
    (app, minh, phuong)
}

#[tokio::test]
async fn what_was_lost_comes_back_from_any_phone_and_stays_its_authors() {
    let (app, mut minh, mut phuong) = world().await;
    let not_allowed = Answer::refused(Code::NotAllowed);
    for id in [document(1), document(2)] {
        let items = offered(&mut minh, id);
        let answers = minh.push(&app, items).await;
        // What Phương returned is not for Minh to say, also not in her name; the rest is taken.
        let (last, rest) = answers.split_last().expect("answers");
        assert!(rest.iter().all(Answer::is_kept), "{answers:?}");
        assert_eq!(last == &not_allowed, id == document(2), "{answers:?}");
    }
    // She brings it herself: it was not refused for ever.
    let items = offered(&mut phuong, document(2));
    assert!(phuong.push(&app, items).await.iter().all(Answer::is_kept));
    assert_eq!(brought(&app), [("minh".to_owned(), 2)], "an edit of one, the first save of the other");
    let lines = app.audit("changes_recovered").await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!((&lines[0]["note"], &lines[0]["times"]), (&"1".into(), &2.into()));

    let mut fresh = app.phone("lan").await;
    let items = fresh.pull(&app).await;
    assert_eq!(fresh.documents[&document(1)].visit().count(CountKey::Attendance), Some(45));
    let names: Vec<_> = fresh.names.values().map(String::as_str).collect();
    assert!(names.contains(&"Nguyễn Thị Lan") && !names.contains(&"Trần Văn Minh"), "{names:?}");
    assert!(
        items
            .iter()
            .any(|item| matches!(item, PullItem::Snapshot { document: id, .. } if *id == document(2)))
    );
    // Hers again also to the server: nobody else edits what was brought back as their own.
    assert_eq!(begun_by(&app), [("lan".to_owned(), 2)]);
    // Once more, and from elsewhere: nothing new.
    let items = offered(&mut minh, document(1));
    assert!(minh.push(&app, items).await.iter().all(|answer| *answer == Answer::Duplicate));
    assert_eq!(brought(&app), [("minh".to_owned(), 2)]);
}

#[tokio::test]
async fn nobody_writes_in_anothers_name_by_it() {
    let (app, mut minh, _) = world().await;
    let foreign = Answer::refused(Code::ActorForeign);
    // By an actor that was bound after the database was put back.
    let mut again = app.phone("lan").await;
    again.pull(&app).await;
    let items = vec![again.save(document(1), &[attendance(46)])];
    app.pass(60_000);
    assert!(again.push(&app, items).await.iter().all(Answer::is_kept));
    let forge = |phone: &mut Phone, actor: ActorId, n: i64| {
        let own = std::mem::replace(&mut phone.actor, actor);
        let item = phone.save(document(1), &[attendance(n)]);
        phone.actor = own;
        item
    };
    let items = vec![forge(&mut minh, again.actor, 47)];
    assert_eq!(minh.push(&app, items).await, [foreign]);
    // From another ward nothing is brought at all.
    let mut hoa = app.phone("hoa").await;
    hoa.documents = minh.documents.clone();
    let items = offered(&mut hoa, document(2));
    let answers = hoa.push(&app, items).await;
    assert!(answers.iter().all(|answer| !answer.is_kept()), "{answers:?}");
    assert!(brought(&app).is_empty());
}

/// The link cuts between the record's creation and the first of its changes.
#[tokio::test]
async fn a_record_brought_in_two_pieces_is_its_authors() {
    let (app, mut minh, _) = world().await;
    let mut items = offered(&mut minh, document(2));
    let rest = items.split_off(1);
    assert!(minh.push(&app, items).await.iter().all(Answer::is_kept));
    assert!(minh.push(&app, rest[..1].to_vec()).await.iter().all(Answer::is_kept));
    assert_eq!(begun_by(&app), [("lan".to_owned(), 2)]);
}

/// The database has never heard of the device, or of the person; the ledger has.
#[tokio::test]
async fn what_a_device_since_the_backup_wrote_is_its_persons_and_of_nobody_known_is_nobodys() {
    let mut app = TestApp::init().await;
    let mut minh = app.phone("minh").await;
    let backup = app.back_up().await;
    let mut lan = app.phone("lan").await;
    lan.log_visit(&app, document(3), ward_a()).await;
    app.add("moi", "Người Mới", Role::Volunteer, Some(ward_a()), None).await;
    let mut new = app.phone("moi").await;
    new.log_visit(&app, document(4), ward_a()).await;
    minh.pull(&app).await;
    app.restore(&backup).await;
    let items = offered(&mut minh, document(3));
    assert!(minh.push(&app, items).await.iter().all(Answer::is_kept));
    assert_eq!((begun_by(&app), brought(&app)), (vec![("lan".to_owned(), 1)], vec![("minh".to_owned(), 1)]));
    let items = offered(&mut minh, document(4));
    let answers = minh.push(&app, items).await;
    assert_eq!(answers.last(), Some(&Answer::refused(Code::ActorForeign)), "not Minh's: {answers:?}");
    assert_eq!(brought(&app), [("minh".to_owned(), 1)]);
}

/// Its cursor fits a log that never had what it sent after it last read: only a digest tells.
#[tokio::test]
async fn a_phone_of_the_epoch_before_is_told_the_digests_also_of_what_did_not_move() {
    let mut app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    lan.log_visit(&app, document(1), ward_a()).await;
    lan.pull(&app).await;
    let idle = lan.pull_page(&app, 1 << 20).await;
    assert!(idle.digests.is_empty() && idle.cursors.is_empty(), "{idle:?}");
    let backup = app.back_up().await;
    let items = vec![lan.save(document(1), &[attendance(45)])];
    assert!(lan.push(&app, items).await.iter().all(Answer::is_kept));
    app.restore(&backup).await;
    let page = lan.pull_page(&app, 1 << 20).await;
    assert!(page.items.is_empty() && page.cursors.is_empty() && page.scopes.is_empty(), "{page:?}");
    // Of her ward, and of her union.
    assert_eq!((page.epoch, page.digests.len()), (2, 2));
}

/// Nobody's phone was started anew since the backup: no line of the ledger is missing, and still the server knows.
#[tokio::test]
async fn a_copy_is_noticed_by_the_length_of_the_logs_alone() {
    let mut app = TestApp::init().await;
    let (mut lan, mut minh) = (app.phone("lan").await, app.phone("minh").await);
    lan.log_visit(&app, document(1), ward_a()).await;
    let backup = app.back_up().await;
    app.restart().await;
    assert_eq!(app.application.sqlite.instance().epoch, 1, "a start like any other");
    lan.log_visit(&app, document(2), ward_a()).await;
    minh.pull(&app).await;
    app.restore(&backup).await;
    assert_eq!(app.application.sqlite.instance().epoch, 2);
    let items = offered(&mut minh, document(2));
    assert!(minh.push(&app, items).await.iter().all(Answer::is_kept));
    assert_eq!(brought(&app), [("minh".to_owned(), 1)]);
    app.restart().await;
    assert_eq!(app.application.sqlite.instance().epoch, 2, "noticed once");
}

/// Without a database that was put back, another's actor is another's.
#[tokio::test]
async fn while_nothing_was_lost_nothing_is_brought_back() {
    let app = TestApp::init().await;
    let (mut lan, mut minh) = (app.phone("lan").await, app.phone("minh").await);
    lan.log_visit(&app, document(1), ward_a()).await;
    minh.pull(&app).await;
    let own = std::mem::replace(&mut minh.actor, lan.actor);
    let items = vec![minh.save(document(1), &[attendance(50)])];
    minh.actor = own;
    assert_eq!(minh.push(&app, items).await, [Answer::refused(Code::ActorForeign)]);
}

/// Lan's right ended meanwhile, so what her own phone sends once more waits for a supervisor. Minh holds it from before the restore.
#[tokio::test]
async fn what_its_author_may_no_longer_say_is_taken_from_a_colleague() {
    let mut app = TestApp::init().await;
    let (mut lan, mut minh, mut phuong) =
        (app.phone("lan").await, app.phone("minh").await, app.phone("phuong").await);
    lan.log_visit(&app, document(1), ward_a()).await;
    let backup = app.back_up().await;
    let edit = lan.save(document(1), &[attendance(45)]);
    assert!(lan.push(&app, vec![edit.clone()]).await.iter().all(Answer::is_kept));
    minh.pull(&app).await;
    app.restore(&backup).await;
    let path = format!("/api/v1/people/{}/role", TestApp::person("lan"));
    let helper = json!({ "role": "helper", "ward": ward_a() });
    assert_eq!(phuong.call(&app, Method::PUT, &path, &helper).await.status, 204);
    assert_eq!(lan.push(&app, vec![edit.clone()]).await, [Answer::Parked("not_allowed".to_owned())]);
    let more = lan.save(document(1), &[attendance(50)]);
    assert_eq!(lan.push(&app, vec![more.clone()]).await, [Answer::Parked("not_allowed".to_owned())]);

    let items = offered(&mut minh, document(1));
    assert!(minh.push(&app, items).await.iter().all(Answer::is_kept));
    assert_eq!(brought(&app), [("minh".to_owned(), 1)]);
    phuong.pull(&app).await;
    assert_eq!(phuong.documents[&document(1)].visit().count(CountKey::Attendance), Some(45));
    // The supervisor is asked about the other one alone, and it can be taken in.
    let waiting = phuong.read(&app, "/api/v1/handed-over").await;
    let mut waiting = waiting.as_array().expect("items").clone();
    waiting.retain(|item| item["decided"].is_null());
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    let decision = json!({ "ids": [waiting[0]["id"]], "take": true });
    let taken = phuong.call(&app, Method::POST, "/api/v1/handed-over", &decision).await.json();
    assert_eq!(taken[0]["outcome"], "taken", "{taken}");
    phuong.pull(&app).await;
    assert_eq!(phuong.documents[&document(1)].visit().count(CountKey::Attendance), Some(50));
    assert_eq!(lan.push(&app, vec![edit, more]).await, [Answer::Duplicate, Answer::Duplicate]);
}
