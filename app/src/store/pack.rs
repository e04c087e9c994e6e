//! Packs of rows: a start reads some eighty values instead of ten thousand. A pack keeps each row's bytes unread, so
//! that putting one row in its place touches no other. Pure.

use donghanh_shared::crdt::{Document, Kind};
use donghanh_shared::domain::aftercare::line::CareLine;
use donghanh_shared::domain::aftercare::{AftercareCase, AftercareRestricted, AftercareRules, CheckIn};
use donghanh_shared::domain::search::folded;
use donghanh_shared::domain::summary::Summary;
use donghanh_shared::ids::DocumentId;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

/// Rows of one pack at most: few enough that a save rewrites little, many enough that a start reads few values.
pub const ROWS: usize = 128;

/// What a start reads of one record: a line of activity, or of a case.
#[derive(Clone, PartialEq, Debug, Default, Encode, Decode)]
#[cbor(map)]
pub struct Line {
    /// The summary of a record of activity; in a box, as ten thousand are moved at a start.
    #[n(0)]
    pub summary: Option<Box<Summary>>,
    /// Its own text, folded for search (folding ten thousand texts at every start would be felt).
    #[n(1)]
    pub folded: String,
    /// What lists need of a document of a case.
    #[n(2)]
    pub care: Option<Box<CareLine>>,
}

impl Line {
    /// The line of a record; `case` is the core of the case that it is part of, whose standing goes by the rules. Parts that
    /// no list shows have none.
    #[must_use]
    pub fn of_record(document: &Document, case: Option<DocumentId>, rules: &AftercareRules) -> Option<Self> {
        if let Some(summary) = document.summary() {
            return Some(Self {
                folded: folded(&summary.text),
                summary: Some(Box::new(summary)),
                care: None,
            });
        }
        let care = care(document, case, rules)?;
        Some(Self { care: Some(Box::new(care)), ..Self::default() })
    }

    /// Which record it is of.
    #[must_use]
    pub fn id(&self) -> Option<DocumentId> {
        self.summary.as_ref().map(|summary| summary.id).or_else(|| self.care.as_ref().map(|care| care.id))
    }
}

/// A part whose case this phone does not know has no line: it came from a server that did not say.
fn care(document: &Document, case: Option<DocumentId>, rules: &AftercareRules) -> Option<CareLine> {
    let (id, at) = (document.id(), document.changed_at());
    let fields = || document.fields();
    match document.kind() {
        Kind::AftercareCase => Some(CareLine::of_case(id, &AftercareCase::of(&fields()), rules, at)),
        Kind::AftercareRestricted => {
            Some(CareLine::of_person(id, case?, &AftercareRestricted::of(&fields()), at))
        }
        Kind::CheckIn => {
            let line = CareLine::of_check_in(id, case?, &CheckIn::of(&fields()), at);
            let confirmed = document.confirmation();
            Some(line.standing(confirmed.line(), confirmed.said.is_open()))
        }
        Kind::CheckInRestricted
        | Kind::OutreachVisit
        | Kind::PledgeDrive
        | Kind::PreventionModel
        | Kind::WorkAssignment => None,
    }
}

/// One row of a pack.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct PackRow {
    /// The record.
    #[n(0)]
    pub id: DocumentId,
    /// Revision of the record when the row was written.
    #[n(1)]
    pub revision: u64,
    /// CBOR of a [`Line`].
    #[n(2)]
    pub line: ByteVec,
}

/// One pack.
#[derive(Clone, PartialEq, Debug, Default, Encode, Decode)]
#[cbor(map)]
pub struct Pack {
    /// Its rows, in no order.
    #[n(0)]
    pub rows: Vec<PackRow>,
}

impl Pack {
    /// Puts a row in its place, or adds it.
    pub fn put(&mut self, row: PackRow) {
        match self.rows.iter_mut().find(|old| old.id == row.id) {
            Some(old) => *old = row,
            None => self.rows.push(row),
        }
    }

    /// Takes a row out.
    pub fn remove(&mut self, id: DocumentId) {
        self.rows.retain(|row| row.id != id);
    }

    /// Whether another row fits.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.rows.len() < ROWS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: u8, revision: u64) -> PackRow {
        PackRow { id: DocumentId([id; 16]), revision, line: ByteVec::from(vec![id; 3]) }
    }

    #[test]
    fn a_row_is_replaced_not_doubled() {
        let mut pack = Pack::default();
        for (id, revision) in [(1, 1), (2, 1), (1, 2)] {
            pack.put(row(id, revision));
        }
        assert_eq!(pack.rows, [row(1, 2), row(2, 1)]);
        pack.remove(DocumentId([1; 16]));
        assert_eq!(pack.rows, [row(2, 1)]);
    }

    #[test]
    fn a_full_pack_says_so() {
        let mut pack = Pack { rows: vec![row(1, 1); ROWS - 1] };
        assert!(pack.has_room());
        pack.rows.push(row(2, 1));
        assert!(!pack.has_room());
    }
}
