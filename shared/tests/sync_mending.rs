//! What happens when a device does not hold what the server has of a scope: the parts that differ are fetched, then all of it, then
//! a person is told; nothing is ever thrown away for it.

use std::collections::BTreeSet;

use donghanh_shared::ids::{DeviceId, Digest, DocumentId, InstanceId};
use donghanh_shared::sync::parts::{Compared, Mended, Parts, Said};
use donghanh_shared::sync::session::{Config, Effect, Event, Route, Session, Status};
use donghanh_shared::sync::wire::{self, Cursor, PullPage, PullRequest};

const OURS: Digest = Digest::EMPTY;

fn theirs() -> Digest {
    Digest::of_document(DocumentId([1; 16]), 0, &[])
}

fn cursor(scope: u32, seq: u64) -> Cursor {
    Cursor { scope, seq, chain: 7, boot: None }
}

fn said(scope: u32) -> Said {
    Parts::default().said(scope)
}

/// A device that has read scopes 1 and 2, and asks for more.
fn pulling() -> Session {
    let config = Config { instance: InstanceId([1; 16]), device: DeviceId([2; 16]), jitter_seed: 42 };
    let mut session = Session::new(config, 3, vec![cursor(1, 9), cursor(2, 4)], BTreeSet::new());
    wake(&mut session);
    session
}

fn wake(session: &mut Session) -> Vec<Effect> {
    session.handle(Event::Wake);
    session.handle(Event::Outbox(vec![]))
}

fn replied(session: &mut Session, page: &PullPage) -> Vec<Effect> {
    session.handle(Event::Replied { status: 200, body: wire::to_bytes(page) })
}

/// A page that says the digests of both scopes.
fn compared() -> PullPage {
    PullPage {
        epoch: 3,
        cursors: vec![cursor(1, 9)],
        digests: vec![(1, theirs()), (2, theirs())],
        ..PullPage::default()
    }
}

fn mended(scope: u32) -> PullPage {
    let mended = Some(vec![Mended { scope, parts: vec![1].into() }]);
    PullPage { epoch: 3, digests: vec![(1, theirs())], mended, ..PullPage::default() }
}

/// A page, and what the device then holds of both.
fn takes(session: &mut Session, page: &PullPage, one: Digest) -> Vec<Effect> {
    replied(session, page);
    session.handle(Event::Stored { digests: vec![(1, one), (2, theirs())] })
}

fn request(effects: &[Effect]) -> PullRequest {
    let body = effects.iter().find_map(|effect| match effect {
        Effect::Send { route: Route::Pull, body } => Some(body),
        _ => None,
    });
    wire::from_bytes(body.expect("a request")).expect("reads")
}

#[test]
fn the_parts_of_a_scope_that_differs_are_asked_for_and_its_place_in_the_log_is_kept() {
    let mut session = pulling();
    assert_eq!(takes(&mut session, &compared(), OURS), [Effect::Sum(vec![1])]);
    let asked = request(&session.handle(Event::Summed(vec![said(1)])));
    assert_eq!((asked.cursors, asked.mend), (vec![cursor(1, 9), cursor(2, 4)], Some(vec![said(1)])));
    assert_eq!(takes(&mut session, &mended(1), theirs()), [Effect::Tell(Status::UpToDate)]);
    let usual = request(&wake(&mut session));
    assert_eq!(usual.mend, None, "once is enough");
}

#[test]
fn what_differs_after_its_parts_came_twice_is_fetched_anew_and_then_named() {
    let mut session = pulling();
    let mut effects = takes(&mut session, &compared(), OURS);
    for _ in 0..2 {
        assert_eq!(effects, [Effect::Sum(vec![1])]);
        session.handle(Event::Summed(vec![said(1)]));
        effects = takes(&mut session, &mended(1), OURS);
    }
    let asked = request(&effects);
    assert_eq!(
        (asked.cursors, asked.mend),
        (vec![cursor(2, 4)], None),
        "only the scope that differs is begun anew"
    );
    let effects = takes(&mut session, &compared(), OURS);
    assert_eq!(effects, [Effect::Tell(Status::Differs(1)), Effect::Tell(Status::UpToDate)]);
    assert_eq!(session.cursors(), [cursor(1, 9), cursor(2, 4)], "its place is kept");
    // Once it agrees, it is mended as before.
    wake(&mut session);
    takes(&mut session, &compared(), theirs());
    wake(&mut session);
    assert_eq!(takes(&mut session, &compared(), OURS), [Effect::Sum(vec![1])]);
}

