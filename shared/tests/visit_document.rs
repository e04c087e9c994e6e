//! What an outreach visit promises: nothing is lost by merging, unknown stays unknown, and the format never changes.

use donghanh_shared::command::outreach_visit::{VisitEdit, edit};
use donghanh_shared::crdt::history::{HistoryValue, history};
use donghanh_shared::crdt::merge::{Base, merge};
use donghanh_shared::crdt::{Document, Kind, bare, gate, rules};
use donghanh_shared::domain::count::Amount;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::outreach_visit::{CountKey, Form, Topic};
use donghanh_shared::domain::{Date, WardRef};
use donghanh_shared::ids::{ActorId, DocumentId, PhotoId, PhotoKey, PlaceId};

const LAN: ActorId = ActorId([0x1a; 16]);
const MINH: ActorId = ActorId([0x2b; 16]);
const ID: DocumentId = DocumentId([9; 16]);
const PHOTO: PhotoId = PhotoId([7; 32]);

fn day(text: &str) -> Date {
    text.parse().expect("day")
}

fn amount(n: i64) -> Option<Amount> {
    Some(Amount::new(n).expect("amount"))
}

fn new() -> Document {
    Document::create(Kind::OutreachVisit, ID, 0)
}

fn save(document: &mut Document, actor: ActorId, at: i64, edits: &[VisitEdit]) -> Vec<u8> {
    edit(document, actor, at, edits).expect("valid").expect("differs").bytes
}

/// Every kind of edit of the first release, as the golden file has them.
fn full() -> Vec<VisitEdit> {
    let ward: WardRef = "08722@2004-07-08".parse().expect("ward");
    vec![
        VisitEdit::Date(Some(day("2024-06-26"))),
        VisitEdit::Time(Some("08:00".parse().expect("time"))),
        VisitEdit::Ward(ward),
        VisitEdit::Venue(Some(PlaceId([3; 16]))),
        VisitEdit::Form(Some(Form::Talk)),
        VisitEdit::Campaign(Some("thang-hanh-dong".parse().expect("campaign"))),
        VisitEdit::Lead(Some("thanh-doan".parse().expect("organisation"))),
        VisitEdit::ProgrammeYear(Some(2024)),
        VisitEdit::Position(Some((21_307_967, 105_585_544))),
        VisitEdit::Place(PlaceId([4; 16]), true),
        VisitEdit::OtherWard("08728@2004-07-08".parse().expect("ward"), true),
        VisitEdit::CoOrganiser("hoi-lhpn".parse().expect("organisation"), true),
        VisitEdit::Topic(Topic::Harm, true),
        VisitEdit::DoneBy("a1".into(), Some("Nguyễn Thị Lan".into())),
        VisitEdit::Count(CountKey::Attendance, amount(80)),
        VisitEdit::Count(CountKey::Pupils, None),
        VisitEdit::Tap(CountKey::Women, 12),
        VisitEdit::Notes("Học sinh hỏi nhiều về ma túy tổng hợp.".into()),
        VisitEdit::FollowUp {
            id: "f1".into(),
            text: "Quay lại lớp 7A2".into(),
            due: Some(day("2024-07-10")),
        },
        VisitEdit::FollowUpDone("f1".into(), false),
    ]
}

#[test]
fn every_field_is_kept_and_read_back() {
    let mut document = new();
    save(&mut document, LAN, 1_719_360_000_000, &full());
    let visit = Document::load(&document.save()).expect("loads").visit();
    assert_eq!(visit.date.value(), Some(&day("2024-06-26")));
    assert_eq!(visit.venue.value(), Some(&PlaceId([3; 16])));
    assert_eq!(visit.year(), Some(2024));
    assert_eq!(visit.count(CountKey::Attendance), Some(80));
    assert_eq!(visit.count(CountKey::Pupils), None, "said to be unknown");
    assert_eq!(visit.count(CountKey::Youth), None, "never mentioned");
    assert_eq!(visit.count(CountKey::Women), Some(12));
    assert_eq!(visit.all_places().len(), 2);
    assert_eq!(visit.position.value().map(|p| p.lat_e6), Some(21_307_967));
    assert_eq!(visit.notes, "Học sinh hỏi nhiều về ma túy tổng hợp.");
    assert_eq!(visit.follow_ups[0].due.value(), Some(&day("2024-07-10")));
    assert!(visit.open_fields().is_empty());
    assert!(visit.problems(day("2024-06-27")).is_empty());
    assert_eq!(document.summary().expect("a line").due.map(|(due, _)| due), Some(day("2024-07-10")));
}

