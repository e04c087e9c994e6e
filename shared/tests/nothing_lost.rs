//! What merging promises of activity: whatever three phones save, hear of each other, settle, remove and bring back, in any
//! order, no tap, no typed number, no note and no value that somebody wrote is lost. Reckoned by a list of what was done, which
//! knows nothing of documents. Of after-care the same is asked in `aftercare_merges`.

use std::collections::BTreeSet;

use donghanh_shared::command::fields::FieldEdit;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::command::{Edits, pledge_drive as drive, prevention_model as model};
use donghanh_shared::crdt::history::{HistoryValue, history};
use donghanh_shared::crdt::{Document, Kind};
use donghanh_shared::domain::Date;
use donghanh_shared::domain::count::Amount;
use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::domain::pledge_drive::{CountedBy, DriveCount, GroupKey, Signer};
use donghanh_shared::domain::prevention_model::ModelCount;
use donghanh_shared::domain::register::Register;
use donghanh_shared::ids::{ActorId, DocumentId};
use proptest::prelude::*;

const ACTORS: [ActorId; 3] = [ActorId([0x1a; 16]), ActorId([0x2b; 16]), ActorId([0x3c; 16])];
const AT: i64 = 1_781_000_000_000;

/// What a phone does next; the second number says how much, which day, or from whom.
#[derive(Clone, Copy, Debug)]
enum Act {
    Tap,
    Type,
    Note,
    Date,
    Settle,
    Remove,
    Bring,
    Hear,
}

/// One kind of record, as far as this asks.
struct Words {
    kind: Kind,
    begin: fn() -> Option<Edits>,
    /// `None` where nothing is counted by taps.
    tap: fn(i32) -> Option<Edits>,
    typed: fn(Option<Amount>) -> Edits,
    notes: fn(&str) -> Edits,
    date: fn(Option<Date>) -> Edits,
    archived: fn(Option<String>) -> Edits,
    count: fn(&Document) -> Option<u32>,
    day: fn(&Document) -> Register<Date>,
    text: fn(&Document) -> String,
}

fn one(edit: VisitEdit) -> Edits {
    vec![edit].into()
}

fn field(edit: FieldEdit) -> Edits {
    vec![edit].into()
}

fn class() -> GroupKey {
    GroupKey::of(Signer::Pupils, "7A2").expect("a class")
}

fn visits() -> Words {
    Words {
        kind: Kind::OutreachVisit,
        begin: || None,
        tap: |taps| Some(one(VisitEdit::Tap(CountKey::Attendance, taps))),
        typed: |number| one(VisitEdit::Count(CountKey::Attendance, number)),
        notes: |text| one(VisitEdit::Notes(text.to_owned())),
        date: |day| one(VisitEdit::Date(day)),
        archived: |why| one(VisitEdit::Archived(why)),
        count: |document| document.visit().count(CountKey::Attendance),
        day: |document| document.visit().date,
        text: |document| document.visit().notes,
    }
}

fn drives() -> Words {
    Words {
        kind: Kind::PledgeDrive,
        begin: || {
            let mut edits = drive::group(&class(), "7A2", Signer::Pupils);
            edits.push(drive::counted_by(&class(), CountedBy::Tally));
            Some(edits.into())
        },
        tap: |taps| Some(field(drive::tap(&class(), taps))),
        typed: |number| field(drive::count(&class(), DriveCount::Tally, number)),
        notes: |text| field(drive::notes(text)),
        date: |day| field(drive::date(day)),
        archived: |why| field(drive::archived(why)),
        count: |document| document.drive().groups[&class()].count(DriveCount::Tally),
        day: |document| document.drive().date,
        text: |document| document.drive().notes,
    }
}

fn models() -> Words {
    Words {
        kind: Kind::PreventionModel,
        begin: || None,
        tap: |_| None,
        typed: |number| field(model::count(ModelCount::Members, number)),
        notes: |text| field(model::notes(text)),
        date: |day| field(model::since(day)),
        archived: |why| field(model::archived(why)),
        count: |document| document.model().count(ModelCount::Members),
        day: |document| document.model().since,
        text: |document| document.model().notes,
    }
}

/// Something that was saved, by what its author knew.
enum Done {
    Tapped(i64),
    Typed(u32, BTreeSet<usize>),
    Noted(String),
    Dated(Date),
    Other,
}

/// What was done, and who knows of what.
#[derive(Default)]
struct Told {
    done: Vec<Done>,
    known: [BTreeSet<usize>; 3],
}

impl Told {
    fn add(&mut self, who: usize, done: Done) {
        self.known[who].insert(self.done.len());
        self.done.push(done);
    }

    /// The total by the rule: what was typed last, and every tap that its author had not seen. `Err` where people who knew
    /// nothing of each other typed: then a person decides.
    fn total(&self) -> Result<Option<i64>, ()> {
        let typed = |done: &Done| {
            if let Done::Typed(number, seen) = done { Some((*number, seen.clone())) } else { None }
        };
        let all: Vec<(usize, u32, BTreeSet<usize>)> = self
            .done
            .iter()
            .enumerate()
            .filter_map(|(n, done)| typed(done).map(|(v, s)| (n, v, s)))
            .collect();
        let open: Vec<_> =
            all.iter().filter(|(n, ..)| !all.iter().any(|(_, _, seen)| seen.contains(n))).collect();
        let taps = |beyond: &BTreeSet<usize>| -> Vec<i64> {
            let tap = |(n, done): (usize, &Done)| match done {
                Done::Tapped(taps) if !beyond.contains(&n) => Some(*taps),
                _ => None,
            };
            self.done.iter().enumerate().filter_map(tap).collect()
        };
        match open.as_slice() {
            [] => {
                let all = taps(&BTreeSet::new());
                Ok((!all.is_empty()).then(|| all.iter().sum()))
            }
            [(_, number, seen)] => Ok(Some(i64::from(*number) + taps(seen).iter().sum::<i64>())),
            _ => Err(()),
        }
    }
}

