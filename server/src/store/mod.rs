//! What the server keeps, as traits: the log of changes and its scopes, people and devices, the register. Nothing above
//! this line may know which database stands behind it; nothing in here decides who may do what.
//!
//! A further family of queries (reports, exports) is a further trait beside [`Accounts`], [`Register`] and [`Log`], named
//! in the bounds of [`Store`], implemented in its own file under `store/sqlite`.

pub mod aftercare;
pub mod audit;
mod batch;
pub mod devices;
pub mod directory;
pub mod erasure;
pub mod handed_over;
pub mod invitations;
pub mod photos;
pub mod recovered;
pub mod report;
pub mod secrets;
pub mod sqlite;

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::pin::Pin;

use donghanh_shared::access::{Access, Membership};
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::Ward;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::Problem;
use donghanh_shared::domain::place::Place;
use donghanh_shared::ids::{ChangeHash, DeviceId, DocumentId, InstanceId, PersonId};
use donghanh_shared::sync::parts::Said;
use donghanh_shared::sync::wire::{Cursor, PullPage, Reference};

pub use self::batch::{
    Assigned, CaseRead, Committed, Draft, Known, KnownCase, NewChange, NewPart, NewState, PlacedAnew,
    PlacementEvent, PreparedBatch, PreparedDocument, Questions, RegisterAction, RegisterCommand, SetAside,
    StoredDocument, Taken,
};
use crate::projection::Row;

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
    + aftercare::Aftercare
    + audit::Audit
    + devices::Devices
    + directory::Directory
    + erasure::Erasures
    + handed_over::HandedOver
    + invitations::Invitations
    + photos::Photos
    + recovered::Recoveries
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
    /// Cases that are or were assigned to the person.
    pub assignments: Vec<Assignment>,
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

/// A case that is or was assigned to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Its core.
    pub case: DocumentId,
    /// From this moment on.
    pub since: Millis,
    /// Until this moment, exclusive.
    pub until: Option<Millis>,
}

impl Session {
    /// The cores of the cases assigned to the person at a moment.
    #[must_use]
    pub fn cases_at(&self, at: Millis) -> Vec<DocumentId> {
        let holds = |of: &&Assignment| of.since <= at && of.until.is_none_or(|until| at < until);
        self.assignments.iter().filter(holds).map(|of| of.case).collect()
    }
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
    /// The latest moment at which something was kept, by the server's clock; 0 when nothing was.
    fn last_moment(&self) -> Pending<'_, Millis>;
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
    fn replace_projections(&self, rows: Vec<(DocumentId, Row)>) -> Pending<'_, ()>;
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
    /// What this person may do is another: a role, an assignment.
    RightsChanged(Key),
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
    /// When they ask.
    pub at: Millis,
    /// The epoch that the device last saw; 0: none.
    pub epoch: u32,
    /// How far the device has read.
    pub cursors: Vec<Cursor>,
    /// Bytes of items at most; at least one item goes out.
    pub max_bytes: usize,
    /// Whether documents go out bare.
    pub bare: bool,
    /// What it holds of scopes whose digest differs, part by part.
    pub mend: Vec<Said>,
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
