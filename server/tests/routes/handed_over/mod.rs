//! `/api/v1/handed-over`.
mod get;
mod parked;
mod post;

use crate::test_app::phone::{Phone, document, first_edits};
use crate::test_app::{TestApp, ward_a};

/// Lan's phone, taken away, which handed over a record it had not sent.
async fn handed_over(app: &TestApp) -> Phone {
    let mut lan = app.phone("lan").await;
    let items = vec![lan.create(document(1), ward_a()), lan.save(document(1), &first_edits())];
    assert_eq!(app.phone("quantri").await.revoke(app, &lan).await.status, 204);
    assert_eq!(lan.hand_over(app, &lan.seal(&items)).await.json()["taken"], 2);
    lan
}
