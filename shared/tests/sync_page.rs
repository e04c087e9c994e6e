//! What a page does to a record in rare states: damaged bytes, other generations, pictures that wait.

use std::collections::HashSet;

use donghanh_shared::command::outreach_visit::{NewChange, VisitEdit, edit};
use donghanh_shared::crdt::{Document, Kind};
use donghanh_shared::ids::{ActorId, ChangeHash, DocumentId, PhotoId, PhotoKey};
use donghanh_shared::sync::page::{Held, Kept, Merged, merge};
use donghanh_shared::sync::wire::PullItem;

const ID: DocumentId = DocumentId([7; 16]);

fn document(generation: u32) -> Document {
    Document::create(Kind::OutreachVisit, ID, generation)
}

fn notes(document: &mut Document, actor: u8, text: &str) -> NewChange {
    let edits = [VisitEdit::Notes(text.to_owned())];
    edit(document, ActorId([actor; 16]), 1, &edits).expect("edit").expect("change")
}

fn snapshot(document: &Document, generation: u32) -> PullItem {
    let bytes = document.save().into();
    let kind = Kind::OutreachVisit;
    PullItem::Snapshot { scope: 4, document: ID, generation, kind, bytes, case: None, home: None }
}

fn changes(generation: u32, change: NewChange) -> PullItem {
    PullItem::Changes { scope: 4, document: ID, generation, changes: vec![change.bytes.into()] }
}

fn held(bytes: &[u8]) -> Held<'_> {
    Held { bytes, kind: Kind::OutreachVisit, case: None, home: None, scopes: &[4], was_known: true }
}

fn merged(bytes: &[u8], unsent: &[ChangeHash], item: &PullItem) -> Merged {
    merge(Some(held(bytes)), &unsent.iter().copied().collect(), ID, &[item], None)
}

fn kept(merged: Merged) -> Kept {
    match merged {
        Merged::Write(kept) => *kept,
        Merged::Drop { erased } => panic!("dropped, erased: {erased}"),
        Merged::Nothing => panic!("nothing"),
        Merged::SetAside { problem, .. } => panic!("set aside: {problem}"),
    }
}

#[test]
fn a_snapshot_mends_damaged_bytes_and_changes_alone_do_not() {
    let mut theirs = document(0);
    let change = notes(&mut theirs, 1, "a");
    let damaged = [1, 2, 3];
    let mended = kept(merged(&damaged, &[], &snapshot(&theirs, 0)));
    assert_eq!(mended.document.heads(), theirs.heads());
    let aside = merged(&damaged, &[], &changes(0, change));
    assert!(matches!(aside, Merged::SetAside { bytes, .. } if bytes == damaged), "what is here is kept");
}

#[test]
fn a_snapshot_is_of_the_record_and_the_generation_that_it_is_sent_as() {
    let here = document(0).save();
    let aside = |item: &PullItem| matches!(merged(&here, &[], item), Merged::SetAside { .. });
    assert!(aside(&snapshot(&document(0), 1)), "another generation");
    let other = Document::create(Kind::OutreachVisit, DocumentId([8; 16]), 0);
    assert!(aside(&snapshot(&other, 0)), "another record");
    assert!(!aside(&snapshot(&document(0), 0)));
}

#[test]
fn the_higher_generation_stands() {
    let (mut old, mut new) = (document(0), document(1));
    let (late, _) = (notes(&mut old, 1, "of before"), notes(&mut new, 2, "of now"));
    let stands = |merged| assert_eq!(kept(merged).document.heads(), new.heads());
    stands(merged(&new.save(), &[], &snapshot(&old, 0)));
    stands(merged(&new.save(), &[], &changes(0, late)));
    stands(merged(&old.save(), &[], &snapshot(&new, 1)));
    let erase = PullItem::Erase { document: ID, generation: 1 };
    stands(merged(&new.save(), &[], &erase));
    assert!(matches!(merged(&old.save(), &[], &erase), Merged::Drop { erased: true }));
    let unknown = merge(None, &HashSet::new(), ID, &[&erase], None);
    assert!(matches!(unknown, Merged::Drop { erased: true }), "also drafts and what waits of it go");
}

#[test]
fn changes_are_added_to_what_is_here() {
    let mut theirs = document(0);
    let mut ours = theirs.clone();
    let (hers, mine) = (notes(&mut theirs, 1, "a"), notes(&mut ours, 2, "b"));
    let (hash, both) = (hers.hash, merged(&ours.save(), &[mine.hash], &changes(0, hers)));
    let both = kept(both).document;
    assert!(both.contains(&hash) && both.contains(&mine.hash));
}

#[test]
fn a_record_that_leaves_stays_while_one_of_its_pictures_waits() {
    let mut ours = document(0);
    let picture = PhotoId([9; 32]);
    let edits = [VisitEdit::Photo(picture, Some(PhotoKey([8; 32])))];
    edit(&mut ours, ActorId([2; 16]), 1, &edits).expect("edit").expect("change");
    let leave = PullItem::Leave { scope: 4, document: ID };
    let waiting = |hash| merged(&ours.save(), &[ChangeHash(hash)], &leave);
    assert!(kept(waiting(picture.0)).scopes.is_empty());
    assert!(matches!(waiting([8; 32]), Merged::Drop { erased: false }), "the picture of another record");
}
