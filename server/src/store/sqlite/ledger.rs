//! What must survive a restored backup: erasures, devices taken away, who may do what, where records were placed, whose an
//! actor is. Each such line is kept a second time in a file of its own, which is no part of the backups, before the change
//! that it tells of is committed. A database that lacks lines of it, or whose logs are shorter than it has seen them, was
//! put back to an older state: what the lines tell of is done again at the start, and the epoch rises.

use std::path::Path;

use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{DocumentId, PersonId};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

use super::cases::{self, HelperSet};
use super::directory::{self, RolesSet};
use super::pool::{self, Transaction};
use super::{accounts, erase, placed};
use crate::store::StoreError;
use crate::vault::Vault;

/// Name of the file beside the database, unless another place is named.
pub const FILE: &str = "ledger.sqlite";

/// The kind of a line that says that the database was put back; its body is the epoch from then on.
const RESTORED: &str = "restored";

fn epoch(body: &[u8]) -> Option<u32> {
    std::str::from_utf8(body).ok()?.parse().ok()
}

/// A document that was erased, as its line tells it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Erased {
    /// The document.
    pub document: DocumentId,
    /// The core of its case; itself, when it is one.
    pub case: DocumentId,
    /// Its kind.
    pub kind: Kind,
    /// The last ward of the case.
    pub ward: WardRef,
}

/// A line.
struct Line {
    id: i64,
    at: Millis,
    kind: String,
    body: Vec<u8>,
}

/// The file.
#[derive(Debug)]
pub struct Ledger {
    file: Connection,
    /// The last line that lies in it.
    last: i64,
}

