//! A case that is erased is gone: from the database, from every phone, for good. It takes two people, and an old phone cannot
//! bring it back.

use std::collections::BTreeSet;

use axum::http::Method;
use donghanh_server::store::Log as _;
use donghanh_server::store::aftercare::Aftercare as _;
use donghanh_server::store::erasure::Erasures as _;
use donghanh_shared::command::Command;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::error::Code;
use donghanh_shared::sync::wire::{Answer, PullItem, PushItem};
use serde_json::{Value, json};

use crate::test_app::phone::{Phone, document};
use crate::test_app::{Reply, TestApp, person, ward_a, ward_b};

const CASE: u8 = 1;
const PARTS: [(u8, Kind); 4] =
    [(2, Kind::AftercareRestricted), (3, Kind::CheckIn), (4, Kind::CheckInRestricted), (5, Kind::CheckIn)];

/// A case with a part of each kind that was edited, moved away and back, and a helper who looks after it; and a second case.
async fn world() -> (TestApp, Phone, Phone) {
    let app = TestApp::with_aftercare().await;
    let (mut dung, mut ha, mut giang) =
        (app.phone("dung").await, app.phone("ha").await, app.phone("giang").await);
    let mut items = vec![dung.create_case(document(CASE), ward_a())];
    items.push(dung.save_fields(document(CASE), &[("address_as", "anh Hùng"), ("status", "managed")]));
    for (id, kind) in PARTS {
        items.push(dung.create_part(document(id), kind, document(CASE)));
        items.push(dung.save_fields(document(id), &[("remarks", "một lần")]));
    }
    items.push(dung.create_case(document(9), ward_a()));
    items.push(dung.save_fields(document(9), &[("status", "managed")]));
    items.push(dung.command(Command::AssignHelper { case: document(CASE), person: person("giang") }));
    assert!(dung.push(&app, items).await.iter().all(Answer::is_kept));
    for (phone, to) in [(&mut dung, ward_b()), (&mut ha, ward_a())] {
        let there = phone.command(Command::MoveDocument { document: document(CASE), ward: to });
        assert!(phone.push(&app, vec![there]).await[0].is_kept());
    }
    dung.pull(&app).await;
    giang.pull(&app).await;
    (app, dung, giang)
}

fn path(case: u8) -> String {
    format!("/api/v1/cases/{}/erasure", document(case))
}

async fn ask(app: &TestApp, who: &Phone, case: u8) -> Reply {
    who.call(app, Method::POST, &path(case), &json!({ "reason": "asked_for" })).await
}

async fn decide(app: &TestApp, who: &Phone, grant: bool) -> Reply {
    let open = app.phone("quantri").await.read(app, "/api/v1/approvals").await;
    let path = format!("/api/v1/approvals/{}", open[0]["id"].as_str().expect("something waits"));
    who.call(app, Method::POST, &path, &json!({ "grant": grant })).await
}

async fn erase(app: &TestApp, officer: &Phone) {
    assert_eq!(ask(app, officer, CASE).await.status, 202);
    let granted = decide(app, &app.phone("quantri").await, true).await;
    assert_eq!(granted.status, 200, "{}", String::from_utf8_lossy(&granted.body));
}

fn erased(items: &[PullItem]) -> BTreeSet<u8> {
    let id = |item: &PullItem| match item {
        PullItem::Erase { document, .. } => Some(document.0[0]),
        _ => None,
    };
    items.iter().filter_map(id).collect()
}

fn db(app: &TestApp) -> rusqlite::Connection {
    rusqlite::Connection::open(app.folder.path().join(donghanh_server::DATABASE)).expect("opens")
}

/// What the database keeps of the case: its key, and everything sealed under it.
fn sealed(app: &TestApp) -> Vec<Vec<u8>> {
    let db = db(app);
    let mut blobs = Vec::new();
    for (table, column) in
        [("case_key", "key"), ("snapshot", "bytes"), ("change", "bytes"), ("care_row", "sealed")]
    {
        let sql = format!(
            "SELECT t.{column} FROM {table} t JOIN document d ON d.id = t.document
             JOIN document core ON core.id = coalesce(d.family, d.id) WHERE core.document = ?1"
        );
        let mut query = db.prepare(&sql).expect("query");
        let rows = query.query_map([document(CASE).0], |row| row.get::<_, Vec<u8>>(0)).expect("rows");
        let found: Vec<Vec<u8>> = rows.map(|row| row.expect("a blob")).collect();
        assert!(!found.is_empty(), "{table}");
        blobs.extend(found);
    }
    blobs
}

