//! The number of people under management: who types it in, and what the report makes of it.

use axum::http::Method;
use donghanh_shared::command::aftercare::{NewEvent, NewSupport, case, record, support};
use donghanh_shared::domain::aftercare::terms::{EventKind, SupportKind};
use donghanh_shared::domain::aftercare::{AftercareRules, CaseStatus};
use donghanh_shared::domain::report::{AftercareReport, AftercareRow, PeopleCount};
use donghanh_shared::domain::{Date, WardRef};
use donghanh_shared::sync::wire::Answer;
use serde_json::{Value, json};

use crate::test_app::phone::{Phone, document};
use crate::test_app::{Reply, TestApp, today, ward_a, ward_b};

fn day(text: &str) -> Date {
    text.parse().expect("day")
}

async fn put(app: &TestApp, name: &str, ward: WardRef, number: Value) -> Reply {
    let body = json!({ "ward": ward, "from": "2026-01-01", "to": "2026-06-30", "number": number });
    app.phone(name).await.call(app, Method::PUT, "/api/v1/aftercare/managed", &body).await
}

async fn row(app: &TestApp, name: &str, period: &str) -> AftercareRow {
    let answer = app.phone(name).await.read(app, &format!("/api/v1/reports/aftercare{period}")).await;
    let report: AftercareReport = serde_json::from_value(answer).expect("a report");
    report.wards.into_iter().find(|row| row.ward == ward_a()).expect("ward A")
}

/// So many cases since the beginning of 2026; the first `given` of them got a job.
async fn begin(app: &TestApp, officer: &mut Phone, cases: u8, given: u8) {
    for id in 1..=cases {
        let mut edits = vec![case::since(Some(day("2026-01-01")))];
        let (by, text) = (String::new(), String::new());
        let job = NewSupport { kind: SupportKind::Job, given: true, date: day("2026-02-03"), by, text };
        if id <= given {
            edits.extend(support("s1", &job));
        }
        let items = vec![officer.create_case(document(id), ward_a()), officer.write(document(id), &edits)];
        assert!(officer.push(app, items).await.iter().all(Answer::is_kept));
    }
}

fn told(number: u32) -> PeopleCount {
    PeopleCount { count: Some(number), few: false }
}

const FEW: PeopleCount = PeopleCount { count: None, few: true };
const HALF_YEAR: &str = "?from=2026-01-01&to=2026-06-30";

#[tokio::test]
async fn officers_and_area_supervisors_type_it_in_for_their_wards() {
    let app = TestApp::with_aftercare().await;
    assert_eq!(app.json(Method::PUT, "/api/v1/aftercare/managed", None, &json!({})).await.status, 401);
    for (name, ward) in [("dung", ward_a()), ("thanh", ward_a()), ("thanh", ward_b()), ("ha", ward_b())] {
        assert_eq!(put(&app, name, ward, json!(60)).await.status, 204, "{name} {ward}");
    }
    // Nobody else, a ward's supervisor neither, who sees the counts; nor elsewhere.
    for (name, ward) in [
        ("phuong", ward_a()),
        ("dung", ward_b()),
        ("giang", ward_a()),
        ("lan", ward_a()),
        ("tuan", ward_a()),
        ("quantri", ward_a()),
    ] {
        let reply = put(&app, name, ward, json!(60)).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "not_allowed"), "{name} {ward}");
    }
    let too_many = put(&app, "thanh", ward_a(), json!(100_001)).await;
    assert_eq!((too_many.status.as_u16(), too_many.code().as_str()), (422, "count_too_large"));
    assert_eq!(app.audit("managed_people_typed").await.len(), 4, "who typed is kept");
}

