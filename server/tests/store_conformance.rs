//! What every store must do, whichever database stands behind it. A further backend adds one line at the end.

use std::collections::BTreeSet;
use std::sync::Arc;

use donghanh_server::projection::row;
use donghanh_server::store::audit::{Line, NewLine, Query};
use donghanh_server::store::handed_over::{Decision, NewItem, Received};
use donghanh_server::store::invitations::NewInvitation;
use donghanh_server::store::report::ActivityQuestion;
use donghanh_server::store::sqlite::{LEDGER, Mode, SqliteStore};
use donghanh_server::store::{
    Committed, Draft, Event, NewChange, NewPerson, NewSession, NewState, PlacementEvent, PreparedBatch,
    PreparedDocument, PullQuery, Questions, SetAside, Store, StoreError,
};
use donghanh_server::vault::Vault;
use donghanh_shared::access::{Access, Grant, Membership, Placement, Role, Scope};
use donghanh_shared::command::outreach_visit::{VisitEdit, edit};
use donghanh_shared::command::{fields, pledge_drive, prevention_model};
use donghanh_shared::crdt::merge::{Base, merge};
use donghanh_shared::crdt::{Document, Kind};
use donghanh_shared::domain::date::Span;
use donghanh_shared::domain::pledge_drive::{GroupKey, Signer};
use donghanh_shared::domain::prevention_model::{ReviewYear, Verdict};
use donghanh_shared::domain::{Ward, WardRef};
use donghanh_shared::ids::{
    ActorId, ChangeHash, CommandId, DeviceId, Digest, DocumentId, InstanceId, PersonId,
};
use donghanh_shared::seal::Key;
use donghanh_shared::sync::wire::{Answer, PullItem, Reference};
use tempfile::TempDir;

const ID: DocumentId = DocumentId([5; 16]);
const ACTOR: ActorId = ActorId([6; 16]);

fn ward() -> WardRef {
    "08707@2025-07-01".parse().expect("ward")
}

/// A store with one ward, one person, and two of the person's devices; their tokens are all 1 and all 2.
async fn furnished(store: Arc<dyn Store>) -> (Arc<dyn Store>, [i64; 2], i64) {
    let (name, kind) = ("Vĩnh Yên".to_owned(), "Phường".to_owned());
    let new = Ward { id: ward(), name, kind, valid_to: None, successor: None };
    store.put_references(vec![Reference::Ward(new)]).await.expect("ward");
    let span = Span { from: ward().valid_from, to: None };
    let membership =
        Membership { role: Role::Volunteer, ward: Some(ward()), organisation: None, place: None, span };
    store.add_people(vec![person(1, "lan", vec![membership])], 1).await.expect("person");
    let key = store.credentials("lan".into()).await.expect("read").expect("found").key;
    let mut devices = [0; 2];
    for (nth, found) in (1..).zip(&mut devices) {
        let name = "phone".to_owned();
        let (token, push_token, unlock_key) = ([nth; 32], [nth + 100; 32], vec![nth]);
        let device = DeviceId([nth; 16]);
        let session = NewSession { person: key, device, name, token, push_token, unlock_key, at: 1 };
        store.begin_session(session).await.expect("session");
        *found = store.session([nth; 32]).await.expect("read").expect("found").device_key;
    }
    (store, devices, key)
}

fn person(byte: u8, sign_in: &str, memberships: Vec<Membership>) -> NewPerson {
    let (sign_in, full_name, password) = (sign_in.to_owned(), "Nguyễn Thị Lan".to_owned(), "hash".to_owned());
    NewPerson { id: PersonId([byte; 16]), sign_in, full_name, password, memberships }
}

