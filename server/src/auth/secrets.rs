//! Passwords (Argon2id, PHC strings) and device tokens (32 random bytes, kept as their SHA-256).

use std::fmt;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use donghanh_shared::domain::error::{Code, Problem};
use sha2::{Digest as _, Sha256};

/// Compared with when the name is unknown, so that the answer takes as long.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Random bytes from the operating system.
///
/// # Errors
/// [`Code::Internal`] when it has none.
pub fn random<const N: usize>() -> Result<[u8; N], Problem> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "no random bytes");
        Problem::new(Code::Internal)
    })?;
    Ok(bytes)
}

/// Hashes a password. Takes 19 MiB and some tens of milliseconds.
///
/// # Errors
/// [`Code::Internal`].
pub fn hash_password(password: &str) -> Result<String, Problem> {
    let hash: Result<PasswordHash, _> = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| {
        tracing::error!(%error, "a password could not be hashed");
        Problem::new(Code::Internal)
    })
}

/// Whether the password belongs to the hash; for none and for the empty one of a person without a password it never does,
/// and takes as long.
#[must_use]
pub fn is_password(password: &str, hash: Option<&str>) -> bool {
    let hash = hash.filter(|hash| !hash.is_empty());
    let matches = PasswordHash::new(hash.unwrap_or(NOBODY))
        .is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok());
    matches && hash.is_some()
}

/// The hexadecimal form of a secret that is handed over once.
#[must_use]
pub fn to_hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A device's credential. Shown once, at sign-in.
pub struct Token([u8; 32]);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// Draws a new one.
    ///
    /// # Errors
    /// [`Code::Internal`].
    pub fn draw() -> Result<Self, Problem> {
        random().map(Self)
    }

    /// Reads the hexadecimal form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// The hexadecimal form.
    #[must_use]
    pub fn to_hex(&self) -> String {
        to_hex(&self.0)
    }

    /// What the store keeps, and what is compared.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_told_apart_and_nobody_has_none() {
        let hash = hash_password("dong-hanh-2026").expect("hashes");
        assert!(is_password("dong-hanh-2026", Some(&hash)));
        assert!(!is_password("dong-hanh-2025", Some(&hash)));
        assert!(!is_password("", Some("")));
        assert!(!is_password("", None) && !is_password("x", Some("no hash")));
        assert!(PasswordHash::new(NOBODY).is_ok(), "the comparison must really be made");
    }

    #[test]
    fn tokens_read_what_they_write() {
        let token = Token::draw().expect("random");
        assert_eq!(Token::parse(&token.to_hex()).map(|read| read.hash()), Some(token.hash()));
        for bad in ["", "00", &"g".repeat(64), &"é".repeat(32)] {
            assert!(Token::parse(bad).is_none());
        }
    }
}
