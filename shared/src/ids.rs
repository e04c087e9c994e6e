//! Identifiers and hashes: fixed-size bytes that print as lowercase hexadecimal. No meaning beyond identity lives here.

use std::fmt;
use std::str::FromStr;

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// A text that is not the hexadecimal form of the identifier asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of {expected} bytes in hexadecimal")]
pub struct InvalidId {
    /// How many bytes the identifier has.
    pub expected: usize,
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Reads the bytes of an identifier; `None` when the length is not the right one.
            #[must_use]
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                <[u8; $len]>::try_from(bytes).ok().map(Self)
            }

            /// The identifier's bytes.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let mut bytes = [0; $len];
                read_hex(text, &mut bytes).map(|()| Self(bytes))
            }
        }

        impl<C> Encode<C> for $name {
            fn encode<W: encode::Write>(
                &self,
                e: &mut Encoder<W>,
                _: &mut C,
            ) -> Result<(), encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> Decode<'b, C> for $name {
            fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
                let at = d.position();
                Self::from_slice(d.bytes()?)
                    .ok_or_else(|| decode::Error::message(concat!(stringify!($name), " has another length")).at(at))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

fn read_hex(text: &str, into: &mut [u8]) -> Result<(), InvalidId> {
    let error = InvalidId { expected: into.len() };
    let digits = text.as_bytes();
    if digits.len() != into.len() * 2 {
        return Err(error);
    }
    for (byte, pair) in into.iter_mut().zip(digits.chunks_exact(2)) {
        let high = (pair[0] as char).to_digit(16).ok_or(error)?;
        let low = (pair[1] as char).to_digit(16).ok_or(error)?;
        *byte = u8::try_from(high * 16 + low).map_err(|_| error)?;
    }
    Ok(())
}

identifier!(
    /// One record: one Automerge document. Drawn at random by the device that creates it.
    DocumentId, 16
);
identifier!(
    /// One author of Automerge changes: one start of the app in one tab. Never used again after that tab closes.
    ActorId, 16
);
identifier!(
    /// The hash of one Automerge change (SHA-256 of its chunk).
    ChangeHash, 32
);
identifier!(
    /// One installation of the app for one person.
    DeviceId, 16
);
identifier!(
    /// A person with an account.
    PersonId, 16
);
identifier!(
    /// A place of the register: a school, a residential group, a market…
    PlaceId, 16
);
identifier!(
    /// A command that waits in the outbox beside edits (placement, a new place); makes a repeated delivery harmless.
    CommandId, 16
);
identifier!(
    /// Something that was asked of a second person.
    ApprovalId, 16
);
identifier!(
    /// One photo: the SHA-256 of the sealed picture, so that bytes from anywhere can be checked against it.
    PhotoId, 32
);
identifier!(
    /// What opens one sealed picture (AES-256-GCM). It stands in the record, never beside the picture.
    PhotoKey, 32
);
identifier!(
    /// One database of one server, drawn when it is made. A phone never sends records of one instance to another,
    /// which is what keeps demo data and real data apart.
    InstanceId, 16
);
identifier!(
    /// The sum over a scope of what its documents are at; equal on two sides when both hold the same.
    Digest, 16
);

impl Digest {
    /// The digest of a scope without documents.
    pub const EMPTY: Self = Self([0; 16]);

    /// What one document at these heads adds to its scope's digest. The order of `heads` does not matter.
    #[must_use]
    pub fn of_document(document: DocumentId, generation: u32, heads: &[ChangeHash]) -> Self {
        let mut heads = heads.to_vec();
        heads.sort_unstable();
        let mut hasher = Sha256::new();
        hasher.update(document.0);
        hasher.update(generation.to_be_bytes());
        for head in &heads {
            hasher.update(head.0);
        }
        let mut short = [0; 16];
        short.copy_from_slice(&hasher.finalize()[..16]);
        Self(short)
    }

    /// This digest with one more document in it (addition modulo 2^128, so order does not matter).
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(u128::from_be_bytes(self.0).wrapping_add(u128::from_be_bytes(other.0)).to_be_bytes())
    }

    /// This digest with one document taken out.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self(u128::from_be_bytes(self.0).wrapping_sub(u128::from_be_bytes(other.0)).to_be_bytes())
    }
}

impl DocumentId {
    /// The identity of the restricted companion of a part of a case. It follows from the part's own, so that two officers who
    /// begin it apart begin the same document.
    #[must_use]
    pub fn restricted_companion(self) -> Self {
        let hash = Sha256::new().chain_update(b"donghanh/restricted").chain_update(self.0).finalize();
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        Self(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_round_trip_and_refusals() {
        let id = DocumentId(*b"0123456789abcdef");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("zz".parse::<DocumentId>(), Err(InvalidId { expected: 16 }));
        assert!(format!("{id}0").parse::<DocumentId>().is_err());
        assert!(id.to_string().replace('3', "g").parse::<DocumentId>().is_err());
    }

    #[test]
    fn digest_does_not_depend_on_order_and_can_be_taken_back() {
        let one = Digest::of_document(DocumentId([1; 16]), 0, &[ChangeHash([1; 32]), ChangeHash([2; 32])]);
        let same = Digest::of_document(DocumentId([1; 16]), 0, &[ChangeHash([2; 32]), ChangeHash([1; 32])]);
        let other = Digest::of_document(DocumentId([2; 16]), 0, &[]);
        assert_eq!(one, same);
        assert_ne!(one, other);
        assert_eq!(Digest::EMPTY.plus(one).plus(other), Digest::EMPTY.plus(other).plus(one));
        assert_eq!(Digest::EMPTY.plus(one).minus(one), Digest::EMPTY);
    }
}
