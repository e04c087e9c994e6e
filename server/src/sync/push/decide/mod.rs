//! Decides what becomes of the items of one document: its placement, the right to change it, the merge on a copy.
//! Reads nothing and writes nothing; the commit rechecks what the decision was made on.

use std::collections::{BTreeSet, HashMap};

use donghanh_shared::access::{Access, Scope};
use donghanh_shared::command::Command;
use donghanh_shared::crdt::Kind;
use donghanh_shared::crdt::gate::CheckedChange;
use donghanh_shared::crdt::merge::{Base, Merged, merge};
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::date::{Date, Millis};
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::place::{Place, PlaceStatus};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ChangeHash, CommandId};
use donghanh_shared::sync::wire::{Answer, http_status};

use super::sort::{Group, Item, JudgedChange};
use crate::auth::SignedIn;
use crate::projection::visit_row;
use crate::store::{
    Known, NewChange, NewState, Placed, PlacementEvent, PreparedDocument, RegisterAction, SetAside,
    StoredDocument,
};

/// How long an edit made under the right of a ward the record was moved away from is still taken: its author may not
/// have heard of the move.
const AFTER_MOVE_MS: Millis = 30 * 24 * 3600 * 1000;

/// Whether somebody may add to a record: in its home ward, or in one it was moved away from not long ago.
#[must_use]
pub fn may_write(who: &SignedIn, document: &StoredDocument, now: Millis) -> bool {
    let may = |ward: WardRef| who.access().may_write(&Scope::Activity(ward));
    let recent = |(ward, moved): &(WardRef, Millis)| now - moved < AFTER_MOVE_MS && may(*ward);
    may(document.home) || document.former_homes.iter().any(recent)
}

/// What every decision of a batch needs.
#[derive(Debug)]
pub struct Context {
    /// Who sends.
    pub who: SignedIn,
    /// What is known about the batch's pieces.
    pub known: Known,
    /// When it was received.
    pub now: Millis,
}

/// What becomes of one document's items.
#[derive(Debug, Default)]
pub struct Decided {
    /// What to commit; `None` when nothing changes.
    pub prepared: Option<PreparedDocument>,
    /// One entry an item: its place in the batch, and what becomes of it.
    pub outcomes: Vec<(usize, Outcome)>,
    /// Commands carried out.
    pub done: Vec<CommandId>,
    /// Changes refused for what they are.
    pub refused: Vec<SetAside>,
    /// Changes kept for a supervisor.
    pub parked: Vec<SetAside>,
}

/// What becomes of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Certain before the commit.
    Certain(Answer),
    /// It is this one of the document's new changes.
    Change(usize),
    /// The placement changes.
    Placement,
}

/// Decides one document's items.
pub fn decide(group: &Group, stored: Option<&StoredDocument>, context: &Context) -> Decided {
    let mut decision = Decision::new(group, stored, context);
    for (index, item) in &group.items {
        if let Item::Placement(id, command) = item {
            let outcome = decision.command(*id, command);
            decision.decided.outcomes.push((*index, outcome));
        }
    }
    decision.changes();
    decision.finish()
}

/// What a command does to the register, if the person may give it.
pub fn register_action(who: &SignedIn, command: Command) -> Result<RegisterAction, Code> {
    let supervised = || -> Result<BTreeSet<WardRef>, Code> {
        let wards: BTreeSet<WardRef> = who
            .access()
            .activity_wards()
            .filter(|ward| who.access().may_write(&Scope::Activity(*ward)))
            .collect();
        if who.access().supervises { Ok(wards) } else { Err(Code::NotAllowed) }
    };
    match command {
        Command::ProposePlace { place } => propose(who, place).map(RegisterAction::Propose),
        Command::ApprovePlace { place } => Ok(RegisterAction::Approve(place, supervised()?)),
        Command::MergePlace { place, into } => Ok(RegisterAction::Merge(place, into, supervised()?)),
        _ => Err(Code::Internal),
    }
}

fn propose(who: &SignedIn, place: Place) -> Result<Place, Code> {
    let name = place.name.trim();
    if name.is_empty() {
        return Err(Code::TextEmpty);
    }
    if name.chars().count() > Place::NAME_CHARS || place.level.chars().count() > Place::NAME_CHARS {
        return Err(Code::TextTooLong);
    }
    let wards = || place.wards.iter().map(|stay| stay.ward);
    if place.wards.is_empty() || wards().any(|ward| !who.knows_ward(ward)) {
        return Err(Code::WardUnknown);
    }
    let is_new = place.status == PlaceStatus::Proposed && place.merged_into.is_none();
    if !is_new || place.wards.len() > 8 || wards().any(|ward| !who.access().may_write(&Scope::Activity(ward)))
    {
        return Err(Code::NotAllowed);
    }
    Ok(Place { name: name.to_owned(), ..place })
}

