//! Signing in and out, setting up, accounts: what needs the server.

use std::rc::Rc;

use donghanh_shared::access::{Access, Role};
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{DeviceId, InstanceId, PersonId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::engine::Engine;
use super::{Account, AppState, Commune, Me, NewAccount, Phase, SetUpForm, start};
use crate::browser;
use crate::store::{DeviceRecord, DeviceStore};
use crate::sync::transport::{Transport, read};

/// What the server says about a session.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct SessionAnswer {
    #[serde(default, skip_serializing)]
    pub token: Option<String>,
    pub device: DeviceId,
    pub person: PersonAnswer,
    pub instance: InstanceId,
    pub demo: bool,
    pub access: Access,
    #[serde(default)]
    pub home: Option<HomeAnswer>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct PersonAnswer {
    pub id: PersonId,
    pub name: String,
}

#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(super) struct HomeAnswer {
    #[serde(default)]
    pub ward: Option<WardRef>,
    #[serde(default)]
    pub organisation: Option<OrganisationId>,
    #[serde(default)]
    pub role: Option<Role>,
}

impl SessionAnswer {
    /// Shows who is signed in.
    pub fn show(self, state: AppState) {
        let home = self.home.unwrap_or_default();
        state.demo.set(self.demo);
        state.me.set(Some(Me {
            person: self.person.id,
            name: self.person.name,
            access: self.access,
            demo: self.demo,
            home_ward: home.ward,
            organisation: home.organisation,
            role: home.role,
        }));
    }

    fn kept(&self) -> Result<String, Problem> {
        serde_json::to_string(self).map_err(|_| Problem::new(Code::BodyMalformed))
    }
}

#[derive(Serialize)]
struct SignIn<'a> {
    name: &'a str,
    password: &'a str,
    device_name: String,
}

pub(super) async fn sign_in(state: AppState, name: String, password: String) -> Result<(), Problem> {
    let form = SignIn { name: &name, password: &password, device_name: browser::device_name() };
    let mut answer: SessionAnswer =
        read(Transport::default().post("/api/v1/session", &form).await?.as_bytes())?;
    let token = answer.token.take();
    let device = DeviceStore::open().await?;
    let before = device.current().await?;
    let same = before.filter(|old| old.instance == answer.instance && old.person == answer.person.id);
    let record = DeviceRecord {
        instance: answer.instance,
        device: answer.device,
        person: answer.person.id,
        token,
        session: answer.kept()?,
        filled: same.is_some_and(|old| old.filled),
    };
    device.keep(Some(&record)).await?;
    start::close(state);
    start::open(state, &device, record).await
}

pub(super) async fn sign_out(state: AppState, discard_unsent: bool) -> Result<(), Problem> {
    let engine = state.engine()?;
    if !discard_unsent && !engine.store.outbox().await?.is_empty() {
        return Err(Problem::new(Code::Busy));
    }
    let device = DeviceStore::open().await?;
    device.keep(None).await?;
    engine.say("signed-out");
    start::close(state);
    // Without a connection the server's session runs out by itself.
    let _ = engine.transport.delete("/api/v1/session").await;
    engine.store.remove().await?;
    state.phase.set(Phase::SignedOut);
    start::greet(state, &device).await;
    Ok(())
}

/// Asks the server who is signed in: roles may have changed since.
pub(super) async fn refresh(state: AppState, engine: Rc<Engine>) {
    let answer = match engine.transport.get::<SessionAnswer>("/api/v1/session").await {
        Ok(answer) => answer,
        Err(problem) => {
            if problem.code == Code::NotSignedIn {
                let elsewhere = engine.transport.serves_another(engine.identity.instance).await;
                let problem = if elsewhere { Problem::new(Code::OtherInstance) } else { problem };
                state.sync.update(|sync| sync.problem = Some(problem));
            }
            return;
        }
    };
    let current = state.engine().is_ok_and(|current| Rc::ptr_eq(&current, &engine));
    if !current || answer.person.id != engine.identity.person || answer.instance != engine.identity.instance {
        return;
    }
    if let (Ok(device), Ok(session)) = (DeviceStore::open().await, answer.kept())
        && let Ok(Some(record)) = device.current().await
    {
        // It is only for the next start, which can also do with the older answer.
        let _ = device.keep(Some(&DeviceRecord { session, ..record })).await;
    }
    answer.show(state);
}

pub(super) async fn set_up(state: AppState, form: &SetUpForm) -> Result<(), Problem> {
    Transport::default().post("/api/v1/set-up", form).await?;
    let device = DeviceStore::open().await?;
    start::greet(state, &device).await;
    Ok(())
}

pub(super) async fn communes(state: AppState, question: &str) -> Result<Vec<Commune>, Problem> {
    let path = format!("/api/v1/communes?q={}", String::from(js_sys::encode_uri_component(question)));
    match state.engine() {
        Ok(engine) => engine.transport.get(&path).await,
        Err(_) => Transport::default().get(&path).await,
    }
}

pub(super) async fn people(state: AppState) -> Result<Vec<Account>, Problem> {
    state.engine()?.transport.get("/api/v1/people").await
}

pub(super) async fn add_person(state: AppState, account: &NewAccount) -> Result<(), Problem> {
    state.engine()?.transport.post("/api/v1/people", account).await.map(drop)
}
