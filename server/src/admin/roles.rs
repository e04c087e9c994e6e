//! What somebody with an account is from today on, or that they are nothing any more.

use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::PersonId;

use super::invitations::{account, key, note};
use super::people::check_role;
use super::second_person;
use crate::audit::{self, kind};
use crate::auth::SignedIn;
use crate::problem::logged;
use crate::state::AppState;
use crate::store::audit::NewLine;
use crate::store::devices::Which;
use crate::store::invitations::RoleAt;

/// Gives somebody another role in place of those they hold. Nobody changes their own.
///
/// # Errors
/// [`Code::NotFound`], [`Code::NotAllowed`], those of [`check_role`], [`Code::SecondPersonNeeded`] (and the request is
/// made), [`Code::Internal`].
pub async fn change(state: &AppState, who: &SignedIn, person: PersonId, role: RoleAt) -> Result<(), Problem> {
    check_other(state, who, person).await?;
    if !who.looks_after(&[role.clone().from(state.today())], state) {
        return Err(Code::NotAllowed.into());
    }
    check_role(state, &role).await?;
    if second_person::makes(state, who, role.role).await? {
        return Err(second_person::ask_role(state, who, person, role).await?);
    }
    give(state, who, person, role).await
}

/// Gives the role without asking anybody.
///
/// # Errors
/// [`Code::NotFound`], [`Code::Internal`].
pub async fn give(state: &AppState, who: &SignedIn, person: PersonId, role: RoleAt) -> Result<(), Problem> {
    let code = role.role.code();
    let today = state.today();
    let roles = vec![role.from(today)];
    state.store().set_roles(key(state, person).await?, roles, today, state.now()).await.map_err(logged)?;
    note(state, who, kind::ROLE_CHANGED, person, code.to_owned()).await;
    Ok(())
}

/// Ends what somebody may do: they hold no role, nothing lets them in, and each of their phones hands over what it has not
/// sent, and is empty, at its next contact. What they wrote stays. Nobody ends their own.
///
/// # Errors
/// [`Code::NotFound`], [`Code::NotAllowed`], [`Code::Internal`].
pub async fn end(state: &AppState, who: &SignedIn, person: PersonId) -> Result<(), Problem> {
    check_other(state, who, person).await?;
    let about = key(state, person).await?;
    let (by, today, at) = (who.person_key(), state.today(), state.now());
    let taken_off = state.store().shut_out(about, by, today, at).await.map_err(logged)?;
    note(state, who, kind::ACCESS_ENDED, person, String::new()).await;
    for device in taken_off {
        let (about, device) = (Some(about), Some(device));
        audit::note(state, NewLine { about, device, ..who.line(kind::DEVICE_REVOKED) }).await;
    }
    Ok(())
}

/// Whether somebody ever used their account.
///
/// # Errors
/// [`Code::NotFound`], [`Code::Internal`].
pub async fn has_joined(state: &AppState, person: PersonId) -> Result<bool, Problem> {
    let devices = state.store().devices(Which::Of(key(state, person).await?)).await.map_err(logged)?;
    Ok(!devices.is_empty())
}

async fn check_other(state: &AppState, who: &SignedIn, person: PersonId) -> Result<(), Problem> {
    let found = account(state, person).await?;
    let mine = found.person == who.session().person;
    if mine || !who.looks_after(&found.memberships, state) {
        return Err(Code::NotAllowed.into());
    }
    Ok(())
}