#[test]
fn what_every_command_writes_passes_gate_and_rules() {
    let mut document = new();
    let bytes = save(&mut document, LAN, 1_719_360_000_000, &full());
    let checked = gate::check(bytes).expect("gate");
    rules::check_change(Kind::OutreachVisit, &checked, day("2024-06-26").start()).expect("rules");
    let back = save(
        &mut document,
        LAN,
        1_719_370_000_000,
        &[
            VisitEdit::Date(None),
            VisitEdit::Topic(Topic::Harm, false),
            VisitEdit::Notes("Học sinh hỏi về ma túy.".into()),
            VisitEdit::Archived(Some("ghi nhầm".into())),
        ],
    );
    let checked = gate::check(back).expect("gate");
    rules::check_change(Kind::OutreachVisit, &checked, day("2024-06-26").start()).expect("rules");
}

#[test]
fn an_edit_that_changes_nothing_makes_no_change() {
    let mut document = new();
    save(&mut document, LAN, 1, &full()[..6]);
    assert_eq!(edit(&mut document, MINH, 2, &full()[..6]), Ok(None));
}

#[test]
fn taps_add_up_corrections_do_not_and_both_values_stay_visible() {
    let mut lan = new();
    save(&mut lan, LAN, 1, &[VisitEdit::Count(CountKey::Residents, amount(80))]);
    let mut minh = lan.clone();
    let ours = save(
        &mut lan,
        LAN,
        10,
        &[
            VisitEdit::Tap(CountKey::Attendance, 14),
            VisitEdit::Count(CountKey::Residents, amount(60)),
            VisitEdit::Form(Some(Form::Talk)),
        ],
    );
    let theirs = save(
        &mut minh,
        MINH,
        20,
        &[
            VisitEdit::Tap(CountKey::Attendance, 17),
            VisitEdit::Count(CountKey::Residents, amount(60)),
            VisitEdit::Form(Some(Form::Leaflets)),
        ],
    );
    lan.apply(std::slice::from_ref(&theirs)).expect("merge");
    minh.apply(&[ours]).expect("merge");
    assert_eq!(lan.heads().len(), 2);
    assert_eq!(lan.digest(), minh.digest());
    assert_eq!(lan.visit(), minh.visit());
    let visit = lan.visit();
    assert_eq!(visit.count(CountKey::Attendance), Some(31));
    assert_eq!(visit.count(CountKey::Residents), Some(60));
    assert_eq!(visit.open_fields(), ["form"]);
    let claims: Vec<_> = visit.form.claims.iter().map(|c| (c.actor, c.at)).collect();
    assert!(claims.contains(&(LAN, 10)) && claims.contains(&(MINH, 20)));
    // A person settles it; what was not chosen stays in the history.
    save(&mut lan, LAN, 30, &[VisitEdit::Form(Some(Form::Leaflets))]);
    assert!(lan.visit().open_fields().is_empty());
    let told: Vec<_> = history(&lan)
        .iter()
        .flat_map(|entry| &entry.edits)
        .filter(|edit| edit.field == "form")
        .map(|edit| edit.value.clone())
        .collect();
    assert_eq!(told.len(), 3);
    assert!(told.contains(&HistoryValue::Text("talk".into())));
}

#[test]
fn a_correction_knows_the_taps_it_saw() {
    let mut document = new();
    save(&mut document, LAN, 1, &[VisitEdit::Tap(CountKey::Attendance, 10)]);
    save(&mut document, MINH, 2, &[VisitEdit::Count(CountKey::Attendance, amount(8))]);
    save(&mut document, LAN, 3, &[VisitEdit::Tap(CountKey::Attendance, 3)]);
    assert_eq!(document.visit().count(CountKey::Attendance), Some(11));
    save(&mut document, LAN, 4, &[VisitEdit::Tap(CountKey::Attendance, -1)]);
    assert_eq!(document.visit().count(CountKey::Attendance), Some(10));
    save(&mut document, MINH, 5, &[VisitEdit::Count(CountKey::Attendance, None)]);
    assert_eq!(document.visit().count(CountKey::Attendance), None);
}