/// A document with one change, and what commits it.
fn creation(device: i64, person: i64) -> (Document, PreparedBatch) {
    let mut document = Document::create(Kind::OutreachVisit, ID, 0);
    let change = edit(&mut document, ACTOR, 7, &[VisitEdit::Notes("ghi chú".into())])
        .expect("valid")
        .expect("differs");
    let prepared = PreparedDocument {
        id: ID,
        kind: Kind::OutreachVisit,
        generation: 0,
        expected: None,
        before: None,
        after: Placement::new(ward()),
        events: vec![PlacementEvent::Created(ward())],
        is_made_again: false,
        helpers: Vec::new(),
        changes: vec![NewChange { hash: change.hash, actor: ACTOR, bytes: change.bytes, recovered: None }],
        heads_before: Vec::new(),
        state: Some(state(&document)),
    };
    let batch = PreparedBatch {
        device,
        person,
        batch: (1, [1; 16]),
        received: 9,
        documents: vec![prepared],
        register: Vec::new(),
        done: vec![CommandId([8; 16])],
        refused: Vec::new(),
        parked: Vec::new(),
        buried: Vec::new(),
        reads: Vec::new(),
        answers: vec![Draft::Placement(0), Draft::Change(0, 0), Draft::Certain(Answer::Duplicate)],
    };
    (document, batch)
}

fn state(document: &Document) -> NewState {
    let (kind, bytes) = (document.kind(), document.save());
    let base = Base { kind, id: document.id(), generation: document.generation(), bytes: Some(&bytes) };
    let merged = merge(base, &[]).expect("loads");
    NewState { row: row(kind, &merged), heads: merged.heads, bytes: merged.bytes }
}

fn everything(device: i64, person: i64) -> PullQuery {
    let grants =
        [Scope::Activity(ward()), Scope::Reference].map(|scope| Grant { scope, write: true }).to_vec();
    let access = Access { grants, ..Access::default() };
    PullQuery {
        device,
        person,
        access,
        at: 1,
        epoch: 0,
        cursors: Vec::new(),
        max_bytes: 1 << 20,
        bare: false,
        mend: Vec::new(),
    }
}

async fn people_and_sessions(store: Arc<dyn Store>) {
    assert!(store.is_empty().await.expect("read"));
    let (store, devices, _) = furnished(store).await;
    assert!(!store.is_empty().await.expect("read"));
    let both = vec![person(2, "minh", Vec::new()), person(3, "lan", Vec::new())];
    assert!(matches!(store.add_people(both, 2).await, Err(StoreError::Refused(_))), "the name is taken");
    assert!(store.credentials("minh".into()).await.expect("read").is_none(), "all or none");
    let session = store.session([1; 32]).await.expect("read").expect("found");
    assert_eq!((session.device, session.memberships.len(), session.wards.len()), (DeviceId([1; 16]), 1, 1));
    assert!(store.session([3; 32]).await.expect("read").is_none());
    let mut events = store.events();
    store.end_session(devices[0], 3).await.expect("ended");
    assert_eq!(events.recv().await, Ok(Event::SessionEnded(DeviceId([1; 16]))));
    assert!(store.session([1; 32]).await.expect("read").is_none());
    assert!(store.session([2; 32]).await.expect("read").is_some());
}

async fn a_commit_is_kept_answered_and_announced(store: Arc<dyn Store>) {
    let (store, [one, other], person) = furnished(store).await;
    let (document, batch) = creation(one, person);
    let mut events = store.events();
    let Committed::Done(answer) = store.commit(batch).await.expect("commits") else {
        panic!("nothing was stale")
    };
    assert_eq!(answer.answers, [Answer::Ok(1), Answer::Ok(2), Answer::Duplicate]);
    assert!(matches!(events.recv().await, Ok(Event::Changed(scopes)) if scopes.len() == 1));
    assert!(store.batch_answer(one, 1, [1; 16]).await.expect("read").is_some());
    assert!(store.batch_answer(one, 1, [2; 16]).await.expect("read").is_none(), "other content");
    assert!(store.batch_answer(other, 1, [1; 16]).await.expect("read").is_none(), "other device");
    let stored = store.documents(vec![ID, DocumentId([0; 16])]).await.expect("read");
    assert_eq!(stored.len(), 1);
    assert_eq!((&stored[&ID].heads, stored[&ID].placement.home), (&document.heads(), ward()));
    assert_eq!(Document::load(&stored[&ID].bytes).expect("loads").heads(), document.heads());
    let replayed = store.replay(0, 10).await.expect("read");
    assert_eq!((replayed.len(), replayed[0].changes.len()), (1, 1));
    assert!(store.replay(replayed[0].key, 10).await.expect("read").is_empty());
    let page = store.pull(everything(other, person)).await.expect("page");
    let snapshots =
        page.items.iter().filter(|item| matches!(item, PullItem::Snapshot { document: ID, .. })).count();
    assert_eq!((snapshots, page.names.len(), page.more), (1, 1, false));
    assert!(page.digests.iter().any(|(_, digest)| *digest == document.digest()));
}

