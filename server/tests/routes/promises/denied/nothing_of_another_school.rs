//! A school's contact person holds the drives placed with the school, and nothing else that is done in the ward.

use std::collections::BTreeSet;

use donghanh_shared::access::Role;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::command::{Command, pledge_drive as drive};
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::pledge_drive::Signer;
use donghanh_shared::ids::{DocumentId, PlaceId};
use donghanh_shared::sync::wire::{Answer, PullPage, from_bytes, to_bytes};

use crate::test_app::phone::{Phone, document, first_drive, first_edits, group};
use crate::test_app::{TestApp, ward_a, ward_b, ward_before_a};

const OWN: PlaceId = PlaceId([4; 16]);
const ANOTHER: PlaceId = PlaceId([6; 16]);
/// What every text has in it that is not the school's.
const SECRET: &str = "không phải của trường";

/// Everything that comes now, looked at byte by byte.
async fn comes(app: &TestApp, phone: &mut Phone, max_bytes: u32, others: &[DocumentId]) {
    loop {
        let reply = phone.post(app, "/api/v1/pull", to_bytes(&phone.pull_request(max_bytes))).await;
        let has = |what: &[u8]| reply.body.windows(what.len()).any(|window| window == what);
        assert!(!has(SECRET.as_bytes()), "a text of others");
        assert!(!others.iter().any(|id| has(&id.0)), "an identity of others");
        let page: PullPage = from_bytes(&reply.body).expect("a page");
        phone.store(&page);
        if !page.more {
            return;
        }
    }
}

/// The documents that the phone holds through a scope.
fn held(phone: &Phone) -> BTreeSet<DocumentId> {
    phone.placed.iter().filter(|(_, scopes)| !scopes.is_empty()).map(|(id, _)| *id).collect()
}

#[tokio::test]
async fn a_drive_of_another_school_and_whatever_else_is_done_stay_away() {
    let app = TestApp::with_aftercare().await;
    app.add_contact("nhung", "Vũ Hồng Nhung", ward_a(), OWN).await;
    let (mut lan, mut nhung) = (app.phone("lan").await, app.phone("nhung").await);
    let (mut dung, mut phuong) = (app.phone("dung").await, app.phone("phuong").await);
    comes(&app, &mut nhung, 1 << 20, &[]).await;
    // Identities whose bytes stand nowhere else.
    let [own, another, unplaced, visit, model, case, asked] = [91, 92, 93, 94, 95, 96, 97].map(document);
    lan.log_drive(&app, own, ward_a(), &first_drive()).await;
    // What the drive says of its place gives nobody anything: it names the school, and is placed with none.
    let secret = [first_drive(), group(Signer::Pupils, SECRET, (Some(3), None))].concat();
    lan.log_drive(&app, unplaced, ward_a(), &secret).await;
    let elsewhere = [secret.clone(), vec![drive::place(Some(ANOTHER))]].concat();
    lan.log_drive(&app, another, ward_before_a(), &elsewhere).await;
    let items = vec![
        lan.command(Command::AddSchool { document: own, school: OWN }),
        lan.command(Command::AddSchool { document: another, school: ANOTHER }),
        lan.create(visit, ward_a()),
        lan.save(visit, &[first_edits(), vec![VisitEdit::Notes(SECRET.to_owned())]].concat()),
    ];
    assert!(lan.push(&app, items).await.iter().all(Answer::is_kept));
    let no_visits = lan.command(Command::AddSchool { document: visit, school: OWN });
    assert_eq!(lan.push(&app, vec![no_visits]).await, [Answer::refused(Code::NotAllowed)]);
    lan.log_model(&app, model, ward_a(), &[]).await;
    let items = vec![dung.create_case(case, ward_a()), dung.save_fields(case, &[("meet_at", SECRET)])];
    assert!(dung.push(&app, items).await.iter().all(Answer::is_kept));
    phuong.ask(&app, asked, ward_a()).await;
    let others = [another, unplaced, visit, model, case, asked];
    for max_bytes in [1, 1 << 20] {
        comes(&app, &mut nhung, max_bytes, &others).await;
        let mut fresh = app.phone("nhung").await;
        comes(&app, &mut fresh, max_bytes, &others).await;
        assert_eq!(held(&fresh), BTreeSet::from([own]));
    }
    assert_eq!(held(&nhung), BTreeSet::from([own]));
    for path in ["reports/activity?from=2020-01-01&to=2026-12-31", "reports/aftercare", "people"] {
        let reply = super::probe::get(&app, &nhung, &format!("/api/v1/{path}")).await;
        assert_eq!(reply.status, 403, "{path}");
    }
    // It was another school's after all: it leaves the phone.
    let items = vec![
        lan.command(Command::AddSchool { document: own, school: ANOTHER }),
        lan.command(Command::RemoveSchool { document: own, school: OWN }),
    ];
    assert!(lan.push(&app, items).await.iter().all(Answer::is_kept));
    comes(&app, &mut nhung, 1 << 20, &others).await;
    assert_eq!(held(&nhung), BTreeSet::new());
}

