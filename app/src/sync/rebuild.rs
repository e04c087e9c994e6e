//! A record whose edits were refused, built anew: the server's state, what is still good of this phone's edits done
//! again by a fresh actor, the refused ones left out. Pure.

use std::collections::HashSet;

use donghanh_shared::command::Edits;
use donghanh_shared::crdt::{Document, gate};
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ActorId, ChangeHash};
use minicbor::bytes::ByteVec;

use crate::store::{OutboxEntry, Payload};

/// A record built anew.
pub struct Rebuilt {
    /// The document without anything refused.
    pub document: Document,
    /// Entries of the outbox that it replaces.
    pub drop: Vec<u64>,
    /// Entries to be sent instead.
    pub add: Vec<OutboxEntry>,
    /// What the changes refused for themselves wanted, as far as nothing later wrote over it. It is in none of the above:
    /// it belongs into the next change of the record, with what mends it. A refusal of one field must not cost the others.
    pub again: Option<Edits>,
    /// When the last of that was wanted.
    at: Millis,
}

impl Rebuilt {
    /// Keeps what was refused as a change of its own: nobody has mended it yet, so it is refused again and stays to be seen.
    ///
    /// # Errors
    /// What the command says about an edit.
    pub fn keep_refused(&mut self, actor: ActorId) -> Result<(), Problem> {
        let Some(edits) = self.again.take() else { return Ok(()) };
        let at = self.at;
        if let Some(change) = edits.apply(&mut self.document, actor, at)? {
            let payload = Payload::Change { hash: change.hash, bytes: ByteVec::from(change.bytes), edits };
            let document = Some(self.document.id());
            let generation = self.document.generation();
            self.add.push(OutboxEntry { document, generation, payload, at, refused: None });
        }
        Ok(())
    }
}

/// The changes among these entries that build on one of `refused`, however far.
#[must_use]
pub fn dependants(entries: &[(u64, OutboxEntry)], refused: &HashSet<ChangeHash>) -> HashSet<ChangeHash> {
    if refused.is_empty() {
        return HashSet::new();
    }
    let mut reached = refused.clone();
    // Entries stand in the order in which they were made, so one pass reaches everything.
    for (_, entry) in entries {
        if let Payload::Change { hash, bytes, .. } = &entry.payload
            && gate::check(bytes.to_vec())
                .is_ok_and(|change| change.deps.iter().any(|dep| reached.contains(dep)))
        {
            reached.insert(*hash);
        }
    }
    reached.retain(|hash| !refused.contains(hash));
    reached
}

/// The document without these changes.
///
/// # Errors
/// `document_unknown` when something that is left builds on one of them.
pub fn without(document: &Document, out: &HashSet<ChangeHash>) -> Result<Document, Problem> {
    let mut fresh = Document::create(document.kind(), document.id(), document.generation());
    let kept: Vec<Vec<u8>> = document
        .changes()
        .into_iter()
        .filter(|c| !out.contains(&c.hash))
        .map(|change| change.bytes)
        .collect();
    fresh.apply(&kept)?;
    Ok(fresh)
}

/// Whether an edit refused with this code was good in itself.
fn may_be_done_again(code: &str) -> bool {
    code == Code::DependsOnRefused.code() || code == Code::ActorForeign.code()
}

/// Builds a record anew from its document and its entries of the outbox; `None` when no change of it was refused.
///
/// # Errors
/// `change_malformed` when what is left does not make a document.
pub fn rebuild(
    document: &Document,
    entries: &[(u64, OutboxEntry)],
    actor: ActorId,
) -> Result<Option<Rebuilt>, Problem> {
    let refused = |entry: &OutboxEntry| match &entry.payload {
        Payload::Change { hash, .. } if !entry.waits() => Some(*hash),
        _ => None,
    };
    let out: HashSet<ChangeHash> = entries.iter().filter_map(|(_, entry)| refused(entry)).collect();
    if out.is_empty() {
        return Ok(None);
    }
    let document = without(document, &out)?;
    let mut rebuilt = Rebuilt { document, drop: Vec::new(), add: Vec::new(), again: None, at: 0 };
    for (number, entry) in entries {
        let Payload::Change { edits, .. } = &entry.payload else { continue };
        rebuilt.again = rebuilt.again.take().map(|again| again.without_written_over(edits));
        let Some(refusal) = &entry.refused else { continue };
        rebuilt.drop.push(*number);
        if !may_be_done_again(&refusal.code) {
            rebuilt.again =
                Some(rebuilt.again.take().map_or_else(|| edits.clone(), |again| again.then(edits)));
            rebuilt.at = entry.at;
            continue;
        }
        // What cannot be done on this ground is left out, as the refused edit that it built on.
        if let Ok(Some(change)) = edits.apply(&mut rebuilt.document, actor, entry.at) {
            rebuilt.add.push(OutboxEntry {
                payload: Payload::Change {
                    hash: change.hash,
                    bytes: ByteVec::from(change.bytes),
                    edits: edits.clone(),
                },
                refused: None,
                ..entry.clone()
            });
        }
    }
    Ok(Some(rebuilt))
}

#[cfg(test)]
mod tests {
    use donghanh_shared::command::outreach_visit::VisitEdit;
    use donghanh_shared::crdt::Kind;
    use donghanh_shared::domain::count::Amount;
    use donghanh_shared::domain::outreach_visit::CountKey;
    use donghanh_shared::ids::DocumentId;

