//! What an assignment promises: what two supervisors write apart stays visible, places named apart add up, it names no case by
//! any field, and the format never changes.

use donghanh_shared::command::fields::{FieldEdit, Written};
use donghanh_shared::command::{Edits, work_assignment as words};
use donghanh_shared::crdt::merge::{Base, merge};
use donghanh_shared::crdt::{Content, Document, Kind, gate, rules};
use donghanh_shared::domain::count::Amount;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::outreach_visit::Form;
use donghanh_shared::domain::summary::Summary;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::domain::work_assignment::{Work, WorkAssignment};
use donghanh_shared::domain::{Date, WardRef};
use donghanh_shared::ids::{ActorId, DocumentId, PersonId, PlaceId};
use proptest::prelude::*;

const HOA: ActorId = ActorId([0x1a; 16]);
const MINH: ActorId = ActorId([0x2b; 16]);
const ID: DocumentId = DocumentId([0x0f; 16]);
const AT: i64 = 1_781_900_000_000;

fn day(text: &str) -> Date {
    text.parse().expect("day")
}

fn new() -> Document {
    Document::create(Kind::WorkAssignment, ID, 0)
}

fn save(document: &mut Document, actor: ActorId, edits: Vec<FieldEdit>) -> Vec<u8> {
    Edits::from(edits).apply(document, actor, AT).expect("valid").expect("differs").bytes
}

fn apart(base: &Document, actor: ActorId, edits: Vec<FieldEdit>) -> Vec<u8> {
    save(&mut base.clone(), actor, edits)
}

/// Everything that the first release writes, as the golden file has it.
fn full() -> Vec<FieldEdit> {
    let ward: WardRef = "08707@2025-07-01".parse().expect("ward");
    vec![
        words::name(Some("Tháng hành động phòng, chống ma túy".to_owned())),
        words::what(Some(Work::Visit)),
        words::form(Some(Form::Talk)),
        words::number(Some(Amount::new(5).expect("amount"))),
        words::from(Some(day("2026-06-01"))),
        words::by(Some(day("2026-06-26"))),
        words::ward(ward),
        words::campaign(Some(&"thang-hanh-dong".parse().expect("campaign"))),
        words::lead(Some(&"thanh-doan".parse().expect("organisation"))),
        words::asked(PersonId([7; 16]), Some("Nguyễn Thị Lan".to_owned())),
        words::place(PlaceId([3; 16]), true),
        words::place(PlaceId([4; 16]), true),
        words::notes("Mỗi trường một buổi, vào giờ chào cờ."),
    ]
}

#[test]
fn what_is_written_passes_gate_and_rules_and_reads_back() {
    let mut document = new();
    let change = gate::check(save(&mut document, HOA, full())).expect("gate");
    rules::check_change(Kind::WorkAssignment, &change, AT).expect("the rules take it");
    assert_eq!(Edits::from(full()).apply(&mut document, MINH, AT), Ok(None), "it says so already");
    let base = Base { kind: Kind::WorkAssignment, id: ID, generation: 0, bytes: None };
    let merged = merge(base, &[&change]).expect("merges");
    assert_eq!(merged.content, Content::Fields(document.fields()));
    let ask = document.assignment().ask();
    assert_eq!(ask.problems(), []);
    assert_eq!((ask.number, ask.goal()), (Some(5), Some(2)), "two places are named");
    assert_eq!(ask.people[&PersonId([7; 16])], "Nguyễn Thị Lan");
    let line = document.summary().expect("a line");
    assert_eq!((line.kind(), line.date, line.number), (Kind::WorkAssignment, ask.from, Some(2)));
    assert_eq!(line.ask.as_deref(), Some(&ask));
    assert!(
        line.text.contains("Nguyễn Thị Lan") && line.text.contains("Tháng hành động"),
        "search finds both"
    );
    let bytes = minicbor::to_vec(&line).expect("encodes");
    assert_eq!(minicbor::decode::<Summary>(&bytes).expect("decodes"), line, "a start reads what was kept");
}

#[test]
fn what_was_chosen_for_visits_asks_nothing_of_check_ins() {
    let mut document = new();
    save(&mut document, HOA, full());
    save(&mut document, HOA, vec![words::what(Some(Work::CheckIn))]);
    let ask = document.assignment().ask();
    assert_eq!((ask.form, ask.places.len(), ask.goal()), (None, 0, Some(5)));
}

#[test]
fn what_two_supervisors_write_apart_stays_visible_and_places_add_up() {
    let mut base = new();
    save(&mut base, HOA, full());
    let by =
        |date: &str, place: u8| vec![words::by(Some(day(date))), words::place(PlaceId([place; 16]), true)];
    let ours = apart(&base, HOA, by("2026-06-20", 5));
    let theirs = apart(&base, MINH, by("2026-06-30", 6));
    let (mut one, mut two) = (base.clone(), base);
    one.apply(&[ours.clone(), theirs.clone()]).expect("merge");
    two.apply(&[theirs, ours]).expect("merge");
    assert_eq!(one.assignment(), two.assignment(), "in whichever order");
    assert_eq!(one.assignment().open_fields(), ["by"]);
    assert_eq!(one.summary().map(|line| line.open_fields), Some(1));
    assert_eq!(one.assignment().places.len(), 4);
    save(&mut one, HOA, vec![words::by(Some(day("2026-06-30")))]);
    assert!(one.assignment().open_fields().is_empty(), "a person settles it");
}

