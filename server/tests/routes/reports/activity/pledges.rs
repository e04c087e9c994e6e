//! The figures of pledge drives (B1–B4), rule by rule.

use donghanh_server::store::Register as _;
use donghanh_shared::command::Command;
use donghanh_shared::command::fields::FieldEdit;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::command::pledge_drive as drive;
use donghanh_shared::domain::date::Span;
use donghanh_shared::domain::organisation::Organisation;
use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::domain::place::{PlaceKind, PlaceStatus};
use donghanh_shared::domain::pledge_drive::{DriveYear, GroupKey, Signer};
use donghanh_shared::domain::report::{Coverage, PledgeFigures, SignedFigures};
use donghanh_shared::ids::PlaceId;
use donghanh_shared::sync::wire::Reference;

use super::get::{YEAR, place, report};
use crate::test_app::phone::{Phone, amount, document, first_edits, group};
use crate::test_app::{TestApp, ward_a, ward_b, ward_before_a};

const SCHOOL: u8 = 5;
const MERGED: u8 = 6;
const WORKS: u8 = 7;
const LODGINGS: u8 = 8;
const LATER: u8 = 9;

/// A server with a few places, and organisations of which some stand below others.
async fn furnished() -> TestApp {
    let app = TestApp::with_aftercare().await;
    let mut merged = place(MERGED, PlaceKind::School, PlaceStatus::Merged);
    merged.merged_into = Some(PlaceId([SCHOOL; 16]));
    // It opened in May; until then nobody could sign there.
    let mut later = place(LATER, PlaceKind::School, PlaceStatus::Registered);
    later.wards[0].span.from = "2026-05-01".parse().expect("day");
    let places = [
        place(SCHOOL, PlaceKind::School, PlaceStatus::Registered),
        merged,
        place(WORKS, PlaceKind::IndustrialZone, PlaceStatus::Registered),
        place(LODGINGS, PlaceKind::BoardingHouse, PlaceStatus::Registered),
        later,
    ];
    let organisation = |id: &str, section: &str, parent: Option<&str>| Organisation {
        id: id.parse().expect("organisation"),
        name: id.to_owned(),
        name_en: id.to_owned(),
        plan_section: section.to_owned(),
        span: Span { from: "2025-07-01".parse().expect("day"), to: None },
        parent: parent.map(|parent| parent.parse().expect("organisation")),
        successor: None,
    };
    let organisations = [
        organisation("thanh-doan", "IV.12.3", None),
        organisation("doan-phuong", "IV.13", Some("thanh-doan")),
        organisation("chi-doan-3", "", Some("doan-phuong")),
        organisation("hoi-lhpn", "IV.12.4", None),
        organisation("hoi-lhpn-phuong", "IV.13", Some("hoi-lhpn")),
        organisation("nha-truong", "IV.7", None),
    ];
    let references =
        places.map(Reference::Place).into_iter().chain(organisations.map(Reference::Organisation));
    app.application.sqlite.put_references(references.collect()).await.expect("register");
    app
}

/// A drive of a school year at a place, led by the school.
fn held(day: &str, at: u8) -> Vec<FieldEdit> {
    vec![
        drive::date(Some(day.parse().expect("day"))),
        drive::year(Some(DriveYear { first: 2025, school: true })),
        drive::place(Some(PlaceId([at; 16]))),
        led("nha-truong"),
    ]
}

fn led(by: &str) -> FieldEdit {
    drive::lead(Some(&by.parse().expect("organisation")))
}

fn of(campaign: &str) -> FieldEdit {
    drive::campaign(Some(&campaign.parse().expect("campaign")))
}

fn pupils(name: &str, signed: i64, expected: i64) -> Vec<FieldEdit> {
    group(Signer::Pupils, name, (Some(signed), Some(expected)))
}

fn signed(groups: u32, unknown: u32, signed: u64, expected: Option<u64>) -> SignedFigures {
    SignedFigures { groups, unknown, signed, expected }
}

async fn figures(app: &TestApp, name: &str) -> PledgeFigures {
    report(app, name, YEAR).await.total.pledges
}

async fn log(app: &TestApp, phone: &mut Phone, id: u8, parts: &[Vec<FieldEdit>]) {
    phone.log_drive(app, document(id), ward_a(), &parts.concat()).await;
}

