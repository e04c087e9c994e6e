//! Documents that travel without what follows from them: a page says whether they came as they were sent, and the messages stay
//! readable for ever.

use std::collections::BTreeSet;

use donghanh_shared::command::outreach_visit::{VisitEdit, edit};
use donghanh_shared::crdt::{Document, Kind, bare};
use donghanh_shared::ids::{ActorId, DeviceId, DocumentId, InstanceId};
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
    let mut session = Session::new(config, 3, Vec::new(), BTreeSet::new());
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
        mend: None,
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

fn noted(document: &mut Document, actor: u8, text: &str) {
    edit(document, ActorId([actor; 16]), 1_000, &[VisitEdit::Notes(text.to_owned())])
        .expect("edit")
        .expect("one");
}

/// A visit that three people wrote in, two of them apart: it has two heads.
fn visit() -> Document {
    let mut one = Document::create(Kind::OutreachVisit, DocumentId([7; 16]), 0);
    noted(&mut one, 1, "Nói chuyện ở chợ");
    let mut two = one.clone();
    noted(&mut one, 2, "Nói chuyện ở chợ, 12 người");
    noted(&mut two, 3, "Nói chuyện ở chợ Bến Thành");
    let changes: Vec<Vec<u8>> = two.changes().into_iter().map(|change| change.bytes).collect();
    one.apply(&changes).expect("applies");
    assert_eq!(one.heads().len(), 2);
    one
}

#[test]
fn what_is_left_out_is_reckoned_again_to_the_byte() {
    for document in [visit(), Document::create(Kind::PledgeDrive, DocumentId([8; 16]), 3)] {
        let whole = document.save();
        let bare = bare::strip(&whole).expect("bare");
        let left_out = 4 + 4 + 1 + 2 + 32 * document.heads().len();
        assert!(bare.len() + left_out <= whole.len() + 2, "{} of {}", bare.len(), whole.len());
        let again = Document::load_sent(&bare).expect("loads");
        assert_eq!((again.save(), again.heads()), (whole, document.heads()));
    }
}

#[test]
fn what_is_written_on_it_is_as_if_it_had_come_whole() {
    let whole = visit();
    let sent = Document::load_sent(&bare::strip(&whole.save()).expect("bare")).expect("loads");
    let saved = [sent.clone(), whole.clone()].map(|mut document| {
        noted(&mut document, 9, "Bổ sung");
        document.save()
    });
    assert_eq!(saved[0], saved[1]);
    let another = {
        let mut document = whole.clone();
        noted(&mut document, 8, "Từ nơi khác");
        document.changes().pop().expect("a change").bytes
    };
    let merged = [sent, whole].map(|mut document| {
        document.apply(std::slice::from_ref(&another)).expect("applies");
        document.save()
    });
    assert_eq!(merged[0], merged[1]);
}

#[test]
fn a_long_document_too() {
    let mut document = visit();
    for turn in 0..40 {
        noted(&mut document, 4 + turn % 3, &format!("{turn} {}", "lời ".repeat(usize::from(turn))));
    }
    let whole = document.save();
    let again = Document::load_sent(&bare::strip(&whole).expect("bare")).expect("loads");
    assert_eq!((again.save(), again.heads()), (whole, document.heads()));
    assert_eq!((again.summary(), again.content()), (document.summary(), document.content()));
    assert_eq!(again.changes(), document.changes());
}

#[test]
fn what_is_damaged_on_the_server_is_sent_as_it_is_and_not_made_to_look_sound() {
    let whole = visit().save();
    for at in [0, 5, 8, 9, whole.len() / 2, whole.len() - 1] {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        assert_eq!(bare::strip(&damaged), None, "{at}");
    }
    assert_eq!(bare::strip(&whole[..whole.len() - 1]), None);
    assert_eq!(bare::strip(&[whole.clone(), vec![0]].concat()), None);
    assert_eq!(bare::strip(&[]), None);
}