#[test]
fn an_older_app_edits_a_document_of_a_newer_one_and_loses_nothing() {
    use automerge::transaction::{CommitOptions, Transactable as _};
    use automerge::{Automerge, ObjType, ROOT, ReadDoc as _};
    // A newer app: a container added by a migration change of a reserved actor, a register, a term, a count.
    let mut newer = Automerge::load(&new().save()).expect("loads");
    newer.set_actor(automerge::ActorId::from(*b"donghanh/mig\0\0\0\x01"));
    let mut tx = newer.transaction();
    tx.put_object(ROOT, "weather", ObjType::Map).expect("container");
    tx.commit_with(CommitOptions::default().with_time(0));
    newer.set_actor(automerge::ActorId::from(MINH.0));
    let mut tx = newer.transaction();
    let (_, weather) = tx.get(ROOT, "weather").expect("get").expect("there");
    tx.put(&weather, "rain", true).expect("put");
    tx.put(ROOT, "mood", "vui").expect("put");
    tx.put(ROOT, "form", "puppet_show").expect("put");
    tx.commit();
    // This app reads and edits it.
    let mut document = Document::load(&newer.save()).expect("loads");
    assert!(!document.is_read_only());
    assert_eq!((document.visit().form.value(), document.visit().form.unreadable), (None, 1));
    save(&mut document, LAN, 5, &full()[..4]);
    let after = Automerge::load(&document.save()).expect("loads");
    let text =
        |key: &str| after.get(ROOT, key).expect("get").and_then(|(v, _)| v.as_str().map(str::to_owned));
    assert_eq!(text("mood").as_deref(), Some("vui"));
    assert_eq!(text("form").as_deref(), Some("puppet_show"));
    let (_, weather) = after.get(ROOT, "weather").expect("get").expect("there");
    assert!(after.get(&weather, "rain").expect("get").is_some());
    assert_eq!(document.visit().date.value(), Some(&day("2024-06-26")));
}

#[test]
fn a_document_of_a_newer_major_form_opens_read_only() {
    use automerge::transaction::Transactable as _;
    let mut newer = automerge::Automerge::load(&new().save()).expect("loads");
    let mut tx = newer.transaction();
    tx.put(automerge::ROOT, "_form", 2u64).expect("put");
    tx.commit();
    let mut document = Document::load(&newer.save()).expect("loads");
    assert!(document.is_read_only());
    let refused = edit(&mut document, LAN, 1, &full()).map_err(|problem| problem.code);
    assert_eq!(refused, Err(Code::FormReadOnly));
}

