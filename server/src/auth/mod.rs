//! Who is asking: sign-in by name and password, then an opaque token a device. Rights themselves are drawn in
//! `donghanh_shared::access`; this module only finds the roles they are drawn from.

pub mod attempts;
pub mod codes;
pub mod devices;
pub mod join;
pub mod people;
pub mod prove;
pub mod secrets;

use std::sync::Arc;

use donghanh_shared::access::{Access, Grant, Membership, Scope};
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{DeviceId, PersonId};

use self::secrets::Token;
use crate::problem::logged;
use crate::state::AppState;
use crate::store::audit::NewLine;
use crate::store::{Key, Session};

/// A signed-in device with what its person may do today.
#[derive(Clone, Debug)]
pub struct SignedIn {
    session: Arc<Session>,
    access: Arc<Access>,
    taken_in: bool,
}

impl SignedIn {
    pub(crate) fn new(session: Session, state: &AppState) -> Self {
        let cases = session.cases_at(state.now());
        let access = Access::of(&session.memberships, &cases, &session.wards, state.today());
        Self { session: Arc::new(session), access: Arc::new(access), taken_in: false }
    }

    /// This device, with the right of somebody else: a supervisor who takes in what it handed over.
    pub(crate) fn with_access_of(&self, other: &Self) -> Self {
        Self { session: Arc::clone(&self.session), access: Arc::clone(&other.access), taken_in: true }
    }

    /// Whether somebody else takes in what this device gave: what was parked of it then waits no longer.
    pub(crate) fn is_taken_in(&self) -> bool {
        self.taken_in
    }

    /// The start of a line of the audit: this person did it, with this device.
    pub(crate) fn line(&self, kind: &'static str) -> NewLine {
        NewLine {
            kind,
            person: Some(self.person_key()),
            device: Some(self.device_key()),
            ..NewLine::default()
        }
    }

    /// Whether they look after somebody with these roles; see [`Access::manages`].
    pub(crate) fn looks_after(&self, memberships: &[Membership], state: &AppState) -> bool {
        let today = state.today();
        let held = memberships.iter().filter(|held| held.span.contains(today));
        self.access.manages(&held.map(|held| (held.role, held.ward)).collect::<Vec<_>>())
    }

    /// Whether they supervise the ward.
    #[must_use]
    pub fn supervises(&self, ward: WardRef) -> bool {
        self.access.supervises && self.access.may_write(&Scope::Activity(ward))
    }

    /// Whether they decide about what a device that was taken away handed over: of after-care its officers, of everything
    /// else the ward's supervisors.
    #[must_use]
    pub fn takes_in(&self, ward: Option<WardRef>, kind: Option<&str>) -> bool {
        let is_case = kind.and_then(|kind| Kind::parse(kind).ok()).is_some_and(Kind::is_aftercare);
        let officer = |ward| self.access.may_write(&Scope::Aftercare(ward));
        ward.is_some_and(|ward| if is_case { officer(ward) } else { self.supervises(ward) })
    }

    /// Whether anything of that kind is theirs to decide.
    #[must_use]
    pub fn takes_in_anything(&self) -> bool {
        let officer = |grant: &Grant| grant.write && matches!(grant.scope, Scope::Aftercare(_));
        self.access.supervises || self.access.grants.iter().any(officer)
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

/// Whose token this is, whatever it may be used for: see [`Session`].
///
/// # Errors
/// [`Code::NotSignedIn`], [`Code::Internal`].
pub async fn by_token(state: &AppState, token: &Token) -> Result<SignedIn, Problem> {
    let session = state.store().session(token.hash()).await.map_err(logged)?;
    session.map(|session| SignedIn::new(session, state)).ok_or_else(|| Problem::new(Code::NotSignedIn))
}

/// The same session with what its person may do now; `None` once it has ended.
///
/// # Errors
/// [`Code::Internal`].
pub async fn renewed(state: &AppState, who: &SignedIn) -> Result<Option<SignedIn>, Problem> {
    let session = state.store().session_of(who.device_key()).await.map_err(logged)?;
    Ok(session.map(|session| SignedIn::new(session, state)))
}

/// Ends the session for good.
///
/// # Errors
/// [`Code::Internal`].
pub async fn sign_out(state: &AppState, who: &SignedIn) -> Result<(), Problem> {
    state.store().end_session(who.device_key(), state.now()).await.map_err(logged)
}
