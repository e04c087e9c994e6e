//! Nothing of one ward ever reaches a phone of another, whatever it asks.

use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::sync::wire::{Boot, Cursor, PullItem};

use crate::test_app::phone::document;
use crate::test_app::{TestApp, ward_a, ward_b};

const SECRET: &str = "chỉ phường này biết";

#[tokio::test]
async fn ward_b_never_receives_anything_of_ward_a() {
    let app = TestApp::init().await;
    let (mut lan, mut hoa) = (app.phone("lan").await, app.phone("hoa").await);
    for number in 1..8 {
        lan.log_visit(&app, document(number), ward_a()).await;
        let note = lan.save(document(number), &[VisitEdit::Notes(SECRET.into())]);
        lan.push(&app, vec![note]).await;
    }
    hoa.log_visit(&app, document(100), ward_b()).await;
    lan.pull(&app).await;
    let number_of_b: Vec<u32> =
        hoa.pull_page(&app, 1 << 20).await.cursors.iter().map(|cursor| cursor.scope).collect();
    // Cursors of ward A's scopes, honest and made up, at the start and in the middle.
    let foreign: Vec<u32> = (1..20).filter(|scope| !number_of_b.contains(scope)).collect();
    for boot in [
        None,
        Some(Boot { phase: 0, after: 0 }),
        Some(Boot { phase: 1, after: 0 }),
        Some(Boot { phase: 9, after: 0 }),
    ] {
        for scope in &foreign {
            let honest =
                lan.cursors.get(scope).copied().unwrap_or(Cursor { scope: *scope, seq: 0, chain: 0, boot });
            for cursor in [Cursor { boot, ..honest }, Cursor { seq: 0, chain: 0, boot, ..honest }] {
                hoa.cursors.insert(*scope, cursor);
            }
        }
        let reply = hoa
            .post(&app, "/api/v1/pull", donghanh_shared::sync::wire::to_bytes(&hoa.pull_request(1 << 20)))
            .await;
        assert!(!reply.body.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()));
        assert!(!reply.body.windows(16).any(|window| window == document(1).0));
    }
    hoa.cursors.clear();
    let items = hoa.pull(&app).await;
    let of_a = |item: &PullItem| match item {
        PullItem::Snapshot { document, .. }
        | PullItem::Changes { document, .. }
        | PullItem::Leave { document, .. } => document.0[0] < 8,
        _ => false,
    };
    assert!(!items.iter().any(of_a), "{items:?}");
    assert!(hoa.names.values().all(|name| name != "Nguyễn Thị Lan"), "not even the names");
    let mut administrator = app.phone("quantri").await;
    let items = administrator.pull(&app).await;
    assert!(items.iter().all(|item| matches!(item, PullItem::Reference(_))), "managing is not reading");
}