async fn what_is_stale_is_not_written(store: Arc<dyn Store>) {
    let (store, [one, other], person) = furnished(store).await;
    let (_, first) = creation(one, person);
    let (_, second) = creation(one, person);
    assert!(matches!(store.commit(first).await, Ok(Committed::Done(_))));
    let Committed::Stale(which, back) = store.commit(second).await.expect("answers") else {
        panic!("it exists already")
    };
    assert_eq!((which, back.documents.len()), (vec![0], 1));
    // The actor belongs to the first device now.
    let (_, mut forged) = creation(other, person);
    forged.documents[0].id = DocumentId([9; 16]);
    assert!(matches!(store.commit(forged).await, Ok(Committed::Stale(which, _)) if which == [0]));
    assert_eq!(store.replay(0, 10).await.expect("read").len(), 1);
}

async fn questions_are_answered(store: Arc<dyn Store>) {
    let (store, [one, other], person) = furnished(store).await;
    let (document, mut batch) = creation(one, person);
    let hash = batch.documents[0].changes[0].hash;
    let (bad, aside) = (ChangeHash([1; 32]), ChangeHash([2; 32]));
    let set = |hash, code: &str| SetAside { hash, document: ID, code: code.to_owned(), bytes: vec![1] };
    batch.refused.push(set(bad, "date_absurd"));
    batch.parked.push(set(aside, "not_allowed"));
    store.commit(batch).await.expect("commits");
    let changes =
        vec![(ID, hash, ACTOR, document.heads()), (ID, ChangeHash([3; 32]), ACTOR, vec![bad, aside])];
    let commands = vec![CommandId([8; 16]), CommandId([9; 16])];
    let ask = |device| Questions {
        changes: changes.clone(),
        commands: commands.clone(),
        device,
        ..Questions::default()
    };
    let own = store.look(ask(one)).await.expect("read");
    assert!(own.foreign.is_empty());
    assert_eq!(own.refused.get(&bad).map(String::as_str), Some("date_absurd"));
    assert_eq!(own.parked.get(&aside).map(String::as_str), Some("not_allowed"));
    assert!(own.done.contains(&CommandId([8; 16])) && own.done.len() == 1);
    let theirs = store.look(ask(other)).await.expect("read");
    assert!(theirs.foreign.contains(&ACTOR) && theirs.logged.contains(&hash) && theirs.logged.len() == 1);
}

