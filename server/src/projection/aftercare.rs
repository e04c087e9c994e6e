//! What counts (C1, C2) and lists of who is due need of a document of a case.
//!
//! Facts are kept, and not the `schedule::Plan` that follows from them. A plan is made of several documents (the core, its
//! restricted part, the restricted parts of check-ins) and of the dated rules: kept, it would be wrong as soon as one of the
//! others, or a rule, changes. They are kept sealed under the key of the case (`store::sqlite::care_rows`): in a small ward a day
//! and a code tell who somebody is.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::aftercare::schedule::{Basis, Seen};
use donghanh_shared::domain::aftercare::support::{self, Told};
use donghanh_shared::domain::aftercare::terms::EventKind;
use donghanh_shared::domain::aftercare::{
    AftercareCase, AftercareRestricted, CaseStatus, CheckIn, CheckInRestricted, Event, events,
};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::fields::Fields;
use donghanh_shared::ids::DocumentId;
use minicbor::{Decode, Encode};

use super::Row;

/// What one document of a case tells. A part that was removed (gỡ bỏ) tells nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CareRow {
    /// What the schedule goes by; a core alone has it.
    #[n(0)]
    pub basis: Option<Basis>,
    /// The check-in as the schedule sees it; one without a day is not seen.
    #[n(1)]
    pub seen: Option<Seen>,
    /// Events that count: of a core those that helpers see.
    #[n(2)]
    pub events: Vec<EventRow>,
    /// Support told, the same kind on one day once.
    #[n(3)]
    pub support: BTreeSet<Told>,
    /// How the case stands; `None` when nobody said, or a newer app did.
    #[n(4)]
    pub status: Option<CaseStatus>,
    /// The core of the case of the same person that counts; a restricted part alone says so.
    #[n(5)]
    pub same_as: Option<DocumentId>,
}

/// An event that counts.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct EventRow {
    /// Its key; says which of two of one day comes first.
    #[n(0)]
    pub key: String,
    /// What happened.
    #[n(1)]
    pub kind: EventKind,
    /// The day.
    #[n(2)]
    pub date: Date,
}

/// The row of a document of a case; none for other kinds.
#[must_use]
pub fn row(kind: Kind, fields: &Fields) -> Row {
    let row = match kind {
        Kind::AftercareCase => case(&AftercareCase::of(fields)),
        Kind::CheckIn => check_in(&CheckIn::of(fields)),
        Kind::AftercareRestricted => {
            let part = AftercareRestricted::of(fields);
            let is_removed = part.archived.value().is_some();
            let same_as = part.same_as.value().copied().filter(|_| !is_removed);
            CareRow { same_as, ..of_events(&part.events, is_removed) }
        }
        Kind::CheckInRestricted => {
            let part = CheckInRestricted::of(fields);
            of_events(&part.events, part.archived.value().is_some())
        }
        // How far an assignment has come is reckoned from the records where it is shown; no report reads it.
        Kind::OutreachVisit | Kind::PledgeDrive | Kind::PreventionModel | Kind::WorkAssignment => {
            return Row::Nothing;
        }
    };
    Row::Care(Box::new(row))
}

fn case(case: &AftercareCase) -> CareRow {
    CareRow {
        basis: Some(Basis::of(case)),
        seen: None,
        events: event_rows(&case.events),
        support: told_once(support::told_by_case(case)),
        status: case.status.value().copied(),
        same_as: None,
    }
}

fn check_in(check_in: &CheckIn) -> CareRow {
    CareRow {
        seen: Seen::of(check_in),
        support: told_once(support::told_by_check_in(check_in)),
        ..CareRow::default()
    }
}

fn of_events(events: &BTreeMap<String, Event>, is_removed: bool) -> CareRow {
    let events = if is_removed { Vec::new() } else { event_rows(events) };
    CareRow { events, ..CareRow::default() }
}

fn event_rows(events: &BTreeMap<String, Event>) -> Vec<EventRow> {
    let row = |(date, key, kind): (Date, &str, EventKind)| EventRow { key: key.to_owned(), kind, date };
    events::dated(events).map(row).collect()
}

fn told_once(told: impl Iterator<Item = Told>) -> BTreeSet<Told> {
    let mut given = BTreeMap::new();
    for one in told {
        *given.entry((one.kind, one.day)).or_default() |= one.given;
    }
    given.into_iter().map(|((kind, day), given)| Told { kind, day, given }).collect()
}
