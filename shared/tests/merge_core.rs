//! What merging promises whoever pushes: the good go in, whoever is bad is found in few attempts and named, and no document
//! grows beyond what phones can hold.

use std::cell::Cell;

use automerge::transaction::{Transactable as _, Transaction};
use automerge::{Automerge, ROOT, ReadDoc as _};
use donghanh_shared::crdt::chunk::Chunk;
use donghanh_shared::crdt::gate::{self, CheckedChange};
use donghanh_shared::crdt::merge::{
    Base, Failure, MAX_DOCUMENT_BYTES, MAX_DOCUMENT_OPS, attempt, merge, without_bad,
};
use donghanh_shared::crdt::{Document, Kind, root};
use donghanh_shared::domain::error::Code;
use donghanh_shared::ids::{ActorId, ChangeHash, DocumentId};

const LAN: ActorId = ActorId([0x1a; 16]);
const MINH: ActorId = ActorId([0x2b; 16]);
const BASE: Base<'static> =
    Base { kind: Kind::OutreachVisit, id: DocumentId([9; 16]), generation: 0, bytes: None };

fn hash(number: u8) -> ChangeHash {
    ChangeHash([number; 32])
}

/// A change of which nothing matters but its place among others.
fn change(number: u8, deps: &[u8]) -> CheckedChange {
    let deps: Vec<_> = deps.iter().copied().map(hash).collect();
    let (hash, actor, seq, at) = (hash(number), LAN, 1, 0);
    let (other_actors, ops, bytes) = (Vec::new(), Vec::new(), Vec::new());
    let chunk = Chunk { hash, actor, seq, deps: deps.clone(), at, other_actors, ops };
    CheckedChange { hash, actor, seq, deps, at, chunk, bytes }
}

fn numbers(changes: &[&CheckedChange]) -> Vec<u8> {
    changes.iter().map(|change| change.hash.0[0]).collect()
}

/// Merges in which these numbers are bad, each with a code of its own; says the numbers taken, those refused, and how many
/// attempts it took.
fn tried(changes: &[CheckedChange], bad: &[(u8, Code)]) -> (Vec<u8>, Vec<(u8, Code)>, u32) {
    let attempts = Cell::new(0);
    let changes: Vec<_> = changes.iter().collect();
    let done = without_bad(&changes, |some| {
        attempts.set(attempts.get() + 1);
        assert!(attempts.get() < 1_000, "it comes to an end");
        let some = numbers(some);
        match some.iter().find_map(|number| bad.iter().find(|(bad, _)| bad == number)) {
            Some((_, code)) => Err(Failure::Changes(*code)),
            None => Ok(some),
        }
    });
    let (taken, refused) = done.expect("the good ones merge");
    (taken, refused.into_iter().map(|(hash, code)| (hash.0[0], code)).collect(), attempts.get())
}

#[test]
fn changes_go_in_behind_what_they_build_on_otherwise_as_they_came_each_once() {
    let changes = [change(4, &[]), change(3, &[2]), change(2, &[1]), change(1, &[99]), change(2, &[1])];
    assert_eq!(tried(&changes, &[]), (vec![4, 1, 2, 3], vec![], 1));
    assert_eq!(tried(&[], &[]), (vec![], vec![], 1), "nothing is merged too");
}

#[test]
fn changes_that_claim_to_build_on_each_other_are_not_lost() {
    let changes = [change(1, &[2]), change(2, &[1]), change(3, &[])];
    assert_eq!(tried(&changes, &[]), (vec![3, 1, 2], vec![], 1));
}

#[test]
fn exactly_the_bad_are_refused_whoever_they_are() {
    let codes = [Code::ChangeMalformed, Code::DocumentTooLarge];
    for count in 1..=6u8 {
        let apart: Vec<_> = (1..=count).map(|number| change(number, &[])).collect();
        let chain: Vec<_> = (1..=count).map(|number| change(number, &[number - 1])).collect();
        for chosen in 0..1u8 << count {
            let bad: Vec<_> = (1..=count)
                .filter(|number| chosen >> (number - 1) & 1 == 1)
                .map(|number| (number, codes[usize::from(number % 2)]))
                .collect();
            let good: Vec<_> =
                (1..=count).filter(|number| bad.iter().all(|(bad, _)| bad != number)).collect();
            let (taken, refused, _) = tried(&apart, &bad);
            assert_eq!((taken, refused), (good, bad.clone()));
            // In a chain the first takes with it all that come after.
            let first = bad.first().map_or(count + 1, |(number, _)| *number);
            let after = (first + 1..=count).map(|number| (number, Code::DependsOnRefused));
            let expected: Vec<_> = bad.first().copied().into_iter().chain(after).collect();
            let (taken, refused, _) = tried(&chain, &bad);
            assert_eq!((taken, refused), ((1..first).collect(), expected));
        }
    }
}

