//! Every value passes a [`Sealer`] on its way to the disk and back; keys of indexes pass it too. Sealing is synchronous:
//! it may happen inside a transaction without ending it.

use donghanh_shared::domain::error::{Code, Problem};

/// Seals values and hides keys. What is sealed is bound to its store, its key and the version of its form.
pub trait Sealer {
    /// The bytes to be kept.
    fn seal(&self, store: &str, key: &[u8], version: u8, plain: &[u8]) -> Vec<u8>;

    /// The bytes that were sealed, and the version of their form.
    ///
    /// # Errors
    /// [`Code::StoreFailed`] when they were not sealed for this place.
    fn open(&self, store: &str, key: &[u8], sealed: Vec<u8>) -> Result<(u8, Vec<u8>), Problem>;

    /// The key under which the browser sees a value.
    fn key(&self, store: &str, key: &[u8]) -> Vec<u8>;
}

/// First byte of a value that is not encrypted.
const PLAIN: u8 = 0x01;
/// Bytes before the content of a plain value.
const HEADER: usize = 2;

/// Keeps values as they are, behind a byte that says so and one for the version.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain;

impl Sealer for Plain {
    fn seal(&self, _: &str, _: &[u8], version: u8, plain: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(plain.len() + HEADER);
        sealed.extend([PLAIN, version]);
        sealed.extend(plain);
        sealed
    }

    fn open(&self, _: &str, _: &[u8], mut sealed: Vec<u8>) -> Result<(u8, Vec<u8>), Problem> {
        match sealed.get(..HEADER) {
            Some([PLAIN, version]) => {
                let version = *version;
                sealed.drain(..HEADER);
                Ok((version, sealed))
            }
            _ => Err(Problem::new(Code::StoreFailed)),
        }
    }

    fn key(&self, _: &str, key: &[u8]) -> Vec<u8> {
        key.to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_what_it_sealed_and_nothing_else() {
        let sealed = Plain.seal("records", b"k", 3, b"content");
        assert_ne!(sealed, b"content");
        assert_eq!(Plain.open("records", b"k", sealed), Ok((3, b"content".to_vec())));
        for wrong in [&b""[..], b"\x01", b"\x02\x01x"] {
            assert_eq!(Plain.open("records", b"k", wrong.to_vec()), Err(Problem::new(Code::StoreFailed)));
        }
    }
}
