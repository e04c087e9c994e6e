//! Commands that change where a record is, who looks after a case, or that only note something about it.

use donghanh_shared::access::rules::{Action, may_receive};
use donghanh_shared::access::{Access, Placement};
use donghanh_shared::command::Command;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::ids::{CommandId, DocumentId, PersonId, PlaceId};
use donghanh_shared::sync::wire::Answer;

use super::right::is_recent;
use super::{Decision, Outcome};
use crate::store::{Assigned, CaseRead, PlacementEvent, Taken};

/// Organisations that one record may be placed with.
const MAX_ORGANISATIONS: usize = 20;

/// Schools that one drive may be placed with: one, and those that people named apart until they agree.
const MAX_SCHOOLS: usize = 8;

/// What a command did: changed the placement, or what the answer is without that.
enum Effect {
    Placed,
    Noted,
    Answered(Answer),
}

impl From<Code> for Effect {
    fn from(code: Code) -> Self {
        Self::Answered(Answer::refused(code))
    }
}

impl Decision<'_> {
    /// What becomes of a command; `said_before`: it says once more what somebody said before the server was put back.
    pub(super) fn command(&mut self, id: CommandId, said_before: bool, command: &Command) -> Outcome {
        if self.context.known.done.contains(&id) || self.decided.done.contains(&id) {
            return Outcome::Certain(Answer::Duplicate);
        }
        let effect = match command {
            Command::CreateDocument { kind, ward, .. } => self.create(*kind, *ward),
            Command::CreateAtSchool { ward, school, .. } => self.create_at_school(*ward, *school),
            Command::CreateInCase { kind, case, .. } => self.create_in_case(*kind, *case),
            _ if (said_before && self.ledger_knows(command))
                || (self.is_made_again && self.is_so(command)) =>
            {
                Effect::Answered(Answer::Duplicate)
            }
            Command::ReachWard { ward, .. } => self.reach(*ward, true),
            Command::LeaveWard { ward, .. } => self.reach(*ward, false),
            Command::MoveDocument { ward, .. } => self.relocate(*ward),
            Command::AddOrganisation { organisation, .. } => self.organisation(organisation, true),
            Command::RemoveOrganisation { organisation, .. } => self.organisation(organisation, false),
            Command::AddSchool { school, .. } => self.school(*school, true),
            Command::RemoveSchool { school, .. } => self.school(*school, false),
            Command::AssignHelper { person, .. } => self.assign(*person, true),
            Command::UnassignHelper { person, .. } => self.assign(*person, false),
            Command::NoteRead { at, .. } => self.note(Action::Read, Taken::Read, *at),
            Command::NoteExport { at, .. } => self.note(Action::Export, Taken::Exported, *at),
            Command::ProposePlace { .. } | Command::ApprovePlace { .. } | Command::MergePlace { .. } => {
                Code::Internal.into()
            }
        };
        match effect {
            Effect::Answered(answer) => {
                // What changed nothing was carried out all the same: come again in another batch, it must not undo what came later.
                if answer == Answer::Duplicate {
                    self.decided.done.push(id);
                }
                Outcome::Certain(answer)
            }
            Effect::Placed => {
                self.decided.done.push(id);
                Outcome::Placement
            }
            Effect::Noted => {
                self.decided.done.push(id);
                Outcome::Certain(Answer::Ok(0))
            }
        }
    }

    fn access(&self) -> &Access {
        self.context.who.access()
    }

    /// The kind and place of the record, for a command about one that exists.
    fn standing(&self) -> Result<(Kind, Placement), Effect> {
        let missing = || Effect::Answered(Answer::MissingDependencies);
        Ok((self.kind.ok_or_else(missing)?, self.after.clone().ok_or_else(missing)?))
    }

    fn create(&mut self, kind: Kind, ward: WardRef) -> Effect {
        let place = match kind.is_aftercare() {
            true => Placement::of_case(ward, self.group.document),
            false => Placement::new(ward),
        };
        self.create_in(kind, place)
    }

    /// The one record that a school's contact person creates: it is their school's from the beginning.
    fn create_at_school(&mut self, ward: WardRef, school: PlaceId) -> Effect {
        self.create_in(Kind::PledgeDrive, Placement::at_school(ward, school))
    }

    fn create_in(&mut self, kind: Kind, place: Placement) -> Effect {
        let ward = place.home;
        if !self.context.who.knows_ward(ward) {
            return Code::WardUnknown.into();
        }
        if self.is_there(kind) {
            return Effect::Answered(Answer::Duplicate);
        }
        // Of a ward that it was placed in only after the copy was made, to which the server was put back: until it is there again.
        if self.kind == Some(kind) && !kind.is_part_of_case() {
            return Effect::Answered(Answer::MissingDependencies);
        }
        let last = self.context.known.placed.get(&self.group.document);
        // Of a record that was placed anew, also whoever has it now, and nobody in whose ward it never was.
        let was_here = last.is_none_or(|last| last.homes.contains(&ward));
        let is_theirs = was_here && self.may(Action::Create, kind, &place);
        let has_it = last.is_some_and(|last| self.may(Action::Create, kind, &last.place));
        if kind.is_part_of_case() || !(is_theirs || has_it) {
            return Code::NotAllowed.into();
        }
        if self.kind.is_some() || last.is_some_and(|last| last.kind != kind) {
            return Code::DocumentExists.into();
        }
        self.begin(kind, place);
        if let Some(last) = last {
            self.place_as_it_was(last.place.clone(), is_theirs);
        }
        Effect::Placed
    }

    /// Whether the ledger says where a record was placed, or whether somebody looks after a case: then it counts, whatever is said once
    /// more by somebody who may not have heard of it.
    fn ledger_knows(&self, command: &Command) -> bool {
        let known = &self.context.known;
        match command {
            Command::ReachWard { document, .. }
            | Command::AddOrganisation { document, .. }
            | Command::AddSchool { document, .. } => known.placed.contains_key(document),
            Command::AssignHelper { case, person } => known.helpers_told.contains(&(*case, *person)),
            _ => false,
        }
    }

    /// Whether a record is already placed as the command says.
    fn is_so(&self, command: &Command) -> bool {
        let Some(place) = &self.after else { return false };
        match command {
            Command::ReachWard { ward, .. } => *ward == place.home || place.reached.contains(ward),
            Command::MoveDocument { ward, .. } => *ward == place.home,
            Command::AddOrganisation { organisation, .. } => place.organisations.contains(organisation),
            Command::AddSchool { school, .. } => place.schools.contains(school),
            _ => false,
        }
    }

    /// Takes a record that the copy does not know, to which the server was put back, where it was placed last: whoever brings it
    /// may not have heard of that. `by_right_there`: they may create one where they say that it was.
    fn place_as_it_was(&mut self, last: Placement, by_right_there: bool) {
        self.is_made_again = true;
        self.after = self.after.take().map(|after| Placement { case: after.case, ..last });
        if !by_right_there {
            self.begun.clone_from(&self.after);
        }
    }

    /// Whether a record is created once more that the sender knows: whatever they may do now, and wherever it was moved to. So is
    /// everything that is offered after a restore.
    fn is_there(&self, kind: Kind) -> bool {
        self.kind == Some(kind) && self.is_known()
    }

    /// A part is placed where its case is; whoever cannot know the case is told that it does not exist.
    fn create_in_case(&mut self, kind: Kind, case: DocumentId) -> Effect {
        let Some(known) = self.context.known.cases.get(&case) else {
            return Effect::Answered(Answer::MissingDependencies);
        };
        let place = Placement::of_case(known.home, case);
        // Its author may not have heard that the case was moved: a part made before that goes where the case is now.
        let before_the_move = known
            .former
            .iter()
            .filter(|(_, moved)| is_recent(*moved, self.context.now))
            .map(|(ward, _)| place.at(*ward))
            .find(|former| self.may(Action::Create, kind, former));
        if !kind.is_part_of_case() {
            return Code::NotAllowed.into();
        }
        let of = self.after.as_ref().and_then(|after| after.case);
        if of == Some(case) && self.is_there(kind) {
            return Effect::Answered(Answer::Duplicate);
        }
        if before_the_move.is_none() && !self.may(Action::Create, kind, &place) {
            let knows = self.could_ever_read(Kind::AftercareCase, &place);
            return if knows {
                Code::NotAllowed.into()
            } else {
                Effect::Answered(Answer::MissingDependencies)
            };
        }
        if self.kind.is_some() {
            return Code::DocumentExists.into();
        }
        self.begin(kind, place);
        if before_the_move.is_some() {
            self.begun = before_the_move;
        }
        Effect::Placed
    }

    fn begin(&mut self, kind: Kind, place: Placement) {
        self.kind = Some(kind);
        self.events.push(PlacementEvent::Created(place.home));
        self.events.extend(place.schools.iter().copied().map(PlacementEvent::SchoolAdded));
        self.begun = Some(place.clone());
        self.after = Some(place);
    }

    fn reach(&mut self, ward: WardRef, is_in: bool) -> Effect {
        let (kind, mut place) = match self.standing() {
            Ok(standing) => standing,
            Err(effect) => return effect,
        };
        if !self.context.who.knows_ward(ward) {
            return Code::WardUnknown.into();
        }
        // Where else it is to be seen, says who may move it.
        if kind.is_aftercare() || !self.may(Action::Move, kind, &place) {
            return Effect::Answered(self.forbidden());
        }
        let changed = ward != place.home
            && if is_in { place.reached.insert(ward) } else { place.reached.remove(&ward) };
        if !changed {
            return Effect::Answered(Answer::Duplicate);
        }
        self.after = Some(place);
        self.events.push(if is_in { PlacementEvent::Reached(ward) } else { PlacementEvent::Left(ward) });
        Effect::Placed
    }

    fn organisation(&mut self, organisation: &OrganisationId, is_in: bool) -> Effect {
        let (kind, mut place) = match self.standing() {
            Ok(standing) => standing,
            Err(effect) => return effect,
        };
        if kind.is_aftercare() || !self.may(Action::Edit, kind, &place) {
            return Effect::Answered(self.forbidden());
        }
        let changed = if is_in {
            place.organisations.insert(organisation.clone())
        } else {
            place.organisations.remove(organisation)
        };
        if !changed {
            return Effect::Answered(Answer::Duplicate);
        }
        if place.organisations.len() > MAX_ORGANISATIONS {
            return Code::TextTooLong.into();
        }
        self.after = Some(place);
        let organisation = organisation.clone();
        self.events.push(if is_in {
            PlacementEvent::Joined(organisation)
        } else {
            PlacementEvent::Parted(organisation)
        });
        Effect::Placed
    }

    fn school(&mut self, school: PlaceId, is_in: bool) -> Effect {
        let (kind, mut place) = match self.standing() {
            Ok(standing) => standing,
            Err(effect) => return effect,
        };
        if kind != Kind::PledgeDrive || !self.may(Action::Move, kind, &place) {
            return Effect::Answered(self.forbidden());
        }
        let changed = if is_in { place.schools.insert(school) } else { place.schools.remove(&school) };
        if !changed {
            return Effect::Answered(Answer::Duplicate);
        }
        if place.schools.len() > MAX_SCHOOLS {
            return Code::TextTooLong.into();
        }
        self.after = Some(place);
        self.events.push(if is_in {
            PlacementEvent::SchoolAdded(school)
        } else {
            PlacementEvent::SchoolRemoved(school)
        });
        Effect::Placed
    }

    fn relocate(&mut self, ward: WardRef) -> Effect {
        let (kind, place) = match self.standing() {
            Ok(standing) => standing,
            Err(effect) => return effect,
        };
        if !self.context.who.knows_ward(ward) {
            return Code::WardUnknown.into();
        }
        let mut there = place.at(ward);
        if !self.may(Action::Move, kind, &place) || !may_receive(self.access(), kind, &there) {
            return Effect::Answered(self.forbidden());
        }
        if ward == place.home {
            return Effect::Answered(Answer::Duplicate);
        }
        there.reached.remove(&ward);
        self.after = Some(there);
        self.events.push(PlacementEvent::Moved(place.home, ward));
        Effect::Placed
    }

    fn assign(&mut self, person: PersonId, is_in: bool) -> Effect {
        let (kind, place) = match self.standing() {
            Ok(standing) => standing,
            Err(effect) => return effect,
        };
        if !self.may(Action::Assign, kind, &place) {
            // The ward that gave a case away may make it again; who looks after it, the ledger knows.
            let was_theirs = |begun: &Placement| self.may(Action::Assign, kind, begun);
            let is_brought = self.is_made_again && self.begun.as_ref().is_some_and(was_theirs);
            return Effect::Answered(if is_brought { Answer::Duplicate } else { self.forbidden() });
        }
        // Who is no helper, and who does not exist: the same answer.
        if is_in && !self.context.known.helpers.contains(&person) {
            return Code::NotFound.into();
        }
        self.helpers.push(Assigned { person, is_in });
        Effect::Placed
    }

    fn note(&mut self, action: Action, taken: Taken, at: Millis) -> Effect {
        let (kind, place) = match self.standing() {
            Ok(standing) => standing,
            Err(effect) => return effect,
        };
        // What lay on the phone was opened all the same, also by somebody whose right had ended meanwhile, or from whose ward the case
        // was moved: the log says so.
        let former = self.stored.into_iter().flat_map(|document| &document.former_homes);
        let mut former = former.map(|(ward, _)| place.at(*ward)).chain(self.begun.clone());
        let lay_there = self.context.known.delivered.contains(&self.group.document)
            || former.any(|former| self.may(action, kind, &former));
        if !kind.is_aftercare() || !(lay_there || self.may(action, kind, &place)) {
            return Effect::Answered(self.forbidden());
        }
        let (document, ward, at) = (self.group.document, place.home, at.min(self.context.now));
        self.decided.reads.push(CaseRead { document, ward, taken, at });
        Effect::Noted
    }
}
