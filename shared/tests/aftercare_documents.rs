//! The parts of a case as documents: what their commands write passes gate and rules, what they must not hold is
//! refused, and one change of each kind is frozen.

use donghanh_shared::command::fields::{FieldEdit, Written, edit};
use donghanh_shared::crdt::merge::{Base, merge};
use donghanh_shared::crdt::{Content, Document, Kind, gate, rules};
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ActorId, DocumentId};

const LAN: ActorId = ActorId([1; 16]);
const MINH: ActorId = ActorId([2; 16]);
const AT: i64 = 1_781_900_000_000;

fn parts() -> impl Iterator<Item = Kind> {
    Kind::ALL.iter().copied().filter(|kind| kind.is_aftercare())
}

fn new(kind: Kind) -> Document {
    Document::create(kind, DocumentId([kind.index() as u8; 16]), 0)
}

fn entry(map: &str, key: &str, value: Written) -> FieldEdit {
    FieldEdit::Entry(map.to_owned(), key.to_owned(), Some(value))
}

fn text(text: &str) -> Written {
    Written::Text(text.to_owned())
}

/// What somebody writes first in a part of this kind.
fn first(kind: Kind) -> Vec<FieldEdit> {
    let own = match kind {
        Kind::OutreachVisit | Kind::PledgeDrive | Kind::PreventionModel | Kind::WorkAssignment => Vec::new(),
        Kind::AftercareCase => vec![
            FieldEdit::text("address_as", "anh Hùng"),
            FieldEdit::text("status", "managed"),
            FieldEdit::text("next_due", "2026-07-18"),
            FieldEdit::Register("every_days".into(), Some(Written::Number(30))),
            entry("needs", "work", Written::Flag(true)),
            entry("helpers", "a1", text("Nguyễn Thị Lan")),
            entry("events", "e1.kind", text("absence")),
            entry("events", "e1.date", text("2026-06-01")),
            FieldEdit::LongText("visiting".into(), "Ngõ 5, sau 17 giờ.".into()),
        ],
        Kind::AftercareRestricted => vec![
            FieldEdit::text("full_name", "Trần Văn Hùng"),
            FieldEdit::text("born", "1985-03-02"),
            FieldEdit::text("decision_date", "2026-01-15"),
            FieldEdit::text("ends", "2028-01-15"),
            entry("papers", "p1.number", text("001085000001")),
            entry("tests", "t1.result", text("negative")),
        ],
        Kind::CheckIn => vec![
            FieldEdit::text("date", "2026-06-18"),
            FieldEdit::text("how", "home"),
            FieldEdit::Register("met".into(), Some(Written::Flag(true))),
            entry("topics", "work", Written::Flag(true)),
            entry("situation", "housing", text("stable")),
            entry("support", "s1.kind", text("loan")),
        ],
        Kind::CheckInRestricted => vec![
            FieldEdit::text("urine_result", "negative"),
            FieldEdit::text("remarks", "Hợp tác tốt."),
            entry("relapses", "r1.date", text("2026-05-01")),
        ],
    };
    own.into_iter().chain([FieldEdit::LongText("notes".into(), "Ghi chú.".into())]).collect()
}

fn save(document: &mut Document, actor: ActorId, edits: &[FieldEdit]) -> Vec<u8> {
    edit(document, actor, AT, edits).expect("valid").expect("differs").bytes
}

#[test]
fn what_is_written_passes_gate_and_rules_of_its_kind_and_reads_back() {
    for kind in parts() {
        let mut document = new(kind);
        let change = gate::check(save(&mut document, LAN, &first(kind))).expect("gate");
        rules::check_change(kind, &change, AT).unwrap_or_else(|problem| panic!("{kind:?}: {problem}"));
        assert_eq!(edit(&mut document, MINH, AT, &first(kind)), Ok(None), "it says so already");
        let base = Base { kind, id: document.id(), generation: 0, bytes: None };
        let merged = merge(base, &[&change]).expect("merges");
        assert_eq!(merged.heads, document.heads());
        assert_eq!(merged.content, Content::Fields(document.fields()));
        let fields = document.fields();
        assert_eq!(fields.texts["notes"], "Ghi chú.");
        let told: usize = fields.registers.len() + fields.maps.values().map(|map| map.len()).sum::<usize>();
        let written = first(kind).iter().filter(|edit| !matches!(edit, FieldEdit::LongText(..))).count();
        assert_eq!(told, written, "{kind:?}");
    }
}

#[test]
fn both_values_stay_until_a_person_settles_it() {
    let mut lan = new(Kind::AftercareCase);
    save(&mut lan, LAN, &first(Kind::AftercareCase));
    let mut minh = lan.clone();
    save(&mut lan, LAN, &[FieldEdit::text("status", "absent")]);
    let theirs = save(&mut minh, MINH, &[FieldEdit::text("status", "completed")]);
    lan.apply(&[theirs]).expect("merge");
    assert_eq!(lan.fields().open_fields(), ["status"]);
    save(&mut lan, LAN, &[FieldEdit::text("status", "completed")]);
    assert_eq!((lan.fields().text("status"), lan.fields().open_fields().len()), (Some("completed"), 0));
}

