//! A case that was begun twice counts once; undone, twice; and who has no restricted part is told nothing of it.

use donghanh_shared::command::Command;
use donghanh_shared::command::fields::{FieldEdit, Written};
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::report::PeopleCount;
use donghanh_shared::ids::DocumentId;
use donghanh_shared::sync::wire::Answer;

use super::get::rows;
use crate::test_app::phone::{Phone, document};
use crate::test_app::{TestApp, person, ward_a, ward_b};

/// A managed case with its restricted part.
async fn begin(app: &TestApp, officer: &mut Phone, number: u8) {
    let (case, ward) = (document(number), if number < 100 { ward_a() } else { ward_b() });
    let items = vec![
        officer.create_case(case, ward),
        officer.save_fields(case, &[("address_as", "anh Hùng"), ("status", "managed")]),
        officer.create_part(case.restricted_companion(), Kind::AftercareRestricted, case),
        officer.save_fields(case.restricted_companion(), &[("full_name", "Trần Văn Hùng"), ("born", "1985")]),
    ];
    assert!(officer.push(app, items).await.iter().all(Answer::is_kept));
}

async fn link(app: &TestApp, officer: &mut Phone, number: u8, other: Option<u8>) {
    let other = other.map(|other| Written::Text(document(other).to_string()));
    let edit = FieldEdit::Register("same_as".to_owned(), other);
    let item = officer.write(document(number).restricted_companion(), &[edit]);
    assert!(officer.push(app, vec![item]).await[0].is_kept());
}

/// Open cases of ward A.
async fn open(app: &TestApp) -> Option<u32> {
    let rows = rows(app, "dung").await;
    let PeopleCount { count, .. } = rows.iter().find(|row| row.ward == ward_a()).expect("its row").open;
    count
}

#[tokio::test]
async fn a_case_begun_twice_counts_once_and_undone_twice() {
    let app = TestApp::with_aftercare().await;
    let (mut dung, mut ha) = (app.phone("dung").await, app.phone("ha").await);
    for number in 1..=8 {
        begin(&app, &mut dung, number).await;
    }
    begin(&app, &mut ha, 100).await;
    assert_eq!(open(&app).await, Some(8));
    link(&app, &mut dung, 2, Some(1)).await;
    assert_eq!(open(&app).await, Some(7));
    link(&app, &mut dung, 1, Some(2)).await;
    assert_eq!(open(&app).await, Some(7), "each as the other: one counts");
    link(&app, &mut dung, 2, None).await;
    link(&app, &mut dung, 1, None).await;
    assert_eq!(open(&app).await, Some(8), "undone");
    link(&app, &mut dung, 2, Some(100)).await;
    assert_eq!(open(&app).await, Some(8), "that one is looked after in another ward");
    link(&app, &mut dung, 2, Some(1)).await;
    let removed = dung.save_fields(document(1), &[("archived", "ghi nhầm")]);
    assert!(dung.push(&app, vec![removed]).await[0].is_kept());
    assert_eq!(open(&app).await, Some(7), "the removed one is gone, the other stays");
}

#[tokio::test]
async fn a_helper_is_told_nothing_of_doubles() {
    let app = TestApp::with_aftercare().await;
    let mut dung = app.phone("dung").await;
    begin(&app, &mut dung, 1).await;
    begin(&app, &mut dung, 2).await;
    let assign = dung.command(Command::AssignHelper { case: document(1), person: person("giang") });
    assert!(dung.push(&app, vec![assign]).await[0].is_kept());
    link(&app, &mut dung, 1, Some(2)).await;
    let mut giang = app.phone("giang").await;
    giang.pull(&app).await;
    let held: Vec<DocumentId> = giang.documents.keys().copied().collect();
    assert_eq!(held, [document(1)], "the core alone");
    let bytes = giang.documents[&document(1)].save();
    let names = |id: DocumentId| bytes.windows(32).any(|at| at == id.to_string().as_bytes());
    assert!(!names(document(2)), "not even that there is another");
    let kept = app.application.sqlite.dump_projections().await.expect("dump");
    assert!(kept["same_as"].is_empty(), "on the server it stays sealed with the case");
}