#[test]
fn one_bad_change_among_many_is_found_in_few_attempts() {
    let changes: Vec<_> = (1..=128).map(|number| change(number, &[])).collect();
    for bad in [1, 2, 64, 65, 127, 128] {
        let (taken, refused, attempts) = tried(&changes, &[(bad, Code::ChangeMalformed)]);
        assert_eq!((taken.len(), refused), (127, vec![(bad, Code::ChangeMalformed)]));
        // All of them, seven halvings, the rest.
        assert!(attempts <= 9, "{attempts} attempts");
    }
}

#[test]
fn a_document_that_fails_by_itself_blames_nobody() {
    let (one, two) = (change(1, &[]), change(2, &[]));
    let failing = |failure: Failure| without_bad(&[&one, &two], |_| Err::<(), _>(failure));
    assert_eq!(failing(Failure::Base), Err(Code::Internal));
    assert_eq!(failing(Failure::Changes(Code::ChangeMalformed)), Err(Code::Internal), "even without changes");
    let halfway = without_bad(&[&one, &two], |some| match some.len() {
        2 => Err::<(), _>(Failure::Changes(Code::ChangeMalformed)),
        _ => Err(Failure::Base),
    });
    assert_eq!(halfway, Err(Code::Internal));
}

/// An author who writes what no command writes.
struct Author(Automerge);

impl Author {
    fn new(actor: ActorId) -> Self {
        let root = Document::create(BASE.kind, BASE.id, BASE.generation).save();
        let mut document = Automerge::load(&root).expect("loads");
        document.set_actor(automerge::ActorId::from(actor.0));
        Self(document)
    }

