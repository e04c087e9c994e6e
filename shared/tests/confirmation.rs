//! Confirmations: what is confirmed is what its author saw; whatever is merged later was not.

use donghanh_shared::command::confirmation::said;
use donghanh_shared::command::fields::{self, FieldEdit, Written};
use donghanh_shared::command::outreach_visit::{VisitEdit, edit};
use donghanh_shared::crdt::gate;
use donghanh_shared::crdt::rules::check_change;
use donghanh_shared::crdt::{Content, Document, Kind};
use donghanh_shared::domain::confirmation::{Confirmation, Standing};
use donghanh_shared::domain::count::Amount;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::ids::{ActorId, DocumentId};
use proptest::prelude::*;

const NOW: Millis = 1_781_900_000_000;

fn actor(who: u8) -> ActorId {
    ActorId([who; 16])
}

fn attendance(number: i64) -> VisitEdit {
    VisitEdit::Count(CountKey::Attendance, Amount::new(number).ok())
}

fn write(document: &mut Document, who: u8, edits: &[VisitEdit]) -> Vec<u8> {
    edit(document, actor(who), NOW, edits).expect("valid").expect("differs").bytes
}

fn say(document: &mut Document, who: u8, what: Option<&Confirmation>) -> Vec<u8> {
    let change = said(document.kind(), what).apply(document, actor(who), NOW).expect("valid");
    change.expect("says something, also twice").bytes
}

fn returned() -> Confirmation {
    Confirmation::Returned { field: "attendance".into(), reason: "Chưa khớp".into() }
}

fn logged() -> Document {
    let mut document = Document::create(Kind::OutreachVisit, DocumentId([7; 16]), 0);
    write(&mut document, 1, &[attendance(80)]);
    document
}

fn counted(document: &Document) -> Option<u32> {
    match document.confirmed_content().unwrap_or_else(|| document.content()) {
        Content::Visit(visit) => visit.count(CountKey::Attendance),
        Content::Fields(_) => None,
    }
}

#[test]
fn confirmed_values_count_until_it_is_confirmed_again() {
    let mut document = logged();
    assert_eq!((document.standing(), document.confirmation().author), (Standing::Logged, Some(actor(1))));
    say(&mut document, 2, Some(&Confirmation::Confirmed));
    assert_eq!((document.standing(), counted(&document)), (Standing::Confirmed, Some(80)));
    write(&mut document, 1, &[attendance(60)]);
    assert_eq!((document.standing(), counted(&document)), (Standing::EditedSince, Some(80)));
    say(&mut document, 2, Some(&Confirmation::Confirmed));
    assert_eq!((document.standing(), counted(&document)), (Standing::Confirmed, Some(60)));
    say(&mut document, 2, None);
    assert_eq!((document.standing(), counted(&document)), (Standing::Logged, Some(60)));
    assert_eq!(document.confirmation().author, Some(actor(1)), "who logged it stays");
}

#[test]
fn what_was_written_apart_was_not_confirmed() {
    let mut head = logged();
    let mut author = head.clone();
    let late = write(&mut author, 1, &[attendance(95)]);
    let confirmed = say(&mut head, 2, Some(&Confirmation::Confirmed));
    head.apply(&[late]).expect("applies");
    author.apply(&[confirmed]).expect("applies");
    for document in [&head, &author] {
        assert_eq!((document.standing(), counted(document)), (Standing::EditedSince, Some(80)));
    }
}

#[test]
fn a_returned_record_counts_as_it_stands_and_is_mended_by_an_edit() {
    let mut document = logged();
    say(&mut document, 2, Some(&returned()));
    assert_eq!((document.standing(), counted(&document)), (Standing::Returned, Some(80)));
    let line = document.summary().and_then(|summary| summary.confirmation).expect("a line");
    assert_eq!((line.standing, line.reason.as_deref()), (Standing::Returned, Some("Chưa khớp")));
    write(&mut document, 1, &[attendance(78)]);
    assert_eq!((document.standing(), counted(&document)), (Standing::Mended, Some(78)));
    assert_eq!(document.confirmation().line().reason, None);
}

#[test]
fn two_who_say_different_things_apart_are_both_seen() {
    let mut one = logged();
    let mut two = one.clone();
    let confirmed = say(&mut one, 2, Some(&Confirmation::Confirmed));
    let back = say(&mut two, 3, Some(&returned()));
    one.apply(&[back]).expect("applies");
    two.apply(&[confirmed]).expect("applies");
    assert_eq!(one.confirmation(), two.confirmation());
    assert!(one.confirmation().said.is_open());
    assert_eq!(one.summary().map(|summary| summary.open_fields), Some(1));
    // What the other said is no edit of the record.
    assert!(matches!(one.standing(), Standing::Confirmed | Standing::Returned));
    say(&mut one, 2, Some(&Confirmation::Confirmed));
    assert!(!one.confirmation().said.is_open() && one.standing() == Standing::Confirmed);
}

