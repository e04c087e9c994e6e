//! What the after-care domain promises, case by case: a case from its first day to its certificate, the change of law, events
//! that do not fit. The words: `aftercare_words.rs`; what merging promises: `aftercare_merges.rs`.

use donghanh_shared::command::aftercare::{self as words, NewEvent, OfCase};
use donghanh_shared::command::aftercare::{
    case as core_words, check_in as visit_words, restricted as kept_words,
};
use donghanh_shared::command::fields::{FieldEdit, edit};
use donghanh_shared::crdt::{Document, Kind, gate, rules};
use donghanh_shared::domain::Date;
use donghanh_shared::domain::aftercare::events::Story;
use donghanh_shared::domain::aftercare::schedule::{Due, Plan, Seen, Tally, due, periods};
use donghanh_shared::domain::aftercare::terms::{Completion, EventKind};
use donghanh_shared::domain::aftercare::{
    AftercareCase, AftercareRestricted, AftercareRules, CaseStatus, CheckIn,
};
use donghanh_shared::domain::date::Span;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ActorId, DocumentId};

const LAN: ActorId = ActorId([0x1a; 16]);
const MINH: ActorId = ActorId([0x2b; 16]);
const HOA: ActorId = ActorId([0x3c; 16]);

fn day(text: &str) -> Date {
    text.parse().expect("day")
}

fn new(kind: Kind) -> Document {
    Document::create(kind, DocumentId([kind.index() as u8; 16]), 0)
}

