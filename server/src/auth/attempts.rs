//! Failed sign-ins by name: after too many, the name waits. Kept in memory; a restart forgives.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use donghanh_shared::domain::date::Millis;

/// Failures allowed.
const ALLOWED: usize = 10;
/// Within this time.
const WINDOW_MS: Millis = 15 * 60 * 1000;
/// Names remembered at most; beyond that the ones whose time is over are dropped.
const NAMES: usize = 10_000;

/// The failures.
#[derive(Debug, Default)]
pub struct Attempts {
    failures: Mutex<HashMap<String, Vec<Millis>>>,
}

impl Attempts {
    fn failures(&self) -> MutexGuard<'_, HashMap<String, Vec<Millis>>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this name must wait.
    pub fn is_blocked(&self, name: &str, now: Millis) -> bool {
        self.failures()
            .get(name)
            .is_some_and(|at| at.iter().filter(|at| is_recent(**at, now)).count() >= ALLOWED)
    }

    /// Notes a failure.
    pub fn failed(&self, name: &str, now: Millis) {
        let mut failures = self.failures();
        if failures.len() >= NAMES {
            failures.retain(|_, at| at.iter().any(|at| is_recent(*at, now)));
        }
        if failures.len() >= NAMES && !failures.contains_key(name) {
            return;
        }
        let at = failures.entry(name.to_owned()).or_default();
        at.retain(|at| is_recent(*at, now));
        at.push(now);
    }

    /// Forgets a name's failures.
    pub fn succeeded(&self, name: &str) {
        self.failures().remove(name);
    }
}

fn is_recent(at: Millis, now: Millis) -> bool {
    now - at < WINDOW_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_failures_block_the_name_alone_until_the_window_is_over() {
        let attempts = Attempts::default();
        for at in 0..10 {
            assert!(!attempts.is_blocked("lan", at));
            attempts.failed("lan", at);
        }
        assert!(attempts.is_blocked("lan", 10) && !attempts.is_blocked("minh", 10));
        assert!(!attempts.is_blocked("lan", WINDOW_MS));
        attempts.succeeded("lan");
        assert!(!attempts.is_blocked("lan", 10));
    }
}
