//! Counts of after-care: who sees which wards, what is counted, and that few people are not told apart.

use axum::body::Body;
use axum::http::Request;
use donghanh_shared::command::Command;
use donghanh_shared::domain::report::{AftercareReport, AftercareRow, PeopleCount};
use donghanh_shared::sync::wire::Answer;

use crate::test_app::phone::{Phone, document};
use crate::test_app::{Reply, TestApp, ward_a, ward_b, ward_before_a};

const FEW: PeopleCount = PeopleCount { count: None, few: true };

fn told(number: u32) -> PeopleCount {
    PeopleCount { count: Some(number), few: false }
}

async fn ask(app: &TestApp, name: &str) -> Reply {
    let token = app.phone(name).await.token;
    let request =
        Request::get("/api/v1/reports/aftercare").header("authorization", format!("Bearer {token}"));
    app.send(request.body(Body::empty()).expect("request")).await
}

pub(super) async fn rows(app: &TestApp, name: &str) -> Vec<AftercareRow> {
    let reply = ask(app, name).await;
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    serde_json::from_slice::<AftercareReport>(&reply.body).expect("a report").wards
}

/// So many cases of each status, numbered from `first` on; `""` says nothing.
async fn begin(app: &TestApp, officer: &mut Phone, first: u8, cases: &[(&str, u8)]) {
    let ward = if first < 100 { ward_a() } else { ward_b() };
    let statuses = cases.iter().flat_map(|(status, number)| (0..*number).map(move |_| *status));
    for (id, status) in (first..).map(document).zip(statuses) {
        let mut items = vec![officer.create_case(id, ward)];
        let said = [("address_as", "anh Hùng"), ("status", status)];
        let said = if status.is_empty() { &said[..1] } else { &said[..] };
        items.push(officer.save_fields(id, said));
        assert!(officer.push(app, items).await.iter().all(Answer::is_kept));
    }
}

#[tokio::test]
async fn whoever_sees_counts_sees_those_of_the_own_wards() {
    let app = TestApp::with_aftercare().await;
    assert_eq!(app.get("/api/v1/reports/aftercare").await.status, 401);
    for name in ["lan", "giang", "tuan", "quantri"] {
        let reply = ask(&app, name).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "not_allowed"), "{name}");
    }
    let (mut dung, mut ha) = (app.phone("dung").await, app.phone("ha").await);
    begin(&app, &mut dung, 1, &[("managed", 6)]).await;
    begin(&app, &mut ha, 100, &[("managed", 7)]).await;
    for (name, expected) in [
        ("phuong", vec![(ward_a(), told(6))]),
        ("dung", vec![(ward_a(), told(6))]),
        ("ha", vec![(ward_b(), told(7))]),
        ("thanh", vec![(ward_a(), told(6)), (ward_b(), told(7))]),
    ] {
        let rows: Vec<_> = rows(&app, name).await.into_iter().map(|row| (row.ward, row.open)).collect();
        assert_eq!(rows, expected, "{name}");
    }
}

#[tokio::test]
async fn few_people_are_not_told_apart_and_what_has_ended_is_not_open() {
    let app = TestApp::with_aftercare().await;
    let (mut dung, mut ha) = (app.phone("dung").await, app.phone("ha").await);
    let statuses = [("managed", 9), ("absent", 2), ("detained", 8), ("completed", 3), ("", 7)];
    begin(&app, &mut dung, 1, &statuses).await;
    begin(&app, &mut ha, 100, &[("managed", 2), ("absent", 2)]).await;
    let both = rows(&app, "thanh").await;
    let (a, b) = (&both[0], &both[1]);
    assert_eq!((a.open, b.open), (told(26), FEW));
    // Two absent: hidden, and with them seven more, or the total would tell.
    for (status, count) in [
        ("managed", told(9)),
        ("absent", FEW),
        ("detained", told(8)),
        ("unknown", FEW),
        ("in_treatment", told(0)),
    ] {
        assert_eq!(a.by_status[status], count, "{status}");
    }
    assert!(!a.by_status.contains_key("completed"));
    assert!(b.by_status.values().all(|cell| *cell == FEW));
    let text = ask(&app, "thanh").await.body;
    assert!(!String::from_utf8_lossy(&text).contains("Hùng"));
    // What is removed or moved away does not count there any more.
    let items = vec![
        dung.save_fields(document(1), &[("archived", "ghi nhầm")]),
        dung.command(Command::MoveDocument { document: document(2), ward: ward_before_a() }),
    ];
    assert!(dung.push(&app, items).await.iter().all(Answer::is_kept));
    let rows = rows(&app, "phuong").await;
    let open: Vec<_> = rows.iter().map(|row| (row.ward, row.open)).collect();
    assert_eq!(open, [(ward_before_a(), FEW), (ward_a(), told(24))]);
}
