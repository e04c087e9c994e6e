//! Sealing: how bytes are made unreadable to whoever lacks a key. The algorithms are those of well-kept libraries
//! (XChaCha20-Poly1305, HKDF and HMAC over SHA-256, X25519); this module fixes how they are put together. What is
//! protected against whom is in `docs/security.md`.
//!
//! Randomness comes from the caller: nonces must never repeat under one key.

pub mod outbox;

use std::fmt;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::{Zeroize as _, ZeroizeOnDrop};

/// Bytes of a nonce.
pub const NONCE: usize = 24;
/// Bytes that sealing adds beside the nonce.
pub const TAG: usize = 16;

/// What was sealed under another key, for another place, or was changed since.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not sealed with this key for this place")]
pub struct Unopened;

/// A secret of 256 bits. Wiped from memory when dropped; never printed.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct Key([u8; 32]);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A key of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A key of these bytes; `None` when there are not 32 of them.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        <[u8; 32]>::try_from(bytes).ok().map(Self)
    }

    /// Its bytes, for storing it sealed and for handing it over once.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Another key for one purpose, from which this one cannot be found (HKDF-SHA-256).
    #[must_use]
    pub fn derive(&self, purpose: &str, context: &[u8]) -> Self {
        let mut bytes = [0; 32];
        // Thirty-two bytes are always within what HKDF gives.
        let given = Hkdf::<Sha256>::new(Some(context), &self.0).expand(purpose.as_bytes(), &mut bytes);
        debug_assert!(given.is_ok());
        let key = Self(bytes);
        bytes.zeroize();
        key
    }

    /// Seals bytes: nonce, then ciphertext with its tag. `about` binds them to their place and is not kept.
    #[must_use]
    pub fn seal(&self, nonce: [u8; NONCE], about: &[u8], plain: &[u8]) -> Vec<u8> {
        let cipher = XChaCha20Poly1305::new((&self.0).into());
        let payload = Payload { msg: plain, aad: about };
        // It fails only beyond 256 GiB.
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        let mut bytes = Vec::with_capacity(NONCE + sealed.len());
        bytes.extend(nonce);
        bytes.extend(sealed);
        bytes
    }

    /// Opens what [`Key::seal`] made for the same place.
    ///
    /// # Errors
    /// [`Unopened`].
    pub fn open(&self, about: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Unopened> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE).ok_or(Unopened)?;
        let nonce = <[u8; NONCE]>::try_from(nonce).map_err(|_| Unopened)?;
        let cipher = XChaCha20Poly1305::new((&self.0).into());
        cipher.decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad: about }).map_err(|_| Unopened)
    }

    /// A short keyed hash: equal for equal input, telling nothing else to whoever lacks the key (HMAC-SHA-256, the first
    /// sixteen bytes).
    #[must_use]
    pub fn mark(&self, parts: &[&[u8]]) -> [u8; 16] {
        let whole = self.mac(parts).finalize().into_bytes();
        let mut short = [0; 16];
        short.copy_from_slice(&whole[..16]);
        short
    }

    /// Whether `mark` is that of these parts, compared in constant time.
    #[must_use]
    pub fn is_mark(&self, parts: &[&[u8]], mark: &[u8; 16]) -> bool {
        self.mac(parts).verify_truncated_left(mark).is_ok()
    }

    fn mac(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        // HMAC fills shorter keys up with zeros to the block of its hash.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&self.0);
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new((&block).into());
        block.zeroize();
        for part in parts {
            // Lengths keep two splits of the same bytes apart.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Key {
        Key::new([byte; 32])
    }

    #[test]
    fn opens_what_it_sealed_for_the_same_place_and_nothing_else() {
        let sealed = key(1).seal([9; NONCE], b"records/7/1", b"chu Hung");
        assert!(!sealed.windows(4).any(|window| window == b"Hung"));
        assert_eq!(key(1).open(b"records/7/1", &sealed).as_deref(), Ok(&b"chu Hung"[..]));
        assert_eq!(key(2).open(b"records/7/1", &sealed), Err(Unopened));
        assert_eq!(key(1).open(b"records/8/1", &sealed), Err(Unopened));
        for at in 0..sealed.len() {
            let mut tampered = sealed.clone();
            tampered[at] ^= 1;
            assert_eq!(key(1).open(b"records/7/1", &tampered), Err(Unopened), "byte {at}");
        }
        for length in 0..sealed.len() {
            assert_eq!(key(1).open(b"records/7/1", &sealed[..length]), Err(Unopened));
        }
    }

    #[test]
    fn marks_and_derived_keys_differ_by_key_purpose_and_split() {
        assert_ne!(key(1).mark(&[b"ab", b"c"]), key(1).mark(&[b"a", b"bc"]));
        assert_ne!(key(1).mark(&[b"a"]), key(2).mark(&[b"a"]));
        let mark = key(1).mark(&[b"a"]);
        assert!(key(1).is_mark(&[b"a"], &mark) && !key(1).is_mark(&[b"b"], &mark));
        assert_ne!(key(1).derive("one", b""), key(1).derive("two", b""));
        assert_ne!(key(1).derive("one", b"x"), key(1).derive("one", b"y"));
        assert_eq!(format!("{:?}", key(7)), "Key(…)");
    }
}