/// How many of these lie anywhere in the database's files. A page may end within a long one: its beginning is looked for.
fn found(app: &TestApp, blobs: &[Vec<u8>]) -> usize {
    let mut files = Vec::new();
    for name in ["", "-wal"] {
        let path = app.folder.path().join(format!("{}{name}", donghanh_server::DATABASE));
        files.extend(std::fs::read(path).unwrap_or_default());
    }
    let begins = |blob: &Vec<u8>| files.windows(24).any(|at| blob.starts_with(at));
    blobs.iter().filter(|blob| begins(blob)).count()
}

#[tokio::test]
async fn nothing_of_an_erased_case_is_left_on_the_server() {
    let (app, dung, _) = world().await;
    let sqlite = &app.application.sqlite;
    let blobs = sealed(&app);
    sqlite.checkpoint().await.expect("folds");
    assert_eq!(found(&app, &blobs), blobs.len(), "a search that finds nothing proves nothing");
    assert_eq!(sqlite.case_facts([ward_a()].into()).await.expect("facts").len(), 2);

    erase(&app, &dung).await;
    sqlite.compact().await.expect("compacts");
    assert_eq!(found(&app, &blobs), 0, "not even in free pages");
    assert_eq!(sqlite.case_facts([ward_a()].into()).await.expect("facts").len(), 1, "the other one");
    let db = db(&app);
    let count = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("count");
    assert_eq!(count("SELECT count(*) FROM document WHERE erased_at IS NOT NULL"), 5);
    assert_eq!(count("SELECT to_compact FROM instance"), 0);
    let tombstones = "SELECT id FROM document WHERE erased_at IS NOT NULL";
    let mut tables = db
        .prepare(
            "SELECT m.name FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f
             WHERE m.type = 'table' AND f.\"table\" = 'document' AND f.\"from\" = 'document'",
        )
        .expect("tables");
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).expect("tables").map(|name| name.expect("name")).collect();
    assert!(tables.len() > 15, "{tables:?}");
    for table in tables {
        let sql = format!("SELECT count(*) FROM \"{table}\" WHERE document IN ({tombstones})");
        assert_eq!(count(&sql), 0, "{table} points at a tombstone");
    }
    let ledger: Vec<Vec<u8>> = db
        .prepare("SELECT body FROM ledger WHERE kind = 'document_erased' ORDER BY body")
        .and_then(|mut query| query.query_map([], |row| row.get(0))?.collect())
        .expect("ledger");
    let told = |body: &Vec<u8>| {
        let line: Value = serde_json::from_slice(body).expect("JSON");
        assert_eq!((&line["case"], &line["ward"]), (&json!(document(CASE)), &json!(ward_a())));
        line["document"].as_str().expect("id").to_owned()
    };
    let documents: Vec<String> = (1..=5).map(|id| document(id).to_string()).collect();
    assert_eq!(ledger.iter().map(told).collect::<Vec<_>>(), documents, "a restored backup is told");
    // Who erased what and why stays to be found.
    let line = &app.audit("case_erased").await[0];
    assert_eq!((&line["person"]["name"], &line["note"]), (&json!("Quản trị"), &json!("asked_for")));
    assert_eq!(app.audit("erasure_asked").await[0]["person"]["name"], "Đỗ Văn Dũng");
    let before = sqlite.dump_projections().await.expect("dump");
    donghanh_server::projection::rebuild::rebuild(app.application.state.store()).await.expect("rebuilds");
    assert_eq!(sqlite.dump_projections().await.expect("dump"), before);
}

#[tokio::test]
async fn what_was_erased_is_written_over_at_the_next_start_if_the_server_died() {
    let (mut app, dung, _) = world().await;
    let blobs = sealed(&app);
    // By the store alone: a server that dies before it gets to rewrite the file.
    assert_eq!(ask(&app, &dung, CASE).await.status, 202);
    let open = app.phone("quantri").await.read(&app, "/api/v1/approvals").await;
    let approval = open[0]["id"].as_str().and_then(|id| id.parse().ok()).expect("what waits");
    let (store, now) = (app.application.state.store(), app.application.state.now());
    let by = store.person_key(person("quantri")).await.expect("asks").expect("the administrator");
    store.erase(approval, by, now).await.expect("erases").expect("the case");
    app.application.sqlite.checkpoint().await.expect("folds");
    assert!(found(&app, &blobs) > 0, "in free pages");
    app.restart().await;
    assert_eq!(found(&app, &blobs), 0);
}

