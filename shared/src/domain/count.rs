//! Numbers that several people arrive at apart: a typed value, taps at the door, and how the two make a total.
//!
//! Unknown is not zero. A correction remembers which taps it had seen; the total is its value plus what was tapped
//! beyond that. Two people who both correct 80 to 60 mean 60; two people who both tap ten times mean twenty.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use super::error::{Code, Problem};
use crate::ids::ActorId;

/// Largest number that a person may type for one count: more than any ward has people.
pub const MAX_COUNT: u32 = 1_000_000;
/// Largest number of taps of one actor, either way.
pub const MAX_TAPS: i64 = 100_000;

/// A typed number, checked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
#[cbor(transparent)]
pub struct Amount(#[n(0)] u32);

impl Amount {
    /// Checks a typed number.
    ///
    /// # Errors
    /// [`Code::CountNegative`] below 0, [`Code::CountTooLarge`] above [`MAX_COUNT`].
    pub fn new(value: i64) -> Result<Self, Problem> {
        if value < 0 {
            return Err(Problem::new(Code::CountNegative));
        }
        u32::try_from(value)
            .ok()
            .filter(|value| *value <= MAX_COUNT)
            .map(Self)
            .ok_or_else(|| Problem::new(Code::CountTooLarge))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

/// What a person typed, with the taps that stood when they did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Correction {
    /// The number typed; `None` when the person said that it is not known.
    pub value: Option<u32>,
    /// Taps seen, by actor.
    pub seen: BTreeMap<ActorId, i64>,
}

/// Taps by actor.
pub type Taps = BTreeMap<ActorId, i64>;

/// The total of a count: the correction's value plus what was tapped beyond what it saw. `None` = not known:
/// nobody typed a number and nobody tapped, or somebody said "not known" and nobody tapped since.
#[must_use]
pub fn total(correction: Option<&Correction>, taps: &Taps) -> Option<u32> {
    let beyond = |seen: &BTreeMap<ActorId, i64>| -> i64 {
        let tapped: i64 = taps.iter().map(|(actor, n)| n - seen.get(actor).copied().unwrap_or(0)).sum();
        let gone: i64 = seen.iter().filter(|(actor, _)| !taps.contains_key(actor)).map(|(_, n)| *n).sum();
        tapped - gone
    };
    let (value, added) = match correction {
        Some(correction) => (correction.value, beyond(&correction.seen)),
        None => (None, beyond(&BTreeMap::new())),
    };
    match (value, added) {
        (None, 0) if correction.is_some() || taps.is_empty() => None,
        (value, added) => {
            let sum = i64::from(value.unwrap_or(0)).saturating_add(added);
            Some(u32::try_from(sum.max(0)).unwrap_or(u32::MAX))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taps(list: &[(u8, i64)]) -> Taps {
        list.iter().map(|(actor, n)| (ActorId([*actor; 16]), *n)).collect()
    }

    #[test]
    fn unknown_is_not_zero() {
        assert_eq!(total(None, &Taps::new()), None);
        assert_eq!(total(Some(&Correction { value: Some(0), ..Default::default() }), &Taps::new()), Some(0));
        assert_eq!(total(Some(&Correction::default()), &Taps::new()), None);
        assert_eq!(total(None, &taps(&[(1, 0)])), Some(0));
    }

    #[test]
    fn taps_add_up_and_corrections_do_not() {
        assert_eq!(total(None, &taps(&[(1, 14), (2, 17)])), Some(31));
        let sixty = Correction { value: Some(60), seen: taps(&[(1, 14), (2, 17)]) };
        assert_eq!(total(Some(&sixty), &taps(&[(1, 14), (2, 17)])), Some(60));
        assert_eq!(total(Some(&sixty), &taps(&[(1, 15), (2, 17), (3, 2)])), Some(63));
        assert_eq!(total(Some(&sixty), &taps(&[(1, 10), (2, 17)])), Some(56));
    }

    #[test]
    fn amounts_are_checked() {
        assert_eq!(Amount::new(-1).map_err(|p| p.code), Err(Code::CountNegative));
        assert_eq!(Amount::new(1_000_001).map_err(|p| p.code), Err(Code::CountTooLarge));
        assert_eq!(Amount::new(80).map(Amount::get), Ok(80));
    }
}
