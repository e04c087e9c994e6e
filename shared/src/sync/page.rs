//! What a page says about one document, merged into what a device holds of it. Pure: the phone, the native device and with it
//! the simulator run this same code over stores of their own.

use std::collections::{BTreeSet, HashSet};

use minicbor::bytes::ByteVec;

use super::offer::left;
use super::wire::PullItem;
use crate::crdt::{Document, Kind, RawChange, gate};
use crate::domain::error::{Code, Problem};
use crate::domain::ward::WardRef;
use crate::ids::{ActorId, ChangeHash, Digest, DocumentId, PhotoId};

/// What a device holds of a record.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    /// The saved document.
    pub bytes: &'a [u8],
    /// Its kind.
    pub kind: Kind,
    /// The core of the case that it is, or is part of, as the server placed it.
    pub case: Option<DocumentId>,
    /// Its home ward, as far as the device knows.
    pub home: Option<WardRef>,
    /// The server's numbers of the scopes it came in, ascending.
    pub scopes: &'a [u32],
    /// Whether the server has ever had it.
    pub was_known: bool,
}

/// What the device is to hold of it from now on.
#[derive(Clone)]
pub struct Kept {
    /// The document.
    pub document: Document,
    /// The core of its case.
    pub case: Option<DocumentId>,
    /// Its home ward.
    pub home: Option<WardRef>,
    /// The scopes it comes in, ascending.
    pub scopes: Vec<u32>,
    /// What it adds to the digests of those scopes.
    pub digest: Digest,
    /// Changes made here that the server turned out to have.
    pub arrived: Vec<ChangeHash>,
    /// Changes that the server had and has lost, as far as this device brings them back.
    pub lost: Vec<RawChange>,
}

/// Whose changes a device brings back that the server had and has lost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Authors {
    /// Those of these actors, its person's.
    Own(HashSet<ActorId>),
    /// Everybody's: the server said that it was put back to an older copy.
    All,
}

impl Authors {
    /// Whether this one is among them.
    #[must_use]
    pub fn has(&self, actor: &ActorId) -> bool {
        match self {
            Self::Own(actors) => actors.contains(actor),
            Self::All => true,
        }
    }
}

/// What became of a document.
#[derive(Clone)]
pub enum Merged {
    /// It is to be written.
    Write(Box<Kept>),
    /// It left the last scope that this device reads, or was erased.
    Drop {
        /// Erased for good: what waits to be sent of it goes too.
        erased: bool,
    },
    /// Nothing to do.
    Nothing,
    /// It cannot be read; these are its bytes.
    SetAside {
        /// The bytes.
        bytes: Vec<u8>,
        /// What is wrong.
        problem: Problem,
    },
}

struct Working<'a> {
    id: DocumentId,
    unsent: &'a HashSet<ChangeHash>,
    brings: Option<&'a Authors>,
    /// Whether the server had it before.
    was_known: bool,
    /// Whether it came in any scope before.
    was_covered: bool,
    /// Whether the page says that it left a scope.
    is_told_gone: bool,
    document: Option<Document>,
    /// Absent for a record that this device knows nothing of.
    kind: Option<Kind>,
    case: Option<DocumentId>,
    home: Option<WardRef>,
    scopes: Vec<u32>,
    erased: bool,
    arrived: Vec<ChangeHash>,
    lost: Vec<RawChange>,
}