#[tokio::test]
async fn the_contact_person_counts_and_creates_and_does_nothing_else() {
    let app = TestApp::init().await;
    app.add_contact("nhung", "Vũ Hồng Nhung", ward_a(), OWN).await;
    app.add("ba", "Lò Thị Ba", Role::Volunteer, Some(ward_a()), None).await;
    let (mut lan, mut nhung) = (app.phone("lan").await, app.phone("nhung").await);
    let own = document(91);
    lan.log_drive(&app, own, ward_a(), &first_drive()).await;
    let add = lan.command(Command::AddSchool { document: own, school: OWN });
    let again = lan.command(Command::AddSchool { document: own, school: OWN });
    let answers = lan.push(&app, vec![add, again]).await;
    assert!(matches!(answers[..], [Answer::Ok(_), Answer::Duplicate]), "{answers:?}");
    nhung.pull(&app).await;
    let kept = nhung.documents[&own].save();
    let counts = nhung.write(own, &group(Signer::Pupils, "7A2", (Some(36), None)));
    assert!(matches!(nhung.push(&app, vec![counts]).await[..], [Answer::Ok(_)]));
    lan.pull(&app).await;
    assert_eq!(lan.documents[&own].drive().signatures(None).known(), Some(36));
    assert_ne!(lan.documents[&own].save(), kept);

    let organisation = "thanh-doan".parse().expect("organisation");
    let commands = [
        Command::MoveDocument { document: own, ward: ward_before_a() },
        Command::ReachWard { document: own, ward: ward_b() },
        Command::AddSchool { document: own, school: ANOTHER },
        Command::RemoveSchool { document: own, school: OWN },
        Command::CreateAtSchool { document: document(98), ward: ward_a(), school: ANOTHER },
        Command::CreateAtSchool { document: document(98), ward: ward_b(), school: OWN },
        Command::CreateDocument { document: document(98), kind: Kind::PledgeDrive, ward: ward_a() },
        Command::CreateDocument { document: document(98), kind: Kind::OutreachVisit, ward: ward_a() },
    ];
    let count = commands.len();
    let items = commands.into_iter().map(|command| nhung.command(command)).collect();
    assert_eq!(nhung.push(&app, items).await, vec![Answer::refused(Code::NotAllowed); count]);
    // Who leads it says whoever writes it: its head is to confirm it.
    let lead = nhung.command(Command::AddOrganisation { document: own, organisation });
    assert!(nhung.push(&app, vec![lead]).await[0].is_kept());

    let before = nhung.documents[&own].clone();
    let out = nhung.write(own, &[drive::archived(Some("ghi nhầm".to_owned()))]);
    assert_eq!(nhung.push(&app, vec![out]).await, [Answer::refused(Code::NotAllowed)]);
    nhung.documents.insert(own, before);

    let made = document(99);
    let create = nhung.begin_at_school(made, ward_a(), OWN);
    let items = vec![create.clone(), nhung.write(made, &first_drive())];
    assert!(nhung.push(&app, items).await.iter().all(|answer| matches!(answer, Answer::Ok(_))));
    assert_eq!(nhung.push(&app, vec![create]).await, [Answer::Duplicate]);
    lan.pull(&app).await;
    let mut ba = app.phone("ba").await;
    ba.pull(&app).await;
    for phone in [&lan, &ba] {
        assert_eq!(phone.documents[&made].drive().signatures(None).known(), Some(31), "the ward sees it");
    }
    let out = lan.write(own, &[drive::archived(Some("ghi nhầm".to_owned()))]);
    assert!(matches!(lan.push(&app, vec![out]).await[..], [Answer::Ok(_)]), "the ward takes it out");
    nhung.pull(&app).await;
    let back = nhung.write(own, &[drive::archived(None)]);
    assert_eq!(nhung.push(&app, vec![back]).await, [Answer::refused(Code::NotAllowed)]);
}