struct Decision<'a> {
    group: &'a Group,
    stored: Option<&'a StoredDocument>,
    context: &'a Context,
    /// Kind and ward it was created with, in the store or by this batch.
    created: Option<(Kind, WardRef)>,
    after: Placed,
    events: Vec<PlacementEvent>,
    merged: Option<Merged>,
    accepted: Vec<NewChange>,
    decided: Decided,
}

/// What the person may do with the document's content.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Right {
    Write,
    /// They had the right when they say they made the edit.
    Lost,
    None,
}

impl<'a> Decision<'a> {
    fn new(group: &'a Group, stored: Option<&'a StoredDocument>, context: &'a Context) -> Self {
        Self {
            group,
            stored,
            context,
            created: stored.map(|document| (document.kind, document.created_ward)),
            after: before(stored),
            events: Vec::new(),
            merged: None,
            accepted: Vec::new(),
            decided: Decided::default(),
        }
    }

    fn may_write(&self, ward: WardRef) -> bool {
        self.context.who.access().may_write(&Scope::Activity(ward))
    }

    fn command(&mut self, id: CommandId, command: &Command) -> Outcome {
        if self.context.known.done.contains(&id) || self.decided.done.contains(&id) {
            return Outcome::Certain(Answer::Duplicate);
        }
        let answer = match command {
            Command::CreateDocument { kind, ward, .. } => self.create(*kind, *ward),
            Command::ReachWard { ward, .. } => self.reach(*ward, true),
            Command::LeaveWard { ward, .. } => self.reach(*ward, false),
            Command::MoveDocument { ward, .. } => self.relocate(*ward),
            _ => Some(Answer::refused(Code::Internal)),
        };
        match answer {
            Some(answer) => Outcome::Certain(answer),
            None => {
                self.decided.done.push(id);
                Outcome::Placement
            }
        }
    }

    /// `None`: carried out.
    fn create(&mut self, kind: Kind, ward: WardRef) -> Option<Answer> {
        if !self.context.who.knows_ward(ward) {
            return Some(Answer::refused(Code::WardUnknown));
        }
        if !self.may_write(ward) {
            return Some(Answer::refused(Code::NotAllowed));
        }
        if let Some(created) = self.created {
            let same = created == (kind, ward);
            return Some(if same { Answer::Duplicate } else { Answer::refused(Code::DocumentExists) });
        }
        self.created = Some((kind, ward));
        self.after.home = Some(ward);
        self.events.push(PlacementEvent::Created(ward));
        None
    }

    fn reach(&mut self, ward: WardRef, is_in: bool) -> Option<Answer> {
        let Some(home) = self.after.home else { return Some(Answer::MissingDependencies) };
        if !self.context.who.knows_ward(ward) {
            return Some(Answer::refused(Code::WardUnknown));
        }
        if !self.may_write(home) {
            return Some(Answer::refused(Code::NotAllowed));
        }
        let changed = ward != home
            && if is_in { self.after.reached.insert(ward) } else { self.after.reached.remove(&ward) };
        if !changed {
            return Some(Answer::Duplicate);
        }
        self.events.push(if is_in { PlacementEvent::Reached(ward) } else { PlacementEvent::Left(ward) });
        None
    }

    /// Moving takes the right on both sides: nobody pushes a record into a ward that is not theirs.
    fn relocate(&mut self, ward: WardRef) -> Option<Answer> {
        let Some(home) = self.after.home else { return Some(Answer::MissingDependencies) };
        if !self.context.who.knows_ward(ward) {
            return Some(Answer::refused(Code::WardUnknown));
        }
        if !self.may_write(home) || !self.may_write(ward) {
            return Some(Answer::refused(Code::NotAllowed));
        }
        if ward == home {
            return Some(Answer::Duplicate);
        }
        self.after.reached.remove(&ward);
        self.after.home = Some(ward);
        self.events.push(PlacementEvent::Moved(home, ward));
        None
    }

    fn right(&self, at: Millis) -> Right {
        let homes: BTreeSet<WardRef> =
            self.after.home.into_iter().chain(self.stored.map(|document| document.home)).collect();
        if homes.iter().any(|ward| self.may_write(*ward)) {
            return Right::Write;
        }
        if self.stored.is_some_and(|document| may_write(&self.context.who, document, self.context.now)) {
            return Right::Write;
        }
        let session = self.context.who.session();
        let day = Date::of_moment(at.min(self.context.now));
        let then = Access::of(&session.memberships, &session.wards, day);
        if homes.iter().any(|ward| then.may_write(&Scope::Activity(*ward))) {
            Right::Lost
        } else {
            Right::None
        }
    }