async fn a_document_enters_and_leaves_a_ward(store: Arc<dyn Store>) {
    let (store, [one, _], person) = furnished(store).await;
    let reached: WardRef = "08716@2025-07-01".parse().expect("ward");
    let new = Ward {
        id: reached,
        name: "Vĩnh Phúc".into(),
        kind: "Phường".into(),
        valid_to: None,
        successor: None,
    };
    store.put_references(vec![Reference::Ward(new)]).await.expect("ward");
    let (document, batch) = creation(one, person);
    store.commit(batch).await.expect("commits");
    let of_reached = || {
        let grants = vec![Grant { scope: Scope::Activity(reached), write: false }];
        PullQuery { access: Access { grants, ..Access::default() }, ..everything(0, 0) }
    };
    assert!(store.pull(of_reached()).await.expect("page").items.is_empty());
    for (is_in, digest) in [(true, document.digest()), (false, Digest::EMPTY)] {
        let stored = store.documents(vec![ID]).await.expect("read").remove(&ID).expect("stored");
        let (_, mut batch) = creation(one, person);
        let prepared = &mut batch.documents[0];
        prepared.expected = Some((stored.key, stored.version));
        prepared.before = Some(stored.placement);
        prepared.after.reached = is_in.then_some(reached).into_iter().collect();
        prepared.events =
            vec![if is_in { PlacementEvent::Reached(reached) } else { PlacementEvent::Left(reached) }];
        prepared.heads_before = stored.heads;
        (prepared.changes, prepared.state) = (Vec::new(), None);
        batch.answers.truncate(1);
        assert!(matches!(store.commit(batch).await, Ok(Committed::Done(_))));
        let page = store.pull(of_reached()).await.expect("page");
        assert_eq!(page.items.len(), usize::from(is_in));
        assert_eq!(page.digests.first().map(|(_, digest)| *digest), Some(digest));
    }
}

async fn a_drive_is_counted_as_it_stands(store: Arc<dyn Store>) {
    let (store, [one, _], person) = furnished(store).await;
    let day = ward().valid_from;
    let key = GroupKey::of(Signer::Pupils, "7A2").expect("key");
    let mut first = pledge_drive::group(&key, "7A2", Signer::Pupils);
    first.extend([pledge_drive::date(Some(day)), pledge_drive::tap(&key, 31)]);
    let mut document = Document::create(Kind::PledgeDrive, ID, 0);
    let later = [pledge_drive::tap(&key, 2), pledge_drive::out(&key, true)].map(|edit| vec![edit]);
    for (edits, counted) in [first].into_iter().chain(later).zip([vec![Some(31)], vec![Some(33)], vec![]]) {
        let (_, mut batch) = creation(one, person);
        let prepared = &mut batch.documents[0];
        if let Some(stored) = store.documents(vec![ID]).await.expect("read").remove(&ID) {
            prepared.expected = Some((stored.key, stored.version));
            (prepared.before, prepared.heads_before) = (Some(stored.placement), stored.heads);
            prepared.events.clear();
        }
        let change = fields::edit(&mut document, ACTOR, 7, &edits).expect("valid").expect("differs");
        prepared.kind = Kind::PledgeDrive;
        prepared.changes =
            vec![NewChange { hash: change.hash, actor: ACTOR, bytes: change.bytes, recovered: None }];
        prepared.state = Some(state(&document));
        assert!(matches!(store.commit(batch).await, Ok(Committed::Done(_))));
        let (shown, readable) = (BTreeSet::from([ward()]), BTreeSet::from([ward()]));
        let (from, to, before, organisations) = (day, day, (day, day), BTreeSet::new());
        let asked =
            ActivityQuestion { from, to, before, shown, readable, organisations, confirmed_only: false };
        let found = store.activity(asked).await.expect("read").pledges.drives.remove(0);
        assert_eq!(found.groups.iter().map(|group| group.signed).collect::<Vec<_>>(), counted);
        assert_eq!((found.document, found.home, found.place), (ID, ward(), None));
    }
}

