//! What a pledge drive promises: what several people count apart adds up exactly, sheets and taps never add, nothing is
//! lost by merging, and the format never changes.

use donghanh_shared::command::fields::{FieldEdit, Written};
use donghanh_shared::command::{Edits, pledge_drive as words};
use donghanh_shared::crdt::history::{HistoryValue, history};
use donghanh_shared::crdt::merge::{Base, merge};
use donghanh_shared::crdt::{Content, Document, Kind, gate, rules};
use donghanh_shared::domain::count::Amount;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::pledge_drive::{
    CountedBy, DriveCount, DriveYear, GroupKey, PledgeDrive, Signer,
};
use donghanh_shared::domain::{Date, WardRef};
use donghanh_shared::ids::{ActorId, DocumentId, PlaceId};

const LAN: ActorId = ActorId([0x1a; 16]);
const MINH: ActorId = ActorId([0x2b; 16]);
const ID: DocumentId = DocumentId([0x0d; 16]);
const AT: i64 = 1_781_900_000_000;

fn day(text: &str) -> Date {
    text.parse().expect("day")
}

fn amount(n: i64) -> Option<Amount> {
    Some(Amount::new(n).expect("amount"))
}

fn class(name: &str) -> GroupKey {
    GroupKey::of(Signer::Pupils, name).expect("key")
}

fn new() -> Document {
    Document::create(Kind::PledgeDrive, ID, 0)
}

fn save(document: &mut Document, actor: ActorId, edits: Vec<FieldEdit>) -> Vec<u8> {
    Edits::from(edits).apply(document, actor, AT).expect("valid").expect("differs").bytes
}

/// Everything that the first release writes, as the golden file has it.
fn full() -> Vec<FieldEdit> {
    let ward: WardRef = "08707@2025-07-01".parse().expect("ward");
    let seven = class("7A2");
    let mut edits = vec![
        words::date(Some(day("2025-09-05"))),
        words::ended(Some(day("2025-09-20"))),
        words::year(Some(DriveYear { first: 2025, school: true })),
        words::ward(ward),
        words::place(Some(PlaceId([3; 16]))),
        words::campaign(Some(&"nha-truong-khong-ma-tuy".parse().expect("campaign"))),
        words::lead(Some(&"nha-truong".parse().expect("organisation"))),
        words::visit(Some(DocumentId([9; 16]))),
        words::co_organiser(&"doan-phuong-xa".parse().expect("organisation"), true),
        words::done_by("a1", Some("Nguyễn Thị Lan".to_owned())),
        words::notes("Cô chủ nhiệm thu phiếu dần."),
    ];
    edits.extend(words::group(&seven, "7A2", Signer::Pupils));
    edits.extend([
        words::counted_by(&seven, CountedBy::Sheets),
        words::count(&seven, DriveCount::Expected, amount(38)),
        words::count(&seven, DriveCount::Signed, amount(31)),
        words::count(&seven, DriveCount::Absent, amount(2)),
        words::count(&seven, DriveCount::Late, amount(5)),
        words::count(&seven, DriveCount::Parents, None),
        words::tap(&class("7A3"), 12),
    ]);
    edits
}

fn apart(base: &Document, actor: ActorId, edits: Vec<FieldEdit>) -> Vec<u8> {
    save(&mut base.clone(), actor, edits)
}

#[test]
fn what_is_written_passes_gate_and_rules_and_reads_back() {
    let mut document = new();
    let change = gate::check(save(&mut document, LAN, full())).expect("gate");
    rules::check_change(Kind::PledgeDrive, &change, AT).expect("the rules take it");
    assert_eq!(
        Edits::from(full()[..18].to_vec()).apply(&mut document, MINH, AT),
        Ok(None),
        "it says so already"
    );
    let base = Base { kind: Kind::PledgeDrive, id: ID, generation: 0, bytes: None };
    let merged = merge(base, &[&change]).expect("merges");
    assert_eq!(merged.content, Content::Fields(document.fields()));
    let drive = document.drive();
    assert_eq!(drive.problems(day("2026-01-01")), []);
    assert_eq!(drive.year.value(), Some(&DriveYear { first: 2025, school: true }));
    let all = drive.signatures(Some(Signer::Pupils));
    assert_eq!((all.signed, all.expected, all.unknown), (31, 38, 0));
    assert_eq!(drive.groups[&class("7A2")].count(DriveCount::Late), Some(5));
    assert_eq!(drive.groups[&class("7A2")].count(DriveCount::Parents), None, "unknown is not zero");
    let line = document.summary().expect("a line");
    assert_eq!((line.kind(), line.place, line.number), (Kind::PledgeDrive, Some(PlaceId([3; 16])), Some(43)));
    assert_eq!(line.expected, None, "7A3 does not say how many were to sign");
}

#[test]
fn four_volunteers_count_one_school_at_once_and_one_corrects_in_between() {
    let seven = class("7A2");
    let mut base = new();
    let mut start = words::group(&seven, "7A2", Signer::Pupils);
    start.push(words::counted_by(&seven, CountedBy::Tally));
    save(&mut base, LAN, start);
    let actors = [1, 2, 3, 4].map(|n| ActorId([n; 16]));
    let mut copies = [0; 4].map(|_| base.clone());
    let mut changes = Vec::new();
    for (copy, actor) in copies.iter_mut().zip(actors) {
        for tap in 0..200 {
            changes.push(save(copy, actor, vec![words::tap(&seven, 1)]));
            // After a hundred taps of their own, the third types what a teacher says: 90 until now.
            if actor == actors[2] && tap == 99 {
                changes.push(save(copy, actor, vec![words::count(&seven, DriveCount::Tally, amount(90))]));
            }
        }
        changes.push(save(copy, actor, vec![words::tap(&seven, -1)]));
    }
    for copy in &mut copies {
        copy.apply(&changes).expect("merge");
        // 90 for the hundred that were seen, their other 99, and 199 of each of the others.
        let group = &copy.drive().groups[&seven];
        assert_eq!(group.signed(), Some(90 + 99 + 3 * 199));
        assert!(!group.exceeds());
    }
    assert!(copies.iter().all(|copy| copy.heads() == copies[0].heads()));
}

