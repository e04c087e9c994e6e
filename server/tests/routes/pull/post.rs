//! What comes down, in pages of any size.

use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::crdt::Document;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::DocumentId;
use donghanh_shared::sync::wire::{
    Answer, Cursor, MAX_PULL_REQUEST, PullItem, PullPage, PullRequest, Reference, from_bytes, to_bytes,
};

use crate::test_app::phone::{Phone, amount, document, first_edits};
use crate::test_app::{TestApp, ward_a, ward_b, ward_before_a};

async fn fill(app: &TestApp, phone: &mut Phone, from: u8, count: u8) {
    for number in from..from + count {
        let ward = if number % 3 == 0 { ward_before_a() } else { ward_a() };
        phone.log_visit(app, document(number), ward).await;
    }
}

#[tokio::test]
async fn pages_of_any_size_bring_the_same_and_own_records_first() {
    let app = TestApp::init().await;
    let (mut lan, mut minh) = (app.phone("lan").await, app.phone("minh").await);
    fill(&app, &mut lan, 1, 6).await;
    fill(&app, &mut minh, 101, 6).await;
    for max_bytes in [0, 1, 700, 3_000, 1 << 20] {
        let mut fresh = app.phone("minh").await;
        let items = fresh.pull_by(&app, max_bytes).await;
        let snapshots: Vec<_> = items
            .iter()
            .filter_map(|item| match item {
                PullItem::Snapshot { document, .. } => Some(*document),
                _ => None,
            })
            .collect();
        assert_eq!(snapshots.len(), 12, "each once, {max_bytes}");
        assert!(snapshots[..6].iter().all(|id| id.0[0] > 100), "the person's own first");
        assert_eq!(fresh.documents[&document(3)].heads(), lan.documents[&document(3)].heads());
        assert_eq!(fresh.names.len(), 2);
        assert!(fresh.names.values().any(|name| name == "Nguyễn Thị Lan"));
        let wards =
            fresh.references.iter().filter(|reference| matches!(reference, Reference::Ward(_))).count();
        assert_eq!(wards, 3);
    }
}

#[tokio::test]
async fn an_app_of_before_gets_documents_whole_and_one_of_today_without_what_follows_from_them() {
    let app = TestApp::init().await;
    let mut minh = app.phone("minh").await;
    fill(&app, &mut minh, 1, 3).await;
    let fresh = app.phone("minh").await;
    let today = fresh.pull_request(1 << 20);
    let mut sizes = Vec::new();
    for request in [PullRequest { bare: None, ..today.clone() }, today] {
        let reply = fresh.post(&app, "/api/v1/pull", to_bytes(&request)).await;
        let page: PullPage = from_bytes(&reply.body).expect("a page");
        let documents = page.items.iter().filter_map(|item| match item {
            PullItem::Snapshot { document, bytes, .. } => Some((*document, bytes.clone())),
            _ => None,
        });
        let documents: Vec<_> = documents.collect();
        assert_eq!(documents.len(), 3);
        for (id, bytes) in &documents {
            let is_whole = Document::load(bytes).is_ok();
            assert_eq!(is_whole, request.bare.is_none());
            let read = Document::load_sent(bytes).expect("loads");
            assert_eq!(read.save(), minh.documents[id].save());
        }
        sizes.push(documents.iter().map(|(_, bytes)| bytes.len()).sum::<usize>());
    }
    // A checksum and a hash each.
    assert!(sizes[0] >= sizes[1] + 3 * (4 + 32), "{sizes:?}");
}

#[tokio::test]
async fn where_many_follow_the_first_page_ends_with_the_persons_own_records() {
    let app = TestApp::init().await;
    let (mut lan, mut minh) = (app.phone("lan").await, app.phone("minh").await);
    fill(&app, &mut minh, 1, 2).await;
    for half in 0..2 {
        let id = |number: u8| DocumentId([number, half, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]);
        let items = (0..130)
            .flat_map(|number| [lan.create(id(number), ward_a()), lan.save(id(number), &first_edits())]);
        let items = items.collect();
        assert!(lan.push(&app, items).await.iter().all(|answer| matches!(answer, Answer::Ok(_))));
    }
    let mut fresh = app.phone("minh").await;
    let first = fresh.pull_page(&app, 1 << 20).await;
    let records =
        |page: &PullPage| page.items.iter().filter(|item| matches!(item, PullItem::Snapshot { .. })).count();
    assert_eq!((records(&first), first.more), (2, true), "stored before the rest is under way");
    let rest = fresh.pull_page(&app, 1 << 20).await;
    assert_eq!((records(&rest), rest.more), (260, false));
    // Whoever has none gets no empty page.
    let first = app.phone("phuong").await.pull_page(&app, 1 << 20).await;
    assert!(records(&first) > 100);
}