#[tokio::test]
async fn every_phone_lets_go_of_it_and_none_gets_it_again() {
    let (app, mut dung, mut giang) = world().await;
    let mut late = app.phone("giang").await;
    let mut ha = app.phone("ha").await;
    ha.pull(&app).await;
    erase(&app, &dung).await;
    assert_eq!(erased(&dung.pull(&app).await), [1, 2, 3, 4, 5].into());
    assert_eq!(dung.documents.keys().map(|id| id.0[0]).collect::<Vec<_>>(), [9]);
    // The helper reads that scope no longer, and is told all the same.
    let page = giang.pull_page(&app, 1 << 20).await;
    assert_eq!((erased(&page.items), page.ended.len()), ([CASE].into(), 1));
    assert!(erased(&giang.pull(&app).await).is_empty(), "once");
    // Who has never seen the log hears nothing of it.
    assert!(erased(&late.pull(&app).await).is_empty() && late.documents.is_empty());
    assert!(ha.pull(&app).await.is_empty(), "it came and went before");
    let mut new = app.phone("dung").await;
    assert!(erased(&new.pull(&app).await).is_empty());
    assert_eq!(new.documents.len(), 1);
}

/// Only a cursor that fits the log of a case proves that its device held it.
#[tokio::test]
async fn who_guesses_the_number_of_a_scope_is_told_nothing() {
    let (app, dung, giang) = world().await;
    let mut guess = app.phone("lan").await;
    guess.cursors = giang.cursors.clone();
    for cursor in guess.cursors.values_mut() {
        cursor.chain ^= 1;
    }
    erase(&app, &dung).await;
    assert!(erased(&guess.pull_page(&app, 1 << 20).await.items).is_empty());
}

/// Everything that phones from before may still send of it.
fn late_items(phone: &mut Phone) -> Vec<PushItem> {
    let (case, fresh) = (document(CASE), document(20));
    vec![
        phone.save_fields(case, &[("status", "completed")]),
        phone.save_fields(document(3), &[("remarks", "hai lần")]),
        phone.create_part(fresh, Kind::CheckIn, case),
        phone.save_fields(fresh, &[("remarks", "ba lần")]),
        phone.command(Command::MoveDocument { document: case, ward: ward_b() }),
        phone.command(Command::AssignHelper { case, person: person("giang") }),
        phone.command(Command::CreateDocument { document: case, kind: Kind::AftercareCase, ward: ward_a() }),
        phone.command(Command::CreateDocument {
            document: document(4),
            kind: Kind::OutreachVisit,
            ward: ward_a(),
        }),
        PushItem::Change {
            document: document(2),
            generation: 1,
            bytes: donghanh_shared::crdt::root::change(Kind::AftercareRestricted, document(2), 1).into(),
        },
    ]
}

#[tokio::test]
async fn an_old_phone_cannot_bring_it_back() {
    let (app, mut dung, mut giang) = world().await;
    erase(&app, &dung).await;
    let contents = app.contents();
    let gone = Answer::refused(Code::DocumentErased);
    for phone in [&mut dung, &mut giang] {
        let items = late_items(phone);
        let answers = phone.push(&app, items.clone()).await;
        assert_eq!(answers, vec![gone.clone(); items.len()]);
        assert_eq!(phone.push(&app, items).await, answers, "however often");
    }
    // What was begun in it and arrives a part at a time.
    let later = giang.save_fields(document(20), &[("remarks", "bốn lần")]);
    assert_eq!(giang.push(&app, vec![later]).await, [gone]);
    // That somebody had opened it before belongs to the log, which outlives it.
    let read = giang.command(Command::NoteRead { document: document(CASE), at: 5 });
    assert_eq!(giang.push(&app, vec![read.clone()]).await, [Answer::Ok(0)]);
    assert_eq!(giang.push(&app, vec![read]).await, [Answer::Duplicate]);
    assert_eq!(app.audit("case_read").await[0]["person"]["name"], "Ngô Hương Giang");
    let db = db(&app);
    let count = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("count");
    assert_eq!(count("SELECT count(*) FROM refused_change"), 0, "nothing of it is kept aside");
    assert_eq!(count("SELECT count(*) FROM parked"), 0);
    assert_eq!(count("SELECT count(*) FROM document WHERE erased_at IS NOT NULL"), 6, "buried with it");
    let now = app.contents().replace("document=7", "document=6").replace("command_done=10", "command_done=9");
    assert_eq!(now, contents);
    let mut new = app.phone("dung").await;
    assert!(erased(&new.pull(&app).await).is_empty());
    assert_eq!(new.documents.len(), 1);
}

