//! C1 and C2 of a generated world, pushed like everything from phones, equal an independent calculation to the last unit,
//! for every ward and several periods; and the report tells nothing else.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::{Method, Request};
use donghanh_server::reports::aftercare::period::{Numbers, numbers};
use donghanh_server::store::aftercare::Aftercare as _;
use donghanh_shared::domain::Date;
use donghanh_shared::domain::aftercare::AftercareRules;
use donghanh_shared::domain::date::Span;
use donghanh_shared::domain::report::{AftercareFigures, AftercareReport, PeopleCount};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_testkit::oracle::aftercare::{Care, care};
use donghanh_testkit::{DEMO_PASSWORD, Options, World};

use crate::reports::activity::get_against_the_oracle::filled;
use crate::test_app::TestApp;

const PERIODS: [(&str, &str); 9] = [
    ("2023-06-28", "2026-06-28"),
    ("2024-01-01", "2024-12-31"),
    ("2025-01-01", "2025-12-31"),
    ("2025-12-15", "2026-06-14"),
    ("2026-01-01", "2026-06-30"),
    ("2026-02-01", "2026-02-28"),
    ("2024-02-29", "2024-02-29"),
    ("2026-06-28", "2026-06-28"),
    ("2030-01-01", "2030-01-31"),
];

fn day(text: &str) -> Date {
    text.parse().expect("day")
}

fn as_oracle(numbers: &Numbers) -> Care {
    let by_code = |(kind, of_kind): (&_, &(u32, u32))| {
        (donghanh_shared::domain::aftercare::terms::SupportKind::code(*kind).to_owned(), *of_kind)
    };
    Care {
        managed: numbers.managed,
        supported: numbers.supported,
        completed: numbers.completed,
        ended_otherwise: numbers.ended_otherwise,
        relapsed: numbers.relapsed,
        start_unknown: numbers.start_unknown,
        open: numbers.open,
        check_ins: numbers.check_ins,
        people: numbers.people,
        support: numbers.support.iter().map(by_code).collect(),
    }
}

/// A number that is told is the right one; one that is not told is never nought, unless everything of its row is hidden.
fn tells(cell: PeopleCount, right: u32, what: &str) {
    assert_eq!(cell.few, cell.count.is_none(), "{what}");
    if let Some(told) = cell.count {
        assert_eq!(told, right, "{what}");
    }
}

fn compare(figures: &AftercareFigures, right: &Care, what: &str) {
    tells(figures.managed, right.managed, what);
    tells(figures.supported, right.supported, what);
    tells(figures.completed, right.completed, what);
    tells(figures.relapsed, right.relapsed, what);
    tells(figures.start_unknown, right.start_unknown, what);
    let told = figures.check_ins;
    for (at, cell) in [told.on_time, told.late, told.missed, told.excused].into_iter().enumerate() {
        tells(cell, right.check_ins[at], what);
        assert!(cell.few || !(1..5).contains(&right.people[at]), "{what}: of {} people", right.people[at]);
    }
    for (kind, cell) in &figures.support {
        let (people, given) = right.support.get(kind).copied().unwrap_or_default();
        tells(cell.people, people, what);
        tells(cell.given, given, what);
        assert!(cell.people.few || !(1..5).contains(&people), "{what}: {kind}");
    }
}

/// What the comparison would not notice if no case did it.
fn is_demanding(whole: &BTreeMap<donghanh_shared::domain::WardRef, Care>) {
    let sum = |of: fn(&Care) -> u32| whole.values().map(of).sum::<u32>();
    let every: [fn(&Care) -> u32; 12] = [
        |care| care.managed,
        |care| care.supported,
        |care| care.completed,
        |care| care.ended_otherwise,
        |care| care.relapsed,
        |care| care.start_unknown,
        |care| care.managed - care.supported,
        |care| care.check_ins[0],
        |care| care.check_ins[1],
        |care| care.check_ins[2],
        |care| care.check_ins[3],
        |care| care.support.len() as u32,
    ];
    for (at, of) in every.into_iter().enumerate() {
        assert!(sum(of) > 0, "number {at} is always nought");
    }
    assert!(whole.len() >= 3, "some stay in a ward that has ended");
}

async fn report(app: &TestApp, token: &str, (from, to): (&str, &str)) -> AftercareReport {
    let path = format!("/api/v1/reports/aftercare?from={from}&to={to}");
    let request = Request::get(path).header("authorization", format!("Bearer {token}"));
    let reply = app.send(request.body(Body::empty()).expect("request")).await;
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    serde_json::from_slice(&reply.body).expect("a report")
}

#[tokio::test]
async fn every_figure_equals_the_independent_calculation() {
    let today = day("2026-06-28");
    let options = Options { scale: 0.05, ..Options::demo(today) };
    let app = filled(options).await;
    let world = World::generate(&options);
    is_demanding(&care(&world, today, day("2023-06-28"), today));
    let wards: BTreeSet<_> = world.wards.iter().map(|ward| ward.id).collect();
    let facts = app.application.sqlite.case_facts(wards.clone()).await.expect("facts");
    let form = serde_json::json!({ "name": "thanh", "password": DEMO_PASSWORD });
    let session = app.json(Method::POST, "/api/v1/session", None, &form).await.json();
    let token = session["token"].as_str().expect("token");
    let rules = AftercareRules::shipped();
    for period in PERIODS {
        let (from, to) = (day(period.0), day(period.1));
        let right = care(&world, today, from, to);
        let span = Span { from, to: Some(to) };
        for ward in &wards {
            let counted = numbers(facts.iter().filter(|case| case.ward == *ward), &rules, &span, today);
            let right = right.get(ward).cloned().unwrap_or_default();
            assert_eq!(as_oracle(&counted), right, "{ward} {period:?}");
        }
        let report = report(&app, token, period).await;
        assert!(report.demo && report.period == Some(span));
        for row in &report.wards {
            let none = Care::default();
            let figures = row.figures.as_ref().expect("figures");
            compare(figures, right.get(&row.ward).unwrap_or(&none), &format!("{} {period:?}", row.ward));
        }
    }
}
