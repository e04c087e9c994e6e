//! Coming in by an invitation: whoever shows it gets the account's next device, once.

use donghanh_shared::domain::error::Code;

use super::attempts::Denied;
use super::devices::{Draft, NewDevice};
use super::people::check_password;
use super::prove::{Caller, Turn};
use super::secrets::{Token, hash_password};
use crate::audit::{self, kind};
use crate::problem::logged;
use crate::state::AppState;
use crate::store::audit::NewLine;
use crate::store::invitations::Invited;

/// Whom an invitation is for.
///
/// # Errors
/// [`Code::InvitationInvalid`] whether it is unknown, used or expired; [`Code::TooManyAttempts`], [`Code::Internal`].
pub async fn look(state: &AppState, caller: &Caller, invitation: &str) -> Result<Invited, Denied> {
    let turn = Turn::take(state, None, caller).await?;
    let (_, invited, _) = found(state, turn, invitation).await?;
    Ok(invited)
}

async fn found<'a>(
    state: &AppState,
    turn: Turn<'a>,
    invitation: &str,
) -> Result<(Token, Invited, Turn<'a>), Denied> {
    let token = Token::parse(invitation.trim());
    let invited = match &token {
        Some(token) => state.store().invited(token.hash(), state.now()).await.map_err(logged)?,
        None => None,
    };
    match token.zip(invited) {
        Some((token, invited)) => Ok((token, invited, turn)),
        None => Err(turn.failed(kind::INVITATION_REFUSED, None, Code::InvitationInvalid).await),
    }
}

/// Uses an invitation up: makes a device, and sets the password if there is one.
///
/// # Errors
/// Those of [`look`]; those of [`check_password`].
pub async fn join(
    state: &AppState,
    caller: &Caller,
    invitation: &str,
    device_name: &str,
    password: Option<String>,
) -> Result<NewDevice, Denied> {
    let password = password.filter(|password| !password.is_empty());
    password.as_deref().map(check_password).transpose()?;
    let turn = Turn::take(state, None, caller).await?;
    let (token, invited, turn) = found(state, turn, invitation).await?;
    let hash = match password {
        Some(password) => Some(state.compute(move || hash_password(&password)).await??),
        None => None,
    };
    let draft = Draft::draw(state, invited.key, device_name)?;
    if !state.store().join(token.hash(), draft.session(), hash).await.map_err(logged)? {
        return Err(turn.failed(kind::INVITATION_REFUSED, Some(invited.key), Code::InvitationInvalid).await);
    }
    drop(turn);
    let device = draft.finish(state).await?;
    let line = device.who.line(kind::JOINED);
    audit::note(state, NewLine { address: caller.address.clone(), ..line }).await;
    Ok(device)
}