    fn raw(&mut self, write: impl FnOnce(&mut Transaction<'_>)) -> Vec<u8> {
        let mut tx = self.0.transaction();
        write(&mut tx);
        tx.commit();
        self.0.get_last_local_change().expect("a change").raw_bytes().to_vec()
    }

    fn put(&mut self, key: &str, letters: usize) -> CheckedChange {
        gate::check(self.raw(|tx| tx.put(ROOT, key, "x".repeat(letters)).expect("put"))).expect("gate")
    }

    fn write(&mut self, letters: usize) -> CheckedChange {
        let (_, notes) = self.0.get(ROOT, "notes").expect("get").expect("there");
        let write =
            |tx: &mut Transaction<'_>| tx.splice_text(&notes, 0, 0, &"x".repeat(letters)).expect("splice");
        gate::check(self.raw(write)).expect("gate")
    }
}

/// Asserts that the changes merge with the last as it is made by `last`, and that one more of whatever it is made of is one
/// too many: then the last alone is refused.
fn just_fits(
    author: Author,
    first: &[CheckedChange],
    last: impl Fn(&mut Author, usize) -> CheckedChange,
    n: usize,
) {
    let with = |n| {
        let change = last(&mut Author(author.0.clone()), n);
        let all: Vec<_> = first.iter().chain([&change]).collect();
        (change.hash, merge(BASE, &all).expect("merges"))
    };
    let (_, merged) = with(n);
    assert_eq!((merged.accepted.len(), merged.refused), (first.len() + 1, vec![]));
    let (hash, merged) = with(n + 1);
    assert_eq!((merged.accepted.len(), merged.refused), (first.len(), vec![(hash, Code::DocumentTooLarge)]));
}

#[test]
fn a_document_holds_half_a_mebibyte_and_not_a_byte_more() {
    assert_eq!(MAX_DOCUMENT_BYTES, 524_288);
    let mut author = Author::new(LAN);
    let first: Vec<_> = (0..8).map(|n| author.put(&format!("text{n}"), 60_000)).collect();
    let last = |author: &mut Author, letters| author.put("last", letters);
    let size = |letters| {
        let mut with = Author(author.0.clone());
        last(&mut with, letters);
        with.0.save_nocompress().len()
    };
    let letters = 40_000 + MAX_DOCUMENT_BYTES - size(40_000);
    assert_eq!(size(letters), MAX_DOCUMENT_BYTES);
    just_fits(author, &first, last, letters);
}

#[test]
fn a_document_holds_fifty_thousand_operations_and_not_one_more() {
    assert_eq!(MAX_DOCUMENT_OPS, 50_000);
    let mut author = Author::new(LAN);
    let first: Vec<_> = (0..8).map(|_| author.write(6_000)).collect();
    let left = MAX_DOCUMENT_OPS - author.0.stats().num_ops;
    just_fits(author, &first, Author::write, usize::try_from(left).expect("small"));
}

#[test]
fn a_stored_document_that_does_not_load_or_is_another_blames_nobody() {
    let mut author = Author::new(LAN);
    let change = author.put("text", 3);
    let other = |kind, id, generation| Document::create(kind, id, generation).save();
    let own = other(BASE.kind, BASE.id, BASE.generation);
    for bytes in [
        own[..own.len() - 1].to_vec(),
        other(Kind::PledgeDrive, BASE.id, 0),
        other(BASE.kind, DocumentId([8; 16]), 0),
        other(BASE.kind, BASE.id, 1),
    ] {
        let into = Base { bytes: Some(&bytes), ..BASE };
        assert_eq!(merge(into, &[]).err(), Some(Code::Internal));
        assert_eq!(merge(into, &[&change]).err(), Some(Code::Internal));
    }
    assert_eq!(attempt(Base { bytes: Some(&own[..9]), ..BASE }, &[&change]).err(), Some(Failure::Base));
    assert_eq!(
        merge(Base { bytes: Some(&own), ..BASE }, &[&change]).expect("merges").accepted,
        [change.hash]
    );
}

#[test]
fn the_root_is_known_whether_it_is_stored_or_not() {
    let bytes = root::change(BASE.kind, BASE.id, BASE.generation);
    let hash = root::hash(BASE.kind, BASE.id, BASE.generation);
    let root = CheckedChange { hash, bytes, ..change(0, &[]) };
    let mut author = Author::new(LAN);
    let first = author.put("text", 3);
    let stored = merge(BASE, &[&first]).expect("merges").bytes;
    for bytes in [None, Some(&stored[..])] {
        let merged = merge(Base { bytes, ..BASE }, &[&root]).expect("merges");
        assert_eq!((merged.known, merged.accepted, merged.missing), (vec![hash], vec![], vec![]));
    }
}

#[test]
fn what_two_wrote_apart_has_two_heads_in_one_order() {
    let (one, two) = (Author::new(LAN).put("text", 3), Author::new(MINH).put("text", 4));
    let mut heads = [one.hash, two.hash];
    heads.sort_unstable();
    for changes in [[&one, &two], [&two, &one]] {
        let merged = merge(BASE, &changes).expect("merges");
        assert_eq!(merged.heads, heads);
        assert_eq!(merged.accepted, changes.map(|change| change.hash));
    }
}

#[test]
fn the_gate_lets_nobody_write_as_the_project_nor_from_nothing() {
    let code = |bytes| gate::check(bytes).err().map(|problem| problem.code);
    let put = |tx: &mut Transaction<'_>| tx.put(ROOT, "text", 1).expect("put");
    for actor in [root::ROOT_ACTOR, *b"donghanh/mig\0\0\0\x01"] {
        assert_eq!(code(Author::new(ActorId(actor)).raw(put)), Some(Code::ChangeForbiddenField));
    }
    let nothing = Automerge::new().with_actor(automerge::ActorId::from(LAN.0));
    assert_eq!(code(Author(nothing).raw(put)), Some(Code::ChangeMalformed));
    let bytes = Author::new(LAN).raw(put);
    let checked = gate::check(bytes.clone()).expect("gate");
    assert_eq!(checked.deps, [root::hash(BASE.kind, BASE.id, BASE.generation)]);
    assert_eq!((checked.actor, checked.seq, checked.bytes), (LAN, 1, bytes));
}
