//! Invitations: how somebody gets an account and its first phone without anybody else knowing a password, and how they
//! come back when both are lost. What would let one person take over an officer's or an administrator's account takes a
//! second one.

use donghanh_shared::access::{Membership, Role};
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::date::{Millis, Span};
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::search::folded;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ApprovalId, PersonId};

use super::people::check_role;
use crate::audit::{self, kind};
use crate::auth::SignedIn;
use crate::auth::people::{check_name, sign_in_name};
use crate::auth::secrets::{Token, random};
use crate::problem::logged;
use crate::state::AppState;
use crate::store::audit::NewLine;
use crate::store::directory::Account;
use crate::store::invitations::{Approval, NewInvitation};
use crate::store::{Key, NewPerson};

/// How long an invitation can be used.
const VALID_MS: Millis = 7 * 24 * 3600 * 1000;
/// How many numbers are tried behind a name that is taken.
const NUMBERS: usize = 200;
/// Longest name made from a full name, in characters.
const MADE_CHARS: usize = 60;

/// What takes a second person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guarded {
    Invitation,
    TotpReset,
}

impl Guarded {
    fn code(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::TotpReset => "totp_reset",
        }
    }
}

/// Somebody to be invited.
#[derive(Debug)]
pub struct Wanted {
    /// Name people read.
    pub full_name: String,
    /// Name to sign in with; made from the other one when absent.
    pub sign_in: Option<String>,
    /// What the person will be.
    pub role: Role,
    /// Where.
    pub ward: Option<WardRef>,
    /// For whom.
    pub organisation: Option<OrganisationId>,
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

/// Adds a person without a password and invites them. Administrators invite anybody, ward supervisors volunteers and
/// helpers of their wards.
///
/// # Errors
/// [`Code::NotAllowed`]; those of [`check_name`] and [`check_role`]; [`Code::DocumentExists`] at `name` when it is taken;
/// [`Code::Internal`].
pub async fn invite_new(state: &AppState, who: &SignedIn, wanted: Wanted) -> Result<Made, Problem> {
    let span = Span { from: state.today(), to: None };
    let Wanted { full_name, sign_in, role, ward, organisation } = wanted;
    let membership = Membership { role, ward, organisation, span };
    if !who.looks_after(std::slice::from_ref(&membership), state) {
        return Err(Code::NotAllowed.into());
    }
    check_role(state, role, ward, membership.organisation.as_ref()).await?;
    let full_name = check_name(&full_name, "full_name")?;
    let sign_in = match sign_in.filter(|name| !name.trim().is_empty()) {
        Some(name) => check_name(&sign_in_name(&name), "name")?,
        None => made_name(state, &full_name).await?,
    };
    let id = PersonId(random()?);
    let (name, password, memberships) = (sign_in.clone(), String::new(), vec![membership]);
    let person = NewPerson { id, sign_in, full_name, password, memberships };
    let made = invite(state, Some(who), Some(person), (id, name)).await?;
    note(state, who, kind::ACCOUNT_ADDED, id, role.code().to_owned()).await;
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
    guard(state, who, &account, Guarded::Invitation).await?;
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
    guard(state, who, &account, Guarded::TotpReset).await?;
    forget_codes(state, who, person).await
}

async fn forget_codes(state: &AppState, who: &SignedIn, person: PersonId) -> Result<(), Problem> {
    state.store().reset_totp(key(state, person).await?).await.map_err(logged)?;
    note(state, who, kind::CODES_RESET, person, String::new()).await;
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
    let (by, now) = (who.person_key(), state.now());
    if !state.store().decide_approval(approval, by, grant, now).await.map_err(logged)? {
        return Err(Code::NotFound.into());
    }
    let outcome = if grant { kind::RESET_GRANTED } else { kind::RESET_REFUSED };
    note(state, who, outcome, asked.person, asked.kind.clone()).await;
    if !grant {
        return Ok(None);
    }
    if asked.kind == Guarded::TotpReset.code() {
        forget_codes(state, who, asked.person).await?;
        return Ok(None);
    }
    let account = account(state, asked.person).await?;
    let made = invite(state, Some(who), None, (asked.person, account.sign_in)).await?;
    note(state, who, kind::INVITATION_MADE, asked.person, String::new()).await;
    Ok(Some(made))
}

/// Officers and administrators: whoever comes back as one of them can read cases, or make anybody else.
async fn guard(state: &AppState, who: &SignedIn, account: &Account, what: Guarded) -> Result<(), Problem> {
    let today = state.today();
    let is_guarded = |held: &Membership| {
        held.span.contains(today) && matches!(held.role, Role::AftercareOfficer | Role::Administrator)
    };
    if !account.memberships.iter().any(is_guarded) {
        return Ok(());
    }
    let (about, by, now) = (key(state, account.person).await?, who.person_key(), state.now());
    let asked = state.store().ask_approval(ApprovalId(random()?), what.code().to_owned(), about, by, now);
    asked.await.map_err(logged)?;
    note(state, who, kind::RESET_ASKED, account.person, what.code().to_owned()).await;
    Err(Code::SecondPersonNeeded.into())
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

async fn account(state: &AppState, person: PersonId) -> Result<Account, Problem> {
    let people = state.store().people().await.map_err(logged)?;
    people.into_iter().find(|account| account.person == person).ok_or_else(|| Code::NotFound.into())
}

async fn key(state: &AppState, person: PersonId) -> Result<Key, Problem> {
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
