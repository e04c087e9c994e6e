//! What the store keeps, as values: records, outbox entries, what is known of scopes. Their forms only grow: new
//! fields get new numbers, old numbers are never used again.

use donghanh_shared::command::{Command, Edits};
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{ChangeHash, CommandId, Digest, DocumentId, PhotoId};
use donghanh_shared::sync::wire::PushItem;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

/// A record as it lies on the phone.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct StoredRecord {
    /// Its kind.
    #[n(0)]
    pub kind: Kind,
    /// Its generation.
    #[n(1)]
    pub generation: u32,
    /// The ward it was created in, as far as this phone knows; the server decides placement.
    #[n(2)]
    pub home_ward: Option<WardRef>,
    /// The server's numbers of the scopes it came in.
    #[n(3)]
    pub scopes: Vec<u32>,
    /// What it adds to the digests of those scopes: its state on the server, as far as this phone knows.
    /// Absent before the server has it.
    #[n(4)]
    pub digest: Option<Digest>,
    /// The pack that holds its row.
    #[n(5)]
    pub pack: u32,
    /// Rises with every write; checked inside the transaction of the next one.
    #[n(6)]
    pub revision: u64,
    /// The saved document.
    #[n(7)]
    pub bytes: ByteVec,
    /// The core of the case that it is part of, as the server placed it.
    #[n(8)]
    pub case: Option<DocumentId>,
}

/// Why something was not taken.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Refusal {
    /// A code of `Code`; text, for a newer server may know more of them.
    #[n(0)]
    pub code: String,
    /// When, by this phone's clock.
    #[n(1)]
    pub at: Millis,
}

impl Refusal {
    /// The problem to be told; a code that this build does not know is told as a damaged edit, which it keeps.
    #[must_use]
    pub fn problem(&self) -> Problem {
        Problem::new(Code::parse(&self.code).unwrap_or(Code::ChangeMalformed))
    }
}

/// What an entry sends.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub enum Payload {
    /// One change of a document.
    #[n(0)]
    Change {
        /// Its hash.
        #[n(0)]
        hash: ChangeHash,
        /// The chunk.
        #[n(1)]
        bytes: ByteVec,
        /// What the person did, to be done again on other ground when the chunk is refused.
        #[n(2)]
        edits: Edits,
    },
    /// One command.
    #[n(1)]
    Command {
        /// Its identity.
        #[n(0)]
        id: CommandId,
        /// The command.
        #[n(1)]
        command: Command,
    },
    /// A picture, which goes by a way of its own once its record is through.
    #[n(2)]
    Photo {
        /// The picture.
        #[n(0)]
        photo: PhotoId,
    },
}

/// One entry of the outbox.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct OutboxEntry {
    /// The record it is about.
    #[n(0)]
    pub document: Option<DocumentId>,
    /// The generation of that record.
    #[n(1)]
    pub generation: u32,
    /// What is sent.
    #[n(2)]
    pub payload: Payload,
    /// When the person did it, by this phone's clock.
    #[n(3)]
    pub at: Millis,
    /// Set when the server did not take it, or it builds on something that was not taken.
    #[n(4)]
    pub refused: Option<Refusal>,
}

impl OutboxEntry {
    /// Whether it waits to be sent.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.refused.is_none()
    }

    /// What goes into a batch; pictures go apart.
    #[must_use]
    pub fn item(&self) -> Option<PushItem> {
        Some(match &self.payload {
            Payload::Change { bytes, .. } => PushItem::Change {
                document: self.document.unwrap_or(DocumentId([0; 16])),
                generation: self.generation,
                bytes: bytes.clone(),
            },
            Payload::Command { id, command } => {
                PushItem::Command { id: *id, at: self.at, command: command.clone() }
            }
            Payload::Photo { .. } => return None,
        })
    }
}

/// A report kept for the time without a connection.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct KeptReport {
    /// The JSON of the server.
    #[n(0)]
    pub json: String,
    /// When it was kept.
    #[n(1)]
    pub at: Millis,
}

/// A document that this build cannot read, set aside with its bytes.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct SetAside {
    /// The document.
    #[n(0)]
    pub document: DocumentId,
    /// Its bytes, as they came.
    #[n(1)]
    pub bytes: ByteVec,
    /// Code of what went wrong.
    #[n(2)]
    pub code: String,
    /// When.
    #[n(3)]
    pub at: Millis,
}