#[tokio::test]
async fn the_first_page_says_how_much_there_is_and_an_idle_pull_says_nearly_nothing() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    fill(&app, &mut lan, 1, 4).await;
    let mut minh = app.phone("minh").await;
    let first = minh.pull_page(&app, 600).await;
    assert_eq!((first.total, first.more), (Some(4), true));
    assert_eq!(first.scopes.len(), 3, "the register and two wards");
    minh.pull(&app).await;
    let idle = minh.pull_page(&app, 1 << 20).await;
    assert!(idle.items.is_empty() && idle.cursors.is_empty() && idle.names.is_empty() && !idle.more);
    assert!(to_bytes(&idle).len() <= 40, "{}", to_bytes(&idle).len());
}

#[tokio::test]
async fn new_changes_of_a_record_come_as_one_item_and_own_ones_not_at_all() {
    let app = TestApp::init().await;
    let (mut lan, mut minh) = (app.phone("lan").await, app.phone("minh").await);
    minh.pull(&app).await;
    lan.pull(&app).await;
    lan.log_visit(&app, document(1), ward_a()).await;
    minh.pull(&app).await;
    let own = lan.pull(&app).await;
    let told = matches!(own.as_slice(), [PullItem::Changes { changes, .. }] if changes.is_empty());
    assert!(told, "the content is on the phone already; it only learns the scope: {own:?}");
    let saves: Vec<_> =
        (1..4).map(|n| lan.save(document(1), &[VisitEdit::Count(CountKey::Attendance, amount(n))])).collect();
    lan.push(&app, saves).await;
    let items = minh.pull(&app).await;
    let [PullItem::Changes { changes, .. }] = items.as_slice() else { panic!("one item: {items:?}") };
    assert_eq!(changes.len(), 3);
    assert_eq!(minh.documents[&document(1)].visit().count(CountKey::Attendance), Some(3));
}

#[tokio::test]
async fn a_cursor_of_another_history_begins_the_scope_anew() {
    let app = TestApp::init().await;
    let (mut lan, mut minh) = (app.phone("lan").await, app.phone("minh").await);
    fill(&app, &mut lan, 1, 4).await;
    minh.pull(&app).await;
    for cursor in minh.cursors.values_mut().filter(|cursor| cursor.seq > 0) {
        cursor.chain ^= 1;
    }
    let snapshots =
        minh.pull(&app).await.into_iter().filter(|i| matches!(i, PullItem::Snapshot { .. })).count();
    assert_eq!(snapshots, 4);
    for cursor in minh.cursors.values_mut() {
        cursor.seq += 1_000;
    }
    assert!(minh.pull_page(&app, 1 << 20).await.total.is_some(), "a place the log does not have");
    minh.pull(&app).await;
    assert!(minh.pull(&app).await.is_empty());
}

#[tokio::test]
async fn scopes_that_are_no_longer_readable_are_named() {
    let app = TestApp::init().await;
    let (mut lan, mut hoa) = (app.phone("lan").await, app.phone("hoa").await);
    lan.log_visit(&app, document(1), ward_a()).await;
    hoa.log_visit(&app, document(2), ward_b()).await;
    lan.pull(&app).await;
    hoa.pull(&app).await;
    // As if Hoa had been in Lan's ward before.
    let theirs: Vec<u32> =
        lan.cursors.keys().copied().filter(|scope| !hoa.cursors.contains_key(scope)).collect();
    hoa.cursors.extend(lan.cursors.iter().filter(|(scope, _)| theirs.contains(scope)).map(|(s, c)| (*s, *c)));
    let page = hoa.pull_page(&app, 1 << 20).await;
    assert_eq!((&page.ended, &page.unknown), (&theirs, &None));
    assert!(page.items.is_empty());
}

/// After the server was put back to an older state: a number may be nobody's by now, or another scope's.
#[tokio::test]
async fn a_cursor_of_no_log_of_ours_is_told_from_a_right_that_ended() {
    let app = TestApp::init().await;
    let (mut lan, mut hoa) = (app.phone("lan").await, app.phone("hoa").await);
    lan.log_visit(&app, document(1), ward_a()).await;
    lan.pull(&app).await;
    hoa.pull(&app).await;
    let activity = *lan.placed[&document(1)].first().expect("placed");
    let strange = |scope| Cursor { scope, seq: 5, chain: 7, boot: None };
    hoa.cursors.insert(activity, strange(activity));
    hoa.cursors.insert(99, strange(99));
    let page = hoa.pull_page(&app, 1 << 20).await;
    assert_eq!((page.ended, page.unknown), (vec![], Some(vec![activity, 99])));
    // Of a scope that they may read, such a cursor begins it anew.
    lan.cursors.insert(activity, strange(activity));
    let page = lan.pull_page(&app, 1 << 20).await;
    assert!(page.scopes.iter().any(|info| info.number == activity));
    assert_eq!((page.ended, page.unknown), (vec![], None));
}

