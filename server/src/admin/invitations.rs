//! Invitations: how somebody gets an account and its first phone without anybody else knowing a password, and how they
//! come back when both are lost. What would let one person take over an officer's or an administrator's account takes a
//! second one.

use donghanh_shared::access::Role;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::search::folded;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::PersonId;

use super::people::check_role;
use super::second_person::{self, Asked};
use crate::audit::{self, kind};
use crate::auth::SignedIn;
use crate::auth::people::{check_name, sign_in_name};
use crate::auth::secrets::{Token, random};
use crate::problem::logged;
use crate::state::AppState;
use crate::store::audit::NewLine;
use crate::store::directory::Account;
use crate::store::invitations::{NewInvitation, RoleAt};
use crate::store::{Key, NewPerson};

/// How long an invitation can be used.
const VALID_MS: Millis = 7 * 24 * 3600 * 1000;
/// How many numbers are tried behind a name that is taken.
const NUMBERS: usize = 200;
/// Longest name made from a full name, in characters.
const MADE_CHARS: usize = 60;

/// Somebody to be invited.
#[derive(Debug)]
pub struct Wanted {
    /// Name people read.
    pub full_name: String,
    /// Name to sign in with; made from the other one when absent.
    pub sign_in: Option<String>,
    /// What the person will be.
    pub role: RoleAt,
}

/// An invitation, shown once.
#[derive(Debug)]
pub struct Made {
    /// Whom it is for.
    pub person: PersonId,
    /// The name they sign in with.
    pub name: String,
    /// What they show.
    pub token: Token,
    /// Until when.
    pub expires_at: Millis,
}

/// Adds a person without a password and invites them. Who may bring whom into which role, say the rules of access. Where
/// that takes a second person, the account is there without a role until one is found.
///
/// # Errors
/// [`Code::NotAllowed`]; those of [`check_name`] and [`check_role`]; [`Code::DocumentExists`] at `name` when it is taken;
/// [`Code::SecondPersonNeeded`]; [`Code::Internal`].
pub async fn invite_new(state: &AppState, who: &SignedIn, wanted: Wanted) -> Result<Made, Problem> {
    let Wanted { full_name, sign_in, role } = wanted;
    let membership = role.clone().from(state.today());
    if !who.looks_after(std::slice::from_ref(&membership), state) {
        return Err(Code::NotAllowed.into());
    }
    check_role(state, &role).await?;
    let full_name = check_name(&full_name, "full_name")?;
    let sign_in = match sign_in.filter(|name| !name.trim().is_empty()) {
        Some(name) => check_name(&sign_in_name(&name), "name")?,
        None => made_name(state, &full_name).await?,
    };
    let id = PersonId(random()?);
    let (name, password, code) = (sign_in.clone(), String::new(), role.role.code());
    let person = |memberships| NewPerson { id, sign_in, full_name, password, memberships };
    if second_person::makes(state, who, role.role).await? {
        state.store().add_people(vec![person(Vec::new())], state.now()).await.map_err(logged)?;
        note(state, who, kind::ACCOUNT_ADDED, id, code.to_owned()).await;
        return Err(second_person::ask_role(state, who, id, role).await?);
    }
    let made = invite(state, Some(who), Some(person(vec![membership])), (id, name)).await?;
    note(state, who, kind::ACCOUNT_ADDED, id, code.to_owned()).await;
    note(state, who, kind::INVITATION_MADE, id, String::new()).await;
    Ok(made)
}

/// Invites somebody who has an account: they lost their phone, or never came. Older invitations end.
///
/// # Errors
/// [`Code::NotFound`], [`Code::NotAllowed`], [`Code::SecondPersonNeeded`] (and the request is made), [`Code::Internal`].
pub async fn invite_again(state: &AppState, who: &SignedIn, person: PersonId) -> Result<Made, Problem> {
    let account = account(state, person).await?;
    if !who.looks_after(&account.memberships, state) {
        return Err(Code::NotAllowed.into());
    }
    second_person::guard(state, who, &account, Asked::Invitation).await?;
    invited(state, who, account).await
}

/// Makes an invitation for an account.
///
/// # Errors
/// [`Code::Internal`].
pub async fn invited(state: &AppState, who: &SignedIn, account: Account) -> Result<Made, Problem> {
    let person = account.person;
    let made = invite(state, Some(who), None, (person, account.sign_in)).await?;
    note(state, who, kind::INVITATION_MADE, person, String::new()).await;
    Ok(made)
}

