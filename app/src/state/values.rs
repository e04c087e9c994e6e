//! What records of each kind say, as screens read them.

use std::collections::BTreeSet;

use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::command::{Edits, aftercare, pledge_drive, prevention_model, work_assignment};
use donghanh_shared::crdt::{Document, Kind};
use donghanh_shared::domain::aftercare::{AftercareCase, AftercareRestricted, CheckIn, CheckInRestricted};
use donghanh_shared::domain::fields::Fields;
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::outreach_visit::Visit;
use donghanh_shared::domain::pledge_drive::PledgeDrive;
use donghanh_shared::domain::prevention_model::PreventionModel;
use donghanh_shared::domain::register::Register;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::domain::work_assignment::WorkAssignment;
use donghanh_shared::ids::{DocumentId, PlaceId};

use super::types::OpenRecord;

/// An open visit.
pub type OpenVisit = OpenRecord<Visit>;
/// An open drive.
pub type OpenDrive = OpenRecord<PledgeDrive>;
/// An open prevention model.
pub type OpenModel = OpenRecord<PreventionModel>;
/// An open assignment.
pub type OpenAssignment = OpenRecord<WorkAssignment>;

/// What a record of some kind says.
pub trait RecordValue: Clone + PartialEq + Send + Sync + 'static {
    /// The kind.
    const KIND: Kind;

    /// Reads it.
    fn of(document: &Document) -> Self;

    /// The ward written in it.
    fn ward(&self) -> Option<WardRef>;

    /// The organisation that leads.
    fn lead(&self) -> Option<&OrganisationId> {
        None
    }

    /// The place whose drive it is, as it says; of drives alone.
    fn place(&self) -> Option<PlaceId> {
        None
    }

    /// Other wards that it says it reached.
    fn other_wards(&self) -> BTreeSet<WardRef> {
        BTreeSet::new()
    }

    /// The fields on which people differ.
    fn open_fields(&self) -> Vec<String>;

    /// The edit that removes it, or brings it back.
    fn archive(why: Option<String>) -> Edits;

    /// Why it was removed.
    fn archived(&self) -> Option<&String>;

    /// The record of the same event whose counts stand, as it says.
    fn same_as(&self) -> Option<DocumentId> {
        None
    }

    /// The names of who did it.
    fn people(&self) -> Vec<String> {
        Vec::new()
    }
}

impl RecordValue for Visit {
    const KIND: Kind = Kind::OutreachVisit;

    fn of(document: &Document) -> Self {
        document.visit()
    }

    fn lead(&self) -> Option<&OrganisationId> {
        self.lead.value()
    }

    fn ward(&self) -> Option<WardRef> {
        self.ward.value().copied()
    }

    fn other_wards(&self) -> BTreeSet<WardRef> {
        self.other_wards.clone()
    }

    fn open_fields(&self) -> Vec<String> {
        self.open_fields()
    }

    fn archive(why: Option<String>) -> Edits {
        vec![VisitEdit::Archived(why)].into()
    }

    fn archived(&self) -> Option<&String> {
        self.archived.value()
    }

    fn same_as(&self) -> Option<DocumentId> {
        self.same_as.value().copied()
    }

    fn people(&self) -> Vec<String> {
        self.done_by.values().cloned().collect()
    }
}

impl RecordValue for PledgeDrive {
    const KIND: Kind = Kind::PledgeDrive;

    fn of(document: &Document) -> Self {
        document.drive()
    }

    fn place(&self) -> Option<PlaceId> {
        self.place.value().copied()
    }

    fn lead(&self) -> Option<&OrganisationId> {
        self.lead.value()
    }

    fn ward(&self) -> Option<WardRef> {
        self.ward.value().copied()
    }

    fn open_fields(&self) -> Vec<String> {
        self.open_fields()
    }

    fn archive(why: Option<String>) -> Edits {
        vec![pledge_drive::archived(why)].into()
    }

    fn archived(&self) -> Option<&String> {
        self.archived.value()
    }

    fn same_as(&self) -> Option<DocumentId> {
        self.same_as.value().copied()
    }

    fn people(&self) -> Vec<String> {
        self.done_by.values().cloned().collect()
    }
}

impl RecordValue for PreventionModel {
    const KIND: Kind = Kind::PreventionModel;

    fn of(document: &Document) -> Self {
        document.model()
    }

    fn lead(&self) -> Option<&OrganisationId> {
        self.lead.value()
    }

    fn ward(&self) -> Option<WardRef> {
        self.ward.value().copied()
    }

    fn open_fields(&self) -> Vec<String> {
        self.open_fields()
    }

    fn archive(why: Option<String>) -> Edits {
        vec![prevention_model::archived(why)].into()
    }

    fn archived(&self) -> Option<&String> {
        self.archived.value()
    }

    fn same_as(&self) -> Option<DocumentId> {
        self.same_as.value().copied()
    }

    fn people(&self) -> Vec<String> {
        self.done_by.values().cloned().collect()
    }
}

impl RecordValue for WorkAssignment {
    const KIND: Kind = Kind::WorkAssignment;

    fn of(document: &Document) -> Self {
        document.assignment()
    }

    fn ward(&self) -> Option<WardRef> {
        self.ward.value().copied()
    }

    fn open_fields(&self) -> Vec<String> {
        self.open_fields()
    }

    fn archive(why: Option<String>) -> Edits {
        vec![work_assignment::archived(why)].into()
    }

    fn archived(&self) -> Option<&String> {
        self.archived.value()
    }
}

/// A document of a case: its typed value, and the fields it was read from, in which differences are settled.
#[derive(Clone, PartialEq, Debug)]
pub struct OfCase<T> {
    /// Its typed value.
    pub value: T,
    /// Its fields.
    pub fields: Fields,
}

/// A kind of document of a case.
pub trait CasePart: Clone + PartialEq + Send + Sync + 'static {
    /// The kind.
    const KIND: Kind;

    /// Reads it.
    fn read(fields: &Fields) -> Self;

    /// The fields on which people differ, each named as the slot of the edit that settles it.
    fn open_slots(&self) -> &[String];

    /// Why it was removed.
    fn archived(&self) -> &Register<String>;
}

/// The documents of a case: each has the name of its kind.
macro_rules! parts_of_case {
    ($($part:ident),+) => {$(
        impl CasePart for $part {
            const KIND: Kind = Kind::$part;

            fn read(fields: &Fields) -> Self {
                Self::of(fields)
            }

            fn open_slots(&self) -> &[String] {
                self.open_fields()
            }

            fn archived(&self) -> &Register<String> {
                &self.archived
            }
        }
    )+};
}

parts_of_case!(AftercareCase, AftercareRestricted, CheckIn, CheckInRestricted);

impl<T: CasePart> RecordValue for OfCase<T> {
    const KIND: Kind = T::KIND;

    fn of(document: &Document) -> Self {
        let fields = document.fields();
        Self { value: T::read(&fields), fields }
    }

    fn ward(&self) -> Option<WardRef> {
        self.fields.text("ward")?.parse().ok()
    }

    fn open_fields(&self) -> Vec<String> {
        self.value.open_slots().to_vec()
    }

    fn archive(why: Option<String>) -> Edits {
        vec![aftercare::archived(why)].into()
    }

    fn archived(&self) -> Option<&String> {
        self.value.archived().value()
    }
}

/// An open core of a case.
pub type OpenCase = OpenRecord<OfCase<AftercareCase>>;
/// An open check-in.
pub type OpenCheckIn = OpenRecord<OfCase<CheckIn>>;
