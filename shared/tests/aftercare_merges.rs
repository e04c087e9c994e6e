//! What merging promises of after-care: whatever three people write apart into one case or one check-in, merged in any order
//! it is one record by its typed values, and no support, event or note is lost.

use donghanh_shared::command::aftercare::{self as words, NewEvent, NewSupport};
use donghanh_shared::command::aftercare::{case as core_words, check_in as visit_words};
use donghanh_shared::command::fields::{FieldEdit, edit};
use donghanh_shared::crdt::{Document, Kind, gate, rules};
use donghanh_shared::domain::Date;
use donghanh_shared::domain::aftercare::events::Story;
use donghanh_shared::domain::aftercare::schedule::{Plan, due};
use donghanh_shared::domain::aftercare::terms::{Completion, EventKind, How, Life, Need, State, SupportKind};
use donghanh_shared::domain::aftercare::{AftercareCase, AftercareRules, CaseStatus, CheckIn};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ActorId, DocumentId};
use proptest::prelude::*;

const ACTORS: [ActorId; 3] = [ActorId([0x1a; 16]), ActorId([0x2b; 16]), ActorId([0x3c; 16])];

fn day(text: &str) -> Date {
    text.parse().expect("day")
}

/// What all three start from.
fn base(kind: Kind) -> Document {
    let mut document = Document::create(kind, DocumentId([7; 16]), 0);
    let begun =
        words::term_of_aftercare(&AftercareRules::shipped(), Completion::Voluntary, day("2026-01-31")).core;
    let edits = match kind {
        Kind::AftercareCase => {
            [begun, vec![core_words::status(CaseStatus::Managed), words::notes("Ghi chú.")]].concat()
        }
        _ => vec![
            visit_words::date(Some(day("2026-06-18"))),
            visit_words::how(Some(How::Home)),
            words::notes("Ghi chú."),
        ],
    };
    edit(&mut document, ActorId([9; 16]), day("2026-06-19").start(), &edits)
        .expect("valid")
        .expect("differs");
    document
}

/// What somebody does to a case or a check-in; `n` makes ids and words of its own.
fn act(kind: Kind, document: &Document, who: usize, n: usize, (what, pick): (u8, u8)) -> Vec<FieldEdit> {
    let id = format!("p{who}n{n}");
    let pick = usize::from(pick);
    let one_of = |of: usize| pick % of;
    let on = day("2026-06-01").plus_days(i64::try_from(pick % 20).expect("small"));
    let is_case = kind == Kind::AftercareCase;
    match what {
        0 | 1 => {
            let kind = SupportKind::ALL[one_of(SupportKind::ALL.len())];
            words::support(
                &id,
                &NewSupport {
                    kind,
                    given: pick.is_multiple_of(2),
                    date: on,
                    by: String::new(),
                    text: id.clone(),
                },
            )
        }
        2 | 3 if is_case => {
            let kind = EventKind::ALL[one_of(EventKind::ALL.len())];
            let none = String::new;
            words::event(
                &id,
                &NewEvent { kind, date: on, ward: None, number: none(), by: none(), text: id.clone() },
            )
        }
        4 => vec![words::notes(&format!("{}[{id}]", document.fields().texts["notes"]))],
        5 if is_case => vec![core_words::status(CaseStatus::ALL[one_of(CaseStatus::ALL.len())])],
        5 => vec![visit_words::how(Some(How::ALL[one_of(How::ALL.len())]))],
        6 if is_case => core_words::every_from(&id, on, Some(u16::try_from(pick + 1).expect("small"))),
        6 => vec![visit_words::situation(Life::ALL[one_of(Life::ALL.len())], Some(State::ALL[pick % 5]))],
        7 => vec![words::need(Need::ALL[one_of(Need::ALL.len())], true)],
        _ if is_case => vec![core_words::next_due(Some(on))],
        _ => vec![visit_words::next_due(Some(on))],
    }
}

type Acts = Vec<(u8, u8)>;

