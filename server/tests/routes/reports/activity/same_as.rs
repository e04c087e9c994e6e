//! Two records of one event: what counts once they are linked, and once that is undone.

use donghanh_shared::command::fields::{FieldEdit, Written};
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::command::{Command, prevention_model as model};
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::domain::place::{PlaceKind, PlaceStatus};
use donghanh_shared::domain::report::{ActivityReport, Coverage};
use donghanh_shared::ids::PlaceId;
use donghanh_shared::sync::wire::Reference;

use donghanh_server::store::Register as _;

use super::get::{YEAR, place, report};
use crate::test_app::phone::{Phone, amount, document, first_drive};
use crate::test_app::{TestApp, ward_a, ward_before_a};

/// Says on `one` that the counts of `other` stand.
async fn link(app: &TestApp, phone: &mut Phone, one: u8, other: Option<u8>) {
    let id = document(one);
    let item = match phone.documents[&id].kind() {
        Kind::OutreachVisit => phone.save(id, &[VisitEdit::SameAs(other.map(document))]),
        _ => {
            let other = other.map(|other| Written::Text(document(other).to_string()));
            phone.write(id, &[FieldEdit::Register("same_as".to_owned(), other)])
        }
    };
    assert!(phone.push(app, vec![item]).await[0].is_kept());
}

/// Two volunteers log the same talk: 80 people by the first, 78 by the second.
async fn a_talk_logged_twice(app: &TestApp) -> (Phone, Phone) {
    let (mut lan, mut minh) = (app.phone("lan").await, app.phone("minh").await);
    lan.log_visit(app, document(1), ward_a()).await;
    minh.log_visit(app, document(2), ward_a()).await;
    let other = minh.save(document(2), &[VisitEdit::Count(CountKey::Attendance, amount(78))]);
    assert!(minh.push(app, vec![other]).await[0].is_kept());
    lan.pull(app).await;
    minh.pull(app).await;
    (lan, minh)
}

/// `(records, people)` of the whole area.
async fn counted(app: &TestApp) -> (u32, Option<u64>) {
    let figures = report(app, "thanh", YEAR).await.total.figures;
    (figures.visits, figures.counts.get("attendance").copied())
}

#[tokio::test]
async fn a_talk_logged_twice_counts_once_and_undone_twice() {
    let app = TestApp::init().await;
    let (mut lan, _) = a_talk_logged_twice(&app).await;
    assert_eq!(counted(&app).await, (2, Some(158)));
    link(&app, &mut lan, 2, Some(1)).await;
    assert_eq!(counted(&app).await, (1, Some(80)));
    link(&app, &mut lan, 2, None).await;
    assert_eq!(counted(&app).await, (2, Some(158)), "undone");
    link(&app, &mut lan, 1, Some(2)).await;
    assert_eq!(counted(&app).await, (1, Some(78)), "the other way");
    assert_eq!(lan.documents.len(), 2, "both records stay");
}

#[tokio::test]
async fn two_who_choose_apart_lose_no_talk() {
    let app = TestApp::init().await;
    let (mut lan, mut minh) = a_talk_logged_twice(&app).await;
    // Neither has seen the other's choice.
    link(&app, &mut lan, 2, Some(1)).await;
    link(&app, &mut minh, 1, Some(2)).await;
    assert_eq!(counted(&app).await, (1, Some(80)), "the smaller identity counts");
    lan.pull(&app).await;
    link(&app, &mut lan, 2, None).await;
    assert_eq!(counted(&app).await, (1, Some(78)), "one of the two is left");
}

#[tokio::test]
async fn a_link_to_what_is_not_there_takes_nothing_away() {
    let app = TestApp::init().await;
    let (mut lan, _) = a_talk_logged_twice(&app).await;
    link(&app, &mut lan, 2, Some(9)).await;
    assert_eq!(counted(&app).await, (2, Some(158)), "nobody knows that one");
    link(&app, &mut lan, 2, Some(1)).await;
    let removed = lan.save(document(1), &[VisitEdit::Archived(Some("ghi nhầm".to_owned()))]);
    assert!(lan.push(&app, vec![removed]).await[0].is_kept());
    assert_eq!(counted(&app).await, (1, Some(78)), "that one was removed");
    let back = lan.save(document(1), &[VisitEdit::Archived(None)]);
    assert!(lan.push(&app, vec![back]).await[0].is_kept());
    assert_eq!(counted(&app).await, (1, Some(80)));
}

