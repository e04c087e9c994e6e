//! The slow step from a PIN or passphrase to a key, as a program of its own for a worker: it takes a good part of a
//! second on an old phone, and the page must not stand still meanwhile. See `static/kdf.js`.

use argon2::{Algorithm, Argon2, Params, Version};
use wasm_bindgen::prelude::*;

/// Bytes of the key.
const KEY: usize = 32;

/// Argon2id (RFC 9106) over what a person typed, with a salt and this phone's secret. `memory` is in KiB. Nothing when
/// the parameters are outside what the algorithm allows.
#[wasm_bindgen]
#[must_use]
pub fn derive(typed: &[u8], salt: &[u8], secret: &[u8], memory: u32, passes: u32) -> Option<Vec<u8>> {
    let params = Params::new(memory, passes, 1, Some(KEY)).ok()?;
    let argon2 = Argon2::new_with_secret(secret, Algorithm::Argon2id, Version::V0x13, params).ok()?;
    let mut key = vec![0; KEY];
    argon2.hash_password_into(typed, salt, &mut key).ok()?;
    Some(key)
}

fn main() {}

#[cfg(test)]
mod tests {
    use super::derive;

    #[test]
    fn every_input_counts() {
        let key = |typed: &[u8], salt: &[u8], secret: &[u8], passes| derive(typed, salt, secret, 64, passes);
        let one = key(b"271828", &[1; 16], &[2; 32], 1);
        assert_eq!(one, key(b"271828", &[1; 16], &[2; 32], 1));
        assert_eq!(one.as_ref().map(Vec::len), Some(32));
        let others = [
            key(b"271829", &[1; 16], &[2; 32], 1),
            key(b"271828", &[2; 16], &[2; 32], 1),
            key(b"271828", &[1; 16], &[3; 32], 1),
            key(b"271828", &[1; 16], &[2; 32], 2),
        ];
        assert!(others.iter().all(|other| other.is_some() && *other != one));
        assert_eq!(derive(b"271828", &[1; 16], &[2; 32], 0, 1), None);
    }
}
