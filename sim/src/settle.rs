//! What the server answered, into the outbox: kept entries go, refused ones stay with their reason and take what builds on
//! them with them; and a record with refused edits, built anew. The same rules as `sync/settle` and `sync/rebuild` of the app.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::command::Edits;
use donghanh_shared::crdt::{Document, gate};
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ActorId, ChangeHash, DocumentId};
use donghanh_shared::sync::wire::{Answer, PushItem};

use crate::store::{Store, Waiting};

/// What the refused edits of a record wanted, and when the last of that was wanted.
type Again = Option<(Edits, Millis)>;

impl Store {
    /// Records what became of entries. Gives the documents whose edits stand under another device's mark: they are to be
    /// done again, see [`Self::do_again`].
    pub fn settle(&mut self, answers: &[(u64, Answer)]) -> Vec<DocumentId> {
        let refused = self.refusals(answers);
        let mut touched = BTreeSet::new();
        for (number, answer) in answers {
            if matches!(answer, Answer::Ok(_) | Answer::Duplicate) {
                touched.extend(self.outbox.remove(number).and_then(|waiting| waiting.document()));
            }
        }
        let (mut erased, mut foreign) = (BTreeSet::new(), BTreeSet::new());
        for (number, code) in refused {
            let Some(waiting) = self.outbox.get_mut(&number) else { continue };
            if code == Code::DocumentErased.code() {
                erased.extend(waiting.document());
            }
            if code == Code::ActorForeign.code() {
                foreign.extend(waiting.document());
            }
            waiting.refused = Some(code);
        }
        self.drop_handed_over(&touched);
        self.let_go_of_erased(erased);
        foreign.into_iter().collect()
    }

    /// Once everything of it is handed over, what no scope covers goes. What was begun here stays: the next page names its
    /// scopes.
    fn drop_handed_over(&mut self, touched: &BTreeSet<DocumentId>) {
        let waiting = self.waiting_documents();
        self.records.retain(|id, record| {
            let is_left = record.was_covered && record.scopes.is_empty() && !waiting.contains(id);
            !(is_left && touched.contains(id))
        });
    }

    /// Entries that these answers refuse, with the code.
    fn refusals(&self, answers: &[(u64, Answer)]) -> BTreeMap<u64, String> {
        let mut refused: BTreeMap<u64, String> = BTreeMap::new();
        let depends = || Code::DependsOnRefused.code().to_owned();
        for (number, answer) in answers {
            let Some(waiting) = self.outbox.get(number) else { continue };
            match answer {
                // Kept aside for a supervisor: not in the document yet, so the person should see it.
                Answer::Refused { code, .. } | Answer::Parked(code) => {
                    refused.insert(*number, code.clone());
                }
                Answer::MissingDependencies if self.stands_on_refused(&refused, waiting) => {
                    refused.insert(*number, depends());
                }
                _ => {}
            }
        }
        let done: BTreeSet<u64> = answers
            .iter()
            .filter(|(_, answer)| matches!(answer, Answer::Ok(_) | Answer::Duplicate))
            .map(|(number, _)| *number)
            .collect();
        let out = |number: &u64, waiting: &Waiting| refused.contains_key(number) || waiting.refused.is_some();
        let mut reached: BTreeSet<ChangeHash> =
            self.outbox.iter().filter(|(n, waiting)| out(n, waiting)).filter_map(|(_, w)| w.hash).collect();
        let mut falls = Vec::new();
        if !reached.is_empty() {
            for (number, waiting) in &self.outbox {
                let PushItem::Change { bytes, .. } = &waiting.item else { continue };
                let Ok(change) = gate::check(bytes.to_vec()) else { continue };
                if change.deps.iter().any(|dep| reached.contains(dep)) {
                    reached.insert(change.hash);
                    if !out(number, waiting) && !done.contains(number) {
                        falls.push(*number);
                    }
                }
            }
        }
        refused.extend(falls.into_iter().map(|number| (number, depends())));
        refused
    }

    fn stands_on_refused(&self, refused: &BTreeMap<u64, String>, waiting: &Waiting) -> bool {
        let document = waiting.document();
        self.outbox.iter().any(|(number, other)| {
            other.document() == document && (other.refused.is_some() || refused.contains_key(number))
        })
    }

    /// Whether a change of the record was refused.
    #[must_use]
    pub fn is_refused(&self, id: DocumentId) -> bool {
        self.outbox.values().any(|waiting| {
            waiting.document() == Some(id) && waiting.refused.is_some() && waiting.hash.is_some()
        })
    }

    /// Does edits that were refused for their author alone again, by a fresh one. What cannot be built anew stays as it is.
    pub fn do_again(&mut self, id: DocumentId, actor: ActorId) {
        let before = self.clone();
        let rebuilt = self.rebuild(id, actor).and_then(|again| match again {
            Some((edits, at)) => self.write(id, actor, at, edits),
            None => Ok(()),
        });
        if rebuilt.is_err() {
            *self = before;
        }
    }

    /// Builds a record with refused edits anew before the next save of it: gives that save with what the refused ones wanted.
    ///
    /// # Errors
    /// `change_malformed` when what is left does not make a document; nothing is changed then.
    pub fn mend(&mut self, id: DocumentId, actor: ActorId, edits: Edits) -> Result<Edits, Problem> {
        if !self.is_refused(id) {
            return Ok(edits);
        }
        let before = self.clone();
        match self.rebuild(id, actor) {
            Ok(Some((again, _))) => Ok(again.then(&edits)),
            Ok(None) => Ok(edits),
            Err(problem) => {
                *self = before;
                Err(problem)
            }
        }
    }

    fn write(&mut self, id: DocumentId, actor: ActorId, at: Millis, edits: Edits) -> Result<(), Problem> {
        let mut document = self.document(id).ok_or_else(|| Problem::new(Code::NotFound))??;
        if let Some(change) = edits.apply(&mut document, actor, at)? {
            self.keep(&document);
            self.enqueue_edits(id, document.generation(), change, at, edits);
        }
        Ok(())
    }

    fn rebuild(&mut self, id: DocumentId, actor: ActorId) -> Result<Again, Problem> {
        let entries: Vec<(u64, Waiting)> = self
            .outbox
            .iter()
            .filter(|(_, waiting)| waiting.document() == Some(id))
            .map(|(number, waiting)| (*number, waiting.clone()))
            .collect();
        let out: BTreeSet<ChangeHash> =
            entries.iter().filter(|(_, w)| w.refused.is_some()).filter_map(|(_, w)| w.hash).collect();
        let Some(document) = self.document(id).filter(|_| !out.is_empty()) else { return Ok(None) };
        let document = document?;
        let mut fresh = Document::create(document.kind(), id, document.generation());
        let kept = document.changes().into_iter().filter(|change| !out.contains(&change.hash));
        fresh.apply(&kept.map(|change| change.bytes).collect::<Vec<_>>())?;
        self.keep(&fresh);
        let mut again: Again = None;
        for (number, waiting) in entries {
            let Some((edits, at)) = waiting.edits else { continue };
            again = again.map(|(wanted, at)| (wanted.without_written_over(&edits), at));
            let Some(code) = waiting.refused else { continue };
            self.outbox.remove(&number);
            if code == Code::DependsOnRefused.code() || code == Code::ActorForeign.code() {
                // What cannot be done on this ground is left out, as the refused edit that it built on.
                let _ = self.write(id, actor, at, edits);
            } else {
                let wanted = again.map_or_else(|| edits.clone(), |(wanted, _)| wanted.then(&edits));
                again = Some((wanted, at));
            }
        }
        Ok(again)
    }
}
