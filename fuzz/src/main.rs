//! One target under libFuzzer, named by `DONGHANH_FUZZ_TARGET`.
#![no_main]

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::sync::{Mutex, OnceLock, PoisonError};

use donghanh_fuzz::{TARGETS, Target};

/// What the last panic said: most are Automerge's, which the code under test survives, and says nothing of.
static LAST: Mutex<String> = Mutex::new(String::new());

fn target() -> Target {
    static TARGET: OnceLock<Target> = OnceLock::new();
    *TARGET.get_or_init(|| {
        // libFuzzer's own hook ends the program at every panic, also at one that is survived.
        set_hook(Box::new(|panic| {
            *LAST.lock().unwrap_or_else(PoisonError::into_inner) = panic.to_string();
        }));
        let name = std::env::var("DONGHANH_FUZZ_TARGET").unwrap_or_default();
        let found = TARGETS.into_iter().find(|(known, _)| *known == name);
        found.map_or_else(|| panic!("no target is called {name:?}"), |(_, run)| run)
    })
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if catch_unwind(AssertUnwindSafe(|| target()(bytes))).is_err() {
        eprintln!("{}", LAST.lock().unwrap_or_else(PoisonError::into_inner));
        std::process::abort();
    }
});
