//! What the server answered, into the outbox, and a record with refused edits, built anew: by the rules of
//! [`donghanh_shared::sync::outbox`], over this device's store.

use std::collections::BTreeSet;

use donghanh_shared::command::Edits;
use donghanh_shared::command::outreach_visit::NewChange;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ActorId, DocumentId};
use donghanh_shared::sync::offer::{about_own, not_taken};
use donghanh_shared::sync::outbox::{Entry, Rebuilt, Redone, Saved, is_tried_again, rebuild, verdict};
use donghanh_shared::sync::wire::{Answer, PushItem};

use crate::store::{Store, Waiting};

impl Store {
    /// Records what became of entries. Gives the documents whose edits stand under another device's mark: they are to be
    /// done again, see [`Self::do_again`].
    pub fn settle(&mut self, answers: &[(u64, Answer)]) -> Vec<DocumentId> {
        let of_others = self.of_others();
        let verdict = verdict(&self.seen(None), &about_own(answers, &of_others));
        not_taken(answers, &of_others).iter().for_each(|number| drop(self.outbox.remove(number)));
        let (erased, of_none) = verdict.erased(&self.seen(None));
        let done = verdict.done.iter().filter_map(|number| self.outbox.remove(number)?.document());
        let touched: BTreeSet<DocumentId> = done.collect();
        let mut foreign = BTreeSet::new();
        for (number, code) in verdict.refused.into_iter().filter(|(number, _)| !of_others.contains(number)) {
            let Some(waiting) = self.outbox.get_mut(&number) else { continue };
            if code == Code::ActorForeign.code() {
                if waiting.is_offered() {
                    // Of another phone of the same person: that one offers it itself.
                    self.outbox.remove(&number);
                    continue;
                }
                foreign.extend(waiting.document());
            }
            waiting.refused = Some(code);
        }
        self.outbox.retain(|number, _| !of_none.contains(number));
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

    /// The outbox as the rules see it; of one record, or all of it.
    fn seen(&self, of: Option<DocumentId>) -> Vec<Entry<'_>> {
        let asked = |(_, waiting): &(&u64, &Waiting)| of.is_none() || waiting.document() == of;
        self.outbox.iter().filter(asked).map(|(number, waiting)| seen_one(*number, waiting)).collect()
    }

    /// Whether a change of the record was refused.
    #[must_use]
    pub fn is_refused(&self, id: DocumentId) -> bool {
        self.outbox.values().any(|waiting| {
            waiting.document() == Some(id) && waiting.refused.is_some() && waiting.hash.is_some()
        })
    }

    /// What was refused of cases that the device reads no longer waits once more, in a batch that the server has not answered
    /// before; whether there is any.
    pub fn try_again(&mut self) -> bool {
        let of_others = self.of_others();
        let own = || self.outbox.iter().filter(|(number, _)| !of_others.contains(number));
        let is_tried = |id: &DocumentId| {
            self.records.get(id).is_some_and(|record| is_tried_again(record.kind, record.scopes.len()))
        };
        let tried: BTreeSet<DocumentId> = own()
            .filter(|(_, waiting)| waiting.refused.is_some())
            .filter_map(|(_, waiting)| waiting.document())
            .filter(is_tried)
            .collect();
        // Also what waits behind it: one after the other, as they were made.
        let again: Vec<u64> = own()
            .filter(|(_, waiting)| waiting.document().is_some_and(|id| tried.contains(&id)))
            .map(|(number, _)| *number)
            .collect();
        for number in &again {
            if let Some(waiting) = self.outbox.remove(number) {
                self.last_entry += 1;
                self.outbox.insert(self.last_entry, Waiting { refused: None, ..waiting });
            }
        }
        !again.is_empty()
    }

    /// Does edits that were refused for their author alone again, by a fresh one. What cannot be built anew stays as it is.
    pub fn do_again(&mut self, id: DocumentId, actor: ActorId) {
        if let Ok(Some(mut rebuilt)) = self.rebuild(id, actor)
            && rebuilt.keep_refused(actor).is_ok()
        {
            self.note_own(actor);
            self.put(rebuilt);
        }
    }

    /// Builds a record with refused edits anew before the next save of it: gives that save with what the refused ones wanted.
    ///
    /// # Errors
    /// `change_malformed` when what is left does not make a document; nothing is changed then.
    pub fn mend(&mut self, id: DocumentId, actor: ActorId, edits: Edits) -> Result<Edits, Problem> {
        let Some(mut rebuilt) = self.rebuild(id, actor)? else { return Ok(edits) };
        let again = rebuilt.again.take();
        self.put(rebuilt);
        Ok(again.map_or_else(|| edits.clone(), |again| again.then(&edits)))
    }

    fn rebuild(&self, id: DocumentId, actor: ActorId) -> Result<Option<Rebuilt>, Problem> {
        let Some(document) = self.document(id) else { return Ok(None) };
        rebuild(&document?, &self.seen(Some(id)), actor)
    }

    fn put(&mut self, rebuilt: Rebuilt) {
        self.outbox.retain(|number, _| !rebuilt.drop.contains(number));
        self.keep(&rebuilt.document);
        let (id, generation) = (rebuilt.document.id(), rebuilt.document.generation());
        for Redone { hash, bytes, edits, at } in rebuilt.add {
            self.enqueue_edits(id, generation, NewChange { hash, bytes: bytes.into() }, at, edits);
        }
    }
}

fn seen_one(number: u64, waiting: &Waiting) -> Entry<'_> {
    let change = match (&waiting.item, waiting.hash, &waiting.edits) {
        (PushItem::Change { bytes, .. }, Some(hash), Some((edits, at))) => {
            Some(Saved { hash, bytes, edits, at: *at })
        }
        _ => None,
    };
    let refused = waiting.refused.as_deref();
    Entry { number, document: waiting.document(), change, refused }
}
