//! What every request shares: the store, the clock, and the places that bound how much is worked on at once.

use std::fmt;
use std::sync::Arc;
use std::thread::available_parallelism;

use donghanh_shared::domain::Date;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::{Code, Problem};
use serde::Serialize;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, watch};

use crate::audit::Recent;
use crate::auth::attempts::Attempts;
use crate::auth::secrets::Token;
use crate::merger::Merger;
use crate::store::Store;
use crate::vault::Vault;

/// Batches unpacked at the same time; the others wait compressed.
const PUSH_PLACES: usize = 6;

/// Tells the time; tests hand in their own.
pub type Clock = Arc<dyn Fn() -> Millis + Send + Sync>;

/// A sign-in that the demo shows to everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DemoSignIn {
    /// Name to sign in with.
    pub name: String,
    /// Password.
    pub password: String,
    /// Who that is, in Vietnamese.
    pub who: String,
}

/// What whoever runs the server may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Hours after which a phone that was not in contact with the server stays closed.
    pub offline_hours: u32,
    /// A proxy in front of the server says in `X-Forwarded-For` who calls.
    pub behind_proxy: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { offline_hours: 72, behind_proxy: false }
    }
}

/// Shared by every request; cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    vault: Arc<Vault>,
    clock: Clock,
    cores: Arc<Semaphore>,
    push_places: Arc<Semaphore>,
    passwords: Mutex<()>,
    attempts: Attempts,
    recent_lines: Recent,
    settings: Settings,
    merger: Merger,
    set_up: Option<Token>,
    demo_sign_ins: Vec<DemoSignIn>,
    ending: watch::Sender<bool>,
}

impl fmt::Debug for AppState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppState").field("instance", &self.0.store.instance()).finish_non_exhaustive()
    }
}

impl AppState {
    /// State over a store; `set_up` is the token of the set-up that is still to be done.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        vault: Arc<Vault>,
        clock: Clock,
        settings: Settings,
        merger: Merger,
        set_up: Option<Token>,
        demo_sign_ins: Vec<DemoSignIn>,
    ) -> Self {
        // One more than there are: who waits for a process that merges keeps no core busy.
        let cores = available_parallelism().map_or(2, usize::from) + 1;
        Self(Arc::new(Inner {
            store,
            vault,
            clock,
            cores: Arc::new(Semaphore::new(cores)),
            push_places: Arc::new(Semaphore::new(PUSH_PLACES)),
            passwords: Mutex::new(()),
            attempts: Attempts::default(),
            recent_lines: Recent::default(),
            settings,
            merger,
            set_up,
            demo_sign_ins,
            ending: watch::Sender::new(false),
        }))
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.0.store
    }

    /// The master key and what is drawn from it.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.0.vault
    }

    /// The moment, by the server's clock.
    #[must_use]
    pub fn now(&self) -> Millis {
        (self.0.clock)()
    }

    /// The day in Vietnam.
    #[must_use]
    pub fn today(&self) -> Date {
        Date::of_moment(self.now())
    }

    /// The sign-ins that the demo shows; none with real data.
    #[must_use]
    pub fn demo_sign_ins(&self) -> &[DemoSignIn] {
        &self.0.demo_sign_ins
    }

    /// What whoever runs the server chose.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.0.settings
    }

    /// Where changes from outside are merged.
    pub(crate) fn merger(&self) -> &Merger {
        &self.0.merger
    }

    /// The token that the set-up asks for, if this process began with an empty database. Only shown where the server
    /// itself speaks: whoever reads its log set it up.
    #[must_use]
    pub fn set_up_token(&self) -> Option<&Token> {
        self.0.set_up.as_ref()
    }

    /// Lines of the audit written just now.
    pub(crate) fn recent_lines(&self) -> &Recent {
        &self.0.recent_lines
    }

    /// Failed sign-ins.
    pub(crate) fn attempts(&self) -> &Attempts {
        &self.0.attempts
    }

    /// Hashing a password takes 19 MiB: one at a time.
    pub(crate) fn passwords(&self) -> &Mutex<()> {
        &self.0.passwords
    }

    /// Says that the server is about to end, so that streams close.
    pub fn end(&self) {
        self.0.ending.send_replace(true);
    }

    /// Turns `true` when the server is about to end.
    #[must_use]
    pub fn ending(&self) -> watch::Receiver<bool> {
        self.0.ending.subscribe()
    }

    /// Waits for one of the places for batches.
    pub(crate) async fn push_place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.0.push_places).acquire_owned().await.map_err(|_| Problem::new(Code::Busy))
    }

    /// Waits for a core.
    pub(crate) async fn core(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.0.cores).acquire_owned().await.map_err(|_| Problem::new(Code::Busy))
    }

    /// Runs something that keeps a core busy, off the async threads.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let core = self.core().await?;
        // Whoever asked may be gone before it is done: the core is busy until then.
        let work = move || (work(), drop(core)).0;
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|error| {
            tracing::error!(%error, "a computation failed");
            Problem::new(Code::Internal)
        })
    }
}
