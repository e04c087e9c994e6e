//! A case and its parts: who holds which of them, what an assignment gives and takes, what a transfer takes along.

use donghanh_shared::command::Command;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::error::Code;
use donghanh_shared::ids::DocumentId;
use donghanh_shared::sync::wire::{Answer, PullItem};

use crate::test_app::phone::{Phone, document};
use crate::test_app::{TestApp, person, ward_a, ward_b};

const CASE: u8 = 1;
const RESTRICTED: u8 = 2;
const CHECK_IN: u8 = 3;
const CHECK_IN_RESTRICTED: u8 = 4;

/// A case with a part of each kind, as its officer begins it.
async fn begin(app: &TestApp, officer: &mut Phone) {
    let case = document(CASE);
    let items = vec![
        officer.create_case(case, ward_a()),
        officer.save_fields(case, &[("address_as", "anh Hùng"), ("status", "managed")]),
        officer.create_part(document(RESTRICTED), Kind::AftercareRestricted, case),
        officer.save_fields(document(RESTRICTED), &[("full_name", "Trần Văn Hùng")]),
        officer.create_part(document(CHECK_IN), Kind::CheckIn, case),
        officer.save_fields(document(CHECK_IN), &[("date", "2026-06-18")]),
        officer.create_part(document(CHECK_IN_RESTRICTED), Kind::CheckInRestricted, case),
        officer.save_fields(document(CHECK_IN_RESTRICTED), &[("urine_result", "negative")]),
    ];
    let answers = officer.push(app, items).await;
    assert!(answers.iter().all(|answer| matches!(answer, Answer::Ok(_))), "{answers:?}");
}

/// What came, each document once.
fn came(items: &[PullItem]) -> Vec<u8> {
    let mut documents: Vec<u8> = items
        .iter()
        .filter_map(|item| match item {
            PullItem::Snapshot { document, .. } | PullItem::Changes { document, .. } => Some(document.0[0]),
            _ => None,
        })
        .collect();
    documents.sort_unstable();
    documents.dedup();
    documents
}

async fn assign(app: &TestApp, officer: &mut Phone, name: &str, is_in: bool) -> Vec<Answer> {
    let (case, person) = (document(CASE), person(name));
    let command =
        if is_in { Command::AssignHelper { case, person } } else { Command::UnassignHelper { case, person } };
    let item = officer.command(command);
    officer.push(app, vec![item]).await
}

