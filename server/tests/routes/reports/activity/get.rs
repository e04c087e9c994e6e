//! Who may read the report, what may be asked, and the rules a generated world does not stress.

use axum::body::Body;
use axum::http::Request;
use donghanh_server::store::Register as _;
use donghanh_shared::command::Command;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::date::Span;
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::outreach_visit::{CountKey, Form};
use donghanh_shared::domain::place::{Place, PlaceKind, PlaceStatus, PlaceWard};
use donghanh_shared::domain::report::{ActivityReport, Coverage};
use donghanh_shared::ids::PlaceId;
use donghanh_shared::sync::wire::Reference;

use crate::test_app::phone::{amount, document, first_edits};
use crate::test_app::{Reply, TestApp, ward_a, ward_b, ward_before_a};

async fn ask(app: &TestApp, token: &str, query: &str) -> Reply {
    let request = Request::get(format!("/api/v1/reports/activity?{query}"))
        .header("authorization", format!("Bearer {token}"));
    app.send(request.body(Body::empty()).expect("request")).await
}

pub(super) async fn report(app: &TestApp, name: &str, query: &str) -> ActivityReport {
    let phone = app.phone(name).await;
    let reply = ask(app, &phone.token, query).await;
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    serde_json::from_slice(&reply.body).expect("a report")
}

pub(super) const YEAR: &str = "from=2026-01-01&to=2026-12-31";

pub(super) fn place(byte: u8, kind: PlaceKind, status: PlaceStatus) -> Place {
    let span = Span { from: "2025-07-01".parse().expect("day"), to: None };
    Place {
        id: PlaceId([byte; 16]),
        kind,
        name: format!("nơi {byte}"),
        level: String::new(),
        wards: vec![PlaceWard { ward: ward_a(), span }],
        status,
        merged_into: None,
    }
}

#[tokio::test]
async fn only_whoever_reads_some_ward_gets_a_report() {
    let app = TestApp::init().await;
    assert_eq!(app.get(&format!("/api/v1/reports/activity?{YEAR}")).await.status, 401);
    let administrator = app.phone("quantri").await;
    let reply = ask(&app, &administrator.token, YEAR).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "not_allowed"));
}

#[tokio::test]
async fn what_cannot_be_asked_is_told_by_field() {
    let app = TestApp::init().await;
    let phone = app.phone("thanh").await;
    for (query, code, field) in [
        ("", "field_missing", "from"),
        ("from=2026-01-01", "field_missing", "to"),
        ("from=2026-02-30&to=2026-03-01", "date_invalid", "from"),
        ("from=2026-02-01&to=1026-03-01", "date_absurd", "to"),
        ("from=2026-02-02&to=2026-02-01", "period_invalid", "to"),
        ("from=2026-02-01&to=2026-02-02&grouping=x", "term_unknown", "grouping"),
    ] {
        let reply = ask(&app, &phone.token, query).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (422, code), "{query}");
        assert_eq!(reply.json()["field"], field, "{query}");
    }
}

#[tokio::test]
async fn a_reader_sees_the_own_wards_only() {
    let app = TestApp::init().await;
    app.phone("lan").await.log_visit(&app, document(1), ward_a()).await;
    app.phone("hoa").await.log_visit(&app, document(2), ward_b()).await;
    let whole = report(&app, "thanh", YEAR).await;
    assert_eq!((whole.total.figures.visits, whole.wards.len()), (2, 2));
    for (name, ward) in [("phuong", ward_a()), ("hoa", ward_b())] {
        let own = report(&app, name, YEAR).await;
        assert_eq!(own.wards.iter().map(|row| row.ward).collect::<Vec<_>>(), [ward]);
        assert_eq!((own.total.figures.visits, own.organisations[0].led.visits), (1, 1));
        assert_eq!(own.total.figures.counts["attendance"], 80);
    }
    let before = report(&app, "phuong", "from=2025-01-01&to=2025-12-31").await;
    assert_eq!(before.wards.iter().map(|row| row.ward).collect::<Vec<_>>(), [ward_before_a(), ward_a()]);
    assert!(!before.wards[0].reached && before.total.wards == Coverage { covered: 0, registered: 2 });
}

#[tokio::test]
async fn the_report_follows_every_push() {
    let app = TestApp::init().await;
    let mut phone = app.phone("lan").await;
    phone.log_visit(&app, document(1), ward_a()).await;
    let taps = phone.save(document(1), &[VisitEdit::Tap(CountKey::Attendance, 7)]);
    phone.push(&app, vec![taps]).await;
    assert_eq!(report(&app, "phuong", YEAR).await.total.figures.counts["attendance"], 87);
    let unknown = phone.save(document(1), &[VisitEdit::Count(CountKey::Attendance, None)]);
    phone.push(&app, vec![unknown]).await;
    let figures = report(&app, "phuong", YEAR).await.total.figures;
    assert_eq!((figures.counts.get("attendance"), figures.attendance_unknown), (None, 1));
    let removed = phone.save(document(1), &[VisitEdit::Archived(Some("Ghi trùng".to_owned()))]);
    phone.push(&app, vec![removed]).await;
    assert_eq!(report(&app, "phuong", YEAR).await.total.figures.visits, 0);
}

