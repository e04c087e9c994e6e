//! What a PIN or passphrase must be, and how it locks and opens a data key. Rules: six digits that are not the first an
//! attacker tries, or a phrase of ten characters; a phone with after-care records needs the phrase, or its own lock.

use donghanh_shared::access::{Access, Scope};
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::seal::{Key, NONCE};
use minicbor::bytes::ByteVec;

use crate::browser;
use crate::kdf;
use crate::store::{Lock, Profile};

/// Fewest digits of a PIN.
const PIN_DIGITS: usize = 6;
/// Fewest characters of a phrase.
pub(super) const PHRASE_CHARS: usize = 10;
/// Wrong tries after which only the server opens.
pub(super) const TRIES: u32 = 10;

const TYPED: &[u8] = b"donghanh data key, typed";
const ONLINE: &[u8] = b"donghanh data key, online";
const OWN: &[u8] = b"donghanh data key, own lock";

/// Whether the phone of somebody with this access holds after-care records.
#[must_use]
pub fn holds_cases(access: &Access) -> bool {
    access.grants.iter().any(|grant| {
        matches!(grant.scope, Scope::Aftercare(_) | Scope::AftercareRestricted(_) | Scope::Case(_))
    })
}

/// Whether this is a PIN rather than a phrase.
#[must_use]
pub fn is_pin(typed: &str) -> bool {
    typed.chars().all(|c| c.is_ascii_digit())
}

/// Checks a new PIN or phrase.
///
/// # Errors
/// `passphrase_needed`, `pin_too_short`, `pin_weak`.
pub fn check(typed: &str, cases: bool) -> Result<(), Problem> {
    let refuse = |code| Err(Problem::new(code).at("pin"));
    if !is_pin(typed) {
        let long_enough = typed.chars().count() >= PHRASE_CHARS;
        return match (long_enough, cases) {
            (true, _) => Ok(()),
            (false, true) => refuse(Code::PassphraseNeeded),
            (false, false) => refuse(Code::PinTooShort),
        };
    }
    if cases {
        return refuse(Code::PassphraseNeeded);
    }
    if typed.len() < PIN_DIGITS {
        return refuse(Code::PinTooShort);
    }
    if is_weak(typed.as_bytes()) { refuse(Code::PinWeak) } else { Ok(()) }
}

/// Steps of one kind only (111111, 123456, 987654), two digits alternating, or a half repeated (123123).
fn is_weak(digits: &[u8]) -> bool {
    let step = |pair: &[u8]| i16::from(pair[1]) - i16::from(pair[0]);
    let first = step(&digits[..2]);
    let even = (-1..=1).contains(&first) && digits.windows(2).all(|pair| step(pair) == first);
    let repeats = |period: usize| digits.iter().zip(&digits[period..]).all(|(one, other)| one == other);
    even || (1..=digits.len() / 2).any(repeats)
}

fn nonce() -> [u8; NONCE] {
    let mut nonce = [0; NONCE];
    nonce[..16].copy_from_slice(&browser::random_id());
    nonce[16..].copy_from_slice(&browser::random_id()[..8]);
    nonce
}

/// Thirty-two random bytes.
pub(super) fn random_key() -> [u8; 32] {
    let mut key = [0; 32];
    key[..16].copy_from_slice(&browser::random_id());
    key[16..].copy_from_slice(&browser::random_id());
    key
}

/// Locks a data key: by what is typed, and by the key that the server keeps for this device.
///
/// # Errors
/// `key_not_made` when no worker can be had.
pub(super) async fn lock(data: &Key, typed: &str, online: &Key) -> Result<Lock, Problem> {
    let (salt, secret) = (browser::random_id(), random_key());
    let derived = kdf::derive(typed, &salt, &secret, kdf::COST).await;
    let derived = derived.ok_or_else(|| Problem::new(Code::KeyNotMade))?;
    Ok(Lock {
        phrase: !is_pin(typed),
        salt: ByteVec::from(salt.to_vec()),
        secret: ByteVec::from(secret.to_vec()),
        memory: kdf::COST.0,
        passes: kdf::COST.1,
        typed: Some(ByteVec::from(derived.seal(nonce(), TYPED, data.expose()))),
        online: sealed_online(data, online),
        tries: 0,
        own: None,
    })
}

/// The data key, sealed under the key that the server keeps.
pub(super) fn sealed_online(data: &Key, online: &Key) -> ByteVec {
    ByteVec::from(online.seal(nonce(), ONLINE, data.expose()))
}

/// The data key, sealed under the answer of the phone's own lock.
pub(super) fn sealed_own(data: &Key, answer: &Key) -> ByteVec {
    ByteVec::from(answer.seal(nonce(), OWN, data.expose()))
}

/// Opens by what was typed; nothing when it is not right.
///
/// # Errors
/// `pin_locked` after too many wrong tries; `key_not_made` when no worker can be had.
pub(super) async fn open_typed(profile: &Profile, typed: &str) -> Result<Option<Key>, Problem> {
    let lock = &profile.lock;
    let Some(sealed) = &lock.typed else { return Err(Problem::new(Code::PinLocked)) };
    let derived = kdf::derive(typed, &lock.salt, &lock.secret, (lock.memory, lock.passes)).await;
    let derived = derived.ok_or_else(|| Problem::new(Code::KeyNotMade))?;
    Ok(opened(&derived, TYPED, sealed))
}

/// Opens by the key that the server keeps.
pub(super) fn open_online(profile: &Profile, online: &Key) -> Option<Key> {
    opened(online, ONLINE, &profile.lock.online)
}

/// Opens by the phone's own lock.
pub(super) async fn open_own(profile: &Profile) -> Option<Key> {
    let own = profile.lock.own.as_ref()?;
    opened(&kdf::answer(&own.credential, &own.question).await?, OWN, &own.sealed)
}

fn opened(key: &Key, about: &[u8], sealed: &[u8]) -> Option<Key> {
    Key::from_slice(&key.open(about, sealed).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_that_are_tried_first_are_refused() {
        for weak in ["111111", "123456", "654321", "121212", "123123", "000000", "01234567", "11111111"] {
            assert_eq!(check(weak, false).map_err(|p| p.code), Err(Code::PinWeak), "{weak}");
        }
        for good in ["271828", "902517", "13579246"] {
            assert_eq!(check(good, false), Ok(()), "{good}");
        }
        for short in ["", "12345", "abc", "mua xuân"] {
            assert_eq!(check(short, false).map_err(|p| p.code), Err(Code::PinTooShort), "{short}");
        }
        assert_eq!(check("mùa xuân đến", false), Ok(()));
    }

    #[test]
    fn with_cases_on_the_phone_digits_are_not_enough() {
        for typed in ["271828", "2718281828459", "ngắn"] {
            assert_eq!(check(typed, true).map_err(|p| p.code), Err(Code::PassphraseNeeded));
        }
        assert_eq!(check("mùa xuân đến", true), Ok(()));
    }
}
