//! What people write in one field, with everybody's claim: values that were written apart all stay until a person
//! settles them.

use super::count::{Correction, Taps, total};
use super::date::Millis;
use crate::ids::ActorId;

/// One value of a register with who wrote it and when they say they did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim<T> {
    /// The value.
    pub value: T,
    /// Whose start of the app wrote it.
    pub actor: ActorId,
    /// When, by that phone's clock.
    pub at: Millis,
}

/// What a person typed in one field. Several claims: people wrote apart, and nobody has settled it yet.
/// The first claim is the one shown and counted; every replica puts the same one first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Register<T> {
    /// The claims that stand, the one that counts first.
    pub claims: Vec<Claim<T>>,
    /// Claims whose value this version cannot read (a newer app wrote them); they stay in the document.
    pub unreadable: u32,
}

impl<T> Default for Register<T> {
    fn default() -> Self {
        Self { claims: Vec::new(), unreadable: 0 }
    }
}

impl<T> Register<T> {
    /// The same claims as another type; those that `parse` does not understand count as unreadable.
    #[must_use]
    pub fn map<U>(&self, parse: impl Fn(&T) -> Option<U>) -> Register<U> {
        let mut mapped = Register { claims: Vec::new(), unreadable: self.unreadable };
        for claim in &self.claims {
            match parse(&claim.value) {
                Some(value) => mapped.claims.push(Claim { value, actor: claim.actor, at: claim.at }),
                None => mapped.unreadable += 1,
            }
        }
        mapped
    }
}

impl<T: PartialEq> Register<T> {
    /// The value that counts; `None` when nobody wrote one.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        self.claims.first().map(|claim| &claim.value)
    }

    /// Whether people wrote different values apart.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.claims
            .split_first()
            .is_some_and(|(first, rest)| rest.iter().any(|claim| claim.value != first.value))
            || (self.unreadable > 0 && !self.claims.is_empty())
    }
}

/// Something counted: typed, tapped, or both.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Count {
    /// What was typed.
    pub typed: Register<Correction>,
    /// What was tapped, by actor.
    pub taps: Taps,
}

impl Count {
    /// The total; `None` = not known.
    #[must_use]
    pub fn total(&self) -> Option<u32> {
        total(self.typed.value(), &self.taps)
    }

    /// The total by each claim, when people typed different numbers apart.
    #[must_use]
    pub fn alternatives(&self) -> Vec<Claim<Option<u32>>> {
        let by = |claim: &Claim<Correction>| Claim {
            value: total(Some(&claim.value), &self.taps),
            actor: claim.actor,
            at: claim.at,
        };
        self.typed.claims.iter().map(by).collect()
    }

    /// Whether people typed different numbers apart.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let all = self.alternatives();
        all.split_first().is_some_and(|(first, rest)| rest.iter().any(|other| other.value != first.value))
    }
}
