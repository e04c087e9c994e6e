//! What a prevention model promises: links and reviews written apart all stay, two reviews of one year stay visible side by
//! side, unknown is not zero, and the format never changes.

use donghanh_shared::command::fields::{FieldEdit, Written};
use donghanh_shared::command::{Edits, prevention_model as words};
use donghanh_shared::crdt::history::{HistoryValue, history};
use donghanh_shared::crdt::merge::{Base, merge};
use donghanh_shared::crdt::{Content, Document, Kind, gate, rules};
use donghanh_shared::domain::count::Amount;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::prevention_model::{
    ModelCount, ModelKind, PreventionModel, ReviewYear, Verdict,
};
use donghanh_shared::domain::{Date, WardRef};
use donghanh_shared::ids::{ActorId, DocumentId, PlaceId};

const LAN: ActorId = ActorId([0x1a; 16]);
const MINH: ActorId = ActorId([0x2b; 16]);
const ID: DocumentId = DocumentId([0x0e; 16]);
const AT: i64 = 1_781_900_000_000;

fn day(text: &str) -> Date {
    text.parse().expect("day")
}

fn year(text: &str) -> ReviewYear {
    text.parse().expect("year")
}

fn new() -> Document {
    Document::create(Kind::PreventionModel, ID, 0)
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
    let amount = |n| Some(Amount::new(n).expect("amount"));
    vec![
        words::name(Some("Câu lạc bộ “Tuổi trẻ nói không với ma túy”".to_owned())),
        words::kind(Some(ModelKind::Club)),
        words::since(Some(day("2024-03-26"))),
        words::ended(Some(day("2026-05-31"))),
        words::ended_because(Some("Sáp nhập vào đội tình nguyện.".to_owned())),
        words::ward(ward),
        words::place(Some(PlaceId([3; 16]))),
        words::lead(Some(&"thanh-doan".parse().expect("organisation"))),
        words::co_organiser(&"hoi-lhpn".parse().expect("organisation"), true),
        words::done_by("a1", Some("Nguyễn Thị Lan".to_owned())),
        words::activity(DocumentId([9; 16]), true),
        words::count(ModelCount::Members, amount(24)),
        words::count(ModelCount::Women, amount(11)),
        words::count(ModelCount::Youth, None),
        words::effective(year("2025"), Some(Verdict::Effective)),
        words::reviewed_on(year("2025"), Some(day("2025-12-10"))),
        words::review_text(year("2025"), Some("Sinh hoạt đều hằng tháng.".to_owned())),
        words::reviewed_by(year("2025"), Some("Trần Văn Minh".to_owned())),
        words::notes("Sinh hoạt tối thứ bảy tuần đầu."),
    ]
}

#[test]
fn what_is_written_passes_gate_and_rules_and_reads_back() {
    let mut document = new();
    let change = gate::check(save(&mut document, LAN, full())).expect("gate");
    rules::check_change(Kind::PreventionModel, &change, AT).expect("the rules take it");
    assert_eq!(Edits::from(full()).apply(&mut document, MINH, AT), Ok(None), "it says so already");
    let base = Base { kind: Kind::PreventionModel, id: ID, generation: 0, bytes: None };
    let merged = merge(base, &[&change]).expect("merges");
    assert_eq!(merged.content, Content::Fields(document.fields()));
    let model = document.model();
    assert_eq!(model.problems(day("2026-06-20")), []);
    assert_eq!(model.warnings(), []);
    assert_eq!(model.count(ModelCount::Members), Some(24));
    assert_eq!(model.count(ModelCount::Youth), None, "unknown is not zero");
    assert_eq!(model.activities, [DocumentId([9; 16])].into());
    assert_eq!(model.verdict_by(day("2026-06-20")), Some((year("2025"), Verdict::Effective)));
    let line = document.summary().expect("a line");
    assert_eq!((line.kind(), line.form.as_str(), line.number), (Kind::PreventionModel, "club", Some(24)));
    assert_eq!((line.date, line.ended), (Some(day("2024-03-26")), Some(day("2026-05-31"))));
    assert_eq!(line.name.as_deref(), Some("Câu lạc bộ “Tuổi trẻ nói không với ma túy”"));
    assert!(line.text.contains("Nguyễn Thị Lan") && line.text.contains("nói không"), "search finds the name");
}

#[test]
fn an_empty_model_says_what_is_missing() {
    let codes: Vec<Code> = new().model().problems(day("2026-06-20")).iter().map(|p| p.code).collect();
    assert_eq!(codes, [Code::NameMissing, Code::ModelKindMissing, Code::SinceMissing, Code::LeadMissing]);
    let mut document = new();
    let wrong = vec![words::since(Some(day("2026-05-01"))), words::ended(Some(day("2026-04-30")))];
    save(&mut document, LAN, wrong);
    let found = document.model().problems(day("2026-06-20"));
    assert!(found.iter().any(|p| p.code == Code::PeriodInvalid && p.field.as_deref() == Some("ended")));
}