    use super::*;
    use crate::store::Refusal;

    fn save(document: &mut Document, actor: u8, number: u64, edits: Vec<VisitEdit>) -> (u64, OutboxEntry) {
        let edits = Edits::from(edits);
        let change = edits.apply(document, ActorId([actor; 16]), 9).expect("edit").expect("change");
        let payload = Payload::Change { hash: change.hash, bytes: ByteVec::from(change.bytes), edits };
        let entry =
            OutboxEntry { document: Some(document.id()), generation: 0, payload, at: 9, refused: None };
        (number, entry)
    }

    fn hash(entry: &(u64, OutboxEntry)) -> ChangeHash {
        match entry.1.payload {
            Payload::Change { hash, .. } => hash,
            Payload::Command { .. } | Payload::Photo { .. } => panic!("no change"),
        }
    }

    fn refuse(entry: &mut (u64, OutboxEntry), code: Code) {
        entry.1.refused = Some(Refusal { code: code.code().to_owned(), at: 10 });
    }

    fn attendance(n: i64) -> VisitEdit {
        VisitEdit::Count(CountKey::Attendance, Some(Amount::new(n).expect("amount")))
    }

    #[test]
    fn the_refused_edit_goes_and_what_built_on_it_is_done_again() {
        let mut document = Document::create(Kind::OutreachVisit, DocumentId([1; 16]), 0);
        save(&mut document, 9, 0, vec![VisitEdit::Notes("server".to_owned())]);
        let date = VisitEdit::Date(Some("2025-06-26".parse().expect("day")));
        let mut entries =
            vec![save(&mut document, 1, 4, vec![date]), save(&mut document, 1, 5, vec![attendance(80)])];
        let dependants = dependants(&entries, &HashSet::from([hash(&entries[0])]));
        assert_eq!(dependants, HashSet::from([hash(&entries[1])]));
        refuse(&mut entries[0], Code::DateInFuture);
        refuse(&mut entries[1], Code::DependsOnRefused);
        let rebuilt = rebuild(&document, &entries, ActorId([2; 16])).expect("rebuilds").expect("refused");
        let visit = rebuilt.document.visit();
        assert_eq!(visit.date.value(), None);
        assert_eq!((visit.notes.as_str(), visit.count(CountKey::Attendance)), ("server", Some(80)));
        assert_eq!((rebuilt.drop.as_slice(), rebuilt.add.len()), (&[4, 5][..], 1));
        let wanted = vec![VisitEdit::Date(Some("2025-06-26".parse().expect("day")))];
        assert_eq!(rebuilt.again, Some(wanted.into()), "the date is still what the person wanted");
        assert!(!rebuilt.document.contains(&hash(&entries[1])));
    }

    #[test]
    fn the_refusal_of_one_field_costs_no_other() {
        let mut document = Document::create(Kind::OutreachVisit, DocumentId([1; 16]), 0);
        let date = VisitEdit::Date(Some("2099-06-26".parse().expect("day")));
        let notes = |text: &str| VisitEdit::Notes(text.to_owned());
        let first = vec![date.clone(), attendance(80), notes("a")];
        let mut entries =
            vec![save(&mut document, 1, 4, first), save(&mut document, 1, 5, vec![notes("ab")])];
        refuse(&mut entries[0], Code::DateInFuture);
        refuse(&mut entries[1], Code::DependsOnRefused);
        let mut rebuilt = rebuild(&document, &entries, ActorId([2; 16])).expect("rebuilds").expect("refused");
        let wanted = Edits::from(vec![date, attendance(80)]);
        assert_eq!(rebuilt.again, Some(wanted.clone()), "the notes were written over");
        // Mended by the next save, or sent as it is when nobody mends it.
        let mended = VisitEdit::Date(Some("2026-06-26".parse().expect("day")));
        let left = wanted.without_written_over(&vec![mended].into());
        assert_eq!(left, vec![attendance(80)].into());
        rebuilt.keep_refused(ActorId([2; 16])).expect("edits");
        let visit = rebuilt.document.visit();
        assert_eq!((visit.notes.as_str(), visit.count(CountKey::Attendance)), ("ab", Some(80)));
        assert_eq!(rebuilt.add.len(), 2);
    }

    #[test]
    fn nothing_refused_nothing_to_do() {
        let mut document = Document::create(Kind::OutreachVisit, DocumentId([1; 16]), 0);
        let entries = [save(&mut document, 1, 4, vec![attendance(3)])];
        assert!(rebuild(&document, &entries, ActorId([2; 16])).expect("reads").is_none());
    }

    #[test]
    fn an_actor_of_another_device_is_replaced_whole() {
        let mut document = Document::create(Kind::OutreachVisit, DocumentId([1; 16]), 0);
        let mut entries = vec![save(&mut document, 1, 4, vec![attendance(3)])];
        refuse(&mut entries[0], Code::ActorForeign);
        let rebuilt = rebuild(&document, &entries, ActorId([2; 16])).expect("rebuilds").expect("refused");
        assert_eq!(rebuilt.document.visit().count(CountKey::Attendance), Some(3));
        assert_eq!(rebuilt.add.len(), 1);
    }
}
