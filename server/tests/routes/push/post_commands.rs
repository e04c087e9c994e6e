//! Placement and the register: what people say beside their edits.

use donghanh_server::DATABASE;
use donghanh_shared::command::Command;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::date::Span;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::place::{Place, PlaceKind, PlaceStatus, PlaceWard};
use donghanh_shared::ids::PlaceId;
use donghanh_shared::sync::wire::{Answer, PullItem, Reference};
use rusqlite::Connection;

use crate::test_app::phone::{document, first_edits};
use crate::test_app::{TestApp, ward, ward_a, ward_b, ward_before_a};

fn place(byte: u8, name: &str, lies_in: &[donghanh_shared::domain::WardRef]) -> Place {
    let span = Span { from: "2025-07-01".parse().expect("day"), to: None };
    Place {
        id: PlaceId([byte; 16]),
        kind: PlaceKind::School,
        name: name.to_owned(),
        level: "THCS".to_owned(),
        wards: lies_in.iter().map(|ward| PlaceWard { ward: *ward, span }).collect(),
        status: PlaceStatus::Proposed,
        merged_into: None,
    }
}

#[tokio::test]
async fn a_command_is_carried_out_once_and_a_second_creation_changes_nothing() {
    let app = TestApp::init().await;
    let (mut lan, mut minh, mut hoa) =
        (app.phone("lan").await, app.phone("minh").await, app.phone("hoa").await);
    let create = lan.create(document(1), ward_a());
    assert_eq!(lan.push(&app, vec![create.clone()]).await, [Answer::Ok(1)]);
    assert_eq!(lan.push(&app, vec![create]).await, [Answer::Duplicate]);
    let again = minh.create(document(1), ward_a());
    assert_eq!(minh.push(&app, vec![again]).await, [Answer::Duplicate]);
    // A phone may offer a record where it believes it to be; it is where it is.
    let elsewhere = minh.create(document(1), ward_before_a());
    assert_eq!(minh.push(&app, vec![elsewhere]).await, [Answer::Duplicate]);
    let db = Connection::open(app.folder.path().join(DATABASE)).expect("opens");
    let home = "SELECT ward FROM document JOIN ward ON ward.id = home";
    let home: String = db.query_row(home, [], |row| row.get(0)).expect("one document");
    assert_eq!(home, ward_a().to_string());
    let unknown = hoa.create(document(1), ward_b());
    assert_eq!(hoa.push(&app, vec![unknown]).await, [Answer::MissingDependencies], "and is told nothing");
    let other = Command::CreateDocument { document: document(1), kind: Kind::PledgeDrive, ward: ward_a() };
    let other = lan.command(other);
    assert_eq!(lan.push(&app, vec![other]).await, [Answer::refused(Code::DocumentExists)]);
}

#[tokio::test]
async fn a_ward_reached_sees_the_record_until_it_is_taken_back_and_never_writes_it() {
    let app = TestApp::init().await;
    let (mut lan, mut hoa) = (app.phone("lan").await, app.phone("hoa").await);
    lan.log_visit(&app, document(1), ward_a()).await;
    hoa.pull(&app).await;
    assert!(hoa.documents.is_empty());
    let reach = lan.command(Command::ReachWard { document: document(1), ward: ward_b() });
    assert!(matches!(lan.push(&app, vec![reach.clone()]).await[..], [Answer::Ok(_)]));
    assert_eq!(lan.push(&app, vec![reach]).await, [Answer::Duplicate]);
    hoa.pull(&app).await;
    assert_eq!(hoa.documents[&document(1)].heads(), lan.documents[&document(1)].heads());
    let edit = hoa
        .save(document(1), &[donghanh_shared::command::outreach_visit::VisitEdit::Notes("ghi chú".into())]);
    assert_eq!(hoa.push(&app, vec![edit]).await, [Answer::refused(Code::NotAllowed)]);
    let leave = lan.command(Command::LeaveWard { document: document(1), ward: ward_b() });
    let edit =
        lan.save(document(1), &[donghanh_shared::command::outreach_visit::VisitEdit::Notes("bí mật".into())]);
    assert!(lan.push(&app, vec![leave, edit]).await.iter().all(Answer::is_kept));
    let items = hoa.pull(&app).await;
    assert!(matches!(items[..], [PullItem::Leave { .. }]), "{items:?}");
}

#[tokio::test]
async fn moving_takes_the_right_on_both_sides() {
    let app = TestApp::init().await;
    let (mut lan, mut minh) = (app.phone("lan").await, app.phone("minh").await);
    lan.log_visit(&app, document(1), ward_a()).await;
    minh.pull(&app).await;
    let to_b = lan.command(Command::MoveDocument { document: document(1), ward: ward_b() });
    assert_eq!(lan.push(&app, vec![to_b]).await, [Answer::refused(Code::NotAllowed)]);
    let to_before = lan.command(Command::MoveDocument { document: document(1), ward: ward_before_a() });
    assert!(matches!(lan.push(&app, vec![to_before]).await[..], [Answer::Ok(_)]));
    let items = minh.pull(&app).await;
    assert!(items.iter().any(|item| matches!(item, PullItem::Leave { .. })), "{items:?}");
    assert!(items.iter().any(|item| matches!(item, PullItem::Snapshot { .. })), "{items:?}");
    let home: String = rusqlite::Connection::open(app.folder.path().join(donghanh_server::DATABASE))
        .expect("opens")
        .query_row("SELECT ward.ward FROM visit_row JOIN ward ON ward.id = visit_row.home", [], |row| {
            row.get(0)
        })
        .expect("row");
    assert_eq!(home, ward_before_a().to_string());
}