#[test]
fn two_reviews_of_one_year_written_apart_both_stay_visible() {
    let mut base = new();
    save(&mut base, LAN, full());
    let review = |verdict, by: &str| {
        vec![
            words::effective(year("2026"), Some(verdict)),
            words::reviewed_by(year("2026"), Some(by.to_owned())),
        ]
    };
    let ours = apart(&base, LAN, review(Verdict::Effective, "Lan"));
    let theirs = apart(&base, MINH, review(Verdict::NotEffective, "Minh"));
    let (mut one, mut two) = (base.clone(), base);
    one.apply(&[ours.clone(), theirs.clone()]).expect("merge");
    two.apply(&[theirs, ours]).expect("merge");
    assert_eq!(one.model(), two.model(), "in whichever order");
    let model = one.model();
    assert_eq!(model.open_fields(), ["2026.effective", "2026.by"]);
    let found: Vec<Verdict> = model.reviews[&year("2026")].effective.claims.iter().map(|c| c.value).collect();
    assert!(found.contains(&Verdict::Effective) && found.contains(&Verdict::NotEffective));
    assert_eq!(one.summary().map(|line| line.open_fields), Some(2));
    assert_eq!(model.reviews[&year("2025")].effective.value(), Some(&Verdict::Effective), "2025 stands");
    save(&mut one, LAN, review(Verdict::Partly, "Lan, Minh"));
    assert!(one.model().open_fields().is_empty(), "a person settles it");
}

#[test]
fn links_made_apart_add_up_and_one_can_be_taken_out() {
    let base = new();
    let (one, two) = (DocumentId([1; 16]), DocumentId([2; 16]));
    let mut both = base.clone();
    let changes = [
        apart(&base, LAN, vec![words::activity(one, true)]),
        apart(&base, MINH, vec![words::activity(one, true), words::activity(two, true)]),
    ];
    both.apply(&changes).expect("merge");
    assert_eq!(both.model().activities, [one, two].into());
    assert!(both.model().open_fields().is_empty(), "who links the same twice agrees");
    save(&mut both, LAN, vec![words::activity(one, false)]);
    assert_eq!(both.model().activities, [two].into());
}

#[test]
fn rules_refuse_what_a_model_may_not_hold() {
    let refusal = |edit: FieldEdit| {
        let change = gate::check(save(&mut new(), LAN, vec![edit])).expect("gate");
        rules::check_change(Kind::PreventionModel, &change, AT).err().map(|problem| problem.code)
    };
    let entry =
        |map: &str, key: &str, value| refusal(FieldEdit::Entry(map.to_owned(), key.to_owned(), Some(value)));
    let text = |text: &str| Written::Text(text.to_owned());
    assert_eq!(refusal(FieldEdit::text("since", "2099-01-01")), Some(Code::DateInFuture));
    assert_eq!(refusal(FieldEdit::text("since", "1999-01-01")), Some(Code::DateAbsurd));
    assert_eq!(refusal(FieldEdit::text("name", &"x".repeat(201))), Some(Code::TextTooLong));
    assert_eq!(refusal(FieldEdit::text("of_a_newer_app", "kept")), None);
    assert_eq!(entry("activities", "x", Written::Flag(true)), Some(Code::ChangeMalformed));
    assert_eq!(entry("activities", &ID.to_string(), Written::Flag(false)), Some(Code::ChangeMalformed));
    assert_eq!(entry("reviews", "2026.date", text("2099-01-01")), Some(Code::DateInFuture));
    assert_eq!(entry("reviews", "2026", text("x")), Some(Code::ChangeForbiddenField));
    assert_eq!(entry("reviews", "2026.text", text(&"x".repeat(1_001))), Some(Code::TextTooLong));
    assert_eq!(entry("reviews", "2026.of_a_newer_app", Written::Flag(true)), None);
    let groups = Edits::from(vec![FieldEdit::Entry("groups".to_owned(), "a.name".to_owned(), None)]);
    assert_eq!(groups.apply(&mut new(), LAN, AT).map_err(|p| p.code), Err(Code::ChangeForbiddenField));
}

#[test]
fn the_history_tells_reviews_links_and_numbers_apart() {
    let mut document = new();
    save(&mut document, LAN, full());
    let told: Vec<_> = history(&document).into_iter().flat_map(|entry| entry.edits).collect();
    let find = |field: &str, key: &str| {
        told.iter().find(|edit| edit.field == field && edit.key == key).map(|edit| edit.value.clone())
    };
    assert_eq!(find("reviews", "2025.effective"), Some(HistoryValue::Text("effective".to_owned())));
    assert_eq!(find("activities", &DocumentId([9; 16]).to_string()), Some(HistoryValue::Flag(true)));
    assert_eq!(find("members", ""), Some(HistoryValue::Number(Some(24))));
    assert_eq!(find("youth", ""), Some(HistoryValue::Number(None)));
}

#[test]
fn the_golden_change_still_reads_the_same() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/v1/prevention_model_change.bin");
    let mut made = new();
    let bytes = save(&mut made, LAN, full());
    if std::env::var_os("DONGHANH_MAKE_GOLDEN").is_some() && !std::path::Path::new(path).exists() {
        std::fs::write(path, &bytes).expect("write");
    }
    let frozen = std::fs::read(path).expect("golden file");
    assert_eq!(frozen, bytes);
    let mut document = new();
    document.apply(&[frozen]).expect("applies");
    assert_eq!(PreventionModel::of(&document.fields()), made.model());
}
