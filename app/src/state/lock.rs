//! Locking and opening: choosing a PIN or passphrase, opening with it, what can be done when it is forgotten, and what
//! happens to the records of a phone that was taken away. While the app is locked no key of the records is in memory.

use std::cell::Cell;
use std::rc::Rc;

use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::{DeviceId, InstanceId, PersonId};
use donghanh_shared::seal::Key;
use donghanh_shared::seal::outbox::{RESCUE_PART, SealedItems};
use donghanh_shared::sync::wire::{PROTOCOL, deflate, to_bytes};
use futures_util::future::join;
use leptos::prelude::*;
use minicbor::bytes::ByteVec;
use serde::{Deserialize, Serialize};

use super::account::{KEPT, Kept, SessionAnswer, key_bytes};
use super::engine::Engine;
use super::{AppState, PersonHere, Phase, Rescued, SecretReason, secret, start};
use crate::browser;
use crate::kdf;
use crate::store::{DeviceStore, Opened, OwnLock, Profile, Store};
use crate::sync::locked;
use crate::sync::transport::{Transport, read};

/// Somebody the server knows, whose records are not open yet: the PIN or passphrase is still to be chosen.
pub(super) struct Pending {
    /// What the server said.
    pub answer: SessionAnswer,
    /// The data key.
    pub data: Key,
    /// Whether their store was filled before.
    pub filled: bool,
    /// Why a PIN is chosen.
    pub reason: SecretReason,
}

/// Everybody who uses this phone, for the lock screen.
pub(super) async fn show_people(state: AppState, people: &[Profile]) {
    let mut here = Vec::with_capacity(people.len());
    for profile in people {
        let waiting = Store::waiting_of(profile.instance, profile.person).await;
        here.push(PersonHere {
            instance: profile.instance,
            person: profile.person,
            name: profile.name.clone(),
            phrase: profile.lock.phrase,
            own_lock: profile.lock.own.is_some(),
            typed: profile.lock.typed.is_some(),
            waiting: waiting.unwrap_or(0),
        });
    }
    state.demo.set(people.first().is_some_and(|profile| profile.demo));
    state.people_here.set(here);
}

async fn profile_of(
    device: &DeviceStore,
    instance: InstanceId,
    person: PersonId,
) -> Result<Profile, Problem> {
    device.profile(instance, person).await?.ok_or_else(|| Problem::new(Code::NotSignedIn))
}

/// Opens with what was typed.
pub(super) async fn unlock(
    state: AppState,
    (instance, person): (InstanceId, PersonId),
    typed: &str,
) -> Result<(), Problem> {
    let device = DeviceStore::open().await?;
    let mut profile = profile_of(&device, instance, person).await?;
    if profile.lock.typed.is_none() {
        return Err(Problem::new(Code::PinLocked));
    }
    // Making the key takes longest, and in a worker: meanwhile what it opens is read.
    let before = profile.clone();
    let (data, sealed) =
        join(open_counted(&device, &mut profile, typed), start::Sealed::read(&device, &before)).await;
    match data {
        Ok(data) => start::open_read(state, &device, profile, data, sealed?).await,
        Err(problem) => {
            if let Ok(sealed) = sealed {
                sealed.leave();
            }
            kdf::rehearse();
            if problem.code == Code::PinLocked {
                show_people(state, &device.people().await?).await;
            }
            Err(problem)
        }
    }
}

/// Opens by what was typed and counts the tries; after too many wrong ones typing opens no more.
async fn open_counted(device: &DeviceStore, profile: &mut Profile, typed: &str) -> Result<Key, Problem> {
    profile.lock.tries += 1;
    browser::mark("key-asked");
    // Counted before anybody learns what came of it: closing the app in between gains no try.
    let (counted, opened) = join(device.keep(profile), secret::open_typed(profile, typed)).await;
    counted?;
    if opened.is_err() {
        // Nobody learned anything of it: it was no try.
        profile.lock.tries -= 1;
        device.keep(profile).await?;
    }
    let opened = opened?;
    browser::mark("key-derived");
    if let Some(data) = opened {
        profile.lock.tries = 0;
        return Ok(data);
    }
    if profile.lock.tries < secret::TRIES {
        return Err(Problem::new(Code::PinWrong));
    }
    profile.lock.typed = None;
    device.keep(profile).await?;
    Err(Problem::new(Code::PinLocked))
}

/// Opens with the phone's own lock.
pub(super) async fn unlock_own(
    state: AppState,
    (instance, person): (InstanceId, PersonId),
) -> Result<(), Problem> {
    let device = DeviceStore::open().await?;
    let mut profile = profile_of(&device, instance, person).await?;
    let data = secret::open_own(&profile).await.ok_or_else(|| Problem::new(Code::PinWrong))?;
    profile.lock.tries = 0;
    start::open(state, &device, profile, data).await
}

