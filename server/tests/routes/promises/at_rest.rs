//! Whoever copies the database without the master key reads nothing that was written in a case: not what was taken, not
//! what was refused, not what was set aside.

use donghanh_server::store::Log as _;
use donghanh_server::store::aftercare::Aftercare as _;
use donghanh_shared::access::Role;
use donghanh_shared::command::fields::{FieldEdit, Written, edit};
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::crdt::{Document, Kind};
use donghanh_shared::domain::aftercare::CaseStatus;
use donghanh_shared::domain::aftercare::terms::{EventKind, SupportKind};
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::DocumentId;
use donghanh_shared::sync::wire::{Answer, PushItem};
use unicode_normalization::UnicodeNormalization as _;

use crate::test_app::phone::{Phone, document};
use crate::test_app::{TestApp, today, ward_a};

/// Fifty things that people write, none part of another.
fn planted() -> Vec<String> {
    let words = [
        "anh Trần Văn Hùng",
        "chị Nguyễn Thị Ngọc Ánh",
        "hẻm phía sau chợ Tổng",
        "hẹn ở quán nước đầu ngõ",
        "phường Đồng Tâm, tổ dân phố",
        "xã Thanh Trù, khu dân cư",
        "đang điều trị viêm gan siêu vi",
        "mẹ già đau yếu, vợ bỏ đi",
        "quyết định cai nghiện số",
        "kết quả xét nghiệm ngày",
    ];
    (0..50).map(|number| format!("{} {}", words[number % words.len()], 7_001 + number)).collect()
}

/// The same text in every form in which it could lie in a file.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let (composed, decomposed): (String, String) = (text.nfc().collect(), text.nfd().collect());
    [composed, decomposed]
        .iter()
        .flat_map(|text| {
            let units: Vec<u16> = text.encode_utf16().collect();
            [
                text.as_bytes().to_vec(),
                units.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
                units.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
            ]
        })
        .collect()
}

/// Everything that lies beside the master key.
fn files(app: &TestApp) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(app.folder.path()).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_file() && !path.ends_with(donghanh_server::vault::MASTER_KEY) {
            bytes.extend(std::fs::read(path).expect("reads"));
        }
    }
    bytes
}

/// Bytes as a text of as many characters: searching a text is fast, also in a build that is not.
fn one_to_one(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn found(bytes: &[u8], texts: &[String]) -> Vec<String> {
    let all = one_to_one(bytes);
    let lies_in = |form: &Vec<u8>| all.contains(&one_to_one(form));
    texts.iter().filter(|text| forms(text).iter().any(lies_in)).cloned().collect()
}

/// Days of what happened to somebody, none of which lies in a database otherwise.
const DAYS: [&str; 2] = ["2021-02-03", "2021-04-05"];

/// Entries whose keys and words are texts, of the maps that counts are drawn from.
fn entries(document: &Document, texts: &[String]) -> Vec<FieldEdit> {
    let maps: &[&str] = match document.kind() {
        Kind::AftercareCase => &["support", "events", "schedule"],
        Kind::CheckIn => &["support"],
        _ => &["events"],
    };
    let written = |text: &str| Some(Written::Text(text.to_owned()));
    let mut edits = Vec::new();
    for (map, text) in maps.iter().flat_map(|map| texts.iter().map(move |text| (*map, text))) {
        let key = text.replace('.', " ");
        let mut part =
            |field: &str, value| edits.push(FieldEdit::Entry(map.into(), format!("{key}.{field}"), value));
        match map {
            "schedule" => part("from", written(DAYS[0])),
            "support" => part("kind", written("job")),
            _ if map == "events" && document.kind() != Kind::AftercareCase => {
                part("kind", written("relapse"))
            }
            _ => part("kind", written("absence")),
        }
        if map != "schedule" {
            part("date", written(DAYS[1]));
            part("text", written(text));
        }
    }
    edits
}

/// Columns in which a code of what can happen to somebody, of support, or of how a case stands lies in clear.
fn columns_with_codes(db: &rusqlite::Connection) -> Vec<String> {
    let listed =
        |all: Vec<&str>| all.into_iter().map(|code| format!("'{code}'")).collect::<Vec<_>>().join(",");
    let codes = [
        listed(EventKind::ALL.iter().map(|kind| kind.code()).collect()),
        listed(SupportKind::ALL.iter().map(|kind| kind.code()).collect()),
        listed(CaseStatus::ALL.iter().map(|status| status.code()).collect()),
    ]
    .join(",");
    let mut query = db
        .prepare(
            "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'
             ORDER BY m.name, c.cid",
        )
        .expect("columns");
    let columns = query.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)));
    let columns: Vec<(String, String)> =
        columns.expect("columns").map(|column| column.expect("column")).collect();
    let has_codes = |(table, column): &(String, String)| {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM \"{table}\" WHERE \"{column}\" IN ({codes}))");
        db.query_row(&sql, [], |row| row.get::<_, bool>(0)).expect("looks")
    };
    columns
        .iter()
        .filter(|column| has_codes(column))
        .map(|(table, column)| format!("{table}.{column}"))
        .collect()
}

