//! How far an assignment has come: edges of days, places, removal and people.

use super::*;
use crate::domain::aftercare::line::{CaseLine, CheckInLine};
use crate::domain::aftercare::schedule::Seen;
use crate::domain::aftercare::{CaseStatus, CheckIn};
use crate::domain::outreach_visit::Visit;

const LAN: PersonId = PersonId([1; 16]);
const MINH: PersonId = PersonId([2; 16]);
const SCHOOLS: [PlaceId; 3] = [PlaceId([1; 16]), PlaceId([2; 16]), PlaceId([3; 16])];

fn day(text: &str) -> Date {
    text.parse().expect("day")
}

fn ward(text: &str) -> WardRef {
    text.parse().expect("ward")
}

fn home() -> WardRef {
    ward("08707@2025-07-01")
}

fn union() -> OrganisationId {
    "thanh-doan".parse().expect("organisation")
}

/// Five visits of the Youth Union in June.
fn five() -> Ask {
    Ask {
        what: Some(Work::Visit),
        number: Some(5),
        from: Some(day("2026-06-01")),
        by: Some(day("2026-06-26")),
        ward: Some(home()),
        lead: Some(union()),
        ..Ask::default()
    }
}

/// A visit of the Youth Union that counts for [`five`].
fn visit() -> Summary {
    let mut summary = Summary::of_visit(DocumentId([1; 16]), &Visit::default(), 0);
    summary.date = Some(day("2026-06-10"));
    summary.form = Form::Talk.code().to_owned();
    summary.ward = Some(home());
    summary.lead = Some(union());
    summary
}

/// How many of these count, with nothing merged.
fn done(ask: &Ask, records: &[Summary]) -> u32 {
    ask.progress(records, |ward| ward, |place| place).done
}

fn counts(ask: &Ask, change: impl FnOnce(&mut Summary)) -> bool {
    let mut record = visit();
    change(&mut record);
    done(ask, &[record]) == 1
}

#[test]
fn what_is_led_in_the_ward_in_time_counts_and_nothing_else() {
    let ask = five();
    assert!(counts(&ask, |_| ()));
    assert!(!counts(&ask, |record| record.archived = true), "removed");
    assert!(!counts(&ask, |record| record.ward = Some(ward("08716@2025-07-01"))), "moved to another ward");
    assert!(!counts(&ask, |record| record.ward = None));
    assert!(!counts(&ask, |record| record.lead = "hoi-lhpn".parse().ok()), "of another union");
    assert!(!counts(&ask, |record| record.lead = None), "of nobody");
    assert!(!counts(&ask, |record| record.date = None));
    let mut drive = Summary::of_drive(DocumentId([2; 16]), &Default::default(), 0);
    (drive.date, drive.ward, drive.lead) = (Some(day("2026-06-10")), Some(home()), Some(union()));
    assert_eq!(done(&ask, std::slice::from_ref(&drive)), 0, "a drive is no visit");
    assert_eq!(done(&Ask { what: Some(Work::Drive), ..five() }, &[drive, visit()]), 1);
    assert_eq!(done(&Ask { what: None, ..five() }, &[visit()]), 0);
    let nowhere = Ask { ward: None, ..five() };
    assert!(!counts(&nowhere, |record| record.ward = None), "no ward is not a ward that both are in");
}

#[test]
fn both_days_at_the_ends_are_included() {
    let ask = five();
    for (date, expected) in
        [("2026-05-31", false), ("2026-06-01", true), ("2026-06-26", true), ("2026-06-27", false)]
    {
        assert_eq!(counts(&ask, |record| record.date = Some(day(date))), expected, "{date}");
    }
    let without_a_first = Ask { from: None, ..five() };
    assert!(counts(&without_a_first, |record| record.date = Some(day("2020-01-01"))));
}

#[test]
fn it_is_done_when_the_records_reach_the_number_and_open_again_when_one_is_removed() {
    let ask = five();
    let mut records = vec![visit(); 5];
    let progress = |records: &[Summary]| ask.progress(records, |ward| ward, |place| place);
    assert_eq!(progress(&records), Progress { done: 5, goal: Some(5) });
    assert!(progress(&records).is_done());
    records[4].archived = true;
    assert!(!progress(&records).is_done());
    records[0].sessions = Some(2);
    assert!(progress(&records).is_done(), "a summary of two sessions counts twice");
    let nobody_said = Ask { number: None, ..five() };
    assert!(!nobody_said.progress(&records, |ward| ward, |place| place).is_done());
    assert!(!Progress { done: 0, goal: Some(0) }.is_done(), "nothing asked is not something done");
}

#[test]
fn the_form_asked_narrows_visits() {
    let talks = Ask { form: Some(Form::Talk), ..five() };
    assert!(counts(&talks, |_| ()));
    assert!(!counts(&talks, |record| record.form = Form::Leaflets.code().to_owned()));
    assert!(!counts(&talks, |record| record.form = "of_a_newer_app".to_owned()));
}

#[test]
fn a_person_is_counted_by_who_did_it() {
    let ask = Ask { lead: None, people: [(LAN, "Lan".to_owned())].into(), ..five() };
    assert!(!counts(&ask, |_| ()), "her union led it, she did not do it");
    assert!(counts(&ask, |record| record.people = [LAN, MINH].into()));
    assert!(!counts(&ask, |record| record.people = [MINH].into()));
    assert!(ask.is_of(LAN, None) && !ask.is_of(MINH, Some(&union())));
    assert!(five().is_of(MINH, Some(&union())) && !five().is_of(MINH, None));
    let done_by = [(LAN.to_string(), "Lan".to_owned()), ("a1".to_owned(), "Cô Hoa".to_owned())].into();
    assert_eq!(people_of(&done_by), [LAN].into(), "who has no account stands under another key");
}