#[tokio::test]
async fn coverage_counts_registered_places_and_no_broadcast_covers_a_school() {
    let app = TestApp::init().await;
    let registered = |byte, kind| place(byte, kind, PlaceStatus::Registered);
    let mut merged = place(9, PlaceKind::School, PlaceStatus::Merged);
    merged.merged_into = Some(PlaceId([6; 16]));
    let places = [
        registered(5, PlaceKind::School),
        registered(6, PlaceKind::School),
        registered(7, PlaceKind::ResidentialGroup),
        place(8, PlaceKind::School, PlaceStatus::Proposed),
        merged,
    ];
    app.application
        .sqlite
        .put_references(places.into_iter().map(Reference::Place).collect())
        .await
        .expect("places");
    let mut phone = app.phone("lan").await;
    let mut log = Vec::new();
    for (byte, form, reached) in [(1, Form::Loudspeaker, vec![5, 7]), (2, Form::Talk, vec![8, 9])] {
        let id = document(byte);
        let mut edits = first_edits();
        edits.push(VisitEdit::Form(Some(form)));
        edits.extend(reached.into_iter().map(|byte| VisitEdit::Place(PlaceId([byte; 16]), true)));
        log.push(phone.create(id, ward_a()));
        log.push(phone.save(id, &edits));
    }
    phone.push(&app, log).await;
    let total = report(&app, "phuong", YEAR).await.total;
    assert_eq!(total.schools, Coverage { covered: 1, registered: 2 });
    assert_eq!(total.residential_groups, Coverage { covered: 1, registered: 1 });
    assert_eq!(total.agencies, Coverage { covered: 0, registered: 0 });
    assert_eq!((total.figures.media, total.figures.sessions), (1, 2));
}

#[tokio::test]
async fn an_unknown_number_of_sessions_is_one_and_a_summary_is_several() {
    let app = TestApp::init().await;
    let mut phone = app.phone("lan").await;
    phone.log_visit(&app, document(1), ward_a()).await;
    phone.log_visit(&app, document(2), ward_a()).await;
    let edits = [
        VisitEdit::Count(CountKey::Sessions, amount(4)),
        VisitEdit::Date(Some("2026-06-19".parse().expect("day"))),
    ];
    let summary = phone.save(document(2), &edits);
    phone.push(&app, vec![summary]).await;
    let year = report(&app, "phuong", YEAR).await;
    assert_eq!(
        (year.total.figures.visits, year.total.figures.sessions, year.total.figures.action_month),
        (2, 5, 5)
    );
    assert_eq!(year.months.len(), 12);
    assert_eq!((year.months[5].sessions, year.months[5].attendance), (5, 160));
    let day = report(&app, "phuong", "from=2026-06-18&to=2026-06-18").await;
    assert_eq!((day.total.figures.visits, day.total.figures.sessions), (1, 1));
}

#[tokio::test]
async fn an_organisation_lead_sees_the_own_records_of_every_ward_and_no_others() {
    let app = TestApp::with_aftercare().await;
    let (mut lan, mut hoa) = (app.phone("lan").await, app.phone("hoa").await);
    let youth: OrganisationId = "thanh-doan".parse().expect("organisation");
    let women: OrganisationId = "hoi-lhpn".parse().expect("organisation");
    // One that the organisation leads in ward B, one that it took part in in ward A, and one of others.
    hoa.log_visit(&app, document(1), ward_b()).await;
    for (byte, co_organisers) in [(2, vec![youth.clone()]), (3, vec![])] {
        lan.log_visit(&app, document(byte), ward_a()).await;
        let mut edits = vec![VisitEdit::Lead(Some(women.clone()))];
        edits.extend(co_organisers.into_iter().map(|who| VisitEdit::CoOrganiser(who, true)));
        let save = lan.save(document(byte), &edits);
        assert!(lan.push(&app, vec![save]).await[0].is_kept());
    }
    for (phone, byte) in [(&mut hoa, 1), (&mut lan, 2)] {
        let add = Command::AddOrganisation { document: document(byte), organisation: youth.clone() };
        let add = phone.command(add);
        assert!(phone.push(&app, vec![add]).await[0].is_kept());
    }
    let own = report(&app, "tuan", YEAR).await;
    assert_eq!((own.total.figures.visits, own.total.figures.counts["attendance"]), (2, 160));
    let wards: Vec<_> = own.wards.iter().map(|row| (row.ward, row.figures.visits, row.reached)).collect();
    assert_eq!(wards, [(ward_a(), 1, true), (ward_b(), 1, true)]);
    let rows: Vec<_> =
        own.organisations.iter().map(|row| (&row.organisation, row.led.visits, row.took_part)).collect();
    assert_eq!(rows, [(&youth, 1, 1)]);
    let whole = report(&app, "thanh", YEAR).await;
    assert_eq!((whole.total.figures.visits, whole.organisations.len()), (3, 2), "others see what they saw");
}
