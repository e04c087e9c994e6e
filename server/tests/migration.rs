//! A database filled by the version before is brought up to date and loses nothing.

use std::sync::Arc;

use donghanh_migrations::MIGRATIONS;
use donghanh_server::store::directory::Directory as _;
use donghanh_server::store::sqlite::{LEDGER, Mode, SqliteStore};
use donghanh_server::store::{Log as _, Register as _, StoreError};
use donghanh_server::vault::Vault;
use donghanh_shared::access::Role;
use donghanh_shared::ids::{ChangeHash, Digest, DocumentId, InstanceId};
use donghanh_shared::seal::Key;
use tempfile::TempDir;

#[tokio::test]
async fn the_first_schema_with_a_record_in_it_is_brought_up_to_date() {
    let folder = TempDir::new().expect("folder");
    let file = folder.path().join(donghanh_server::DATABASE);
    let old = rusqlite::Connection::open(&file).expect("opens");
    old.execute_batch(MIGRATIONS[0].sql).expect("the first schema");
    old.execute_batch(
        "INSERT INTO instance (id, instance, epoch, demo, created_at) VALUES (1, zeroblob(16), 1, 0, 5);
         INSERT INTO ward (id, ward, name, kind, valid_from) VALUES (1, '08707@2025-07-01', 'Vĩnh Yên', 'Phường', '2025-07-01');
         INSERT INTO person (id, person, sign_in, full_name, password, created_at) VALUES (1, zeroblob(16), 'lan', 'Lan', '', 5);
         INSERT INTO device (id, device, person, name, token, created_at) VALUES (1, zeroblob(16), 1, '', zeroblob(32), 5);
         INSERT INTO document (id, document, generation, kind, created_ward, home, created_by, created_at, version)
             VALUES (1, x'07070707070707070707070707070707', 0, 'outreach_visit', 1, 1, 1, 5, 1);
         INSERT INTO snapshot (document, upto, heads, bytes)
             VALUES (1, 1, x'0808080808080808080808080808080808080808080808080808080808080808', x'00');
         INSERT INTO visit_row (document, home, date, lead, sessions, media, archived, open_fields, problems, author, changed_at)
             VALUES (1, 1, '2026-06-26', 'thanh-doan', 1, 0, 0, 0, '', 1, 5);
         INSERT INTO visit_organisation (document, organisation) VALUES (1, 'hoi-lhpn');
         PRAGMA user_version = 1;",
    )
    .expect("filled");
    drop(old);
    let vault = |byte| Arc::new(Vault::new(Key::new([byte; 32])));
    let open = |byte| {
        SqliteStore::open(
            &file,
            &file.with_file_name(LEDGER),
            Mode::Real,
            vault(byte),
            InstanceId([9; 16]),
            6,
        )
    };
    assert_eq!(SqliteStore::is_sealed(&file).ok(), Some(false));
    let store = open(1).expect("opens");
    assert_eq!(SqliteStore::is_sealed(&file).ok(), Some(true));
    assert!(matches!(open(2), Err(StoreError::Unsuitable(_))), "another master key must not be taken");
    assert_eq!(store.instance().id, InstanceId([0; 16]), "the instance stays what it was");
    assert_eq!(store.wards().await.expect("read").len(), 1);
    let kept = store.dump_projections().await.expect("dump");
    assert_eq!((kept["visit_row"].len(), kept["visit_photo"].len()), (1, 0));
    for table in [
        "drive_row",
        "drive_group",
        "drive_organisation",
        "model_row",
        "model_review",
        "model_activity",
        "model_organisation",
        "same_as",
    ] {
        assert_eq!(kept[table].len(), 0, "{table} is there");
    }
    let db = rusqlite::Connection::open(&file).expect("opens");
    let version: u32 = db.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("version");
    assert_eq!(version, donghanh_migrations::newest());
    // Who leads an organisation goes on seeing its records, without a command for each.
    let one = Digest::of_document(DocumentId([7; 16]), 0, &[ChangeHash([8; 32])]);
    for organisation in ["organisation/hoi-lhpn", "organisation/thanh-doan"] {
        let scope: (Vec<u8>, i64) = db
            .query_row(
                "SELECT digest, documents FROM scope JOIN placement ON placement.scope = scope.id
                 WHERE scope.scope = ?1 AND placement.document = 1",
                [organisation],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .expect(organisation);
        assert_eq!(scope, (one.0.to_vec(), 1));
    }
}

/// An assignment of before version 13 comes to be in the scope of what is asked in its ward, by which officers and helpers read it.
#[tokio::test]
async fn what_was_asked_before_reaches_whoever_reads_no_activity() {
    let folder = TempDir::new().expect("folder");
    let file = folder.path().join(donghanh_server::DATABASE);
    let old = rusqlite::Connection::open(&file).expect("opens");
    for migration in &MIGRATIONS[..12] {
        old.execute_batch(migration.sql).expect("an old schema");
    }
    old.execute_batch(
        "INSERT INTO instance (id, instance, epoch, demo, created_at) VALUES (1, zeroblob(16), 1, 0, 5);
         INSERT INTO ward (id, ward, name, kind, valid_from) VALUES
             (1, '08707@2025-07-01', 'Vĩnh Yên', 'Phường', '2025-07-01'),
             (2, '08716@2025-07-01', 'Vĩnh Phúc', 'Phường', '2025-07-01');
         INSERT INTO person (id, person, sign_in, full_name, password, created_at) VALUES (1, zeroblob(16), 'lan', 'Lan', '', 5);
         INSERT INTO membership (person, role, ward, valid_from) VALUES (1, 'volunteer', '08707@2025-07-01', '2025-07-01');
         INSERT INTO document (id, document, generation, kind, created_ward, home, created_by, created_at, version) VALUES
             (1, x'01010101010101010101010101010101', 0, 'work_assignment', 1, 1, 1, 5, 1),
             (2, x'02020202020202020202020202020202', 0, 'work_assignment', 1, 2, 1, 5, 1),
             (3, x'03030303030303030303030303030303', 0, 'outreach_visit', 1, 1, 1, 5, 1),
             (4, x'04040404040404040404040404040404', 0, 'work_assignment', 1, 1, 1, 5, 1);
         INSERT INTO snapshot (document, upto, heads, bytes)
             SELECT id, 1, x'0808080808080808080808080808080808080808080808080808080808080808', x'00' FROM document;
         PRAGMA user_version = 12;",
    )
    .expect("filled");
    drop(old);
    let vault = Arc::new(Vault::new(Key::new([1; 32])));
    let store =
        SqliteStore::open(&file, &file.with_file_name(LEDGER), Mode::Real, vault, InstanceId([9; 16]), 6)
            .expect("opens");
    let people = store.people().await.expect("people");
    let held: Vec<_> = people[0].memberships.iter().map(|held| (held.role, held.place)).collect();
    assert_eq!(held, [(Role::Volunteer, None)], "a role of before is held at no school");
    let db = rusqlite::Connection::open(&file).expect("opens");
    let one = |id| Digest::of_document(DocumentId([id; 16]), 0, &[ChangeHash([8; 32])]);
    let scopes = [
        ("assignments/08707@2025-07-01", one(1).plus(one(4)), vec![1, 4]),
        ("assignments/08716@2025-07-01", one(2), vec![2]),
    ];
    for (scope, digest, documents) in scopes {
        let kept: (Vec<u8>, usize) = db
            .query_row("SELECT digest, documents FROM scope WHERE scope = ?1", [scope], |row| {
                Ok((row.get(0)?, row.get::<_, u32>(1)? as usize))
            })
            .expect(scope);
        assert_eq!(kept, (digest.0.to_vec(), documents.len()));
        let placed: Vec<i64> = db
            .prepare("SELECT document FROM placement JOIN scope ON scope.id = placement.scope WHERE scope.scope = ?1")
            .and_then(|mut query| query.query_map([scope], |row| row.get(0))?.collect())
            .expect(scope);
        assert_eq!(placed, documents, "{scope}");
    }
}

/// Before version 10 days and codes of what happened in a case lay plain: they are gone from the file, also those of rows that
/// were written over before.
#[tokio::test]
async fn what_lay_plain_of_a_case_is_gone_from_the_file() {
    let folder = TempDir::new().expect("folder");
    let file = folder.path().join(donghanh_server::DATABASE);
    let old = rusqlite::Connection::open(&file).expect("opens");
    old.execute_batch("PRAGMA foreign_keys = OFF").expect("off");
    for migration in &MIGRATIONS[..9] {
        old.execute_batch(migration.sql).expect("an old schema");
    }
    old.execute_batch(
        "INSERT INTO instance (id, instance, epoch, demo, created_at) VALUES (1, zeroblob(16), 1, 0, 5);
         PRAGMA user_version = 9;",
    )
    .expect("an instance");
    for number in 0..200 {
        old.execute(
            "INSERT INTO case_event (document, core, key, kind, date) VALUES (1, 1, ?1, 'relapse', '2021-02-03')",
            [format!("plantedkey{number}")],
        )
        .expect("an event");
    }
    old.execute_batch("DELETE FROM case_event WHERE key < 'plantedkey5'").expect("rows written over");
    drop(old);
    let holds = || {
        let bytes = std::fs::read(&file).expect("reads");
        [&b"plantedkey"[..], b"relapse", b"2021-02-03"]
            .map(|text| bytes.windows(text.len()).any(|at| at == text))
    };
    assert_eq!(holds(), [true; 3], "planted");
    let vault = Arc::new(Vault::new(Key::new([1; 32])));
    let store =
        SqliteStore::open(&file, &file.with_file_name(LEDGER), Mode::Real, vault, InstanceId([9; 16]), 6)
            .expect("opens");
    store.checkpoint().await.expect("folds");
    assert!(store.has_old_projections().await.expect("reads"), "the rows are drawn anew");
    assert_eq!(holds(), [false; 3]);
}