#[tokio::test]
async fn placement_of_an_unknown_record_waits_and_unknown_wards_are_refused() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    let reach = lan.command(Command::ReachWard { document: document(9), ward: ward_b() });
    assert_eq!(lan.push(&app, vec![reach]).await, [Answer::MissingDependencies]);
    lan.log_visit(&app, document(1), ward_a()).await;
    let nowhere = ward("99999@2025-07-01");
    let commands = vec![
        lan.command(Command::ReachWard { document: document(1), ward: nowhere }),
        lan.command(Command::MoveDocument { document: document(1), ward: nowhere }),
    ];
    assert_eq!(lan.push(&app, commands).await, vec![Answer::refused(Code::WardUnknown); 2]);
}

#[tokio::test]
async fn a_missing_place_is_proposed_used_approved_or_merged() {
    let app = TestApp::init().await;
    let (mut lan, mut phuong) = (app.phone("lan").await, app.phone("phuong").await);
    let (one, two) = (place(1, "  THCS Vĩnh Yên ", &[ward_a()]), place(2, "Trường Vĩnh Yên", &[ward_a()]));
    let items = vec![
        lan.command(Command::ProposePlace { place: one.clone() }),
        lan.command(Command::ProposePlace { place: two.clone() }),
        lan.create(document(1), ward_a()),
        lan.save(document(1), &first_edits()),
    ];
    assert!(lan.push(&app, items).await.iter().all(Answer::is_kept));
    let approve = lan.command(Command::ApprovePlace { place: one.id });
    assert_eq!(lan.push(&app, vec![approve]).await, [Answer::refused(Code::NotAllowed)]);
    let approve = phuong.command(Command::ApprovePlace { place: one.id });
    let merge = phuong.command(Command::MergePlace { place: two.id, into: one.id });
    let back = phuong.command(Command::MergePlace { place: one.id, into: two.id });
    let answers = phuong.push(&app, vec![approve, merge, back]).await;
    assert!(answers[0].is_kept() && answers[1].is_kept());
    assert_eq!(answers[2], Answer::refused(Code::NotAllowed), "no circle");
    phuong.pull(&app).await;
    let places: Vec<&Place> = phuong
        .references
        .iter()
        .filter_map(|reference| match reference {
            Reference::Place(place) => Some(place),
            _ => None,
        })
        .collect();
    assert_eq!(places.len(), 2, "each as it stands now");
    assert_eq!((places[0].name.as_str(), places[0].status), ("THCS Vĩnh Yên", PlaceStatus::Registered));
    assert_eq!((places[1].status, places[1].merged_into), (PlaceStatus::Merged, Some(one.id)));
}

#[tokio::test]
async fn a_bad_place_is_refused_for_what_is_wrong_with_it() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    let registered = Place { status: PlaceStatus::Registered, ..place(4, "Tự duyệt", &[ward_a()]) };
    let cases = [
        (place(1, "   ", &[ward_a()]), Code::TextEmpty),
        (place(1, &"x".repeat(200), &[ward_a()]), Code::TextTooLong),
        (place(1, "Ở đâu", &[]), Code::WardUnknown),
        (place(1, "Ở đâu", &[ward("99999@2025-07-01")]), Code::WardUnknown),
        (place(1, "Phường khác", &[ward_b()]), Code::NotAllowed),
        (registered, Code::NotAllowed),
    ];
    let before = app.contents();
    for (place, code) in cases {
        let propose = lan.command(Command::ProposePlace { place });
        assert_eq!(lan.push(&app, vec![propose]).await, [Answer::refused(code)]);
    }
    assert_eq!(app.contents(), before);
    let mut phuong = app.phone("phuong").await;
    let unknown = phuong.command(Command::ApprovePlace { place: PlaceId([77; 16]) });
    assert_eq!(phuong.push(&app, vec![unknown]).await, [Answer::refused(Code::PlaceUnknown)]);
}

/// A batch that grew is another batch to the server: what it had answered already comes once more.
#[tokio::test]
async fn what_changed_nothing_does_not_undo_later_what_came_after_it() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    lan.log_visit(&app, document(1), ward_a()).await;
    let leave = lan.command(Command::LeaveWard { document: document(1), ward: ward_b() });
    let reach = lan.command(Command::ReachWard { document: document(1), ward: ward_b() });
    assert_eq!(lan.push(&app, vec![leave.clone()]).await, [Answer::Duplicate], "it never reached it");
    assert!(lan.push(&app, vec![reach.clone()]).await[0].is_kept());
    let again = vec![leave, reach];
    assert_eq!(lan.push(&app, again).await, [Answer::Duplicate, Answer::Duplicate]);
    let mut hoa = app.phone("hoa").await;
    hoa.pull(&app).await;
    assert!(hoa.documents.contains_key(&document(1)), "it is still to be seen there");
}

#[tokio::test]
async fn who_read_it_through_a_ward_that_it_left_is_told_that_their_edit_is_not_taken() {
    let app = TestApp::init().await;
    let (mut lan, mut hoa) = (app.phone("lan").await, app.phone("hoa").await);
    lan.log_visit(&app, document(1), ward_a()).await;
    let reach = lan.command(Command::ReachWard { document: document(1), ward: ward_b() });
    assert!(lan.push(&app, vec![reach]).await[0].is_kept());
    hoa.pull(&app).await;
    let edit = hoa.save(document(1), &[VisitEdit::Notes("của Hoa".to_owned())]);
    let leave = lan.command(Command::LeaveWard { document: document(1), ward: ward_b() });
    assert!(lan.push(&app, vec![leave]).await[0].is_kept());
    assert_eq!(hoa.push(&app, vec![edit]).await, [Answer::refused(Code::NotAllowed)]);
}
