//! A transfer takes the history of a case along, and what was written after it; no ward counts it twice.

use donghanh_shared::command::Command;
use donghanh_shared::command::aftercare::{case, check_in};
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::report::{AftercareReport, PeopleCount};
use donghanh_shared::domain::{Date, WardRef};
use donghanh_shared::sync::wire::Answer;

use crate::test_app::phone::document;
use crate::test_app::{TestApp, ward_a, ward_b};

fn day(text: &str) -> Date {
    text.parse().expect("day")
}

fn told(number: u32) -> PeopleCount {
    PeopleCount { count: Some(number), few: false }
}

/// People under management and check-ins on time, of both wards.
async fn seen(app: &TestApp) -> Vec<(WardRef, PeopleCount, PeopleCount)> {
    let path = "/api/v1/reports/aftercare?from=2026-01-01&to=2026-05-31";
    let answer = app.phone("thanh").await.read(app, path).await;
    let report: AftercareReport = serde_json::from_value(answer).expect("a report");
    let row = |row: donghanh_shared::domain::report::AftercareRow| {
        let figures = row.figures.expect("figures");
        (row.ward, figures.managed, figures.check_ins.on_time)
    };
    report.wards.into_iter().map(row).filter(|(ward, ..)| [ward_a(), ward_b()].contains(ward)).collect()
}

#[tokio::test]
async fn the_history_of_a_case_counts_where_the_person_is_now() {
    let app = TestApp::with_aftercare().await;
    let mut dung = app.phone("dung").await;
    let check_in = |on: &str| {
        let mut edits = vec![check_in::date(Some(day(on)))];
        edits.extend(check_in::met());
        edits
    };
    for id in 1..=5 {
        let (core, part) = (document(id), document(100 + id));
        let items = vec![
            dung.create_case(core, ward_a()),
            dung.write(core, &[case::since(Some(day("2026-01-10")))]),
            dung.create_part(part, Kind::CheckIn, core),
            dung.write(part, &check_in("2026-02-05")),
        ];
        assert!(dung.push(&app, items).await.iter().all(Answer::is_kept));
    }
    assert_eq!(seen(&app).await, [(ward_a(), told(5), told(5)), (ward_b(), told(0), told(0))]);
    let mut ha = app.phone("ha").await;
    for id in 1..=5 {
        let moved = dung.command(Command::MoveDocument { document: document(id), ward: ward_b() });
        assert!(dung.push(&app, vec![moved]).await[0].is_kept());
    }
    ha.pull(&app).await;
    for id in 1..=5 {
        let part = document(150 + id);
        let items =
            vec![ha.create_part(part, Kind::CheckIn, document(id)), ha.write(part, &check_in("2026-03-05"))];
        assert!(ha.push(&app, items).await.iter().all(Answer::is_kept));
    }
    assert_eq!(seen(&app).await, [(ward_a(), told(0), told(0)), (ward_b(), told(5), told(10))]);
}