#[tokio::test]
async fn a_drive_held_again_is_not_added_and_the_last_one_counts() {
    let app = furnished().await;
    let mut lan = app.phone("lan").await;
    // Sent in another order than they were held.
    let again = [held("2026-05-20", SCHOOL), pupils("lớp 7a2", 36, 38), pupils("7A4", 20, 30)];
    log(&app, &mut lan, 2, &again).await;
    log(&app, &mut lan, 1, &[held("2026-03-05", SCHOOL), pupils("7A2", 31, 38), pupils("7A3", 30, 40)]).await;
    let next_year = vec![drive::year(Some(DriveYear { first: 2026, school: true }))];
    log(&app, &mut lan, 3, &[held("2026-06-10", SCHOOL), next_year, pupils("7A2", 5, 35)]).await;
    let drawn = report(&app, "phuong", YEAR).await;
    let expected = signed(4, 0, 36 + 30 + 20 + 5, Some(38 + 40 + 30 + 35));
    assert_eq!((drawn.total.pledges.drives, drawn.total.pledges.school_signers), (3, expected));
    let row = drawn.wards.iter().find(|row| row.ward == ward_a()).expect("a row");
    assert_eq!(row.pledges, drawn.total.pledges);
    let spring = report(&app, "phuong", "from=2026-01-01&to=2026-04-30").await.total.pledges;
    assert_eq!((spring.drives, spring.school_signers), (1, signed(2, 0, 61, Some(78))), "as of April");
}

#[tokio::test]
async fn of_two_drives_on_one_day_the_later_document_counts_in_whichever_ward() {
    let app = furnished().await;
    let mut lan = app.phone("lan").await;
    let parts = |number| [held("2026-05-20", SCHOOL), pupils("7A2", number, 38)].concat();
    lan.log_drive(&app, document(2), ward_before_a(), &parts(12)).await;
    lan.log_drive(&app, document(1), ward_a(), &parts(30)).await;
    let drawn = report(&app, "phuong", YEAR).await;
    assert_eq!(drawn.total.pledges.school_signers, signed(1, 0, 12, Some(38)));
    let rows: Vec<_> = drawn.wards.iter().map(|row| (row.ward, row.pledges.school_signers.signed)).collect();
    assert_eq!(
        rows,
        [(ward_before_a(), 12), (ward_a(), 30)],
        "a ward that is no more has a row all the same"
    );
    let one = report(&app, "phuong", &format!("{YEAR}&grouping=by_successor")).await;
    assert_eq!(one.wards.iter().map(|row| row.pledges.school_signers.signed).collect::<Vec<_>>(), [12]);
}

#[tokio::test]
async fn what_one_group_does_not_know_is_not_known_of_all() {
    let app = furnished().await;
    let mut lan = app.phone("lan").await;
    assert_eq!(
        figures(&app, "phuong").await,
        PledgeFigures { schools: Coverage { covered: 0, registered: 2 }, ..PledgeFigures::default() }
    );
    let unknown = group(Signer::Pupils, "7A3", (None, None));
    log(&app, &mut lan, 1, &[held("2026-05-20", SCHOOL), pupils("7A2", 31, 38), unknown]).await;
    let found = figures(&app, "phuong").await;
    assert_eq!(found.school_signers, signed(2, 1, 31, None));
    assert_eq!(found.three_no, SignedFigures::default(), "where there is no group nothing is expected");
    let class = GroupKey::of(Signer::Pupils, "7A3").expect("key");
    let items = vec![lan.write(document(1), &[drive::tap(&class, 12)])];
    lan.push(&app, items).await;
    assert_eq!(figures(&app, "phuong").await.school_signers, signed(2, 0, 43, None), "taps count alone");
}

#[tokio::test]
async fn a_merged_place_stands_for_the_one_it_was_merged_into() {
    let app = furnished().await;
    let mut lan = app.phone("lan").await;
    log(&app, &mut lan, 1, &[held("2026-03-05", SCHOOL), pupils("7A2", 31, 38)]).await;
    log(&app, &mut lan, 2, &[held("2026-05-20", MERGED), pupils("7A2", 36, 38)]).await;
    let found = figures(&app, "phuong").await;
    assert_eq!((found.drives, found.school_signers), (2, signed(1, 0, 36, Some(38))));
    assert_eq!(found.schools, Coverage { covered: 1, registered: 2 });
}

#[tokio::test]
async fn nobody_can_tell_what_a_drive_without_place_or_year_repeats() {
    let app = furnished().await;
    let mut lan = app.phone("lan").await;
    for (id, missing) in [(1, drive::place(None)), (2, drive::place(None)), (3, drive::year(None))] {
        let mut edits = held("2026-03-05", SCHOOL);
        edits.retain(|edit| edit.slot() != missing.slot());
        log(&app, &mut lan, id, &[edits, pupils("7A2", 10, 38)]).await;
    }
    assert_eq!(figures(&app, "phuong").await.signers["pupils"], signed(3, 0, 30, Some(3 * 38)));
}

