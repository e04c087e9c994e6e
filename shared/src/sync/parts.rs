//! Which part of a scope differs. A device whose digest of a scope is not the server's sums up what it holds part by part, by the
//! first byte of the identity; the server answers with the parts that are not so with it, whole. What is the same is not sent again.

use std::collections::BTreeSet;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::wire::PullPage;
use crate::ids::{Digest, DocumentId};

/// How many parts a scope has. Identities are random: of ten thousand records each part has about forty.
pub const PARTS: usize = 256;
/// Bytes of a part's sum as it travels.
const SUM: usize = 8;

/// A scope part by part: the digest over each.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parts(Vec<Digest>);

impl Default for Parts {
    fn default() -> Self {
        Self(vec![Digest::EMPTY; PARTS])
    }
}

impl Parts {
    /// Puts a document in, with what it adds to the digest of the scope.
    pub fn add(&mut self, document: DocumentId, digest: Digest) {
        if let Some(sum) = self.0.get_mut(part_of(document)) {
            *sum = sum.plus(digest);
        }
    }

    /// The digest over all of it.
    #[must_use]
    pub fn whole(&self) -> Digest {
        self.0.iter().fold(Digest::EMPTY, |whole, part| whole.plus(*part))
    }

    /// What a device says of its own: eight bytes of each part.
    #[must_use]
    pub fn said(&self, scope: u32) -> Said {
        let sums: Vec<u8> = self.0.iter().flat_map(short).collect();
        Said { scope, sums: sums.into() }
    }

    /// The parts that are not as the device says; all of them if it says something else than sums.
    #[must_use]
    pub fn differing(&self, said: &Said) -> Vec<u8> {
        let theirs: Vec<&[u8]> = said.sums.chunks(SUM).collect();
        let differs = |(part, ours): &(usize, &Digest)| theirs.get(*part) != Some(&&short(ours)[..]);
        let all = self.0.iter().enumerate().filter(differs);
        all.filter_map(|(part, _)| u8::try_from(part).ok()).collect()
    }
}

fn short(digest: &Digest) -> [u8; SUM] {
    let mut short = [0; SUM];
    short.copy_from_slice(&digest.0[..SUM]);
    short
}

/// The part that a document is in.
#[must_use]
pub fn part_of(document: DocumentId) -> usize {
    usize::from(document.0[0])
}

/// What a page says of whole scopes: the digests on the server, and which are gone. Which scopes differ is kept with the page, in
/// the same transaction: of a device that dies before it has mended them, nothing would ever be compared again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Compared {
    gone: Vec<u32>,
    digests: Vec<(u32, Digest)>,
}

impl Compared {
    /// What this page says.
    #[must_use]
    pub fn of(page: &PullPage) -> Self {
        let gone = page.ended.iter().chain(page.unknown.iter().flatten());
        Self { gone: gone.copied().collect(), digests: page.digests.clone() }
    }

    /// Whether it says the digest of this scope.
    #[must_use]
    pub fn names(&self, scope: u32) -> bool {
        self.digests.iter().any(|(named, _)| *named == scope)
    }

    /// Brings up to date which scopes differ. `own` gives the device's own digest of a scope, once the page is stored; `None`: it
    /// cannot say, nothing is to be mended.
    pub fn note(&self, differing: &mut BTreeSet<u32>, own: impl Fn(u32) -> Option<Digest>) {
        differing.retain(|scope| !self.gone.contains(scope));
        for (scope, theirs) in &self.digests {
            if own(*scope).is_some_and(|own| own != *theirs) {
                differing.insert(*scope);
            } else {
                differing.remove(scope);
            }
        }
    }
}

/// What a device says of a scope whose digest differs.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Said {
    /// The server's number of the scope.
    #[n(0)]
    pub scope: u32,
    /// The sums of its parts, one after the other: [`PARTS`] times eight bytes.
    #[n(1)]
    pub sums: ByteVec,
}

/// What the server says to it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Mended {
    /// The scope.
    #[n(0)]
    pub scope: u32,
    /// The parts of which the page has every document that the scope has; what else the device holds there is in it no longer.
    #[n(1)]
    pub parts: ByteVec,
}

impl Mended {
    /// Whether the page has all of the part that the document is in.
    #[must_use]
    pub fn has(&self, document: DocumentId) -> bool {
        self.parts.iter().any(|part| usize::from(*part) == part_of(document))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(documents: &[(u8, u8)]) -> Parts {
        let mut parts = Parts::default();
        for (first, digest) in documents {
            let mut id = DocumentId([7; 16]);
            id.0[0] = *first;
            parts.add(id, Digest([*digest; 16]));
        }
        parts
    }

    #[test]
    fn only_the_parts_that_differ_are_named() {
        let ours = parts(&[(0, 1), (9, 2), (9, 3), (255, 4)]);
        assert_eq!(ours.differing(&ours.said(4)), [] as [u8; 0]);
        let theirs = parts(&[(0, 1), (9, 2), (30, 3), (255, 5)]);
        assert_eq!(ours.differing(&theirs.said(4)), [9, 30, 255]);
        assert_eq!(ours.said(4).sums.len(), PARTS * SUM);
    }

    #[test]
    fn the_parts_add_up_to_the_digest_of_the_scope() {
        let whole = [1u8, 2, 3, 4].iter().fold(Digest::EMPTY, |all, one| all.plus(Digest([*one; 16])));
        assert_eq!(parts(&[(0, 1), (9, 2), (9, 3), (255, 4)]).whole(), whole);
    }

    #[test]
    fn whoever_says_something_else_than_sums_differs_in_everything() {
        let ours = parts(&[(0, 1)]);
        for sums in [Vec::new(), vec![0; 7], vec![1; PARTS * SUM - 1]] {
            let said = Said { scope: 4, sums: sums.into() };
            assert!(ours.differing(&said).len() >= PARTS - 1, "{}", said.sums.len());
        }
    }

    #[test]
    fn a_mended_part_is_that_of_its_documents() {
        let mended = Mended { scope: 4, parts: vec![9, 255].into() };
        let of = |first| mended.has(DocumentId([first; 16]));
        assert_eq!((of(9), of(255), of(10)), (true, true, false));
    }

    #[test]
    fn a_scope_differs_until_a_page_says_its_digest_again_or_that_it_is_gone() {
        let digest = |byte| Digest([byte; 16]);
        let page =
            PullPage { ended: vec![6], digests: vec![(4, digest(1)), (5, digest(2))], ..PullPage::default() };
        let said = Compared::of(&page);
        assert_eq!([4, 5, 6, 7].map(|scope| said.names(scope)), [true, true, false, false]);
        let mut differing = BTreeSet::from([4, 6, 7]);
        said.note(&mut differing, |_| Some(digest(1)));
        assert_eq!(differing, BTreeSet::from([5, 7]));
    }
}