fn refusal(make: impl FnOnce(&mut automerge::transaction::Transaction<'_>)) -> Option<Code> {
    let mut document = automerge::Automerge::load(&new().save()).expect("loads");
    document.set_actor(automerge::ActorId::from(LAN.0));
    let mut tx = document.transaction();
    make(&mut tx);
    tx.commit();
    let change = document.get_last_local_change().expect("change").raw_bytes().to_vec();
    let today = day("2025-01-15").start();
    gate::check(change)
        .and_then(|change| rules::check_change(Kind::OutreachVisit, &change, today))
        .err()
        .map(|p| p.code)
}

#[test]
fn rules_refuse_what_a_change_may_not_write() {
    use automerge::transaction::Transactable as _;
    use automerge::{ObjType, ROOT, ReadDoc as _, ScalarValue};
    let put =
        |key: &'static str, value: ScalarValue| refusal(move |tx| tx.put(ROOT, key, value).expect("put"));
    assert_eq!(put("date", "2025-01-16".into()), None, "a day of grace");
    assert_eq!(put("date", "2025-01-17".into()), Some(Code::DateInFuture));
    assert_eq!(put("date", "1999-12-31".into()), Some(Code::DateAbsurd));
    assert_eq!(put("date", "2024-13-01".into()), Some(Code::DateInvalid));
    assert_eq!(put("date", 5.into()), Some(Code::ChangeMalformed));
    assert_eq!(put("ward", "1".into()), Some(Code::WardInvalid));
    assert_eq!(put("_id", vec![1u8].into()), Some(Code::ChangeForbiddenField));
    assert_eq!(put("counts", "gone".into()), Some(Code::ChangeForbiddenField));
    assert_eq!(put("from_a_newer_app", "kept".into()), None);
    assert_eq!(put("from_a_newer_app", "x".repeat(2_000).into()), Some(Code::TextTooLong));
    let count = |bytes: &'static [u8]| {
        refusal(move |tx| {
            let (_, counts) = tx.get(ROOT, "counts").expect("get").expect("there");
            tx.put(&counts, "attendance", ScalarValue::Bytes(bytes.to_vec())).expect("put");
        })
    };
    assert_eq!(count(&[0x82, 0x18, 80, 0xa0]), None);
    assert_eq!(count(&[0x82, 0x24, 0xa0]), Some(Code::CountNegative));
    assert_eq!(count(&[0x82, 0x1a, 0x7f, 0, 0, 0, 0xa0]), Some(Code::CountTooLarge));
    assert_eq!(count(&[0x80]), Some(Code::CountMalformed));
    let anothers_taps = refusal(|tx| {
        let (_, taps) = tx.get(ROOT, "taps").expect("get").expect("there");
        tx.put(&taps, format!("attendance:{MINH}"), 5).expect("put");
    });
    assert_eq!(anothers_taps, Some(Code::ChangeForbiddenField));
    let object = refusal(|tx| drop(tx.put_object(ROOT, "mine", ObjType::Map).expect("object")));
    assert_eq!(object, Some(Code::ChangeForbiddenField));
    let deleted = refusal(|tx| tx.delete(ROOT, "taps").expect("delete"));
    assert_eq!(deleted, Some(Code::ChangeForbiddenField));
}

#[test]
fn the_gate_refuses_bytes_before_automerge_sees_them() {
    let mut document = new();
    let good = save(&mut document, LAN, 1, &full());
    let code = |bytes: Vec<u8>| gate::check(bytes).err().map(|problem| problem.code);
    assert_eq!(code(good.clone()), None);
    assert_eq!(code(good[..good.len() - 1].to_vec()), Some(Code::ChangeMalformed));
    assert_eq!(code([good.clone(), vec![0]].concat()), Some(Code::ChangeMalformed));
    let mut flipped = good.clone();
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    assert_eq!(code(flipped), Some(Code::ChangeChecksum));
    assert_eq!(code(vec![0; 70_000]), Some(Code::ChangeTooLarge));
    for (kind, expected) in
        [(0, Code::ChangeMalformed), (2, Code::ChangeCompressed), (3, Code::ChangeMalformed)]
    {
        let mut other = good.clone();
        other[8] = kind;
        assert_eq!(code(other), Some(expected));
    }
    let root = donghanh_shared::crdt::root::change(Kind::OutreachVisit, ID, 0);
    assert_eq!(code(root), Some(Code::ChangeForbiddenField));
}

/// A change chunk around a body, with a right checksum.
fn chunk(body: &[u8]) -> Vec<u8> {
    use sha2::Digest as _;
    let mut hashed = vec![1u8];
    let mut length = body.len();
    loop {
        let low = u8::try_from(length & 0x7f).expect("7 bits");
        length >>= 7;
        hashed.push(if length > 0 { low | 0x80 } else { low });
        if length == 0 {
            break;
        }
    }
    hashed.extend_from_slice(body);
    let checksum = sha2::Sha256::digest(&hashed);
    [&[0x85, 0x6f, 0x4a, 0x83][..], &checksum[..4], &hashed].concat()
}

#[test]
fn a_run_length_bomb_is_measured_not_expanded() {
    // One dependency, an actor, seq 1, start 1, time 0, no message, no others; one column: action, a run of 2^40 puts.
    let mut body = vec![1];
    body.extend_from_slice(&[7; 32]);
    body.push(16);
    body.extend_from_slice(&LAN.0);
    body.extend_from_slice(&[1, 1, 0, 0, 0]);
    body.extend_from_slice(&[1, 0x42, 7]);
    body.extend_from_slice(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 1]);
    let bomb = chunk(&body);
    assert!(bomb.len() < 104);
    assert_eq!(gate::check(bomb).err().map(|problem| problem.code), Some(Code::ChangeTooLarge));
}