#[tokio::test]
async fn what_is_on_its_way_while_it_is_erased_does_not_survive_it() {
    let (app, mut dung, mut giang) = world().await;
    assert_eq!(ask(&app, &dung, CASE).await.status, 202);
    let admin = app.phone("quantri").await;
    let mut requests = Vec::new();
    for n in 0..12_u8 {
        let id = document(30 + n);
        let items = vec![
            giang.create_part(id, Kind::CheckIn, document(CASE)),
            giang.save_fields(id, &[("remarks", &format!("lần {n}"))]),
            giang.save_fields(document(3), &[("remarks", &format!("lần {n}"))]),
        ];
        requests.push(giang.request(items));
    }
    let (before, after) = requests.split_at(6);
    let send = |requests: Vec<_>| {
        let (app, giang) = (&app, &giang);
        async move {
            let sent = requests.iter().map(|request| giang.push_request(app, request));
            futures_util::future::join_all(sent).await
        }
    };
    let (one, granted, two) =
        tokio::join!(send(before.to_vec()), decide(&app, &admin, true), send(after.to_vec()));
    assert_eq!(granted.status, 200);
    let gone = Answer::refused(Code::DocumentErased);
    let fates: Vec<Answer> = one.into_iter().chain(two).flatten().collect();
    let is_known =
        |answer: &Answer| matches!(answer, Answer::Ok(_) | Answer::MissingDependencies) || *answer == gone;
    assert!(fates.iter().all(is_known), "{fates:?}");
    let db = db(&app);
    let count = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("count");
    assert_eq!(count("SELECT count(*) FROM snapshot"), 1, "the other case");
    assert_eq!(
        count(
            "SELECT count(*) FROM placement JOIN document d ON d.id = placement.document
                      WHERE d.erased_at IS NOT NULL"
        ),
        0
    );
    dung.pull(&app).await;
    assert_eq!(dung.documents.len(), 1);
}

#[tokio::test]
async fn what_phones_that_were_taken_off_hand_over_of_it_goes_too() {
    let (app, dung, mut giang) = world().await;
    let admin = app.phone("quantri").await;
    let mut second = app.phone("giang").await;
    second.pull(&app).await;
    let of = |phone: &mut Phone, fresh: u8| {
        let items = vec![
            phone.create_part(document(fresh), Kind::CheckIn, document(CASE)),
            phone.save_fields(document(fresh), &[("remarks", "chưa gửi")]),
            phone.save_fields(document(3), &[("remarks", "cũng chưa gửi")]),
        ];
        phone.seal(&items)
    };
    let (early, late) = (of(&mut giang, 20), of(&mut second, 21));
    for phone in [&giang, &second] {
        assert_eq!(admin.revoke(&app, phone).await.status, 204);
    }
    assert_eq!(giang.hand_over(&app, &early).await.json()["taken"], 3);
    erase(&app, &dung).await;
    let waiting = dung.read(&app, "/api/v1/handed-over").await;
    let waiting = waiting.as_array().expect("items");
    assert_eq!(waiting.len(), 3);
    assert!(waiting.iter().all(|item| item["decided"] == "document_erased"), "{waiting:?}");
    let db = db(&app);
    let kept: i64 = db
        .query_row("SELECT count(*) FROM handed_over WHERE length(bytes) > 0", [], |row| row.get(0))
        .expect("count");
    assert_eq!(kept, 0, "also of a check-in that never reached the log");
    // The first of the two kept by the part alone: its case is known by the one that began it.
    let told = second.hand_over(&app, &late).await.json();
    assert_eq!((&told["taken"], &told["already"]), (&json!(0), &json!(3)), "{told}");
}

