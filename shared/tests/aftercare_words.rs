//! The words of after-care: all that they write passes the rules, is known to the schema and reads back as typed values;
//! what is missing is named; formats never change.

use donghanh_shared::command::aftercare::{self as words, NewEvent, NewSupport};
use donghanh_shared::command::aftercare::{
    case as core_words, check_in as visit_words, restricted as kept_words,
};
use donghanh_shared::command::fields::{FieldEdit, edit};
use donghanh_shared::crdt::root::containers;
use donghanh_shared::crdt::schema::{Shape, shape};
use donghanh_shared::crdt::{Document, Kind, gate, rules};
use donghanh_shared::domain::Date;
use donghanh_shared::domain::aftercare::rules::LegalRule;
use donghanh_shared::domain::aftercare::terms::{
    Completion, ConsentKind, EventKind, How, Life, Need, Sex, Sign, State, SupportKind, TestResult,
};
use donghanh_shared::domain::aftercare::{
    AftercareCase, AftercareRestricted, AftercareRules, CaseStatus, CheckIn, CheckInRestricted,
};
use donghanh_shared::domain::date::Span;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ActorId, DocumentId};
use donghanh_shared::sync::wire::{from_bytes, to_bytes};

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

fn support(kind: SupportKind, given: bool, on: &str) -> NewSupport {
    NewSupport {
        kind, given, date: day(on), by: "Hội LHPN phường".into(), text: "Vay 20 triệu.".into()
    }
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

/// Everything that the words write, by kind, as of 2026-06-20.
fn full(kind: Kind) -> Vec<FieldEdit> {
    let begun =
        words::term_of_aftercare(&AftercareRules::shipped(), Completion::CompulsoryMinor, day("2026-01-15"));
    let transfer = NewEvent {
        ward: Some("08716@2025-07-01".parse().expect("ward")),
        number: "12/QĐ-UBND".into(),
        by: "Nguyễn Văn An".into(),
        text: "Theo gia đình.".into(),
        ..event(EventKind::Transfer, "2026-06-01")
    };
    let mut edits = match kind {
        Kind::OutreachVisit | Kind::PledgeDrive | Kind::PreventionModel | Kind::WorkAssignment => Vec::new(),
        Kind::AftercareCase => [
            begun.core,
            vec![
                core_words::address_as(text("em Nam")),
                core_words::ward("08707@2025-07-01".parse().expect("ward")),
                core_words::status(CaseStatus::Managed),
                core_words::officer(text("Trần Thị Hoa")),
                core_words::phone(text("0912 000 000")),
                core_words::meet_at(text("Nhà bà ngoại")),
                core_words::meet_when(text("Chiều thứ bảy")),
                core_words::every_days(Some(30)),
                core_words::next_due(Some(day("2026-07-18"))),
                core_words::minor(Some(true)),
                core_words::helper("a1", text("Nguyễn Thị Lan")),
                words::need(Need::School, true),
                core_words::visiting("Ngõ 5, sau 17 giờ."),
                words::out("contacts", "c1", true),
            ],
            core_words::every_from("w1", day("2026-06-01"), Some(14)),
            core_words::contact("c1", "Lê Thị Bình", "bà ngoại", "0913 000 000"),
            core_words::address("d1", "Tổ 3", Some(day("2026-02-01"))),
            words::support("s1", &support(SupportKind::Training, false, "2026-06-18")),
            words::event("e1", &transfer),
        ]
        .concat(),
        Kind::AftercareRestricted => [
            begun.restricted,
            vec![
                kept_words::full_name(text("Phạm Văn Nam")),
                kept_words::other_names(text("Tí")),
                kept_words::born(Some("2010-03-02".parse().expect("born"))),
                kept_words::sex(Some(Sex::Male)),
                kept_words::identity_number(text("025210000001")),
                kept_words::registered_at(text("Tổ 3")),
                kept_words::lives_at(text("Tổ 5")),
                kept_words::ends(Some(day("2027-01-15"))),
                kept_words::keep_until(Some(day("2032-01-15"))),
            ],
            kept_words::decision(text("7/QĐ-TA"), Some(day("2026-01-10"))),
            kept_words::certificate(text("1/GXN-UBND"), Some(day("2026-06-19"))),
            kept_words::guardian(text("Lê Thị Bình"), Some(true)),
            kept_words::further_guardian("g1", "Phạm Văn Bắc", "bố", "0914 000 000"),
            kept_words::test("t1", day("2026-05-01"), TestResult::Negative),
            kept_words::consent("k1", ConsentKind::HomeVisit, true, day("2026-01-20"), "bà ngoại"),
            words::event("e2", &event(EventKind::ReturnToTreatment, "2026-05-02")),
        ]
        .concat(),
        Kind::CheckIn => [
            vec![
                visit_words::date(Some(day("2026-06-18"))),
                visit_words::time(Some("17:30".parse().expect("time"))),
                visit_words::how(Some(How::Home)),
                visit_words::next_due(Some(day("2026-07-16"))),
                visit_words::done_by("a1", text("Nguyễn Thị Lan")),
                visit_words::met_with("m1", text("bà ngoại")),
                visit_words::topic(Life::Training, true),
                visit_words::situation(Life::Housing, Some(State::Stable)),
                visit_words::situation(Life::Health, Some(State::Unknown)),
                visit_words::sign(Sign::OftenAway, true),
                words::need(Need::Training, true),
            ],
            visit_words::met(),
            words::support("s1", &support(SupportKind::Counselling, true, "2026-06-18")),
        ]
        .concat(),
        Kind::CheckInRestricted => [
            vec![kept_words::date_of_check_in(day("2026-06-18")), kept_words::remarks(text("Hợp tác."))],
            kept_words::urine_test(Some((day("2026-06-18"), TestResult::Unclear))),
            kept_words::test("t1", day("2026-06-18"), TestResult::Declined),
            kept_words::relapse("e1", day("2026-06-18"), "Tự nói ra."),
        ]
        .concat(),
    };
    edits.push(words::notes("Ghi chú."));
    edits
}

fn parts() -> impl Iterator<Item = Kind> {
    Kind::ALL.iter().copied().filter(|kind| kind.is_aftercare())
}

/// Whether the schema knows what an edit writes; what it does not know would pass as a field of a newer app.
fn is_known(kind: Kind, edit: &FieldEdit) -> bool {
    use donghanh_shared::crdt::root::Container;
    let of = |map: &str| containers(kind).iter().copied().find(|container| container.name() == map);
    match edit {
        FieldEdit::Register(name, _) => match shape(kind, Container::Root) {
            Shape::Registers(known) => known.iter().any(|(of, _)| of == name),
            _ => false,
        },
        FieldEdit::Entry(map, key, _) => match of(map).map(|container| shape(kind, container)) {
            Some(Shape::Parts(known)) => {
                key.split_once('.').is_some_and(|(_, field)| known.iter().any(|(of, _)| *of == field))
            }
            Some(Shape::Set(_) | Shape::Names | Shape::Codes) => true,
            _ => false,
        },
        FieldEdit::LongText(name, _) => of(name).is_some_and(|container| container.is_text()),
        FieldEdit::Count(..) | FieldEdit::Tap(..) => false,
    }
}

#[test]
fn all_words_pass_the_rules_and_the_schema_knows_them() {
    for kind in parts() {
        let mut document = new(kind);
        save_on(&mut document, LAN, "2026-06-20", &full(kind));
        for edit in full(kind) {
            assert!(is_known(kind, &edit), "{kind:?}: {edit:?}");
        }
        assert_eq!(edit(&mut document, MINH, 1, &full(kind)), Ok(None), "it says so already");
    }
}

#[test]
fn what_is_written_reads_back_as_typed_values() {
    let read = |kind| {
        let mut document = new(kind);
        save_on(&mut document, LAN, "2026-06-20", &full(kind));
        document.fields()
    };
    let today = day("2026-06-20");
    let case = AftercareCase::of(&read(Kind::AftercareCase));
    assert_eq!(case.problems(today), []);
    assert_eq!((case.every_days.value(), case.minor.value()), (Some(&30), Some(&true)));
    assert_eq!(case.until.value(), Some(&day("2027-01-15")));
    assert_eq!(case.schedule["w1"].every_days.value(), Some(&14));
    assert_eq!(case.events["e1"].ward.value().map(ToString::to_string).as_deref(), Some("08716@2025-07-01"));
    assert!(case.needs.contains(&Need::School) && !case.contacts["c1"].is_in());
    assert!(!case.support["s1"].is_given());
    let kept = AftercareRestricted::of(&read(Kind::AftercareRestricted));
    assert_eq!(kept.problems(today), []);
    assert_eq!(kept.rule.value().map(String::as_str), Some("l73-2021-compulsory_minor"));
    assert!(!kept.ends_otherwise(&AftercareRules::shipped().legal));
    assert_eq!(kept.born.value().map(|born| born.age_on(today)), Some((16, 16)));
    let visit = CheckIn::of(&read(Kind::CheckIn));
    assert_eq!(visit.problems(today), []);
    assert_eq!((visit.state(Life::Housing), visit.state(Life::Work)), (Some(State::Stable), None));
    assert!(visit.signs.contains(&Sign::OftenAway) && visit.support["s1"].is_given());
    let found = CheckInRestricted::of(&read(Kind::CheckInRestricted));
    assert_eq!(found.problems(today), []);
    assert_eq!((found.relapse.value(), found.events.len()), (Some(&true), 1));
}

#[test]
fn what_is_missing_is_named_where_it_is_missing() {
    let today = day("2026-06-20");
    let of = |edits: &[FieldEdit]| {
        let mut document = new(Kind::CheckIn);
        save_on(&mut document, LAN, "2026-06-20", edits);
        CheckIn::of(&document.fields()).problems(today)
    };
    let missing = |field: &str| Problem::new(Code::FieldMissing).at(field);
    let date = visit_words::date(Some(day("2026-06-18")));
    let rest = [missing("how"), missing("met"), missing("done_by")];
    assert_eq!(of(std::slice::from_ref(&date)), rest);
    let mut edits = full(Kind::CheckIn);
    edits.extend(visit_words::not_met(" "));
    edits.push(visit_words::next_due(Some(day("2026-06-01"))));
    let expected = [missing("not_met_because"), Problem::new(Code::PeriodInvalid).at("next_due")];
    assert_eq!(of(&edits), expected);
    let mut case = new(Kind::AftercareCase);
    let lone = words::event("e1", &event(EventKind::Absence, "2026-06-01")).remove(0);
    save_on(&mut case, LAN, "2026-06-20", &[core_words::since(Some(day("2026-06-21"))), lone]);
    let expected = [
        missing("address_as"),
        missing("officer"),
        Problem::new(Code::DateInFuture).at("since"),
        Problem::new(Code::DateMissing).at("events e1.date"),
    ];
    assert_eq!(AftercareCase::of(&case.fields()).problems(today), expected);
    let mut kept = new(Kind::AftercareRestricted);
    let begun =
        words::term_of_aftercare(&AftercareRules::shipped(), Completion::CompulsoryMinor, day("2026-01-15"));
    save_on(&mut kept, LAN, "2026-06-20", &begun.restricted);
    let expected = [missing("full_name"), missing("guardian")];
    assert_eq!(AftercareRestricted::of(&kept.fields()).problems(today), expected);
}

#[test]
fn a_new_check_in_starts_with_what_holds_on() {
    let mut last = new(Kind::CheckIn);
    save_on(&mut last, LAN, "2026-06-20", &full(Kind::CheckIn));
    let last = CheckIn::of(&last.fields());
    let mut next = new(Kind::CheckIn);
    let carried = visit_words::carried_over(&last);
    assert_eq!(carried.len(), 3, "{carried:?}");
    save_on(&mut next, MINH, "2026-07-16", &carried);
    let next = CheckIn::of(&next.fields());
    assert_eq!(next.how.value(), Some(&How::Home));
    assert_eq!((next.state(Life::Housing), next.state(Life::Health)), (Some(State::Stable), None));
    assert_eq!(next.needs, last.needs);
    assert!(next.date.value().is_none() && next.met.value().is_none());
    assert!(next.signs.is_empty() && next.support.is_empty() && next.notes.is_empty());
    assert_eq!(visit_words::carried_over(&CheckIn::default()), []);
}

#[test]
fn a_permission_is_the_latest_word_and_doubt_is_no_permission() {
    let mut kept = new(Kind::AftercareRestricted);
    let mut may = |edits: &[FieldEdit]| {
        save_on(&mut kept, HOA, "2026-06-20", edits);
        AftercareRestricted::of(&kept.fields()).may(ConsentKind::Phone)
    };
    let consent = |id, given, on| kept_words::consent(id, ConsentKind::Phone, given, day(on), "");
    assert!(!may(&[words::notes("x")]));
    assert!(
        !may(&kept_words::consent("a", ConsentKind::HomeVisit, true, day("2026-01-01"), "")),
        "another thing"
    );
    assert!(may(&consent("b", true, "2026-01-02")));
    assert!(!may(&consent("c", false, "2026-03-01")), "taken back");
    assert!(!may(&consent("d", true, "2026-03-01")), "of one day only if all give it");
    assert!(may(&[words::out("consents", "c", true)]));
    let mut other = kept.clone();
    let change = save_on(&mut other, MINH, "2026-06-20", &consent("d", false, "2026-03-01"));
    save_on(&mut kept, HOA, "2026-06-21", &consent("d", true, "2026-03-02"));
    kept.apply(&[change]).expect("merge");
    assert!(!AftercareRestricted::of(&kept.fields()).may(ConsentKind::Phone), "one of them refused");
}

/// A file of `tests/golden/v1`; one that is not there yet is written when asked for.
fn golden(name: &str, made: &[u8]) -> Vec<u8> {
    let path = format!("{}/tests/golden/v1/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("DONGHANH_MAKE_GOLDEN").is_some() && !std::path::Path::new(&path).exists() {
        std::fs::write(&path, made).expect("write");
    }
    std::fs::read(path).expect("golden file")
}

/// One rule of each sort: the tables that ship may change, what they are made of may not.
fn one_of_each() -> AftercareRules {
    let mut rules = AftercareRules::shipped();
    rules.legal.truncate(1);
    rules.intervals.truncate(1);
    rules.events.retain(|rule| rule.event == EventKind::Relapse);
    rules.forms.truncate(1);
    rules.legal[0] = LegalRule {
        id: "l".into(),
        span: Span { from: day("2022-01-01"), to: Some(day("2026-06-30")) },
        completion: Completion::Substitution,
        months: 12,
        first_day_counts: true,
        source: "s".into(),
        confirmed: true,
    };
    rules.intervals[0].source = "s".into();
    rules.events[0].source = "s".into();
    rules.forms[0].source = "s".into();
    rules
}

#[test]
fn golden_rules_still_read_and_write_the_same() {
    let bytes = to_bytes(&one_of_each());
    let frozen = golden("aftercare_rules.cbor", &bytes);
    assert_eq!(from_bytes::<AftercareRules>(&frozen), Ok(one_of_each()));
    assert_eq!(frozen, bytes);
}

#[test]
fn codes_that_documents_hold_are_never_dropped() {
    fn lines<T: donghanh_shared::domain::vocabulary::Term>(list: &str) -> String {
        T::ALL.iter().map(|term| format!("{list} {}\n", term.code())).collect()
    }
    let made = [
        lines::<CaseStatus>("status"),
        lines::<Completion>("completion"),
        lines::<ConsentKind>("consent"),
        lines::<EventKind>("event"),
        lines::<How>("how"),
        lines::<Life>("life"),
        lines::<Need>("need"),
        lines::<Sex>("sex"),
        lines::<Sign>("sign"),
        lines::<State>("state"),
        lines::<SupportKind>("support"),
        lines::<TestResult>("result"),
    ]
    .concat();
    let frozen = golden("aftercare_codes.txt", made.as_bytes());
    let known: Vec<&str> = made.lines().collect();
    for code in String::from_utf8_lossy(&frozen).lines() {
        assert!(known.contains(&code), "{code}");
    }
}
