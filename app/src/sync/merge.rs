//! What a page says about one document, merged into the phone's record of it, with its row.

use std::collections::HashSet;

use donghanh_shared::crdt::RawChange;
use donghanh_shared::domain::aftercare::AftercareRules;
use donghanh_shared::domain::error::Problem;
use donghanh_shared::ids::{ChangeHash, DocumentId};
use donghanh_shared::sync::page::{self, Authors, Held, Kept};
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
        /// Changes that the server had and has lost, as far as this phone brings them back.
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

/// See [`page::merge`]; by `rules` the line of a case is drawn.
#[must_use]
pub fn merge(
    existing: Option<&StoredRecord>,
    unsent: &HashSet<ChangeHash>,
    id: DocumentId,
    items: &[&PullItem],
    brings: Option<&Authors>,
    rules: &AftercareRules,
) -> Merged {
    let held = existing.map(|record| Held {
        bytes: &record.bytes,
        kind: record.kind,
        case: record.case,
        home: record.home_ward,
        scopes: &record.scopes,
        was_known: record.digest.is_some(),
    });
    match page::merge(held, unsent, id, items, brings) {
        page::Merged::Write(kept) => write(*kept, rules),
        page::Merged::Drop { erased } => Merged::Drop { erased },
        page::Merged::Nothing => Merged::Nothing,
        page::Merged::SetAside { bytes, problem } => Merged::SetAside { bytes, problem },
    }
}

fn write(kept: Kept, rules: &AftercareRules) -> Merged {
    let Kept { document, case, home, scopes, digest, arrived, lost } = kept;
    let record = Box::new(StoredRecord {
        kind: document.kind(),
        generation: document.generation(),
        home_ward: home,
        case,
        scopes,
        digest: Some(digest),
        pack: 0,
        revision: 0,
        bytes: ByteVec::from(document.save()),
    });
    let line = Line::of_record(&document, case, rules).map(Box::new);
    Merged::Write { record, line, arrived, lost }
}
