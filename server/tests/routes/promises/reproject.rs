//! Projections made anew from the changes are those that were kept all along.

use std::sync::Arc;

use donghanh_server::projection::rebuild::rebuild;
use donghanh_server::store::Store;
use donghanh_shared::command::Command;
use donghanh_shared::command::aftercare::{self as words, NewEvent, NewSupport, archived, case, out};
use donghanh_shared::command::fields::FieldEdit;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::command::{pledge_drive as drive, prevention_model as model};
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::aftercare::CaseStatus;
use donghanh_shared::domain::aftercare::terms::{EventKind, SupportKind};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::outreach_visit::{CountKey, Topic};
use donghanh_shared::domain::pledge_drive::{DriveCount, GroupKey, Signer};
use donghanh_shared::domain::prevention_model::{ModelCount, Verdict};
use donghanh_shared::ids::{PhotoId, PhotoKey, PlaceId};
use donghanh_shared::sync::wire::Answer;

use crate::test_app::phone::{Phone, amount, document, first_drive, group};
use crate::test_app::{TestApp, ward_a, ward_b, ward_before_a};

fn day(text: &str) -> Date {
    text.parse().expect("day")
}

fn event(key: &str, kind: EventKind, date: &str) -> Vec<FieldEdit> {
    let (ward, number, by, text) = (None, String::new(), String::new(), String::new());
    words::event(key, &NewEvent { kind, date: day(date), ward, number, by, text })
}

fn support(key: &str, date: &str) -> Vec<FieldEdit> {
    let (by, text) = (String::new(), String::new());
    words::support(key, &NewSupport { kind: SupportKind::Job, given: true, date: day(date), by, text })
}

/// A core that says all that the tables take.
fn core() -> Vec<FieldEdit> {
    let mut edits = vec![
        case::address_as(Some("anh Hùng".into())),
        case::status(CaseStatus::Absent),
        case::since(Some(day("2026-01-01"))),
        case::until(Some(day("2027-01-01"))),
        case::every_days(Some(14)),
        case::next_due(Some(day("2026-06-30"))),
    ];
    edits.extend(case::every_from("s1", day("2026-03-01"), Some(7)));
    edits.extend(case::every_from("s2", day("2026-04-01"), None));
    edits.extend(event("c1", EventKind::Absence, "2026-03-01"));
    edits.extend(event("anh Hùng", EventKind::Absence, "2026-03-02"));
    edits.extend(support("s1", "2026-02-01"));
    edits
}

fn check_in(date: &str) -> Vec<FieldEdit> {
    let mut edits =
        vec![words::check_in::date(Some(day(date))), words::check_in::next_due(Some(day("2026-07-01")))];
    edits.extend(words::check_in::met());
    edits.extend(support("s1", date));
    edits.extend(support("s2", "2026-01-16"));
    edits
}

