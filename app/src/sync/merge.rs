//! The phone's records as [`donghanh_shared::sync::page`] sees them, and what it says as a record with its row.

use donghanh_shared::crdt::Document;
use donghanh_shared::domain::aftercare::AftercareRules;
use donghanh_shared::sync::page::{Held, Kept};
use minicbor::bytes::ByteVec;

use crate::store::{Line, StoredRecord};

/// A record as it is held.
#[must_use]
pub fn held(record: &StoredRecord) -> Held<'_> {
    Held {
        bytes: &record.bytes,
        kind: record.kind,
        case: record.case,
        home: record.home_ward,
        scopes: &record.scopes,
        was_known: record.digest.is_some(),
    }
}

/// The record to be written, and its row; by `rules` the line of a case is drawn.
#[must_use]
pub fn written(kept: &Kept, rules: &AftercareRules) -> (StoredRecord, Option<Line>) {
    let document: &Document = &kept.document;
    let record = StoredRecord {
        kind: document.kind(),
        generation: document.generation(),
        home_ward: kept.home,
        case: kept.case,
        scopes: kept.scopes.clone(),
        digest: Some(kept.digest),
        pack: 0,
        revision: 0,
        bytes: ByteVec::from(document.save()),
    };
    (record, Line::of_record(document, kept.case, rules))
}
