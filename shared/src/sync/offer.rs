//! What a device sends once more when the server was put back to an older state: which records it was not given again, what makes
//! them again, and what an answer about somebody else's change means. Pure: the phone and the native device run this same code.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::page::Authors;
use super::wire::{Answer, PullItem, PullPage};
use crate::access::Scope;
use crate::command::{Command, Edits, placed};
use crate::crdt::{Document, Kind, RawChange, gate};
use crate::domain::WardRef;
use crate::ids::{ActorId, ChangeHash, DocumentId};

/// Scopes that the server begins anew though the device had read of them, each with the records held that the server has not
/// given again yet.
pub type Anew = BTreeMap<u32, BTreeSet<DocumentId>>;

/// Strikes off what the page gave of the scopes that are begun anew. Gives, of those that are whole now and of those that the
/// server knows no more, what is left: the server does not have it there.
#[must_use]
pub fn not_given(page: &PullPage, anew: &mut Anew) -> Vec<(u32, BTreeSet<DocumentId>)> {
    // Of a scope that ended meanwhile the server will never say that it is whole.
    anew.retain(|number, _| !page.ended.contains(number));
    for item in &page.items {
        if let PullItem::Snapshot { scope, document, .. }
        | PullItem::Changes { scope, document, .. }
        | PullItem::Leave { scope, document } = item
            && let Some(held) = anew.get_mut(scope)
        {
            held.remove(document);
        }
    }
    let whole = page.digests.iter().map(|(number, _)| *number);
    let whole: BTreeSet<u32> = whole.chain(page.unknown.iter().flatten().copied()).collect();
    whole.iter().filter_map(|number| anew.remove_entry(number)).collect()
}

/// Where a record is, as far as the device knows.
#[derive(Clone, Copy, Debug)]
pub struct Whereabouts<'a> {
    /// The core of its case; a core is in its own.
    pub case: Option<DocumentId>,
    /// Its home ward.
    pub home: Option<WardRef>,
    /// The scope that has it no longer.
    pub scope: Option<&'a Scope>,
}

/// What makes a record again, in the order in which it is sent.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Makes it where it was; absent when nobody knows where that was.
    pub creation: Option<Command>,
    /// What was written in it and does not wait anyway.
    pub changes: Vec<RawChange>,
    /// Where else it belongs.
    pub placements: Vec<Command>,
}

/// The command by which a record is made again where it was.
fn creation(id: DocumentId, kind: Kind, at: Whereabouts<'_>) -> Option<Command> {
    // The core is no part: nobody could create it in a case that is not there.
    if let Some(case) = at.case.filter(|case| *case != id) {
        return Some(Command::CreateInCase { document: id, kind, case });
    }
    let ward = at.home?;
    Some(match at.scope {
        Some(Scope::Place(school)) => Command::CreateAtSchool { document: id, ward, school: *school },
        _ => Command::CreateDocument { document: id, kind, ward },
    })
}

/// What makes a record again that the server has lost: its creation, where it belongs, and what these authors wrote; `None` when
/// they wrote nothing, or when nobody knows where it was. `waits`: changes that are to be sent anyway.
#[must_use]
pub fn offer(
    document: &Document,
    at: Whereabouts<'_>,
    authors: &Authors,
    waits: &HashSet<ChangeHash>,
) -> Option<Offer> {
    let mut changes = document.changes();
    changes.retain(|change| authors.has(&change.actor));
    if changes.is_empty() {
        return None;
    }
    let creation = Some(creation(document.id(), document.kind(), at)?);
    changes.retain(|change| !waits.contains(&change.hash));
    Some(Offer { creation, changes, placements: placed::placements(document) })
}

/// What is sent of a record in no scope once everything that a server has, which was put back, is stored; `None`: nothing. Nobody will
/// say whether that server still has it. `was_covered`: the server has named a scope of it; then it is held because something of it
/// waits. Else it may be one that was offered before, and then others wrote in it too. `waits`: changes that are to be sent
/// anyway.
#[must_use]
pub fn uncovered(
    document: &Document,
    at: Whereabouts<'_>,
    was_covered: bool,
    waits: &HashSet<ChangeHash>,
) -> Option<Offer> {
    let make = if was_covered { ended } else { offer };
    make(document, at, &Authors::All, waits)
}