/// Three people work apart from one base; every change, by person.
fn apart(kind: Kind, base: &Document, acts: &[Acts; 3]) -> [Vec<Vec<u8>>; 3] {
    let mut who = 0;
    ACTORS.map(|actor| {
        let mut copy = base.clone();
        let mut changes = Vec::new();
        for (n, what) in acts[who].iter().enumerate() {
            let edits = act(kind, &copy, who, n, *what);
            let at = day("2026-06-20").start() + i64::try_from(who * 1_000 + n).expect("small");
            if let Some(change) = edit(&mut copy, actor, at, &edits).expect("valid") {
                let checked = gate::check(change.bytes.clone()).expect("gate");
                rules::check_change(kind, &checked, at).expect("the rules take it");
                changes.push(change.bytes);
            }
        }
        who += 1;
        changes
    })
}

fn some_acts() -> impl Strategy<Value = [Acts; 3]> {
    let one = || proptest::collection::vec((0_u8..9, 0_u8..200), 1..7);
    [one(), one(), one()]
}

/// The base with the changes of three people, in the order of people given.
fn merged(base: &Document, changes: &[Vec<Vec<u8>>; 3], order: [usize; 3]) -> Document {
    let mut copy = base.clone();
    for who in order {
        copy.apply(&changes[who]).expect("merge");
    }
    copy
}

/// The same, one change of each in turn.
fn in_turn(base: &Document, changes: &[Vec<Vec<u8>>; 3]) -> Document {
    let mut copy = base.clone();
    for n in 0..changes.iter().map(Vec::len).max().unwrap_or_default() {
        for change in changes.iter().rev().filter_map(|of| of.get(n)) {
            copy.apply(std::slice::from_ref(change)).expect("merge");
        }
    }
    copy
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whatever three people do to a case apart: merged in any order it is one case, by its values, its story and what is
    /// due, and has every support, event and note.
    #[test]
    fn a_case_is_one_in_any_order_and_loses_nothing(acts in some_acts()) {
        let base = base(Kind::AftercareCase);
        let changes = apart(Kind::AftercareCase, &base, &acts);
        let read = |document: &Document| {
            let case = AftercareCase::of(&document.fields());
            let rules = AftercareRules::shipped();
            let story = Story::of(&rules, [&case.events]);
            let next = Plan::of(&case, &story).and_then(|plan| due(&plan, &rules, &[], day("2026-08-01")));
            (case, story, next)
        };
        let whole = read(&merged(&base, &changes, [0, 1, 2]));
        prop_assert_eq!(&whole, &read(&merged(&base, &changes, [2, 0, 1])));
        prop_assert_eq!(&whole, &read(&merged(&base, &changes, [1, 2, 0])));
        prop_assert_eq!(&whole, &read(&in_turn(&base, &changes)));
        for (who, acts) in acts.iter().enumerate() {
            for (n, (what, _)) in acts.iter().enumerate() {
                let id = format!("p{who}n{n}");
                match what {
                    0 | 1 => prop_assert!(whole.0.support[&id].kind.value().is_some()),
                    2 | 3 => prop_assert!(whole.1.steps.iter().any(|step| step.key == id)),
                    4 => prop_assert!(whole.0.notes.contains(&format!("[{id}]")), "{}", whole.0.notes),
                    6 => prop_assert!(whole.0.schedule.contains_key(&id)),
                    _ => {}
                }
            }
        }
    }

    /// The same of a check-in that an officer and two helpers fill in together.
    #[test]
    fn a_check_in_is_one_in_any_order_and_loses_nothing(acts in some_acts()) {
        let base = base(Kind::CheckIn);
        let changes = apart(Kind::CheckIn, &base, &acts);
        let read = |document: &Document| CheckIn::of(&document.fields());
        let whole = read(&merged(&base, &changes, [0, 1, 2]));
        prop_assert_eq!(&whole, &read(&merged(&base, &changes, [2, 1, 0])));
        prop_assert_eq!(&whole, &read(&in_turn(&base, &changes)));
        for (who, acts) in acts.iter().enumerate() {
            for (n, (what, pick)) in acts.iter().enumerate() {
                let id = format!("p{who}n{n}");
                match what {
                    0 | 1 => prop_assert!(whole.support[&id].kind.value().is_some()),
                    4 => prop_assert!(whole.notes.contains(&format!("[{id}]")), "{}", whole.notes),
                    7 => prop_assert!(whole.needs.contains(&Need::ALL[usize::from(*pick) % Need::ALL.len()])),
                    _ => {}
                }
            }
        }
    }
}
