//! Signing in and out, joining, setting up, accounts: what needs the server.

use std::rc::Rc;

use donghanh_shared::access::{Access, Role};
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{DeviceId, InstanceId, PersonId};
use donghanh_shared::seal::Key;
use leptos::prelude::*;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::engine::Engine;
use super::lock::{self, Pending};
use super::notices::{Held, show_or_hold};
use super::{Account, AppState, CodeSetUp, Commune, Me, Phase, SecretReason, SetUpForm, secret, start};
use crate::browser;
use crate::store::DeviceStore;
use crate::sync::transport::{Transport, read};

/// Where the store keeps what belongs to the session.
pub(super) const KEPT: &str = "account";
/// Hours without contact, when the server does not say.
const OFFLINE_HOURS: u32 = 72;

/// What the server says about a session. The secrets come only with the answer that makes a device.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct SessionAnswer {
    #[serde(default, skip_serializing)]
    pub token: Option<String>,
    #[serde(default, skip_serializing)]
    pub push_token: Option<String>,
    #[serde(default, skip_serializing)]
    pub mark_key: Option<String>,
    #[serde(default, skip_serializing)]
    pub unlock_key: Option<String>,
    #[serde(default)]
    pub server_key: Option<String>,
    #[serde(default)]
    pub offline_hours: Option<u32>,
    #[serde(default)]
    pub code: Option<String>,
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

/// What belongs to the session, sealed in the person's store: the credential that pulls among it.
#[derive(Clone, PartialEq, Debug, Default, Encode, Decode)]
#[cbor(map)]
pub(super) struct Kept {
    /// The opaque credential; absent when the server ended the session.
    #[n(0)]
    pub token: Option<String>,
    /// What the server last said about the session (JSON), so that a start needs no connection.
    #[n(1)]
    pub session: String,
    /// Marks what this device seals to the server.
    #[n(2)]
    pub mark: Option<ByteVec>,
    /// What is sealed to.
    #[n(3)]
    pub server: Option<ByteVec>,
    /// Hours that the phone may be used without contact.
    #[n(4)]
    pub offline_hours: u32,
    /// The last contact, by this phone's clock.
    #[n(5)]
    pub contact_at: Millis,
    /// The latest moment this phone's clock showed: setting it back gains no time.
    #[n(6)]
    pub seen_at: Millis,
}

impl Kept {
    /// After the server answered just now.
    pub fn of(answer: &SessionAnswer, before: Option<Self>) -> Result<Self, Problem> {
        let before = before.unwrap_or_default();
        let bytes = |text: &Option<String>| text.as_deref().and_then(key_bytes).map(ByteVec::from);
        let now = browser::now();
        Ok(Self {
            token: answer.token.clone().or(before.token),
            session: answer.kept()?,
            mark: bytes(&answer.mark_key).or(before.mark),
            server: bytes(&answer.server_key).or(before.server),
            offline_hours: answer.offline_hours.unwrap_or(OFFLINE_HOURS),
            contact_at: now,
            seen_at: now,
        })
    }

    /// Whether the phone may be opened without contact at this moment.
    pub fn may_open(&self, now: Millis) -> bool {
        now.max(self.seen_at) - self.contact_at <= Millis::from(self.offline_hours) * 3_600_000
    }
}

/// The bytes of a key in hexadecimal.
pub(super) fn key_bytes(text: &str) -> Option<Vec<u8>> {
    text.parse::<donghanh_shared::ids::ChangeHash>().ok().map(|bytes| bytes.0.to_vec())
}

impl SessionAnswer {
    /// Who is signed in, for the screens.
    pub fn into_me(self) -> Me {
        let home = self.home.unwrap_or_default();
        Me {
            person: self.person.id,
            name: self.person.name,
            access: self.access,
            demo: self.demo,
            home_ward: home.ward,
            organisation: home.organisation,
            role: home.role,
        }
    }

    fn kept(&self) -> Result<String, Problem> {
        serde_json::to_string(self).map_err(|_| Problem::new(Code::BodyMalformed))
    }
}