#[test]
fn a_change_that_confirms_writes_nothing_else() {
    let confirmed = Confirmation::Confirmed.to_string();
    let refused = |kind, bytes: Vec<u8>| {
        let change = gate::check(bytes).expect("well formed");
        check_change(kind, &change, NOW).map_err(|problem| (problem.code, problem.field))
    };
    let field = Some("confirmation".to_owned());
    let both = write(&mut logged(), 1, &[attendance(1), VisitEdit::Confirmation(Some(confirmed.clone()))]);
    assert_eq!(refused(Kind::OutreachVisit, both), Err((Code::ChangeForbiddenField, field.clone())));
    let nonsense = write(&mut logged(), 1, &[VisitEdit::Confirmation(Some("maybe".into()))]);
    assert_eq!(refused(Kind::OutreachVisit, nonsense), Err((Code::ChangeMalformed, field.clone())));
    let mut drive = Document::create(Kind::PledgeDrive, DocumentId([8; 16]), 0);
    let said = FieldEdit::Register("confirmation".into(), Some(Written::Text(confirmed)));
    let both = [said, FieldEdit::text("year", "2026")];
    let both = fields::edit(&mut drive, actor(1), NOW, &both).expect("valid").expect("differs").bytes;
    assert_eq!(refused(Kind::PledgeDrive, both), Err((Code::ChangeForbiddenField, field)));
}

#[derive(Clone, Debug)]
enum Step {
    Count(u8, i64),
    Tap(u8),
    Say(u8, u8),
    Meet(u8, u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0..3_u8, 0..200_i64).prop_map(|(who, number)| Step::Count(who, number)),
        (0..3_u8).prop_map(Step::Tap),
        (0..3_u8, 0..3_u8).prop_map(|(who, what)| Step::Say(who, what)),
        (0..3_u8, 0..3_u8).prop_map(|(from, to)| Step::Meet(from, to)),
    ];
    proptest::collection::vec(step, 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever three phones do apart, they agree in the end on how the record stands and on what counts; and what counts of a
    /// confirmed record is what somebody who confirmed it had before their eyes.
    #[test]
    fn three_phones_agree_on_what_was_confirmed(steps in steps()) {
        let mut phones = [logged(), logged(), logged()];
        let mut seen_when_confirmed = Vec::new();
        for step in steps {
            match step {
                Step::Count(who, number) => {
                    let _ = edit(&mut phones[usize::from(who)], actor(who + 1), NOW, &[attendance(number)]);
                }
                Step::Tap(who) => {
                    let tap = [VisitEdit::Tap(CountKey::Attendance, 1)];
                    let _ = edit(&mut phones[usize::from(who)], actor(who + 1), NOW, &tap);
                }
                Step::Say(who, what) => {
                    let phone = &mut phones[usize::from(who)];
                    let what = [None, Some(Confirmation::Confirmed), Some(returned())][usize::from(what)].clone();
                    if what == Some(Confirmation::Confirmed) {
                        seen_when_confirmed.push(phone.visit().count(CountKey::Attendance));
                    }
                    let _ = said(Kind::OutreachVisit, what.as_ref()).apply(phone, actor(who + 1), NOW);
                }
                Step::Meet(from, to) => {
                    let changes: Vec<Vec<u8>> =
                        phones[usize::from(from)].changes().into_iter().map(|change| change.bytes).collect();
                    phones[usize::from(to)].apply(&changes).expect("applies");
                }
            }
        }
        for (from, to) in [(0, 1), (1, 2), (2, 1), (1, 0)] {
            let changes: Vec<Vec<u8>> = phones[from].changes().into_iter().map(|change| change.bytes).collect();
            phones[to].apply(&changes).expect("applies");
        }
        let [one, two, three] = &phones;
        prop_assert_eq!(one.confirmation(), two.confirmation());
        prop_assert_eq!(two.confirmation(), three.confirmation());
        prop_assert_eq!(counted(one), counted(two));
        prop_assert_eq!(counted(two), counted(three));
        if one.standing().has_confirmed_values() {
            prop_assert!(seen_when_confirmed.contains(&counted(one)), "{:?}", counted(one));
        }
    }
}
