//! What linking two records of one event promises: it is an ordinary edit of any kind that has counts, it is in the history,
//! taking it back undoes it, and two people who choose apart see both choices.

use donghanh_shared::command::Edits;
use donghanh_shared::crdt::history::{HistoryValue, history};
use donghanh_shared::crdt::merge::{Base, merge};
use donghanh_shared::crdt::{Document, Kind, gate, rules};
use donghanh_shared::domain::aftercare::AftercareRestricted;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::register::Register;
use donghanh_shared::ids::{ActorId, DocumentId};

const LAN: ActorId = ActorId([0x1a; 16]);
const MINH: ActorId = ActorId([0x2b; 16]);
const ID: DocumentId = DocumentId([9; 16]);
const OTHER: DocumentId = DocumentId([7; 16]);
const AT: i64 = 1_781_900_000_000;

/// The kinds whose records count.
const KINDS: [Kind; 4] =
    [Kind::OutreachVisit, Kind::PledgeDrive, Kind::PreventionModel, Kind::AftercareRestricted];

fn save(document: &mut Document, actor: ActorId, other: Option<DocumentId>) -> Vec<u8> {
    let edits = Edits::same_as(document.kind(), other);
    edits.apply(document, actor, AT).expect("valid").expect("differs").bytes
}

fn same_as(document: &Document) -> Register<DocumentId> {
    match document.kind() {
        Kind::OutreachVisit => document.visit().same_as,
        Kind::PledgeDrive => document.drive().same_as,
        Kind::PreventionModel => document.model().same_as,
        _ => AftercareRestricted::of(&document.fields()).same_as,
    }
}

fn open_fields(document: &Document) -> Vec<String> {
    match document.kind() {
        Kind::OutreachVisit => document.visit().open_fields(),
        Kind::PledgeDrive => document.drive().open_fields(),
        Kind::PreventionModel => document.model().open_fields(),
        _ => AftercareRestricted::of(&document.fields()).open_fields().to_vec(),
    }
}

#[test]
fn a_link_passes_gate_and_rules_and_reads_back() {
    for kind in KINDS {
        let mut document = Document::create(kind, ID, 0);
        let change = gate::check(save(&mut document, LAN, Some(OTHER))).expect("gate");
        rules::check_change(kind, &change, AT).expect("the rules take it");
        let read = Document::load(&document.save()).expect("loads");
        assert_eq!(same_as(&read).value(), Some(&OTHER), "{kind:?}");
        if let Some(summary) = read.summary() {
            assert_eq!(summary.same_as, Some(OTHER), "{kind:?}");
        }
    }
}

#[test]
fn taking_it_back_leaves_both_in_the_history() {
    for kind in KINDS {
        let mut document = Document::create(kind, ID, 0);
        save(&mut document, LAN, Some(OTHER));
        save(&mut document, MINH, None);
        assert_eq!(same_as(&document), Register::default(), "{kind:?}");
        let written: Vec<_> = history(&document)
            .into_iter()
            .flat_map(|entry| entry.edits)
            .map(|edit| (edit.field, edit.value))
            .collect();
        let field = || "same_as".to_owned();
        let expected = [(field(), HistoryValue::Text(OTHER.to_string())), (field(), HistoryValue::Removed)];
        assert_eq!(written, expected, "{kind:?}");
    }
}

#[test]
fn two_who_choose_apart_see_both_until_one_settles_it() {
    for kind in KINDS {
        let base = Document::create(kind, ID, 0);
        let apart = |actor, other| gate::check(save(&mut base.clone(), actor, Some(other))).expect("gate");
        let (one, two) = (apart(LAN, OTHER), apart(MINH, DocumentId([8; 16])));
        let merged = merge(Base { kind, id: ID, generation: 0, bytes: None }, &[&one, &two]).expect("merges");
        let mut document = Document::load(&merged.bytes).expect("loads");
        assert_eq!(same_as(&document).claims.len(), 2, "{kind:?}");
        assert_eq!(open_fields(&document), ["same_as"], "{kind:?}");
        save(&mut document, LAN, Some(OTHER));
        assert_eq!(open_fields(&document), Vec::<String>::new(), "{kind:?}");
    }
}

#[test]
fn what_is_no_record_cannot_be_linked() {
    use donghanh_shared::command::fields::{FieldEdit, edit};
    let mut drive = Document::create(Kind::PledgeDrive, ID, 0);
    let wrong = edit(&mut drive, LAN, AT, &[FieldEdit::text("same_as", "that one")]);
    let change = gate::check(wrong.expect("written").expect("differs").bytes).expect("gate");
    let refused = rules::check_change(Kind::PledgeDrive, &change, AT).expect_err("no record");
    assert_eq!((refused.code, refused.field.as_deref()), (Code::ChangeMalformed, Some("same_as")));
}
