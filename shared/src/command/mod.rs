//! What people do, as values: edits of a visit, and commands that are not part of a document (placement, places).
//! A screen makes a command, the command becomes a change; nothing else writes documents.

pub mod outreach_visit;

use minicbor::{Decode, Encode};

use crate::crdt::Kind;
use crate::domain::place::Place;
use crate::domain::ward::WardRef;
use crate::ids::{DocumentId, PlaceId};

/// A command that the server carries out itself, because it changes who may see something or what the register says.
/// It waits in the outbox like an edit and is carried out once, however often it arrives.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Command {
    /// Creates a document in its home ward.
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
    /// The home ward was wrong: the record moves.
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
}
