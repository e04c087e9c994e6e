//! The start of the app: who uses this phone, their store, what it holds; then, and only then, the server.

use std::rc::Rc;
use std::sync::Arc;

use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::error::Problem;
use donghanh_shared::ids::InstanceId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};

use super::account::SessionAnswer;
use super::engine::Engine;
use super::notices::{on_notice, on_tab, read_names, show_beginning};
use super::{AppState, DemoSignIn, OutboxStatus, Phase, Register, SyncStatus};
use crate::browser::{self, Tabs};
use crate::store::{DeviceRecord, DeviceStore, Store};
use crate::sync::transport::{Transport, read};
use crate::sync::{Driver, Identity, SCOPES, Scopes, Start};

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
    if let Err(problem) = begin(state).await {
        state.phase.set(Phase::StoreBroken(problem));
    }
}

async fn begin(state: AppState) -> Result<(), Problem> {
    let device = DeviceStore::open().await?;
    if let Some(record) = device.current().await? {
        open(state, &device, record).await?;
    } else {
        greet(state, &device).await;
    }
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
    state.phase.set(if answer.set_up { Phase::SignedOut } else { Phase::NeedsSetUp });
}

/// Opens the store of whoever is signed in and shows what it holds.
pub(super) async fn open(state: AppState, device: &DeviceStore, record: DeviceRecord) -> Result<(), Problem> {
    let session: SessionAnswer = read(record.session.as_bytes())?;
    let (store, lost) = Store::open(record.instance, record.person, record.filled).await?;
    let beginning = store.begin().await?;
    let transport = Rc::new(Transport::default());
    transport.set_token(record.token.clone());
    let identity = Identity {
        instance: record.instance,
        device: record.device,
        person: record.person,
        name: session.person.name.clone(),
    };
    let engine = Rc::new(Engine::new(Rc::new(store), transport, identity));
    let heard = Rc::downgrade(&engine);
    let tabs = Tabs::join(&format!("donghanh-{}-{}", record.instance, record.person), move |text| {
        if let Some(engine) = heard.upgrade() {
            on_tab(state, &engine, &text);
        }
    });
    engine.tabs.replace(Some(tabs));
    show_beginning(state, &engine, beginning);
    session.show(state);
    state.store_lost.set(lost);
    state.engine.set_value(Some(Rc::clone(&engine)));
    state.phase.set(Phase::Ready);
    browser::painted().await;
    browser::mark("list-usable");
    read_names(state, &engine).await;
    if !record.filled {
        device.keep(Some(&DeviceRecord { filled: true, ..record })).await?;
    }
    spawn_local(lead(state, Rc::clone(&engine)));
    spawn_local(super::account::refresh(state, engine));
    spawn_local(look_at_storage(state));
    Ok(())
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
    state.names.set(Arc::default());
    state.outbox.set(OutboxStatus::default());
    state.sync.set(SyncStatus::default());
}

/// Waits until this tab is the one that syncs, then syncs.
async fn lead(state: AppState, engine: Rc<Engine>) {
    let Identity { instance, person, .. } = &engine.identity;
    browser::lead(&format!("donghanh-sync-{instance}-{person}")).await;
    let current = state.engine().is_ok_and(|current| Rc::ptr_eq(&current, &engine));
    // The tab that led before may have read on, so this is read only now.
    let Ok(kept) = engine.store.meta(SCOPES).await else { return };
    if !current {
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
    let driver = Driver::new(Start { store, transport, identity: engine.identity.clone(), scopes, notify });
    engine.driver.replace(Some(Rc::clone(&driver)));
    state.tab_leads.set(true);
    driver.run();
}

async fn look_at_storage(state: AppState) {
    if let Some((used, quota, persisted)) = browser::storage().await {
        state.sync.update(|sync| {
            sync.storage = Some((used, quota));
            sync.persisted = Some(persisted);
        });
    }
}