#[test]
fn merge_sorts_takes_the_good_and_names_the_rest() {
    let mut author = new();
    let one = save(&mut author, LAN, 1, &full()[..3]);
    let two = save(&mut author, LAN, 2, &full()[3..6]);
    let three = save(&mut author, LAN, 3, &full()[6..]);
    let checked: Vec<_> = [&one, &two, &three].map(|bytes| gate::check(bytes.clone()).expect("gate")).into();
    let base = Base { kind: Kind::OutreachVisit, id: ID, generation: 0, bytes: None };
    let all = merge(base, &[&checked[2], &checked[0], &checked[1], &checked[0]]).expect("merge");
    assert_eq!(all.accepted, [checked[0].hash, checked[1].hash, checked[2].hash]);
    assert_eq!(all.heads, author.heads());
    let gap = merge(base, &[&checked[2], &checked[0]]).expect("merge");
    assert_eq!((gap.accepted, gap.missing), (vec![checked[0].hash], vec![checked[2].hash]));
    let again = merge(Base { bytes: Some(&all.bytes), ..base }, &[&checked[1]]).expect("merge");
    assert_eq!((again.known, again.accepted.len()), (vec![checked[1].hash], 0));
    // The same actor and number with other content: refused, and so is what builds on it; the rest goes in.
    let mut clone = new();
    let forged = gate::check(save(&mut clone, LAN, 9, &full()[4..5])).expect("gate");
    let on_forged = gate::check(save(&mut clone, MINH, 10, &full()[5..6])).expect("gate");
    let mixed = merge(base, &[&checked[0], &forged, &on_forged, &checked[1]]).expect("merge");
    assert_eq!(mixed.accepted, [checked[0].hash, checked[1].hash]);
    assert_eq!(
        mixed.refused,
        [(forged.hash, Code::ChangeMalformed), (on_forged.hash, Code::DependsOnRefused)]
    );
}

#[test]
fn golden_change_bytes_still_read_the_same() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/v1/outreach_visit_change.bin");
    if std::env::var_os("DONGHANH_MAKE_GOLDEN").is_some() {
        std::fs::write(path, save(&mut new(), LAN, 1_719_360_000_000, &full())).expect("write");
    }
    let bytes = std::fs::read(path).expect("golden file");
    let mut document = new();
    document.apply(std::slice::from_ref(&bytes)).expect("applies");
    let mut made = new();
    save(&mut made, LAN, 1_719_360_000_000, &full());
    assert_eq!(document.visit(), made.visit());
}

#[test]
fn a_golden_document_without_what_follows_from_it_still_reads_the_same() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/v1/outreach_visit_bare.bin");
    let mut made = new();
    save(&mut made, LAN, 1_719_360_000_000, &full());
    if std::env::var_os("DONGHANH_MAKE_GOLDEN").is_some() {
        std::fs::write(path, bare::strip(&made.save()).expect("bare")).expect("write");
    }
    let read = Document::load_sent(&std::fs::read(path).expect("golden file")).expect("loads");
    assert_eq!((read.visit(), read.heads()), (made.visit(), made.heads()));
}

#[test]
fn a_photo_is_listed_with_its_key_until_it_is_taken_out_and_the_history_names_no_key() {
    let mut document = new();
    let put = VisitEdit::Photo(PHOTO, Some(PhotoKey([8; 32])));
    let bytes = save(&mut document, LAN, 1, std::slice::from_ref(&put));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/v1/outreach_visit_photo_change.bin");
    if std::env::var_os("DONGHANH_MAKE_GOLDEN").is_some() {
        std::fs::write(path, &bytes).expect("write");
    }
    assert_eq!(std::fs::read(path).expect("golden file"), bytes);
    let checked = gate::check(bytes).expect("gate");
    rules::check_change(Kind::OutreachVisit, &checked, 1_719_360_000_000).expect("the rules take it");
    assert_eq!(document.visit().photos[&PHOTO].key, Some(PhotoKey([8; 32])));
    assert_eq!(edit(&mut document, MINH, 2, &[put]), Ok(None), "it says so already");
    save(&mut document, MINH, 3, &[VisitEdit::Photo(PHOTO, None)]);
    assert!(document.visit().photos.is_empty());
    let key = PhotoKey([8; 32]).to_string();
    let told: Vec<_> = history(&document).into_iter().flat_map(|entry| entry.edits).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!((&told[0].value, &told[1].value), (&HistoryValue::Flag(true), &HistoryValue::Removed));
    assert!(!format!("{told:?}").contains(&key));
}

