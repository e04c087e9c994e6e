//! Bad input: a stable code, nothing changed, the rest of the batch unharmed.

use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::crdt::{Document, Kind, root};
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::ids::InstanceId;
use donghanh_shared::sync::wire::{
    Answer, MAX_PUSH_BODY, MAX_PUSH_ITEMS, MAX_PUSH_UNPACKED, PushItem, PushRequest, deflate, to_bytes,
};
use sha2::{Digest as _, Sha256};

use crate::test_app::phone::{Phone, amount, document, first_edits};
use crate::test_app::{TestApp, ward, ward_a};

async fn refused_whole(app: &TestApp, phone: &Phone, body: Vec<u8>, status: u16, code: Code) {
    let before = app.contents();
    let reply = phone.post(app, "/api/v1/push", body).await;
    assert_eq!(
        (reply.status.as_u16(), reply.code().as_str()),
        (status, donghanh_shared::domain::vocabulary::Term::code(code))
    );
    assert_eq!(app.contents(), before, "{code:?}");
}

#[tokio::test]
async fn a_request_that_is_wrong_as_a_whole_changes_nothing() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    let items = vec![lan.create(document(1), ward_a()), lan.save(document(1), &first_edits())];
    let good = lan.request(items);
    let body = to_bytes(&good);
    let packed = deflate(&body);
    let with = |change: fn(&mut PushRequest)| {
        let mut request = good.clone();
        change(&mut request);
        deflate(&to_bytes(&request))
    };
    for cut in [0, 1, packed.len() / 2, packed.len() - 1] {
        refused_whole(&app, &lan, packed[..cut].to_vec(), 400, Code::BodyMalformed).await;
    }
    for cut in [0, 1, body.len() / 2, body.len() - 1] {
        refused_whole(&app, &lan, deflate(&body[..cut]), 400, Code::BodyMalformed).await;
    }
    refused_whole(&app, &lan, deflate(b"{\"version\":1}"), 400, Code::BodyMalformed).await;
    refused_whole(&app, &lan, deflate(&[body.clone(), vec![0]].concat()), 400, Code::BodyMalformed).await;
    refused_whole(&app, &lan, with(|r| r.version = 2), 426, Code::VersionUnsupported).await;
    refused_whole(&app, &lan, with(|r| r.instance = InstanceId([0; 16])), 409, Code::OtherInstance).await;
    refused_whole(&app, &lan, with(|r| r.device.0[0] ^= 1), 403, Code::NotAllowed).await;
    refused_whole(&app, &lan, vec![0; MAX_PUSH_BODY + 1], 413, Code::BodyTooLarge).await;
    refused_whole(&app, &lan, deflate(&vec![0; MAX_PUSH_UNPACKED + 1]), 413, Code::BodyTooLarge).await;
    let mut many = good.clone();
    many.items = vec![good.items[0].clone(); MAX_PUSH_ITEMS + 1];
    refused_whole(&app, &lan, deflate(&to_bytes(&many)), 413, Code::BodyTooLarge).await;
    let stranger = Phone { token: "0".repeat(64), ..app.phone("minh").await };
    refused_whole(&app, &stranger, packed.clone(), 401, Code::NotSignedIn).await;
    for (name, value) in
        [("content-type", "application/json"), ("content-encoding", "gzip"), ("content-encoding", "")]
    {
        let mut request = axum::http::Request::post("/api/v1/push")
            .header("content-type", donghanh_shared::sync::wire::CONTENT_TYPE)
            .header("content-encoding", "deflate")
            .header("authorization", format!("Bearer {}", lan.token))
            .body(axum::body::Body::from(packed.clone()))
            .expect("request");
        request.headers_mut().insert(name, value.parse().expect("value"));
        let reply = app.send(request).await;
        assert_eq!(
            (reply.status.as_u16(), reply.code().as_str()),
            (415, "content_type_wrong"),
            "{name}: {value}"
        );
    }
    assert!(lan.push_request(&app, &good).await.iter().all(Answer::is_kept), "the good one is still good");
}

/// A change with a right checksum that holds something no command writes.
fn forged(change: &PushItem, from: &[u8], to: &[u8]) -> PushItem {
    let PushItem::Change { document, generation, bytes } = change else { panic!("a change") };
    let mut bytes = bytes.to_vec();
    let at = bytes.windows(from.len()).position(|window| window == from).expect("found");
    assert_eq!(from.len(), to.len());
    bytes[at..at + to.len()].copy_from_slice(to);
    let digest = Sha256::digest(&bytes[8..]);
    bytes[4..8].copy_from_slice(&digest[..4]);
    PushItem::Change { document: *document, generation: *generation, bytes: bytes.into() }
}