/// One save with texts in registers and in the notes, composed and decomposed.
fn save(phone: &mut Phone, id: DocumentId, registers: &[&str], texts: &[String], spoil: bool) -> PushItem {
    let mut edits: Vec<FieldEdit> =
        registers.iter().zip(texts).map(|(name, text)| FieldEdit::text(name, text)).collect();
    let notes: Vec<String> = texts.iter().map(|text| text.nfd().collect()).collect();
    edits.push(FieldEdit::LongText("notes".into(), notes.join("; ")));
    if !spoil {
        edits.extend(entries(&phone.documents[&id], texts));
    }
    if spoil {
        edits.push(FieldEdit::text("a_field_of_no_app", &"x".repeat(2_000)));
    }
    let before = phone.documents[&id].clone();
    let document = phone.documents.get_mut(&id).expect("the phone has it");
    let change = edit(document, phone.actor, 1_781_900_000_000, &edits).expect("valid").expect("differs");
    if spoil {
        phone.documents.insert(id, before);
    }
    PushItem::Change { document: id, generation: 0, bytes: change.bytes.into() }
}

#[tokio::test]
async fn nothing_of_a_case_can_be_read_in_the_files() {
    let app = TestApp::with_aftercare().await;
    app.add("mai", "Đỗ Thị Mai", Role::AftercareOfficer, Some(ward_a()), Some(today())).await;
    let (mut mai, mut dung) = (app.phone("mai").await, app.phone("dung").await);
    let texts = planted();
    let parts = [
        (document(1), Kind::AftercareCase, &["address_as", "meet_at"][..]),
        (document(2), Kind::AftercareRestricted, &["full_name", "lives_at"][..]),
        (document(3), Kind::CheckIn, &["not_met_because"][..]),
        (document(4), Kind::CheckInRestricted, &["remarks"][..]),
    ];
    for (at, (id, kind, registers)) in parts.into_iter().enumerate() {
        let begin = match kind {
            Kind::AftercareCase => mai.create_case(id, ward_a()),
            _ => mai.create_part(id, kind, document(1)),
        };
        let mine = &texts[at * 8..at * 8 + 8];
        let items = vec![begin, save(&mut mai, id, registers, mine, false)];
        let answers = mai.push(&app, items).await;
        assert!(answers.iter().all(|answer| matches!(answer, Answer::Ok(_))), "{answers:?}");
    }
    let unheard_of = mai.create_part(document(9), Kind::CheckIn, document(1));
    let refused = vec![
        save(&mut mai, document(3), &["not_met_because"], &texts[32..38], true),
        // Its creation was not sent: nobody can tell yet what kind of document that is.
        save(&mut mai, document(9), &["not_met_because"], &texts[38..42], true),
    ];
    drop(unheard_of);
    let answers = mai.push(&app, refused).await;
    assert_eq!(answers, [Answer::refused(Code::TextTooLong), Answer::refused(Code::ChangeForbiddenField)]);
    let late = save(&mut mai, document(2), &["full_name"], &texts[42..], false);
    app.pass(48 * 3_600_000);
    assert!(matches!(mai.push(&app, vec![late]).await[..], [Answer::Parked(_)]));
    // What is sealed opens again, for whoever may read it.
    dung.pull(&app).await;
    assert_eq!(dung.documents[&document(2)].fields().text("full_name"), Some(texts[8].as_str()));

    let nothing: [String; 0] = [];
    assert_eq!(found(&files(&app), &texts), nothing, "in the log");
    app.application.sqlite.checkpoint().await.expect("folds");
    assert_eq!(found(&files(&app), &texts), nothing, "in the database");
    let db = rusqlite::Connection::open(app.folder.path().join(donghanh_server::DATABASE)).expect("opens");
    let count = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("count");
    assert_eq!(count("SELECT count(*) FROM refused_change WHERE sealed = 1 AND length(bytes) > 100"), 2);
    assert_eq!(count("SELECT count(*) FROM parked WHERE sealed = 1 AND length(bytes) > 100"), 1);
    assert_eq!(count("SELECT count(*) FROM case_key"), 1);
    // Neither days nor codes: in a small ward they tell who it is.
    let days = DAYS.map(str::to_owned);
    assert_eq!(found(&files(&app), &days), nothing);
    assert_eq!(columns_with_codes(&db), nothing);
    // What was planted in entries is counted all the same.
    let facts = app.application.sqlite.case_facts([ward_a()].into()).await.expect("facts");
    let relapses = facts[0].events.iter().filter(|event| event.kind == EventKind::Relapse).count();
    assert!(relapses >= 8 && facts[0].events.len() > relapses && !facts[0].support.is_empty());
    assert_eq!(facts[0].basis.stretches.len(), 8);

    // The search would find them: in a visit, which is not sealed, it does.
    let mut lan = app.phone("lan").await;
    for (byte, text, day) in [(20, texts[0].clone(), DAYS[0]), (21, texts[1].nfd().collect(), DAYS[1])] {
        lan.log_visit(&app, document(byte), ward_a()).await;
        let date = VisitEdit::Date(Some(day.parse().expect("day")));
        let note = lan.save(document(byte), &[VisitEdit::Notes(text), date]);
        assert!(lan.push(&app, vec![note]).await[0].is_kept());
    }
    let plain = found(&files(&app), &texts);
    assert_eq!(plain, texts[..2], "a search that finds nothing proves nothing");
    assert_eq!(found(&files(&app), &days), days, "a search that finds nothing proves nothing");
    db.execute_batch("CREATE TABLE planted (code TEXT); INSERT INTO planted VALUES ('relapse')")
        .expect("plants");
    assert_eq!(columns_with_codes(&db), ["planted.code"], "a search that finds nothing proves nothing");
}
