//! The session's promises: what waits is sent before anything is fetched, nothing is forgotten when a link cuts, and a
//! scope that differs is mended.

use donghanh_shared::access::Scope;
use donghanh_shared::command::Command;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{CommandId, DeviceId, Digest, DocumentId, InstanceId, PlaceId};
use donghanh_shared::sync::session::{
    Config, Effect, Event, MAX_PAUSE_MS, MIN_BUDGET, Route, Session, Status,
};
use donghanh_shared::sync::wire::{
    self, Answer, Cursor, PullItem, PullPage, PullRequest, PushAnswer, PushItem, PushRequest, ScopeInfo,
};

fn session() -> Session {
    let config = Config { instance: InstanceId([1; 16]), device: DeviceId([2; 16]), jitter_seed: 42 };
    Session::new(config, 3, Vec::new())
}

fn entry(number: u64) -> (u64, PushItem) {
    let command = Command::ApprovePlace { place: PlaceId([9; 16]) };
    (number, PushItem::Command { id: CommandId([u8::try_from(number).expect("small"); 16]), at: 0, command })
}

fn replied<T: minicbor::Encode<()>>(message: &T) -> Event {
    Event::Replied { status: 200, body: wire::to_bytes(message) }
}

fn body(effects: &[Effect], wanted: Route) -> Vec<u8> {
    effects
        .iter()
        .find_map(|effect| match effect {
            Effect::Send { route, body } if *route == wanted => Some(body.clone()),
            _ => None,
        })
        .expect("a request")
}

fn cursor(scope: u32, seq: u64) -> Cursor {
    Cursor { scope, seq, chain: 7, boot: None }
}

#[test]
fn a_round_sends_then_fetches_then_rests() {
    let mut session = session();
    session.handle(Event::Wake);
    let effects = session.handle(Event::Outbox(vec![entry(4), entry(6)]));
    let unpacked = wire::inflate(&body(&effects, Route::Push), 1 << 20).expect("inflates");
    let request: PushRequest = wire::from_bytes(&unpacked).expect("reads");
    assert_eq!((request.batch, request.epoch, request.items.len()), (4, 3, 2));
    let answer = PushAnswer { epoch: 3, answers: vec![Answer::Ok(1), Answer::refused(Code::NotAllowed)] };
    let effects = session.handle(replied(&answer));
    assert_eq!(effects, [Effect::Settle(vec![(4, Answer::Ok(1)), (6, Answer::refused(Code::NotAllowed))])]);
    let effects = session.handle(Event::Stored { digests: vec![] });
    assert!(matches!(effects[..], [Effect::LoadOutbox { after: 6, .. }]), "goes on behind what was tried");
    let effects = session.handle(Event::Outbox(vec![]));
    let request: PullRequest = wire::from_bytes(&body(&effects, Route::Pull)).expect("reads");
    assert!(request.cursors.is_empty());
    let page = PullPage { epoch: 3, cursors: vec![cursor(1, 5)], more: true, ..PullPage::default() };
    let effects = session.handle(replied(&page));
    assert!(effects.iter().any(|e| matches!(e, Effect::Store { cursors, .. } if cursors == &[cursor(1, 5)])));
    assert!(session.cursors().is_empty(), "a cursor counts only once its page is stored");
    let effects = session.handle(Event::Stored { digests: vec![] });
    let request: PullRequest = wire::from_bytes(&body(&effects, Route::Pull)).expect("reads");
    assert_eq!(request.cursors, [cursor(1, 5)]);
    let effects = session.handle(replied(&PullPage { epoch: 3, ..PullPage::default() }));
    assert_eq!(effects, [Effect::Tell(Status::UpToDate)]);
    assert!(session.is_idle());
}

#[test]
fn a_cut_pauses_shrinks_and_tries_the_same_again() {
    let mut session = session();
    let mut pauses = Vec::new();
    for _ in 0..20 {
        session.handle(Event::Wake);
        session.handle(Event::Outbox(vec![entry(1)]));
        let effects = session.handle(Event::Failed);
        pauses.extend(
            effects.iter().filter_map(|e| if let Effect::Pause { ms } = e { Some(*ms) } else { None }),
        );
    }
    assert_eq!(pauses.len(), 20);
    assert!(pauses[0] < 2_000 && pauses.iter().all(|ms| *ms <= MAX_PAUSE_MS) && pauses[19] > 60_000);
    let effects = session.handle(Event::Wake);
    assert!(matches!(effects[..], [Effect::LoadOutbox { after: 0, max_bytes: MIN_BUDGET }]));
}