#[tokio::test]
async fn a_share_needs_a_typed_number_and_is_never_one_of_the_files() {
    let app = TestApp::with_aftercare().await;
    begin(&app, &mut app.phone("dung").await, 12, 7).await;
    assert_eq!(row(&app, "phuong", "").await.figures, None, "no period was asked for");
    let figures = row(&app, "phuong", HALF_YEAR).await.figures.expect("figures");
    assert_eq!((figures.managed, figures.supported, figures.typed), (told(12), told(7), None));
    assert_eq!(figures.share, None);
    assert_eq!((figures.support["job"].people, figures.support["job"].given), (told(7), told(7)));
    assert_eq!(figures.support["loan"].people, told(0));
    // January to May were due and missed.
    assert_eq!((figures.check_ins.missed, figures.check_ins.on_time), (told(60), told(0)));
    assert_eq!(figures.overdue, told(12));
    put(&app, "thanh", ward_a(), json!(20)).await;
    let figures = row(&app, "phuong", HALF_YEAR).await.figures.expect("figures");
    assert_eq!((figures.typed, figures.share), (Some(told(20)), Some(350)));
    // 14 people: the two without a file could be known.
    put(&app, "thanh", ward_a(), json!(14)).await;
    let figures = row(&app, "phuong", HALF_YEAR).await.figures.expect("figures");
    assert_eq!((figures.typed, figures.share), (Some(FEW), None));
    put(&app, "dung", ward_a(), Value::Null).await;
    let figures = row(&app, "phuong", HALF_YEAR).await.figures.expect("figures");
    assert_eq!((figures.typed, figures.share), (None, None), "taken back");
    // Of exactly this period only.
    put(&app, "thanh", ward_a(), json!(20)).await;
    let figures = row(&app, "phuong", "?from=2026-01-01&to=2026-06-20").await.figures.expect("figures");
    assert_eq!(figures.typed, None);
}

#[tokio::test]
async fn the_report_goes_by_the_rules_as_administrators_left_them() {
    let app = TestApp::with_aftercare().await;
    begin(&app, &mut app.phone("dung").await, 12, 7).await;
    let mut rules = AftercareRules::shipped();
    rules.intervals[0].months = 2;
    let body = json!({ "version": 1, "rules": rules });
    let reply = app.phone("quantri").await.call(&app, Method::PUT, "/api/v1/aftercare/rules", &body).await;
    assert_eq!(reply.status, 204);
    let figures = row(&app, "phuong", HALF_YEAR).await.figures.expect("figures");
    assert_eq!(figures.check_ins.missed, told(24), "March and May, not every month; nothing was drawn anew");
}

#[tokio::test]
async fn a_period_is_whole_or_none() {
    let app = TestApp::with_aftercare().await;
    let phuong = app.phone("phuong").await;
    for (query, status, code) in [
        ("?from=2026-01-01", 422, "field_missing"),
        ("?to=2026-01-01", 422, "field_missing"),
        ("?from=2026-01-01&to=2025-12-31", 422, "period_invalid"),
        ("?from=2026-02-30&to=2026-03-31", 422, "date_invalid"),
    ] {
        let path = format!("/api/v1/reports/aftercare{query}");
        let reply = phuong.call(&app, Method::GET, &path, &Value::Null).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (status, code), "{query}");
    }
}

#[tokio::test]
async fn few_people_are_not_told_in_the_figures_either() {
    let app = TestApp::with_aftercare().await;
    let mut dung = app.phone("dung").await;
    begin(&app, &mut dung, 9, 6).await;
    // Three got none: six would tell.
    let figures = row(&app, "thanh", HALF_YEAR).await.figures.expect("figures");
    assert_eq!((figures.managed, figures.supported), (told(9), FEW));
    assert_eq!(figures.support["job"].given, FEW);
    // Two completed: of the nine seven are open today, so neither is the nine told.
    for id in [1, 2] {
        let (kind, date) = (EventKind::Completion, day("2026-06-01"));
        let (ward, number, by, text) = (None, String::new(), String::new(), String::new());
        let done = NewEvent { kind, date, ward, number, by, text };
        let both = record(&AftercareRules::shipped(), "e1", &done, CaseStatus::Completed);
        let item = dung.write(document(id), &both.core);
        assert!(dung.push(&app, vec![item]).await[0].is_kept());
    }
    let figures = row(&app, "thanh", HALF_YEAR).await;
    assert_eq!(figures.open, told(7));
    let figures = figures.figures.expect("figures");
    assert_eq!((figures.managed, figures.completed), (FEW, FEW));
    let before = format!("?from=2026-01-01&to={}", today().plus_days(-1));
    let figures = row(&app, "thanh", &before).await.figures.expect("figures");
    assert_eq!((figures.managed, figures.completed), (told(9), FEW), "open cases are of another day");
}