#[tokio::test]
async fn the_one_named_may_come_later() {
    let app = TestApp::init().await;
    let (mut lan, _) = a_talk_logged_twice(&app).await;
    link(&app, &mut lan, 1, Some(3)).await;
    assert_eq!(counted(&app).await, (2, Some(158)));
    let mut minh = app.phone("minh").await;
    minh.log_visit(&app, document(3), ward_a()).await;
    assert_eq!(counted(&app).await, (2, Some(158)), "that one counts now");
    link(&app, &mut lan, 2, Some(1)).await;
    assert_eq!(counted(&app).await, (1, Some(80)), "linked one after the other");
}

#[tokio::test]
async fn each_ward_sums_its_own_whatever_is_linked() {
    let app = TestApp::init().await;
    let (mut lan, _) = a_talk_logged_twice(&app).await;
    link(&app, &mut lan, 2, Some(1)).await;
    let moved = lan.command(Command::MoveDocument { document: document(2), ward: ward_before_a() });
    assert!(lan.push(&app, vec![moved]).await[0].is_kept());
    assert_eq!(counted(&app).await, (2, Some(158)), "in another ward it is summed there");
    let back = lan.command(Command::MoveDocument { document: document(2), ward: ward_a() });
    assert!(lan.push(&app, vec![back]).await[0].is_kept());
    assert_eq!(counted(&app).await, (1, Some(80)));
}

#[tokio::test]
async fn who_led_the_other_record_took_part_in_the_one_that_counts() {
    let app = TestApp::init().await;
    let (mut lan, _) = a_talk_logged_twice(&app).await;
    let organisation = |id: &str| id.parse().expect("organisation");
    let edits = [
        VisitEdit::Lead(Some(organisation("hoi-lhpn"))),
        VisitEdit::CoOrganiser(organisation("mttq"), true),
        VisitEdit::CoOrganiser(organisation("thanh-doan"), true),
    ];
    let other = lan.save(document(2), &edits);
    assert!(lan.push(&app, vec![other]).await[0].is_kept());
    link(&app, &mut lan, 2, Some(1)).await;
    let found = report(&app, "thanh", YEAR).await.organisations;
    let of = |id: &str| {
        let row = found.iter().find(|row| row.organisation == organisation(id)).expect(id);
        (row.led.visits, row.took_part, row.took_part_sessions)
    };
    assert_eq!(of("thanh-doan"), (1, 0, 0), "leads, and takes no part beside");
    assert_eq!((of("hoi-lhpn"), of("mttq")), ((0, 1, 1), (0, 1, 1)));
}

/// What is covered, signed and kept up: everything goes by what counts.
#[tokio::test]
async fn places_drives_and_models_go_by_what_counts() {
    let app = TestApp::init().await;
    for (byte, kind) in [(4, PlaceKind::School), (5, PlaceKind::Agency)] {
        let at = Reference::Place(place(byte, kind, PlaceStatus::Registered));
        app.application.sqlite.put_references(vec![at]).await.expect("put");
    }
    let (mut lan, _) = a_talk_logged_twice(&app).await;
    let reached = lan.save(document(2), &[VisitEdit::Place(PlaceId([5; 16]), true)]);
    assert!(lan.push(&app, vec![reached]).await[0].is_kept());
    let mut items = Vec::new();
    for number in [11, 12] {
        items.push(lan.begin(Kind::PledgeDrive, document(number), ward_a()));
        items.push(lan.write(document(number), &first_drive()));
    }
    assert!(lan.push(&app, items).await.iter().all(|answer| answer.is_kept()));
    for number in [21, 22] {
        lan.log_model(&app, document(number), ward_a(), &[model::name(Some(format!("Tổ {number}")))]).await;
    }
    let figures = |report: ActivityReport| {
        let total = report.total;
        (total.agencies, total.pledges.drives, total.models.models, total.models.members)
    };
    let one = Coverage { covered: 1, registered: 1 };
    assert_eq!(figures(report(&app, "thanh", YEAR).await), (one, 2, 2, 48));
    for (number, other) in [(2, 1), (12, 11), (22, 21)] {
        link(&app, &mut lan, number, Some(other)).await;
    }
    let none = Coverage { covered: 0, registered: 1 };
    assert_eq!(figures(report(&app, "thanh", YEAR).await), (none, 1, 1, 24));
    // Of another kind nothing is one event.
    link(&app, &mut lan, 22, Some(11)).await;
    assert_eq!(figures(report(&app, "thanh", YEAR).await), (none, 1, 2, 48));
}