#[test]
fn what_was_not_compared_says_nothing() {
    let mut session = pulling();
    replied(&mut session, &compared());
    let effects = session.handle(Event::Stored { digests: vec![(2, theirs())] });
    assert_eq!(effects, [Effect::Tell(Status::UpToDate)]);
}

#[test]
fn everything_new_comes_before_anything_is_mended() {
    let mut session = pulling();
    let first = PullPage { more: true, ..compared() };
    assert_eq!(request(&takes(&mut session, &first, OURS)).mend, None);
    let last = PullPage { epoch: 3, cursors: vec![cursor(2, 5)], ..PullPage::default() };
    assert_eq!(takes(&mut session, &last, OURS), [Effect::Sum(vec![1])]);
    // What came meanwhile may have mended it.
    let mut session = pulling();
    takes(&mut session, &first, OURS);
    assert_eq!(takes(&mut session, &compared(), theirs()), [Effect::Tell(Status::UpToDate)]);
}

#[test]
fn a_server_of_before_begins_the_scope_anew() {
    let nothing = PullPage { epoch: 3, ..PullPage::default() };
    let something = PullPage { epoch: 3, cursors: vec![cursor(2, 5)], ..PullPage::default() };
    for answer in [nothing, something] {
        let mut session = pulling();
        takes(&mut session, &compared(), OURS);
        session.handle(Event::Summed(vec![said(1)]));
        let mut effects = replied(&mut session, &answer);
        if !answer.cursors.is_empty() {
            let stored = effects
                .iter()
                .any(|effect| matches!(effect, Effect::Store { cursors, .. } if cursors == &[cursor(2, 5)]));
            assert!(stored, "{effects:?}");
            effects = session.handle(Event::Stored { digests: vec![] });
        }
        let asked = request(&effects);
        assert_eq!(asked.mend, None);
        assert!(asked.cursors.iter().all(|cursor| cursor.scope == 2), "{:?}", asked.cursors);
    }
}

#[test]
fn a_scope_that_ended_meanwhile_is_not_begun_anew() {
    let mut session = pulling();
    takes(&mut session, &compared(), OURS);
    session.handle(Event::Summed(vec![said(1)]));
    let ended = PullPage { epoch: 3, ended: vec![1], ..PullPage::default() };
    assert_eq!(takes(&mut session, &ended, OURS), [Effect::Tell(Status::UpToDate)]);
}

#[test]
fn while_nothing_is_fetched_what_differs_is_kept_in_mind() {
    let mut session = pulling();
    takes(&mut session, &compared(), OURS);
    session.handle(Event::Hold(true));
    assert_eq!(session.handle(Event::Summed(vec![said(1)])), [Effect::Tell(Status::Held)]);
    session.handle(Event::Hold(false));
    session.handle(Event::Outbox(vec![]));
    let nothing = PullPage { epoch: 3, ..PullPage::default() };
    assert_eq!(replied(&mut session, &nothing), [Effect::Sum(vec![1])]);
}

#[test]
fn an_answer_that_does_not_come_is_no_end_of_it() {
    for cut in [Event::Failed, Event::Replied { status: 503, body: vec![] }, Event::StoreFailed] {
        let mut session = pulling();
        takes(&mut session, &compared(), OURS);
        if cut != Event::StoreFailed {
            session.handle(Event::Summed(vec![said(1)]));
        }
        session.handle(cut);
        wake(&mut session);
        let nothing = PullPage { epoch: 3, ..PullPage::default() };
        assert_eq!(replied(&mut session, &nothing), [Effect::Sum(vec![1])], "asked once more");
        session.handle(Event::Summed(vec![said(1)]));
        session.handle(Event::Failed);
        wake(&mut session);
        // A line that lets no part through: from its beginning, page by page.
        let asked = request(&replied(&mut session, &nothing));
        assert_eq!((asked.cursors, asked.mend), (vec![cursor(2, 4)], None));
    }
}

