//! Failed attempts by account name and by address: after too many, both wait. Kept in memory; a restart forgives.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::{Code, Problem};

/// Failures allowed to one name.
const BY_NAME: usize = 10;
/// Failures allowed to one address: an office shares one.
const BY_ADDRESS: usize = 50;
/// Within this time.
const WINDOW_MS: Millis = 15 * 60 * 1000;
/// Names and addresses remembered at most, each; beyond that the ones whose time is over are dropped.
const REMEMBERED: usize = 10_000;

/// Why somebody was not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// Why.
    pub problem: Problem,
    /// Seconds to wait before trying again, where waiting helps.
    pub wait_s: Option<u64>,
}

impl From<Problem> for Denied {
    fn from(problem: Problem) -> Self {
        Self { problem, wait_s: None }
    }
}

impl From<Code> for Denied {
    fn from(code: Code) -> Self {
        Problem::new(code).into()
    }
}

/// Who tries.
#[derive(Clone, Copy, Debug)]
pub struct Tries<'a> {
    /// The account's name, if one was told.
    pub name: Option<&'a str>,
    /// The caller's address.
    pub address: &'a str,
}

/// The failures.
#[derive(Debug, Default)]
pub struct Attempts {
    names: Failures,
    addresses: Failures,
}

impl Attempts {
    /// Whether they may try.
    ///
    /// # Errors
    /// [`Code::TooManyAttempts`] with the seconds to wait.
    pub fn check(&self, who: Tries<'_>, now: Millis) -> Result<(), Denied> {
        let by_name = who.name.and_then(|name| self.names.blocked_until(name, BY_NAME, now));
        let until = by_name.max(self.addresses.blocked_until(who.address, BY_ADDRESS, now));
        let Some(until) = until else { return Ok(()) };
        let wait_s = u64::try_from((until - now + 999) / 1000).unwrap_or(1).max(1);
        Err(Denied { problem: Problem::new(Code::TooManyAttempts), wait_s: Some(wait_s) })
    }

    /// Notes a failure.
    pub fn failed(&self, who: Tries<'_>, now: Millis) {
        if let Some(name) = who.name {
            self.names.add(name, BY_NAME, now);
        }
        self.addresses.add(who.address, BY_ADDRESS, now);
    }

    /// Forgets a name's failures. Those of the address stay: whoever has one account must not guess at others for ever.
    pub fn succeeded(&self, name: &str) {
        self.names.all().remove(name);
    }
}

#[derive(Debug, Default)]
struct Failures(Mutex<HashMap<String, Vec<Millis>>>);

impl Failures {
    fn all(&self) -> MutexGuard<'_, HashMap<String, Vec<Millis>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The moment from which one more try is allowed; `None`: now.
    fn blocked_until(&self, who: &str, allowed: usize, now: Millis) -> Option<Millis> {
        let all = self.all();
        let recent: Vec<Millis> = all.get(who)?.iter().copied().filter(|at| is_recent(*at, now)).collect();
        let oldest = recent.len().checked_sub(allowed)?;
        recent.get(oldest).map(|at| at + WINDOW_MS)
    }

    fn add(&self, who: &str, allowed: usize, now: Millis) {
        let mut all = self.all();
        if all.len() >= REMEMBERED {
            all.retain(|_, at| at.iter().any(|at| is_recent(*at, now)));
        }
        if all.len() >= REMEMBERED && !all.contains_key(who) {
            return;
        }
        let at = all.entry(who.to_owned()).or_default();
        at.retain(|at| is_recent(*at, now));
        if at.len() == allowed {
            at.remove(0);
        }
        at.push(now);
    }
}

fn is_recent(at: Millis, now: Millis) -> bool {
    now - at < WINDOW_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tries<'a>(name: &'a str, address: &'a str) -> Tries<'a> {
        Tries { name: Some(name), address }
    }

    #[test]
    fn ten_failures_block_the_name_alone_until_the_window_is_over() {
        let attempts = Attempts::default();
        for at in 0..10 {
            assert!(attempts.check(tries("lan", "a"), at).is_ok());
            attempts.failed(tries("lan", "a"), at);
        }
        let denied = attempts.check(tries("lan", "b"), 10).expect_err("blocked");
        assert_eq!((denied.problem.code, denied.wait_s), (Code::TooManyAttempts, Some(900)));
        assert!(attempts.check(tries("minh", "a"), 10).is_ok());
        assert!(attempts.check(tries("lan", "b"), WINDOW_MS).is_ok());
        attempts.succeeded("lan");
        assert!(attempts.check(tries("lan", "b"), 10).is_ok());
    }

    #[test]
    fn fifty_failures_block_the_address_whatever_the_names() {
        let attempts = Attempts::default();
        for n in 0..50 {
            let name = n.to_string();
            assert!(attempts.check(tries(&name, "a"), n).is_ok());
            attempts.failed(tries(&name, "a"), n);
        }
        attempts.succeeded("7");
        assert!(attempts.check(tries("lan", "a"), 60).is_err());
        assert!(attempts.check(Tries { name: None, address: "a" }, 60).is_err());
        assert!(attempts.check(tries("lan", "b"), 60).is_ok());
    }
}
