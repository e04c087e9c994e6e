//! One writer thread that commits many changes at once, and a few read-only connections. Bounded on both sides: who
//! comes when the queue is full waits.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use tokio::sync::{Semaphore, broadcast, mpsc, oneshot};

use super::ledger::Ledger;
use crate::store::{Event, StoreError};

/// Changes that may wait for the writer.
const QUEUE: usize = 64;
/// Changes committed at once at most.
const GROUP: usize = 64;
/// Read-only connections.
const READERS: usize = 4;
/// Page cache of one connection, in KiB.
const CACHE_KIB: i32 = 4096;
/// What is left of the write-ahead log after a checkpoint, in bytes.
const WAL_LEFT: i64 = 1 << 20;

/// Opens a connection that may write.
pub fn connect(file: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "journal_size_limit", WAL_LEFT)?;
    tune(&connection)?;
    Ok(connection)
}

fn tune(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.set_prepared_statement_cache_capacity(128);
    // A statement that a partial index might serve for some parameters would be parsed anew whenever it gets others: half of
    // what looking up a session costs.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// A change in the course of a group commit.
#[derive(Debug)]
pub struct Transaction<'a> {
    connection: &'a Connection,
    /// Events to send once it is durable.
    pub changed_scopes: BTreeSet<u32>,
    /// Further events to send once it is durable.
    pub events: Vec<Event>,
}

impl<'a> Transaction<'a> {
    /// Over a connection on which a transaction has begun.
    pub fn over(connection: &'a Connection) -> Self {
        Self { connection, changed_scopes: BTreeSet::new(), events: Vec::new() }
    }
}

impl std::ops::Deref for Transaction<'_> {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        self.connection
    }
}

type Reply = Box<dyn FnOnce(Result<(), &StoreError>) + Send>;
type Change = Box<dyn FnOnce(&mut Transaction<'_>) -> (bool, Reply) + Send>;

/// What is done to the file itself.
type Upkeep = fn(&Connection) -> Result<(), StoreError>;

enum Job {
    Change(Change),
    /// Between two groups.
    Upkeep(Upkeep, oneshot::Sender<Result<(), StoreError>>),
}

/// The way to the writer thread.
#[derive(Debug)]
pub struct Writer {
    jobs: mpsc::Sender<Job>,
}

impl Writer {
    /// Starts the thread. It ends when the last sender is dropped.
    pub fn start(
        connection: Connection,
        mut ledger: Ledger,
        events: broadcast::Sender<Event>,
    ) -> Result<Self, StoreError> {
        let (jobs, mut queue) = mpsc::channel(QUEUE);
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                while let Some(first) = queue.blocking_recv() {
                    let mut group = vec![first];
                    while group.len() < GROUP {
                        match queue.try_recv() {
                            Ok(job) => group.push(job),
                            Err(_) => break,
                        }
                    }
                    carry_out(&connection, &mut ledger, &events, group);
                }
                // Best effort: a log that is left over is folded in at the next start.
                let _ = truncate(&connection);
            })
            .map_err(|error| StoreError::Failed(error.to_string()))?;
        Ok(Self { jobs })
    }

    /// Hands a change to the thread and waits until it is durable.
    pub fn run<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> impl Future<Output = Result<T, StoreError>> + Send + 'static {
        let (answer, done) = oneshot::channel();
        let job: Change = Box::new(move |transaction| {
            let outcome = change(transaction);
            let keep = outcome.is_ok();
            let reply: Reply = Box::new(move |committed| {
                let outcome = match committed {
                    Ok(()) => outcome,
                    Err(error) => outcome.and_then(|_| Err(StoreError::Failed(error.to_string()))),
                };
                // Whoever asked may have gone.
                let _ = answer.send(outcome);
            });
            (keep, reply)
        });
        let jobs = self.jobs.clone();
        async move {
            jobs.send(Job::Change(job)).await.map_err(|_| gone())?;
            done.await.map_err(|_| gone())?
        }
    }

    /// Folds the write-ahead log back into the database file and cuts it.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        self.upkeep(truncate).await
    }

    /// Rewrites the file without its free pages, if something in them is to be gone.
    pub async fn compact(&self) -> Result<(), StoreError> {
        self.upkeep(compact).await
    }

    async fn upkeep(&self, what: Upkeep) -> Result<(), StoreError> {
        let (answer, done) = oneshot::channel();
        self.jobs.send(Job::Upkeep(what, answer)).await.map_err(|_| gone())?;
        done.await.map_err(|_| gone())?
    }
}

fn gone() -> StoreError {
    StoreError::Failed("the writer has stopped".to_owned())
}

fn truncate(connection: &Connection) -> Result<(), StoreError> {
    Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
}