#[tokio::test]
async fn it_takes_the_officer_of_the_ward_and_somebody_else() {
    let (app, dung, giang) = world().await;
    let admin = app.phone("quantri").await;
    for name in ["lan", "phuong", "thanh", "quantri", "giang"] {
        let who = if name == "giang" { &giang } else { &app.phone(name).await };
        for method in [Method::POST, Method::GET, Method::DELETE] {
            let reply = who.call(&app, method, &path(CASE), &json!({ "reason": "asked_for" })).await;
            assert_eq!(reply.code(), "not_allowed", "{name}");
        }
    }
    // For the officer of another ward there is no such case.
    let ha = app.phone("ha").await;
    let (there, nowhere) = (ask(&app, &ha, CASE).await, ask(&app, &ha, 77).await);
    assert_eq!((there.code(), &there.body), ("not_found".to_owned(), &nowhere.body));
    assert_eq!(ask(&app, &dung, 3).await.code(), "not_found", "a part is no case");
    let wrong = dung.call(&app, Method::POST, &path(CASE), &json!({ "reason": "because" })).await;
    assert_eq!(wrong.code(), "body_malformed");

    assert_eq!(dung.read(&app, &path(CASE)).await, json!({ "asked": null }));
    for _ in 0..2 {
        assert_eq!(ask(&app, &dung, CASE).await.status, 202);
    }
    let asked = dung.read(&app, &path(CASE)).await;
    assert_eq!(
        (&asked["asked"]["reason"], &asked["asked"]["by"]),
        (&json!("asked_for"), &json!("Đỗ Văn Dũng"))
    );
    let open = admin.read(&app, "/api/v1/approvals").await;
    assert_eq!(open.as_array().map(Vec::len), Some(1), "asked once");
    let told = json!({
        "id": open[0]["id"], "kind": "erasure", "role": null, "ward": ward_a().to_string(), "reason": "asked_for",
        "case_created_at": app.now(), "asked_at": open[0]["asked_at"], "person": open[0]["asked_by"],
        "asked_by": open[0]["asked_by"],
    });
    assert_eq!(open[0], told, "the second person is told nothing of what is in it");
    let id = open[0]["id"].as_str().expect("id");
    let own =
        dung.call(&app, Method::POST, &format!("/api/v1/approvals/{id}"), &json!({ "grant": true })).await;
    assert_eq!(own.code(), "not_allowed");

    assert_eq!(dung.call(&app, Method::DELETE, &path(CASE), &Value::Null).await.status, 204);
    assert_eq!(dung.call(&app, Method::DELETE, &path(CASE), &Value::Null).await.code(), "not_found");
    assert_eq!(admin.read(&app, "/api/v1/approvals").await, json!([]));
    assert_eq!(ask(&app, &dung, CASE).await.status, 202, "it can be asked again");
    assert_eq!(decide(&app, &admin, false).await.status, 200);
    assert_eq!(app.audit("erasure_refused").await[0]["note"], "asked_for");
    let facts = app.application.sqlite.case_facts([ward_a()].into()).await.expect("facts");
    assert_eq!(facts.len(), 2, "nothing was erased");
    erase(&app, &dung).await;
    assert_eq!(ask(&app, &dung, CASE).await.code(), "not_found");
    assert_eq!(dung.call(&app, Method::GET, &path(CASE), &Value::Null).await.code(), "not_found");
}

/// The backup was made before the case was erased; the ledger lies elsewhere and was not put back with it.
#[tokio::test]
async fn a_restored_backup_does_not_bring_it_back() {
    let (mut app, mut dung, mut giang) = world().await;
    let backup = app.back_up().await;
    // Made and erased after the backup: the restored database has never heard of it.
    let items = vec![
        dung.create_case(document(60), ward_a()),
        dung.save_fields(document(60), &[("status", "managed")]),
        dung.create_part(document(61), Kind::CheckIn, document(60)),
        dung.save_fields(document(61), &[("remarks", "một lần")]),
    ];
    assert!(dung.push(&app, items).await.iter().all(Answer::is_kept));
    erase(&app, &dung).await;
    assert_eq!(ask(&app, &dung, 60).await.status, 202);
    assert_eq!(decide(&app, &app.phone("quantri").await, true).await.status, 200);
    let stolen = app.phone("ha").await;
    assert_eq!(stolen.sign_out(&app).await.status, 204);
    app.application.sqlite.compact().await.expect("compacts");
    app.restore(&backup).await;
    assert_eq!(app.application.sqlite.instance().epoch, 2, "phones are told");

    let facts = app.application.sqlite.case_facts([ward_a()].into()).await.expect("facts");
    assert_eq!(facts.len(), 1, "erased once more, at the start");
    let gone = Answer::refused(Code::DocumentErased);
    for phone in [&mut dung, &mut giang] {
        let items = late_items(phone);
        assert_eq!(phone.push(&app, items.clone()).await, vec![gone.clone(); items.len()]);
    }
    // Of the one that it had never heard of, the phone offers everything.
    let offered = vec![
        dung.command(Command::CreateDocument {
            document: document(60),
            kind: Kind::AftercareCase,
            ward: ward_a(),
        }),
        dung.save_fields(document(60), &[("status", "completed")]),
        dung.save_fields(document(61), &[("remarks", "hai lần")]),
    ];
    assert_eq!(dung.push(&app, offered).await, vec![gone; 3]);
    let mut new = app.phone("dung").await;
    new.pull(&app).await;
    assert_eq!(new.documents.len(), 1);
    let reply = stolen.call(&app, Method::GET, "/api/v1/approvals", &Value::Null).await;
    assert_eq!(reply.code(), "not_signed_in", "who had signed out stays out");
    app.restore(&backup).await;
    assert_eq!(app.application.sqlite.instance().epoch, 3, "as often as it is put back");
}
