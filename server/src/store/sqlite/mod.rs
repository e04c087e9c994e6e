//! The store on SQLite: WAL, `synchronous=FULL`, one writer thread with group commit, a few readers. The only place
//! that knows rusqlite.

mod accounts;
mod aftercare;
mod audit;
mod backfill;
mod care_rows;
mod case_log;
mod cases;
mod commit;
mod devices;
mod directory;
mod documents;
mod erase;
mod handed_over;
mod invitations;
mod ledger;
mod log;
mod look;
mod loose;
mod mend;
mod migrate;
mod open;
mod parked;
mod photos;
mod place;
mod placed;
mod pool;
mod pull;
mod recovered;
mod references;
mod report;
mod rows;
mod same_as;
mod secrets;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use donghanh_shared::access::Access;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::ids::{DocumentId, InstanceId};
use donghanh_shared::sync::wire::PullPage;
use rusqlite::{Connection, OptionalExtension as _, params};
use tokio::sync::broadcast;

pub use self::ledger::FILE as LEDGER;
use self::ledger::Ledger;
use self::pool::{Readers, Transaction, Writer};
use super::{
    Committed, Event, Instance, Key, Known, Log, Pending, PreparedBatch, ProjectionDump, PullQuery,
    Questions, Replayed, Store, StoreError, StoredDocument,
};
use crate::projection::Row;
use crate::vault::Vault;

/// Hints kept for whoever listens slowly.
const EVENTS: usize = 256;

/// A database file with its writer and its readers.
#[derive(Debug)]
pub struct SqliteStore {
    instance: Instance,
    vault: Arc<Vault>,
    writer: Writer,
    readers: Arc<Readers>,
    events: broadcast::Sender<Event>,
}

/// What a database is for. Fixed when it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Demo data; every screen says so.
    Demo,
    /// Real data.
    Real,
    /// Whatever the database is already; it must exist.
    AsFound,
}

impl SqliteStore {
    /// Opens the database in this file, makes it on the first call, brings its schema up to date.
    ///
    /// `fresh` is the identity given to a new database. `ledger` is the file of what must survive a restored backup.
    ///
    /// # Errors
    /// [`StoreError::Unsuitable`] when the file belongs to the other mode, to a newer build, or is missing for
    /// [`Mode::AsFound`], or when it was sealed with another master key; [`StoreError::Failed`] when SQLite fails.
    pub fn open(
        file: &Path,
        ledger: &Path,
        mode: Mode,
        vault: Arc<Vault>,
        fresh: InstanceId,
        now: Millis,
    ) -> Result<Self, StoreError> {
        if mode == Mode::AsFound && !file.exists() {
            return Err(StoreError::Unsuitable(format!("there is no database at {}", file.display())));
        }
        let mut connection = pool::connect(file)?;
        migrate::run(&mut connection)?;
        let instance = identify(&connection, mode, fresh, now)?;
        check_vault(&connection, &vault)?;
        let ledger = Ledger::open(ledger, &connection, &vault)?;
        parked::show_all(&connection, &vault)?;
        pool::compact(&connection)?;
        let epoch = connection.query_row("SELECT epoch FROM instance", [], |row| row.get(0))?;
        let instance = Instance { epoch, ..instance };
        let (events, _) = broadcast::channel(EVENTS);
        let writer = Writer::start(connection, ledger, events.clone())?;
        let readers = Arc::new(Readers::open(file)?);
        Ok(Self { instance, vault, writer, readers, events })
    }

    /// Whether a database in this file was sealed with a master key before.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub fn is_sealed(file: &Path) -> Result<bool, StoreError> {
        if !file.exists() {
            return Ok(false);
        }
        let connection = pool::connect(file)?;
        let has_column = connection
            .prepare("SELECT 1 FROM pragma_table_info('instance') WHERE name = 'vault_check'")?
            .exists([])?;
        Ok(has_column
            && connection.prepare("SELECT 1 FROM instance WHERE vault_check IS NOT NULL")?.exists([])?)
    }

    /// The master key.
    #[must_use]
    pub fn vault(&self) -> Arc<Vault> {
        Arc::clone(&self.vault)
    }

    /// Runs a query on a reader. Reports and other read-only families build on this.
    pub(super) fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Pending<'_, T> {
        let readers = Arc::clone(&self.readers);
        Box::pin(async move { readers.run(query).await })
    }

    /// Runs a change on the writer; it is durable when this returns, and undone alone when it fails.
    pub(super) fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Pending<'_, T> {
        Box::pin(self.writer.run(change))
    }

    /// Whether the projections were drawn by an older build and are to be drawn anew.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn has_old_projections(&self) -> Result<bool, StoreError> {
        self.read(rows::are_old).await
    }

    /// Every projection as text, for comparing two of them.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn dump_projections(&self) -> Result<ProjectionDump, StoreError> {
        let vault = self.vault();
        self.read(move |db| rows::dump(db, &vault)).await
    }
}