/// Rewrites the database without its free pages, if something was erased since the last time. Until it succeeded, the
/// database remembers that it has to.
pub fn compact(connection: &Connection) -> Result<(), StoreError> {
    let due: bool = connection
        .query_row("SELECT to_compact FROM instance", [], |row| row.get(0))
        .optional()?
        .unwrap_or_default();
    if !due {
        return Ok(());
    }
    connection.execute_batch("VACUUM; UPDATE instance SET to_compact = 0")?;
    // Pages of before lie in the write-ahead log as well.
    truncate(connection)
}

/// One transaction for the group; a change that fails is undone alone.
fn carry_out(
    connection: &Connection,
    ledger: &mut Ledger,
    events: &broadcast::Sender<Event>,
    group: Vec<Job>,
) {
    let mut replies: Vec<Reply> = Vec::with_capacity(group.len());
    let mut upkeep = Vec::new();
    let mut hints = Transaction::over(connection);
    let begun = connection.execute_batch("BEGIN IMMEDIATE").map_err(StoreError::from);
    let mut broken = begun.err();
    for job in group {
        match job {
            Job::Upkeep(what, answer) => upkeep.push((what, answer)),
            // Dropping it tells whoever asked that nothing was written.
            Job::Change(_) if broken.is_some() => {}
            Job::Change(change) => match in_savepoint(connection, &mut hints, change) {
                Ok(reply) => replies.push(reply),
                Err(error) => broken = Some(error),
            },
        }
    }
    if broken.is_none() {
        broken = ledger.keep(connection).err();
    }
    if broken.is_none() {
        broken = connection.execute_batch("COMMIT").map_err(StoreError::from).err();
    }
    if let Some(error) = &broken {
        tracing::error!(%error, "a group of changes was not committed");
        let _ = connection.execute_batch("ROLLBACK");
        if let Err(error) = ledger.take_back(connection) {
            tracing::error!(%error, "the ledger tells of changes that were not committed");
        }
    } else {
        let Transaction { changed_scopes, events: more, .. } = hints;
        // Nobody may be listening.
        if !changed_scopes.is_empty() {
            let _ = events.send(Event::Changed(changed_scopes.into_iter().collect()));
        }
        more.into_iter().for_each(|event| drop(events.send(event)));
    }
    let wrote = broken.is_none() && !replies.is_empty();
    // Before anybody hears that it is kept: whatever was answered, a copy without it is noticed.
    if wrote && let Err(error) = ledger.note_reached(connection) {
        tracing::warn!(%error, "the ledger does not know how long the logs are");
    }
    replies.into_iter().for_each(|reply| reply(broken.as_ref().map_or(Ok(()), Err)));
    upkeep.into_iter().for_each(|(what, answer)| drop(answer.send(what(connection))));
}

fn in_savepoint(
    connection: &Connection,
    hints: &mut Transaction<'_>,
    change: Change,
) -> Result<Reply, StoreError> {
    connection.execute_batch("SAVEPOINT change")?;
    let mut own = Transaction::over(connection);
    let (keep, reply) = change(&mut own);
    if keep {
        hints.changed_scopes.append(&mut own.changed_scopes);
        hints.events.append(&mut own.events);
        connection.execute_batch("RELEASE change")?;
    } else {
        connection.execute_batch("ROLLBACK TO change; RELEASE change")?;
    }
    Ok(reply)
}

/// Read-only connections.
#[derive(Debug)]
pub struct Readers {
    file: PathBuf,
    free: Semaphore,
    connections: Mutex<Vec<Connection>>,
}

impl Readers {
    /// Opens the first; the others when so many are needed at once.
    pub fn open(file: &Path) -> Result<Self, StoreError> {
        let connections = Mutex::new(vec![reader(file)?]);
        Ok(Self { file: file.to_owned(), free: Semaphore::new(READERS), connections })
    }

    /// Runs a query in one read transaction, off the async threads.
    pub async fn run<T: Send + 'static>(
        self: std::sync::Arc<Self>,
        query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let this = std::sync::Arc::clone(&self);
        let permit = this.free.acquire().await.map_err(|error| StoreError::Failed(error.to_string()))?;
        let task = tokio::task::spawn_blocking(move || {
            let connection = self.take()?;
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                connection.execute_batch("BEGIN")?;
                query(&connection)
            }));
            let ended = connection.execute_batch("ROLLBACK");
            self.connections.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            let value = outcome.map_err(|_| StoreError::Failed("a query panicked".to_owned()))??;
            ended?;
            Ok(value)
        });
        let outcome = task.await.map_err(|error| StoreError::Failed(error.to_string()))?;
        drop(permit);
        outcome
    }

    fn take(&self) -> Result<Connection, StoreError> {
        let free = self.connections.lock().unwrap_or_else(PoisonError::into_inner).pop();
        free.map_or_else(|| reader(&self.file), Ok)
    }
}

fn reader(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    tune(&connection)?;
    Ok(connection)
}