#[test]
fn what_could_not_be_stored_is_asked_for_again() {
    let mut session = pulling();
    takes(&mut session, &compared(), OURS);
    session.handle(Event::Summed(vec![said(1)]));
    replied(&mut session, &mended(1));
    session.handle(Event::StoreFailed);
    wake(&mut session);
    let nothing = PullPage { epoch: 3, ..PullPage::default() };
    assert_eq!(replied(&mut session, &nothing), [Effect::Sum(vec![1])]);
}

#[test]
fn many_scopes_are_mended_a_few_at_a_time_in_requests_that_fit() {
    let config = Config { instance: InstanceId([1; 16]), device: DeviceId([2; 16]), jitter_seed: 42 };
    let cursors: Vec<Cursor> = (1..=40).map(|scope| cursor(scope, 9)).collect();
    let mut session = Session::new(config, 3, cursors, BTreeSet::new());
    wake(&mut session);
    let digests = |of: Digest| (1..=40).map(|scope| (scope, of)).collect::<Vec<_>>();
    let page = PullPage { epoch: 4, digests: digests(theirs()), ..PullPage::default() };
    replied(&mut session, &page);
    let mut effects = session.handle(Event::Stored { digests: digests(OURS) });
    let mut asked_for = 0;
    while let [Effect::Sum(scopes)] = &effects[..] {
        let scopes = scopes.clone();
        asked_for += scopes.len();
        let sent = session.handle(Event::Summed(scopes.iter().map(|scope| said(*scope)).collect()));
        assert!(wire::to_bytes(&request(&sent)).len() <= wire::MAX_PULL_REQUEST);
        let digests: Vec<(u32, Digest)> = scopes.iter().map(|scope| (*scope, theirs())).collect();
        let of = |scope: &u32| Mended { scope: *scope, parts: vec![1].into() };
        let mended = Some(scopes.iter().map(of).collect());
        replied(
            &mut session,
            &PullPage { epoch: 4, digests: digests.clone(), mended, ..PullPage::default() },
        );
        effects = session.handle(Event::Stored { digests });
    }
    assert_eq!((asked_for, effects), (40, vec![Effect::Tell(Status::UpToDate)]));
}

#[test]
fn a_request_that_is_too_large_for_the_server_is_done_without() {
    let mut session = pulling();
    takes(&mut session, &compared(), OURS);
    session.handle(Event::Summed(vec![said(1)]));
    let asked = request(&session.handle(Event::Replied { status: 413, body: vec![] }));
    assert_eq!((asked.cursors, asked.mend), (vec![cursor(2, 4)], None));
}

#[test]
fn a_store_that_cannot_be_read_stops_the_round() {
    let mut session = pulling();
    takes(&mut session, &compared(), OURS);
    let effects = session.handle(Event::StoreFailed);
    assert!(matches!(effects[..], [Effect::Tell(Status::Stopped(_))]) && session.is_idle());
}

/// A phone dies between the page and the mend, or its answer never comes and the app is closed: nothing moves on the server that would
/// have its digest said again.
#[test]
fn what_a_device_that_died_had_found_to_differ_is_mended_after_its_start() {
    let mut differing = BTreeSet::from([7]);
    let page = PullPage { ended: vec![7], ..compared() };
    let own = |scope| Some(if scope == 1 { OURS } else { theirs() });
    Compared::of(&page).note(&mut differing, own);
    assert_eq!(differing, BTreeSet::from([1]), "kept with the page; what ended needs none");

    let config = Config { instance: InstanceId([1; 16]), device: DeviceId([2; 16]), jitter_seed: 42 };
    let mut session = Session::new(config, 3, vec![cursor(1, 9), cursor(2, 4)], differing.clone());
    wake(&mut session);
    let effects = replied(&mut session, &PullPage { epoch: 3, ..PullPage::default() });
    assert_eq!(effects, [Effect::Sum(vec![1])]);
    session.handle(Event::Summed(vec![said(1)]));
    replied(&mut session, &mended(1));
    let effects = session.handle(Event::Stored { digests: vec![(1, theirs())] });
    assert_eq!(effects, [Effect::Tell(Status::UpToDate)]);
    Compared::of(&mended(1)).note(&mut differing, |_| Some(theirs()));
    assert!(differing.is_empty());
}
