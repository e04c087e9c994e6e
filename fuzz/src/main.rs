//! One target under libFuzzer, named by `DONGHANH_FUZZ_TARGET`.
#![no_main]

use std::sync::OnceLock;

use donghanh_fuzz::{TARGETS, Target};

fn target() -> Target {
    static TARGET: OnceLock<Target> = OnceLock::new();
    *TARGET.get_or_init(|| {
        let name = std::env::var("DONGHANH_FUZZ_TARGET").unwrap_or_default();
        let found = TARGETS.into_iter().find(|(known, _)| *known == name);
        found.map_or_else(|| panic!("no target is called {name:?}"), |(_, run)| run)
    })
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target()(bytes));
