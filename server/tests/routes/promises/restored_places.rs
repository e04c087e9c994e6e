//! A database that was put back to an older copy: every record is where it was placed last. Who gave one away is not given it back
//! with the copy, and who got it keeps it.

use donghanh_server::DATABASE;
use donghanh_shared::access::Role;
use donghanh_shared::command::Command;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::error::Code;
use donghanh_shared::ids::DocumentId;
use donghanh_shared::sync::wire::{Answer, PushItem};
use rusqlite::Connection;

use crate::test_app::phone::{Phone, document, first_edits};
use crate::test_app::{TestApp, person, ward_a, ward_b, ward_before_a};

async fn kept(phone: &mut Phone, app: &TestApp, items: Vec<PushItem>) {
    let answers = phone.push(app, items).await;
    assert!(answers.iter().all(Answer::is_kept), "{answers:?}");
}

/// A case as an officer of ward A begins it.
fn begun(officer: &mut Phone, case: DocumentId) -> Vec<PushItem> {
    let first = [("address_as", "anh Hùng"), ("status", "managed")];
    vec![officer.create_case(case, ward_a()), officer.save_fields(case, &first)]
}

/// What somebody who signs in anew is given.
async fn given(app: &TestApp, name: &str) -> Vec<DocumentId> {
    let mut phone = app.phone(name).await;
    phone.pull(app).await;
    phone.documents.keys().copied().collect()
}

/// The history of a record's placement: wards and what happened there.
fn history(app: &TestApp, of: DocumentId) -> Vec<(String, String)> {
    let db = Connection::open(app.folder.path().join(DATABASE)).expect("opens");
    let mut query = db
        .prepare(
            "SELECT ward.ward, event FROM placement_history h JOIN ward ON ward.id = h.ward
             JOIN document d ON d.id = h.document WHERE d.document = ?1 ORDER BY h.id",
        )
        .expect("asks");
    let rows = query.query_map([of.0], |row| Ok((row.get(0)?, row.get(1)?))).expect("answers");
    rows.collect::<Result<_, _>>().expect("reads")
}

#[tokio::test]
async fn a_case_stays_with_the_ward_that_it_was_handed_to() {
    let mut app = TestApp::with_aftercare().await;
    let (mut dung, mut ha) = (app.phone("dung").await, app.phone("ha").await);
    let (case, check_in, later) = (document(1), document(2), document(3));
    let mut items = begun(&mut dung, case);
    items.extend([
        dung.create_part(check_in, Kind::CheckIn, case),
        dung.save_fields(check_in, &[("remarks", "ổn")]),
    ]);
    kept(&mut dung, &app, items).await;
    let backup = app.back_up().await;
    let items = vec![dung.command(Command::MoveDocument { document: case, ward: ward_b() })];
    kept(&mut dung, &app, items).await;
    ha.pull(&app).await;
    let items =
        vec![ha.create_part(later, Kind::CheckIn, case), ha.save_fields(later, &[("remarks", "tốt")])];
    kept(&mut ha, &app, items.clone()).await;
    // Twice: what the ledger told of is in the database then, as it is the second time.
    for _ in 0..2 {
        app.restore(&backup).await;
        assert_eq!(given(&app, "dung").await, [], "it is back with the ward that gave it away");
        assert_eq!(given(&app, "ha").await.len(), 2, "the core and the check-in went with it");
    }
    kept(&mut ha, &app, items).await;
    assert_eq!(given(&app, "ha").await.len(), 3);
    app.restart().await;
    let once = [(ward_a(), "created"), (ward_a(), "moved_away"), (ward_b(), "moved_here")];
    assert_eq!(history(&app, case), once.map(|(ward, event)| (ward.to_string(), event.to_owned())));
}

#[tokio::test]
async fn a_record_is_seen_where_it_reached_and_no_more_where_it_did_not_after_all() {
    let mut app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    let (stays, goes) = (document(1), document(2));
    lan.log_visit(&app, stays, ward_a()).await;
    lan.log_visit(&app, goes, ward_a()).await;
    let items = vec![lan.command(Command::ReachWard { document: goes, ward: ward_b() })];
    kept(&mut lan, &app, items).await;
    let backup = app.back_up().await;
    let items = vec![
        lan.command(Command::ReachWard { document: stays, ward: ward_b() }),
        lan.command(Command::LeaveWard { document: goes, ward: ward_b() }),
    ];
    kept(&mut lan, &app, items).await;
    app.restore(&backup).await;
    assert_eq!(given(&app, "hoa").await, [stays]);
    assert_eq!(given(&app, "lan").await.len(), 2);
}

