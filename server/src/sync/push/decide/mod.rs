//! Decides what becomes of the items of one document: its placement, the right to change it, the merge on a copy.
//! Reads nothing and writes nothing; the commit rechecks what the decision was made on.

mod fate;
mod placement;
mod register;
mod right;

use donghanh_shared::access::Placement;
use donghanh_shared::command::Command;
use donghanh_shared::command::placed::SAID_BEFORE;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::Code;
use donghanh_shared::ids::CommandId;
use donghanh_shared::sync::wire::Answer;

pub use self::register::register_action;
pub use self::right::may_write;
use super::sort::{Group, Item};
use crate::auth::SignedIn;
use crate::merger::{self, Merger};
use crate::store::{
    Assigned, CaseRead, Known, NewChange, NewPart, NewState, PlacementEvent, PreparedDocument, SetAside,
    StoredDocument, Taken,
};

/// What every decision of a batch needs.
#[derive(Debug)]
pub struct Context {
    /// Who sends.
    pub who: SignedIn,
    /// What is known about the batch's pieces.
    pub known: Known,
    /// When it was received.
    pub now: Millis,
    /// Where changes are merged.
    pub merger: Merger,
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
    /// The document, when it is a new part of a case that was erased.
    pub buried: Option<NewPart>,
    /// What people opened.
    pub reads: Vec<CaseRead>,
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
    if let Some(decided) = erased(group, context) {
        return decided;
    }
    let mut decision = Decision::new(group, stored, context);
    for (index, item) in &group.items {
        if let Item::Placement(id, at, command) = item {
            let outcome = decision.command(*id, *at == SAID_BEFORE, command);
            decision.decided.outcomes.push((*index, outcome));
        }
    }
    decision.changes();
    decision.finish()
}

/// What was erased for good takes nothing more, whoever sends it, and a part begun in an erased case goes the same way: an old
/// phone that knows nothing of it must not bring it back. Nothing of what it sent is kept, except who had opened it: that
/// belongs to the access log, which outlives the case.
fn erased(group: &Group, context: &Context) -> Option<Decided> {
    let known = &context.known;
    let mut begun = group.commands().filter_map(|(_, command)| NewPart::of(command));
    let buried = begun.find(|part| known.erased.contains_key(&part.case));
    let ward = known.erased.get(&group.document).copied();
    if buried.is_none() && ward.is_none() {
        return None;
    }
    let mut decided = Decided { buried, ..Decided::default() };
    for (index, item) in &group.items {
        let noted = match item {
            Item::Placement(id, _, command) => {
                ward.and_then(|ward| noted(command, ward, context.now)).map(|n| (*id, n))
            }
            Item::Change(_) | Item::Root { .. } => None,
        };
        let answer = match noted {
            Some((id, _)) if known.done.contains(&id) => Answer::Duplicate,
            Some((id, read)) => {
                decided.done.push(id);
                decided.reads.push(read);
                Answer::Ok(0)
            }
            None => Answer::refused(Code::DocumentErased),
        };
        decided.outcomes.push((*index, Outcome::Certain(answer)));
    }
    Some(decided)
}

/// What a command says for the access log alone.
fn noted(command: &Command, ward: WardRef, now: Millis) -> Option<CaseRead> {
    let (document, taken, at) = match command {
        Command::NoteRead { document, at } => (*document, Taken::Read, *at),
        Command::NoteExport { document, at } => (*document, Taken::Exported, *at),
        _ => return None,
    };
    Some(CaseRead { document, ward, taken, at: at.min(now) })
}

struct Decision<'a> {
    group: &'a Group,
    stored: Option<&'a StoredDocument>,
    context: &'a Context,
    /// Its kind, in the store or by this batch.
    kind: Option<Kind>,
    /// Where this batch created it; it may have moved on since.
    begun: Option<Placement>,
    after: Option<Placement>,
    /// It is made again, and placed where the ledger says.
    is_made_again: bool,
    events: Vec<PlacementEvent>,
    helpers: Vec<Assigned>,
    merged: Option<merger::Outcome>,
    accepted: Vec<NewChange>,
    decided: Decided,
}

impl<'a> Decision<'a> {
    fn new(group: &'a Group, stored: Option<&'a StoredDocument>, context: &'a Context) -> Self {
        Self {
            group,
            stored,
            context,
            kind: stored.map(|document| document.kind),
            begun: None,
            after: stored.map(|document| document.placement.clone()),
            is_made_again: false,
            events: Vec::new(),
            helpers: Vec::new(),
            merged: None,
            accepted: Vec::new(),
            decided: Decided::default(),
        }
    }

    fn generation(&self) -> u32 {
        self.stored.map_or(0, |document| document.generation)
    }

    fn finish(mut self) -> Decided {
        let before = self.stored.map(|document| document.placement.clone());
        let (Some(kind), Some(after)) = (self.kind, self.after.take()) else { return self.decided };
        let is_new = self.stored.is_none();
        let state = self
            .merged
            .take()
            .filter(|_| is_new || !self.accepted.is_empty())
            .map(|merged| NewState { row: merged.row, heads: merged.heads, bytes: merged.bytes.into() });
        // A new document whose root alone could not be made: nothing is written, the phone comes back.
        let is_placed = before.as_ref() != Some(&after) || !self.helpers.is_empty();
        if state.is_none() && (is_new || !is_placed) {
            return self.without_placement(is_new);
        }
        self.decided.prepared = Some(PreparedDocument {
            id: self.group.document,
            kind,
            generation: self.generation(),
            expected: self.stored.map(|document| (document.key, document.version)),
            before,
            after,
            events: self.events,
            is_made_again: self.is_made_again,
            helpers: self.helpers,
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