#[test]
fn two_phones_that_add_the_same_class_apart_mean_one() {
    let base = new();
    let ours = apart(
        &base,
        LAN,
        [
            words::group(&class("7A2"), "7A2", Signer::Pupils),
            vec![words::count(&class("7A2"), DriveCount::Expected, amount(38))],
        ]
        .concat(),
    );
    let theirs = apart(
        &base,
        MINH,
        [
            words::group(&class("lớp 7a2"), "Lớp 7A2", Signer::Pupils),
            vec![words::count(&class("lớp 7a2"), DriveCount::Signed, amount(30))],
        ]
        .concat(),
    );
    let mut both = base;
    both.apply(&[ours, theirs]).expect("merge");
    let drive = both.drive();
    assert_eq!(drive.groups.len(), 1);
    let group = &drive.groups[&class("7A2")];
    assert_eq!((group.signed(), group.expected()), (Some(30), Some(38)));
    assert_eq!(drive.open_fields(), ["pupils-7a2.name"], "what it is called is for a person to settle");
    save(&mut both, LAN, vec![words::group(&class("7A2"), "7A2", Signer::Pupils).remove(0)]);
    assert!(both.drive().open_fields().is_empty());
}

#[test]
fn a_group_taken_out_while_somebody_counted_it_is_still_there_to_be_seen() {
    let mut base = new();
    save(&mut base, LAN, words::group(&class("7A2"), "7A2", Signer::Pupils));
    let out = apart(&base, LAN, vec![words::out(&class("7A2"), true)]);
    let taps = apart(&base, MINH, vec![words::tap(&class("7A2"), 14)]);
    base.apply(&[out, taps]).expect("merge");
    let drive = base.drive();
    assert_eq!(drive.signatures(None).groups, 0);
    assert_eq!(drive.groups[&class("7A2")].signed(), Some(14), "nothing counted is lost");
    save(&mut base, LAN, words::group(&class("7A2"), "7A2", Signer::Pupils));
    assert_eq!(base.drive().signatures(None).known(), Some(14), "adding it again brings it back");
}

#[test]
fn rules_refuse_what_a_drive_may_not_hold() {
    let refusal = |edit: FieldEdit| {
        let change = gate::check(save(&mut new(), LAN, vec![edit])).expect("gate");
        rules::check_change(Kind::PledgeDrive, &change, AT).err().map(|problem| problem.code)
    };
    let entry =
        |key: &str, value| refusal(FieldEdit::Entry("groups".to_owned(), key.to_owned(), Some(value)));
    assert_eq!(refusal(FieldEdit::text("year", "2025-2027")), Some(Code::DateAbsurd));
    assert_eq!(refusal(FieldEdit::text("date", "2099-01-01")), Some(Code::DateInFuture));
    assert_eq!(refusal(FieldEdit::text("visit", "x")), Some(Code::ChangeMalformed));
    assert_eq!(refusal(FieldEdit::text("of_a_newer_app", "kept")), None);
    assert_eq!(entry("pupils-7a2.name", Written::Text("x".repeat(201))), Some(Code::TextTooLong));
    assert_eq!(entry("pupils-7a2", Written::Flag(true)), Some(Code::ChangeForbiddenField));
    assert_eq!(entry("pupils-7a2.of_a_newer_app", Written::Flag(true)), None);
    let mut document = new();
    let map = Edits::from(vec![FieldEdit::Entry("papers".to_owned(), "p.number".to_owned(), None)]);
    assert_eq!(map.apply(&mut document, LAN, AT).map_err(|p| p.code), Err(Code::ChangeForbiddenField));
    let visit = Edits::from(vec![words::notes("x")]).apply(
        &mut Document::create(Kind::OutreachVisit, ID, 0),
        LAN,
        AT,
    );
    assert_eq!(visit.map_err(|p| p.code), Err(Code::KindUnknown));
}

#[test]
fn the_history_tells_groups_and_numbers_apart() {
    let mut document = new();
    save(&mut document, LAN, full());
    let told: Vec<_> = history(&document).into_iter().flat_map(|entry| entry.edits).collect();
    let find = |field: &str, key: &str| {
        told.iter().find(|edit| edit.field == field && edit.key == key).map(|edit| edit.value.clone())
    };
    assert_eq!(find("groups", "pupils-7a2.name"), Some(HistoryValue::Text("7A2".to_owned())));
    assert_eq!(find("pupils-7a2.signed", ""), Some(HistoryValue::Number(Some(31))));
    assert_eq!(find("pupils-7a3.tally", ""), Some(HistoryValue::Taps(12)));
}

#[test]
fn the_golden_change_still_reads_the_same() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/v1/pledge_drive_change.bin");
    let mut made = new();
    let bytes = save(&mut made, LAN, full());
    if std::env::var_os("DONGHANH_MAKE_GOLDEN").is_some() && !std::path::Path::new(path).exists() {
        std::fs::write(path, &bytes).expect("write");
    }
    let frozen = std::fs::read(path).expect("golden file");
    assert_eq!(frozen, bytes);
    let mut document = new();
    document.apply(&[frozen]).expect("applies");
    assert_eq!(PledgeDrive::of(&document.fields()), made.drive());
}
