//! The scopes this phone reads: what the server calls them, and the running digest over what the phone holds of each.
//! Pure; kept in the same transaction as the records it sums.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::access::Scope;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{Digest, DocumentId, PlaceId};
use donghanh_shared::sync::parts::Compared;
use donghanh_shared::sync::wire::{Cursor, PullPage, Reference, ScopeInfo};
use minicbor::{Decode, Encode};

/// Where the store keeps this.
pub const KEY: &str = "scopes";

/// One scope.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct ScopeState {
    /// The scope; absent until the server named it.
    #[n(0)]
    pub scope: Option<Scope>,
    /// Whether the person may write there.
    #[n(1)]
    pub write: bool,
    /// The sum over the records held, as they are on the server.
    #[n(2)]
    pub digest: Digest,
}

/// How far this phone has read.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(map)]
pub struct Scopes {
    /// By the server's number.
    #[n(0)]
    pub states: BTreeMap<u32, ScopeState>,
    /// The session's cursors.
    #[n(1)]
    pub cursors: Vec<Cursor>,
    /// The server's epoch.
    #[n(2)]
    pub epoch: u32,
    /// Everything was read once: the phone can be used without a connection.
    #[n(3)]
    pub complete: bool,
    /// Scopes that the server begins anew though the phone had read of them, each with the records held that the server has not
    /// given again yet.
    #[n(4)]
    pub anew: Option<BTreeMap<u32, BTreeSet<DocumentId>>>,
    /// The server said by its epoch that it was put back to an older copy, and not all of that is looked through yet: what it
    /// lacks is brought back whoever wrote it.
    #[n(5)]
    pub restored: Option<bool>,
    /// The same, until what it had from here and never named a scope of is looked through as well.
    #[n(6)]
    pub unnamed: Option<bool>,
    /// Places of the register that the server, which begins it anew, has not given again yet.
    #[n(7)]
    pub places: Option<BTreeSet<PlaceId>>,
    /// Scopes of which the phone holds something else than the server said last, until they are mended.
    #[n(8)]
    pub differing: Option<BTreeSet<u32>>,
}

impl Scopes {
    /// Notes what the server calls its scopes.
    pub fn name(&mut self, infos: &[ScopeInfo]) {
        for info in infos {
            let state = self.state(info.number);
            state.scope = Some(info.scope.clone());
            state.write = info.write;
        }
    }

    /// Strikes off the places that were given.
    pub fn strike_places(&mut self, pieces: &[Reference]) {
        let Some(places) = &mut self.places else { return };
        for piece in pieces {
            if let Reference::Place(place) = piece {
                places.remove(&place.id);
            }
        }
    }

    fn state(&mut self, number: u32) -> &mut ScopeState {
        self.states.entry(number).or_insert(ScopeState { scope: None, write: false, digest: Digest::EMPTY })
    }

    /// Replaces what a record added to its scopes by what it adds now.
    pub fn shift(&mut self, before: (&[u32], Option<Digest>), after: (&[u32], Option<Digest>)) {
        if let (scopes, Some(digest)) = before {
            for number in scopes {
                let state = self.state(*number);
                state.digest = state.digest.minus(digest);
            }
        }
        if let (scopes, Some(digest)) = after {
            for number in scopes {
                let state = self.state(*number);
                state.digest = state.digest.plus(digest);
            }
        }
    }

    /// Compares the scopes of a page whose records are shifted already.
    pub fn compare(&mut self, page: &PullPage) {
        let mut differing = self.differing.take().unwrap_or_default();
        Compared::of(page).note(&mut differing, |number| Some(self.digest(number)));
        self.differing = Some(differing).filter(|differing| !differing.is_empty());
    }

    /// Forgets a scope that ended.
    pub fn end(&mut self, number: u32) {
        self.states.remove(&number);
        if let Some(differing) = &mut self.differing {
            differing.remove(&number);
        }
    }

    /// The digest over a scope.
    #[must_use]
    pub fn digest(&self, number: u32) -> Digest {
        self.states.get(&number).map_or(Digest::EMPTY, |state| state.digest)
    }

    /// The ward of a scope of activity, or of what is asked.
    #[must_use]
    pub fn ward(&self, number: u32) -> Option<WardRef> {
        match self.states.get(&number)?.scope.as_ref()? {
            Scope::Activity(ward) | Scope::Assignments(ward) => Some(*ward),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_kept_until_it_was_compared_again() {
        let page = |digests| PullPage { digests, ..PullPage::default() };
        let (one, two) = (Digest([1; 16]), Digest([2; 16]));
        let mut scopes = Scopes::default();
        scopes.shift((&[], None), (&[1, 2], Some(one)));
        scopes.compare(&page(vec![(1, two), (2, one)]));
        assert_eq!(scopes.differing, Some(BTreeSet::from([1])));
        scopes.compare(&page(Vec::new()));
        assert_eq!(scopes.differing, Some(BTreeSet::from([1])), "nothing was said of it");
        scopes.compare(&page(vec![(1, one)]));
        assert_eq!(scopes.differing, None);
        scopes.compare(&page(vec![(2, two)]));
        scopes.end(2);
        assert_eq!(scopes.differing, Some(BTreeSet::new()));
    }

    #[test]
    fn the_digest_follows_what_is_held() {
        let (one, two) = (Digest([1; 16]), Digest([2; 16]));
        let mut scopes = Scopes::default();
        scopes.shift((&[], None), (&[1, 2], Some(one)));
        scopes.shift((&[], None), (&[1], Some(two)));
        assert_eq!((scopes.digest(1), scopes.digest(2)), (one.plus(two), one));
        // Moved out of scope 1, and changed.
        scopes.shift((&[1, 2], Some(one)), (&[2], Some(two)));
        assert_eq!((scopes.digest(1), scopes.digest(2)), (two, two));
        scopes.shift((&[1], Some(two)), (&[], None));
        assert_eq!(scopes.digest(1), Digest::EMPTY);
    }
}