#[tokio::test]
async fn each_bad_change_is_refused_for_what_it_is_and_its_neighbours_are_kept() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    let mut bad: Vec<(PushItem, Code)> = Vec::new();
    for (number, from, to, code) in [
        (10, "2026-06-18", "2026-06-29", Code::DateInFuture),
        (11, "2026-06-18", "1999-06-18", Code::DateAbsurd),
        (12, "2026-06-18", "2026-02-30", Code::DateInvalid),
        (13, "2026-06-18", "2026x06x18", Code::DateInvalid),
        (14, "thanh-doan", "THANH-DOAN", Code::OrganisationInvalid),
    ] {
        let create = lan.create(document(number), ward_a());
        assert!(lan.push(&app, vec![create]).await[0].is_kept());
        let good = lan.save(document(number), &first_edits());
        bad.push((forged(&good, from.as_bytes(), to.as_bytes()), code));
    }
    let create = lan.create(document(20), ward_a());
    assert!(lan.push(&app, vec![create]).await[0].is_kept());
    let count = lan.save(document(20), &[VisitEdit::Count(CountKey::Attendance, amount(80))]);
    // CBOR: [80, {}] and [-81, {}].
    bad.push((forged(&count, &[0x82, 0x18, 80, 0xa0], &[0x82, 0x38, 80, 0xa0]), Code::CountNegative));
    let PushItem::Change { bytes, .. } = &count else { panic!("a change") };
    let with =
        |bytes: Vec<u8>| PushItem::Change { document: document(20), generation: 0, bytes: bytes.into() };
    bad.push((with(bytes[..bytes.len() - 1].to_vec()), Code::ChangeMalformed));
    bad.push((with(Vec::new()), Code::ChangeMalformed));
    bad.push((with(vec![0; 100_000]), Code::ChangeTooLarge));
    let mut damaged = bytes.to_vec();
    *damaged.last_mut().expect("bytes") ^= 1;
    bad.push((with(damaged), Code::ChangeChecksum));
    bad.push((with(Document::create(Kind::OutreachVisit, document(20), 0).save()), Code::ChangeMalformed));
    bad.push((with(root::change(Kind::OutreachVisit, document(21), 0)), Code::ChangeForbiddenField));

    let before = app.contents();
    for (item, code) in &bad {
        assert_eq!(lan.push(&app, vec![item.clone()]).await, [Answer::refused(*code)]);
        assert_eq!(app.contents(), before, "{code:?}");
    }
    let mut batch: Vec<PushItem> = bad.iter().map(|(item, _)| item.clone()).collect();
    batch.push(count);
    batch.push(with(root::change(Kind::OutreachVisit, document(20), 0)));
    let answers = lan.push(&app, batch).await;
    for ((_, code), answer) in bad.iter().zip(&answers) {
        assert_eq!(*answer, Answer::refused(*code), "the same again");
    }
    assert!(matches!(answers[bad.len()..], [Answer::Ok(_), Answer::Duplicate]), "{answers:?}");
}

#[tokio::test]
async fn what_builds_on_a_refused_change_is_refused_with_it_whatever_came_first() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    let create = lan.create(document(1), ward_a());
    assert!(lan.push(&app, vec![create]).await[0].is_kept());
    // A date that is right on the phone of the future and refused here.
    let future = lan.save(document(1), &[VisitEdit::Date(Some("2026-12-24".parse().expect("day")))]);
    let next = lan.save(document(1), &[VisitEdit::Count(CountKey::Attendance, amount(5))]);
    let last = lan.save(document(1), &[VisitEdit::Count(CountKey::Attendance, amount(6))]);
    let gone = Answer::refused(Code::DependsOnRefused);
    assert_eq!(lan.push(&app, vec![next.clone()]).await, [Answer::MissingDependencies]);
    let answers = lan.push(&app, vec![last.clone(), future.clone()]).await;
    assert_eq!(answers, [Answer::MissingDependencies, Answer::refused(Code::DateInFuture)]);
    assert_eq!(lan.push(&app, vec![last, next]).await, [gone.clone(), gone]);
    assert_eq!(lan.push(&app, vec![future]).await, [Answer::refused(Code::DateInFuture)]);
}

#[tokio::test]
async fn an_unknown_ward_is_refused_and_the_rest_is_kept() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    let nowhere = ward("99999@2025-07-01");
    let items = vec![
        lan.create(document(1), nowhere),
        lan.create(document(2), ward_a()),
        lan.save(document(2), &first_edits()),
    ];
    let answers = lan.push(&app, items).await;
    assert_eq!(answers[0], Answer::refused(Code::WardUnknown));
    assert!(answers[1].is_kept() && answers[2].is_kept());
}
