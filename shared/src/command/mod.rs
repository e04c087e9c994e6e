//! What people do, as values: edits of a record, and commands that are not part of a document (placement, places).
//! A screen makes a command, the command becomes a change; nothing else writes documents.

pub mod aftercare;
pub mod confirmation;
mod edits;
pub mod fields;
pub mod outreach_visit;
pub mod placed;
pub mod pledge_drive;
pub mod prevention_model;
pub mod work_assignment;
mod write;

use minicbor::{Decode, Encode};

pub use edits::Edits;

use crate::crdt::Kind;
use crate::domain::date::Millis;
use crate::domain::organisation::OrganisationId;
use crate::domain::place::Place;
use crate::domain::ward::WardRef;
use crate::ids::{DocumentId, PersonId, PlaceId};

/// A command that the server carries out itself, because it changes who may see something or what the register says.
/// It waits in the outbox like an edit and is carried out once, however often it arrives.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Command {
    /// Creates a document of its own (a visit, the core of a case) in its home ward.
    #[n(0)]
    CreateDocument {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// What kind of record.
        #[n(1)]
        kind: Kind,
        /// Its home ward, which alone sums it.
        #[n(2)]
        ward: WardRef,
    },
    /// The record also reached this ward: it becomes visible there.
    #[n(1)]
    ReachWard {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// The ward reached.
        #[n(1)]
        ward: WardRef,
    },
    /// The record did not reach this ward after all: it leaves that ward's phones.
    #[n(2)]
    LeaveWard {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// The ward.
        #[n(1)]
        ward: WardRef,
    },
    /// The home ward was wrong, or the person moved: the record moves, a case with all its parts.
    #[n(3)]
    MoveDocument {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// Its new home ward.
        #[n(1)]
        ward: WardRef,
    },
    /// A place is missing in the register; it can be used at once and waits for approval.
    #[n(4)]
    ProposePlace {
        /// The place, with status `proposed`.
        #[n(0)]
        place: Place,
    },
    /// A supervisor takes a proposed place into the register.
    #[n(5)]
    ApprovePlace {
        /// The place.
        #[n(0)]
        place: PlaceId,
    },
    /// A supervisor says that a proposed place is one already registered.
    #[n(6)]
    MergePlace {
        /// The proposed place.
        #[n(0)]
        place: PlaceId,
        /// The registered one.
        #[n(1)]
        into: PlaceId,
    },
    /// Creates a part of a case: a check-in, a restricted part. It is placed where the case is, and moves with it.
    #[n(7)]
    CreateInCase {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// What kind of part.
        #[n(1)]
        kind: Kind,
        /// The core of the case.
        #[n(2)]
        case: DocumentId,
    },
    /// A helper is to look after a case.
    #[n(8)]
    AssignHelper {
        /// The core of the case.
        #[n(0)]
        case: DocumentId,
        /// The helper.
        #[n(1)]
        person: PersonId,
    },
    /// A helper no longer looks after a case.
    #[n(9)]
    UnassignHelper {
        /// The core of the case.
        #[n(0)]
        case: DocumentId,
        /// The helper.
        #[n(1)]
        person: PersonId,
    },
    /// The organisation leads the record or took part: its lead may read it.
    #[n(10)]
    AddOrganisation {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// The organisation.
        #[n(1)]
        organisation: OrganisationId,
    },
    /// The organisation has no part in the record after all.
    #[n(11)]
    RemoveOrganisation {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// The organisation.
        #[n(1)]
        organisation: OrganisationId,
    },
    /// Somebody opened a part of a case: for the access log; changes nothing else.
    #[n(12)]
    NoteRead {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// When, by the phone's clock.
        #[n(1)]
        at: Millis,
    },
    /// Somebody made a paper of a part of a case, to be printed: for the access log; changes nothing else.
    #[n(13)]
    NoteExport {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// When, by the phone's clock.
        #[n(1)]
        at: Millis,
    },
    /// Creates the pledge drive of a school in its home ward, placed with the school at once: what its contact person, who
    /// does not work in the ward, creates.
    #[n(14)]
    CreateAtSchool {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// Its home ward.
        #[n(1)]
        ward: WardRef,
        /// The school, a place of the register.
        #[n(2)]
        school: PlaceId,
    },
    /// The drive is this school's: its contact person may read and write it.
    #[n(15)]
    AddSchool {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// The school.
        #[n(1)]
        school: PlaceId,
    },
    /// The drive is not this school's after all.
    #[n(16)]
    RemoveSchool {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// The school.
        #[n(1)]
        school: PlaceId,
    },
}

impl Command {
    /// Whether it begins a record.
    #[must_use]
    pub fn creates(&self) -> bool {
        matches!(self, Self::CreateDocument { .. } | Self::CreateInCase { .. } | Self::CreateAtSchool { .. })
    }

    /// The document that it is about; `None` for commands to the register.
    #[must_use]
    pub fn document(&self) -> Option<DocumentId> {
        match self {
            Self::CreateDocument { document, .. }
            | Self::ReachWard { document, .. }
            | Self::LeaveWard { document, .. }
            | Self::MoveDocument { document, .. }
            | Self::CreateInCase { document, .. }
            | Self::AddOrganisation { document, .. }
            | Self::RemoveOrganisation { document, .. }
            | Self::CreateAtSchool { document, .. }
            | Self::AddSchool { document, .. }
            | Self::RemoveSchool { document, .. }
            | Self::NoteRead { document, .. }
            | Self::NoteExport { document, .. }
            | Self::AssignHelper { case: document, .. }
            | Self::UnassignHelper { case: document, .. } => Some(*document),
            Self::ProposePlace { .. } | Self::ApprovePlace { .. } | Self::MergePlace { .. } => None,
        }
    }
}