#[tokio::test]
async fn each_holds_their_parts_of_a_case_and_nobody_else_any() {
    let app = TestApp::with_aftercare().await;
    let (mut dung, mut giang) = (app.phone("dung").await, app.phone("giang").await);
    begin(&app, &mut dung).await;
    assert!(came(&giang.pull(&app).await).is_empty(), "not assigned yet");
    assert!(assign(&app, &mut dung, "giang", true).await[0].is_kept());
    assert_eq!(came(&giang.pull(&app).await), [CASE, CHECK_IN]);
    let mut other_phone = app.phone("dung").await;
    assert_eq!(came(&other_phone.pull(&app).await), [CASE, RESTRICTED, CHECK_IN, CHECK_IN_RESTRICTED]);
    assert_eq!(
        other_phone.documents[&document(RESTRICTED)].fields().text("full_name"),
        Some("Trần Văn Hùng")
    );
    for name in ["lan", "phuong", "hoa", "thanh", "quantri", "ha", "tuan"] {
        assert!(came(&app.phone(name).await.pull(&app).await).is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_helper_writes_check_ins_of_the_case_and_nothing_else_of_it() {
    let app = TestApp::with_aftercare().await;
    let (mut dung, mut giang) = (app.phone("dung").await, app.phone("giang").await);
    begin(&app, &mut dung).await;
    let early = vec![giang.create_part(document(10), Kind::CheckIn, document(CASE))];
    assert_eq!(giang.push(&app, early).await, [Answer::MissingDependencies], "for them there is no case");
    assign(&app, &mut dung, "giang", true).await;
    giang.pull(&app).await;
    let as_fetched = giang.documents[&document(CASE)].clone();
    let items = vec![
        giang.create_part(document(10), Kind::CheckIn, document(CASE)),
        giang.save_fields(document(10), &[("date", "2026-06-19"), ("how", "home")]),
        giang.save_fields(document(CHECK_IN), &[("how", "phone")]),
        giang.create_part(document(11), Kind::CheckInRestricted, document(CASE)),
        giang.create_part(document(12), Kind::AftercareRestricted, document(CASE)),
        giang.save_fields(document(CASE), &[("status", "dropped")]),
        giang.command(Command::AssignHelper { case: document(CASE), person: person("giang") }),
        giang.command(Command::MoveDocument { document: document(CASE), ward: ward_b() }),
        giang.command(Command::CreateDocument {
            document: document(13),
            kind: Kind::AftercareCase,
            ward: ward_a(),
        }),
    ];
    let answers = giang.push(&app, items).await;
    assert!(answers[..3].iter().all(|answer| matches!(answer, Answer::Ok(_))), "{answers:?}");
    assert_eq!(answers[3..], vec![Answer::refused(Code::NotAllowed); 6]);
    assert_eq!(came(&dung.pull(&app).await), [CASE, RESTRICTED, CHECK_IN, CHECK_IN_RESTRICTED, 10]);
    assert_eq!(dung.documents[&document(10)].fields().text("how"), Some("home"));
    giang.documents.insert(document(CASE), as_fetched);
    // What the helper created came through the scope of the case; it is not sent back as a whole.
    let items = giang.pull(&app).await;
    assert!(
        !items
            .iter()
            .any(|item| matches!(item, PullItem::Snapshot { document: id, .. } if *id == document(10)))
    );
}

#[tokio::test]
async fn an_assignment_taken_back_ends_the_scope_and_parks_what_was_written_under_it() {
    let app = TestApp::with_aftercare().await;
    let (mut dung, mut giang) = (app.phone("dung").await, app.phone("giang").await);
    begin(&app, &mut dung).await;
    app.pass(-48 * 3_600_000);
    assign(&app, &mut dung, "giang", true).await;
    giang.pull(&app).await;
    let scope = giang.placed[&document(CASE)].first().copied().expect("through the case");
    app.pass(48 * 3_600_000);
    assert!(assign(&app, &mut dung, "giang", false).await[0].is_kept());
    let edit = giang.save_fields(document(CHECK_IN), &[("how", "phone")]);
    assert_eq!(giang.push(&app, vec![edit]).await, [Answer::Parked("not_allowed".to_owned())]);
    let page = giang.pull_page(&app, 1 << 20).await;
    assert_eq!(page.ended, [scope]);
    assert!(came(&page.items).is_empty());
    // Whoever is no helper cannot be assigned; nor can somebody who does not exist.
    assert_eq!(assign(&app, &mut dung, "lan", true).await, [Answer::refused(Code::NotFound)]);
    assert_eq!(assign(&app, &mut dung, "nobody", true).await, [Answer::refused(Code::NotFound)]);
}

#[tokio::test]
async fn a_transfer_takes_the_whole_case_along_and_the_helper_keeps_it() {
    let app = TestApp::with_aftercare().await;
    let (mut dung, mut ha) = (app.phone("dung").await, app.phone("ha").await);
    let mut giang = app.phone("giang").await;
    begin(&app, &mut dung).await;
    assign(&app, &mut dung, "giang", true).await;
    giang.pull(&app).await;
    dung.pull(&app).await;
    // In one batch with a part still begun in the old ward.
    let items = vec![
        dung.command(Command::MoveDocument { document: document(CASE), ward: ward_b() }),
        dung.create_part(document(10), Kind::CheckIn, document(CASE)),
        dung.save_fields(document(10), &[("how", "home")]),
    ];
    let answers = dung.push(&app, items).await;
    assert!(answers.iter().all(|answer| matches!(answer, Answer::Ok(_))), "{answers:?}");
    assert_eq!(came(&ha.pull(&app).await), [CASE, RESTRICTED, CHECK_IN, CHECK_IN_RESTRICTED, 10]);
    let left: Vec<u8> = dung
        .pull(&app)
        .await
        .iter()
        .filter_map(|item| match item {
            PullItem::Leave { document, .. } => Some(document.0[0]),
            _ => None,
        })
        .collect();
    assert_eq!(left, [CASE, CHECK_IN, 10, RESTRICTED, CHECK_IN_RESTRICTED]);
    let items = giang.pull(&app).await;
    assert!(!items.iter().any(|item| matches!(item, PullItem::Leave { .. })), "{items:?}");
    assert_eq!(came(&items), [10]);
    // Edits of the old ward that had not heard of the move are taken; the officer of the new one goes on.
    let late = dung.save_fields(document(CHECK_IN), &[("how", "phone")]);
    assert!(matches!(dung.push(&app, vec![late]).await[..], [Answer::Ok(_)]));
    let next = ha.save_fields(document(CASE), &[("status", "absent")]);
    assert!(matches!(ha.push(&app, vec![next]).await[..], [Answer::Ok(_)]));
    let back = dung.command(Command::MoveDocument { document: document(CASE), ward: ward_a() });
    assert_eq!(dung.push(&app, vec![back]).await, [Answer::refused(Code::NotAllowed)]);
}

#[tokio::test]
async fn a_case_begun_offline_and_moved_before_it_was_sent_arrives_whole() {
    let app = TestApp::with_aftercare().await;
    let (mut dung, mut ha) = (app.phone("dung").await, app.phone("ha").await);
    let case = document(CASE);
    // The part comes first: the order of a batch does not matter.
    let items = vec![
        dung.create_part(document(CHECK_IN), Kind::CheckIn, case),
        dung.save_fields(document(CHECK_IN), &[("how", "home")]),
        dung.create_case(case, ward_a()),
        dung.save_fields(case, &[("address_as", "anh Hùng")]),
        dung.command(Command::MoveDocument { document: case, ward: ward_b() }),
    ];
    let answers = dung.push(&app, items).await;
    assert!(answers.iter().all(|answer| matches!(answer, Answer::Ok(_))), "{answers:?}");
    assert_eq!(came(&ha.pull(&app).await), [CASE, CHECK_IN]);
    assert_eq!(ha.documents[&case].fields().text("address_as"), Some("anh Hùng"));
}

#[tokio::test]
async fn a_part_needs_its_case_and_a_case_takes_no_command_of_activity() {
    let app = TestApp::with_aftercare().await;
    let mut dung = app.phone("dung").await;
    let orphan = dung.create_part(document(9), Kind::CheckIn, document(CASE));
    assert_eq!(dung.push(&app, vec![orphan]).await, [Answer::MissingDependencies]);
    begin(&app, &mut dung).await;
    let organisation = "thanh-doan".parse().expect("organisation");
    let alone = Command::CreateDocument { document: document(14), kind: Kind::CheckIn, ward: ward_a() };
    let no_part =
        Command::CreateInCase { document: document(15), kind: Kind::AftercareCase, case: document(CASE) };
    let part_moved = Command::MoveDocument { document: document(CHECK_IN), ward: ward_b() };
    let commands = vec![
        dung.command(Command::AddOrganisation { document: document(CASE), organisation }),
        dung.command(Command::ReachWard { document: document(CASE), ward: ward_b() }),
        dung.command(alone),
        dung.command(no_part),
        dung.command(part_moved),
    ];
    assert_eq!(dung.push(&app, commands).await, vec![Answer::refused(Code::NotAllowed); 5]);
}

#[tokio::test]
async fn the_access_log_names_what_was_delivered_and_what_was_opened() {
    let app = TestApp::with_aftercare().await;
    let (mut dung, mut giang) = (app.phone("dung").await, app.phone("giang").await);
    begin(&app, &mut dung).await;
    assign(&app, &mut dung, "giang", true).await;
    giang.pull_by(&app, 1).await;
    giang.pull(&app).await;
    let opened = giang.command(Command::NoteRead { document: document(CASE), at: i64::MAX });
    assert_eq!(giang.push(&app, vec![opened.clone()]).await, [Answer::Ok(0)]);
    assert_eq!(giang.push(&app, vec![opened]).await, [Answer::Duplicate]);
    // Opened without a connection, and told after the right had ended: it was read all the same.
    assign(&app, &mut dung, "giang", false).await;
    let late = giang.command(Command::NoteRead { document: document(CHECK_IN), at: i64::MAX });
    assert_eq!(giang.push(&app, vec![late]).await, [Answer::Ok(0)]);
    let mut lan = app.phone("lan").await;
    let outside = lan.command(Command::NoteRead { document: document(CASE), at: 5 });
    assert_eq!(lan.push(&app, vec![outside]).await, [Answer::MissingDependencies]);
    let db = rusqlite::Connection::open(app.folder.path().join(donghanh_server::DATABASE)).expect("opens");
    let mut query = db
        .prepare(
            "SELECT audit.kind, audit.document, audit.ward, person.sign_in, audit.device IS NOT NULL, audit.at
             FROM audit JOIN person ON person.id = audit.person WHERE audit.kind LIKE 'case_%' ORDER BY audit.id",
        )
        .expect("query");
    let lines: Vec<(String, DocumentId, String, String, bool, i64)> = query
        .query_map([], |row| {
            let document = DocumentId(row.get(1)?);
            Ok((row.get(0)?, document, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        })
        .expect("rows")
        .collect::<Result<_, _>>()
        .expect("lines");
    let line = |kind: &str, byte| {
        (kind.to_owned(), document(byte), ward_a().to_string(), "giang".to_owned(), true, app.now())
    };
    let expected = [
        line("case_delivered", CASE),
        line("case_delivered", CHECK_IN),
        line("case_read", CASE),
        line("case_read", CHECK_IN),
    ];
    assert_eq!(lines, expected, "each delivery once, by the server's clock");
}

#[tokio::test]
async fn a_paper_made_of_a_case_is_noted_and_only_officers_make_one() {
    let app = TestApp::with_aftercare().await;
    let (mut dung, mut giang) = (app.phone("dung").await, app.phone("giang").await);
    begin(&app, &mut dung).await;
    assign(&app, &mut dung, "giang", true).await;
    let printed = Command::NoteExport { document: document(CASE), at: 5 };
    let by_helper = giang.command(printed.clone());
    assert_eq!(giang.push(&app, vec![by_helper]).await, [Answer::refused(Code::NotAllowed)]);
    assert!(app.audit("export").await.is_empty());
    let by_officer = dung.command(printed);
    assert_eq!(dung.push(&app, vec![by_officer]).await, [Answer::Ok(0)]);
    let lines = app.audit("export").await;
    assert_eq!((lines.len(), &lines[0]["at"]), (1, &serde_json::json!(5)));
}

#[tokio::test]
async fn what_organisation_leads_read_follows_the_commands_alone() {
    let app = TestApp::with_aftercare().await;
    let (mut lan, mut tuan) = (app.phone("lan").await, app.phone("tuan").await);
    // The record names the organisation; that alone grants nothing.
    lan.log_visit(&app, document(1), ward_a()).await;
    assert!(came(&tuan.pull(&app).await).is_empty());
    let organisation: donghanh_shared::domain::organisation::OrganisationId =
        "thanh-doan".parse().expect("organisation");
    let add = Command::AddOrganisation { document: document(1), organisation: organisation.clone() };
    let (add, again) = (lan.command(add.clone()), lan.command(add));
    assert!(matches!(lan.push(&app, vec![add]).await[..], [Answer::Ok(_)]));
    assert_eq!(lan.push(&app, vec![again]).await, [Answer::Duplicate]);
    assert_eq!(came(&tuan.pull(&app).await), [1]);
    let own =
        tuan.save(document(1), &[donghanh_shared::command::outreach_visit::VisitEdit::Notes("x".into())]);
    assert_eq!(tuan.push(&app, vec![own]).await, [Answer::refused(Code::NotAllowed)], "leads read");
    let remove = lan.command(Command::RemoveOrganisation { document: document(1), organisation });
    assert!(matches!(lan.push(&app, vec![remove]).await[..], [Answer::Ok(_)]));
    assert!(matches!(tuan.pull(&app).await[..], [PullItem::Leave { .. }]));
}

#[tokio::test]
async fn a_check_in_made_before_its_author_heard_of_the_transfer_goes_where_the_case_is() {
    let app = TestApp::with_aftercare().await;
    let (mut dung, mut ha) = (app.phone("dung").await, app.phone("ha").await);
    let mut offline = app.phone("dung").await;
    begin(&app, &mut dung).await;
    offline.pull(&app).await;
    let moved = dung.command(Command::MoveDocument { document: document(CASE), ward: ward_b() });
    assert!(matches!(dung.push(&app, vec![moved]).await[..], [Answer::Ok(_)]));
    ha.pull(&app).await;
    // Made apart, in two batches as a bad link would have it.
    let late = document(20);
    let created = offline.create_part(late, Kind::CheckIn, document(CASE));
    let written = offline.save_fields(late, &[("date", "2026-06-20")]);
    assert!(matches!(offline.push(&app, vec![created]).await[..], [Answer::Ok(_)]));
    assert!(matches!(offline.push(&app, vec![written]).await[..], [Answer::Ok(_)]));
    assert!(came(&ha.pull(&app).await).contains(&20), "the new ward has it");
    let left = offline.pull(&app).await;
    assert!(left.iter().any(|item| matches!(item, PullItem::Leave { .. })), "{left:?}");
    assert!(!came(&left).contains(&20), "the old ward does not");
    // Nobody else of the old ward's right is wider than that: a stranger is answered as if there were no such case.
    let mut lan = app.phone("lan").await;
    let part = lan.create_part(document(21), Kind::CheckIn, document(CASE));
    assert_eq!(lan.push(&app, vec![part]).await, [Answer::MissingDependencies]);
}

/// What a helper began before they heard that they are to look after the case no longer must not wait on their phone for ever.
#[tokio::test]
async fn a_helper_who_is_taken_off_a_case_is_told_what_became_of_the_check_in_they_began() {
    let app = TestApp::with_aftercare().await;
    let (mut dung, mut giang) = (app.phone("dung").await, app.phone("giang").await);
    begin(&app, &mut dung).await;
    let begin_part = |phone: &mut Phone| phone.create_part(document(20), Kind::CheckIn, document(CASE));
    let early = begin_part(&mut giang);
    assert_eq!(giang.push(&app, vec![early]).await, [Answer::MissingDependencies], "never theirs");
    assert!(assign(&app, &mut dung, "giang", true).await[0].is_kept());
    giang.pull(&app).await;
    app.pass(60_000);
    assert!(assign(&app, &mut dung, "giang", false).await[0].is_kept());
    let late = begin_part(&mut giang);
    assert_eq!(giang.push(&app, vec![late]).await, [Answer::refused(Code::NotAllowed)]);
}