impl Ledger {
    /// Opens the file, makes it on the first call; a database that is behind it is brought up to it.
    ///
    /// # Errors
    /// When SQLite fails.
    pub fn open(path: &Path, main: &Connection, vault: &Vault) -> Result<Self, StoreError> {
        let file = pool::connect(path)?;
        file.execute_batch(
            "CREATE TABLE IF NOT EXISTS line (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL,
                 body BLOB NOT NULL) STRICT;
             CREATE TABLE IF NOT EXISTS reached (one INTEGER PRIMARY KEY CHECK (one = 1), entries INTEGER NOT NULL) STRICT",
        )?;
        let last = file.query_row("SELECT coalesce(max(id), 0) FROM line", [], |row| row.get(0))?;
        let mut ledger = Self { file, last };
        ledger.bring_up(main, vault)?;
        // Lines of before there was this file, or while another one was named.
        ledger.keep(main)?;
        ledger.note_reached(main)?;
        Ok(ledger)
    }

    /// Notes how long the logs are, once that is committed. Nothing waits for the disk: after a crash of the machine it may say
    /// less than there is, never more.
    ///
    /// # Errors
    /// When SQLite fails; nothing depends on it then.
    pub fn note_reached(&self, main: &Connection) -> Result<(), StoreError> {
        self.file.pragma_update(None, "synchronous", "NORMAL")?;
        let noted = self
            .file
            .prepare_cached("INSERT OR REPLACE INTO reached (one, entries) VALUES (1, ?1)")?
            .execute([entries(main)?]);
        self.file.pragma_update(None, "synchronous", "FULL")?;
        noted?;
        Ok(())
    }

    /// Writes down what a group of changes has added, durably. To be called before the group is committed: what somebody asked for and was
    /// never told may be done at the next start; what they were told must be.
    ///
    /// # Errors
    /// When SQLite fails; the group must not be committed then.
    pub fn keep(&mut self, main: &Connection) -> Result<(), StoreError> {
        let new = lines(main, "SELECT id, at, kind, body FROM ledger WHERE id > ?1 ORDER BY id", self.last)?;
        let Some(last) = new.last().map(|line| line.id) else { return Ok(()) };
        let tx = self.file.unchecked_transaction()?;
        for line in &new {
            // A group that failed after it was written down here may have left a line of the same number.
            tx.prepare_cached("INSERT OR REPLACE INTO line (id, at, kind, body) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![line.id, line.at, line.kind, line.body])?;
        }
        tx.commit()?;
        self.last = last;
        Ok(())
    }

    /// Takes back what was written down of a group that was not committed after all: what comes next takes its numbers.
    ///
    /// # Errors
    /// When SQLite fails; then these lines are done at the next start.
    pub fn take_back(&mut self, main: &Connection) -> Result<(), StoreError> {
        self.last = main.query_row("SELECT coalesce(max(id), 0) FROM ledger", [], |row| row.get(0))?;
        self.file.prepare_cached("DELETE FROM line WHERE id > ?1")?.execute([self.last])?;
        Ok(())
    }

    /// Does again what the database has lost.
    fn bring_up(&self, main: &Connection, vault: &Vault) -> Result<(), StoreError> {
        let known: i64 = main.query_row("SELECT coalesce(max(id), 0) FROM ledger", [], |row| row.get(0))?;
        let lost = lines(&self.file, "SELECT id, at, kind, body FROM line WHERE id > ?1 ORDER BY id", known)?;
        let reached: Option<i64> =
            self.file.query_row("SELECT entries FROM reached", [], |row| row.get(0)).optional()?;
        let now = entries(main)?;
        if lost.is_empty() && reached.is_none_or(|reached| reached <= now) {
            return Ok(());
        }
        let at: Millis =
            self.file.query_row("SELECT coalesce(max(at), 0) FROM line", [], |row| row.get(0))?;
        tracing::warn!(lines = lost.len(), "the database is older than its ledger: it was restored");
        main.execute_batch("BEGIN IMMEDIATE")?;
        let done = (|| {
            let mut tx = Transaction::over(main);
            for line in &lost {
                again(&mut tx, vault, line)?;
            }
            // Some of it wrote lines of its own: those of before take their places.
            tx.execute("DELETE FROM ledger WHERE id > ?1", [known])?;
            for line in &lost {
                tx.execute(
                    "INSERT INTO ledger (id, at, kind, body) VALUES (?1, ?2, ?3, ?4)",
                    params![line.id, line.at, line.kind, line.body],
                )?;
            }
            // Put back twice to the same copy, it is another epoch all the same.
            let last =
                lost.iter().filter(|line| line.kind == RESTORED).filter_map(|line| epoch(&line.body)).max();
            tx.execute("UPDATE instance SET epoch = max(epoch, ?1) + 1", [last.unwrap_or(0)])?;
            let now: u32 = tx.query_row("SELECT epoch FROM instance", [], |row| row.get(0))?;
            accounts::note(&tx, at, RESTORED, now.to_string().as_bytes())
        })();
        main.execute_batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        done
    }
}

/// Entries of all logs; each commit that concerns a phone adds some, and none ever goes.
fn entries(main: &Connection) -> Result<i64, StoreError> {
    Ok(main.prepare_cached("SELECT coalesce(sum(seq), 0) FROM scope")?.query_row([], |row| row.get(0))?)
}

