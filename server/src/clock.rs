//! The server's clock, which does not run backwards by a day or so: a role that began today must not end because somebody set
//! the clock wrong, nor anything be received before what came earlier.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use donghanh_shared::domain::date::Millis;

use crate::Clock;

/// What is taken for a clock set back by mistake, in milliseconds: the clock stands still until it is over. A longer way back
/// is believed: then it was wrong before, and standing still would last too long.
const SET_BACK_MS: Millis = 36 * 3_600_000;

/// This clock, made steady: it begins no earlier than `last`, the latest moment that the database knows.
#[must_use]
pub fn steady(clock: Clock, last: Millis) -> Clock {
    let latest = AtomicI64::new(last);
    Arc::new(move || {
        let now = clock();
        let before = latest.load(Ordering::Relaxed);
        let back = before.saturating_sub(now);
        if back > SET_BACK_MS {
            latest.store(now, Ordering::Relaxed);
            return now;
        }
        latest.fetch_max(now, Ordering::Relaxed).max(now)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Millis = 3_600_000;
    const BEGIN: Millis = 1_781_900_000_000;

    #[test]
    fn a_day_back_is_not_believed_and_two_days_are() {
        let system = Arc::new(AtomicI64::new(BEGIN));
        let of = Arc::clone(&system);
        let clock = steady(Arc::new(move || of.load(Ordering::Relaxed)), BEGIN + HOUR);
        assert_eq!(clock(), BEGIN + HOUR, "not before what the database knows");
        for (at, told) in [(2, 2), (26, 26), (2, 26), (20, 26), (27, 27), (-21, -21), (-20, -20)] {
            system.store(BEGIN + at * HOUR, Ordering::Relaxed);
            assert_eq!((clock() - BEGIN) / HOUR, told, "at {at} h");
        }
    }
}