async fn a_model_is_counted_as_it_stands(store: Arc<dyn Store>) {
    let (store, [one, _], person) = furnished(store).await;
    let day = ward().valid_from;
    let year = ReviewYear::of(day);
    let first = vec![
        prevention_model::since(Some(day)),
        prevention_model::effective(year, Some(Verdict::NotEffective)),
        prevention_model::reviewed_on(year, Some(day)),
    ];
    let mut document = Document::create(Kind::PreventionModel, ID, 0);
    let later = [prevention_model::effective(year, None), prevention_model::since(None)];
    let reviews = [Some(vec![(year.get(), Verdict::NotEffective)]), Some(vec![]), None];
    for (edits, expected) in [first].into_iter().chain(later.map(|edit| vec![edit])).zip(reviews) {
        let (_, mut batch) = creation(one, person);
        let prepared = &mut batch.documents[0];
        if let Some(stored) = store.documents(vec![ID]).await.expect("read").remove(&ID) {
            prepared.expected = Some((stored.key, stored.version));
            (prepared.before, prepared.heads_before) = (Some(stored.placement), stored.heads);
            prepared.events.clear();
        }
        let change = fields::edit(&mut document, ACTOR, 7, &edits).expect("valid").expect("differs");
        prepared.kind = Kind::PreventionModel;
        prepared.changes =
            vec![NewChange { hash: change.hash, actor: ACTOR, bytes: change.bytes, recovered: None }];
        prepared.state = Some(state(&document));
        assert!(matches!(store.commit(batch).await, Ok(Committed::Done(_))));
        let (shown, readable) = (BTreeSet::from([ward()]), BTreeSet::from([ward()]));
        let (from, to, before, organisations) = (day, day, (day, day), BTreeSet::new());
        let asked =
            ActivityQuestion { from, to, before, shown, readable, organisations, confirmed_only: false };
        let found = store.activity(asked).await.expect("read").models;
        assert_eq!(found.first().map(|model| model.reviews.clone()), expected);
        assert!(found.iter().all(|model| (model.home, model.members) == (ward(), None)));
    }
}

async fn a_code_is_used_once_and_an_invitation_too(store: Arc<dyn Store>) {
    let (store, _, key) = furnished(store).await;
    assert!(!store.use_code(key, 5, 1).await.expect("asked"), "there are no codes");
    store.set_totp(key, vec![1]).await.expect("set");
    store.set_totp(key, vec![2]).await.expect("not proven: replaced");
    assert_eq!(store.credentials_of(key).await.expect("read").and_then(|one| one.totp?.since), None);
    for (step, is_used) in [(5, true), (5, false), (4, false), (6, true)] {
        assert_eq!(store.use_code(key, step, 9).await.expect("asked"), is_used, "{step}");
    }
    assert!(matches!(store.set_totp(key, vec![3]).await, Err(StoreError::Refused(_))), "proven");
    let invitation = |token: u8| NewInvitation {
        token: [token; 32],
        person: PersonId([1; 16]),
        made_by: Some(key),
        at: 10,
        expires_at: 20,
    };
    store.invite(None, invitation(1)).await.expect("made");
    store.invite(None, invitation(2)).await.expect("made");
    assert!(store.invited([1; 32], 11).await.expect("read").is_none(), "a newer one ended it");
    assert!(store.invited([2; 32], 20).await.expect("read").is_none(), "expired");
    assert_eq!(store.invited([2; 32], 11).await.expect("read").map(|one| one.key), Some(key));
    let device = DeviceId([9; 16]);
    let session = |token: u8| NewSession {
        person: 0,
        device,
        name: String::new(),
        token: [token; 32],
        push_token: [token + 100; 32],
        unlock_key: vec![4],
        at: 12,
    };
    assert!(store.join([2; 32], session(9), Some("hash".into())).await.expect("joined"));
    assert!(!store.join([2; 32], session(10), None).await.expect("asked"), "used");
    let joined = store.session([9; 32]).await.expect("read").expect("found");
    assert!((joined.person_key, joined.by_invitation, joined.push_only) == (key, true, false));
    assert!(store.session([109; 32]).await.expect("read").is_some_and(|one| one.push_only));
}

