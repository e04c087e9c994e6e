//! What proves a person: their password's hash and their two-step codes.

use donghanh_shared::domain::date::Millis;
use donghanh_shared::ids::PersonId;

use super::{Credentials, Key, Pending};

/// Two-step codes of a person.
#[derive(Clone, Debug)]
pub struct Totp {
    /// The secret, sealed.
    pub sealed: Vec<u8>,
    /// When a first code proved it; until then it counts for nothing.
    pub since: Option<Millis>,
}

/// Changes of what proves a person.
pub trait Secrets {
    /// What proves this person.
    fn credentials_of(&self, person: Key) -> Pending<'_, Option<Credentials>>;
    /// The row of a person who is not closed.
    fn person_key(&self, person: PersonId) -> Pending<'_, Option<Key>>;
    /// Replaces the password's hash.
    fn set_password(&self, person: Key, hash: String) -> Pending<'_, ()>;
    /// Keeps a new secret of codes, which counts for nothing until it is proven. Refuses with `not_allowed` when there
    /// are proven codes.
    fn set_totp(&self, person: Key, sealed: Vec<u8>) -> Pending<'_, ()>;
    /// Uses the code of a step, and proves the codes if they were not proven yet. `false` when a code of this step or a
    /// later one was used before.
    fn use_code(&self, person: Key, step: u64, at: Millis) -> Pending<'_, bool>;
    /// Forgets the codes.
    fn reset_totp(&self, person: Key) -> Pending<'_, ()>;
}