/// What is sent of a record whose last scope has ended: as [`offer`] says, but it is not placed where it once was, and what was
/// written is sent also when nobody knows where it was. Also its creation: what was written in a record that the server has no
/// more would wait for ever.
#[must_use]
pub fn ended(
    document: &Document,
    at: Whereabouts<'_>,
    authors: &Authors,
    waits: &HashSet<ChangeHash>,
) -> Option<Offer> {
    let is_theirs = document.changes().iter().any(|change| authors.has(&change.actor));
    is_theirs.then(|| Offer {
        creation: creation(document.id(), document.kind(), at),
        changes: left(document, authors, waits),
        placements: Vec::new(),
    })
}

/// What these authors wrote in a record that leaves its last scope, and that does not wait anyway: of a server that was put back
/// nobody says any more whether it has that.
#[must_use]
pub fn left(document: &Document, authors: &Authors, waits: &HashSet<ChangeHash>) -> Vec<RawChange> {
    let mut changes = document.changes();
    changes.retain(|change| authors.has(&change.actor) && !waits.contains(&change.hash));
    changes
}

/// The edits of a change that is offered once more: they are not known any more, it cannot be done again.
#[must_use]
pub fn unknown_edits(kind: Kind) -> Edits {
    match kind {
        Kind::OutreachVisit => Edits::Visit(Vec::new()),
        _ => Edits::Fields(Vec::new()),
    }
}

/// Whether a change with these edits is one that is offered once more.
#[must_use]
pub fn is_offered(edits: &Edits) -> bool {
    edits.is_empty()
}

/// Whether an offered change is by none of these actors: nobody here can mend it.
#[must_use]
pub fn is_of_others(bytes: &[u8], own: &HashSet<ActorId>) -> bool {
    gate::check(bytes.to_vec()).is_ok_and(|change| !own.contains(&change.actor))
}

/// The answers, by number, that count for what this person wrote: that others' changes are not taken refuses nothing that they
/// wrote on top; it waits until their author brings them.
#[must_use]
pub fn about_own(answers: &[(u64, Answer)], of_others: &HashSet<u64>) -> Vec<(u64, Answer)> {
    let has = |answer: &Answer| matches!(answer, Answer::Ok(_) | Answer::Duplicate);
    let judged = |(number, answer): &&(u64, Answer)| has(answer) || !of_others.contains(number);
    answers.iter().filter(judged).cloned().collect()
}

