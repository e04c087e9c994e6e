//! What becomes of what waits to be sent: by the server's answers, and when a record is built anew without what was refused.
//! Pure: the phone and the native device keep their outboxes in their own ways and run this same code.

use std::collections::{BTreeSet, HashMap, HashSet};

use minicbor::bytes::ByteVec;

use super::offer::is_offered;
use super::wire::Answer;
use crate::command::Edits;
use crate::crdt::{Document, Kind, gate};
use crate::domain::date::Millis;
use crate::domain::error::{Code, Problem};
use crate::domain::vocabulary::Term as _;
use crate::ids::{ActorId, ChangeHash, DocumentId};

/// Whether what was refused of a record is sent once more after a start: of a part of a case that the device reads no longer. The
/// case may have been erased since, which nobody tells a device that had lost it before; it learns that by the answer, and lets go
/// of it. Or the right is there again, and the edit is taken. Not what others wrote and was offered after a restore: an offer that is
/// not taken leaves the outbox, and it may be the last copy.
#[must_use]
pub fn is_tried_again(kind: Kind, scopes: usize) -> bool {
    kind.is_aftercare() && scopes == 0
}

/// An entry of an outbox.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Its number; a later entry has a higher one.
    pub number: u64,
    /// The record it is about.
    pub document: Option<DocumentId>,
    /// The change that it sends, unless it sends something else.
    pub change: Option<Saved<'a>>,
    /// The code by which the server would not take it; absent while it waits.
    pub refused: Option<&'a str>,
}

/// A change that was saved on the device.
#[derive(Clone, Copy, Debug)]
pub struct Saved<'a> {
    /// Its hash.
    pub hash: ChangeHash,
    /// The chunk.
    pub bytes: &'a [u8],
    /// What the person did, to be done again on other ground; without any, it cannot be.
    pub edits: &'a Edits,
    /// When, by the device's clock.
    pub at: Millis,
}

/// The outbox after some answers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Verdict {
    /// Numbers of entries that the server has.
    pub done: Vec<u64>,
    /// Numbers of entries that it would not take, or that build on such, with the code.
    pub refused: Vec<(u64, String)>,
}

