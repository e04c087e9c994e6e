//! What a page says about one document, merged into what the phone holds of it. Pure: bytes in, bytes out.

use std::collections::{BTreeSet, HashSet};

use donghanh_shared::crdt::{Document, Kind, RawChange, gate};
use donghanh_shared::domain::aftercare::AftercareRules;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{ActorId, ChangeHash, Digest, DocumentId, PhotoId};
use donghanh_shared::sync::wire::PullItem;
use minicbor::bytes::ByteVec;

use crate::store::{Line, StoredRecord};

/// What became of a document.
#[derive(Clone, PartialEq, Debug)]
pub enum Merged {
    /// It is to be written.
    Write {
        /// What to keep.
        record: Box<StoredRecord>,
        /// Its row.
        line: Option<Box<Line>>,
        /// Changes made here that the server turned out to have.
        arrived: Vec<ChangeHash>,
        /// Changes made here that the server had and has lost: they are offered once more.
        lost: Vec<RawChange>,
    },
    /// It left the last scope that this phone reads, or was erased.
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
    own: Option<&'a HashSet<ActorId>>,
    rules: &'a AftercareRules,
    /// Whether the server had it before.
    was_known: bool,
    document: Option<Document>,
    /// Absent for a record that this phone knows nothing of.
    kind: Option<Kind>,
    case: Option<DocumentId>,
    home: Option<WardRef>,
    scopes: Vec<u32>,
    erased: bool,
    arrived: Vec<ChangeHash>,
    lost: Vec<RawChange>,
}

