//! What the server keeps, as traits: the log of changes and its scopes, people and devices, the register. Nothing above
//! this line may know which database stands behind it; nothing in here decides who may do what.
//!
//! A further family of queries (reports, exports) is a further trait beside [`Accounts`], [`Register`] and [`Log`], named
//! in the bounds of [`Store`], implemented in its own file under `store/sqlite`.

pub mod audit;
pub mod devices;
pub mod directory;
pub mod handed_over;
pub mod invitations;
pub mod photos;
pub mod report;
pub mod secrets;
pub mod sqlite;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::future::Future;
use std::pin::Pin;

use donghanh_shared::access::{Access, Membership};
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::Problem;
use donghanh_shared::domain::place::Place;
use donghanh_shared::domain::{Ward, WardRef};
use donghanh_shared::ids::{
    ActorId, ChangeHash, CommandId, DeviceId, DocumentId, InstanceId, PersonId, PlaceId,
};
use donghanh_shared::sync::wire::{Answer, Cursor, PullPage, PushAnswer, Reference};

use crate::projection::VisitRow;

/// A call that waits for the database.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It would break a rule that only the store can check; tell the person.
    #[error("refused: {0}")]
    Refused(#[from] Problem),
    /// The database failed; the line is for the log.
    #[error("database: {0}")]
    Failed(String),
    /// The data directory belongs to another kind of instance or a newer build.
    #[error("{0}")]
    Unsuitable(String),
}

/// Everything the server keeps.
pub trait Store:
    Accounts
    + Register
    + Log
    + audit::Audit
    + devices::Devices
    + directory::Directory
    + handed_over::HandedOver
    + invitations::Invitations
    + photos::Photos
    + report::Reports
    + secrets::Secrets
    + Send
    + Sync
    + 'static
{
}

/// The database's own identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Drawn when it was made.
    pub id: InstanceId,
    /// Rises when it was restored.
    pub epoch: u32,
    /// Whether it holds demo data; fixed when it was made.
    pub demo: bool,
}

/// The store's own number of a row. Means nothing outside.
pub type Key = i64;

/// What a sign-in needs to know.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The person's row.
    pub key: Key,
    /// The person.
    pub person: PersonId,
    /// Name to sign in with.
    pub sign_in: String,
    /// Argon2id in PHC form; empty: nobody knows one, since there is none.
    pub password: String,
    /// The two-step codes, once proven or not.
    pub totp: Option<secrets::Totp>,
}

/// A person to add.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Identity.
    pub id: PersonId,
    /// Name to sign in with, lower case.
    pub sign_in: String,
    /// The name people read.
    pub full_name: String,
    /// Argon2id in PHC form.
    pub password: String,
    /// Roles.
    pub memberships: Vec<Membership>,
}

/// A signed-in device, with what its person may do being drawn from these rows.
#[derive(Clone, Debug)]
pub struct Session {
    /// The device's row.
    pub device_key: Key,
    /// The device.
    pub device: DeviceId,
    /// The person's row.
    pub person_key: Key,
    /// The person.
    pub person: PersonId,
    /// The name people read.
    pub full_name: String,
    /// Every role held, past ones too.
    pub memberships: Vec<Membership>,
    /// Every ward, for what a role reaches.
    pub wards: Vec<Ward>,
    /// The credential that was shown may only push.
    pub push_only: bool,
    /// Somebody took the device away: only handing over is left.
    pub revoked: bool,
    /// The device was made by an invitation, which was handed over in person.
    pub by_invitation: bool,
    /// The person has proven two-step codes.
    pub has_codes: bool,
    /// When the device was last heard of.
    pub last_seen_at: Option<Millis>,
}

/// A new sign-in.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Who.
    pub person: Key,
    /// The device, drawn just now.
    pub device: DeviceId,
    /// What the person calls it.
    pub name: String,
    /// SHA-256 of the token.
    pub token: [u8; 32],
    /// SHA-256 of the credential that can only push.
    pub push_token: [u8; 32],
    /// What opens the phone's data key after an online unlock, sealed.
    pub unlock_key: Vec<u8>,
    /// When.
    pub at: Millis,
}

/// People and their devices.
pub trait Accounts {
    /// Whether nobody has an account yet.
    fn is_empty(&self) -> Pending<'_, bool>;
    /// Looks somebody up by the name they sign in with (lower case).
    fn credentials(&self, sign_in: String) -> Pending<'_, Option<Credentials>>;
    /// Adds people, all or none. Refuses a name that is taken with `document_exists` at `name`.
    fn add_people(&self, people: Vec<NewPerson>, at: Millis) -> Pending<'_, ()>;
    /// Begins a session.
    fn begin_session(&self, session: NewSession) -> Pending<'_, ()>;
    /// The session with this hash of a token or of a push token, unless its device signed out; of a revoked device too.
    fn session(&self, token: [u8; 32]) -> Pending<'_, Option<Session>>;
    /// Ends a device's session for good.
    fn end_session(&self, device: Key, at: Millis) -> Pending<'_, ()>;
}

