//! The messages of push and pull: integer-keyed CBOR that tolerates unknown fields, compressed as a whole.
//! Frozen by the golden files under `tests/golden/`; see `docs/sync-protocol.md`.

use std::io::{Read as _, Write as _};

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Decoder, Encode, decode};
use sha2::{Digest as _, Sha256};

use super::parts::{Mended, Said};
use crate::access::Scope;
use crate::command::Command;
use crate::crdt::Kind;
use crate::domain::date::Millis;
use crate::domain::error::{Code, Problem};
use crate::domain::organisation::{Campaign, Organisation};
use crate::domain::place::Place;
use crate::domain::vocabulary::Term as _;
use crate::domain::ward::{Ward, WardRef};
use crate::ids::{ActorId, CommandId, DeviceId, Digest, DocumentId, InstanceId, PersonId};

/// The protocol this build speaks. The server also accepts every version it ever spoke.
pub const PROTOCOL: u32 = 1;
/// Content type of both messages, both ways.
pub const CONTENT_TYPE: &str = "application/vnd.donghanh.sync+cbor";
/// Largest body of a push as it travels (deflated).
pub const MAX_PUSH_BODY: usize = 1 << 20;
/// Largest body of a push when unpacked.
pub const MAX_PUSH_UNPACKED: usize = 8 << 20;
/// Most items in one push.
pub const MAX_PUSH_ITEMS: usize = 10_000;
/// Largest request of a pull (not compressed).
pub const MAX_PULL_REQUEST: usize = 64 << 10;
/// Largest page of a pull when unpacked, whatever was asked for.
pub const MAX_PAGE: usize = 4 << 20;

/// One batch from a device.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct PushRequest {
    /// [`PROTOCOL`].
    #[n(0)]
    pub version: u32,
    /// The database these records belong to.
    #[n(1)]
    pub instance: InstanceId,
    /// The sending device.
    #[n(2)]
    pub device: DeviceId,
    /// The server epoch the device last saw; it rises when the server was restored.
    #[n(3)]
    pub epoch: u32,
    /// Number of the batch on this device: the place of its first entry in the outbox, so it only grows.
    /// A batch sent again with the same content gets the same answer.
    #[n(4)]
    pub batch: u64,
    /// What is sent, dependencies first.
    #[n(5)]
    pub items: Vec<PushItem>,
}

/// One thing in a batch.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum PushItem {
    /// One Automerge change, as its uncompressed chunk.
    #[n(0)]
    Change {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// Its generation (it rises when a document was erased and begun anew).
        #[n(1)]
        generation: u32,
        /// The chunk.
        #[n(2)]
        bytes: ByteVec,
    },
    /// One command.
    #[n(1)]
    Command {
        /// Makes a repeated delivery harmless.
        #[n(0)]
        id: CommandId,
        /// When the person gave it, by the phone's clock; 0 ([`SAID_BEFORE`](crate::command::placed::SAID_BEFORE)) when it is said once more.
        #[n(1)]
        at: Millis,
        /// The command.
        #[n(2)]
        command: Command,
    },
}

/// The answer to a batch: one entry an item, in the order of the items.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct PushAnswer {
    /// The server's epoch.
    #[n(0)]
    pub epoch: u32,
    /// What became of each item.
    #[n(1)]
    pub answers: Vec<Answer>,
}

/// What became of one item. Codes travel as text, so that an older app survives a code it does not know.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Answer {
    /// Durable, in the log of its home scope at this place.
    #[n(0)]
    Ok(#[n(0)] u64),
    /// The server had it already.
    #[n(1)]
    Duplicate,
    /// It builds on changes the server does not have yet; send those first, then this again.
    #[n(2)]
    MissingDependencies,
    /// Not accepted for what it is; sending it again is pointless. `status` is the HTTP status that fits (4xx).
    #[n(3)]
    Refused {
        /// A [`Code`].
        #[n(0)]
        code: String,
        /// 400–499.
        #[n(1)]
        status: u16,
    },
    /// Kept aside for a supervisor.
    #[n(4)]
    Parked(#[n(0)] String),
    /// The server could not look at it now.
    #[n(5)]
    RetryLater,
}

impl Answer {
    /// A refusal.
    #[must_use]
    pub fn refused(code: Code) -> Self {
        Self::Refused { code: code.code().to_owned(), status: http_status(code) }
    }

    /// Whether the server has it (then the outbox may let go of it).
    #[must_use]
    pub fn is_kept(&self) -> bool {
        matches!(self, Self::Ok(_) | Self::Duplicate | Self::Parked(_))
    }
}

/// The HTTP status that goes with a code.
#[must_use]
pub fn http_status(code: Code) -> u16 {
    match code {
        Code::NotSignedIn
        | Code::SignInWrong
        | Code::DeviceRevoked
        | Code::CodeNeeded
        | Code::CodeWrong
        | Code::PinWrong => 401,
        Code::NotAllowed | Code::ActorForeign | Code::SealedForged | Code::CodeSetUpNeeded => 403,
        Code::NotFound | Code::DocumentUnknown | Code::InvitationInvalid => 404,
        Code::DocumentErased => 410,
        Code::TooSlow => 408,
        Code::SecondPersonNeeded => 409,
        Code::OtherInstance | Code::AlreadySetUp | Code::DocumentExists | Code::DependsOnRefused => 409,
        Code::BodyTooLarge
        | Code::ChangeTooLarge
        | Code::DocumentTooLarge
        | Code::PhotoTooLarge
        | Code::HandOverFull => 413,
        Code::ContentTypeWrong => 415,
        Code::VersionUnsupported => 426,
        Code::TooManyAttempts => 429,
        Code::Internal => 500,
        Code::Busy => 503,
        Code::BodyMalformed => 400,
        _ => 422,
    }
}

/// How far a device has read one scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Cursor {
    /// The server's number of the scope.
    #[n(0)]
    pub scope: u32,
    /// The last entry of the scope's log that the device has.
    #[n(1)]
    pub seq: u64,
    /// Hash over the log up to there: a server that was rolled back cannot know it.
    #[n(2)]
    pub chain: u64,
    /// Set while the first snapshots of the scope are still coming.
    #[n(3)]
    pub boot: Option<Boot>,
}

