//! A batch on its way into the store: what is asked before it is prepared, what it is when it is ready, and what became of
//! it.

use std::collections::{BTreeSet, HashMap, HashSet};

use donghanh_shared::access::Placement;
use donghanh_shared::command::Command;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::place::Place;
use donghanh_shared::domain::{Date, WardRef};
use donghanh_shared::ids::{ActorId, ChangeHash, CommandId, DocumentId, PersonId, PlaceId};
use donghanh_shared::sync::wire::{Answer, PushAnswer};

use super::Key;
use crate::projection::Row;

/// What a batch asks before it is prepared.
#[derive(Clone, Debug, Default)]
pub struct Questions {
    /// Changes: document, hash, author, what they build on.
    pub changes: Vec<(DocumentId, ChangeHash, ActorId, Vec<ChangeHash>)>,
    /// Commands.
    pub commands: Vec<CommandId>,
    /// The asking device.
    pub device: Key,
    /// Documents that the batch is about.
    pub documents: Vec<DocumentId>,
    /// Cores in whose case something is to be created.
    pub cases: Vec<DocumentId>,
    /// Parts of cases of which the device says that somebody opened or exported them.
    pub reads: Vec<DocumentId>,
    /// People to whom a case is to be assigned.
    pub people: Vec<PersonId>,
    /// The day it is, for roles.
    pub today: Option<Date>,
}

/// The answers.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Actors bound to another device.
    pub foreign: HashSet<ActorId>,
    /// Those of them whose changes anybody may bring back: they were bound before the database was last put back to an older
    /// copy. With the person behind each.
    pub recoverable: HashMap<ActorId, Key>,
    /// Changes of those actors that the log has.
    pub logged: HashSet<ChangeHash>,
    /// Changes (or what they build on) that were refused, with the code.
    pub refused: HashMap<ChangeHash, String>,
    /// Changes (or what they build on) that are parked, with the reason.
    pub parked: HashMap<ChangeHash, String>,
    /// Commands that were carried out.
    pub done: HashSet<CommandId>,
    /// Cases asked for, by their cores.
    pub cases: HashMap<DocumentId, KnownCase>,
    /// Of the documents and cases asked for, those erased for good, each with the last ward of its case.
    pub erased: HashMap<DocumentId, WardRef>,
    /// Of what was opened, what this device was given once.
    pub delivered: HashSet<DocumentId>,
    /// Of the people asked for, those who hold the role of a helper.
    pub helpers: HashSet<PersonId>,
    /// Documents that the ledger of a database that was put back says were placed anew.
    pub placed: HashMap<DocumentId, PlacedAnew>,
    /// Cases and people of whom that ledger says whether they look after it.
    pub helpers_told: HashSet<(DocumentId, PersonId)>,
}

/// What the ledger says of a document that was placed anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedAnew {
    /// Its kind.
    pub kind: Kind,
    /// Where it was placed last.
    pub place: Placement,
    /// Its home wards, this and all before.
    pub homes: BTreeSet<WardRef>,
}

/// Where a case is and was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownCase {
    /// Its home ward.
    pub home: WardRef,
    /// Wards it was moved away from, and when.
    pub former: Vec<(WardRef, Millis)>,
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
    /// Who created it.
    pub author: Key,
    /// Where it is.
    pub placement: Placement,
    /// Wards it was moved away from, and when.
    pub former_homes: Vec<(WardRef, Millis)>,
    /// Wards that it reached once, and not after all: whoever read it there knows of it.
    pub left: Vec<WardRef>,
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
    /// New parts of cases that were erased: they are buried with them, so that nothing more of them is taken either.
    pub buried: Vec<NewPart>,
    /// What people opened.
    pub reads: Vec<CaseRead>,
    /// One entry an item of the batch.
    pub answers: Vec<Draft>,
}

/// A part that somebody begins in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewPart {
    /// The part.
    pub document: DocumentId,
    /// What it is to be.
    pub kind: Kind,
    /// The core of the case.
    pub case: DocumentId,
}

