//! Every value passes here on its way to the disk and back, and so do the keys of indexes. Sealing is synchronous: it
//! may happen inside a transaction without ending it.
//!
//! A sealed value is `form (1) | version (1) | nonce and ciphertext`; inside stand the key it was kept under and the
//! content. What is sealed is bound to its store, to the key the browser sees and to the version of its form, so that
//! nothing can be moved to another place or be passed off as older.
//!
//! The feature `unsealed` leaves the ciphers out; it is for measuring their price and in no app that anybody uses.

use std::cell::Cell;

use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::seal::outbox::Sender;
use donghanh_shared::seal::{Key, NONCE};

/// First byte of a value that is not encrypted: who uses this phone, and pictures, which are sealed already.
const PLAIN: u8 = 0x01;
/// First byte of a sealed value.
const SEALED: u8 = 0x02;
/// First byte of an entry of the outbox: a copy sealed to the server stands before it.
const TWICE: u8 = 0x03;
/// Bytes before the content.
const HEADER: usize = 2;

fn failed() -> Problem {
    Problem::new(Code::StoreFailed)
}

/// Keeps a value as it is, behind a byte that says so and one for the version.
pub fn plain(version: u8, content: &[u8]) -> Vec<u8> {
    [&[PLAIN, version], content].concat()
}

/// Reads what [`plain`] made.
///
/// # Errors
/// [`Code::StoreFailed`] for anything else.
pub fn plain_content(mut value: Vec<u8>) -> Result<(u8, Vec<u8>), Problem> {
    match value.get(..HEADER) {
        Some([PLAIN, version]) => {
            let version = *version;
            value.drain(..HEADER);
            Ok((version, value))
        }
        _ => Err(failed()),
    }
}

/// A value that was opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opened {
    /// Version of its form.
    pub version: u8,
    /// The key it was kept under, as the app knows it.
    pub key: Vec<u8>,
    /// The content.
    pub content: Vec<u8>,
}

/// Seals values and hides keys, with keys drawn from the data key of one person on this phone.
pub struct Sealer {
    values: Key,
    keys: Key,
    /// Random for this start; with the counter behind it no nonce comes twice.
    start: [u8; 16],
    counter: Cell<u64>,
}

impl Sealer {
    /// A sealer under this data key. `start` is random and of this start alone.
    #[must_use]
    pub fn new(data: &Key, start: [u8; 16]) -> Self {
        Self {
            values: data.derive("donghanh store values 1", b""),
            keys: data.derive("donghanh store keys 1", b""),
            start,
            counter: Cell::new(0),
        }
    }

    /// A nonce that was never used before.
    #[must_use]
    pub fn nonce(&self) -> [u8; NONCE] {
        let count = self.counter.get() + 1;
        self.counter.set(count);
        let mut nonce = [0; NONCE];
        nonce[..16].copy_from_slice(&self.start);
        nonce[16..].copy_from_slice(&count.to_be_bytes());
        nonce
    }

    /// The key under which the browser sees a value: it tells nothing to whoever lacks the data key.
    #[must_use]
    pub fn key(&self, store: &str, key: &[u8]) -> [u8; 16] {
        if cfg!(feature = "unsealed") {
            let mut short = [0; 16];
            short.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
            return short;
        }
        self.keys.mark(&[store.as_bytes(), key])
    }

    /// The bytes to be kept. `seen` is the key as the browser sees it.
    #[must_use]
    pub fn seal(&self, store: &str, seen: &[u8], version: u8, key: &[u8], content: &[u8]) -> Vec<u8> {
        let mut inside = Vec::with_capacity(1 + key.len() + content.len());
        // Keys are short: the longest is a question about a report.
        let length = u8::try_from(key.len()).unwrap_or(u8::MAX);
        inside.push(length);
        inside.extend(&key[..usize::from(length)]);
        inside.extend(content);
        let mut value = vec![SEALED, version];
        if cfg!(feature = "unsealed") {
            value.extend(inside);
        } else {
            value.extend(self.values.seal(self.nonce(), &about(store, seen, version), &inside));
        }
        value
    }

