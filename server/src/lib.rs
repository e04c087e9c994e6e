//! The Đồng Hành server: takes changes from phones, merges, keeps and reports them, and serves the app.
//!
//! `http` → { `auth`, `sync`, `reports`, `admin` } → `audit` → `store` (traits) ← `store::sqlite`; `projection` alone makes what reports
//! read. axum stays in `http` and in this file, rusqlite in `store::sqlite`.

pub mod admin;
pub mod audit;
pub mod auth;
mod clock;
pub mod demo;
pub mod http;
pub mod merger;
mod problem;
pub mod projection;
mod qr;
pub mod reports;
pub mod state;
pub mod store;
pub mod sync;
pub mod vault;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use donghanh_shared::domain::date::Millis;
use donghanh_shared::ids::InstanceId;

use crate::merger::Merger;
pub use crate::state::{AppState, Clock, Settings};
use crate::store::StoreError;
use crate::store::sqlite::{LEDGER, Mode, SqliteStore};
use crate::vault::{MASTER_KEY, Vault};

/// Name of the database inside the data directory.
pub const DATABASE: &str = "donghanh.sqlite";

/// How to build the application.
#[derive(Clone)]
pub struct Config {
    /// Where the database is; made when missing.
    pub data: PathBuf,
    /// What the database is for.
    pub mode: Mode,
    /// Where the master key is; in the data directory when absent. Better elsewhere: see `docs/security.md`.
    pub master_key: Option<PathBuf>,
    /// Tells the time.
    pub clock: Clock,
    /// Where the ledger is: what must survive a restored backup (erasures, devices taken away). Beside the database when
    /// absent. Better where the database's backups are not.
    pub ledger: Option<PathBuf>,
    /// What whoever runs the server may choose.
    pub settings: Settings,
    /// Where changes from outside are merged.
    pub merger: Merger,
}

impl Config {
    /// With the system's clock. Changes are merged in this process: whoever lets strangers in sets [`Merger::apart`].
    #[must_use]
    pub fn new(data: PathBuf, mode: Mode) -> Self {
        let (clock, settings) = (Arc::new(system_time), Settings::default());
        Self { data, mode, master_key: None, ledger: None, clock, settings, merger: Merger::here() }
    }
}

/// The system's clock, milliseconds since 1970.
#[must_use]
pub fn system_time() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}

/// The application, ready to be served or called in-process.
#[derive(Clone, Debug)]
pub struct Application {
    /// Every route.
    pub router: axum::Router,
    /// What the routes share; for calling [`sync::push`] and [`sync::pull`] without a socket.
    pub state: AppState,
    /// The store by its own type, for what only tests and tools need.
    pub sqlite: Arc<SqliteStore>,
}

impl Application {
    /// Opens the database and builds the routes. A demo that is still empty is not filled here: see [`demo::fill`].
    ///
    /// # Errors
    /// [`StoreError`] of [`SqliteStore::open`].
    pub async fn build(config: Config) -> Result<Self, StoreError> {
        let fresh = InstanceId(auth::secrets::random()?);
        let merger = config.merger.clone();
        let opened = tokio::task::spawn_blocking(move || {
            if config.mode != Mode::AsFound {
                std::fs::create_dir_all(&config.data)
                    .map_err(|error| StoreError::Failed(error.to_string()))?;
            }
            let now = (config.clock)();
            let database = config.data.join(DATABASE);
            if config.mode == Mode::AsFound && !database.exists() {
                let place = database.display();
                return Err(StoreError::Unsuitable(format!("there is no database at {place}")));
            }
            let key = config.master_key.unwrap_or_else(|| config.data.join(MASTER_KEY));
            // A database that was sealed with a key must not get another one.
            let vault = Arc::new(Vault::open(&key, !SqliteStore::is_sealed(&database)?)?);
            let ledger = config.ledger.unwrap_or_else(|| config.data.join(LEDGER));
            let store = SqliteStore::open(&database, &ledger, config.mode, vault, fresh, now)?;
            Ok::<_, StoreError>((store, config.clock, config.settings))
        });
        let (store, clock, settings) =
            opened.await.map_err(|error| StoreError::Failed(error.to_string()))??;
        let sqlite = Arc::new(store);
        let clock = clock::steady(clock, store::Log::last_moment(&*sqlite).await?);
        let shared = Arc::clone(&sqlite) as Arc<dyn store::Store>;
        if sqlite.has_old_projections().await?
            && let Err(error) = projection::rebuild::rebuild(&shared).await
        {
            // Records go on being taken; only reports lack what this build counts.
            tracing::error!(%error, "the projections were not drawn anew");
        }
        let sign_ins = if store::Log::instance(&*sqlite).demo { demo::sign_ins(clock()) } else { Vec::new() };
        let is_empty = store::Accounts::is_empty(&*sqlite).await?;
        let set_up = is_empty.then(auth::secrets::Token::draw).transpose()?;
        let state = AppState::new(shared, sqlite.vault(), clock, settings, merger, set_up, sign_ins);
        Ok(Self { router: http::router(state.clone()), state, sqlite })
    }
}