/// Merges the items of a page about the document `id`, in the page's order. `unsent` are the hashes of what waits to be sent:
/// changes, pictures. `brings` says whose changes are brought back while the server begins a scope anew: what they wrote and a
/// whole record of the server lacks, is lost there. Of a record that leaves the last scope then, nobody says what the server has:
/// all that they wrote in it is brought.
#[must_use]
pub fn merge(
    existing: Option<Held<'_>>,
    unsent: &HashSet<ChangeHash>,
    id: DocumentId,
    items: &[&PullItem],
    brings: Option<&Authors>,
) -> Merged {
    let document = match existing.map(|held| (held, Document::load(held.bytes))) {
        Some((_, Ok(document))) => Some(document),
        // The device's own bytes are damaged: a snapshot mends them; changes alone cannot.
        Some((held, Err(problem))) if !items.iter().any(|item| matches!(item, PullItem::Snapshot { .. })) => {
            return Merged::SetAside { bytes: held.bytes.to_vec(), problem };
        }
        _ => None,
    };
    let mut working = Working {
        id,
        unsent,
        brings,
        was_known: existing.is_some_and(|held| held.was_known),
        was_covered: existing.is_some_and(|held| !held.scopes.is_empty()),
        is_told_gone: false,
        document,
        kind: existing.map(|held| held.kind),
        case: existing.and_then(|held| held.case),
        home: existing.and_then(|held| held.home),
        scopes: existing.map(|held| held.scopes.to_vec()).unwrap_or_default(),
        erased: false,
        arrived: Vec::new(),
        lost: Vec::new(),
    };
    for item in items {
        if let Err((bytes, problem)) = working.take(item) {
            return Merged::SetAside { bytes, problem };
        }
    }
    working.finish(existing.is_some())
}

impl Working<'_> {
    fn take(&mut self, item: &PullItem) -> Result<(), (Vec<u8>, Problem)> {
        match item {
            PullItem::Snapshot { scope, generation, kind, bytes, case, home, .. } => {
                self.kind = Some(*kind);
                self.home = home.or(self.home);
                self.case = case.or(self.case);
                self.snapshot(*generation, bytes).map_err(|problem| (bytes.to_vec(), problem))?;
                self.join(*scope);
            }
            PullItem::Changes { scope, generation, changes, .. } => {
                let is_known = self.changes(*generation, changes).map_err(|problem| {
                    (changes.iter().flat_map(|change| change.to_vec()).collect(), problem)
                })?;
                if is_known {
                    self.join(*scope);
                }
            }
            PullItem::Leave { scope, .. } => {
                self.scopes.retain(|number| number != scope);
                self.is_told_gone = true;
            }
            PullItem::Erase { generation, .. } => {
                if self.document.as_ref().is_none_or(|document| document.generation() < *generation) {
                    self.document = None;
                    self.scopes.clear();
                    self.erased = true;
                }
            }
            PullItem::Reference(_) => {}
        }
        Ok(())
    }

    fn join(&mut self, scope: u32) {
        if !self.scopes.contains(&scope) {
            self.scopes.push(scope);
            self.scopes.sort_unstable();
        }
    }

    fn snapshot(&mut self, generation: u32, bytes: &[u8]) -> Result<(), Problem> {
        let theirs = Document::load_sent(bytes)?;
        if theirs.id() != self.id || theirs.generation() != generation {
            return Err(Problem::new(Code::ChangeMalformed));
        }
        self.arrived.extend(self.unsent.iter().filter(|hash| theirs.contains(hash)));
        self.erased = false;
        match &mut self.document {
            Some(ours) if ours.generation() > generation => {}
            Some(ours) if ours.generation() == generation => {
                if ours.heads().iter().all(|head| theirs.contains(head)) {
                    *ours = theirs;
                } else {
                    if let Some(authors) = self.brings.filter(|_| self.was_known) {
                        let lost = |change: &RawChange| {
                            authors.has(&change.actor)
                                && !theirs.contains(&change.hash)
                                && !self.unsent.contains(&change.hash)
                        };
                        self.lost = ours.changes().into_iter().filter(lost).collect();
                    }
                    let changes: Vec<Vec<u8>> =
                        theirs.changes().into_iter().map(|change| change.bytes).collect();
                    ours.apply(&changes)?;
                }
            }
            _ => self.document = Some(theirs),
        }
        Ok(())
    }

    /// Whether the record is known. Changes alone do not say of what kind a record is: on a root of another kind they and
    /// every later snapshot would be set aside for ever. A copy of a profile hears so of what its twin began. The digest of the
    /// scope then differs, and it is fetched anew.
    fn changes(&mut self, generation: u32, changes: &[ByteVec]) -> Result<bool, Problem> {
        let Some(kind) = self.kind else { return Ok(false) };
        let current = self.document.take().filter(|document| document.generation() >= generation);
        let mut document = current.unwrap_or_else(|| Document::create(kind, self.id, generation));
        if document.generation() == generation {
            let raw: Vec<Vec<u8>> = changes.iter().map(|change| change.to_vec()).collect();
            for bytes in &raw {
                let hash = gate::check(bytes.clone())?.hash;
                if self.unsent.contains(&hash) {
                    self.arrived.push(hash);
                }
            }
            document.apply(&raw)?;
        }
        self.erased = false;
        self.document = Some(document);
        Ok(true)
    }

    fn finish(mut self, existed: bool) -> Merged {
        let Some(document) = self.document.take() else {
            let gone = self.erased || existed;
            return if gone { Merged::Drop { erased: self.erased } } else { Merged::Nothing };
        };
        // Also of a record that was begun here and that no page named a scope of before.
        let had_no_scope = !self.was_known && self.is_told_gone;
        let leaves = existed && (self.was_covered || had_no_scope) && self.scopes.is_empty();
        if let Some(authors) = self.brings.filter(|_| leaves) {
            self.lost = left(&document, authors, self.unsent);
        }
        let sent = |hash: &&ChangeHash| !self.arrived.contains(hash);
        let mut unsent: HashSet<ChangeHash> = self.unsent.iter().filter(sent).copied().collect();
        unsent.extend(self.lost.iter().map(|change| change.hash));
        let lists_pictures = document.kind() == Kind::OutreachVisit;
        let picture_waits =
            |hash: &ChangeHash| lists_pictures && document.visit().photos.contains_key(&PhotoId(hash.0));
        let waits = |hash: &ChangeHash| document.contains(hash) || picture_waits(hash);
        if self.scopes.is_empty() && !unsent.iter().any(waits) {
            return if existed { Merged::Drop { erased: false } } else { Merged::Nothing };
        }
        let digest = server_digest(&document, &unsent);
        let Self { case, home, scopes, arrived, lost, .. } = self;
        Merged::Write(Box::new(Kept { document, case, home, scopes, digest, arrived, lost }))
    }
}

