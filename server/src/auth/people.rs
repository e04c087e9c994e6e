//! Adding people: what a new account must have. Called by the set-up, the administrators' route and the demo.

use donghanh_shared::access::Membership;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::PersonId;

use super::secrets::{hash_password, random};
use crate::problem::logged;
use crate::state::AppState;
use crate::store::NewPerson;

/// Shortest password, in characters.
pub const PASSWORD_CHARS: usize = 10;
/// Longest password, in bytes.
const PASSWORD_BYTES: usize = 200;
/// Longest names, in characters.
const NAME_CHARS: usize = 80;

/// An account as somebody asks for it.
#[derive(Clone)]
pub struct Application {
    /// Drawn when absent.
    pub id: Option<PersonId>,
    /// Name to sign in with.
    pub sign_in: String,
    /// Name people read.
    pub full_name: String,
    /// Password.
    pub password: String,
    /// Roles.
    pub memberships: Vec<Membership>,
}

/// The name as it is kept and compared: without blanks around it, lower case.
#[must_use]
pub fn sign_in_name(typed: &str) -> String {
    typed.trim().to_lowercase()
}

/// Checks the applications and adds the people, all or none.
///
/// # Errors
/// [`Code::TextEmpty`] or [`Code::TextTooLong`] at `name` or `full_name`, [`Code::PasswordTooShort`] at `password`,
/// [`Code::DocumentExists`] at `name` when it is taken, [`Code::Internal`].
pub async fn add(state: &AppState, applications: Vec<Application>) -> Result<Vec<PersonId>, Problem> {
    let checked = applications.into_iter().map(check).collect::<Result<Vec<_>, _>>()?;
    let one_at_a_time = state.passwords().lock().await;
    let hashed = state.compute(move || checked.into_iter().map(hash).collect::<Result<Vec<_>, _>>()).await?;
    drop(one_at_a_time);
    let people = hashed?;
    let ids = people.iter().map(|person| person.id).collect();
    state.store().add_people(people, state.now()).await.map_err(logged)?;
    Ok(ids)
}

/// Checks an account's names and password, and brings the names into the form in which they are kept.
///
/// # Errors
/// Those of [`add`], but for the ones that only the store knows.
pub fn check(application: Application) -> Result<Application, Problem> {
    let sign_in = check_name(&sign_in_name(&application.sign_in), "name")?;
    let full_name = check_name(&application.full_name, "full_name")?;
    check_password(&application.password)?;
    Ok(Application { sign_in, full_name, ..application })
}

/// Checks a name, without blanks around it.
///
/// # Errors
/// [`Code::TextEmpty`] or [`Code::TextTooLong`] at `field`.
pub fn check_name(name: &str, field: &str) -> Result<String, Problem> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Problem::new(Code::TextEmpty).at(field));
    }
    if name.chars().count() > NAME_CHARS {
        return Err(Problem::new(Code::TextTooLong).at(field));
    }
    Ok(name.to_owned())
}

/// Checks a new password.
///
/// # Errors
/// [`Code::PasswordTooShort`] or [`Code::TextTooLong`] at `password`.
pub fn check_password(password: &str) -> Result<(), Problem> {
    if password.chars().count() < PASSWORD_CHARS {
        return Err(Problem::new(Code::PasswordTooShort).at("password"));
    }
    if password.len() > PASSWORD_BYTES {
        return Err(Problem::new(Code::TextTooLong).at("password"));
    }
    Ok(())
}

fn hash(application: Application) -> Result<NewPerson, Problem> {
    Ok(NewPerson {
        id: application.id.map_or_else(|| random().map(PersonId), Ok)?,
        sign_in: application.sign_in,
        full_name: application.full_name,
        password: hash_password(&application.password)?,
        memberships: application.memberships,
    })
}
