//! Projections made anew from the changes are those that were kept all along.

use std::sync::Arc;

use donghanh_server::projection::rebuild::rebuild;
use donghanh_server::store::Store;
use donghanh_shared::command::Command;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::command::pledge_drive as drive;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::outreach_visit::{CountKey, Topic};
use donghanh_shared::domain::pledge_drive::{DriveCount, GroupKey, Signer};
use donghanh_shared::ids::{PhotoId, PhotoKey, PlaceId};
use donghanh_shared::sync::wire::Answer;

use crate::test_app::phone::{Phone, amount, document, first_drive, group};
use crate::test_app::{TestApp, ward_a, ward_b, ward_before_a};

#[tokio::test]
async fn rebuilt_rows_equal_the_incremental_ones() {
    let app = TestApp::with_aftercare().await;
    let (mut lan, mut minh) = (app.phone("lan").await, app.phone("minh").await);
    for number in 1..6 {
        lan.log_visit(&app, document(number), ward_a()).await;
    }
    minh.pull(&app).await;
    let edits = [
        VisitEdit::Topic(Topic::Law, true),
        VisitEdit::Place(PlaceId([7; 16]), true),
        VisitEdit::Photo(PhotoId([8; 32]), Some(PhotoKey([9; 32]))),
        VisitEdit::CoOrganiser("hoi-lhpn".parse().expect("organisation"), true),
        VisitEdit::Count(CountKey::Pupils, amount(500)),
        VisitEdit::Count(CountKey::Attendance, amount(60)),
        VisitEdit::FollowUp {
            id: "f".into(),
            text: "Quay lại".into(),
            due: Some("2026-07-01".parse().expect("day")),
        },
    ];
    let apart = [VisitEdit::Count(CountKey::Attendance, amount(70)), VisitEdit::Tap(CountKey::Women, 3)];
    let items = vec![
        minh.save(document(1), &edits),
        minh.save(document(2), &[VisitEdit::Archived(Some("ghi nhầm".into()))]),
    ];
    minh.push(&app, items).await;
    let items = vec![
        lan.save(document(1), &apart),
        lan.command(Command::ReachWard { document: document(1), ward: ward_b() }),
        lan.command(Command::MoveDocument { document: document(3), ward: ward_before_a() }),
        lan.create(document(9), ward_a()),
    ];
    lan.push(&app, items).await;
    let mut dung = app.phone("dung").await;
    let items = vec![
        dung.create_case(document(20), ward_a()),
        dung.save_fields(document(20), &[("address_as", "anh Hùng"), ("status", "absent")]),
        dung.create_part(document(21), Kind::CheckIn, document(20)),
        dung.command(Command::MoveDocument { document: document(20), ward: ward_b() }),
    ];
    assert!(dung.push(&app, items).await.iter().all(Answer::is_kept));
    drives(&app, &mut lan, &mut minh).await;
    let kept = app.application.sqlite.dump_projections().await.expect("dump");
    assert_eq!((kept["visit_row"].len(), kept["drive_row"].len(), kept["drive_group"].len()), (6, 2, 3));
    let homes: Vec<bool> =
        kept["drive_row"].iter().map(|row| row.contains(&ward_before_a().to_string())).collect();
    assert_eq!(homes, [true, false], "the home follows a move");
    assert!(kept.values().all(|rows| !rows.is_empty()), "every table is tried: {kept:?}");
    // Spoil them, to see that they are made anew.
    let file = app.folder.path().join(donghanh_server::DATABASE);
    let spoiled = rusqlite::Connection::open(file).expect("opens");
    spoiled
        .execute_batch("UPDATE visit_row SET attendance = 1; DELETE FROM visit_place; DELETE FROM visit_ward; DELETE FROM visit_topic; DELETE FROM visit_photo; DELETE FROM case_row;
             UPDATE drive_row SET home = 1, place = NULL; DELETE FROM drive_group; DELETE FROM drive_organisation;")
        .expect("spoils");
    let store = Arc::clone(&app.application.sqlite) as Arc<dyn Store>;
    assert_eq!(rebuild(&store).await.expect("rebuilds"), 10);
    assert_eq!(app.application.sqlite.dump_projections().await.expect("dump"), kept);
}

/// Two drives: one of two people that is moved, with a class taken out, and one that reaches another ward.
async fn drives(app: &TestApp, lan: &mut Phone, minh: &mut Phone) {
    lan.log_drive(app, document(30), ward_a(), &first_drive()).await;
    lan.log_drive(app, document(31), ward_a(), &first_drive()).await;
    minh.pull(app).await;
    let class = GroupKey::of(Signer::Pupils, "7A2").expect("key");
    let mut edits = group(Signer::Teachers, "Hội đồng", (Some(20), None));
    edits.extend([
        drive::co_organiser(&"hoi-lhpn".parse().expect("organisation"), true),
        drive::count(&class, DriveCount::Signed, amount(40)),
        drive::tap(&class, 3),
    ]);
    let mut others = group(Signer::Pupils, "7A3", (None, Some(30)));
    others.extend([
        drive::count(&class, DriveCount::Signed, amount(39)),
        drive::out(&GroupKey::of(Signer::Pupils, "7A3").expect("key"), true),
    ]);
    let items = vec![minh.write(document(30), &edits)];
    assert!(minh.push(app, items).await.iter().all(Answer::is_kept));
    let items = vec![
        lan.write(document(30), &others),
        lan.command(Command::MoveDocument { document: document(30), ward: ward_before_a() }),
        lan.command(Command::ReachWard { document: document(31), ward: ward_b() }),
    ];
    assert!(lan.push(app, items).await.iter().all(Answer::is_kept));
}