#[tokio::test]
async fn bad_requests_are_told() {
    let app = TestApp::init().await;
    let lan = app.phone("lan").await;
    let good = lan.pull_request(1 << 20);
    let with = |change: fn(&mut PullRequest)| {
        let mut request = good.clone();
        change(&mut request);
        to_bytes(&request)
    };
    let body = to_bytes(&good);
    for (body, status, code) in [
        (Vec::new(), 400, Code::BodyMalformed),
        (body[..body.len() - 1].to_vec(), 400, Code::BodyMalformed),
        (b"{}".to_vec(), 400, Code::BodyMalformed),
        (vec![0; MAX_PULL_REQUEST + 1], 413, Code::BodyTooLarge),
        (with(|r| r.version = 0), 426, Code::VersionUnsupported),
        (with(|r| r.instance.0[0] ^= 1), 409, Code::OtherInstance),
    ] {
        let reply = lan.post(&app, "/api/v1/pull", body).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (status, code.code()));
    }
    let stranger = Phone { token: "0".repeat(64), ..app.phone("minh").await };
    assert_eq!(stranger.post(&app, "/api/v1/pull", body.clone()).await.code(), "not_signed_in");
    let json =
        app.json(axum::http::Method::POST, "/api/v1/pull", Some(&lan.token), &serde_json::json!({})).await;
    assert_eq!(json.code(), "content_type_wrong");
}

#[tokio::test]
async fn a_page_is_compressed_for_those_who_take_it() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    fill(&app, &mut lan, 1, 20).await;
    let minh = app.phone("minh").await;
    let ask = |encoding: &str| {
        let request = axum::http::Request::post("/api/v1/pull")
            .header("content-type", donghanh_shared::sync::wire::CONTENT_TYPE)
            .header("authorization", format!("Bearer {}", minh.token))
            .header("accept-encoding", encoding)
            .body(axum::body::Body::from(to_bytes(&minh.pull_request(1 << 20))));
        app.send(request.expect("request"))
    };
    let (plain, packed) = (ask("gzip").await, ask("gzip, br").await);
    assert!(!plain.headers.contains_key("content-encoding"));
    assert_eq!(packed.headers["content-encoding"], "br");
    let mut back = Vec::new();
    brotli::BrotliDecompress(&mut packed.body.as_ref(), &mut back).expect("brotli");
    assert_eq!(back, plain.body);
    assert!(packed.body.len() * 2 < plain.body.len());
}

/// An app of the first version cannot read a page that names a scope of a class that came later: it goes on with the others, and
/// the app that takes its place begins what was left out.
#[tokio::test]
async fn an_app_of_before_is_told_of_no_scope_that_it_does_not_know() {
    let app = TestApp::with_aftercare().await;
    let (mut phuong, mut dung) = (app.phone("phuong").await, app.phone("dung").await);
    phuong.ask(&app, document(1), ward_a()).await;
    let items =
        vec![dung.create_case(document(2), ward_a()), dung.save_fields(document(2), &[("meet_at", "x")])];
    assert!(dung.push(&app, items).await.iter().all(donghanh_shared::sync::wire::Answer::is_kept));
    let named = |page: &PullPage| -> Vec<u32> {
        let mut classes: Vec<u32> = page.scopes.iter().map(|info| info.scope.class()).collect();
        classes.sort_unstable();
        classes
    };
    let mut old = app.phone("dung").await;
    let request = PullRequest { classes: None, ..old.pull_request(1 << 20) };
    let reply = old.post(&app, "/api/v1/pull", to_bytes(&request)).await;
    let page: PullPage = from_bytes(&reply.body).expect("a page");
    old.store(&page);
    assert_eq!(named(&page), [1, 5], "after-care and the register");
    assert!(old.documents.contains_key(&document(2)) && !old.documents.contains_key(&document(1)));
    let page = old.pull_page(&app, 1 << 20).await;
    assert_eq!((named(&page), page.ended), (vec![6], Vec::new()));
    assert!(old.documents.contains_key(&document(1)), "what was asked arrives with the new app");
}