/// One edit of a supervisor.
fn edit() -> impl Strategy<Value = FieldEdit> {
    let date = |d: u32| Date::new(2026, 6, d + 1);
    prop_oneof![
        prop::sample::select(Work::ALL).prop_map(|work| words::what(Some(work))),
        (0i64..9).prop_map(|n| words::number(Amount::new(n).ok())),
        (0u32..28).prop_map(move |d| words::from(date(d))),
        proptest::option::of(0u32..28).prop_map(move |d| words::by(d.and_then(date))),
        (0u8..3, any::<bool>()).prop_map(|(p, on)| words::place(PlaceId([p; 16]), on)),
        (0u8..3, any::<bool>())
            .prop_map(|(p, on)| words::asked(PersonId([p; 16]), on.then(|| format!("Người {p}")))),
        prop::sample::select(vec!["thanh-doan", "hoi-lhpn"])
            .prop_map(|id| words::lead(Some(&id.parse().expect("organisation")))),
        "[a-zăâđêôơư ]{0,20}".prop_map(|text| words::notes(&text)),
        any::<bool>().prop_map(|gone| words::archived(gone.then(|| "giao nhầm".to_owned()))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_three_write_apart_merges_to_one_assignment_in_any_order(
        saves in prop::collection::vec((0usize..3, prop::collection::vec(edit(), 1..4)), 1..8),
        turned in 0usize..8,
    ) {
        let mut copies = [new(), new(), new()];
        let actors = [HOA, MINH, ActorId([0x3c; 16])];
        let mut made = Vec::new();
        for (who, edits) in saves {
            let change = Edits::from(edits).apply(&mut copies[who], actors[who], AT).expect("valid");
            made.extend(change.map(|change| (who, change.bytes)));
        }
        let bytes = |made: &[(usize, Vec<u8>)]| made.iter().map(|(_, bytes)| bytes.clone()).collect::<Vec<_>>();
        let (mut one, mut two) = (new(), new());
        one.apply(&bytes(&made)).expect("merges");
        // Each person's own saves stay in order; whose come first differs.
        made.sort_by_key(|(who, _)| (who + turned) % 3);
        two.apply(&bytes(&made)).expect("merges");
        prop_assert_eq!(one.assignment(), two.assignment());
        prop_assert_eq!(one.summary(), two.summary());
    }
}

#[test]
fn rules_refuse_what_an_assignment_may_not_hold() {
    let refusal = |edit: FieldEdit| {
        let change = gate::check(save(&mut new(), HOA, vec![edit])).expect("gate");
        rules::check_change(Kind::WorkAssignment, &change, AT).err().map(|problem| problem.code)
    };
    assert_eq!(refusal(FieldEdit::text("by", "2027-01-01")), None, "a day ahead");
    assert_eq!(refusal(FieldEdit::text("by", "2099-01-01")), Some(Code::DateAbsurd));
    assert_eq!(refusal(FieldEdit::text("lead", "Thành Đoàn")), Some(Code::OrganisationInvalid));
    assert_eq!(refusal(FieldEdit::text("name", &"x".repeat(201))), Some(Code::TextTooLong));
    assert_eq!(refusal(FieldEdit::text("of_a_newer_app", "kept")), None);
    let entry =
        |map: &str, key: &str, value| refusal(FieldEdit::Entry(map.to_owned(), key.to_owned(), Some(value)));
    assert_eq!(entry("places", "x", Written::Flag(true)), Some(Code::ChangeMalformed));
    assert_eq!(entry("asked", "x", Written::Text("x".repeat(201))), Some(Code::TextTooLong));
    // There is no container in which a case could be named.
    let case = FieldEdit::Entry("activities".to_owned(), ID.to_string(), Some(Written::Flag(true)));
    let refused = Edits::from(vec![case]).apply(&mut new(), HOA, AT);
    assert_eq!(refused.map_err(|p| p.code), Err(Code::ChangeForbiddenField));
}

#[test]
fn the_golden_change_still_reads_the_same() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/v1/work_assignment_change.bin");
    let mut made = new();
    let bytes = save(&mut made, HOA, full());
    if std::env::var_os("DONGHANH_MAKE_GOLDEN").is_some() && !std::path::Path::new(path).exists() {
        std::fs::write(path, &bytes).expect("write");
    }
    let frozen = std::fs::read(path).expect("golden file");
    assert_eq!(frozen, bytes);
    let mut document = new();
    document.apply(&[frozen]).expect("applies");
    assert_eq!(WorkAssignment::of(&document.fields()), made.assignment());
}