/// A visit and a case that the copy does not know, both handed to ward B since; `quynh` volunteers in both wards. Gives what the phones
/// of ward A that brought them have, and have not heard of.
async fn moved_since() -> (TestApp, [Phone; 4], [DocumentId; 2]) {
    let mut app = TestApp::with_aftercare().await;
    app.add_in("quynh", "Lê Thị Quỳnh", Role::Volunteer, &[ward_a(), ward_b()]).await;
    app.add("son", "Trịnh Văn Sơn", Role::Helper, Some(ward_a()), None).await;
    let mut phones =
        [app.phone("quynh").await, app.phone("lan").await, app.phone("dung").await, app.phone("ha").await];
    let backup = app.back_up().await;
    let [quynh, lan, dung, ha] = &mut phones;
    let (visit, case) = (document(1), document(2));
    let items = vec![lan.create(visit, ward_a()), lan.save(visit, &first_edits())];
    kept(lan, &app, items).await;
    let (giang, son) = (person("giang"), person("son"));
    let mut items = begun(dung, case);
    items.extend([
        dung.command(Command::AssignHelper { case, person: giang }),
        dung.command(Command::AssignHelper { case, person: son }),
        dung.command(Command::UnassignHelper { case, person: son }),
    ]);
    kept(dung, &app, items).await;
    let moved = quynh.command(Command::MoveDocument { document: visit, ward: ward_b() });
    kept(quynh, &app, vec![moved]).await;
    let moved = dung.command(Command::MoveDocument { document: case, ward: ward_b() });
    kept(dung, &app, vec![moved]).await;
    ha.pull(&app).await;
    app.restore(&backup).await;
    (app, phones, [visit, case])
}

/// Made and moved since the copy was taken; the phones that bring it back have not heard of the move.
#[tokio::test]
async fn a_record_that_the_copy_does_not_know_goes_where_it_was_moved() {
    let (app, [_, mut lan, mut dung, _], [visit, case]) = moved_since().await;
    let youth = "doan-phuong-xa".parse().expect("organisation");
    let items = vec![
        lan.create(visit, ward_a()),
        lan.save(visit, &first_edits()),
        lan.said_before(Command::AddOrganisation { document: visit, organisation: youth }),
    ];
    kept(&mut lan, &app, items).await;
    let (giang, son) = (person("giang"), person("son"));
    let mut items = begun(&mut dung, case);
    items.extend([
        dung.said_before(Command::AssignHelper { case, person: giang }),
        dung.said_before(Command::AssignHelper { case, person: son }),
    ]);
    kept(&mut dung, &app, items).await;
    assert_eq!(given(&app, "minh").await, [], "it is back with the ward that gave it away");
    assert_eq!(given(&app, "dung").await, []);
    assert_eq!(given(&app, "hoa").await, [visit]);
    assert_eq!(given(&app, "ha").await, [case]);
    assert_eq!(given(&app, "giang").await, [case], "her case is hers");
    assert_eq!(given(&app, "son").await, [], "he was taken off it");
    for document in [visit, case] {
        let events: Vec<String> = history(&app, document).into_iter().map(|(_, event)| event).collect();
        assert_eq!(events, ["created", "moved_away", "moved_here"]);
    }
}

/// The ward that has it brings it back before whoever gave it away has heard of anything.
#[tokio::test]
async fn who_gave_it_away_still_adds_what_they_wrote_before_they_heard_of_it() {
    let (app, [_, _, mut dung, mut ha], [_, case]) = moved_since().await;
    let items = vec![ha.create_case(case, ward_b()), ha.save_fields(case, &[("address_as", "anh Hùng")])];
    kept(&mut ha, &app, items).await;
    let (part, kind) = (document(3), Kind::CheckIn);
    let items = vec![
        dung.create_case(case, ward_a()),
        dung.save_fields(case, &[("status", "managed")]),
        dung.create_part(part, kind, case),
        dung.save_fields(part, &[("remarks", "ổn")]),
    ];
    kept(&mut dung, &app, items).await;
    assert_eq!(given(&app, "ha").await.len(), 2);
    assert_eq!(given(&app, "dung").await, []);
}

/// Somebody opened it before the copy lost it, and it was moved meanwhile: the access log has that all the same.
#[tokio::test]
async fn who_opened_a_case_before_it_was_moved_away_is_in_its_log() {
    let (app, [_, _, mut dung, mut ha], [_, case]) = moved_since().await;
    let items = vec![ha.create_case(case, ward_b()), ha.save_fields(case, &[("address_as", "anh Hùng")])];
    kept(&mut ha, &app, items).await;
    let read = dung.command(Command::NoteRead { document: case, at: 1 });
    assert!(dung.push(&app, vec![read]).await.iter().all(Answer::is_kept));
}

/// The id of a record that was moved away opens no door to the ward that has it.
#[tokio::test]
async fn a_record_of_another_kind_does_not_take_its_place() {
    let (app, [_, mut lan, ..], [visit, _]) = moved_since().await;
    let items = vec![lan.begin(Kind::PledgeDrive, visit, ward_a())];
    let answers = lan.push(&app, items).await;
    assert_eq!(answers, [Answer::refused(Code::DocumentExists)]);
    // Nor does it to a ward that it never was in.
    let items = vec![lan.create(visit, ward_before_a()), lan.save(visit, &first_edits())];
    let answers = lan.push(&app, items).await;
    assert_eq!(answers[0], Answer::refused(Code::NotAllowed));
    assert_eq!(given(&app, "hoa").await, []);
}

/// Brought by the ward that has it, whose phone names the ward it was made in, and given back to that one at once.
#[tokio::test]
async fn who_has_it_now_brings_it_and_hands_it_on_in_one_batch() {
    let (app, [.., mut ha], [_, case]) = moved_since().await;
    let items = vec![
        ha.create_case(case, ward_a()),
        ha.save_fields(case, &[("address_as", "anh Hùng")]),
        ha.command(Command::MoveDocument { document: case, ward: ward_a() }),
    ];
    kept(&mut ha, &app, items).await;
    assert_eq!(given(&app, "dung").await, [case]);
    assert_eq!(given(&app, "ha").await, []);
}
