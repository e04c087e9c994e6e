//! What takes a second person: whatever would let one administrator alone come to read cases, or make somebody who could.
//! That is a way back into the account of an officer or an administrator, and making somebody one; and what cannot be undone:
//! erasing a case ([`erasure`]). A server with a single
//! administrator has nobody to ask; there the log of access is all there is.

use donghanh_shared::access::{Membership, Role};
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::{ApprovalId, PersonId};

use super::invitations::{self, Made, account, key, note};
use super::{erasure, roles};
use crate::audit::kind;
use crate::auth::SignedIn;
use crate::auth::secrets::random;
use crate::problem::logged;
use crate::state::AppState;
use crate::store::directory::Account;
use crate::store::invitations::{Approval, NewApproval, RoleAt};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// An invitation for an account that exists.
    Invitation,
    /// That two-step codes are forgotten.
    TotpReset,
    /// A role.
    Role,
}

impl Asked {
    fn code(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::TotpReset => "totp_reset",
            Self::Role => "role",
        }
    }
}

/// Officers read cases, administrators can make anybody anything.
fn is_guarded(role: Role) -> bool {
    matches!(role, Role::AftercareOfficer | Role::Administrator)
}

fn holds(account: &Account, state: &AppState, wanted: impl Fn(Role) -> bool) -> bool {
    let today = state.today();
    account.memberships.iter().any(|held: &Membership| held.span.contains(today) && wanted(held.role))
}

/// Whether making somebody this takes a second person: there is another administrator who can be asked.
///
/// # Errors
/// [`Code::Internal`].
pub async fn makes(state: &AppState, who: &SignedIn, role: Role) -> Result<bool, Problem> {
    if !is_guarded(role) {
        return Ok(false);
    }
    let people = state.store().people().await.map_err(logged)?;
    let me = who.session().person;
    Ok(people.iter().any(|one| one.person != me && holds(one, state, |role| role == Role::Administrator)))
}

/// Asks for a role. The answer is what the one who asks is told.
///
/// # Errors
/// [`Code::NotFound`], [`Code::Internal`].
pub async fn ask_role(
    state: &AppState,
    who: &SignedIn,
    person: PersonId,
    role: RoleAt,
) -> Result<Problem, Problem> {
    ask(state, who, person, Asked::Role, Some(role)).await?;
    Ok(Code::SecondPersonNeeded.into())
}

/// Lets everybody pass but officers and administrators: for those it asks for a second person.
///
/// # Errors
/// [`Code::SecondPersonNeeded`] (and the request is made), [`Code::Internal`].
pub async fn guard(state: &AppState, who: &SignedIn, account: &Account, what: Asked) -> Result<(), Problem> {
    if !holds(account, state, is_guarded) {
        return Ok(());
    }
    ask(state, who, account.person, what, None).await?;
    Err(Code::SecondPersonNeeded.into())
}

async fn ask(
    state: &AppState,
    who: &SignedIn,
    person: PersonId,
    what: Asked,
    role: Option<RoleAt>,
) -> Result<(), Problem> {
    let (about, by, at) = (key(state, person).await?, who.person_key(), state.now());
    let approval = ApprovalId(random()?);
    let kind = what.code().to_owned();
    let asked = NewApproval { approval, kind, role, erasure: None, about, by, at };
    state.store().ask_approval(asked).await.map_err(logged)?;
    note(state, who, kind::RESET_ASKED, person, what.code().to_owned()).await;
    Ok(())
}

/// What waits for a second person.
///
/// # Errors
/// [`Code::Internal`].
pub async fn approvals(state: &AppState) -> Result<Vec<Approval>, Problem> {
    state.store().approvals().await.map_err(logged)
}

/// Decides as the second person; the answer is the invitation, if one was granted.
///
/// # Errors
/// [`Code::NotFound`] when nothing of this identity waits, [`Code::NotAllowed`] for who asked and for whom it concerns,
/// [`Code::Internal`].
pub async fn decide(
    state: &AppState,
    who: &SignedIn,
    approval: ApprovalId,
    grant: bool,
) -> Result<Option<Made>, Problem> {
    let open = approvals(state).await?;
    let asked = open.into_iter().find(|one| one.approval == approval).ok_or(Code::NotFound)?;
    if [asked.asked_by_key, asked.person_key].contains(&who.person_key()) {
        return Err(Code::NotAllowed.into());
    }
    if let Some(erasure) = asked.erasure {
        return erasure::decide(state, who, approval, erasure, grant).await.map(|()| None);
    }
    let (by, now) = (who.person_key(), state.now());
    if !state.store().decide_approval(approval, by, grant, now).await.map_err(logged)? {
        return Err(Code::NotFound.into());
    }
    let outcome = if grant { kind::RESET_GRANTED } else { kind::RESET_REFUSED };
    note(state, who, outcome, asked.person, asked.kind.clone()).await;
    if !grant {
        return Ok(None);
    }
    if asked.kind == Asked::TotpReset.code() {
        invitations::forget_codes(state, who, asked.person).await?;
        return Ok(None);
    }
    if let Some(role) = asked.role {
        roles::give(state, who, asked.person, role).await?;
        if roles::has_joined(state, asked.person).await? {
            return Ok(None);
        }
    }
    let account = account(state, asked.person).await?;
    invitations::invited(state, who, account).await.map(Some)
}
