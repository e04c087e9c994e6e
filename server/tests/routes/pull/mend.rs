//! What a device gets whose digest of a scope differs: the parts that differ, whole, and nothing else.

use donghanh_shared::ids::DocumentId;
use donghanh_shared::sync::parts::{Mended, Parts, Said};
use donghanh_shared::sync::wire::{Cursor, PullItem, PullPage, PullRequest, from_bytes, to_bytes};

use crate::test_app::phone::{Phone, document};
use crate::test_app::{TestApp, ward_a};

/// What the phone holds of a scope, except the records left out.
fn said(phone: &Phone, scope: u32, without: &[DocumentId]) -> Said {
    let mut parts = Parts::default();
    for (id, scopes) in &phone.placed {
        if scopes.contains(&scope) && !without.contains(id) {
            parts.add(*id, phone.documents[id].digest());
        }
    }
    parts.said(scope)
}

async fn asked(app: &TestApp, phone: &Phone, max_bytes: u32, said: Vec<Said>) -> PullPage {
    let request = PullRequest { mend: Some(said), ..phone.pull_request(max_bytes) };
    let reply = phone.post(app, "/api/v1/pull", to_bytes(&request)).await;
    assert_eq!(reply.status, 200);
    from_bytes(&reply.body).expect("a page")
}

fn snapshots(page: &PullPage) -> Vec<DocumentId> {
    let of = page.items.iter().map(|item| match item {
        PullItem::Snapshot { document, .. } => *document,
        other => panic!("{other:?}"),
    });
    of.collect()
}

/// A ward with twenty visits, all in parts of their own, that a colleague has read; with the number of its scope.
async fn ward_of_twenty() -> (TestApp, Phone, u32) {
    let app = TestApp::init().await;
    let (mut lan, mut minh) = (app.phone("lan").await, app.phone("minh").await);
    for number in 1..=20 {
        lan.log_visit(&app, document(number), ward_a()).await;
    }
    minh.pull(&app).await;
    let scope = *minh.placed[&document(7)].first().expect("a scope");
    (app, minh, scope)
}

#[tokio::test]
async fn only_the_part_that_differs_comes_and_it_is_named() {
    let (app, minh, scope) = ward_of_twenty().await;
    let page = asked(&app, &minh, 1 << 20, vec![said(&minh, scope, &[document(7)])]).await;
    assert_eq!(snapshots(&page), [document(7)]);
    assert_eq!(page.mended, Some(vec![Mended { scope, parts: vec![document(7).0[0]].into() }]));
    assert_eq!(page.digests.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [scope]);
    assert!(page.cursors.is_empty() && !page.more && !page.names.is_empty());
}

#[tokio::test]
async fn of_a_part_where_the_scope_has_nothing_it_says_so() {
    let (app, mut minh, scope) = ward_of_twenty().await;
    // The phone holds what the server does not have there.
    let other = document(200);
    let strange = minh.documents[&document(7)].clone();
    minh.documents.insert(other, strange);
    minh.own(other, scope);
    let page = asked(&app, &minh, 1 << 20, vec![said(&minh, scope, &[])]).await;
    assert_eq!(page.mended, Some(vec![Mended { scope, parts: vec![other.0[0]].into() }]));
    assert!(page.items.is_empty());
}

#[tokio::test]
async fn parts_come_whole_one_after_the_other_however_small_the_page() {
    let (app, minh, scope) = ward_of_twenty().await;
    let mut missing: Vec<DocumentId> = (1..=20).map(document).collect();
    let mut rounds = 0;
    while !missing.is_empty() {
        let page = asked(&app, &minh, 1, vec![said(&minh, scope, &missing)]).await;
        let came = snapshots(&page);
        assert!(!came.is_empty(), "at least one part");
        missing.retain(|id| !came.contains(id));
        rounds += 1;
    }
    assert_eq!(rounds, 20);
    let page = asked(&app, &minh, 1 << 20, vec![said(&minh, scope, &[])]).await;
    assert_eq!((page.items.len(), page.mended), (0, Some(vec![Mended { scope, parts: Vec::new().into() }])));
}

#[tokio::test]
async fn what_is_new_comes_first_and_nothing_of_a_scope_that_may_not_be_read() {
    let (app, mut minh, scope) = ward_of_twenty().await;
    let mut lan = app.phone("lan").await;
    lan.log_visit(&app, document(30), ward_a()).await;
    let page = asked(&app, &minh, 1 << 20, vec![said(&minh, scope, &[document(7)])]).await;
    assert_eq!((snapshots(&page), &page.mended), (vec![document(30)], &None));
    assert!(page.digests.iter().any(|(number, _)| *number == scope), "it is compared again");
    minh.store(&page);

    // Somebody of another ward names the scope.
    let mut stranger = app.phone("hoa").await;
    stranger.pull(&app).await;
    let nothing = Parts::default().said(scope);
    let page = asked(&app, &stranger, 1 << 20, vec![nothing.clone()]).await;
    assert_eq!((page.items.len(), page.mended), (0, None));
    let forged = Cursor { scope, seq: 0, chain: 0, boot: None };
    stranger.cursors.insert(scope, forged);
    let page = asked(&app, &stranger, 1 << 20, vec![nothing]).await;
    assert_eq!((page.items.len(), page.mended, page.ended), (0, None, vec![scope]));
}

#[tokio::test]
async fn sums_that_are_none_give_the_whole_scope_and_do_no_harm() {
    let (app, minh, scope) = ward_of_twenty().await;
    for sums in [Vec::new(), vec![9; 5], vec![0; 4_000]] {
        let page = asked(&app, &minh, 1 << 20, vec![Said { scope, sums: sums.into() }; 3]).await;
        assert_eq!(snapshots(&page).len(), 20, "once, however often it is asked");
    }
}