#[test]
fn each_place_asked_for_counts_once_and_no_other() {
    let ask = Ask { number: Some(9), places: SCHOOLS.into(), ..five() };
    let at = |places: &[PlaceId]| {
        let mut record = visit();
        record.places = places.iter().copied().collect();
        record
    };
    let elsewhere = PlaceId([9; 16]);
    let records = [at(&SCHOOLS[..1]), at(&SCHOOLS[..1]), at(&[SCHOOLS[1], elsewhere]), at(&[])];
    let progress = ask.progress(&records, |ward| ward, |place| place);
    assert_eq!(progress, Progress { done: 2, goal: Some(3) }, "the places say how many, not the number");
    // A place that was proposed and turned out to be the third school.
    let proposed = [at(&[elsewhere])];
    let merged = |place| if place == elsewhere { SCHOOLS[2] } else { place };
    assert_eq!(ask.progress(&proposed, |ward| ward, merged).done, 1);
}

#[test]
fn a_loudspeaker_reaches_no_school() {
    use crate::domain::register::Claim;
    let said = |form| Register {
        claims: vec![Claim { value: form, actor: crate::ids::ActorId([1; 16]), at: 0 }],
        unreadable: 0,
    };
    let of = |form| {
        let visit = Visit { form: said(form), places: SCHOOLS.into(), ..Visit::default() };
        Summary::of_visit(DocumentId([1; 16]), &visit, 0).places.len()
    };
    assert_eq!((of(Form::Talk), of(Form::Loudspeaker), of(Form::OnlinePost)), (3, 0, 0));
}

#[test]
fn a_ward_that_went_into_another_is_the_same_work() {
    let old = ward("08722@2004-07-08");
    let today = |ward| if ward == old { home() } else { ward };
    let before = Ask { ward: Some(old), ..five() };
    let mut record = visit();
    assert_eq!(before.progress([&record], today, |place| place).done, 1);
    record.ward = Some(old);
    assert_eq!(five().progress([&record], today, |place| place).done, 1);
}

fn core(case: u8, ward: WardRef) -> CareLine {
    let line = CaseLine {
        address_as: "anh H.".to_owned(),
        ward: Some(ward),
        status: CaseStatus::Managed,
        meet_at: String::new(),
        helpers: String::new(),
        plan: None,
        folded: String::new(),
    };
    let id = DocumentId([case; 16]);
    CareLine {
        confirmation: None,
        id,
        case: id,
        part: CarePart::Case(Box::new(line)),
        open_fields: 0,
        archived: false,
        changed_at: 0,
    }
}

fn check_in(case: u8, date: &str, met: bool, by: PersonId) -> CareLine {
    let mut line = CareLine::of_check_in(DocumentId([9; 16]), DocumentId([case; 16]), &CheckIn::default(), 0);
    let seen = Some(Seen { day: day(date), met, next_due: None });
    line.archived = false;
    line.part =
        CarePart::CheckIn(CheckInLine { seen, how: String::new(), signs: false, people: [by].into() });
    line
}

#[test]
fn check_ins_are_counted_from_the_cases_that_a_phone_holds() {
    let ask = Ask { what: Some(Work::CheckIn), people: [(LAN, "Lan".to_owned())].into(), ..five() };
    let lines = [core(1, home()), core(2, ward("08716@2025-07-01"))];
    let counted = |check_in: CareLine| {
        let all = [lines[0].clone(), lines[1].clone(), check_in];
        ask.check_ins(all.iter(), |ward| ward).done
    };
    assert_eq!(counted(check_in(1, "2026-06-26", true, LAN)), 1);
    assert_eq!(counted(check_in(1, "2026-06-27", true, LAN)), 0, "late");
    assert_eq!(counted(check_in(1, "2026-06-26", false, LAN)), 0, "nobody was met");
    assert_eq!(counted(check_in(1, "2026-06-26", true, MINH)), 0, "somebody else went");
    assert_eq!(counted(check_in(2, "2026-06-26", true, LAN)), 0, "a case of another ward");
    assert_eq!(counted(check_in(3, "2026-06-26", true, LAN)), 0, "a case that is not known here");
    assert_eq!(counted(CareLine { archived: true, ..check_in(1, "2026-06-26", true, LAN) }), 0);
    assert_eq!(done(&ask, &[visit()]), 0);
    let visits = Ask { what: Some(Work::Visit), ..ask.clone() };
    assert_eq!(visits.check_ins([check_in(1, "2026-06-26", true, LAN)].iter(), |ward| ward).done, 0);
}

#[test]
fn what_is_missing_is_named() {
    let codes = |ask: &Ask| ask.problems().iter().map(|problem| problem.code).collect::<Vec<_>>();
    assert_eq!(codes(&five()), []);
    let missing =
        [Code::WorkMissing, Code::AskedMissing, Code::NumberMissing, Code::DateInvalid, Code::DueMissing];
    assert_eq!(codes(&Ask::default()), missing);
    assert_eq!(codes(&Ask { number: Some(0), ..five() }), [Code::NumberMissing]);
    assert_eq!(codes(&Ask { number: None, places: SCHOOLS.into(), ..five() }), []);
    assert_eq!(codes(&Ask { by: Some(day("2026-05-31")), ..five() }), [Code::PeriodInvalid]);
    assert_eq!(
        codes(&Ask { what: Some(Work::CheckIn), ..five() }),
        [Code::AskedMissing],
        "no union visits a case"
    );
}