impl Store for SqliteStore {}

impl Log for SqliteStore {
    fn instance(&self) -> Instance {
        self.instance
    }

    fn last_moment(&self) -> Pending<'_, Millis> {
        self.read(|db| {
            // Of each the newest row: all three are written by this clock alone.
            let sql = "SELECT max(coalesce((SELECT received FROM change ORDER BY id DESC LIMIT 1), 0),
                coalesce((SELECT at FROM ledger ORDER BY id DESC LIMIT 1), 0),
                coalesce((SELECT created_at FROM person ORDER BY id DESC LIMIT 1), 0))";
            Ok(db.query_row(sql, [], |row| row.get(0))?)
        })
    }

    fn ping(&self) -> Pending<'_, ()> {
        self.read(|db| Ok(db.query_row("SELECT id FROM instance", [], |_| Ok(()))?))
    }

    fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    fn batch_answer(&self, device: Key, batch: u64, content: [u8; 16]) -> Pending<'_, Option<Vec<u8>>> {
        self.read(move |db| look::batch_answer(db, device, batch, content))
    }

    fn look(&self, questions: Questions) -> Pending<'_, Known> {
        self.read(move |db| look::look(db, &questions))
    }

    fn documents(&self, ids: Vec<DocumentId>) -> Pending<'_, HashMap<DocumentId, StoredDocument>> {
        let vault = self.vault();
        self.read(move |db| look::documents(db, &vault, &ids))
    }

    fn commit(&self, batch: PreparedBatch) -> Pending<'_, Committed> {
        let vault = self.vault();
        self.write(move |tx| commit::commit(tx, &vault, batch))
    }

    fn scope_numbers(&self, access: Access) -> Pending<'_, Vec<u32>> {
        self.read(move |db| log::numbers(db, &access))
    }

    fn pull(&self, query: PullQuery) -> Pending<'_, PullPage> {
        let (epoch, vault) = (self.instance.epoch, self.vault());
        Box::pin(async move {
            let (page, delivered) = self.read(move |db| pull::page(db, epoch, &vault, &query)).await?;
            if let Some(delivered) = delivered
                && let Err(error) = self.write(move |tx| case_log::delivered(tx, &delivered)).await
            {
                tracing::error!(%error, "the access log lacks a delivery");
            }
            Ok(page)
        })
    }

    fn replay(&self, after: Key, limit: u32) -> Pending<'_, Vec<Replayed>> {
        let vault = self.vault();
        self.read(move |db| look::replay(db, &vault, after, limit))
    }

    fn replace_projections(&self, rows: Vec<(DocumentId, Row)>) -> Pending<'_, ()> {
        let vault = self.vault();
        self.write(move |tx| rows::replace_all(tx, &vault, &rows))
    }

    fn checkpoint(&self) -> Pending<'_, ()> {
        Box::pin(self.writer.checkpoint())
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// The first start keeps a check of the master key; every later one compares.
fn check_vault(connection: &Connection, vault: &Vault) -> Result<(), StoreError> {
    let kept: Option<Vec<u8>> =
        connection.query_row("SELECT vault_check FROM instance", [], |row| row.get(0))?;
    match kept {
        Some(check) if vault.is_of(&check) => Ok(()),
        Some(_) => Err(StoreError::Unsuitable("this database was sealed with another master key".to_owned())),
        None => {
            connection.execute("UPDATE instance SET vault_check = ?1", [vault.check()?])?;
            Ok(())
        }
    }
}

fn identify(
    connection: &Connection,
    mode: Mode,
    fresh: InstanceId,
    now: Millis,
) -> Result<Instance, StoreError> {
    let found = connection
        .query_row("SELECT instance, epoch, demo FROM instance", [], |row| {
            Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, u32>(1)?, row.get::<_, bool>(2)?))
        })
        .optional()?;
    if let Some((id, epoch, demo)) = found {
        let fits = match mode {
            Mode::Demo => demo,
            Mode::Real => !demo,
            Mode::AsFound => true,
        };
        return if fits {
            Ok(Instance { id: InstanceId(id), epoch, demo })
        } else {
            let holds = if demo { "demo data" } else { "real data" };
            Err(StoreError::Unsuitable(format!("this directory holds {holds}; demo and real data never mix")))
        };
    }
    let demo = mode == Mode::Demo;
    connection.execute(
        "INSERT INTO instance (id, instance, epoch, demo, created_at) VALUES (1, ?1, 1, ?2, ?3)",
        params![fresh.0, demo, now],
    )?;
    connection.execute(
        "INSERT INTO scope (id, scope, seq, chain, digest, documents) VALUES (1, 'reference', 0, 0, zeroblob(16), 0)",
        [],
    )?;
    Ok(Instance { id: fresh, epoch: 1, demo })
}
