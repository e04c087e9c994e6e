//! The start of the app: who uses this phone, their store, what it holds; then, and only then, the server.

use std::rc::Rc;
use std::sync::Arc;

use donghanh_shared::domain::aftercare::AftercareRules;
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::InstanceId;
use donghanh_shared::seal::Key;
use donghanh_shared::seal::outbox::Sender;
use donghanh_shared::sync::wire::to_bytes;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};

use super::account::{KEPT, Kept, SessionAnswer};
use super::engine::Engine;
use super::notices::{on_notice, on_tab, read_names, show_beginning, show_me};
use super::{AppState, DemoSignIn, OutboxStatus, Phase, Register, SyncStatus, lock, secret};
use crate::browser::{self, Tabs};
use crate::kdf;
use crate::store::{Closed, DeviceStore, Opened, Profile};
use crate::sync::transport::{Transport, read};
use crate::sync::{Driver, Identity, SCOPES, Scopes, Start};

/// The app locks after five minutes without a touch, and after two out of sight; with a camera or a file picker open,
/// after ten.
const IDLE_MS: (f64, f64, f64) = (300_000.0, 120_000.0, 600_000.0);

/// What the server says about itself.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct InstanceAnswer {
    pub instance: InstanceId,
    pub demo: bool,
    pub set_up: bool,
    #[serde(default)]
    pub today: Option<Date>,
    #[serde(default)]
    pub demo_sign_ins: Vec<DemoSignIn>,
}

/// Starts the app; see [`AppState::start`].
pub(super) async fn start(state: AppState) {
    browser::on_update(move || state.update_ready.set(true));
    browser::on_awake(move || state.sync_now());
    browser::on_idle(IDLE_MS, move || {
        if state.phase.get_untracked() == Phase::Ready {
            spawn_local(async move {
                // What cannot be shown locked is at least closed.
                if let Err(problem) = lock::lock(state).await {
                    state.phase.set(Phase::StoreBroken(problem));
                }
            });
        }
    });
    take_link(state);
    browser::on_fragment(move || take_link(state));
    if let Err(problem) = begin(state).await {
        state.phase.set(Phase::StoreBroken(problem));
    }
}

/// Shows who uses this phone, or asks somebody to sign in.
pub(super) async fn begin(state: AppState) -> Result<(), Problem> {
    let device = DeviceStore::open().await?;
    let people = device.people().await?;
    if people.is_empty() {
        state.phase.set(Phase::Starting);
        greet(state, &device).await;
        return Ok(());
    }
    lock::show_people(state, &people).await;
    state.phase.set(Phase::Locked);
    kdf::rehearse();
    spawn_local(lock::send_locked(state));
    Ok(())
}

/// Nobody is signed in: what the server said last time, then what it says now.
pub(super) async fn greet(state: AppState, device: &DeviceStore) {
    let kept = device.instance().await.ok().flatten();
    if let Some(answer) = kept.and_then(|json| read::<InstanceAnswer>(json.as_bytes()).ok()) {
        show_instance(state, &answer);
    }
    match Transport::default().get_text("/api/v1/instance").await {
        Ok(json) => {
            if let Ok(answer) = read::<InstanceAnswer>(json.as_bytes()) {
                show_instance(state, &answer);
                // It is only for the next start; without it that start asks the server.
                let _ = device.keep_instance(&json).await;
            }
            state.sync.update(|sync| sync.problem = None);
        }
        Err(problem) => {
            state.sync.update(|sync| sync.problem = Some(problem));
            if state.phase.get_untracked() == Phase::Starting {
                state.phase.set(Phase::SignedOut);
            }
        }
    }
}

fn show_instance(state: AppState, answer: &InstanceAnswer) {
    state.demo.set(answer.demo);
    state.demo_sign_ins.set(answer.demo_sign_ins.clone());
    // Whoever has gone on meanwhile is not thrown back by an answer that comes late.
    if matches!(state.phase.get_untracked(), Phase::Starting | Phase::SignedOut | Phase::NeedsSetUp) {
        state.phase.set(if answer.set_up { Phase::SignedOut } else { Phase::NeedsSetUp });
    }
}

/// What can be read before the data key is there.
pub(super) struct Sealed {
    closed: Closed,
    /// Whether records of this person still lie here as an app of before kept them.
    unsealed: bool,
}

impl Sealed {
    /// Reads it.
    pub async fn read(device: &DeviceStore, profile: &Profile) -> Result<Self, Problem> {
        let (instance, person) = (profile.instance, profile.person);
        let unsealed = device.unsealed().await?;
        let unsealed = unsealed.is_some_and(|old| (old.instance, old.person) == (instance, person));
        let closed = Closed::read(instance, person).await?;
        browser::mark("store-read");
        Ok(Self { closed, unsealed })
    }

    /// Leaves it sealed.
    pub fn leave(&self) {
        self.closed.leave();
    }
}

/// Opens somebody's store with their data key and shows what it holds.
pub(super) async fn open(
    state: AppState,
    device: &DeviceStore,
    profile: Profile,
    data: Key,
) -> Result<(), Problem> {
    let sealed = Sealed::read(device, &profile).await?;
    open_read(state, device, profile, data, sealed).await
}

