//! Devices: made by a sign-in or an invitation, opened again online, taken away.

use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::DeviceId;
use donghanh_shared::seal::Key as SecretKey;

use super::attempts::Denied;
use super::prove::{Caller, Proof, prove};
use super::secrets::{Token, random};
use super::{SignedIn, by_token};
use crate::audit::{self, kind};
use crate::problem::logged;
use crate::state::AppState;
use crate::store::audit::NewLine;
use crate::store::devices::{Device, Which};
use crate::store::{Key, NewSession};
use crate::vault::Purpose;

/// Longest name of a device that is kept, in characters.
const DEVICE_NAME: usize = 80;
/// A device is noted as heard of once in this time.
const SEEN_EVERY_MS: Millis = 60_000;

/// A device made just now, with the secrets it is told once.
#[derive(Debug)]
pub struct NewDevice {
    /// Its session.
    pub who: SignedIn,
    /// Its credential.
    pub token: Token,
    /// The credential that can only push.
    pub push_token: Token,
    /// Opens its data key after an online unlock.
    pub unlock_key: SecretKey,
    /// Marks what it seals to the server.
    pub mark_key: SecretKey,
}

/// A device about to be made.
pub(crate) struct Draft {
    token: Token,
    push_token: Token,
    unlock_key: SecretKey,
    session: NewSession,
}

impl Draft {
    /// Draws identity and secrets for a device of this person.
    pub(crate) fn draw(state: &AppState, person: Key, name: &str) -> Result<Self, Problem> {
        let (device, token, push_token) = (DeviceId(random()?), Token::draw()?, Token::draw()?);
        let unlock_key = SecretKey::new(random()?);
        let session = NewSession {
            person,
            device,
            name: name.chars().filter(|c| !c.is_control()).take(DEVICE_NAME).collect(),
            token: token.hash(),
            push_token: push_token.hash(),
            unlock_key: state.vault().seal(Purpose::UnlockKey, &device.0, unlock_key.expose())?,
            at: state.now(),
        };
        Ok(Self { token, push_token, unlock_key, session })
    }

    /// What the store is to keep.
    pub(crate) fn session(&self) -> NewSession {
        self.session.clone()
    }

    /// The device, once the store has it.
    pub(crate) async fn finish(self, state: &AppState) -> Result<NewDevice, Problem> {
        let who = by_token(state, &self.token).await?;
        let mark_key = state.vault().device_mark(who.device());
        let Self { token, push_token, unlock_key, .. } = self;
        Ok(NewDevice { who, token, push_token, unlock_key, mark_key })
    }
}

/// Signs somebody in: makes a device.
///
/// # Errors
/// Those of [`prove`].
pub async fn sign_in(
    state: &AppState,
    caller: &Caller,
    proof: Proof,
    device_name: &str,
) -> Result<NewDevice, Denied> {
    let person = prove(state, caller, proof).await?;
    let draft = Draft::draw(state, person.key, device_name)?;
    state.store().begin_session(draft.session()).await.map_err(logged)?;
    let device = draft.finish(state).await?;
    let line = device.who.line(kind::SIGNED_IN);
    audit::note(state, NewLine { address: caller.address.clone(), ..line }).await;
    Ok(device)
}

/// Gives out what opens the data key of a phone to its person, who proved by another sign-in or an invitation who they
/// are: that is what the session of `who` stands for.
///
/// # Errors
/// [`Code::NotFound`] for another person's phone, and for one that signed out; [`Code::DeviceRevoked`].
pub async fn unlock(state: &AppState, who: &SignedIn, device: DeviceId) -> Result<SecretKey, Problem> {
    let found = one(state, device).await?.filter(|found| found.person_key == who.person_key());
    let found = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    if found.revoked_at.is_some() {
        return Err(Problem::new(Code::DeviceRevoked));
    }
    let sealed = state.store().unlock_key(found.key).await.map_err(logged)?;
    let sealed = sealed.ok_or_else(|| Problem::new(Code::NotFound))?;
    let opened = state.vault().open_sealed(Purpose::UnlockKey, &device.0, &sealed)?;
    let kind = kind::UNLOCKED;
    let line =
        NewLine { kind, person: Some(who.person_key()), device: Some(found.key), ..NewLine::default() };
    audit::note(state, line).await;
    SecretKey::from_slice(&opened).ok_or_else(|| Problem::new(Code::Internal))
}

/// A device by its identity.
///
/// # Errors
/// [`Code::Internal`].
pub async fn one(state: &AppState, device: DeviceId) -> Result<Option<Device>, Problem> {
    Ok(state.store().devices(Which::One(device)).await.map_err(logged)?.pop())
}

/// The devices that somebody may see: their own; administrators every one, ward supervisors those of people with a role
/// in their wards.
///
/// # Errors
/// [`Code::Internal`].
pub async fn visible(state: &AppState, who: &SignedIn) -> Result<Vec<Device>, Problem> {
    let access = who.access();
    let which =
        if access.administers || access.supervises { Which::All } else { Which::Of(who.person_key()) };
    let mut devices = state.store().devices(which).await.map_err(logged)?;
    let today = state.today();
    devices.retain(|device| {
        let held = device.memberships.iter().filter(|held| held.span.contains(today));
        let mut wards = held.filter_map(|held| held.ward);
        access.administers || device.person_key == who.person_key() || wards.any(|ward| who.supervises(ward))
    });
    Ok(devices)
}

/// Takes a device away for good.
///
/// # Errors
/// [`Code::NotFound`] when there is none such or they may not see it, [`Code::NotAllowed`], [`Code::Internal`].
pub async fn revoke(state: &AppState, who: &SignedIn, device: DeviceId) -> Result<(), Problem> {
    let visible = visible(state, who).await?;
    let found = visible.into_iter().find(|one| one.device == device).ok_or(Code::NotFound)?;
    if found.person_key != who.person_key() && !who.looks_after(&found.memberships, state) {
        return Err(Code::NotAllowed.into());
    }
    if found.revoked_at.is_some() {
        return Ok(());
    }
    state.store().revoke(found.key, who.person_key(), state.now()).await.map_err(logged)?;
    let (about, device) = (Some(found.person_key), Some(found.key));
    audit::note(state, NewLine { about, device, ..who.line(kind::DEVICE_REVOKED) }).await;
    Ok(())
}

/// Notes that a device was heard of and what waits on it; once a minute is enough.
///
/// # Errors
/// [`Code::Internal`].
pub async fn seen(state: &AppState, who: &SignedIn, waiting: Option<u64>) -> Result<(), Problem> {
    let now = state.now();
    if who.session().last_seen_at.is_some_and(|last| now - last < SEEN_EVERY_MS) {
        return Ok(());
    }
    state.store().seen(who.device_key(), waiting, now).await.map_err(logged)
}
