//! A saved document without what follows from the rest of it, as it travels to a phone: its checksum and the hashes of its
//! heads are a third of what a small record costs on the line, and nothing makes them smaller. Whoever takes it reckons them; a check
//! over the page says that nothing was damaged on the way ([`crate::sync::wire::PullPage::check`]).
//!
//! Format: the Automerge binary document format, "Document chunks". A bare document is one byte [`MARK`], the actors, how many heads
//! there are, and everything that follows them; a whole one begins with Automerge's magic bytes.

use std::collections::BTreeSet;

use automerge::Automerge;
use sha2::{Digest as _, Sha256};

use super::chunk::{MAGIC, Reader};
use crate::domain::error::{Code, Problem};
use crate::ids::ChangeHash;

/// First byte of a bare document.
pub const MARK: u8 = 0;
/// Kind of a chunk that holds a document.
const DOCUMENT: u8 = 0;
/// Most heads of a document that is sent bare: each asks for memory that it does not pay for with bytes.
const MAX_HEADS: u64 = 256;
/// Bytes of a hash.
const HASH: usize = 32;

/// The bare form of a saved document; `None` when it is not one whole, sound document chunk: then it is sent as it is, so that
/// whoever takes it sees what is wrong with it.
#[must_use]
pub fn strip(whole: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader { rest: whole };
    let is_ours = reader.take(4).ok()? == MAGIC;
    let checksum = reader.take(4).ok()?;
    let is_document = reader.byte().ok()? == DOCUMENT;
    let length = reader.uleb().ok()?;
    if !(is_ours && is_document) || length != reader.rest.len() as u64 || sum(&whole[8..]) != *checksum {
        return None;
    }
    let data = reader.rest;
    let heads = skip_to_heads(&mut reader).ok()?;
    let before = data.len() - reader.rest.len();
    reader.take(heads * HASH as u64).ok()?;
    let mut bare = Vec::with_capacity(1 + before + reader.rest.len());
    bare.push(MARK);
    bare.extend_from_slice(&data[..before]);
    bare.extend_from_slice(reader.rest);
    Some(bare)
}

/// What was left out of a document, reckoned from the rest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Reckoned {
    /// The document as it was saved.
    pub whole: Vec<u8>,
    /// Its heads, in order.
    pub heads: Vec<ChangeHash>,
}

/// Loads a document that was sent bare. Automerge reads it without being told the heads, and works out the hash of every change for
/// itself; loading it twice would cost an old phone as much again.
///
/// # Errors
/// [`Code::ChangeMalformed`] when it is damaged.
pub(super) fn load(bare: &[u8]) -> Result<(Automerge, Reckoned), Problem> {
    let malformed = || Problem::new(Code::ChangeMalformed);
    let parts = Parts::of(bare).map_err(Problem::new)?;
    let zeros = vec![ChangeHash([0; HASH]); parts.heads];
    let automerge = Automerge::load_unverified_heads(&parts.chunk(&zeros)).map_err(|_| malformed())?;
    let changes = automerge.get_changes_meta(&[]);
    let mut heads: BTreeSet<ChangeHash> = changes.iter().map(|change| ChangeHash(change.hash.0)).collect();
    for dep in changes.iter().flat_map(|change| &change.deps) {
        heads.remove(&ChangeHash(dep.0));
    }
    drop(changes);
    if heads.len() != parts.heads {
        return Err(malformed());
    }
    let heads: Vec<ChangeHash> = heads.into_iter().collect();
    Ok((automerge, Reckoned { whole: parts.chunk(&heads), heads }))
}

/// A chunk like the one that was left bare, with a right checksum, and zeros for the hashes of the heads.
///
/// # Errors
/// [`Code::ChangeMalformed`] when it is not one, [`Code::ChangeTooLarge`] with more heads than are sent bare.
pub fn fill(bare: &[u8]) -> Result<Vec<u8>, Code> {
    let parts = Parts::of(bare)?;
    Ok(parts.chunk(&vec![ChangeHash([0; HASH]); parts.heads]))
}

/// A bare document, cut where the heads go.
struct Parts<'a> {
    before: &'a [u8],
    heads: usize,
    after: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(bare: &'a [u8]) -> Result<Self, Code> {
        let mut reader = Reader { rest: bare };
        if reader.byte()? != MARK {
            return Err(Code::ChangeMalformed);
        }
        let data = reader.rest;
        let heads = skip_to_heads(&mut reader)?;
        let before = &data[..data.len() - reader.rest.len()];
        Ok(Self { before, heads: usize::try_from(heads).unwrap_or(usize::MAX), after: reader.rest })
    }

    fn chunk(&self, heads: &[ChangeHash]) -> Vec<u8> {
        let length = self.before.len() + heads.len() * HASH + self.after.len();
        let mut chunk = Vec::with_capacity(length + 16);
        chunk.extend_from_slice(&MAGIC);
        chunk.extend_from_slice(&[0; 4]);
        chunk.push(DOCUMENT);
        push_uleb(&mut chunk, length as u64);
        chunk.extend_from_slice(self.before);
        for head in heads {
            chunk.extend_from_slice(&head.0);
        }
        chunk.extend_from_slice(self.after);
        let checksum = sum(&chunk[8..]);
        chunk[4..8].copy_from_slice(&checksum);
        chunk
    }
}

/// Reads over the actors and how many heads there are; gives that number. What is left begins with the heads.
fn skip_to_heads(reader: &mut Reader<'_>) -> Result<u64, Code> {
    let actors = reader.uleb()?;
    for _ in 0..actors {
        let length = reader.uleb()?;
        reader.take(length)?;
    }
    let heads = reader.uleb()?;
    if heads > MAX_HEADS { Err(Code::ChangeTooLarge) } else { Ok(heads) }
}

fn sum(bytes: &[u8]) -> [u8; 4] {
    let hash: [u8; HASH] = Sha256::digest(bytes).into();
    [hash[0], hash[1], hash[2], hash[3]]
}

fn push_uleb(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        out.push(if value == 0 { low } else { low | 0x80 });
        if value == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_that_nobody_paid_for_are_refused() {
        // No actors, and a million heads.
        assert_eq!(fill(&[MARK, 0, 0xc0, 0x84, 0x3d]), Err(Code::ChangeTooLarge));
        assert_eq!(fill(&[MARK, 1, 200, 0]), Err(Code::ChangeMalformed));
        assert_eq!(fill(&[7]), Err(Code::ChangeMalformed));
    }
}