/// What a document adds to the digests of its scopes: its state without the changes that are not on the server.
#[must_use]
pub fn server_digest(document: &Document, unsent: &HashSet<ChangeHash>) -> Digest {
    if !unsent.iter().any(|hash| document.contains(hash)) {
        return document.digest();
    }
    let mut heads: BTreeSet<ChangeHash> = BTreeSet::new();
    let mut built_on: HashSet<ChangeHash> = HashSet::new();
    for change in document.changes() {
        if unsent.contains(&change.hash) {
            continue;
        }
        heads.insert(change.hash);
        if let Ok(checked) = gate::check(change.bytes) {
            built_on.extend(checked.deps);
        }
    }
    heads.retain(|hash| !built_on.contains(hash));
    let mut heads: Vec<ChangeHash> = heads.into_iter().collect();
    if heads.is_empty() {
        heads = Document::create(document.kind(), document.id(), document.generation()).heads();
    }
    Digest::of_document(document.id(), document.generation(), &heads)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::outreach_visit::{NewChange, VisitEdit, edit};

    const ID: DocumentId = DocumentId([7; 16]);

    fn document() -> Document {
        Document::create(Kind::OutreachVisit, ID, 0)
    }

    fn notes(document: &mut Document, actor: u8, text: &str) -> NewChange {
        edit(document, ActorId([actor; 16]), 1, &[VisitEdit::Notes(text.to_owned())])
            .expect("edit")
            .expect("change")
    }

    fn date(document: &mut Document, actor: u8, day: &str) -> NewChange {
        let day = Some(day.parse().expect("day"));
        edit(document, ActorId([actor; 16]), 2, &[VisitEdit::Date(day)]).expect("edit").expect("change")
    }

    fn snapshot(document: &Document, scope: u32) -> PullItem {
        let bytes = ByteVec::from(document.save());
        PullItem::Snapshot {
            scope,
            document: ID,
            generation: 0,
            kind: Kind::OutreachVisit,
            bytes,
            case: None,
            home: None,
        }
    }

    /// A record that is here, and that the server has had.
    fn held<'a>(bytes: &'a [u8], scopes: &'a [u32]) -> Held<'a> {
        Held { bytes, kind: Kind::OutreachVisit, case: None, home: None, scopes, was_known: true }
    }

    fn written(merged: Merged) -> Kept {
        match merged {
            Merged::Write(kept) => *kept,
            Merged::Drop { erased } => panic!("dropped, erased: {erased}"),
            Merged::Nothing => panic!("nothing"),
            Merged::SetAside { problem, .. } => panic!("set aside: {problem}"),
        }
    }

    fn merged(existing: Option<Held<'_>>, unsent: &HashSet<ChangeHash>, items: &[&PullItem]) -> Merged {
        merge(existing, unsent, ID, items, None)
    }

    #[test]
    fn what_the_server_had_and_lost_is_told_while_a_scope_is_begun_anew() {
        let mut theirs = document();
        notes(&mut theirs, 1, "a");
        let old = snapshot(&theirs, 4);
        let mut ours = Document::load(&theirs.save()).expect("loads");
        let (mine, anothers) = (notes(&mut ours, 2, "ab").hash, notes(&mut ours, 3, "abc").hash);
        let waiting = notes(&mut ours, 2, "abcd").hash;
        let (unsent, own) = (HashSet::from([waiting]), Authors::Own(HashSet::from([ActorId([2; 16])])));
        let bytes = ours.save();
        let of = |was_known, own| {
            let held = Held { was_known, ..held(&bytes, &[4]) };
            let kept = written(merge(Some(held), &unsent, ID, &[&old], own));
            (kept.digest, kept.lost.into_iter().map(|change| change.hash).collect::<Vec<_>>())
        };
        assert_eq!(of(true, Some(&own)).1, [mine]);
        assert_eq!(of(true, Some(&Authors::All)).1, [mine, anothers]);
        assert!(of(true, None).1.is_empty(), "a snapshot of every day");
        assert!(of(false, Some(&own)).1.is_empty(), "never sent");
        let without_mine = server_digest(&ours, &HashSet::from([waiting, mine]));
        assert_eq!(of(true, Some(&own)).0, without_mine);
        assert!(ours.contains(&anothers));
    }

    #[test]
    fn of_what_leaves_a_server_that_was_put_back_everything_of_ones_own_is_brought() {
        let mut ours = document();
        let (mine, _) = (notes(&mut ours, 2, "a").hash, notes(&mut ours, 3, "ab").hash);
        let bytes = ours.save();
        let leave = PullItem::Leave { scope: 4, document: ID };
        let own = Authors::Own(HashSet::from([ActorId([2; 16])]));
        let of = |scopes: &[u32], brings| {
            merge(Some(held(&bytes, scopes)), &HashSet::new(), ID, &[&leave], brings)
        };
        let kept = written(of(&[4], Some(&own)));
        assert_eq!(kept.lost.iter().map(|change| change.hash).collect::<Vec<_>>(), [mine]);
        assert!(matches!(of(&[4], None), Merged::Drop { erased: false }), "as every day");
        assert!(matches!(of(&[], Some(&own)), Merged::Drop { erased: false }), "it had left before");
        let begun = Held { was_known: false, ..held(&bytes, &[]) };
        let kept = written(merge(Some(begun), &HashSet::new(), ID, &[&leave], Some(&own)));
        assert_eq!(kept.lost.len(), 1, "begun here, and moved away before a page named a scope of it");
    }

    #[test]
    fn an_unknown_snapshot_is_kept_with_its_digest() {
        let mut theirs = document();
        notes(&mut theirs, 1, "a");
        let kept = written(merged(None, &HashSet::new(), &[&snapshot(&theirs, 4)]));
        assert_eq!((kept.scopes.as_slice(), kept.digest), (&[4][..], theirs.digest()));
    }

    #[test]
    fn what_waits_here_survives_a_snapshot_and_does_not_count_as_the_servers() {
        let mut theirs = document();
        let mut ours = theirs.clone();
        date(&mut theirs, 1, "2025-06-26");
        let mine = notes(&mut ours, 2, "mine");
        let unsent = HashSet::from([mine.hash]);
        let kept = written(merged(Some(held(&ours.save(), &[4])), &unsent, &[&snapshot(&theirs, 4)]));
        let both = &kept.document;
        assert!(both.contains(&mine.hash) && theirs.heads().iter().all(|head| both.contains(head)));
        assert_eq!((kept.digest, kept.arrived), (theirs.digest(), vec![]));
    }

    #[test]
    fn a_change_that_comes_back_has_arrived() {
        let mut ours = document();
        let mine = notes(&mut ours, 2, "mine");
        let unsent = HashSet::from([mine.hash]);
        let changes = vec![ByteVec::from(mine.bytes)];
        let item = PullItem::Changes { scope: 4, document: ID, generation: 0, changes };
        let kept = written(merged(Some(held(&ours.save(), &[])), &unsent, &[&item]));
        assert_eq!((kept.arrived, kept.digest, kept.scopes), (vec![mine.hash], ours.digest(), vec![4]));
    }

    /// A copied profile is not sent what its twin, the same device to the server, began: only that it is there.
    #[test]
    fn of_an_unknown_record_changes_alone_make_nothing() {
        let item = PullItem::Changes { scope: 4, document: ID, generation: 0, changes: Vec::new() };
        assert!(matches!(merged(None, &HashSet::new(), &[&item]), Merged::Nothing));
        let mut theirs = document();
        notes(&mut theirs, 1, "a");
        let kept = written(merged(None, &HashSet::new(), &[&item, &snapshot(&theirs, 4)]));
        assert_eq!((kept.scopes.as_slice(), kept.digest), (&[4][..], theirs.digest()));
    }

    #[test]
    fn leaving_the_last_scope_drops_it_unless_something_waits() {
        let mut ours = document();
        let mine = notes(&mut ours, 2, "mine");
        let leave = PullItem::Leave { scope: 4, document: ID };
        let bytes = ours.save();
        let here = held(&bytes, &[4]);
        let left = merged(Some(here), &HashSet::new(), &[&leave]);
        assert!(matches!(left, Merged::Drop { erased: false }));
        let unsent = HashSet::from([mine.hash]);
        assert!(written(merged(Some(here), &unsent, &[&leave])).scopes.is_empty());
        let moved = merged(Some(here), &HashSet::new(), &[&leave, &snapshot(&ours, 9)]);
        assert_eq!(written(moved).scopes, [9]);
    }

    #[test]
    fn erased_is_erased_even_with_something_waiting() {
        let mut ours = document();
        let mine = notes(&mut ours, 2, "mine");
        let erase = PullItem::Erase { document: ID, generation: 1 };
        let unsent = HashSet::from([mine.hash]);
        let gone = merged(Some(held(&ours.save(), &[4])), &unsent, &[&erase]);
        assert!(matches!(gone, Merged::Drop { erased: true }));
    }

    #[test]
    fn damaged_bytes_are_set_aside() {
        let mut item = snapshot(&document(), 4);
        if let PullItem::Snapshot { bytes, .. } = &mut item {
            bytes.truncate(20);
        }
        assert!(
            matches!(merged(None, &HashSet::new(), &[&item]), Merged::SetAside { bytes, .. } if bytes.len() == 20)
        );
    }
}
