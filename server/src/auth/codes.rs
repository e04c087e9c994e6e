//! Two-step codes (TOTP, RFC 6238: SHA-1, six digits, thirty seconds), the secret sealed under the master key. A code
//! works once, and one step early or late.

use donghanh_shared::access::Role;
use donghanh_shared::domain::error::{Code, Problem};
use serde::Serialize;
use totp_rs::{Builder, Secret, Totp};
use utoipa::ToSchema;

use super::SignedIn;
use super::secrets::random;
use crate::problem::logged;
use crate::qr;
use crate::state::AppState;
use crate::store::{Credentials, Key};
use crate::vault::Purpose;

/// Bytes of a secret (RFC 4226 wants 16 at least and recommends 20).
const SECRET: usize = 20;
/// Longest code looked at, in bytes: people type blanks.
const MAX_CODE: usize = 16;
/// Who issues the codes, as authenticator apps show it.
const ISSUER: &str = "Dong Hanh";

/// How a person stands to two-step codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Codes {
    /// Has none and needs none.
    Off,
    /// Has them.
    On,
    /// Must set them up before anything else.
    Needed,
}

/// What an authenticator app is given.
#[derive(Debug)]
pub struct Offered {
    /// The secret, base32.
    pub secret: String,
    /// The same as `otpauth://`.
    pub uri: String,
    /// The same as a picture.
    pub qr_svg: String,
}

/// Roles whose holders see the work of others.
fn is_in_charge(role: Role) -> bool {
    matches!(role, Role::WardSupervisor | Role::OrganisationLead | Role::AreaSupervisor | Role::Administrator)
}

/// How a signed-in person stands to codes. A device made by an invitation was handed over in person and needs none; a
/// demo has nothing to protect.
#[must_use]
pub fn of(state: &AppState, who: &SignedIn) -> Codes {
    let (session, today) = (who.session(), state.today());
    let in_charge =
        session.memberships.iter().any(|held| held.span.contains(today) && is_in_charge(held.role));
    if session.has_codes {
        Codes::On
    } else if in_charge && !session.by_invitation && !state.store().instance().demo {
        Codes::Needed
    } else {
        Codes::Off
    }
}

/// Draws a secret for a person; it counts for nothing until [`use_code`] has seen a code of it.
///
/// # Errors
/// [`Code::NotAllowed`] when there are proven codes already, [`Code::Internal`].
pub async fn offer(state: &AppState, who: &SignedIn) -> Result<Offered, Problem> {
    let secret = random::<SECRET>()?;
    let key = who.person_key();
    let credentials = state.store().credentials_of(key).await.map_err(logged)?;
    let account = credentials.ok_or_else(|| Problem::new(Code::NotSignedIn))?.sign_in;
    let totp = totp(&secret, &account)?;
    let uri = totp.to_url().map_err(|error| failed(&error))?;
    let sealed = state.vault().seal(Purpose::Totp, &context(key), &secret)?;
    state.store().set_totp(key, sealed).await.map_err(logged)?;
    let qr_svg = qr::svg(&uri)?;
    Ok(Offered { secret: Secret::new_stack(secret).to_base32(), uri, qr_svg })
}

/// Uses a code up; the first one proves a new secret.
///
/// # Errors
/// [`Code::CodeWrong`] when it is not right, was used before, or there is no secret; [`Code::Internal`].
pub async fn use_code(state: &AppState, person: &Credentials, code: &str) -> Result<(), Problem> {
    let wrong = || Problem::new(Code::CodeWrong);
    let step = step_of(state, person, code)?.ok_or_else(wrong)?;
    let is_used = state.store().use_code(person.key, step, state.now()).await.map_err(logged)?;
    if is_used { Ok(()) } else { Err(wrong()) }
}

fn step_of(state: &AppState, person: &Credentials, code: &str) -> Result<Option<u64>, Problem> {
    let Some(found) = &person.totp else { return Ok(None) };
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if code.len() > MAX_CODE || digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let secret = state.vault().open_sealed(Purpose::Totp, &context(person.key), &found.sealed)?;
    let totp = totp(&secret, &person.sign_in)?;
    let seconds = u64::try_from(state.now() / 1000).unwrap_or_default();
    Ok(totp.check(&digits, seconds))
}

/// Whose secret it is.
fn context(person: Key) -> [u8; 8] {
    person.to_be_bytes()
}

fn totp(secret: &[u8], account: &str) -> Result<Totp, Problem> {
    // A colon parts issuer and account in the label.
    let account = account.replace(':', " ");
    let builder = Builder::new().with_secret(secret.to_vec()).with_issuer(Some(ISSUER));
    builder.with_account_name(account).build().map_err(|error| failed(&error))
}

fn failed(error: &totp_rs::TotpError) -> Problem {
    tracing::error!(%error, "two-step codes failed");
    Problem::new(Code::Internal)
}