    /// Opens a value read from under `seen`.
    ///
    /// # Errors
    /// [`Code::StoreFailed`] when it was not sealed for this place, or by another key.
    pub fn open(&self, store: &str, seen: &[u8], value: &[u8]) -> Result<Opened, Problem> {
        let (Some([SEALED, version]), Some(sealed)) = (value.get(..HEADER), value.get(HEADER..)) else {
            return Err(failed());
        };
        let mut inside = if cfg!(feature = "unsealed") {
            sealed.to_vec()
        } else {
            self.values.open(&about(store, seen, *version), sealed).map_err(|_| failed())?
        };
        let length = usize::from(*inside.first().ok_or_else(failed)?);
        let key = inside.get(1..=length).ok_or_else(failed)?.to_vec();
        inside.drain(..=length);
        Ok(Opened { version: *version, key, content: inside })
    }
}

fn about(store: &str, seen: &[u8], version: u8) -> Vec<u8> {
    [store.as_bytes(), &[0, version], seen].concat()
}

/// An entry of the outbox: a copy that only the server opens, then the entry sealed for this phone. A photo has no such
/// copy. The browser numbers entries itself, so they are bound to their store alone; their order is not trusted: what
/// builds on something names it.
#[must_use]
pub fn twice(for_server: &[u8], sealed: &[u8]) -> Vec<u8> {
    let length = u32::try_from(for_server.len()).unwrap_or_default();
    [&[TWICE], &length.to_be_bytes()[..], for_server, sealed].concat()
}

/// The two copies of an entry: the server's and this phone's.
///
/// # Errors
/// [`Code::StoreFailed`].
pub fn both(value: &[u8]) -> Result<(&[u8], &[u8]), Problem> {
    let rest = value.strip_prefix(&[TWICE]).ok_or_else(failed)?;
    let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(failed)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| failed())?;
    rest.split_at_checked(length).ok_or_else(failed)
}

/// Seals items of the outbox to the server.
pub struct ServerSealer {
    sender: Sender,
}

impl ServerSealer {
    /// With this sender.
    #[must_use]
    pub fn new(sender: Sender) -> Self {
        Self { sender }
    }

    /// Seals one item.
    #[must_use]
    pub fn seal(&self, nonce: [u8; NONCE], item: &[u8]) -> Vec<u8> {
        if cfg!(feature = "unsealed") { Vec::new() } else { self.sender.seal(nonce, item) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(byte: u8) -> Sealer {
        Sealer::new(&Key::new([byte; 32]), [byte; 16])
    }

    #[test]
    fn opens_what_it_sealed_in_its_place_and_nothing_else() {
        let one = sealer(1);
        let seen = one.key("records", b"k");
        let value = one.seal("records", &seen, 3, b"k", b"chu Hung");
        assert!(!value.windows(4).any(|window| window == b"Hung"));
        let opened = Opened { version: 3, key: b"k".to_vec(), content: b"chu Hung".to_vec() };
        assert_eq!(one.open("records", &seen, &value), Ok(opened));
        let closed = Err(Problem::new(Code::StoreFailed));
        assert_eq!(one.open("drafts", &seen, &value), closed);
        assert_eq!(one.open("records", &one.key("records", b"l"), &value), closed);
        assert_eq!(sealer(2).open("records", &seen, &value), closed);
        for at in 0..value.len() {
            let mut tampered = value.clone();
            tampered[at] ^= 1;
            assert_eq!(one.open("records", &seen, &tampered), closed, "byte {at}");
        }
        // A value in clear in its place is not taken for a sealed one.
        assert_eq!(one.open("records", &seen, &plain(3, b"chu Hung")), closed);
    }

    #[test]
    fn equal_values_look_different_and_keys_tell_nothing() {
        let one = sealer(1);
        assert_ne!(one.seal("meta", b"x", 1, b"", b"a"), one.seal("meta", b"x", 1, b"", b"a"));
        assert_ne!(one.key("meta", b"scopes"), sealer(2).key("meta", b"scopes"));
        assert_ne!(one.key("meta", b"scopes"), one.key("drafts", b"scopes"));
    }

    #[test]
    fn an_entry_has_two_copies() {
        assert_eq!(both(&twice(b"server", b"phone")), Ok((&b"server"[..], &b"phone"[..])));
        assert_eq!(both(&twice(b"", b"phone")), Ok((&b""[..], &b"phone"[..])));
        for bad in [&b""[..], b"\x03\0\0\0\x09x", b"\x02\x01x"] {
            assert!(both(bad).is_err());
        }
    }

    #[test]
    fn plain_values_say_so() {
        assert_eq!(plain_content(plain(3, b"x")), Ok((3, b"x".to_vec())));
        assert!(plain_content(b"\x02\x01x".to_vec()).is_err() && plain_content(vec![1]).is_err());
    }
}
