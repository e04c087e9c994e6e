//! What a page says about one document, merged into what the device holds of it. Pure. The same rules as `sync/merge` of
//! the app, over this device's records.

use std::collections::BTreeSet;

use donghanh_shared::crdt::{Document, Kind, gate};
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::{ChangeHash, Digest, DocumentId};
use donghanh_shared::sync::wire::PullItem;
use minicbor::bytes::ByteVec;

use crate::store::Record;

/// What became of a document.
#[derive(Clone, Debug)]
pub enum Merged {
    /// It is to be written.
    Write {
        /// What to keep.
        record: Box<Record>,
        /// Changes made here that the server turned out to have.
        arrived: Vec<ChangeHash>,
    },
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
    },
}

struct Working<'a> {
    id: DocumentId,
    unsent: &'a BTreeSet<ChangeHash>,
    document: Option<Document>,
    /// Absent for a record that this device knows nothing of.
    kind: Option<Kind>,
    case: Option<DocumentId>,
    scopes: BTreeSet<u32>,
    erased: bool,
    arrived: Vec<ChangeHash>,
}

/// Merges the items of a page about the document `id`, in the page's order. `unsent` are its changes in the outbox.
#[must_use]
pub fn merge(
    existing: Option<&Record>,
    unsent: &BTreeSet<ChangeHash>,
    id: DocumentId,
    items: &[&PullItem],
) -> Merged {
    let mut working = Working {
        id,
        unsent,
        document: existing.and_then(|record| Document::load(&record.bytes).ok()),
        kind: existing.and_then(|record| record.kind),
        case: existing.and_then(|record| record.case),
        scopes: existing.map(|record| record.scopes.clone()).unwrap_or_default(),
        erased: false,
        arrived: Vec::new(),
    };
    for item in items {
        if let Err(bytes) = working.take(item) {
            return Merged::SetAside { bytes };
        }
    }
    working.finish(existing.is_some())
}

impl Working<'_> {
    fn take(&mut self, item: &PullItem) -> Result<(), Vec<u8>> {
        match item {
            PullItem::Snapshot { scope, generation, kind, bytes, case, .. } => {
                self.kind = Some(*kind);
                self.case = case.or(self.case);
                self.snapshot(*generation, bytes).map_err(|_| bytes.to_vec())?;
                self.scopes.insert(*scope);
            }
            PullItem::Changes { scope, generation, changes, .. } => {
                let is_known = self
                    .changes(*generation, changes)
                    .map_err(|_| changes.iter().flat_map(|change| change.to_vec()).collect::<Vec<u8>>())?;
                if is_known {
                    self.scopes.insert(*scope);
                }
            }
            PullItem::Leave { scope, .. } => drop(self.scopes.remove(scope)),
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

    fn finish(self, existed: bool) -> Merged {
        let Some(document) = self.document else {
            let gone = self.erased || existed;
            return if gone { Merged::Drop { erased: self.erased } } else { Merged::Nothing };
        };
        let waits = self.unsent.iter().any(|hash| !self.arrived.contains(hash) && document.contains(hash));
        if self.scopes.is_empty() && !waits {
            return if existed { Merged::Drop { erased: false } } else { Merged::Nothing };
        }
        let record = Record {
            bytes: document.save(),
            heads: document.heads(),
            generation: document.generation(),
            kind: Some(document.kind()),
            case: self.case,
            was_covered: true,
            scopes: self.scopes,
        };
        Merged::Write { record: Box::new(record), arrived: self.arrived }
    }
}

/// What a document adds to the digests of its scopes: its state without the changes that are not on the server.
#[must_use]
pub fn server_digest(document: &Document, unsent: &BTreeSet<ChangeHash>) -> Digest {
    if !unsent.iter().any(|hash| document.contains(hash)) {
        return document.digest();
    }
    let mut heads: BTreeSet<ChangeHash> = BTreeSet::new();
    let mut built_on: BTreeSet<ChangeHash> = BTreeSet::new();
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