/// Lets an administrator back in who has neither phone nor codes and no second administrator to ask; old codes are
/// forgotten. For whoever runs the machine, and for administrators alone, who read no case.
///
/// # Errors
/// [`Code::NotFound`] for a name that nobody has, [`Code::NotAllowed`] for anybody else, [`Code::Internal`].
pub async fn let_back_in(state: &AppState, name: &str) -> Result<Made, Problem> {
    let name = sign_in_name(name);
    let today = state.today();
    let people = state.store().people().await.map_err(logged)?;
    let found = people.into_iter().find(|account| account.sign_in == name).ok_or(Code::NotFound)?;
    let held = found.memberships.iter().filter(|held| held.span.contains(today));
    let roles: Vec<Role> = held.map(|held| held.role).collect();
    if roles.is_empty() || roles.iter().any(|role| *role != Role::Administrator) {
        return Err(Code::NotAllowed.into());
    }
    let about = key(state, found.person).await?;
    state.store().reset_totp(about).await.map_err(logged)?;
    let made = invite(state, None, None, (found.person, found.sign_in)).await?;
    let line = NewLine {
        about: Some(about),
        note: "server".to_owned(),
        kind: kind::INVITATION_MADE,
        ..NewLine::default()
    };
    audit::note(state, line).await;
    Ok(made)
}

/// Forgets somebody's two-step codes: their phone is lost. For administrators.
///
/// # Errors
/// [`Code::NotFound`], [`Code::SecondPersonNeeded`] (and the request is made), [`Code::Internal`].
pub async fn reset_codes(state: &AppState, who: &SignedIn, person: PersonId) -> Result<(), Problem> {
    let account = account(state, person).await?;
    second_person::guard(state, who, &account, Asked::TotpReset).await?;
    forget_codes(state, who, person).await
}

/// Forgets them without asking anybody.
///
/// # Errors
/// [`Code::Internal`].
pub async fn forget_codes(state: &AppState, who: &SignedIn, person: PersonId) -> Result<(), Problem> {
    state.store().reset_totp(key(state, person).await?).await.map_err(logged)?;
    note(state, who, kind::CODES_RESET, person, String::new()).await;
    Ok(())
}

async fn invite(
    state: &AppState,
    who: Option<&SignedIn>,
    added: Option<NewPerson>,
    (person, name): (PersonId, String),
) -> Result<Made, Problem> {
    let (token, at) = (Token::draw()?, state.now());
    let expires_at = at + VALID_MS;
    let (hash, made_by) = (token.hash(), who.map(SignedIn::person_key));
    let invitation = NewInvitation { token: hash, person, made_by, at, expires_at };
    state.store().invite(added, invitation).await.map_err(logged)?;
    Ok(Made { person, name, token, expires_at })
}

/// An account by its person.
///
/// # Errors
/// [`Code::NotFound`], [`Code::Internal`].
pub async fn account(state: &AppState, person: PersonId) -> Result<Account, Problem> {
    let people = state.store().people().await.map_err(logged)?;
    people.into_iter().find(|account| account.person == person).ok_or_else(|| Code::NotFound.into())
}

/// The row of a person.
///
/// # Errors
/// [`Code::NotFound`], [`Code::Internal`].
pub async fn key(state: &AppState, person: PersonId) -> Result<Key, Problem> {
    state.store().person_key(person).await.map_err(logged)?.ok_or_else(|| Code::NotFound.into())
}

/// Notes what somebody did about a person.
pub async fn note(state: &AppState, who: &SignedIn, kind: &'static str, about: PersonId, note: String) {
    match key(state, about).await {
        Ok(about) => audit::note(state, NewLine { about: Some(about), note, ..who.line(kind) }).await,
        Err(problem) => tracing::error!(%problem, "a line of the audit lacks its person"),
    }
}

/// A sign-in name nobody has: `Nguyễn Thị Lan` → `nguyen.thi.lan`, `nguyen.thi.lan2`.
async fn made_name(state: &AppState, full_name: &str) -> Result<String, Problem> {
    let base = dotted(full_name);
    let numbered = (2..=NUMBERS).map(|number| format!("{base}{number}"));
    let names: Vec<String> = std::iter::once(base.clone()).chain(numbered).collect();
    let taken = state.store().taken(names.clone()).await.map_err(logged)?;
    let free = names.into_iter().zip(taken).find(|(_, taken)| !taken);
    free.map(|(name, _)| name).ok_or_else(|| Problem::new(Code::DocumentExists).at("name"))
}

fn dotted(full_name: &str) -> String {
    let folded = folded(full_name);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let name: String = words.collect::<Vec<_>>().join(".").chars().take(MADE_CHARS).collect();
    if name.is_empty() { "thanh.vien".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_from_full_names() {
        assert_eq!(dotted(" Nguyễn  Thị Lan "), "nguyen.thi.lan");
        assert_eq!(dotted("Đỗ Văn-Út (B)"), "do.van.ut.b");
        assert_eq!(dotted("–"), "thanh.vien");
        assert!(dotted(&"Lan ".repeat(100)).len() <= MADE_CHARS);
    }
}