#[test]
fn a_photo_is_not_for_private_forms_and_there_are_not_too_many() {
    let mut document = new();
    let photos = (0..13).map(|n| VisitEdit::Photo(PhotoId([n; 32]), Some(PhotoKey([n; 32]))));
    save(&mut document, LAN, 1, &photos.collect::<Vec<_>>());
    let codes = |document: &Document| -> Vec<Code> {
        document.visit().problems(day("2026-01-01")).into_iter().map(|problem| problem.code).collect()
    };
    assert!(codes(&document).contains(&Code::PhotosTooMany));
    save(&mut document, LAN, 2, &[VisitEdit::Form(Some(Form::DoorToDoor))]);
    assert!(codes(&document).contains(&Code::PhotoNotAllowed));
}

#[test]
fn a_record_removed_and_edited_apart_waits_for_a_person_in_any_order() {
    let mut base = new();
    save(&mut base, LAN, 1, &full()[..5]);
    assert!(!base.is_archived_apart());
    let mut minh = base.clone();
    let gone = save(&mut base, LAN, 2, &[VisitEdit::Archived(Some("ghi trùng".into()))]);
    assert!(!base.is_archived_apart(), "nobody edited it apart");
    let edit = save(&mut minh, MINH, 2, &[VisitEdit::Count(CountKey::Attendance, amount(90))]);
    let mut lan = base.clone();
    lan.apply(std::slice::from_ref(&edit)).expect("merge");
    minh.apply(&[gone]).expect("merge");
    let sent = Document::load_sent(&bare::strip(&lan.save()).expect("bare")).expect("loads");
    for copy in [&lan, &minh, &sent] {
        assert!(copy.is_archived_apart());
        assert_eq!(copy.visit().count(CountKey::Attendance), Some(90), "the edit is not lost");
        assert_eq!(copy.summary().expect("a line").open_fields, 1);
    }
    // It goes on from what a page brought as from what the phone kept.
    let mut kept = sent;
    save(&mut kept, LAN, 3, &[VisitEdit::Archived(Some("ghi trùng · đã xem lại".into()))]);
    assert!(!kept.is_archived_apart() && kept.visit().archived.value().is_some());
    save(&mut lan, LAN, 3, &[VisitEdit::Archived(None)]);
    assert!(!lan.is_archived_apart() && lan.visit().archived.value().is_none());
}

#[test]
fn settled_differently_apart_both_values_stand_again_on_both() {
    let mut base = new();
    save(&mut base, LAN, 1, &full()[..5]);
    let attendance = |n: i64| vec![VisitEdit::Count(CountKey::Attendance, amount(n))];
    let mut minh = base.clone();
    let one = save(&mut base, LAN, 2, &attendance(60));
    let two = save(&mut minh, MINH, 2, &attendance(70));
    base.apply(&[two]).expect("merge");
    minh.apply(&[one]).expect("merge");
    let one = save(&mut base, LAN, 3, &attendance(60));
    let two = save(&mut minh, MINH, 3, &attendance(70));
    base.apply(&[two]).expect("merge");
    minh.apply(&[one]).expect("merge");
    for copy in [&base, &minh] {
        assert_eq!(copy.visit().open_fields(), ["attendance"]);
    }
    assert_eq!(base.visit(), minh.visit(), "the same value counts on both");
    let told = history(&base).pop().expect("an entry").edits;
    assert!(told.iter().all(|edit| edit.value != HistoryValue::Removed), "{told:?}");
}