async fn a_device_taken_away_hands_over_so_much_and_opens_nothing(store: Arc<dyn Store>) {
    let (store, [one, other], key) = furnished(store).await;
    assert_eq!(store.unlock_key(one).await.expect("read"), Some(vec![1]));
    store.revoke(one, key, 5).await.expect("revoked");
    store.end_session(other, 5).await.expect("ended");
    assert!(store.session([1; 32]).await.expect("read").is_some_and(|one| one.revoked));
    assert!(store.session([2; 32]).await.expect("read").is_none());
    for device in [one, other] {
        assert_eq!(store.unlock_key(device).await.expect("read"), None);
    }
    let item = |number: u64, bytes: usize| {
        let mut item = [0; 32];
        item[..8].copy_from_slice(&number.to_be_bytes());
        NewItem { item, document: Some(ID), part: None, kind: None, ward: None, bytes: vec![0; bytes] }
    };
    let first = vec![item(1, 10), item(1, 10), item(2, 10)];
    let received = store.hand_over(one, first, 6).await.expect("kept");
    assert_eq!(received, Received { taken: 2, already: 1 });
    for too_much in [vec![item(3, 8 << 20)], (3..2_003).map(|number| item(number, 1)).collect()] {
        assert!(matches!(store.hand_over(one, too_much, 6).await, Err(StoreError::Refused(_))));
    }
    let items = store.handed_over().await.expect("read");
    assert_eq!(
        (items.len(), items[0].ward),
        (2, Some(ward())),
        "of its person's ward, if nothing else tells"
    );
    let decision = |outcome: &str| Decision { id: items[0].id, outcome: outcome.to_owned() };
    store.decide_handed_over(key, vec![decision("taken")], 7).await.expect("decided");
    store.decide_handed_over(key, vec![decision("discarded")], 8).await.expect("nothing to decide");
    let ids = items.iter().map(|item| item.id).collect();
    assert_eq!(store.handed_over_bytes(ids).await.expect("read").len(), 1, "one is left to decide");
    let outcome = store.handed_over().await.expect("read")[0].outcome.clone();
    assert_eq!(outcome.as_deref(), Some("taken"));
}

async fn the_audit_is_read_by_ward(store: Arc<dyn Store>) {
    let (store, [device, _], key) = furnished(store).await;
    let line = NewLine { kind: "signed_in", person: Some(key), device: Some(device), ..NewLine::default() };
    let id = store.write_line(line, 5).await.expect("written");
    store.write_line(NewLine { kind: "sign_in_refused", ..NewLine::default() }, 6).await.expect("written");
    store.count_lines(vec![(id, 3)]).await.expect("counted");
    let ask = |wards: Option<BTreeSet<WardRef>>| Query { wards, limit: 10, ..Query::default() };
    let kinds = |lines: Vec<Line>| lines.into_iter().map(|line| (line.kind, line.times)).collect::<Vec<_>>();
    let all = store.lines(ask(None)).await.expect("read");
    assert_eq!(kinds(all), [("sign_in_refused".to_owned(), 1), ("signed_in".to_owned(), 3)]);
    let of_ward = store.lines(ask(Some([ward()].into()))).await.expect("read");
    assert_eq!(kinds(of_ward), [("signed_in".to_owned(), 3)]);
    assert!(store.lines(ask(Some(BTreeSet::new()))).await.expect("read").is_empty());
}

macro_rules! store_conformance_tests {
    ($backend:ident) => {
        mod $backend {
            store_conformance_tests!(
                $backend: people_and_sessions, a_commit_is_kept_answered_and_announced, what_is_stale_is_not_written,
                questions_are_answered, a_document_enters_and_leaves_a_ward,
                a_drive_is_counted_as_it_stands, a_model_is_counted_as_it_stands, a_code_is_used_once_and_an_invitation_too,
                a_device_taken_away_hands_over_so_much_and_opens_nothing, the_audit_is_read_by_ward
            );
        }
    };
    ($backend:ident: $($name:ident),+) => {
        $(#[tokio::test]
        async fn $name() {
            let (store, _folder) = super::backends::$backend();
            super::$name(store).await;
        })+
    };
}

mod backends {
    use super::*;

    pub fn sqlite() -> (Arc<dyn Store>, TempDir) {
        let folder = TempDir::new().expect("folder");
        let vault = Arc::new(Vault::new(Key::new([1; 32])));
        let file = folder.path().join("store.sqlite");
        let store =
            SqliteStore::open(&file, &file.with_file_name(LEDGER), Mode::Real, vault, InstanceId([7; 16]), 1);
        (Arc::new(store.expect("opens")), folder)
    }
}

store_conformance_tests!(sqlite);
