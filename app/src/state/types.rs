//! What the engine shows to screens: plain values, no storage and no network types.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use donghanh_shared::access::{Access, Confirms, Role};
use donghanh_shared::crdt::confirmation::Confirmed;
use donghanh_shared::crdt::history::HistoryEntry;
use donghanh_shared::domain::aftercare::line::CareLine;
use donghanh_shared::domain::confirmation::{Standing, StandingLine};
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::Problem;
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::search;
use donghanh_shared::domain::summary::Summary;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{ActorId, DocumentId, InstanceId, PersonId, PlaceId};
use serde::{Deserialize, Serialize};

use super::register::Register;

/// How far the app has come since it was opened.
#[derive(Clone, PartialEq, Debug)]
pub enum Phase {
    /// Reading the store.
    Starting,
    /// The server has nobody yet.
    NeedsSetUp,
    /// Nobody is signed in on this phone.
    SignedOut,
    /// Records of somebody are here, and closed.
    Locked,
    /// Somebody signed in who first has to set up two-step codes.
    NewCode,
    /// A PIN or passphrase is to be chosen.
    NewSecret(SecretReason),
    /// The server took this phone away. So many records were handed over; `None`: that is still to be done.
    Revoked(Option<usize>),
    /// Everything on the phone can be used.
    Ready,
    /// The browser's store cannot be opened; nothing that is typed would last.
    StoreBroken(Problem),
}

/// Why a PIN or passphrase is chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SecretReason {
    /// The first one on this phone.
    First,
    /// The old one is forgotten.
    Forgotten,
    /// After-care records are to come to this phone: a PIN is not enough.
    Stronger,
    /// The person wants another one.
    Change,
}

/// Somebody whose records are on this phone, as the lock screen shows them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonHere {
    /// The database of the server.
    pub instance: InstanceId,
    /// The person.
    pub person: PersonId,
    /// The name.
    pub name: String,
    /// Whether a phrase is typed rather than digits.
    pub phrase: bool,
    /// Whether the phone's own lock opens too.
    pub own_lock: bool,
    /// Whether typing still opens; not after ten wrong tries.
    pub typed: bool,
    /// Edits and pictures that wait to be sent.
    pub waiting: usize,
}

/// What an authenticator app needs.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct CodeSetUp {
    /// The key, to be typed.
    pub secret: String,
    /// The same as a picture to be scanned (SVG).
    pub qr_svg: String,
}

/// What became of a rescue file.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub struct Rescued {
    /// Taken now.
    pub taken: usize,
    /// The server had these already.
    pub already: usize,
    /// Kept for a supervisor.
    pub parked: usize,
    /// Pictures that the server has now.
    #[serde(default)]
    pub photos: usize,
    /// Not taken, by reason.
    #[serde(default)]
    pub refused: Vec<RescueRefusal>,
}

impl Rescued {
    /// Adds what became of another part.
    pub fn add(&mut self, part: Self) {
        self.taken += part.taken;
        self.already += part.already;
        self.parked += part.parked;
        self.photos += part.photos;
        self.refused.extend(part.refused);
    }
}

/// Why items of a rescue file were not taken.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct RescueRefusal {
    /// A code.
    pub code: String,
    /// How many.
    pub count: usize,
}

/// Who is signed in on this phone.
#[derive(Clone, PartialEq, Debug)]
pub struct Me {
    /// The person.
    pub person: PersonId,
    /// The full name.
    pub name: String,
    /// What they may do.
    pub access: Access,
    /// Whether the records are demo data.
    pub demo: bool,
    /// The ward they work in.
    pub home_ward: Option<WardRef>,
    /// The organisation they act for.
    pub organisation: Option<OrganisationId>,
    /// Their main role.
    pub role: Option<Role>,
}

/// A sign-in that a demo offers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DemoSignIn {
    /// The sign-in name.
    pub name: String,
    /// The password.
    pub password: String,
    /// Who it is, for people.
    pub who: String,
}

/// Where a record stands on its way to the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RowState {
    /// Everything in it is on the server.
    Sent,
    /// Something in it waits to be sent.
    Waiting,
    /// The server did not take something in it.
    Refused,
}

/// One record in lists.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// What lists show.
    pub summary: Box<Summary>,
    /// The record's own words for search, folded. Names of places, wards and forms are looked up: use [`Row::matches`].
    pub folded: String,
    /// Where it stands.
    pub state: RowState,
}

impl Row {
    /// Whether a person must decide something about it.
    #[must_use]
    pub fn needs_review(&self) -> bool {
        self.summary.open_fields > 0 || self.state == RowState::Refused
    }

    /// Whether it waits for somebody with this access to confirm it, who logged it or not. The server has the last word.
    #[must_use]
    pub fn waits_for(&self, access: &Access, is_mine: impl Fn(ActorId) -> bool) -> bool {
        let summary = &self.summary;
        let Some(line) = summary.confirmation.as_ref().filter(|line| line.standing.is_waiting()) else {
            return false;
        };
        let confirms = |may: &Confirms| {
            Some(may.ward) == summary.ward && Some(&may.organisation) == summary.lead.as_ref()
        };
        !summary.archived
            && access.confirms.iter().any(confirms)
            && line.author.is_none_or(|author| !is_mine(author))
    }

    /// Whether it was returned to who logged it, and that is who asks.
    #[must_use]
    pub fn is_returned_to(&self, is_mine: impl Fn(ActorId) -> bool) -> bool {
        let returned = |line: &&StandingLine| line.standing == Standing::Returned;
        let line = self.summary.confirmation.as_ref().filter(returned);
        !self.summary.archived && line.and_then(|line| line.author).is_some_and(is_mine)
    }