/// Wards, places, organisations, campaigns.
pub trait Register {
    /// Every ward.
    fn wards(&self) -> Pending<'_, Vec<Ward>>;
    /// Every place.
    fn places(&self) -> Pending<'_, Vec<Place>>;
    /// Writes pieces of the register and logs them in the scope `reference`; a known one is replaced. Wards come before
    /// the places in them.
    fn put_references(&self, references: Vec<Reference>) -> Pending<'_, ()>;
}

/// Documents, changes, scopes.
pub trait Log {
    /// The database's identity.
    fn instance(&self) -> Instance;
    /// Whether it answers.
    fn ping(&self) -> Pending<'_, ()>;
    /// What happens, as hints; whoever lags behind misses some.
    fn events(&self) -> tokio::sync::broadcast::Receiver<Event>;
    /// The answer kept for a batch with exactly this content.
    fn batch_answer(&self, device: Key, batch: u64, content: [u8; 16]) -> Pending<'_, Option<Vec<u8>>>;
    /// What is already known about the pieces of a batch.
    fn look(&self, questions: Questions) -> Pending<'_, Known>;
    /// Documents as they stand; unknown ones are left out.
    fn documents(&self, ids: Vec<DocumentId>) -> Pending<'_, HashMap<DocumentId, StoredDocument>>;
    /// Commits a prepared batch, durably, together with whatever else waits.
    fn commit(&self, batch: PreparedBatch) -> Pending<'_, Committed>;
    /// The numbers of the scopes that may be read.
    fn scope_numbers(&self, access: Access) -> Pending<'_, Vec<u32>>;
    /// One page of what is new.
    fn pull(&self, query: PullQuery) -> Pending<'_, PullPage>;
    /// The documents from `after` (exclusive, the store's number) on, at most `limit`, with all their changes: for
    /// making projections anew.
    fn replay(&self, after: Key, limit: u32) -> Pending<'_, Vec<Replayed>>;
    /// Replaces every projection by these rows, all or none.
    fn replace_projections(&self, rows: Vec<(DocumentId, VisitRow)>) -> Pending<'_, ()>;
    /// Folds the write-ahead log back into the database file.
    fn checkpoint(&self) -> Pending<'_, ()>;
}

/// A hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// These scopes (by number) have new entries.
    Changed(Vec<u32>),
    /// This device's session has ended.
    SessionEnded(DeviceId),
}

/// What a batch asks before it is prepared.
#[derive(Clone, Debug, Default)]
pub struct Questions {
    /// Changes: document, hash, author, what they build on.
    pub changes: Vec<(DocumentId, ChangeHash, ActorId, Vec<ChangeHash>)>,
    /// Commands.
    pub commands: Vec<CommandId>,
    /// The asking device.
    pub device: Key,
}

/// The answers.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Actors bound to another device.
    pub foreign: HashSet<ActorId>,
    /// Changes of those actors that the log has.
    pub logged: HashSet<ChangeHash>,
    /// Changes (or what they build on) that were refused, with the code.
    pub refused: HashMap<ChangeHash, String>,
    /// Changes (or what they build on) that are parked, with the reason.
    pub parked: HashMap<ChangeHash, String>,
    /// Commands that were carried out.
    pub done: HashSet<CommandId>,
}

/// A document as it stands.
#[derive(Clone, Debug)]
pub struct StoredDocument {
    /// Its row.
    pub key: Key,
    /// Rises with every commit.
    pub version: i64,
    /// Its kind.
    pub kind: Kind,
    /// Its generation.
    pub generation: u32,
    /// The ward it was created in.
    pub created_ward: WardRef,
    /// The ward that sums it.
    pub home: WardRef,
    /// Other wards it is visible in.
    pub reached: BTreeSet<WardRef>,
    /// Wards it was moved away from, and when.
    pub former_homes: Vec<(WardRef, Millis)>,
    /// Its heads.
    pub heads: Vec<ChangeHash>,
    /// The saved document.
    pub bytes: Vec<u8>,
}

/// A batch ready to be committed.
#[derive(Debug)]
pub struct PreparedBatch {
    /// Who sends.
    pub device: Key,
    /// The person behind it.
    pub person: Key,
    /// The batch's number and the first 16 bytes of the SHA-256 of the request.
    pub batch: (u64, [u8; 16]),
    /// When it was received.
    pub received: Millis,
    /// Its documents.
    pub documents: Vec<PreparedDocument>,
    /// Commands to the register, in order.
    pub register: Vec<RegisterCommand>,
    /// Placement commands carried out by this batch.
    pub done: Vec<CommandId>,
    /// Changes refused for what they are.
    pub refused: Vec<SetAside>,
    /// Changes kept for a supervisor.
    pub parked: Vec<SetAside>,
    /// One entry an item of the batch.
    pub answers: Vec<Draft>,
}

