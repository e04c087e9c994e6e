//! Whatever the order in which phones get through, the server ends up with the same records and the same rows.

use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::outreach_visit::{CountKey, Form};
use donghanh_shared::sync::wire::{Answer, PushItem};

use crate::test_app::phone::{Phone, amount, document, first_edits};
use crate::test_app::{TestApp, ward_a};

/// Sends everything in this order, again and again until nothing waits; gives the final answers.
async fn deliver(
    app: &TestApp,
    phones: &mut [Phone],
    items: &[(usize, PushItem)],
    order: &[usize],
) -> Vec<bool> {
    let mut kept = vec![false; items.len()];
    let mut left: Vec<usize> = order.to_vec();
    while !left.is_empty() {
        let before = left.len();
        let mut waiting = Vec::new();
        for index in left {
            let (phone, item) = &items[index];
            match phones[*phone].push(app, vec![item.clone()]).await.remove(0) {
                Answer::MissingDependencies => waiting.push(index),
                answer => kept[index] = answer.is_kept(),
            }
        }
        assert!(waiting.len() < before, "somebody gets through in every round");
        left = waiting;
    }
    kept
}

#[tokio::test]
async fn two_orders_of_delivery_give_equal_rows_and_equal_records() {
    let mut outcomes = Vec::new();
    for reversed in [false, true] {
        let app = TestApp::init().await;
        let mut phones = vec![app.phone("lan").await, app.phone("minh").await];
        // Devices differ from server to server: give both the same authors.
        phones[0].actor.0 = [0xa1; 16];
        phones[1].actor.0 = [0xb2; 16];
        let mut items = vec![(0, phones[0].create(document(1), ward_a()))];
        items.push((0, phones[0].save(document(1), &first_edits())));
        let known = phones[0].documents[&document(1)].clone();
        phones[1].documents.insert(document(1), known);
        let count = |n| VisitEdit::Count(CountKey::Attendance, amount(n));
        items.push((0, phones[0].save(document(1), &[count(60), VisitEdit::Tap(CountKey::Women, 4)])));
        items.push((1, phones[1].save(document(1), &[count(60), VisitEdit::Tap(CountKey::Women, 6)])));
        items.push((1, phones[1].save(document(1), &[VisitEdit::Form(Some(Form::Contest))])));
        items.push((0, phones[0].save(document(1), &[VisitEdit::Form(Some(Form::MockTrial))])));
        let bad = VisitEdit::Date(Some("2026-12-24".parse().expect("day")));
        items.push((0, phones[0].save(document(1), &[bad])));
        items.push((0, phones[0].save(document(1), &[count(1)])));
        let mut order: Vec<usize> = (0..items.len()).collect();
        if reversed {
            order.reverse();
        }
        let kept = deliver(&app, &mut phones, &items, &order).await;
        assert_eq!(kept, [true, true, true, true, true, true, false, false]);
        let mut fresh = app.phone("minh").await;
        fresh.pull(&app).await;
        let record = &fresh.documents[&document(1)];
        let visit = record.visit();
        assert_eq!((visit.count(CountKey::Attendance), visit.count(CountKey::Women)), (Some(60), Some(10)));
        assert_eq!(visit.open_fields(), ["form"]);
        outcomes.push((record.heads(), app.application.sqlite.dump_projections().await.expect("dump")));
    }
    assert_eq!(outcomes[0], outcomes[1]);
}