#[derive(Serialize)]
struct SignIn<'a> {
    name: &'a str,
    password: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    device_name: String,
}

pub(super) async fn sign_in(
    state: AppState,
    name: String,
    password: String,
    code: Option<String>,
) -> Result<(), Problem> {
    let device_name = browser::device_name();
    let form = SignIn { name: &name, password: &password, code: code.as_deref(), device_name };
    let answer = Transport::default().post("/api/v1/session", &form).await?;
    proceed(state, read(answer.as_bytes())?).await
}

fn pending_transport(state: AppState) -> Result<Transport, Problem> {
    let token = state.pending.with_value(|pending| pending.as_ref().and_then(|p| p.answer.token.clone()));
    let transport = Transport::default();
    transport.set_token(Some(token.ok_or_else(|| Problem::new(Code::NotSignedIn))?));
    Ok(transport)
}

pub(super) async fn begin_code(state: AppState) -> Result<CodeSetUp, Problem> {
    read(pending_transport(state)?.post("/api/v1/me/totp", &()).await?.as_bytes())
}

#[derive(Serialize)]
struct Confirm<'a> {
    code: &'a str,
}

pub(super) async fn confirm_code(state: AppState, code: &str) -> Result<(), Problem> {
    pending_transport(state)?.put("/api/v1/me/totp", &Confirm { code }).await?;
    let reason = state.pending.with_value(|pending| pending.as_ref().map(|pending| pending.reason));
    state.phase.set(Phase::NewSecret(reason.unwrap_or(SecretReason::First)));
    Ok(())
}

/// What an invitation says before it is taken.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Invited {
    /// Who is invited.
    pub full_name: String,
    /// As what.
    #[serde(default)]
    pub role: Option<Role>,
    /// Where.
    #[serde(default)]
    pub ward: Option<WardRef>,
}

#[derive(Serialize)]
struct Look<'a> {
    invitation: &'a str,
}

#[derive(Serialize)]
struct Join<'a> {
    invitation: &'a str,
    device_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
}

pub(super) async fn look_at_invitation(invitation: &str) -> Result<Invited, Problem> {
    read(Transport::default().post("/api/v1/join/look", &Look { invitation }).await?.as_bytes())
}

pub(super) async fn join(state: AppState, invitation: &str, password: Option<String>) -> Result<(), Problem> {
    let device_name = browser::device_name();
    let form = Join { invitation, device_name, password: password.as_deref() };
    let answer = Transport::default().post("/api/v1/join", &form).await?;
    proceed(state, read(answer.as_bytes())?).await
}

/// The server knows who this is, and made a device of this phone. What that leads to depends on what this phone holds.
pub(super) async fn proceed(state: AppState, answer: SessionAnswer) -> Result<(), Problem> {
    if let Ok(engine) = state.engine()
        && (engine.identity.instance, engine.identity.person) == (answer.instance, answer.person.id)
    {
        return renew(state, &engine, answer).await;
    }
    let device = DeviceStore::open().await?;
    let profile = device.profile(answer.instance, answer.person.id).await?;
    let cases = secret::holds_cases(&answer.access);
    let reason = if profile.is_some() { SecretReason::Forgotten } else { SecretReason::First };
    let data = match &profile {
        Some(profile) => lock::open_at_server(&answer, profile).await?,
        None => None,
    };
    let filled = data.is_some() && profile.as_ref().is_some_and(|profile| profile.filled);
    let data = data.unwrap_or_else(|| Key::new(secret::random_key()));
    let needs_code = answer.code.as_deref() == Some("needed");
    start::close(state);
    state.demo.set(answer.demo);
    state.secret_for_cases.set(cases);
    state.pending.set_value(Some(Pending { answer, data, filled, reason }));
    state.phase.set(if needs_code { Phase::NewCode } else { Phase::NewSecret(reason) });
    Ok(())
}