/// A change set aside.
#[derive(Clone, Debug)]
pub struct SetAside {
    /// Its hash.
    pub hash: ChangeHash,
    /// The document it was sent for.
    pub document: DocumentId,
    /// Why: a code.
    pub code: String,
    /// The chunk.
    pub bytes: Vec<u8>,
}

/// An answer, as far as it can be given before the commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Draft {
    /// Certain.
    Certain(Answer),
    /// The place of change `.1` of document `.0` in the log of its home scope.
    Change(usize, usize),
    /// The last entry of the home scope of document `.0` (its placement changed).
    Placement(usize),
    /// What becomes of register command `.0`.
    Register(usize),
}

/// A document ready to be committed.
#[derive(Clone, Debug)]
pub struct PreparedDocument {
    /// The document.
    pub id: DocumentId,
    /// Its kind.
    pub kind: Kind,
    /// Its generation.
    pub generation: u32,
    /// Row and version it was prepared on; `None`: it must not exist yet.
    pub expected: Option<(Key, i64)>,
    /// Where it was before; empty when it is new.
    pub before: Placed,
    /// Where it is from now on.
    pub after: Placed,
    /// What to note in the history of its placement.
    pub events: Vec<PlacementEvent>,
    /// New changes, dependencies first.
    pub changes: Vec<NewChange>,
    /// Heads before; empty when it is new.
    pub heads_before: Vec<ChangeHash>,
    /// The new state; `None` when only its placement changes.
    pub state: Option<NewState>,
}

/// Where a document is placed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    /// The ward that sums it.
    pub home: Option<WardRef>,
    /// Other wards it is visible in.
    pub reached: BTreeSet<WardRef>,
}

impl Placed {
    /// Every ward it is visible in, each once.
    #[must_use]
    pub fn wards(&self) -> BTreeSet<WardRef> {
        self.home.iter().chain(&self.reached).copied().collect()
    }
}

/// Something in the history of a placement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlacementEvent {
    /// It was created in this ward.
    Created(WardRef),
    /// It also reached this ward.
    Reached(WardRef),
    /// It did not reach this ward after all.
    Left(WardRef),
    /// It moved from the first ward to the second.
    Moved(WardRef, WardRef),
}

/// A change to be logged.
#[derive(Clone, Debug)]
pub struct NewChange {
    /// Its hash.
    pub hash: ChangeHash,
    /// Its author.
    pub actor: ActorId,
    /// The chunk.
    pub bytes: Vec<u8>,
}

/// What a document becomes.
#[derive(Clone, Debug)]
pub struct NewState {
    /// Heads.
    pub heads: Vec<ChangeHash>,
    /// The saved document.
    pub bytes: Vec<u8>,
    /// Its row for reports.
    pub row: VisitRow,
}

/// A command to the register; the store checks it against the register as it stands at the commit.
#[derive(Clone, Debug)]
pub struct RegisterCommand {
    /// The command.
    pub id: CommandId,
    /// What to do.
    pub action: RegisterAction,
}

/// What a command does to the register.
#[derive(Clone, Debug)]
pub enum RegisterAction {
    /// Adds a proposed place.
    Propose(Place),
    /// Takes a proposed place in, if it lies in one of the wards.
    Approve(PlaceId, BTreeSet<WardRef>),
    /// Says that the first place is the second, if the first lies in one of the wards.
    Merge(PlaceId, PlaceId, BTreeSet<WardRef>),
}

/// What became of a prepared batch.
#[derive(Debug)]
pub enum Committed {
    /// It is durable; the answer.
    Done(PushAnswer),
    /// Somebody else was faster on these documents (by index); nothing was written. Prepare them again.
    Stale(Vec<usize>, Box<PreparedBatch>),
}

/// What a pull asks the store.
#[derive(Clone, Debug)]
pub struct PullQuery {
    /// The asking device: its own changes are on the phone already.
    pub device: Key,
    /// The asking person: their records come first.
    pub person: Key,
    /// What they may read.
    pub access: Access,
    /// How far the device has read.
    pub cursors: Vec<Cursor>,
    /// Bytes of items at most; at least one item goes out.
    pub max_bytes: usize,
}

/// A document with all it was made from.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The store's number.
    pub key: Key,
    /// The document.
    pub id: DocumentId,
    /// Its kind.
    pub kind: Kind,
    /// Its generation.
    pub generation: u32,
    /// The heads it should have.
    pub heads: Vec<ChangeHash>,
    /// Every change, in the order of their acceptance.
    pub changes: Vec<Vec<u8>>,
}

/// Every table of the projections as text, row by row in a fixed order; two equal dumps mean equal projections.
pub type ProjectionDump = BTreeMap<String, Vec<String>>;