#[tokio::test]
async fn rebuilt_rows_equal_the_incremental_ones() {
    let mut app = TestApp::with_aftercare().await;
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
        dung.write(document(20), &core()),
        dung.create_part(document(21), Kind::CheckIn, document(20)),
        dung.create_part(document(22), Kind::AftercareRestricted, document(20)),
        dung.write(document(22), &event("a1", EventKind::Detention, "2026-02-01")),
        dung.create_part(document(23), Kind::CheckInRestricted, document(20)),
        dung.write(document(23), &event("b1", EventKind::Relapse, "2026-01-20")),
        dung.create_part(document(24), Kind::CheckIn, document(20)),
        dung.write(document(24), &check_in("2026-02-10")),
        dung.command(Command::MoveDocument { document: document(20), ward: ward_b() }),
    ];
    assert!(dung.push(&app, items).await.iter().all(Answer::is_kept));
    drives(&app, &mut lan, &mut minh).await;
    models(&app, &mut lan, &mut minh).await;
    links(&app, &mut lan).await;
    // Edits that take away what the first save put into the tables, apart and removed.
    let items = vec![
        dung.write(document(20), &[out("events", "c1", true), out("schedule", "s1", true)]),
        dung.write(document(21), &check_in("2026-01-15")),
        dung.write(document(21), &[out("support", "s1", true)]),
        dung.write(document(23), &[archived(Some("ghi nhầm".into()))]),
        dung.write(document(24), &[archived(Some("ghi hai lần".into()))]),
    ];
    assert!(dung.push(&app, items).await.iter().all(Answer::is_kept));
    let kept = app.application.sqlite.dump_projections().await.expect("dump");
    assert_eq!((kept["visit_row"].len(), kept["drive_row"].len(), kept["drive_group"].len()), (6, 2, 3));
    assert_eq!(
        (kept["model_row"].len(), kept["model_review"].len(), kept["model_activity"].len()),
        (2, 1, 2)
    );
    let counted = kept["same_as"].iter().filter(|row| !row.contains("counted=-")).count();
    assert_eq!((kept["same_as"].len(), counted), (4, 2), "{:?}", kept["same_as"]);
    for table in ["drive_row", "model_row"] {
        let homes: Vec<bool> =
            kept[table].iter().map(|row| row.contains(&ward_before_a().to_string())).collect();
        assert_eq!(homes, [true, false], "the home follows a move");
    }
    let care = &kept["care_row"];
    assert!(
        care.len() == 5 && care.iter().all(|line| line.contains(&ward_b().to_string())),
        "all moved: {care:?}"
    );
    let care = care.join("\n");
    assert!(care.contains("kind: Detention") && !care.contains("Relapse"), "one was removed: {care}");
    let told = |what: &str| care.matches(what).count();
    // A check-in that was removed tells nothing; one of the core's two absences and two stretches was taken out.
    assert_eq!((told("EventRow {"), told("None)}"), told("Seen {"), told("Told {")), (2, 1, 1, 2), "{care}");
    assert!(kept.values().all(|rows| !rows.is_empty()), "every table is tried: {kept:?}");
    // Spoil them, to see that they are made anew.
    let file = app.folder.path().join(donghanh_server::DATABASE);
    let spoiled = rusqlite::Connection::open(file).expect("opens");
    spoiled
        .execute_batch("UPDATE visit_row SET attendance = 1; DELETE FROM visit_place; DELETE FROM visit_ward; DELETE FROM visit_topic; DELETE FROM visit_photo; DELETE FROM care_row;
             UPDATE drive_row SET home = 1, place = NULL; DELETE FROM drive_group; DELETE FROM drive_organisation;
             UPDATE model_row SET home = 1, members = 1; DELETE FROM model_review; DELETE FROM model_activity; DELETE FROM model_organisation;
             DELETE FROM same_as WHERE counted IS NULL; UPDATE same_as SET counted = document;")
        .expect("spoils");
    let store = Arc::clone(&app.application.sqlite) as Arc<dyn Store>;
    assert_eq!(rebuild(&store).await.expect("rebuilds"), 15);
    assert_eq!(app.application.sqlite.dump_projections().await.expect("dump"), kept);
    // Tables of an older build are drawn anew at the start; those of this one stay as they are.
    let old = "DELETE FROM care_row; UPDATE instance SET projected = 9";
    spoiled.execute_batch(old).expect("spoils");
    app.restart().await;
    assert_eq!(app.application.sqlite.dump_projections().await.expect("dump"), kept);
    spoiled.execute_batch("DELETE FROM care_row").expect("spoils");
    app.restart().await;
    assert!(app.application.sqlite.dump_projections().await.expect("dump")["care_row"].is_empty());
}

/// Linked one after the other, one of them to a record that is at home elsewhere by then, and one to a record that nobody has.
async fn links(app: &TestApp, lan: &mut Phone) {
    let mut link = |one, other| lan.save(document(one), &[VisitEdit::SameAs(Some(document(other)))]);
    let items = vec![link(5, 4), link(4, 1), link(9, 3), link(3, 99)];
    assert!(lan.push(app, items).await.iter().all(Answer::is_kept));
}

/// Two models: one of two people, reviewed apart, that is moved, with a link taken out again; and one as it was begun.
async fn models(app: &TestApp, lan: &mut Phone, minh: &mut Phone) {
    lan.log_model(app, document(40), ward_a(), &[model::activity(document(2), true)]).await;
    lan.log_model(app, document(41), ward_a(), &[]).await;
    minh.pull(app).await;
    let year = "2026".parse().expect("year");
    let edits = [
        model::effective(year, Some(Verdict::Partly)),
        model::count(ModelCount::Women, amount(11)),
        model::co_organiser(&"hoi-lhpn".parse().expect("organisation"), true),
        model::activity(document(1), true),
    ];
    let items = vec![minh.write(document(40), &edits)];
    assert!(minh.push(app, items).await.iter().all(Answer::is_kept));
    let edits = [
        model::effective(year, Some(Verdict::Effective)),
        model::activity(document(30), true),
        model::activity(document(2), false),
    ];
    let items = vec![
        lan.write(document(40), &edits),
        lan.command(Command::MoveDocument { document: document(40), ward: ward_before_a() }),
    ];
    assert!(lan.push(app, items).await.iter().all(Answer::is_kept));
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