#[test]
fn an_answer_that_does_not_fit_changes_nothing() {
    let mut session = session();
    session.handle(Event::Wake);
    session.handle(Event::Outbox(vec![entry(1), entry(2)]));
    let short = PushAnswer { epoch: 3, answers: vec![Answer::Duplicate] };
    let effects = session.handle(replied(&short));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Settle(_))));
    session.handle(Event::Wake);
    session.handle(Event::Outbox(vec![]));
    let effects = session.handle(Event::Replied { status: 200, body: vec![0xff, 0x00] });
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Store { .. })));
}

#[test]
fn waking_while_busy_starts_another_round_afterwards() {
    let mut session = session();
    session.handle(Event::Wake);
    session.handle(Event::Outbox(vec![]));
    assert!(session.handle(Event::Wake).is_empty());
    let effects = session.handle(replied(&PullPage { epoch: 3, ..PullPage::default() }));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::LoadOutbox { after: 0, .. })));
}

#[test]
fn a_scope_that_differs_is_fetched_anew_and_then_named() {
    let mut session = session();
    session.handle(Event::Wake);
    session.handle(Event::Outbox(vec![]));
    let theirs = Digest::of_document(DocumentId([1; 16]), 0, &[]);
    let page = || PullPage {
        epoch: 3,
        items: vec![PullItem::Leave { scope: 1, document: DocumentId([5; 16]) }],
        cursors: vec![cursor(1, 9), cursor(2, 4)],
        digests: vec![(1, theirs), (2, theirs)],
        ..PullPage::default()
    };
    for _ in 0..2 {
        session.handle(replied(&page()));
        let effects = session.handle(Event::Stored { digests: vec![(1, Digest::EMPTY), (2, theirs)] });
        let request: PullRequest = wire::from_bytes(&body(&effects, Route::Pull)).expect("reads");
        assert_eq!(request.cursors, [cursor(2, 4)], "only the scope that differs is begun anew");
    }
    session.handle(replied(&page()));
    let effects = session.handle(Event::Stored { digests: vec![(1, Digest::EMPTY), (2, theirs)] });
    assert!(effects.contains(&Effect::Tell(Status::Differs(1))) && session.is_idle());
}