/// The place in the first download of a scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Boot {
    /// 0 = the person's own and due records, 1 = the others.
    #[n(0)]
    pub phase: u8,
    /// Server's number of the last document sent in this phase; 0 = none.
    #[n(1)]
    pub after: u64,
}

/// Asks for what is new.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct PullRequest {
    /// [`PROTOCOL`].
    #[n(0)]
    pub version: u32,
    /// The database the device belongs to.
    #[n(1)]
    pub instance: InstanceId,
    /// The server epoch the device last saw.
    #[n(2)]
    pub epoch: u32,
    /// How far it has read; scopes it has not begun are left out.
    #[n(3)]
    pub cursors: Vec<Cursor>,
    /// How many bytes it wants at most, before compression.
    #[n(4)]
    pub max_bytes: u32,
    /// How many classes of scopes it knows, [`Scope::CLASSES`]; absent: those of the first version. Others are not begun.
    #[n(5)]
    pub classes: Option<u32>,
    /// Whether it takes documents [`crate::crdt::bare`]; absent: whole ones, as of the first version.
    #[n(6)]
    pub bare: Option<bool>,
    /// Scopes whose digest differs, summed up part by part: what differs there is sent whole.
    #[n(7)]
    pub mend: Option<Vec<Said>>,
}

/// One page. A device stores the page and its cursors in one transaction.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(map)]
pub struct PullPage {
    /// The server's epoch.
    #[n(0)]
    pub epoch: u32,
    /// Scopes the device now begins. What is in one of a class that this build does not know is kept all the same.
    #[n(1)]
    #[cbor(decode_with = "known_scopes")]
    pub scopes: Vec<ScopeInfo>,
    /// What is new.
    #[n(2)]
    pub items: Vec<PullItem>,
    /// The cursors that moved.
    #[n(3)]
    pub cursors: Vec<Cursor>,
    /// Scopes the person may no longer read: drop what no other scope covers.
    #[n(4)]
    pub ended: Vec<u32>,
    /// Whether to ask again at once.
    #[n(5)]
    pub more: bool,
    /// Who stands behind the actors this page mentions.
    #[n(6)]
    pub names: Vec<ActorName>,
    /// Digests of the scopes that moved, with the last page only.
    #[n(7)]
    pub digests: Vec<(u32, Digest)>,
    /// How many records the device's scopes hold in all; with the first page of a download.
    #[n(8)]
    pub total: Option<u64>,
    /// Scopes whose cursor is of no log of this server: it was put back to an older state. It may lack what the device has of
    /// them; those that the person may read are begun anew under whatever number they have now.
    #[n(9)]
    pub unknown: Option<Vec<u32>>,
    /// What [`Self::sum`] is, where documents are bare: they have no checksum of their own, and Automerge must not see what was
    /// damaged on the way.
    #[n(10)]
    pub check: Option<u64>,
    /// Of scopes that the device had summed up: the parts that differed, and are whole in this page.
    #[n(11)]
    pub mended: Option<Vec<Mended>>,
}

impl PullPage {
    /// The first eight bytes of SHA-256 over the bytes of the page's documents, one after the other.
    #[must_use]
    pub fn sum(&self) -> u64 {
        let mut hash = Sha256::new();
        for item in &self.items {
            if let PullItem::Snapshot { bytes, .. } = item {
                hash.update(bytes.as_slice());
            }
        }
        let hash: [u8; 32] = hash.finalize().into();
        hash.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }

    /// Whether its documents are as they were sent, as far as the page says so.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.check.is_none_or(|check| check == self.sum())
    }
}

/// A scope and the server's number for it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct ScopeInfo {
    /// The number cursors use.
    #[n(0)]
    pub number: u32,
    /// The scope.
    #[n(1)]
    pub scope: Scope,
    /// Whether the person may write there.
    #[n(2)]
    pub write: bool,
}