/// Saves on a day, and proves that gate and rules take the change on that day.
fn save_on(document: &mut Document, actor: ActorId, on: &str, edits: &[FieldEdit]) -> Vec<u8> {
    let at = day(on).start() + 8 * 3_600_000;
    let bytes = edit(document, actor, at, edits).expect("valid").expect("differs").bytes;
    let change = gate::check(bytes.clone()).expect("gate");
    rules::check_change(document.kind(), &change, at).unwrap_or_else(|problem| panic!("{on}: {problem}"));
    bytes
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn event(kind: EventKind, on: &str) -> NewEvent {
    NewEvent {
        kind,
        date: day(on),
        ward: None,
        number: String::new(),
        by: String::new(),
        text: String::new(),
    }
}

#[test]
fn the_law_of_the_first_day_holds_over_the_change_of_law() {
    let rules = AftercareRules::shipped();
    let ends = |starts: &str| {
        let mut kept = new(Kind::AftercareRestricted);
        let begun = words::term_of_aftercare(&rules, Completion::CompulsoryAdult, day(starts));
        save_on(&mut kept, LAN, "2026-07-02", &begun.restricted);
        let kept = AftercareRestricted::of(&kept.fields());
        (kept.rule.value().cloned().unwrap_or_default(), kept.ends.value().map(ToString::to_string))
    };
    assert_eq!(ends("2026-06-30"), ("l73-2021-compulsory_adult".into(), text("2028-06-30")));
    assert_eq!(ends("2026-07-01"), ("l120-2025-compulsory_adult".into(), text("2028-07-01")));
    assert_eq!(ends("2021-12-01"), (String::new(), None), "no rule: an officer types the last day");
}

/// A case that grows in a test: core, restricted part, check-ins.
struct Case {
    core: Document,
    kept: Document,
    visits: Vec<CheckIn>,
}

impl Case {
    fn begun(starts: &str) -> Self {
        let begun = words::term_of_aftercare(&AftercareRules::shipped(), Completion::Voluntary, day(starts));
        let mut case =
            Self { core: new(Kind::AftercareCase), kept: new(Kind::AftercareRestricted), visits: Vec::new() };
        let named = [core_words::address_as(text("chị Mai")), core_words::officer(text("Trần Thị Hoa"))];
        save_on(&mut case.core, HOA, starts, &[&begun.core[..], &named].concat());
        save_on(
            &mut case.kept,
            HOA,
            starts,
            &[&begun.restricted[..], &[kept_words::full_name(text("Vũ Thị Mai"))]].concat(),
        );
        case
    }

    fn story(&self) -> Story {
        let (core, kept) =
            (AftercareCase::of(&self.core.fields()), AftercareRestricted::of(&self.kept.fields()));
        Story::of(&AftercareRules::shipped(), [&core.events, &kept.events])
    }

    /// Records an event as an officer does: how the case stands after it goes by its story.
    fn happens(&mut self, id: &str, kind: EventKind, on: &str) {
        let rules = AftercareRules::shipped();
        let new = event(kind, on);
        assert!(self.story().may_follow(&rules, new.date).contains(&kind), "{kind:?}");
        let becomes = rules.event_on(kind, new.date).and_then(|rule| rule.becomes);
        let OfCase { core, restricted } =
            words::record(&rules, id, &new, becomes.unwrap_or(self.story().status()));
        save_on(&mut self.core, HOA, on, &core);
        if !restricted.is_empty() {
            save_on(&mut self.kept, HOA, on, &restricted);
        }
    }

    fn met(&mut self, on: &str) {
        let mut document = new(Kind::CheckIn);
        let edits = [vec![visit_words::date(Some(day(on)))], visit_words::met()].concat();
        save_on(&mut document, LAN, on, &edits);
        self.visits.push(CheckIn::of(&document.fields()));
    }

    fn plan(&self) -> Plan {
        Plan::of(&AftercareCase::of(&self.core.fields()), &self.story()).expect("begun")
    }

    /// What a helper sees: the core alone.
    fn due_for_helper(&self, today: &str) -> Option<Due> {
        let core = AftercareCase::of(&self.core.fields());
        let story = Story::of(&AftercareRules::shipped(), [&core.events]);
        let plan = Plan::of(&core, &story).expect("begun");
        due(&plan, &AftercareRules::shipped(), &self.seen(), day(today))
    }

    fn seen(&self) -> Vec<Seen> {
        self.visits.iter().filter_map(Seen::of).collect()
    }

    fn due(&self, today: &str) -> Option<Due> {
        let found = due(&self.plan(), &AftercareRules::shipped(), &self.seen(), day(today));
        assert_eq!(found, self.due_for_helper(today), "phone and server say the same");
        found
    }

    fn tally(&self, today: &str) -> Tally {
        let all = periods(&self.plan(), &AftercareRules::shipped(), &self.seen(), day(today));
        Tally::of(&all, &Span { from: day("2025-01-01"), to: None })
    }
}

#[test]
fn a_case_from_its_first_day_to_its_certificate() {
    let mut case = Case::begun("2025-07-31");
    let on = |text: &str, overdue_by_days| Some(Due { day: day(text), overdue_by_days });
    assert_eq!(case.due("2025-07-31"), on("2025-08-31", 0));
    for met in ["2025-08-20", "2025-10-03", "2025-10-30", "2025-12-01"] {
        case.met(met);
    }
    assert_eq!(case.tally("2025-12-02"), Tally { on_time: 2, late: 2, pending: 1, ..Tally::default() });
    assert_eq!(case.due("2025-12-02"), on("2025-12-31", 0));
    case.happens("e1", EventKind::Absence, "2025-12-20");
    assert_eq!(case.due("2026-01-10"), on("2025-12-31", 10), "an absent person is still looked for");
    case.happens("e2", EventKind::Detention, "2026-01-15");
    assert_eq!(case.due("2026-01-20"), None, "somebody else has charge");
    let told: Vec<String> = case.core.fields().maps["events"].keys().cloned().collect();
    assert_eq!(told, ["e1.date", "e1.kind"], "a helper's phone holds no detention, only how the case stands");
    case.happens("e3", EventKind::Returned, "2026-03-10");
    assert_eq!(case.due("2026-03-11").map(|due| due.day), Some(day("2025-12-31")), "nobody met them since");
    for met in ["2026-03-20", "2026-04-20", "2026-05-20", "2026-06-20", "2026-07-20"] {
        case.met(met);
    }
    assert_eq!(case.due("2026-07-21"), None, "no visit is due after the last");
    let whole = Tally { on_time: 7, late: 2, missed: 1, excused: 2, ..Tally::default() };
    assert_eq!(case.tally("2026-08-01"), whole);
    assert!(case.plan().is_to_be_completed(day("2026-08-01")));
    case.happens("e4", EventKind::Completion, "2026-08-03");
    assert_eq!((case.due("2026-08-03"), case.story().status()), (None, CaseStatus::Completed));
    assert_eq!(case.tally("2027-01-01"), whole, "a closed case owes nothing more");
    let rules = AftercareRules::shipped();
    let form = rules.form_on(EventKind::Completion, day("2026-08-03")).expect("a form");
    assert!(form.form.contains("54") && !form.confirmed);
}

#[test]
fn what_was_recorded_apart_and_does_not_fit_is_flagged_and_closes_the_visits() {
    let mut case = Case::begun("2026-01-15");
    let mut other = case.core.clone();
    let rules = AftercareRules::shipped();
    let death = words::record(&rules, "b", &event(EventKind::Death, "2026-05-01"), CaseStatus::Died).core;
    let absence =
        words::record(&rules, "a", &event(EventKind::Absence, "2026-05-02"), CaseStatus::Absent).core;
    let change = save_on(&mut other, MINH, "2026-05-03", &death);
    save_on(&mut case.core, HOA, "2026-05-03", &absence);
    case.core.apply(&[change]).expect("merge");
    let core = AftercareCase::of(&case.core.fields());
    assert_eq!(core.open_fields(), ["status"], "two people wrote how it stands");
    assert_eq!(case.story().status(), CaseStatus::Died);
    assert_eq!(case.story().misfits().map(|step| step.key.clone()).collect::<Vec<_>>(), ["a"]);
    assert_eq!(case.due("2026-05-04"), None);
    let until_then = Tally { missed: 3, ..Tally::default() };
    assert_eq!(case.tally("2026-11-26"), until_then, "nothing is owed after a death");
    save_on(
        &mut case.core,
        HOA,
        "2026-05-04",
        &[words::out("events", "b", true), core_words::status(CaseStatus::Absent)],
    );
    assert_eq!(case.story().status(), CaseStatus::Absent, "taken out, it never happened");
    assert_eq!(case.due("2026-05-04").map(|due| due.day), Some(day("2026-02-15")));
}