    fn changes(&mut self) {
        let mut fates: HashMap<ChangeHash, Fate> = HashMap::new();
        let mut waiting: Vec<&JudgedChange> = Vec::new();
        for (index, item) in &self.group.items {
            match item {
                Item::Placement(..) => {}
                Item::Root { generation } => {
                    let exists = self.created.is_some() && *generation == self.generation();
                    let answer = if exists { Answer::Duplicate } else { Answer::MissingDependencies };
                    self.decided.outcomes.push((*index, Outcome::Certain(answer)));
                }
                Item::Change(judged) => {
                    if fates.contains_key(&judged.change.hash) {
                        continue;
                    }
                    let fate = self.alone(judged);
                    if fate.is_none() {
                        waiting.push(judged);
                    }
                    fates.insert(judged.change.hash, fate.unwrap_or(Fate::Missing));
                }
            }
        }
        self.merge(&waiting, &mut fates);
        self.spread(&waiting, &mut fates);
        self.set_aside(&fates);
        self.answer(&fates);
    }

    fn generation(&self) -> u32 {
        self.stored.map_or(0, |document| document.generation)
    }

    /// What is certain about a change without merging it.
    fn alone(&self, judged: &JudgedChange) -> Option<Fate> {
        let (change, known) = (&judged.change, &self.context.known);
        if let Some(code) = known.refused.get(&change.hash) {
            return Some(Fate::RefusedBefore(code.clone()));
        }
        if let Some(reason) = known.parked.get(&change.hash) {
            return Some(Fate::ParkedBefore(reason.clone()));
        }
        if known.logged.contains(&change.hash) {
            return Some(Fate::Known);
        }
        if known.foreign.contains(&change.actor) {
            return Some(Fate::NotNow(Code::ActorForeign));
        }
        let (kind, _) = self.created?;
        if let Some((_, code)) = judged.refused_by.iter().find(|(refusing, _)| *refusing == kind) {
            return Some(Fate::Refused(*code));
        }
        match judged.generation.cmp(&self.generation()) {
            std::cmp::Ordering::Less => Some(Fate::NotNow(Code::DocumentUnknown)),
            std::cmp::Ordering::Greater => Some(Fate::Missing),
            std::cmp::Ordering::Equal => None,
        }
    }

    fn merge(&mut self, waiting: &[&JudgedChange], fates: &mut HashMap<ChangeHash, Fate>) {
        let Some((kind, _)) = self.created else { return };
        if waiting.is_empty() && self.stored.is_some() {
            return;
        }
        let base = Base {
            kind,
            id: self.group.document,
            generation: self.generation(),
            bytes: self.stored.map(|document| document.bytes.as_slice()),
        };
        let rights: HashMap<ChangeHash, Right> =
            waiting.iter().map(|judged| (judged.change.hash, self.right(judged.change.at))).collect();
        let all: Vec<&CheckedChange> = waiting.iter().map(|judged| &judged.change).collect();
        let Ok(merged) = merge(base, &all) else {
            tracing::error!(document = %self.group.document, "a stored document could not be merged into");
            fates.values_mut().filter(|fate| **fate == Fate::Missing).for_each(|fate| *fate = Fate::Later);
            return;
        };
        fates.extend(merged.known.iter().map(|hash| (*hash, Fate::Known)));
        fates.extend(merged.refused.iter().map(|(hash, code)| (*hash, Fate::Refused(*code))));
        // The right is one and the same for all changes of a document, or none is there at all: see `right`.
        let denied = merged.accepted.iter().any(|hash| rights.get(hash) != Some(&Right::Write));
        if denied {
            for hash in &merged.accepted {
                let lost = rights.get(hash) == Some(&Right::Lost);
                fates.insert(*hash, if lost { Fate::Parked } else { Fate::NotNow(Code::NotAllowed) });
            }
            return;
        }
        let by_hash: HashMap<ChangeHash, &CheckedChange> =
            all.iter().map(|change| (change.hash, *change)).collect();
        for hash in &merged.accepted {
            let Some(change) = by_hash.get(hash) else { continue };
            fates.insert(*hash, Fate::Accepted(self.accepted.len()));
            self.accepted.push(NewChange { hash: *hash, actor: change.actor, bytes: change.bytes.clone() });
        }
        self.merged = Some(merged);
    }

