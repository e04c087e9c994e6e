//! The authenticator apps of people in charge: each code once, as the server wants it.

use std::collections::HashMap;

use donghanh_shared::domain::date::Millis;
use totp_rs::{Builder, Secret, Totp};

/// Everybody's secret here.
pub const SECRET: [u8; 20] = *b"twenty bytes, secret";

/// How long a code is the newest one.
pub const STEP_MS: Millis = 30_000;

/// By sign-in name: the last step used.
#[derive(Default)]
pub struct Codes(HashMap<String, u64>);

impl Codes {
    /// Somebody has codes from now on.
    pub fn begin(&mut self, name: &str) {
        self.0.insert(name.to_owned(), 0);
    }

    fn step(&self, name: &str, now: Millis) -> Option<u64> {
        let used = self.0.get(name)?;
        Some((step_of(now) - 1).max(used + 1))
    }

    /// Whether the next code would be taken now; `None` for whoever has no codes.
    pub fn is_next_in_time(&self, name: &str, now: Millis) -> Option<bool> {
        Some(self.step(name, now)? <= step_of(now) + 1)
    }

    /// The next code.
    pub fn next(&mut self, name: &str, now: Millis) -> Option<String> {
        let step = self.step(name, now)?;
        self.0.insert(name.to_owned(), step);
        Some(code(&SECRET, step))
    }
}

/// The step of a moment.
pub fn step_of(now: Millis) -> u64 {
    u64::try_from(now / STEP_MS).expect("after 1970")
}

/// The code of a step.
pub fn code(secret: &[u8], step: u64) -> String {
    totp(secret).generate(step * 30).to_string()
}

/// A secret as it was told.
pub fn secret_of(base32: &str) -> Vec<u8> {
    Secret::try_from_base32(base32).expect("base32").as_bytes().to_vec()
}

fn totp(secret: &[u8]) -> Totp {
    Builder::new().with_secret(secret.to_vec()).with_account_name("test").build().expect("a secret")
}