/// Merges the items of a page about the document `id`, in the page's order. `unsent` are the changes of the outbox; by
/// `rules` the line of a case is drawn. `own` are the person's actors while the server begins a scope anew: what they wrote
/// and a whole record of the server lacks, is lost there.
#[must_use]
pub fn merge(
    existing: Option<&StoredRecord>,
    unsent: &HashSet<ChangeHash>,
    id: DocumentId,
    items: &[&PullItem],
    own: Option<&HashSet<ActorId>>,
    rules: &AftercareRules,
) -> Merged {
    let document = match existing.map(|record| Document::load(&record.bytes)) {
        Some(Ok(document)) => Some(document),
        // The phone's own bytes are damaged: a snapshot mends them; changes alone cannot.
        Some(Err(problem)) if !items.iter().any(|item| matches!(item, PullItem::Snapshot { .. })) => {
            let bytes = existing.map(|record| record.bytes.to_vec()).unwrap_or_default();
            return Merged::SetAside { bytes, problem };
        }
        _ => None,
    };
    let mut working = Working {
        id,
        unsent,
        own,
        rules,
        was_known: existing.is_some_and(|record| record.digest.is_some()),
        document,
        kind: existing.map(|record| record.kind),
        case: existing.and_then(|record| record.case),
        home: existing.and_then(|record| record.home_ward),
        scopes: existing.map(|record| record.scopes.clone()).unwrap_or_default(),
        erased: false,
        arrived: Vec::new(),
        lost: Vec::new(),
    };
    for item in items {
        if let Err((bytes, problem)) = working.take(item) {
            return Merged::SetAside { bytes, problem };
        }
    }
    working.finish(existing)
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
            PullItem::Leave { scope, .. } => self.scopes.retain(|number| number != scope),
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
        let theirs = Document::load(bytes)?;
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
                    if let Some(own) = self.own.filter(|_| self.was_known) {
                        let lost = |change: &RawChange| {
                            own.contains(&change.actor)
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

    fn finish(self, existing: Option<&StoredRecord>) -> Merged {
        let Some(document) = self.document else {
            let gone = self.erased || existing.is_some();
            return if gone { Merged::Drop { erased: self.erased } } else { Merged::Nothing };
        };
        let sent = |hash: &&ChangeHash| !self.arrived.contains(hash);
        let mut unsent: HashSet<ChangeHash> = self.unsent.iter().filter(sent).copied().collect();
        unsent.extend(self.lost.iter().map(|change| change.hash));
        let lists_pictures = document.kind() == Kind::OutreachVisit;
        let picture_waits =
            |hash: &ChangeHash| lists_pictures && document.visit().photos.contains_key(&PhotoId(hash.0));
        let waits = |hash: &ChangeHash| document.contains(hash) || picture_waits(hash);
        if self.scopes.is_empty() && !unsent.iter().any(waits) {
            return if existing.is_some() { Merged::Drop { erased: false } } else { Merged::Nothing };
        }
        let record = Box::new(StoredRecord {
            kind: document.kind(),
            generation: document.generation(),
            home_ward: self.home,
            case: self.case,
            scopes: self.scopes,
            digest: Some(server_digest(&document, &unsent)),
            pack: 0,
            revision: 0,
            bytes: ByteVec::from(document.save()),
        });
        let line = Line::of_record(&document, self.case, self.rules);
        Merged::Write { record, line: line.map(Box::new), arrived: self.arrived, lost: self.lost }
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
    use donghanh_shared::command::outreach_visit::{NewChange, VisitEdit, edit};
    use donghanh_shared::ids::ActorId;

    use super::*;

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

    fn stored(document: &Document, scopes: &[u32]) -> StoredRecord {
        StoredRecord {
            kind: Kind::OutreachVisit,
            generation: 0,
            home_ward: None,
            case: None,
            scopes: scopes.to_vec(),
            digest: Some(document.digest()),
            pack: 3,
            revision: 5,
            bytes: ByteVec::from(document.save()),
        }
    }

    fn written(merged: Merged) -> (StoredRecord, Vec<ChangeHash>) {
        match merged {
            Merged::Write { record, arrived, .. } => (*record, arrived),
            other => panic!("not written: {other:?}"),
        }
    }

    fn merged(
        existing: Option<&StoredRecord>,
        unsent: &HashSet<ChangeHash>,
        id: DocumentId,
        items: &[&PullItem],
    ) -> Merged {
        merge(existing, unsent, id, items, None, &AftercareRules::shipped())
    }

    #[test]
    fn what_the_server_had_and_lost_is_told_while_a_scope_is_begun_anew() {
        let mut theirs = document();
        notes(&mut theirs, 1, "a");
        let old = snapshot(&theirs, 4);
        let mut ours = Document::load(&theirs.save()).expect("loads");
        let (mine, anothers) = (notes(&mut ours, 2, "ab").hash, notes(&mut ours, 3, "abc").hash);
        let waiting = notes(&mut ours, 2, "abcd").hash;
        let (unsent, own) = (HashSet::from([waiting]), HashSet::from([ActorId([2; 16])]));
        let rules = AftercareRules::shipped();
        let of = |record: &StoredRecord, own| match merge(Some(record), &unsent, ID, &[&old], own, &rules) {
            Merged::Write { record, lost, .. } => {
                (record.digest, lost.into_iter().map(|change| change.hash).collect::<Vec<_>>())
            }
            other => panic!("not written: {other:?}"),
        };
        let record = stored(&ours, &[4]);
        assert_eq!(of(&record, Some(&own)).1, [mine]);
        assert!(of(&record, None).1.is_empty(), "a snapshot of every day");
        assert!(of(&StoredRecord { digest: None, ..record.clone() }, Some(&own)).1.is_empty(), "never sent");
        let without_mine = server_digest(&ours, &HashSet::from([waiting, mine]));
        assert_eq!(of(&record, Some(&own)).0, Some(without_mine));
        assert!(ours.contains(&anothers));
    }

    #[test]
    fn an_unknown_snapshot_is_kept_with_its_digest() {
        let mut theirs = document();
        notes(&mut theirs, 1, "a");
        let (record, _) = written(merged(None, &HashSet::new(), ID, &[&snapshot(&theirs, 4)]));
        assert_eq!((record.scopes.as_slice(), record.digest), (&[4][..], Some(theirs.digest())));
    }

    #[test]
    fn what_waits_here_survives_a_snapshot_and_does_not_count_as_the_servers() {
        let mut theirs = document();
        let mut ours = theirs.clone();
        date(&mut theirs, 1, "2025-06-26");
        let mine = notes(&mut ours, 2, "mine");
        let unsent = HashSet::from([mine.hash]);
        let (record, arrived) =
            written(merged(Some(&stored(&ours, &[4])), &unsent, ID, &[&snapshot(&theirs, 4)]));
        let both = Document::load(&record.bytes).expect("loads");
        assert!(both.contains(&mine.hash) && theirs.heads().iter().all(|head| both.contains(head)));
        assert_eq!((record.digest, arrived), (Some(theirs.digest()), vec![]));
    }

    #[test]
    fn a_change_that_comes_back_has_arrived() {
        let mut ours = document();
        let mine = notes(&mut ours, 2, "mine");
        let unsent = HashSet::from([mine.hash]);
        let changes = vec![ByteVec::from(mine.bytes)];
        let item = PullItem::Changes { scope: 4, document: ID, generation: 0, changes };
        let (record, arrived) = written(merged(Some(&stored(&ours, &[])), &unsent, ID, &[&item]));
        assert_eq!((arrived, record.digest, record.scopes), (vec![mine.hash], Some(ours.digest()), vec![4]));
    }

    /// A copied profile is not sent what its twin, the same device to the server, began: only that it is there.
    #[test]
    fn of_an_unknown_record_changes_alone_make_nothing() {
        let item = PullItem::Changes { scope: 4, document: ID, generation: 0, changes: Vec::new() };
        assert_eq!(merged(None, &HashSet::new(), ID, &[&item]), Merged::Nothing);
        let mut theirs = document();
        notes(&mut theirs, 1, "a");
        let (record, _) = written(merged(None, &HashSet::new(), ID, &[&item, &snapshot(&theirs, 4)]));
        assert_eq!((record.scopes.as_slice(), record.digest), (&[4][..], Some(theirs.digest())));
    }

    #[test]
    fn leaving_the_last_scope_drops_it_unless_something_waits() {
        let mut ours = document();
        let mine = notes(&mut ours, 2, "mine");
        let leave = PullItem::Leave { scope: 4, document: ID };
        let here = stored(&ours, &[4]);
        assert_eq!(merged(Some(&here), &HashSet::new(), ID, &[&leave]), Merged::Drop { erased: false });
        let unsent = HashSet::from([mine.hash]);
        let (record, _) = written(merged(Some(&here), &unsent, ID, &[&leave]));
        assert!(record.scopes.is_empty());
        let moved = merged(Some(&here), &HashSet::new(), ID, &[&leave, &snapshot(&ours, 9)]);
        assert_eq!(written(moved).0.scopes, [9]);
    }

    #[test]
    fn erased_is_erased_even_with_something_waiting() {
        let mut ours = document();
        let mine = notes(&mut ours, 2, "mine");
        let erase = PullItem::Erase { document: ID, generation: 1 };
        let unsent = HashSet::from([mine.hash]);
        assert_eq!(merged(Some(&stored(&ours, &[4])), &unsent, ID, &[&erase]), Merged::Drop { erased: true });
    }

    #[test]
    fn damaged_bytes_are_set_aside() {
        let mut item = snapshot(&document(), 4);
        if let PullItem::Snapshot { bytes, .. } = &mut item {
            bytes.truncate(20);
        }
        assert!(
            matches!(merged(None, &HashSet::new(), ID, &[&item]), Merged::SetAside { bytes, .. } if bytes.len() == 20)
        );
    }
}