    /// Whether every word of the folded question stands in what the record or the register says about it.
    #[must_use]
    pub fn matches(&self, register: &Register, folded_question: &str) -> bool {
        if folded_question.is_empty() {
            return true;
        }
        let summary = &self.summary;
        let place = summary.place.map_or("", |place| register.folded_place(place));
        let ward = summary.ward.map_or("", |ward| register.folded_ward(ward));
        let lead = summary.lead.as_ref().map_or("", |lead| register.folded_organisation(lead));
        let kind = register.folded_kind(summary.kind(), &summary.form);
        let parts = [self.folded.as_str(), place, ward, lead, kind];
        folded_question.split(' ').all(|word| parts.iter().any(|part| search::matches(part, word)))
    }
}

/// Every record the phone holds, newest date first. Shared, so that passing it on costs nothing.
pub type Rows = Arc<Vec<Arc<Row>>>;

/// What lists need of the documents of cases, by document.
pub type Care = HashMap<DocumentId, CareLine>;

/// Something the server did not take.
#[derive(Clone, PartialEq, Debug)]
pub struct RefusedRecord {
    /// The record; absent for commands that are about no record (a proposed place).
    pub document: Option<DocumentId>,
    /// Why.
    pub problem: Problem,
    /// When it was refused, by this phone's clock.
    pub at: Millis,
}

/// What waits on this phone.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OutboxStatus {
    /// Records with something that waits to be sent.
    pub records: usize,
    /// Edits and commands that wait to be sent.
    pub entries: usize,
    /// What was not taken and waits for the person.
    pub refused: Vec<RefusedRecord>,
    /// Where the records with something in the outbox stand; all others are sent.
    pub states: BTreeMap<DocumentId, RowState>,
}

/// What the engine is doing now.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum Activity {
    /// Nothing: everything is sent and read.
    #[default]
    Idle,
    /// Sending.
    Sending,
    /// Reading what is new.
    Receiving {
        /// Records read in this download.
        received: u64,
        /// Records to read in all, when the server said so.
        total: Option<u64>,
    },
    /// Nothing is read until the person says so.
    Held,
    /// No contact; the next try is at this moment.
    Waiting {
        /// Milliseconds UTC.
        until: Millis,
    },
}

/// How the phone stands with the server.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SyncStatus {
    /// What it does now.
    pub activity: Activity,
    /// The last answer of the server, also before this start.
    pub last_contact: Option<Millis>,
    /// The last try since this start went through.
    pub connected: bool,
    /// Why the last try did not go through.
    pub problem: Option<Problem>,
    /// Everything the person may see has been read once: the phone can be used without a connection.
    pub ready_offline: bool,
    /// Bytes used and bytes allowed, as the browser estimates them.
    pub storage: Option<(u64, u64)>,
    /// Whether the browser promised not to throw the store away.
    pub persisted: Option<bool>,
}

impl SyncStatus {
    /// The server answered.
    pub fn heard(&mut self, at: Millis) {
        (self.last_contact, self.connected) = (Some(at), true);
    }
}

/// A record opened to be read or edited, with what it says.
#[derive(Clone, PartialEq, Debug)]
pub struct OpenRecord<V> {
    /// The record.
    pub id: DocumentId,
    /// What it says.
    pub value: V,
    /// Who changed what, oldest first.
    pub history: Vec<HistoryEntry>,
    /// Whether something in it waits to be sent.
    pub waiting: bool,
    /// Removed and edited apart: a person decides.
    pub archived_apart: bool,
    /// How it stands with whoever confirms it.
    pub confirmed: Confirmed,
    /// A newer app made it: it can be read, not edited.
    pub read_only: bool,
    /// Why the server did not take the last edit.
    pub refused: Option<Problem>,
    /// The ward that sums it.
    pub home_ward: Option<WardRef>,
    /// The core of the case that it is, or is part of.
    pub case: Option<DocumentId>,
    /// Other wards that see it.
    pub other_wards: Vec<WardRef>,
}

/// The answers of the guided set-up.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct SetUpForm {
    /// The one-time link that the server wrote when it started empty.
    pub token: Option<String>,
    /// Province, when the area is a whole province.
    pub province_code: Option<String>,
    /// Codes of the wards of today: `08707`.
    pub wards: Vec<String>,
    /// What the area is called.
    pub area_name: String,
    /// The first account.
    pub administrator: SetUpAdministrator,
}

/// The first account of a new server.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct SetUpAdministrator {
    /// Full name.
    pub full_name: String,
    /// Sign-in name.
    pub name: String,
    /// Password, at least ten characters.
    pub password: String,
}

/// A commune of the built-in list.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Commune {
    /// Five digits.
    pub code: String,
    /// Name without its kind.
    pub name: String,
    /// `Phường`, `Xã`, `Đặc khu`.
    pub kind: String,
    /// Name of its province.
    pub province: String,
    /// Code of its province.
    pub province_code: String,
}

/// An account, as administrators see it.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Account {
    /// The person.
    pub id: PersonId,
    /// Full name.
    pub full_name: String,
    /// Sign-in name.
    pub name: String,
    /// Role.
    #[serde(default)]
    pub role: Option<Role>,
    /// Ward of the role.
    #[serde(default)]
    pub ward: Option<WardRef>,
    /// Organisation of the role.
    #[serde(default)]
    pub organisation: Option<OrganisationId>,
    /// The school of a contact person.
    #[serde(default)]
    pub place: Option<PlaceId>,
}