/// Locks: the keys leave the memory, what is typed stays as a draft.
pub(super) async fn lock(state: AppState) -> Result<(), Problem> {
    if state.engine().is_ok() {
        start::close(state);
        start::begin(state).await?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Unlock {
    device: DeviceId,
}

#[derive(Deserialize)]
struct Unlocked {
    unlock_key: String,
}

/// The data key of somebody who forgot their PIN and proved to the server who they are. `None` when the server no longer
/// keeps what opens it: then what waited has been handed to the server, and the rest is fetched anew.
pub(super) async fn open_at_server(
    answer: &SessionAnswer,
    profile: &Profile,
) -> Result<Option<Key>, Problem> {
    let transport = Transport::default();
    transport.set_token(answer.token.clone());
    let told = transport.post("/api/v1/unlock", &Unlock { device: profile.device }).await;
    let key = match told {
        Ok(told) => {
            let told: Unlocked = read(told.as_bytes())?;
            key_bytes(&told.unlock_key).and_then(|bytes| Key::from_slice(&bytes))
        }
        Err(problem) if problem.code == Code::NoConnection => return Err(problem),
        Err(_) => None,
    };
    if let Some(data) = key.and_then(|key| secret::open_online(profile, &key)) {
        return Ok(Some(data));
    }
    rescue(&transport, &sealed_of(profile).await?).await?;
    Store::remove_of(profile.instance, profile.person).await?;
    Ok(None)
}

/// Keeps the PIN or passphrase chosen, and opens the records with it. For records that are open it takes the place of
/// `old`.
pub(super) async fn choose(state: AppState, typed: &str, old: &str) -> Result<(), Problem> {
    secret::check(typed, state.secret_for_cases.get_untracked())?;
    if let Ok(engine) = state.engine() {
        return change(state, &engine, typed, old).await;
    }
    let Some(pending) = state.pending.try_update_value(Option::take).flatten() else {
        return Err(Problem::new(Code::NotSignedIn));
    };
    let device = DeviceStore::open().await?;
    let outcome = settle(state, &device, &pending, typed).await;
    if outcome.is_err() {
        state.pending.set_value(Some(pending));
    }
    outcome
}

async fn settle(
    state: AppState,
    device: &DeviceStore,
    pending: &Pending,
    typed: &str,
) -> Result<(), Problem> {
    let Pending { answer, data, filled, .. } = pending;
    let online = answer.unlock_key.as_deref().and_then(key_bytes).and_then(|bytes| Key::from_slice(&bytes));
    let online = online.ok_or_else(|| Problem::new(Code::BodyMalformed))?;
    let profile = Profile {
        instance: answer.instance,
        device: answer.device,
        person: answer.person.id,
        name: answer.person.name.clone(),
        demo: answer.demo,
        filled: *filled,
        lock: secret::lock(data, typed, &online).await?,
        push_token: answer.push_token.clone(),
        used_at: browser::now(),
    };
    let Opened { store, beginning, .. } =
        Store::open(profile.instance, profile.person, data, profile.filled).await?;
    let before = beginning.meta.get(KEPT).and_then(|bytes| minicbor::decode::<Kept>(bytes).ok());
    store.keep_meta(KEPT, &to_bytes(&Kept::of(answer, before)?)).await?;
    device.keep(&profile).await?;
    start::open(state, device, profile, data.clone()).await
}

/// Another PIN or passphrase for records that are open. Whoever picks up an open phone does not know the old one; a wrong
/// one is counted as at the lock.
async fn change(state: AppState, engine: &Rc<Engine>, typed: &str, old: &str) -> Result<(), Problem> {
    let device = DeviceStore::open().await?;
    let mut profile = profile_of(&device, engine.identity.instance, engine.identity.person).await?;
    open_counted(&device, &mut profile, old).await.map_err(|problem| problem.at("old"))?;
    // What the server keeps opens as before.
    let online = profile.lock.online.clone();
    let own = profile.lock.own.clone();
    profile.lock = secret::lock(&engine.data, typed, &Key::new(secret::random_key())).await?;
    profile.lock.online = online;
    profile.lock.own = own;
    let stronger = state.phase.get_untracked() == Phase::NewSecret(SecretReason::Stronger);
    if stronger {
        // The round that was refused begins anew, now that cases may come.
        let data = engine.data.clone();
        start::close(state);
        return start::open(state, &device, profile, data).await;
    }
    device.keep(&profile).await?;
    Ok(())
}

/// Asks for a passphrase when the rights now include after-care and this phone has only a PIN.
pub(super) async fn strengthen(state: AppState, engine: &Rc<Engine>, cases: bool) {
    state.secret_for_cases.set(cases);
    let Ok(device) = DeviceStore::open().await else { return };
    let Ok(profile) = profile_of(&device, engine.identity.instance, engine.identity.person).await else {
        return;
    };
    if cases && !profile.lock.may_hold_cases() && state.phase.get_untracked() == Phase::Ready {
        state.phase.set(Phase::NewSecret(SecretReason::Stronger));
    }
}

/// Lets the phone's own lock open the records too; `false` when the phone cannot or the person does not want to.
pub(super) async fn use_own_lock(state: AppState) -> Result<bool, Problem> {
    let engine = state.engine()?;
    let device = DeviceStore::open().await?;
    let mut profile = profile_of(&device, engine.identity.instance, engine.identity.person).await?;
    let question = secret::random_key();
    let Some((credential, answer)) = kdf::new_own_lock(&profile.person.0, &profile.name, &question).await
    else {
        return Ok(false);
    };
    profile.lock.own = Some(OwnLock {
        credential: ByteVec::from(credential),
        question: ByteVec::from(question.to_vec()),
        sealed: secret::sealed_own(&engine.data, &answer),
    });
    device.keep(&profile).await?;
    Ok(true)
}

async fn sealed_of(profile: &Profile) -> Result<SealedItems, Problem> {
    let (items, photos) = Store::sealed_items(profile.instance, profile.person).await?;
    Ok(SealedItems {
        version: PROTOCOL,
        instance: profile.instance,
        device: profile.device,
        at: browser::now(),
        items: items.into_iter().map(ByteVec::from).collect(),
        photos: Some(photos.into_iter().map(ByteVec::from).collect()),
    })
}

/// The rescue file of somebody on this phone: what waits, readable by the server alone.
pub(super) async fn rescue_file(instance: InstanceId, person: PersonId) -> Result<Vec<u8>, Problem> {
    let device = DeviceStore::open().await?;
    Ok(sealed_of(&profile_of(&device, instance, person).await?).await?.to_file())
}

/// Hands a rescue file to the server.
pub(super) async fn import(state: AppState, file: &[u8]) -> Result<Rescued, Problem> {
    rescue(&state.engine()?.transport, &SealedItems::from_file(file)?).await
}

/// In parts: it may be larger than one message.
async fn rescue(transport: &Transport, sealed: &SealedItems) -> Result<Rescued, Problem> {
    let mut rescued = Rescued::default();
    for part in sealed.parts(RESCUE_PART) {
        rescued.add(read(&transport.post_bytes("/api/v1/rescue", &part.to_file()).await?)?);
    }
    Ok(rescued)
}

/// Removes somebody from this phone without opening their records.
pub(super) async fn remove(state: AppState, instance: InstanceId, person: PersonId) -> Result<(), Problem> {
    let device = DeviceStore::open().await?;
    Store::remove_of(instance, person).await?;
    device.forget(instance, person).await?;
    start::begin(state).await
}

/// While the app is locked: hands in what waits, with the credential that can do nothing else.
pub(super) async fn send_locked(state: AppState) {
    let Ok(device) = DeviceStore::open().await else { return };
    let Ok(people) = device.people().await else { return };
    for profile in people {
        let Ok(sealed) = sealed_of(&profile).await else { continue };
        if sealed.items.is_empty() {
            continue;
        }
        let key = (profile.instance, profile.person);
        match locked::send(&sealed, profile.push_token.as_deref()).await {
            Ok(arrived) => state.locked_sent.update(|sent| {
                sent.insert(key, arrived);
            }),
            Err(problem) if problem.code == Code::DeviceRevoked => {
                // It tells itself whether it came through.
                let _ = hand_over(state, &device, &profile, None).await;
                return;
            }
            Err(_) => {}
        }
    }
}

/// The server took this device away: the records close, what waits is handed over, then they go.
pub(super) async fn revoked(state: AppState, engine: &Rc<Engine>) {
    let token = super::account::kept(engine).await.and_then(|kept| kept.token);
    let (instance, person) = (engine.identity.instance, engine.identity.person);
    start::close(state);
    let Ok(device) = DeviceStore::open().await else { return };
    let Ok(profile) = profile_of(&device, instance, person).await else { return };
    // It tells itself whether it came through.
    let _ = hand_over(state, &device, &profile, token).await;
}

#[derive(Deserialize)]
struct HandedOver {
    taken: usize,
    already: usize,
    #[serde(default)]
    photos: usize,
}

thread_local! {
    static HANDING_OVER: Cell<bool> = const { Cell::new(false) };
}

/// Once at a time: a second one would find the store gone, and tell that nothing was handed over.
async fn hand_over(
    state: AppState,
    device: &DeviceStore,
    profile: &Profile,
    token: Option<String>,
) -> Result<(), Problem> {
    if HANDING_OVER.replace(true) {
        return Ok(());
    }
    let outcome = hand_over_all(state, device, profile, token).await;
    HANDING_OVER.set(false);
    outcome
}

async fn hand_over_all(
    state: AppState,
    device: &DeviceStore,
    profile: &Profile,
    token: Option<String>,
) -> Result<(), Problem> {
    let transport = Transport::default();
    transport.set_token(token.or_else(|| profile.push_token.clone()));
    let sealed = sealed_of(profile).await?;
    state.phase.set(Phase::Revoked(None));
    let mut count = 0;
    for part in sealed.parts(RESCUE_PART) {
        let body = deflate(&to_bytes(&part));
        let told: HandedOver = read(&transport.post_sealed("/api/v1/hand-over", &body).await?)?;
        count += told.taken + told.already + told.photos;
    }
    Store::remove_of(profile.instance, profile.person).await?;
    device.forget(profile.instance, profile.person).await?;
    // Only said so that the list of devices shows it; the phone is empty either way.
    let _ = transport.post("/api/v1/hand-over/done", &()).await;
    state.phase.set(Phase::Revoked(Some(count)));
    Ok(())
}