#[test]
fn being_signed_out_stops_without_losing_anything() {
    let mut session = session();
    session.handle(Event::Wake);
    session.handle(Event::Outbox(vec![entry(1)]));
    let effects = session.handle(Event::Replied { status: 401, body: vec![] });
    let [Effect::Tell(Status::Stopped(problem))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(problem.code.code(), "not_signed_in");
    assert!(session.is_idle());
}

#[test]
fn golden_messages_still_read_and_write_the_same() {
    let request = PushRequest {
        version: 1,
        instance: InstanceId([1; 16]),
        device: DeviceId([2; 16]),
        epoch: 3,
        batch: 4,
        items: vec![
            PushItem::Change { document: DocumentId([5; 16]), generation: 0, bytes: vec![1, 2, 3].into() },
            entry(6).1,
        ],
    };
    let page = PullPage {
        epoch: 3,
        items: vec![
            PullItem::Leave { scope: 1, document: DocumentId([5; 16]) },
            PullItem::Changes {
                scope: 1,
                document: DocumentId([5; 16]),
                generation: 0,
                changes: vec![vec![9].into()],
            },
        ],
        cursors: vec![cursor(1, 9)],
        digests: vec![(1, Digest::EMPTY)],
        ..PullPage::default()
    };
    for (name, bytes) in [("push_request", wire::to_bytes(&request)), ("pull_page", wire::to_bytes(&page))] {
        let path = format!("{}/tests/golden/v1/{name}.cbor", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("DONGHANH_MAKE_GOLDEN").is_some() {
            std::fs::write(&path, &bytes).expect("write");
        }
        assert_eq!(std::fs::read(&path).expect("golden file"), bytes, "{name}");
    }
    assert_eq!(wire::from_bytes::<PushRequest>(&wire::to_bytes(&request)), Ok(request));
    assert_eq!(wire::from_bytes::<PullPage>(&wire::to_bytes(&page)), Ok(page));
}

#[test]
fn golden_commands_about_schools_still_read_and_write_the_same() {
    let (document, school) = (DocumentId([5; 16]), PlaceId([6; 16]));
    let commands = vec![
        Command::CreateAtSchool { document, ward: "08707@2025-07-01".parse().expect("ward"), school },
        Command::AddSchool { document, school },
        Command::RemoveSchool { document, school },
    ];
    let bytes = wire::to_bytes(&commands);
    let path = format!("{}/tests/golden/v1/school_commands.cbor", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("DONGHANH_MAKE_GOLDEN").is_some() {
        std::fs::write(&path, &bytes).expect("write");
    }
    assert_eq!(std::fs::read(&path).expect("golden file"), bytes);
    assert_eq!(wire::from_bytes::<Vec<Command>>(&bytes), Ok(commands));
}

#[test]
fn a_field_of_a_newer_protocol_is_passed_over() {
    let mut bytes = wire::to_bytes(&PullPage::default());
    assert_eq!(bytes[0] & 0xe0, 0xa0, "a map");
    bytes[0] += 1;
    bytes.extend_from_slice(&[0x18, 99, 0x81, 0x01]);
    assert_eq!(wire::from_bytes::<PullPage>(&bytes), Ok(PullPage::default()));
}

#[test]
fn a_page_that_names_a_scope_of_a_newer_server_still_reads() {
    let known = ScopeInfo { number: 2, scope: Scope::Reference, write: false };
    let page = PullPage { scopes: vec![known.clone(), known.clone()], more: true, ..PullPage::default() };
    let (mut bytes, name) = (wire::to_bytes(&page), b"reference");
    let at = bytes.windows(name.len()).position(|window| window == name).expect("named");
    bytes[at..at + name.len()].copy_from_slice(b"pond/0870");
    let read: PullPage = wire::from_bytes(&bytes).expect("reads");
    assert_eq!((read.scopes, read.more), (vec![known], true));
    assert!(wire::from_bytes::<PullPage>(&bytes[..at + 3]).is_err(), "what is cut off does not");
}

#[test]
fn while_the_person_holds_fetching_what_is_saved_is_sent_and_nothing_is_fetched() {
    let mut session = session();
    session.handle(Event::Wake);
    session.handle(Event::Outbox(Vec::new()));
    // In the middle of a first sync: the page under way is kept, the next one waits.
    assert!(session.handle(Event::Hold(true)).is_empty());
    let cursor = Cursor { scope: 1, seq: 9, chain: 7, boot: None };
    let page = PullPage { epoch: 3, cursors: vec![cursor], more: true, ..PullPage::default() };
    let effects = session.handle(replied(&page));
    assert!(matches!(effects.as_slice(), [Effect::Tell(_), Effect::Store { .. }]), "{effects:?}");
    let effects = session.handle(Event::Stored { digests: Vec::new() });
    assert_eq!(effects, [Effect::Tell(Status::Held)]);
    assert!(session.is_idle());
    // Something is saved meanwhile.
    session.handle(Event::Wake);
    body(&session.handle(Event::Outbox(vec![entry(1)])), Route::Push);
    session.handle(replied(&PushAnswer { epoch: 3, answers: vec![Answer::Ok(1)] }));
    session.handle(Event::Stored { digests: Vec::new() });
    assert_eq!(session.handle(Event::Outbox(Vec::new())), [Effect::Tell(Status::Held)]);
    // Going on, it begins where it stood.
    assert!(matches!(session.handle(Event::Hold(false)).as_slice(), [Effect::LoadOutbox { .. }]));
    let sent = body(&session.handle(Event::Outbox(Vec::new())), Route::Pull);
    assert_eq!(wire::from_bytes::<PullRequest>(&sent).expect("reads").cursors, [cursor]);
}

#[test]
fn going_on_before_the_page_under_way_came_goes_on_at_once() {
    let mut session = session();
    session.handle(Event::Wake);
    session.handle(Event::Outbox(Vec::new()));
    session.handle(Event::Hold(true));
    assert!(session.handle(Event::Hold(false)).is_empty());
    let page = PullPage { epoch: 4, more: true, ..PullPage::default() };
    session.handle(replied(&page));
    let effects = session.handle(Event::Stored { digests: Vec::new() });
    body(&effects, Route::Pull);
}