/// The scopes that this build knows: a newer server may grant others.
fn known_scopes<'b, C>(d: &mut Decoder<'b>, context: &mut C) -> Result<Vec<ScopeInfo>, decode::Error> {
    struct Entry(Option<ScopeInfo>);
    impl<'b, C> Decode<'b, C> for Entry {
        fn decode(d: &mut Decoder<'b>, context: &mut C) -> Result<Self, decode::Error> {
            let start = d.position();
            if let Ok(info) = ScopeInfo::decode(d, context) {
                return Ok(Self(Some(info)));
            }
            d.set_position(start);
            d.skip()?;
            Ok(Self(None))
        }
    }
    Ok(Vec::<Entry>::decode(d, context)?.into_iter().filter_map(|entry| entry.0).collect())
}

/// Who an actor was.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct ActorName {
    /// The actor.
    #[n(0)]
    pub actor: ActorId,
    /// The person.
    #[n(1)]
    pub person: PersonId,
    /// The person's name.
    #[n(2)]
    pub name: String,
}

/// One thing in a page.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum PullItem {
    /// A whole document.
    #[n(0)]
    Snapshot {
        /// The scope it is in.
        #[n(0)]
        scope: u32,
        /// The document.
        #[n(1)]
        document: DocumentId,
        /// Its generation.
        #[n(2)]
        generation: u32,
        /// Its kind.
        #[n(3)]
        kind: Kind,
        /// The saved document, not compressed inside; [`crate::crdt::bare`] for a device that takes it.
        #[n(4)]
        bytes: ByteVec,
        /// The core of the case that it is part of, as it is placed: a phone believes this, not what a document says.
        #[n(5)]
        case: Option<DocumentId>,
        /// The ward in which a part of after-care is placed; cases move with the people they are about.
        #[n(6)]
        home: Option<WardRef>,
    },
    /// New changes of a document the device has.
    #[n(1)]
    Changes {
        /// The scope it is in.
        #[n(0)]
        scope: u32,
        /// The document.
        #[n(1)]
        document: DocumentId,
        /// Its generation.
        #[n(2)]
        generation: u32,
        /// The chunks, dependencies first.
        #[n(3)]
        changes: Vec<ByteVec>,
    },
    /// The document left the scope.
    #[n(2)]
    Leave {
        /// The scope it left.
        #[n(0)]
        scope: u32,
        /// The document.
        #[n(1)]
        document: DocumentId,
    },
    /// The document was erased for good, and with the core of a case everything that is part of it: also what waits to be
    /// sent, and what the server never had.
    #[n(3)]
    Erase {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// The first generation that may live again. No rule makes one so far: a case that is erased stays so.
        #[n(1)]
        generation: u32,
    },
    /// A piece of the register.
    #[n(4)]
    Reference(#[n(0)] Reference),
}

/// A piece of the register of wards, places, organisations and campaigns.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Reference {
    /// A ward.
    #[n(0)]
    Ward(#[n(0)] Ward),
    /// A place.
    #[n(1)]
    Place(#[n(0)] Place),
    /// An organisation.
    #[n(2)]
    Organisation(#[n(0)] Organisation),
    /// A campaign.
    #[n(3)]
    Campaign(#[n(0)] Campaign),
}

/// CBOR of a message.
#[must_use]
pub fn to_bytes<T: Encode<()>>(message: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to a `Vec` cannot fail, and our messages contain nothing that refuses to be encoded.
    if minicbor::encode(message, &mut bytes).is_err() {
        bytes.clear();
    }
    bytes
}

/// Reads a message; nothing may follow it.
///
/// # Errors
/// [`Code::BodyMalformed`].
pub fn from_bytes<'b, T: Decode<'b, ()>>(bytes: &'b [u8]) -> Result<T, Problem> {
    let malformed = || Problem::new(Code::BodyMalformed);
    let mut decoder = minicbor::Decoder::new(bytes);
    let message = decoder.decode().map_err(|_| malformed())?;
    if decoder.position() == bytes.len() { Ok(message) } else { Err(malformed()) }
}

/// Deflates the body of a push (zlib).
#[must_use]
pub fn deflate(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(6));
    // Writing to a `Vec` cannot fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}

/// Inflates the body of a push, at most `limit` bytes.
///
/// # Errors
/// [`Code::BodyTooLarge`] beyond the limit, [`Code::BodyMalformed`] when it is not a whole zlib stream.
pub fn inflate(body: &[u8], limit: usize) -> Result<Vec<u8>, Problem> {
    let mut out = Vec::new();
    let mut reader = flate2::read::ZlibDecoder::new(body).take(limit as u64 + 1);
    reader.read_to_end(&mut out).map_err(|_| Problem::new(Code::BodyMalformed))?;
    if out.len() > limit { Err(Problem::new(Code::BodyTooLarge)) } else { Ok(out) }
}