/// Somebody signed in again while their records are open: the same data key, another credential.
async fn renew(state: AppState, engine: &Rc<Engine>, answer: SessionAnswer) -> Result<(), Problem> {
    let device = DeviceStore::open().await?;
    let found = device.profile(answer.instance, answer.person.id).await?;
    let mut profile = found.ok_or_else(|| Problem::new(Code::StoreFailed))?;
    if let Some(online) = answer.unlock_key.as_deref().and_then(key_bytes).and_then(|b| Key::from_slice(&b)) {
        profile.lock.online = secret::sealed_online(&engine.data, &online);
    }
    profile.device = answer.device;
    profile.push_token = answer.push_token.clone();
    let before = kept(engine).await;
    let kept = Kept::of(&answer, before)?;
    engine.store.keep_meta(KEPT, &donghanh_shared::sync::wire::to_bytes(&kept)).await?;
    device.keep(&profile).await?;
    let data = engine.data.clone();
    start::close(state);
    start::open(state, &device, profile, data).await
}

/// What the open store keeps of the session.
pub(super) async fn kept(engine: &Engine) -> Option<Kept> {
    let bytes = engine.store.meta(KEPT).await.ok().flatten()?;
    minicbor::decode(&bytes).ok()
}

pub(super) async fn sign_out(state: AppState, discard_unsent: bool) -> Result<(), Problem> {
    let engine = state.engine()?;
    if !discard_unsent && !engine.store.outbox().await?.is_empty() {
        return Err(Problem::new(Code::Busy));
    }
    let device = DeviceStore::open().await?;
    device.forget(engine.identity.instance, engine.identity.person).await?;
    engine.say("signed-out");
    start::close(state);
    // Without a connection the server's session runs out by itself.
    let _ = engine.transport.delete("/api/v1/session").await;
    engine.store.remove().await?;
    start::begin(state).await
}

/// Asks the server who is signed in: roles may have changed since.
pub(super) async fn refresh(state: AppState, engine: Rc<Engine>) {
    let waiting = state.outbox.with_untracked(|outbox| outbox.records);
    let path = format!("/api/v1/session?waiting={waiting}");
    let answer = match engine.transport.get::<SessionAnswer>(&path).await {
        Ok(answer) => answer,
        Err(problem) => {
            if problem.code == Code::DeviceRevoked {
                lock::revoked(state, &engine).await;
            } else if problem.code == Code::NotSignedIn {
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
    if let Ok(kept) = Kept::of(&answer, kept(&engine).await) {
        // It is only for the next start, which can also do with the older answer.
        let _ = engine.store.keep_meta(KEPT, &donghanh_shared::sync::wire::to_bytes(&kept)).await;
    }
    let cases = secret::holds_cases(&answer.access);
    // What was drawn for what the person might do before would be drawn anew under their fingers.
    show_or_hold(state, &engine, Held::Me(Box::new(answer.into_me())));
    lock::strengthen(state, &engine, cases).await;
}

pub(super) async fn set_up(state: AppState, form: SetUpForm) -> Result<(), Problem> {
    let form = SetUpForm { token: state.set_up_token.get_untracked(), ..form };
    Transport::default().post("/api/v1/set-up", &form).await?;
    state.set_up_token.set(None);
    let device = DeviceStore::open().await?;
    start::greet(state, &device).await;
    Ok(())
}

pub(super) async fn communes(state: AppState, question: &str) -> Result<Vec<Commune>, Problem> {
    let path = format!("/api/v1/communes?q={}", String::from(js_sys::encode_uri_component(question)));
    match state.engine() {
        Ok(engine) => engine.transport.get(&path).await,
        Err(_) => {
            let transport = Transport::default();
            transport.set_up_with(state.set_up_token.get_untracked());
            transport.get(&path).await
        }
    }
}

pub(super) async fn people(state: AppState) -> Result<Vec<Account>, Problem> {
    state.engine()?.transport.get("/api/v1/people").await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_the_clock_back_gains_no_time() {
        let hour = 3_600_000;
        let kept = Kept { offline_hours: 72, contact_at: 100 * hour, seen_at: 100 * hour, ..Kept::default() };
        assert!(kept.may_open(172 * hour) && !kept.may_open(172 * hour + 1));
        let later = Kept { seen_at: 180 * hour, ..kept };
        assert!(!later.may_open(90 * hour));
    }
}