fn lines(db: &Connection, sql: &str, after: i64) -> Result<Vec<Line>, StoreError> {
    let mut query = db.prepare_cached(sql)?;
    let rows = query.query_map([after], |row| {
        Ok(Line { id: row.get(0)?, at: row.get(1)?, kind: row.get(2)?, body: row.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn again(tx: &mut Transaction<'_>, vault: &Vault, line: &Line) -> Result<(), StoreError> {
    match line.kind.as_str() {
        "document_erased" => {
            if let Ok(erased) = serde_json::from_slice::<Erased>(&line.body) {
                erase::again(tx, vault, &erased, line.at)?;
            }
        }
        "device_ended" | "device_revoked" => {
            tx.execute(
                "UPDATE device SET ended_at = coalesce(ended_at, ?2), unlock_key = NULL,
                     revoked_at = CASE WHEN ?3 THEN coalesce(revoked_at, ?2) ELSE revoked_at END
                 WHERE device = ?1",
                params![line.body, line.at, line.kind == "device_revoked"],
            )?;
        }
        "actor_bound" => {
            if let Some((actor, rest)) = line.body.split_at_checked(16) {
                // Lines of before end with the device.
                let (device, person) = rest.split_at_checked(16).unwrap_or((rest, &[]));
                // Signed in since the backup: of the device is left whose it was, and that it is no more.
                tx.execute(
                    "INSERT OR IGNORE INTO device (device, person, name, token, created_at, ended_at)
                     SELECT ?1, id, '—', randomblob(32), ?3, ?3 FROM person WHERE person = ?2",
                    params![device, person, line.at],
                )?;
                tx.execute(
                    "INSERT OR IGNORE INTO actor (actor, device, person, bound_at)
                     SELECT ?1, id, person, ?3 FROM device WHERE device = ?2",
                    params![actor, device, line.at],
                )?;
            }
        }
        directory::ROLES_SET => {
            if let Ok(set) = serde_json::from_slice::<RolesSet>(&line.body) {
                set.carry_out(tx)?;
            }
        }
        directory::PASSWORD_ENDED => {
            let person = <[u8; 16]>::try_from(line.body.as_slice()).ok().map(PersonId);
            if let Some(person) = person.map(|person| directory::key(tx, person)).transpose()?.flatten() {
                directory::end_password(tx, person, line.at)?;
            }
        }
        cases::HELPER_SET => {
            if let Ok(set) = serde_json::from_slice::<HelperSet>(&line.body) {
                set.carry_out(tx, line.at)?;
            }
        }
        placed::DOCUMENT_PLACED => placed::again(tx, vault, &line.body, line.at)?,
        RESTORED => {}
        other => tracing::warn!(kind = other, "a line of the ledger is of a newer version: left as it is"),
    }
    Ok(())
}

/// The body of a line.
///
/// # Errors
/// [`StoreError::Failed`] when it cannot be written as JSON.
pub fn body(of: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(of).map_err(|error| StoreError::Failed(error.to_string()))
}

/// The body of a line about an erased document.
pub fn erased(document: DocumentId, case: DocumentId, kind: Kind, ward: WardRef) -> Vec<u8> {
    serde_json::json!({
        "document": document.to_string(), "case": case.to_string(), "kind": kind.code(), "ward": ward.to_string(),
    })
    .to_string()
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use donghanh_shared::seal::Key;

    use super::*;

    fn kinds(ledger: &Ledger) -> Vec<(i64, String)> {
        let lines = lines(&ledger.file, "SELECT id, at, kind, body FROM line WHERE id > ?1 ORDER BY id", 0);
        lines.expect("reads").into_iter().map(|line| (line.id, line.kind)).collect()
    }

    #[test]
    fn what_was_not_committed_takes_no_line_from_what_comes_next() {
        let folder = tempfile::tempdir().expect("folder");
        let main = Connection::open_in_memory().expect("opens");
        main.execute_batch(
            "CREATE TABLE ledger (id INTEGER PRIMARY KEY, at INTEGER, kind TEXT, body BLOB);
             CREATE TABLE scope (seq INTEGER); CREATE TABLE instance (epoch INTEGER)",
        )
        .expect("tables");
        let vault = Vault::new(Key::new([7; 32]));
        let mut ledger = Ledger::open(&folder.path().join(FILE), &main, &vault).expect("opens");
        let group = |ledger: &mut Ledger, kind: &str, end: &str| {
            main.execute_batch("BEGIN").expect("begins");
            accounts::note(&Transaction::over(&main), 1, kind, b"").expect("notes");
            ledger.keep(&main).expect("keeps");
            main.execute_batch(end).expect("ends");
        };
        group(&mut ledger, "first", "COMMIT");
        group(&mut ledger, "never committed", "ROLLBACK");
        ledger.take_back(&main).expect("takes back");
        assert_eq!(kinds(&ledger), [(1, "first".to_owned())]);
        group(&mut ledger, "second", "COMMIT");
        assert_eq!(kinds(&ledger), [(1, "first".to_owned()), (2, "second".to_owned())]);
    }
}