    /// What builds on a refused or parked change goes the same way.
    fn spread(&self, waiting: &[&JudgedChange], fates: &mut HashMap<ChangeHash, Fate>) {
        let known = &self.context.known;
        loop {
            let mut spread = Vec::new();
            for change in waiting.iter().map(|judged| &judged.change) {
                if fates.get(&change.hash) != Some(&Fate::Missing) {
                    continue;
                }
                let of =
                    |test: fn(&Fate) -> bool| change.deps.iter().any(|dep| fates.get(dep).is_some_and(test));
                let refused = |fate: &Fate| matches!(fate, Fate::Refused(_) | Fate::RefusedBefore(_));
                let parked = |fate: &Fate| matches!(fate, Fate::Parked | Fate::ParkedBefore(_));
                if of(refused) || change.deps.iter().any(|dep| known.refused.contains_key(dep)) {
                    spread.push((change.hash, Fate::Refused(Code::DependsOnRefused)));
                } else if of(parked) || change.deps.iter().any(|dep| known.parked.contains_key(dep)) {
                    spread.push((change.hash, Fate::Parked));
                }
            }
            if spread.is_empty() {
                return;
            }
            fates.extend(spread);
        }
    }

    fn set_aside(&mut self, fates: &HashMap<ChangeHash, Fate>) {
        let mut seen = BTreeSet::new();
        for change in self.group.changes().filter(|change| seen.insert(change.hash)) {
            let aside = |code: Code| SetAside {
                hash: change.hash,
                document: self.group.document,
                code: code.code().to_owned(),
                bytes: change.bytes.clone(),
            };
            match fates.get(&change.hash) {
                Some(Fate::Refused(code)) => self.decided.refused.push(aside(*code)),
                Some(Fate::Parked) => self.decided.parked.push(aside(Code::NotAllowed)),
                _ => {}
            }
        }
    }

    fn answer(&mut self, fates: &HashMap<ChangeHash, Fate>) {
        let mut answered = BTreeSet::new();
        for (index, item) in &self.group.items {
            let Item::Change(judged) = item else { continue };
            let hash = judged.change.hash;
            let fate = fates.get(&hash).unwrap_or(&Fate::Missing);
            let again = !answered.insert(hash);
            self.decided.outcomes.push((*index, fate.outcome(again)));
        }
    }

    fn finish(mut self) -> Decided {
        let before = before(self.stored);
        let Some((kind, _)) = self.created else { return self.decided };
        let is_new = self.stored.is_none();
        let state =
            self.merged.take().filter(|_| is_new || !self.accepted.is_empty()).map(|merged| NewState {
                row: visit_row(&merged.visit, merged.changed_at),
                heads: merged.heads,
                bytes: merged.bytes,
            });
        // A new document whose root alone could not be made: nothing is written, the phone comes back.
        if (is_new && state.is_none()) || (state.is_none() && self.after == before) {
            return self.without_placement(is_new);
        }
        self.decided.prepared = Some(PreparedDocument {
            id: self.group.document,
            kind,
            generation: self.generation(),
            expected: self.stored.map(|document| (document.key, document.version)),
            before,
            after: self.after,
            events: self.events,
            changes: self.accepted,
            heads_before: self.stored.map(|document| document.heads.clone()).unwrap_or_default(),
            state,
        });
        self.decided
    }

    /// Placement that came to nothing: reached and left again in one batch, or a document that could not be made.
    fn without_placement(mut self, failed: bool) -> Decided {
        for (_, outcome) in &mut self.decided.outcomes {
            if *outcome == Outcome::Placement {
                *outcome = Outcome::Certain(if failed { Answer::RetryLater } else { Answer::Duplicate });
            }
        }
        if failed {
            self.decided.done.clear();
        }
        self.decided
    }
}

fn before(stored: Option<&StoredDocument>) -> Placed {
    stored.map_or_else(Placed::default, |document| Placed {
        home: Some(document.home),
        reached: document.reached.clone(),
    })
}

/// What becomes of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    /// Taken, as this one of the new changes.
    Accepted(usize),
    /// The log has it.
    Known,
    /// It builds on something unknown.
    Missing,
    /// Refused for what it is, for ever.
    Refused(Code),
    /// Refused in an earlier batch.
    RefusedBefore(String),
    /// Refused for who sends it, or when: not for what it is.
    NotNow(Code),
    /// Kept for a supervisor.
    Parked,
    /// Kept by an earlier batch.
    ParkedBefore(String),
    /// The server has a problem.
    Later,
}

impl Fate {
    fn outcome(&self, again: bool) -> Outcome {
        Outcome::Certain(match self {
            Self::Accepted(_) if again => Answer::Duplicate,
            Self::Accepted(change) => return Outcome::Change(*change),
            Self::Known => Answer::Duplicate,
            Self::Missing => Answer::MissingDependencies,
            Self::Refused(code) | Self::NotNow(code) => Answer::refused(*code),
            Self::RefusedBefore(code) => {
                let status = Code::parse(code).map_or(422, http_status);
                Answer::Refused { code: code.clone(), status }
            }
            Self::Parked => Answer::Parked(Code::NotAllowed.code().to_owned()),
            Self::ParkedBefore(reason) => Answer::Parked(reason.clone()),
            Self::Later => Answer::RetryLater,
        })
    }
}
