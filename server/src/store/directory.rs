//! What administrators ask the store: who has an account, which organisations there are, what the area is called.

use donghanh_shared::access::Membership;
use donghanh_shared::domain::date::{Date, Millis};
use donghanh_shared::domain::organisation::Organisation;
use donghanh_shared::ids::PersonId;

use super::{Key, Pending};

/// An account, without anything secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Identity.
    pub person: PersonId,
    /// Name to sign in with.
    pub sign_in: String,
    /// Name people read.
    pub full_name: String,
    /// Every role held, past ones too.
    pub memberships: Vec<Membership>,
}

/// Queries and changes of administrators beside [`Accounts`](super::Accounts) and [`Register`](super::Register).
pub trait Directory {
    /// Every account that is not closed, oldest first.
    fn people(&self) -> Pending<'_, Vec<Account>>;
    /// Gives somebody these roles in place of those held today. Those held before stay in the list of what they were.
    fn set_roles(&self, person: Key, roles: Vec<Membership>, today: Date, at: Millis) -> Pending<'_, ()>;
    /// Ends whatever lets somebody in: their roles, password and unused invitations; `by` takes their devices off with it.
    /// Returns those that were taken off.
    fn shut_out(&self, person: Key, by: Key, today: Date, at: Millis) -> Pending<'_, Vec<Key>>;
    /// Every organisation.
    fn organisations(&self) -> Pending<'_, Vec<Organisation>>;
    /// What the area is called; empty until somebody says.
    fn area_name(&self) -> Pending<'_, String>;
    /// Says what the area is called.
    fn name_area(&self, name: String) -> Pending<'_, ()>;
}