fn acts() -> impl Strategy<Value = Vec<(usize, Act, u8)>> {
    use Act::{Bring, Date, Hear, Note, Remove, Settle, Tap, Type};
    let act = prop::sample::select(vec![
        Tap, Tap, Tap, Type, Note, Note, Date, Date, Settle, Remove, Bring, Hear, Hear, Hear,
    ]);
    prop::collection::vec((0..ACTORS.len(), act, any::<u8>()), 4..28)
}

/// Carries everything out on three copies; afterwards each knows everything.
fn carry_out(words: &Words, acts: &[(usize, Act, u8)]) -> ([Document; 3], Told) {
    let mut base = Document::create(words.kind, DocumentId([7; 16]), 0);
    if let Some(edits) = (words.begin)() {
        edits.apply(&mut base, ActorId([9; 16]), AT).expect("valid");
    }
    let mut copies = ACTORS.map(|_| base.clone());
    let mut told = Told::default();
    for (n, (who, act, pick)) in acts.iter().enumerate() {
        let (who, pick) = (*who, *pick);
        let copy = &copies[who];
        let on = "2026-06-01".parse::<Date>().expect("day").plus_days(i64::from(pick % 20));
        let (edits, done) = match act {
            Act::Hear => {
                let from = usize::from(pick) % ACTORS.len();
                let heard: Vec<Vec<u8>> = copies[from].changes().into_iter().map(|c| c.bytes).collect();
                copies[who].apply(&heard).expect("merge");
                let theirs = told.known[from].clone();
                told.known[who].extend(theirs);
                continue;
            }
            Act::Tap => match (words.tap)(i32::from(pick % 9) + 1) {
                Some(edits) => (edits, Done::Tapped(i64::from(pick % 9) + 1)),
                None => continue,
            },
            Act::Type => {
                let number = u32::from(pick);
                let amount = Amount::new(i64::from(number)).ok();
                ((words.typed)(amount), Done::Typed(number, told.known[who].clone()))
            }
            Act::Note => {
                let word = format!("[{who}.{n}]");
                ((words.notes)(&format!("{}{word}", (words.text)(copy))), Done::Noted(word))
            }
            Act::Date => ((words.date)(Some(on)), Done::Dated(on)),
            Act::Settle => {
                let claims = (words.day)(copy).claims;
                let Some(chosen) = claims.get(usize::from(pick) % claims.len().max(1)) else { continue };
                ((words.date)(Some(chosen.value)), Done::Dated(chosen.value))
            }
            Act::Remove => ((words.archived)(Some("ghi nhầm".to_owned())), Done::Other),
            Act::Bring => ((words.archived)(None), Done::Other),
        };
        let at = AT + i64::try_from(n).expect("small") + 1;
        // Nothing is saved that says what stands already.
        if edits.apply(&mut copies[who], ACTORS[who], at).expect("valid").is_some() {
            told.add(who, done);
        }
        if matches!(act, Act::Settle) {
            assert_eq!((words.day)(&copies[who]).claims.len(), 1, "whoever settles it sees it settled");
        }
    }
    for who in 0..ACTORS.len() {
        // Each hears the others in another order.
        for step in 1..ACTORS.len() {
            let from = (who + step) % ACTORS.len();
            let heard: Vec<Vec<u8>> = copies[from].changes().into_iter().map(|c| c.bytes).collect();
            copies[who].apply(&heard).expect("merge");
        }
    }
    (copies, told)
}

fn loses_nothing(words: &Words, acts: &[(usize, Act, u8)]) -> Result<(), TestCaseError> {
    let (copies, told) = carry_out(words, acts);
    let whole = &copies[0];
    for copy in &copies {
        prop_assert_eq!(copy.heads(), whole.heads());
        prop_assert_eq!((words.count)(copy), (words.count)(whole));
        prop_assert_eq!((words.text)(copy), (words.text)(whole));
    }
    if let Ok(total) = told.total() {
        prop_assert_eq!((words.count)(whole).map(i64::from), total);
    }
    let entries: Vec<_> = history(whole).into_iter().filter(|entry| ACTORS.contains(&entry.actor)).collect();
    prop_assert_eq!(entries.len(), told.done.len(), "every save is in the history");
    let written: Vec<HistoryValue> =
        entries.into_iter().flat_map(|entry| entry.edits).map(|edit| edit.value).collect();
    for done in &told.done {
        match done {
            Done::Noted(word) => prop_assert!((words.text)(whole).contains(word), "{}", (words.text)(whole)),
            Done::Typed(number, _) => {
                prop_assert!(written.contains(&HistoryValue::Number(Some(i64::from(*number)))));
            }
            Done::Dated(on) => prop_assert!(written.contains(&HistoryValue::Text(on.to_string()))),
            Done::Tapped(_) | Done::Other => {}
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_visit_loses_nothing(acts in acts()) {
        loses_nothing(&visits(), &acts)?;
    }

    #[test]
    fn a_drive_loses_nothing(acts in acts()) {
        loses_nothing(&drives(), &acts)?;
    }

    #[test]
    fn a_model_loses_nothing(acts in acts()) {
        loses_nothing(&models(), &acts)?;
    }
}
