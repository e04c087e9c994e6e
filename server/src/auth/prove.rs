//! Proving who somebody is: by name, password and two-step code. Whoever fails too often waits; a wrong name and a wrong
//! password are told alike and take as long.

use donghanh_shared::domain::error::{Code, Problem};
use tokio::sync::MutexGuard;

use super::attempts::{Denied, Tries};
use super::{SignedIn, codes, people, secrets};
use crate::audit::{self, kind};
use crate::problem::logged;
use crate::state::AppState;
use crate::store::audit::NewLine;
use crate::store::{Credentials, Key};

/// Where a request comes from.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// The address; empty when there is no socket.
    pub address: String,
}

/// What somebody types to prove who they are.
#[derive(Debug)]
pub struct Proof {
    /// Name to sign in with.
    pub name: String,
    /// Password.
    pub password: String,
    /// Code of their authenticator app.
    pub code: Option<String>,
}

/// Finds out whether somebody is who they say they are.
///
/// # Errors
/// [`Code::SignInWrong`] for a wrong name and a wrong password alike; only after a right password [`Code::CodeNeeded`] or
/// [`Code::CodeWrong`]; [`Code::TooManyAttempts`], [`Code::Internal`].
pub async fn prove(state: &AppState, caller: &Caller, proof: Proof) -> Result<Credentials, Denied> {
    let Proof { name, password, code } = proof;
    let name = people::sign_in_name(&name);
    let turn = Turn::take(state, Some(&name), caller).await?;
    let found = state.store().credentials(name.clone()).await.map_err(logged)?;
    let hash = found.as_ref().map(|found| found.password.clone());
    let about = found.as_ref().map(|found| found.key);
    let is_right = state.compute(move || secrets::is_password(&password, hash.as_deref())).await?;
    let Some(found) = found.filter(|_| is_right) else {
        return Err(turn.failed(kind::SIGN_IN_REFUSED, about, Code::SignInWrong).await);
    };
    if found.totp.as_ref().is_some_and(|totp| totp.since.is_some()) {
        let code = code.filter(|code| !code.trim().is_empty()).ok_or(Code::CodeNeeded)?;
        if let Err(problem) = codes::use_code(state, &found, &code).await {
            return Err(turn.failed(kind::CODE_REFUSED, about, problem.code).await);
        }
    }
    state.attempts().succeeded(&name);
    Ok(found)
}

/// Proves a new secret of two-step codes by a first code.
///
/// # Errors
/// [`Code::CodeWrong`], [`Code::TooManyAttempts`], [`Code::Internal`].
pub async fn prove_codes(
    state: &AppState,
    caller: &Caller,
    who: &SignedIn,
    code: &str,
) -> Result<(), Denied> {
    let found = credentials(state, who).await?;
    let turn = Turn::take(state, Some(&found.sign_in), caller).await?;
    if let Err(problem) = codes::use_code(state, &found, code).await {
        return Err(turn.failed(kind::CODE_REFUSED, Some(found.key), problem.code).await);
    }
    audit::note(state, who.line(kind::CODES_SET_UP)).await;
    Ok(())
}

/// Sets or changes the password of a signed-in person; the old one is asked for where there is one.
///
/// # Errors
/// [`Code::SignInWrong`] at `old`, those of [`people::check_password`], [`Code::TooManyAttempts`], [`Code::Internal`].
pub async fn change_password(
    state: &AppState,
    caller: &Caller,
    who: &SignedIn,
    (old, new): (Option<String>, String),
) -> Result<(), Denied> {
    people::check_password(&new).map_err(|problem| Problem { field: Some("new".to_owned()), ..problem })?;
    let found = credentials(state, who).await?;
    let turn = Turn::take(state, Some(&found.sign_in), caller).await?;
    if !found.password.is_empty() {
        let (old, hash) = (old.unwrap_or_default(), found.password.clone());
        let is_right = state.compute(move || secrets::is_password(&old, Some(&hash))).await?;
        if !is_right {
            let denied = turn.failed(kind::SIGN_IN_REFUSED, Some(found.key), Code::SignInWrong).await;
            return Err(Denied { problem: denied.problem.at("old"), ..denied });
        }
    }
    let hash = state.compute(move || secrets::hash_password(&new)).await??;
    drop(turn);
    state.store().set_password(found.key, hash).await.map_err(logged)?;
    audit::note(state, who.line(kind::PASSWORD_CHANGED)).await;
    Ok(())
}

async fn credentials(state: &AppState, who: &SignedIn) -> Result<Credentials, Problem> {
    let found = state.store().credentials_of(who.person_key()).await.map_err(logged)?;
    found.ok_or_else(|| Problem::new(Code::NotSignedIn))
}

/// The turn to try. One at a time: hashing a password takes 19 MiB, and guesses at the same moment must not slip through
/// together before the first of them has failed.
pub(crate) struct Turn<'a> {
    state: &'a AppState,
    tries: Tries<'a>,
    one_at_a_time: MutexGuard<'a, ()>,
}

impl<'a> Turn<'a> {
    /// Waits for the turn; who failed too often does not even wait.
    pub(crate) async fn take(
        state: &'a AppState,
        name: Option<&'a str>,
        caller: &'a Caller,
    ) -> Result<Self, Denied> {
        let tries = Tries { name, address: &caller.address };
        may_try(state, tries).await?;
        let turn = Self { state, tries, one_at_a_time: state.passwords().lock().await };
        may_try(state, tries).await?;
        Ok(turn)
    }

    /// Counts a failure and notes it; `about` is the person whose account it was.
    pub(crate) async fn failed(self, kind: &'static str, about: Option<Key>, code: Code) -> Denied {
        let Self { state, tries, one_at_a_time } = self;
        state.attempts().failed(tries, state.now());
        drop(one_at_a_time);
        audit::note(state, NewLine { kind, about, address: tries.address.to_owned(), ..NewLine::default() })
            .await;
        code.into()
    }
}

/// Whether they may try at all.
async fn may_try(state: &AppState, tries: Tries<'_>) -> Result<(), Denied> {
    let checked = state.attempts().check(tries, state.now());
    if checked.is_err() {
        let address = tries.address.to_owned();
        audit::note(state, NewLine { kind: kind::TOO_MANY_ATTEMPTS, address, ..NewLine::default() }).await;
    }
    checked
}
