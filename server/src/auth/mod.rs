//! Who is asking: sign-in by name and password, then an opaque token a device. Rights themselves are drawn in
//! `donghanh_shared::access`; this module only finds the roles they are drawn from.

pub mod attempts;
pub mod people;
pub mod secrets;

use std::sync::Arc;

use donghanh_shared::access::{Access, Membership};
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::{DeviceId, PersonId};

use self::secrets::Token;
use crate::problem::logged;
use crate::state::AppState;
use crate::store::{Key, NewSession, Session};

/// Longest name of a device that is kept, in characters.
const DEVICE_NAME: usize = 80;

/// A signed-in device with what its person may do today.
#[derive(Clone, Debug)]
pub struct SignedIn {
    session: Arc<Session>,
    access: Arc<Access>,
}

impl SignedIn {
    fn new(session: Session, state: &AppState) -> Self {
        let cases = session.cases_at(state.now());
        let access = Access::of(&session.memberships, &cases, &session.wards, state.today());
        Self { session: Arc::new(session), access: Arc::new(access) }
    }

    /// What the person may do.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// The rows it is drawn from.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The device.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        self.session.device
    }

    /// The person.
    #[must_use]
    pub fn person(&self) -> PersonId {
        self.session.person
    }

    /// The device's row.
    #[must_use]
    pub fn device_key(&self) -> Key {
        self.session.device_key
    }

    /// The person's row.
    #[must_use]
    pub fn person_key(&self) -> Key {
        self.session.person_key
    }

    /// Whether the ward is in the register.
    #[must_use]
    pub fn knows_ward(&self, ward: WardRef) -> bool {
        self.session.wards.iter().any(|known| known.id == ward)
    }

    /// The role the person holds today that says most about where they work.
    #[must_use]
    pub fn home(&self, state: &AppState) -> Option<&Membership> {
        let today = state.today();
        let held = || self.session.memberships.iter().filter(|held| held.span.contains(today));
        held().find(|held| held.ward.is_some()).or_else(|| held().next())
    }
}

/// Signs somebody in; the answer is the device's token and its session.
///
/// # Errors
/// [`Code::SignInWrong`] for a wrong name and a wrong password alike, [`Code::TooManyAttempts`], [`Code::Internal`].
pub async fn sign_in(
    state: &AppState,
    name: &str,
    password: String,
    device_name: &str,
) -> Result<(Token, SignedIn), Problem> {
    let name = people::sign_in_name(name);
    let now = state.now();
    if state.attempts().is_blocked(&name, now) {
        return Err(Problem::new(Code::TooManyAttempts));
    }
    let found = state.store().credentials(name.clone()).await.map_err(logged)?;
    let hash = found.as_ref().map(|found| found.password.clone());
    let one_at_a_time = state.passwords().lock().await;
    let is_right = state.compute(move || secrets::is_password(&password, hash.as_deref())).await?;
    drop(one_at_a_time);
    let Some(found) = found.filter(|_| is_right) else {
        state.attempts().failed(&name, now);
        return Err(Problem::new(Code::SignInWrong));
    };
    state.attempts().succeeded(&name);
    let token = Token::draw()?;
    let session = NewSession {
        person: found.key,
        device: DeviceId(secrets::random()?),
        name: device_name.chars().take(DEVICE_NAME).collect(),
        token: token.hash(),
        at: now,
    };
    state.store().begin_session(session).await.map_err(logged)?;
    let who = by_token(state, &token).await?;
    Ok((token, who))
}

/// Whose token this is.
///
/// # Errors
/// [`Code::NotSignedIn`], [`Code::Internal`].
pub async fn by_token(state: &AppState, token: &Token) -> Result<SignedIn, Problem> {
    let session = state.store().session(token.hash()).await.map_err(logged)?;
    session.map(|session| SignedIn::new(session, state)).ok_or_else(|| Problem::new(Code::NotSignedIn))
}

/// Ends the session for good.
///
/// # Errors
/// [`Code::Internal`].
pub async fn sign_out(state: &AppState, who: &SignedIn) -> Result<(), Problem> {
    state.store().end_session(who.device_key(), state.now()).await.map_err(logged)
}