#[tokio::test]
async fn groups_taken_out_and_drives_removed_do_not_count() {
    let app = furnished().await;
    let mut lan = app.phone("lan").await;
    log(&app, &mut lan, 1, &[held("2026-03-05", SCHOOL), pupils("7A2", 31, 38), pupils("7A3", 30, 40)]).await;
    log(&app, &mut lan, 2, &[held("2026-05-20", SCHOOL), pupils("7A2", 38, 38), pupils("7A3", 40, 40)]).await;
    let class = GroupKey::of(Signer::Pupils, "7A3").expect("key");
    let out = lan.write(document(2), &[drive::out(&class, true)]);
    lan.push(&app, vec![out]).await;
    let found = figures(&app, "phuong").await;
    assert_eq!(found.school_signers, signed(2, 0, 38 + 30, Some(78)), "the one before counts again");
    let removed = lan.write(document(2), &[drive::archived(Some("Ghi trùng".to_owned()))]);
    lan.push(&app, vec![removed]).await;
    let found = figures(&app, "phuong").await;
    assert_eq!((found.drives, found.school_signers), (1, signed(2, 0, 61, Some(78))));
}

#[tokio::test]
async fn a_school_is_covered_when_somebody_signed_there_while_it_was_open() {
    let app = furnished().await;
    let mut lan = app.phone("lan").await;
    let covered = |found: PledgeFigures| (found.schools.covered, found.schools.registered);
    log(&app, &mut lan, 1, &[held("2026-04-05", LATER), pupils("7A2", 31, 38)]).await;
    log(&app, &mut lan, 2, &[held("2026-04-05", SCHOOL), pupils("7A2", 0, 38)]).await;
    let members = group(Signer::Members, "Chi đoàn", (Some(9), None));
    log(&app, &mut lan, 3, &[held("2026-04-06", SCHOOL), members]).await;
    assert_eq!(covered(figures(&app, "phuong").await), (0, 2));
    let teachers = group(Signer::Teachers, "Hội đồng", (Some(1), None));
    log(&app, &mut lan, 4, &[held("2026-04-07", SCHOOL), teachers]).await;
    log(&app, &mut lan, 5, &[held("2026-05-07", LATER), pupils("7A1", 3, 30)]).await;
    assert_eq!(covered(figures(&app, "phuong").await), (2, 2));
}

#[tokio::test]
async fn the_unions_count_what_they_and_those_below_them_lead() {
    let app = furnished().await;
    let mut lan = app.phone("lan").await;
    let members = || group(Signer::Members, "Chi hội", (Some(10), Some(12)));
    let households = || group(Signer::Households, "Ngõ 1", (Some(7), None));
    for (id, lead, campaign) in [
        (10, "chi-doan-3", "ba-khong"),
        (11, "nha-truong", "ba-khong"),
        (12, "thanh-doan", "thang-hanh-dong"),
        (13, "hoi-lhpn-phuong", "ba-khong"),
    ] {
        let mut edits = held("2026-04-05", id);
        edits.extend([led(lead), of(campaign)]);
        log(&app, &mut lan, id, &[edits, members(), households()]).await;
    }
    let found = figures(&app, "phuong").await;
    assert_eq!(found.three_no, signed(2, 0, 17, None));
    assert_eq!(found.women, signed(1, 0, 10, Some(12)));
    assert_eq!(found.women_households, signed(1, 0, 7, None));
    assert_eq!(found.signers.keys().collect::<Vec<_>>(), ["households", "members"]);
    assert_eq!(found.signers["members"], signed(4, 0, 40, Some(48)));
    for (id, lead, campaign) in [(20, "doan-phuong", "ba-khong"), (21, "hoi-lhpn", "ba-khong")] {
        let edits = [
            first_edits(),
            vec![
                VisitEdit::Lead(Some(lead.parse().expect("organisation"))),
                VisitEdit::Campaign(Some(campaign.parse().expect("campaign"))),
                VisitEdit::Count(CountKey::Sessions, amount(3)),
            ],
        ];
        let items = vec![lan.create(document(id), ward_a()), lan.save(document(id), &edits.concat())];
        lan.push(&app, items).await;
    }
    assert_eq!(figures(&app, "phuong").await.three_no_sessions, 3);
}