/// The same when it was read before.
pub(super) async fn open_read(
    state: AppState,
    device: &DeviceStore,
    profile: Profile,
    data: Key,
    sealed: Sealed,
) -> Result<(), Problem> {
    let Profile { instance, person, .. } = profile;
    let Opened { store, mut beginning, lost } = sealed.closed.open(&data, profile.filled).await?;
    let kept = in_time(beginning.meta.get(KEPT)).await?;
    let session: SessionAnswer = read(kept.session.as_bytes())?;
    if let (Some(mark), Some(server)) = (&kept.mark, &kept.server)
        && let (Some(mark), Ok(server)) = (Key::from_slice(mark), <[u8; 32]>::try_from(server.as_slice()))
    {
        store.seal_to_server(Sender::new(profile.device, server, mark, secret::random_key()));
    }
    if sealed.unsealed {
        store.take_unsealed(instance, person).await?;
        device.forget_unsealed().await?;
        beginning = store.begin().await?;
    }
    let transport = Rc::new(Transport::default());
    transport.set_token(kept.token.clone());
    let name = session.person.name.clone();
    let identity = Identity { instance, device: profile.device, person, name };
    let engine = Rc::new(Engine::new(Rc::new(store), transport, identity, data));
    let heard = Rc::downgrade(&engine);
    let tabs = Tabs::join(&format!("donghanh-{instance}-{person}"), move |text| {
        if let Some(engine) = heard.upgrade() {
            on_tab(state, &engine, &text);
        }
    });
    engine.tabs.replace(Some(tabs));
    show_beginning(state, &engine, beginning);
    state.demo.set(session.demo);
    show_me(state, session.into_me());
    state.store_lost.set(lost);
    state.engine.set_value(Some(Rc::clone(&engine)));
    state.phase.set(Phase::Ready);
    browser::painted().await;
    browser::mark("list-usable");
    kdf::dismiss();
    engine.store.keep_meta(KEPT, &to_bytes(&kept)).await?;
    read_names(state, &engine).await;
    let may_hold_cases = profile.lock.may_hold_cases();
    device.keep(&Profile { filled: true, used_at: browser::now(), ..profile }).await?;
    spawn_local(lead(state, Rc::clone(&engine), may_hold_cases));
    spawn_local(super::account::refresh(state, engine));
    spawn_local(look_at_storage(state));
    Ok(())
}

/// What the store keeps of the session, if the phone may be opened: after too long without contact the server is asked
/// first. Nothing stored is lost meanwhile, and what waits is handed in while the app is locked.
async fn in_time(kept: Option<&Vec<u8>>) -> Result<Kept, Problem> {
    let kept = kept.ok_or_else(|| Problem::new(Code::NotSignedIn))?;
    let kept: Kept = minicbor::decode(kept).map_err(|_| Problem::new(Code::StoreFailed))?;
    let now = browser::now();
    if kept.may_open(now) {
        return Ok(Kept { seen_at: kept.seen_at.max(now), ..kept });
    }
    let transport = Transport::default();
    transport.set_token(kept.token.clone());
    let told = transport.get::<SessionAnswer>("/api/v1/session").await;
    let answer = told.map_err(|problem| {
        if problem.code == Code::NoConnection { Problem::new(Code::ContactNeeded) } else { problem }
    })?;
    Kept::of(&answer, Some(kept))
}

/// Takes everything of the person out of the signals.
pub(super) fn close(state: AppState) {
    if let Some(engine) = state.engine.try_update_value(Option::take).flatten() {
        if let Some(driver) = engine.driver.take() {
            driver.stop();
        }
        if let Some(tabs) = engine.tabs.take() {
            tabs.leave();
        }
    }
    state.tab_leads.set(false);
    state.me.set(None);
    state.summaries.set(Arc::default());
    state.register.set(Arc::new(Register::default()));
    state.rules.set(Arc::new(AftercareRules::shipped()));
    state.names.set(Arc::default());
    state.mine.set(Arc::default());
    state.outbox.set(OutboxStatus::default());
    state.sync.set(SyncStatus::default());
}

/// Waits until this tab is the one that syncs, then syncs.
async fn lead(state: AppState, engine: Rc<Engine>, may_hold_cases: bool) {
    let Identity { instance, person, .. } = &engine.identity;
    browser::lead(&format!("donghanh-sync-{instance}-{person}")).await;
    // The tab that led before may have read on, so this is read only now.
    let Ok(kept) = engine.store.meta(SCOPES).await else { return };
    // Locked meanwhile, a driver would go on with the keys in its hand.
    if !state.engine().is_ok_and(|current| Rc::ptr_eq(&current, &engine)) {
        return;
    }
    let scopes = kept.and_then(|bytes| minicbor::decode::<Scopes>(&bytes).ok()).unwrap_or_default();
    let told = Rc::downgrade(&engine);
    let notify = Box::new(move |notice| {
        if let Some(engine) = told.upgrade() {
            on_notice(state, &engine, notice);
        }
    });
    let (store, transport) = (Rc::clone(&engine.store), Rc::clone(&engine.transport));
    let driver = Driver::new(Start {
        store,
        transport,
        identity: engine.identity.clone(),
        scopes,
        may_hold_cases,
        notify,
    });
    engine.driver.replace(Some(Rc::clone(&driver)));
    state.tab_leads.set(true);
    driver.run();
}

/// An invitation or the link of the first set-up, which came with the address.
fn take_link(state: AppState) {
    let Some(fragment) = browser::take_fragment() else { return };
    let mut parts = fragment.split('/').filter(|part| !part.is_empty());
    match (parts.next(), parts.next()) {
        (Some("join"), Some(token)) => state.invitation.set(Some(token.to_owned())),
        (Some("set-up"), Some(token)) => state.set_up_token.set(Some(token.to_owned())),
        _ => {}
    }
}

async fn look_at_storage(state: AppState) {
    if let Some((used, quota, persisted)) = browser::storage().await {
        state.sync.update(|sync| {
            sync.storage = Some((used, quota));
            sync.persisted = Some(persisted);
        });
    }
}