#[test]
fn rules_refuse_what_a_part_may_not_hold() {
    let refusal = |kind: Kind, edits: &[FieldEdit]| {
        let change = gate::check(save(&mut new(kind), LAN, edits)).expect("gate");
        rules::check_change(kind, &change, AT).err().map(|problem| problem.code)
    };
    let one = |kind, name: &str, value: &str| refusal(kind, &[FieldEdit::text(name, value)]);
    assert_eq!(one(Kind::AftercareRestricted, "born", "1899-12-31"), Some(Code::DateAbsurd));
    assert_eq!(one(Kind::AftercareRestricted, "born", "1950-13-31"), Some(Code::DateInvalid));
    assert_eq!(one(Kind::AftercareRestricted, "born", "1950-12-31"), None);
    assert_eq!(one(Kind::AftercareRestricted, "born", "1950"), None);
    assert_eq!(one(Kind::AftercareRestricted, "ends", "2090-01-01"), Some(Code::DateAbsurd));
    assert_eq!(one(Kind::CheckIn, "date", "2026-07-01"), Some(Code::DateInFuture));
    assert_eq!(one(Kind::CheckIn, "met", "yes"), Some(Code::ChangeMalformed));
    assert_eq!(one(Kind::AftercareCase, "address_as", &"x".repeat(201)), Some(Code::TextTooLong));
    assert_eq!(one(Kind::AftercareCase, "needs", "gone"), Some(Code::ChangeForbiddenField));
    assert_eq!(one(Kind::AftercareCase, "_kind", "x"), Some(Code::ChangeForbiddenField));
    assert_eq!(one(Kind::AftercareCase, "of_a_newer_app", "kept"), None);
    let days = |n| [FieldEdit::Register("every_days".into(), Some(Written::Number(n)))];
    assert_eq!(refusal(Kind::AftercareCase, &days(0)), Some(Code::CountTooLarge));
    let part = |key: &str, value| refusal(Kind::AftercareRestricted, &[entry("tests", key, value)]);
    assert_eq!(part("t1.date", text("2026-02-30")), Some(Code::DateInvalid));
    assert_eq!(part("no-field", text("x")), Some(Code::ChangeForbiddenField));
    assert_eq!(part("t1.of_a_newer_app", text("kept")), None);
    assert_eq!(
        refusal(Kind::CheckIn, &[entry("signs", "tired", text("yes"))]),
        Some(Code::ChangeMalformed),
        "a set holds `true` only"
    );
}

#[test]
fn a_part_has_no_map_of_another_kind() {
    let mut document = new(Kind::CheckIn);
    let papers = edit(&mut document, LAN, AT, &[entry("papers", "p.number", text("1"))]);
    assert_eq!(papers.map_err(|problem| problem.code), Err(Code::ChangeForbiddenField));
    let mut visit = new(Kind::OutreachVisit);
    let as_part = edit(&mut visit, LAN, AT, &[FieldEdit::text("status", "managed")]);
    assert_eq!(as_part.map_err(|problem| problem.code), Err(Code::KindUnknown));
}

#[test]
fn a_change_of_one_kind_does_not_pass_for_a_document_of_another() {
    // The roots differ, so what it builds on is missing.
    let change = gate::check(save(&mut new(Kind::CheckIn), LAN, &first(Kind::CheckIn))).expect("gate");
    for kind in parts().filter(|kind| *kind != Kind::CheckIn) {
        let base = Base { kind, id: new(Kind::CheckIn).id(), generation: 0, bytes: None };
        assert_eq!(merge(base, &[&change]).expect("merges").missing, [change.hash]);
    }
}

#[test]
fn golden_changes_still_read_the_same() {
    for kind in parts() {
        let path = format!("{}/tests/golden/v1/{}_change.bin", env!("CARGO_MANIFEST_DIR"), kind.code());
        let mut made = new(kind);
        let bytes = save(&mut made, LAN, &first(kind));
        if std::env::var_os("DONGHANH_MAKE_GOLDEN").is_some() && !std::path::Path::new(&path).exists() {
            std::fs::write(&path, &bytes).expect("write");
        }
        let frozen = std::fs::read(&path).expect("golden file");
        assert_eq!(frozen, bytes, "{kind:?}");
        let mut document = new(kind);
        document.apply(&[frozen]).expect("applies");
        assert_eq!(document.fields(), made.fields());
    }
}

#[test]
fn golden_commands_still_read_and_write_the_same() {
    use donghanh_shared::command::Command;
    use donghanh_shared::ids::PersonId;
    use donghanh_shared::sync::wire::{from_bytes, to_bytes};
    let (document, case, person) = (DocumentId([2; 16]), DocumentId([1; 16]), PersonId([3; 16]));
    let organisation: donghanh_shared::domain::organisation::OrganisationId =
        "thanh-doan".parse().expect("organisation");
    let ward = "08707@2025-07-01".parse().expect("ward");
    let commands = vec![
        Command::CreateDocument { document: case, kind: Kind::AftercareCase, ward },
        Command::CreateInCase { document, kind: Kind::CheckIn, case },
        Command::AssignHelper { case, person },
        Command::UnassignHelper { case, person },
        Command::AddOrganisation { document, organisation: organisation.clone() },
        Command::RemoveOrganisation { document, organisation },
        Command::NoteRead { document, at: AT },
    ];
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/v1/case_commands.cbor");
    let bytes = to_bytes(&commands);
    if std::env::var_os("DONGHANH_MAKE_GOLDEN").is_some() && !std::path::Path::new(path).exists() {
        std::fs::write(path, &bytes).expect("write");
    }
    let frozen = std::fs::read(path).expect("golden file");
    assert_eq!(from_bytes::<Vec<Command>>(&frozen), Ok(commands));
    assert_eq!(frozen, bytes);
}