#[tokio::test]
async fn workers_count_where_they_work_or_lodge() {
    let app = furnished().await;
    let mut lan = app.phone("lan").await;
    let workers = |number| group(Signer::Workers, "Tổ 1", (Some(number), Some(50)));
    for (id, at, number) in [(1, WORKS, 40), (2, LODGINGS, 20), (3, SCHOOL, 4)] {
        log(&app, &mut lan, id, &[held("2026-04-05", at), workers(number)]).await;
    }
    for (id, at, number) in [(10, WORKS, Some(70)), (11, LODGINGS, None), (12, SCHOOL, Some(5))] {
        let mut edits = first_edits();
        edits.push(VisitEdit::Place(PlaceId([at; 16]), true));
        // Named twice, counted once.
        edits.push(VisitEdit::Place(PlaceId([LODGINGS; 16]), at == WORKS));
        edits.extend(number.map(|number| VisitEdit::Count(CountKey::Workers, amount(number))));
        let items = vec![lan.create(document(id), ward_a()), lan.save(document(id), &edits)];
        lan.push(&app, items).await;
    }
    let found = figures(&app, "phuong").await;
    assert_eq!((found.workers, found.workers_reached), (signed(2, 0, 60, Some(100)), 70));
    assert_eq!(found.signers["workers"], signed(3, 0, 64, Some(150)));
}

#[tokio::test]
async fn a_drive_of_a_visit_adds_no_session_and_no_attendance() {
    let app = furnished().await;
    let mut lan = app.phone("lan").await;
    lan.log_visit(&app, document(1), ward_a()).await;
    let before = report(&app, "phuong", YEAR).await;
    let with = vec![drive::visit(Some(document(1)))];
    log(&app, &mut lan, 2, &[held("2026-06-18", SCHOOL), with, pupils("7A2", 31, 38)]).await;
    let after = report(&app, "phuong", YEAR).await;
    assert_eq!(after.total.figures, before.total.figures);
    assert_eq!((&after.months, &after.organisations), (&before.months, &before.organisations));
    assert_eq!(after.total.schools, before.total.schools, "outreach covers a school, a signature does not");
    assert_eq!((after.total.pledges.drives, before.total.pledges.drives), (1, 0));
}

#[tokio::test]
async fn drives_on_which_people_differ_are_told() {
    let app = furnished().await;
    let (mut lan, mut minh) = (app.phone("lan").await, app.phone("minh").await);
    log(&app, &mut lan, 1, &[held("2026-06-02", SCHOOL), pupils("7A2", 31, 38)]).await;
    minh.pull(&app).await;
    for (phone, day) in [(&mut lan, "2026-06-03"), (&mut minh, "2026-06-04")] {
        let ended = phone.write(document(1), &[drive::ended(Some(day.parse().expect("day")))]);
        assert!(phone.push(&app, vec![ended]).await[0].is_kept());
    }
    assert_eq!(figures(&app, "phuong").await.open_records, 1);
}

#[tokio::test]
async fn a_reader_counts_the_drives_of_the_own_wards_and_an_organisation_its_own() {
    let app = furnished().await;
    let (mut lan, mut hoa) = (app.phone("lan").await, app.phone("hoa").await);
    log(&app, &mut lan, 1, &[held("2026-06-02", SCHOOL), pupils("7A2", 31, 38)]).await;
    log(&app, &mut lan, 2, &[held("2026-06-02", WORKS), pupils("7A2", 7, 38)]).await;
    let parts = [held("2026-06-03", 44), pupils("6B", 12, 30)].concat();
    hoa.log_drive(&app, document(3), ward_b(), &parts).await;
    let drives = |found: &PledgeFigures| (found.drives, found.signers.get("pupils").map(|of| of.signed));
    assert_eq!(drives(&figures(&app, "hoa").await), (1, Some(12)), "ward B sees nothing of ward A");
    assert_eq!(drives(&figures(&app, "phuong").await), (2, Some(38)));
    assert_eq!(drives(&figures(&app, "thanh").await), (3, Some(50)));
    assert_eq!(drives(&figures(&app, "tuan").await), (0, None));
    let organisation = "thanh-doan".parse().expect("organisation");
    let add = lan.command(Command::AddOrganisation { document: document(1), organisation });
    assert!(lan.push(&app, vec![add]).await[0].is_kept());
    let own = report(&app, "tuan", YEAR).await;
    assert_eq!(drives(&own.total.pledges), (1, Some(31)));
    let rows: Vec<_> = own.wards.iter().map(|row| (row.ward, row.pledges.drives)).collect();
    assert_eq!(rows, [(ward_a(), 1), (ward_b(), 0)]);
}