/// Offers of others' changes that the server would not take if they came again: they leave the outbox without a word.
#[must_use]
pub fn not_taken(answers: &[(u64, Answer)], of_others: &HashSet<u64>) -> Vec<u64> {
    let refused = |answer: &Answer| matches!(answer, Answer::Refused { .. } | Answer::Parked(_));
    let of = answers.iter().filter(|(number, answer)| of_others.contains(number) && refused(answer));
    of.map(|(number, _)| *number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::outreach_visit::{VisitEdit, edit};
    use crate::domain::error::Code;
    use crate::ids::{Digest, PlaceId};

    const ID: DocumentId = DocumentId([1; 16]);
    const CORE: DocumentId = DocumentId([2; 16]);

    fn ward() -> WardRef {
        "08707@2025-07-01".parse().expect("ward")
    }

    fn made(kind: Kind, case: Option<DocumentId>, home: Option<WardRef>) -> Option<Command> {
        creation(ID, kind, Whereabouts { case, home, scope: None })
    }

    #[test]
    fn the_core_of_a_case_is_made_in_its_ward_and_its_parts_in_it() {
        let (document, home) = (ID, Some(ward()));
        let kind = Kind::AftercareCase;
        // The server says of a core that it is in its own case.
        assert_eq!(
            made(kind, Some(ID), home),
            Some(Command::CreateDocument { document, kind, ward: ward() })
        );
        let kind = Kind::CheckIn;
        assert_eq!(made(kind, Some(CORE), home), Some(Command::CreateInCase { document, kind, case: CORE }));
        assert_eq!(made(Kind::OutreachVisit, None, None), None, "nobody knows where it was");
        let school = PlaceId([3; 16]);
        let scope = Scope::Place(school);
        let at = Whereabouts { case: None, home, scope: Some(&scope) };
        assert_eq!(
            creation(ID, Kind::PledgeDrive, at),
            Some(Command::CreateAtSchool { document, ward: ward(), school }),
            "its contact person may create it nowhere else"
        );
    }

    #[test]
    fn what_the_whole_scope_does_not_have_is_left_over() {
        let mut anew: Anew = [(4, [ID, CORE].into()), (5, [ID].into())].into();
        let changes =
            |scope, document| PullItem::Changes { scope, document, generation: 0, changes: Vec::new() };
        let first = PullPage { items: vec![changes(4, ID)], ..PullPage::default() };
        assert!(not_given(&first, &mut anew).is_empty(), "the scope is not whole yet");
        let last =
            PullPage { digests: vec![(4, Digest::EMPTY)], unknown: Some(vec![5]), ..PullPage::default() };
        assert_eq!(not_given(&last, &mut anew), [(4, [CORE].into()), (5, [ID].into())]);
        assert!(anew.is_empty());
    }

    #[test]
    fn a_scope_that_ended_is_waited_for_no_longer() {
        let mut anew: Anew = [(4, [ID].into())].into();
        let page = PullPage { ended: vec![4], ..PullPage::default() };
        assert!(not_given(&page, &mut anew).is_empty());
        assert!(anew.is_empty());
    }

    #[test]
    fn a_record_in_which_only_others_wrote_is_offered_by_whoever_brings_theirs() {
        let mut document = Document::create(Kind::OutreachVisit, ID, 0);
        let mut save = |actor, notes: &str| {
            let edits = [VisitEdit::Notes(notes.to_owned())];
            edit(&mut document, ActorId([actor; 16]), 1, &edits).expect("edit").expect("change").hash
        };
        let (first, second) = (save(3, "a"), save(4, "ab"));
        let at = Whereabouts { case: None, home: Some(ward()), scope: None };
        let own = |actor| Authors::Own(HashSet::from([ActorId([actor; 16])]));
        let of = |authors: &Authors, waits: &[ChangeHash]| {
            let waits = waits.iter().copied().collect();
            let offer = offer(&document, at, authors, &waits)?;
            Some(offer.changes.iter().map(|change| change.hash).collect::<Vec<_>>())
        };
        assert_eq!(of(&own(9), &[]), None);
        assert_eq!(of(&own(4), &[]), Some(vec![second]));
        assert_eq!(of(&Authors::All, &[]), Some(vec![first, second]));
        assert_eq!(of(&own(4), &[second]), Some(Vec::new()), "it waits; the record is still to be made");
        let sent = |was_covered, waits: &[ChangeHash], home| {
            let waits = waits.iter().copied().collect();
            let offer = uncovered(&document, Whereabouts { home, ..at }, was_covered, &waits)?;
            let changes: Vec<ChangeHash> = offer.changes.iter().map(|change| change.hash).collect();
            Some((offer.creation.is_some(), changes))
        };
        let home = at.home;
        assert_eq!(sent(false, &[], home), Some((true, vec![first, second])), "whoever wrote it");
        assert_eq!(sent(true, &[second], home), Some((true, vec![first])), "what waits builds on it");
        assert_eq!(sent(true, &[first, second], home), Some((true, vec![])), "and on the record itself");
        assert_eq!(sent(true, &[second], None), Some((false, vec![first])));
        assert_eq!(sent(false, &[second], None), None);
        let ended = |authors: &Authors| ended(&document, at, authors, &HashSet::new());
        assert!(ended(&own(9)).is_none(), "nothing of theirs is in it");
        let change = document.changes().pop().expect("a change");
        assert!(is_of_others(&change.bytes, &HashSet::new()));
        assert!(!is_of_others(&change.bytes, &HashSet::from([ActorId([4; 16])])));
        // What is saved later goes on where these end, in the words of its kind.
        assert_eq!(unknown_edits(Kind::OutreachVisit), Edits::Visit(Vec::new()));
        assert!(is_offered(&unknown_edits(Kind::OutreachVisit)) && is_offered(&unknown_edits(Kind::CheckIn)));
    }

    #[test]
    fn a_refusal_of_what_another_wrote_refuses_nothing_else() {
        let refused = || Answer::refused(Code::NotAllowed);
        let answers = [(1, refused()), (2, refused()), (3, Answer::Ok(9))];
        let of_others = HashSet::from([1, 3]);
        assert_eq!(about_own(&answers, &of_others), [(2, refused()), (3, Answer::Ok(9))]);
        assert_eq!(not_taken(&answers, &of_others), [1]);
        let parked = [(3, Answer::Parked("late".to_owned())), (1, Answer::MissingDependencies)];
        assert_eq!(not_taken(&parked, &of_others), [3], "what waits is not settled yet");
    }
}