impl Verdict {
    /// Documents of which the server says that they, or the cases that they were to be part of, were erased for good; and
    /// entries that only mention one, of which there is nothing to be seen or mended.
    #[must_use]
    pub fn erased(&self, outbox: &[Entry<'_>]) -> (BTreeSet<DocumentId>, Vec<u64>) {
        let code = Code::DocumentErased.code();
        let gone: Vec<u64> =
            self.refused.iter().filter(|(_, why)| why == code).map(|(number, _)| *number).collect();
        let entries = || outbox.iter().filter(|entry| gone.contains(&entry.number));
        let documents = entries().filter_map(|entry| entry.document).collect();
        (documents, entries().filter(|entry| entry.document.is_none()).map(|entry| entry.number).collect())
    }

    /// Whether anything of the same record is refused, now or before.
    fn is_behind_refusal(&self, outbox: &[Entry<'_>], entry: &Entry<'_>) -> bool {
        let refuses = |other: &Entry<'_>| {
            other.refused.is_some() || self.refused.iter().any(|(number, _)| *number == other.number)
        };
        outbox.iter().any(|other| other.document == entry.document && refuses(other))
    }
}

/// What these answers, by number, make of an outbox, which is given in its order.
#[must_use]
pub fn verdict(outbox: &[Entry<'_>], answers: &[(u64, Answer)]) -> Verdict {
    let entries: HashMap<u64, &Entry<'_>> = outbox.iter().map(|entry| (entry.number, entry)).collect();
    let depends = || Code::DependsOnRefused.code().to_owned();
    let mut verdict = Verdict::default();
    for (number, answer) in answers {
        let Some(entry) = entries.get(number) else { continue };
        match answer {
            Answer::Ok(_) | Answer::Duplicate => verdict.done.push(*number),
            // Kept aside for a supervisor: not in the document yet, so the person should see it.
            Answer::Refused { code, .. } | Answer::Parked(code) => {
                verdict.refused.push((*number, code.clone()));
            }
            Answer::MissingDependencies if verdict.is_behind_refusal(outbox, entry) => {
                verdict.refused.push((*number, depends()));
            }
            Answer::MissingDependencies | Answer::RetryLater => {}
        }
    }
    let refused_now: HashSet<u64> = verdict.refused.iter().map(|(number, _)| *number).collect();
    let out = |entry: &Entry<'_>| entry.refused.is_some() || refused_now.contains(&entry.number);
    let changes: HashSet<ChangeHash> =
        outbox.iter().filter(|entry| out(entry)).filter_map(|entry| Some(entry.change?.hash)).collect();
    let dependants = dependants(outbox, &changes);
    for entry in outbox {
        let falls = entry.change.is_some_and(|change| dependants.contains(&change.hash));
        if falls && !out(entry) && !verdict.done.contains(&entry.number) {
            verdict.refused.push((entry.number, depends()));
        }
    }
    verdict
}

/// The changes among these entries that build on one of `refused`, however far.
fn dependants(outbox: &[Entry<'_>], refused: &HashSet<ChangeHash>) -> HashSet<ChangeHash> {
    if refused.is_empty() {
        return HashSet::new();
    }
    let mut reached = refused.clone();
    // Entries stand in the order in which they were made, so one pass reaches everything.
    for change in outbox.iter().filter_map(|entry| entry.change) {
        let checked = gate::check(change.bytes.to_vec());
        if checked.is_ok_and(|checked| checked.deps.iter().any(|dep| reached.contains(dep))) {
            reached.insert(change.hash);
        }
    }
    reached.retain(|hash| !refused.contains(hash));
    reached
}

/// A record built anew.
pub struct Rebuilt {
    /// The document without anything refused.
    pub document: Document,
    /// Entries of the outbox that it replaces.
    pub drop: Vec<u64>,
    /// Changes to be sent instead.
    pub add: Vec<Redone>,
    /// What the changes refused for themselves wanted, as far as nothing later wrote over it. It is in none of the above:
    /// it belongs into the next change of the record, with what mends it. A refusal of one field must not cost the others.
    pub again: Option<Edits>,
    /// When the last of that was wanted.
    at: Millis,
}

/// Edits done again, as a change of their own.
#[derive(Clone, PartialEq, Debug)]
pub struct Redone {
    /// The change.
    pub hash: ChangeHash,
    /// Its chunk.
    pub bytes: ByteVec,
    /// What the person did.
    pub edits: Edits,
    /// When they did it, by the device's clock.
    pub at: Millis,
}

impl Rebuilt {
    /// Keeps what was refused as a change of its own: nobody has mended it yet, so it is refused again and stays to be seen.
    ///
    /// # Errors
    /// What the command says about an edit.
    pub fn keep_refused(&mut self, actor: ActorId) -> Result<(), Problem> {
        let Some(edits) = self.again.take() else { return Ok(()) };
        self.write(edits, actor, self.at)
    }

    fn write(&mut self, edits: Edits, actor: ActorId, at: Millis) -> Result<(), Problem> {
        if let Some(change) = edits.apply(&mut self.document, actor, at)? {
            self.add.push(Redone { hash: change.hash, bytes: change.bytes.into(), edits, at });
        }
        Ok(())
    }
}

/// The document without these changes.
///
/// # Errors
/// `document_unknown` when something that is left builds on one of them.
pub fn without(document: &Document, out: &HashSet<ChangeHash>) -> Result<Document, Problem> {
    let mut fresh = Document::create(document.kind(), document.id(), document.generation());
    let kept = document.changes().into_iter().filter(|change| !out.contains(&change.hash));
    fresh.apply(&kept.map(|change| change.bytes).collect::<Vec<_>>())?;
    Ok(fresh)
}

/// Whether an edit refused with this code was good in itself.
fn may_be_done_again(code: &str) -> bool {
    code == Code::DependsOnRefused.code() || code == Code::ActorForeign.code()
}

/// The refused changes that can be left out because what they wanted is known. Of one that is offered once more after a restore nobody
/// knows it: it stays, with what it builds on, until a person gives it up.
fn left_out(entries: &[Entry<'_>]) -> HashSet<ChangeHash> {
    let refused = || entries.iter().filter(|entry| entry.refused.is_some()).filter_map(|entry| entry.change);
    let mut out: HashSet<ChangeHash> = refused().map(|saved| saved.hash).collect();
    let mut kept: Vec<Saved<'_>> = refused().filter(|saved| is_offered(saved.edits)).collect();
    while let Some(saved) = kept.pop() {
        out.remove(&saved.hash);
        let deps = gate::check(saved.bytes.to_vec()).map(|change| change.deps).unwrap_or_default();
        kept.extend(refused().filter(|other| out.contains(&other.hash) && deps.contains(&other.hash)));
    }
    out
}

/// Builds a record anew from its document and its entries of the outbox: the server's state, what is still good of this device's
/// edits done again by a fresh actor, the refused ones left out. `None` when no change of it was refused.
///
/// # Errors
/// `change_malformed` when what is left does not make a document.
pub fn rebuild(
    document: &Document,
    entries: &[Entry<'_>],
    actor: ActorId,
) -> Result<Option<Rebuilt>, Problem> {
    let out = left_out(entries);
    if out.is_empty() {
        return Ok(None);
    }
    let document = without(document, &out)?;
    let mut rebuilt = Rebuilt { document, drop: Vec::new(), add: Vec::new(), again: None, at: 0 };
    for entry in entries {
        let Some(Saved { edits, at, .. }) = entry.change else { continue };
        rebuilt.again = rebuilt.again.take().map(|again| again.without_written_over(edits));
        let Some(code) =
            entry.refused.filter(|_| entry.change.is_some_and(|saved| out.contains(&saved.hash)))
        else {
            continue;
        };
        rebuilt.drop.push(entry.number);
        if may_be_done_again(code) {
            // What cannot be done on this ground is left out, as the refused edit that it built on.
            let _ = rebuilt.write(edits.clone(), actor, at);
        } else {
            let again = rebuilt.again.take();
            rebuilt.again = Some(again.map_or_else(|| edits.clone(), |again| again.then(edits)));
            rebuilt.at = at;
        }
    }
    Ok(Some(rebuilt))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::outreach_visit::VisitEdit;
    use crate::crdt::Kind;
    use crate::domain::count::Amount;
    use crate::domain::outreach_visit::CountKey;

    const ID: DocumentId = DocumentId([1; 16]);

    /// An entry with what it holds.
    struct Kept {
        number: u64,
        change: Option<Redone>,
        refused: Option<&'static str>,
    }

    impl Kept {
        fn seen(&self) -> Entry<'_> {
            let change = self.change.as_ref().map(|redone| Saved {
                hash: redone.hash,
                bytes: &redone.bytes,
                edits: &redone.edits,
                at: redone.at,
            });
            Entry { number: self.number, document: Some(ID), change, refused: self.refused }
        }
    }

    fn entries(kept: &[Kept]) -> Vec<Entry<'_>> {
        kept.iter().map(Kept::seen).collect()
    }

    fn save(document: &mut Document, actor: u8, number: u64, edits: Vec<VisitEdit>) -> Kept {
        let edits = Edits::from(edits);
        let change = edits.apply(document, ActorId([actor; 16]), 9).expect("edit").expect("change");
        let change = Redone { hash: change.hash, bytes: change.bytes.into(), edits, at: 9 };
        Kept { number, change: Some(change), refused: None }
    }

    fn hash(kept: &Kept) -> ChangeHash {
        kept.change.as_ref().expect("a change").hash
    }

    fn attendance(n: i64) -> VisitEdit {
        VisitEdit::Count(CountKey::Attendance, Some(Amount::new(n).expect("amount")))
    }

    fn notes(text: &str) -> VisitEdit {
        VisitEdit::Notes(text.to_owned())
    }

    fn visit() -> Document {
        Document::create(Kind::OutreachVisit, ID, 0)
    }

    /// Its creation, and three saves of the notes that build on each other.
    fn outbox() -> Vec<Kept> {
        let mut document = visit();
        let mut outbox = vec![Kept { number: 10, change: None, refused: None }];
        for (number, text) in [(11, "a"), (12, "ab"), (13, "abc")] {
            outbox.push(save(&mut document, 3, number, vec![notes(text)]));
        }
        outbox
    }

    #[test]
    fn a_refused_change_takes_its_dependants_along_even_unsent_ones() {
        let answers = [(10, Answer::Ok(1)), (11, Answer::Ok(2)), (12, Answer::refused(Code::TextTooLong))];
        let verdict = verdict(&entries(&outbox()), &answers);
        assert_eq!(verdict.done, [10, 11]);
        let code = |code: Code| code.code().to_owned();
        assert_eq!(verdict.refused, [(12, code(Code::TextTooLong)), (13, code(Code::DependsOnRefused))]);
    }

    #[test]
    fn what_is_to_be_tried_again_stays() {
        let answers: Vec<_> = (10..14).map(|number| (number, Answer::RetryLater)).collect();
        assert_eq!(verdict(&entries(&outbox()), &answers), Verdict::default());
    }

    #[test]
    fn missing_dependencies_count_as_refused_only_behind_a_refusal() {
        let outbox = outbox();
        let answers = [(11, Answer::MissingDependencies)];
        assert!(verdict(&entries(&outbox), &answers).refused.is_empty());
        let answers = [(10, Answer::refused(Code::WardUnknown)), (11, Answer::MissingDependencies)];
        assert_eq!(verdict(&entries(&outbox), &answers).refused.len(), 4);
        // What is refused of another record is no reason.
        let mut entries = entries(&outbox);
        entries.push(Entry { number: 20, document: Some(DocumentId([9; 16])), change: None, refused: None });
        let answers = [(20, Answer::refused(Code::WardUnknown)), (11, Answer::MissingDependencies)];
        assert_eq!(verdict(&entries, &answers).refused.len(), 1);
    }

    #[test]
    fn only_what_was_refused_of_cases_that_are_read_no_longer_is_tried_again() {
        assert!(is_tried_again(Kind::CheckIn, 0));
        assert!(!is_tried_again(Kind::CheckIn, 1));
        assert!(!is_tried_again(Kind::OutreachVisit, 0));
    }

    #[test]
    fn what_the_server_says_was_erased_is_told_from_other_refusals() {
        let outbox = outbox();
        let mut entries = entries(&outbox);
        entries.push(Entry { number: 20, document: None, change: None, refused: None });
        let gone = |number| (number, Answer::refused(Code::DocumentErased));
        let erased = |answers: &[(u64, Answer)]| verdict(&entries, answers).erased(&entries);
        assert_eq!(erased(&[gone(11), gone(20)]), ([ID].into(), vec![20]));
        assert_eq!(
            erased(&[(11, Answer::refused(Code::NotAllowed)), (20, Answer::Ok(0))]),
            Default::default()
        );
    }

    #[test]
    fn the_refused_edit_goes_and_what_built_on_it_is_done_again() {
        let mut document = visit();
        save(&mut document, 9, 0, vec![notes("server")]);
        let date = VisitEdit::Date(Some("2025-06-26".parse().expect("day")));
        let mut kept = vec![
            save(&mut document, 1, 4, vec![date.clone()]),
            save(&mut document, 1, 5, vec![attendance(80)]),
        ];
        let reached = dependants(&entries(&kept), &HashSet::from([hash(&kept[0])]));
        assert_eq!(reached, HashSet::from([hash(&kept[1])]));
        kept[0].refused = Some(Code::DateInFuture.code());
        kept[1].refused = Some(Code::DependsOnRefused.code());
        let rebuilt = rebuild(&document, &entries(&kept), ActorId([2; 16])).expect("rebuilds");
        let rebuilt = rebuilt.expect("refused");
        let visit = rebuilt.document.visit();
        assert_eq!(visit.date.value(), None);
        assert_eq!((visit.notes.as_str(), visit.count(CountKey::Attendance)), ("server", Some(80)));
        assert_eq!((rebuilt.drop.as_slice(), rebuilt.add.len()), (&[4, 5][..], 1));
        assert_eq!(rebuilt.again, Some(vec![date].into()), "the date is still what the person wanted");
        assert!(!rebuilt.document.contains(&hash(&kept[1])));
    }

    /// What a restored server lost is sent once more without what its author did: nobody could do it again.
    #[test]
    fn what_was_offered_once_more_and_refused_stays_with_what_it_builds_on() {
        let mut document = visit();
        let mut kept = vec![
            save(&mut document, 1, 4, vec![attendance(80)]),
            save(&mut document, 1, 5, vec![notes("offered")]),
            save(&mut document, 1, 6, vec![notes("offered, and more")]),
        ];
        for one in &mut kept {
            one.refused = Some(Code::DependsOnRefused.code());
        }
        kept[1].change.as_mut().expect("a change").edits = Edits::Visit(Vec::new());
        let (kept_of_it, last) = ([hash(&kept[0]), hash(&kept[1])], hash(&kept[2]));
        let rebuilt =
            rebuild(&document, &entries(&kept), ActorId([2; 16])).expect("rebuilds").expect("refused");
        assert_eq!(rebuilt.drop, [6], "what is known is done again");
        assert!(
            kept_of_it.iter().all(|hash| rebuilt.document.contains(hash))
                && !rebuilt.document.contains(&last)
        );
        assert_eq!(rebuilt.document.visit().notes, "offered, and more");
        kept.pop();
        assert!(rebuild(&document, &entries(&kept), ActorId([2; 16])).expect("rebuilds").is_none());
    }

    #[test]
    fn the_refusal_of_one_field_costs_no_other() {
        let mut document = visit();
        let date = VisitEdit::Date(Some("2099-06-26".parse().expect("day")));
        let first = vec![date.clone(), attendance(80), notes("a")];
        let mut kept = vec![save(&mut document, 1, 4, first), save(&mut document, 1, 5, vec![notes("ab")])];
        kept[0].refused = Some(Code::DateInFuture.code());
        kept[1].refused = Some(Code::DependsOnRefused.code());
        let rebuilt = rebuild(&document, &entries(&kept), ActorId([2; 16])).expect("rebuilds");
        let mut rebuilt = rebuilt.expect("refused");
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
        let mut document = visit();
        let kept = [save(&mut document, 1, 4, vec![attendance(3)])];
        assert!(rebuild(&document, &entries(&kept), ActorId([2; 16])).expect("reads").is_none());
    }

    #[test]
    fn an_actor_of_another_device_is_replaced_whole() {
        let mut document = visit();
        let mut kept = vec![save(&mut document, 1, 4, vec![attendance(3)])];
        kept[0].refused = Some(Code::ActorForeign.code());
        let rebuilt = rebuild(&document, &entries(&kept), ActorId([2; 16])).expect("rebuilds");
        let rebuilt = rebuilt.expect("refused");
        assert_eq!(rebuilt.document.visit().count(CountKey::Attendance), Some(3));
        assert_eq!(rebuilt.add.len(), 1);
    }
}
