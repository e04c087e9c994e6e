//! What becomes of the changes of one document: each by itself, then merged on a copy, then what builds on what was not
//! taken.

use std::collections::{BTreeSet, HashMap};

use donghanh_shared::crdt::Kind;
use donghanh_shared::crdt::gate::CheckedChange;
use donghanh_shared::crdt::merge::Base;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::ChangeHash;
use donghanh_shared::sync::wire::{Answer, http_status};

use super::right::Right;
use super::{Decision, Outcome};
use crate::store::{Key, NewChange, SetAside};
use crate::sync::push::sort::{Item, JudgedChange};

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

impl Decision<'_> {
    pub(super) fn changes(&mut self) {
        let mut fates: HashMap<ChangeHash, Fate> = HashMap::new();
        let mut waiting: Vec<&JudgedChange> = Vec::new();
        for (index, item) in &self.group.items {
            match item {
                Item::Placement(..) => {}
                Item::Root { generation } => {
                    let exists = *generation == self.generation() && self.is_known();
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

    /// What is certain about a change without merging it.
    fn alone(&self, judged: &JudgedChange) -> Option<Fate> {
        let (change, known) = (&judged.change, &self.context.known);
        if let Some(code) = known.refused.get(&change.hash) {
            return Some(Fate::RefusedBefore(code.clone()));
        }
        // What its author may no longer say is taken from whoever brings it back and may write: in whichever order they come.
        if self.author_of(change).is_none()
            && let Some(reason) = known.parked.get(&change.hash)
        {
            return Some(Fate::ParkedBefore(reason.clone()));
        }
        if known.logged.contains(&change.hash) {
            return Some(Fate::Known);
        }
        if known.foreign.contains(&change.actor) && !known.recoverable.contains_key(&change.actor) {
            return Some(Fate::NotNow(Code::ActorForeign));
        }
        let kind = match self.kind.filter(|_| self.right(change.at) != Right::Unknown) {
            Some(kind) => kind,
            // No kind of record takes it, whichever this one may be.
            None if judged.refused_by.len() == Kind::ALL.len() => {
                return judged.refused_by.first().map(|(_, code)| Fate::Refused(*code));
            }
            None => return self.kind.map(|_| Fate::Missing),
        };
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
        let Some(kind) = self.kind else { return };
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
        let by_hash: HashMap<ChangeHash, &CheckedChange> =
            all.iter().map(|change| (change.hash, *change)).collect();
        let Ok((merged, refused)) = self.context.merger.merge(base, &all) else {
            tracing::error!(document = %self.group.document, "a stored document could not be merged into");
            fates.values_mut().filter(|fate| **fate == Fate::Missing).for_each(|fate| *fate = Fate::Later);
            return;
        };
        fates.extend(merged.known.iter().map(|hash| (*hash, Fate::Known)));
        fates.extend(refused.into_iter().map(|(hash, code)| (hash, Fate::Refused(code))));
        let mut forbidden = self.may_not_say(&merged.confirming, &by_hash);
        forbidden.extend(self.may_not_archive(waiting));
        if !forbidden.is_empty() {
            // What builds on them cannot stay: all others once more, without them.
            let others: Vec<&JudgedChange> =
                waiting.iter().filter(|judged| !forbidden.contains(&judged.change.hash)).copied().collect();
            // Of what somebody else wrote it says nothing that this person may not: its author can still bring it.
            let fate = |hash: &ChangeHash| {
                let author = by_hash.get(hash).and_then(|change| self.author_of(change));
                if author.is_none() {
                    Fate::Refused(Code::NotAllowed)
                } else {
                    Fate::NotNow(Code::NotAllowed)
                }
            };
            fates.extend(forbidden.iter().map(|hash| (*hash, fate(hash))));
            return self.merge(&others, fates);
        }
        // The right is one and the same for all changes of a document, or none is there at all: see `right`.
        let denied = merged.accepted.iter().any(|hash| rights.get(hash) != Some(&Right::Write));
        if denied {
            for hash in &merged.accepted {
                fates.insert(
                    *hash,
                    match rights.get(hash) {
                        // What somebody else wrote waits for its author.
                        Some(Right::Lost)
                            if by_hash.get(hash).is_some_and(|c| self.author_of(c).is_some()) =>
                        {
                            Fate::NotNow(Code::NotAllowed)
                        }
                        Some(Right::Lost) => Fate::Parked,
                        Some(Right::Unknown) => Fate::Missing,
                        _ => Fate::NotNow(Code::NotAllowed),
                    },
                );
            }
            return;
        }
        for hash in &merged.accepted {
            let Some(change) = by_hash.get(hash) else { continue };
            fates.insert(*hash, Fate::Accepted(self.accepted.len()));
            let (actor, bytes, recovered) = (change.actor, change.bytes.clone(), self.author_of(change));
            self.accepted.push(NewChange { hash: *hash, actor, bytes, recovered });
        }
        self.merged = Some(merged);
    }

    /// The person who wrote a change that somebody else brings back.
    fn author_of(&self, change: &CheckedChange) -> Option<Key> {
        self.context.known.recoverable.get(&change.actor).copied()
    }

    /// What builds on a refused or parked change goes the same way.
    fn spread(&self, waiting: &[&JudgedChange], fates: &mut HashMap<ChangeHash, Fate>) {
        // Before the kind is known a change may be refused for a reason of its own, which must not depend on what came first.
        if self.kind.is_none() {
            return;
        }
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
}
