//! Documents that travel without what follows from them: a page says whether they came as they were sent, and the messages stay
//! readable for ever.

use donghanh_shared::crdt::{Document, Kind, bare};
use donghanh_shared::ids::{DeviceId, DocumentId, InstanceId};
use donghanh_shared::sync::session::{Config, Effect, Event, Session, Status};
use donghanh_shared::sync::wire::{self, Cursor, PullItem, PullPage, PullRequest};

const INSTANCE: InstanceId = InstanceId([1; 16]);
const VISIT: DocumentId = DocumentId([7; 16]);

fn page() -> PullPage {
    let whole = Document::create(Kind::OutreachVisit, VISIT, 0).save();
    let page = PullPage {
        epoch: 3,
        items: vec![PullItem::Snapshot {
            scope: 1,
            document: VISIT,
            generation: 0,
            kind: Kind::OutreachVisit,
            bytes: bare::strip(&whole).expect("bare").into(),
            case: None,
            home: None,
        }],
        cursors: vec![Cursor { scope: 1, seq: 9, chain: 7, boot: None }],
        ..PullPage::default()
    };
    PullPage { check: Some(page.sum()), ..page }
}

fn answered(page: &PullPage) -> Vec<Effect> {
    let config = Config { instance: INSTANCE, device: DeviceId([2; 16]), jitter_seed: 42 };
    let mut session = Session::new(config, 3, Vec::new());
    session.handle(Event::Wake);
    session.handle(Event::Outbox(vec![]));
    session.handle(Event::Replied { status: 200, body: wire::to_bytes(page) })
}

#[test]
fn a_page_that_was_damaged_on_the_way_is_not_stored_and_is_asked_for_again() {
    assert!(matches!(answered(&page())[..], [Effect::Tell(Status::Receiving { .. }), Effect::Store { .. }]));
    let mut damaged = page();
    let PullItem::Snapshot { bytes, .. } = &mut damaged.items[0] else { panic!("a snapshot") };
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    assert!(matches!(answered(&damaged)[..], [Effect::Tell(Status::Unreachable), Effect::Pause { .. }]));
    // A server of before says no check.
    let before = PullPage { check: None, ..damaged };
    assert!(matches!(answered(&before)[..], [Effect::Tell(Status::Receiving { .. }), Effect::Store { .. }]));
}

#[test]
fn golden_messages_with_bare_documents_still_read_and_write_the_same() {
    let cursors = vec![Cursor { scope: 1, seq: 9, chain: 7, boot: None }];
    let request = PullRequest {
        version: 1,
        instance: INSTANCE,
        epoch: 3,
        cursors,
        max_bytes: 4_096,
        classes: Some(9),
        bare: Some(true),
    };
    let messages =
        [("pull_request_bare", wire::to_bytes(&request)), ("pull_page_bare", wire::to_bytes(&page()))];
    for (name, bytes) in messages {
        let path = format!("{}/tests/golden/v1/{name}.cbor", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("DONGHANH_MAKE_GOLDEN").is_some() {
            std::fs::write(&path, &bytes).expect("write");
        }
        assert_eq!(std::fs::read(&path).expect("golden file"), bytes, "{name}");
    }
    assert_eq!(wire::from_bytes::<PullRequest>(&wire::to_bytes(&request)), Ok(request));
    let read = wire::from_bytes::<PullPage>(&wire::to_bytes(&page())).expect("reads");
    assert_eq!(read, page());
    let PullItem::Snapshot { bytes, .. } = &read.items[0] else { panic!("a snapshot") };
    let document = Document::load_sent(bytes).expect("loads");
    assert_eq!(document.heads(), Document::create(Kind::OutreachVisit, VISIT, 0).heads());
}
