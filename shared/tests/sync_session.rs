//! The session's promises: what waits is sent before anything is fetched, nothing is forgotten when a link cuts, and a
//! scope that differs is mended.

use std::collections::BTreeSet;

use donghanh_shared::access::Scope;
use donghanh_shared::command::Command;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{CommandId, DeviceId, DocumentId, InstanceId, PlaceId};
use donghanh_shared::sync::session::{
    Config, Effect, Event, FIRST_BUDGET, MAX_PAGE_BUDGET, MAX_PAUSE_MS, MAX_PUSH_BUDGET, MIN_BUDGET, Route,
    Session, Status, refusal_code,
};
use donghanh_shared::sync::wire::{
    self, Answer, Cursor, PullItem, PullPage, PullRequest, PushAnswer, PushItem, PushRequest, ScopeInfo,
};

fn session() -> Session {
    let config = Config { instance: InstanceId([1; 16]), device: DeviceId([2; 16]), jitter_seed: 42 };
    Session::new(config, 3, Vec::new(), BTreeSet::new())
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
fn what_a_round_counts_is_of_that_round_alone() {
    let mut session = session();
    let mut receives = |total| {
        session.handle(Event::Wake);
        session.handle(Event::Outbox(Vec::new()));
        let cursor = Cursor { scope: 1, seq: 9, chain: 7, boot: None };
        let leave = PullItem::Leave { scope: 1, document: DocumentId([5; 16]) };
        let page =
            PullPage { epoch: 3, items: vec![leave], cursors: vec![cursor], total, ..PullPage::default() };
        let told = session.handle(replied(&page)).remove(0);
        session.handle(Event::Stored { digests: Vec::new() });
        told
    };
    let told = |total| Effect::Tell(Status::Receiving { received: 1, total });
    assert_eq!(receives(Some(300)), told(Some(300)));
    assert_eq!(receives(None), told(None));
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

fn pulling() -> Session {
    let mut session = session();
    session.handle(Event::Wake);
    session.handle(Event::Outbox(vec![]));
    session
}

fn pull_request(effects: &[Effect]) -> PullRequest {
    wire::from_bytes(&body(effects, Route::Pull)).expect("reads")
}

fn asked_to_load(effects: &[Effect]) -> (u64, u32) {
    let found = effects.iter().find_map(|effect| match effect {
        Effect::LoadOutbox { after, max_bytes } => Some((*after, *max_bytes)),
        _ => None,
    });
    found.expect("asks for the outbox")
}

#[test]
fn the_limits_of_batches_pages_and_pauses_are_the_agreed_ones() {
    assert_eq!((MIN_BUDGET, FIRST_BUDGET), (2_048, 262_144));
    assert_eq!((MAX_PUSH_BUDGET, MAX_PAGE_BUDGET), (1_048_576, 1_048_576));
    assert_eq!(MAX_PAUSE_MS, 300_000);
}

#[test]
fn batches_grow_while_they_get_through_and_are_halved_by_a_cut() {
    let mut session = session();
    let mut effects = session.handle(Event::Wake);
    for (number, size) in (1..).zip([256, 512, 1_024, 1_024]) {
        assert_eq!(asked_to_load(&effects), (number - 1, size << 10));
        let effects_of_push = session.handle(Event::Outbox(vec![entry(number)]));
        assert_eq!(effects_of_push[0], Effect::Tell(Status::Sending(1)));
        session.handle(replied(&PushAnswer { epoch: 3, answers: vec![Answer::Ok(number)] }));
        effects = session.handle(Event::Stored { digests: vec![] });
    }
    session.handle(Event::Outbox(vec![entry(5)]));
    session.handle(Event::Failed);
    assert_eq!(asked_to_load(&session.handle(Event::Wake)), (0, 512 << 10), "from the beginning, with half");
}

#[test]
fn pages_grow_while_they_get_through_and_are_halved_by_a_cut() {
    let mut session = session();
    session.handle(Event::Wake);
    let mut effects = session.handle(Event::Outbox(vec![]));
    for size in [256, 512, 1_024, 1_024] {
        assert_eq!(pull_request(&effects).max_bytes, size << 10);
        session.handle(replied(&PullPage { epoch: 3, more: true, ..PullPage::default() }));
        effects = session.handle(Event::Stored { digests: vec![] });
    }
    for size in [512, 256, 128, 64, 32, 16, 8, 4, 2, 2] {
        session.handle(Event::Failed);
        session.handle(Event::Wake);
        let effects = session.handle(Event::Outbox(vec![]));
        assert_eq!(pull_request(&effects).max_bytes, size << 10);
    }
}

#[test]
fn a_batch_that_is_too_large_is_halved_at_once_until_it_cannot_be() {
    let mut session = session();
    let mut effects = session.handle(Event::Wake);
    let too_large = || Event::Replied { status: 413, body: vec![] };
    for size in [256, 128, 64, 32, 16, 8, 4, 2] {
        assert_eq!(asked_to_load(&effects), (0, size << 10));
        session.handle(Event::Outbox(vec![entry(1)]));
        effects = session.handle(too_large());
    }
    assert!(matches!(effects[..], [Effect::Tell(Status::Unreachable), Effect::Pause { .. }]), "{effects:?}");
    assert!(session.is_idle());
}

#[test]
fn what_a_person_must_do_is_told_by_its_code_and_all_else_is_tried_again() {
    let told = |session: &mut Session, status| {
        let effects = session.handle(Event::Replied { status, body: vec![] });
        assert!(session.is_idle());
        match &effects[..] {
            [Effect::Tell(Status::Stopped(problem))] => Some(problem.code),
            [Effect::Tell(Status::Unreachable), Effect::Pause { .. }] => None,
            other => panic!("{other:?}"),
        }
    };
    for (status, code) in [
        (401, Some(Code::NotSignedIn)),
        (409, Some(Code::OtherInstance)),
        (426, Some(Code::VersionUnsupported)),
        (500, None),
        (201, None),
    ] {
        assert_eq!(told(&mut pulling(), status), code, "{status} to a pull");
        let mut pushing = session();
        pushing.handle(Event::Wake);
        pushing.handle(Event::Outbox(vec![entry(1)]));
        assert_eq!(told(&mut pushing, status), code, "{status} to a push");
    }
}

#[test]
fn what_could_not_be_stored_stops_the_session_until_it_is_woken() {
    let loading = || {
        let mut session = session();
        session.handle(Event::Wake);
        session
    };
    let settling = || {
        let mut session = loading();
        session.handle(Event::Outbox(vec![entry(1)]));
        session.handle(replied(&PushAnswer { epoch: 3, answers: vec![Answer::Duplicate] }));
        session
    };
    let storing = || {
        let mut session = pulling();
        session.handle(replied(&PullPage { epoch: 4, cursors: vec![cursor(1, 5)], ..PullPage::default() }));
        session
    };
    for mut session in [loading(), settling(), storing()] {
        let effects = session.handle(Event::StoreFailed);
        let [Effect::Tell(Status::Stopped(problem))] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!(problem.code, Code::StoreFailed);
        assert!(session.is_idle() && session.cursors().is_empty(), "nothing counts that was not stored");
        assert_eq!(asked_to_load(&session.handle(Event::Wake)).0, 0);
    }
}

#[test]
fn an_event_that_does_not_fit_is_passed_over_and_what_is_under_way_goes_on() {
    let mut idle = session();
    for event in
        [Event::Failed, Event::StoreFailed, Event::Outbox(vec![entry(1)]), replied(&PullPage::default())]
    {
        assert_eq!((idle.handle(event), idle.is_idle()), (vec![], true));
    }
    let mut pulling = pulling();
    for event in [Event::StoreFailed, Event::Outbox(vec![entry(1)]), Event::Stored { digests: vec![] }] {
        assert_eq!((pulling.handle(event), pulling.is_idle()), (vec![], false));
    }
    let effects = pulling.handle(replied(&PullPage { epoch: 3, ..PullPage::default() }));
    assert_eq!(effects, [Effect::Tell(Status::UpToDate)]);
}

#[test]
fn whatever_a_page_says_is_stored_before_the_round_is_over() {
    let page = || PullPage { epoch: 3, ..PullPage::default() };
    let scope = ScopeInfo { number: 2, scope: Scope::Reference, write: false };
    let says = [
        PullPage { items: vec![PullItem::Leave { scope: 1, document: DocumentId([5; 16]) }], ..page() },
        PullPage { cursors: vec![cursor(1, 5)], ..page() },
        PullPage { ended: vec![7], ..page() },
        PullPage { unknown: Some(vec![7]), ..page() },
        PullPage { scopes: vec![scope], ..page() },
        PullPage { epoch: 4, ..page() },
        PullPage { more: true, ..page() },
    ];
    for page in says {
        let mut session = pulling();
        let effects = session.handle(replied(&page));
        let stored = Effect::Store { page: Box::new(page.clone()), cursors: page.cursors.clone() };
        assert!(effects.contains(&stored), "{page:?}: {effects:?}");
        let effects = session.handle(Event::Stored { digests: vec![] });
        if page.more {
            pull_request(&effects);
        } else {
            assert_eq!(effects, [Effect::Tell(Status::UpToDate)], "{page:?}");
        }
        assert_eq!(session.is_idle(), !page.more);
    }
}

#[test]
fn the_epoch_of_a_stored_page_is_said_from_then_on() {
    let mut session = pulling();
    session.handle(replied(&PullPage { epoch: 4, ..PullPage::default() }));
    session.handle(Event::Stored { digests: vec![] });
    session.handle(Event::Wake);
    assert_eq!(pull_request(&session.handle(Event::Outbox(vec![]))).epoch, 4);
}

#[test]
fn cursors_move_by_scope_in_order_and_go_with_their_scope() {
    let config = Config { instance: InstanceId([1; 16]), device: DeviceId([2; 16]), jitter_seed: 42 };
    let had = vec![cursor(2, 1), cursor(4, 1), cursor(6, 1), cursor(8, 1)];
    let mut session = Session::new(config, 3, had.clone(), BTreeSet::new());
    assert_eq!(session.cursors(), had);
    session.handle(Event::Wake);
    assert_eq!(pull_request(&session.handle(Event::Outbox(vec![]))).cursors, had);
    let page = PullPage {
        epoch: 3,
        cursors: vec![cursor(5, 9), cursor(4, 9)],
        ended: vec![2],
        unknown: Some(vec![8]),
        ..PullPage::default()
    };
    session.handle(replied(&page));
    session.handle(Event::Stored { digests: vec![] });
    assert_eq!(session.cursors(), [cursor(4, 9), cursor(5, 9), cursor(6, 1)]);
}

#[test]
fn people_are_told_how_much_came_in_this_round_and_of_how_much() {
    let items = |n| (0..n).map(|n| PullItem::Leave { scope: 1, document: DocumentId([n; 16]) }).collect();
    let mut session = pulling();
    let told = |session: &mut Session, page: PullPage| {
        let effects = session.handle(replied(&page));
        session.handle(Event::Stored { digests: vec![] });
        effects[0].clone()
    };
    let first = PullPage { epoch: 3, items: items(3), total: Some(9), more: true, ..PullPage::default() };
    let receiving = |received, total| Effect::Tell(Status::Receiving { received, total });
    assert_eq!(told(&mut session, first), receiving(3, Some(9)));
    let next = || PullPage { epoch: 3, items: items(2), ..PullPage::default() };
    assert_eq!(told(&mut session, next()), receiving(5, Some(9)));
    assert!(session.is_idle());
    session.handle(Event::Wake);
    session.handle(Event::Outbox(vec![]));
    let anew = told(&mut session, next());
    assert!(
        matches!(anew, Effect::Tell(Status::Receiving { received: 2, .. })),
        "a round counts anew: {anew:?}"
    );
}

#[test]
fn what_is_woken_for_once_is_done_once() {
    let mut session = pulling();
    session.handle(Event::Wake);
    let nothing_new = || replied(&PullPage { epoch: 3, ..PullPage::default() });
    let effects = session.handle(nothing_new());
    assert!(matches!(effects[..], [Effect::Tell(Status::UpToDate), Effect::LoadOutbox { after: 0, .. }]));
    session.handle(Event::Outbox(vec![]));
    assert_eq!(session.handle(nothing_new()), [Effect::Tell(Status::UpToDate)]);
}

#[test]
fn an_answer_ends_the_growing_of_the_pauses() {
    let mut session = session();
    let cut = |session: &mut Session, answer: Event, entries| {
        for _ in 0..6 {
            session.handle(Event::Wake);
            session.handle(Event::Outbox(vec![]));
            session.handle(Event::Failed);
        }
        session.handle(Event::Wake);
        session.handle(Event::Outbox(entries));
        session.handle(answer);
        session.handle(Event::Stored { digests: vec![] });
        session.handle(Event::Outbox(vec![]));
        match session.handle(Event::Failed)[..] {
            [_, Effect::Pause { ms }] => ms,
            ref other => panic!("{other:?}"),
        }
    };
    let page = replied(&PullPage { epoch: 3, more: true, ..PullPage::default() });
    assert!(cut(&mut session, page, vec![]) < 1_500);
    let answer = replied(&PushAnswer { epoch: 3, answers: vec![Answer::Duplicate] });
    assert!(cut(&mut session, answer, vec![entry(1)]) < 1_500);
}

#[test]
fn a_refusal_of_a_newer_server_is_told_as_an_unknown_problem() {
    assert_eq!(refusal_code("not_allowed"), Code::NotAllowed);
    assert_eq!(refusal_code("of_a_newer_server"), Code::Internal);
}