impl NewPart {
    /// The part that a command begins, if it is one that does.
    #[must_use]
    pub fn of(command: &Command) -> Option<Self> {
        match command {
            Command::CreateInCase { document, kind, case } => {
                Some(Self { document: *document, kind: *kind, case: *case })
            }
            _ => None,
        }
    }
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
    /// Where it was before; `None` when it is new.
    pub before: Option<Placement>,
    /// Where it is from now on.
    pub after: Placement,
    /// What to note in the history of its placement.
    pub events: Vec<PlacementEvent>,
    /// It is made again in a database that was put back, where the ledger says that it was placed last.
    pub is_made_again: bool,
    /// Helpers who are to look after this case, or no longer.
    pub helpers: Vec<Assigned>,
    /// New changes, dependencies first.
    pub changes: Vec<NewChange>,
    /// Heads before; empty when it is new.
    pub heads_before: Vec<ChangeHash>,
    /// The new state; `None` when only its placement changes.
    pub state: Option<NewState>,
}

impl PreparedDocument {
    /// The ward it was made in, when it is new.
    #[must_use]
    pub fn begun_in(&self) -> WardRef {
        let begun = self.events.iter().find_map(|event| match event {
            PlacementEvent::Created(ward) => Some(*ward),
            _ => None,
        });
        begun.unwrap_or(self.after.home)
    }

    /// Whether it goes to another ward than the one it was, or is made, in.
    #[must_use]
    pub fn is_moved(&self) -> bool {
        self.before.as_ref().map_or_else(|| self.begun_in(), |before| before.home) != self.after.home
    }
}

/// Something in the history of a placement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlacementEvent {
    /// It was created in this ward.
    Created(WardRef),
    /// It also reached this ward.
    Reached(WardRef),
    /// It did not reach this ward after all.
    Left(WardRef),
    /// It moved from the first ward to the second.
    Moved(WardRef, WardRef),
    /// This organisation leads it or took part.
    Joined(OrganisationId),
    /// This organisation has no part in it after all.
    Parted(OrganisationId),
    /// It is the drive of this school.
    SchoolAdded(PlaceId),
    /// It is not the drive of this school after all.
    SchoolRemoved(PlaceId),
}

impl PlacementEvent {
    /// What happened to a record that was at the first place and is at the second.
    #[must_use]
    pub fn between(before: &Placement, after: &Placement) -> Vec<Self> {
        let mut events = Vec::new();
        if before.home != after.home {
            events.push(Self::Moved(before.home, after.home));
        }
        events.extend(after.reached.difference(&before.reached).copied().map(Self::Reached));
        events.extend(before.reached.difference(&after.reached).copied().map(Self::Left));
        events.extend(after.organisations.difference(&before.organisations).cloned().map(Self::Joined));
        events.extend(before.organisations.difference(&after.organisations).cloned().map(Self::Parted));
        events.extend(after.schools.difference(&before.schools).copied().map(Self::SchoolAdded));
        events.extend(before.schools.difference(&after.schools).copied().map(Self::SchoolRemoved));
        events
    }
}

/// A helper of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// Who.
    pub person: PersonId,
    /// Whether they look after it from now on, or no longer.
    pub is_in: bool,
}

/// What somebody took from a part of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// They opened it.
    Read,
    /// They made a paper of it.
    Exported,
}

/// Somebody opened a part of a case on a phone, or made a paper of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseRead {
    /// The part.
    pub document: DocumentId,
    /// Its home ward.
    pub ward: WardRef,
    /// What they did.
    pub taken: Taken,
    /// When, by the phone's clock, but never after it was received.
    pub at: Millis,
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
    /// The person behind the author, when somebody else brings it back after the database was put back to an older copy.
    pub recovered: Option<Key>,
}

/// What a document becomes.
#[derive(Clone, Debug)]
pub struct NewState {
    /// Heads.
    pub heads: Vec<ChangeHash>,
    /// The saved document.
    pub bytes: Vec<u8>,
    /// Its row for reports.
    pub row: Row,
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
