//! The rows of after-care: what counts (C1, C2) and lists of who is due need of a case and its parts, and nothing that
//! tells who somebody is.
//!
//! Facts are kept, in columns, and not the `schedule::Plan` that follows from them. A plan is made of several documents (the
//! core, its restricted part, the restricted parts of check-ins) and of the dated rules: kept, it would be wrong as soon as
//! one of the others, or a rule, changes. And in columns everybody sees what is plain in the database, which a blob hides.

use std::collections::BTreeMap;

use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::aftercare::schedule::Basis;
use donghanh_shared::domain::aftercare::support::{self, Told};
use donghanh_shared::domain::aftercare::terms::{EventKind, SupportKind};
use donghanh_shared::domain::aftercare::{
    AftercareCase, AftercareRestricted, CaseStatus, CheckIn, CheckInRestricted, Event, events,
};
use donghanh_shared::domain::date::{Date, Millis};
use donghanh_shared::domain::fields::Fields;
use sha2::{Digest as _, Sha256};

use super::Row;

/// Longest key of an entry that is kept as it is, in bytes.
const PLAIN_KEY: usize = 32;

/// Support by kind and day; whether it was given.
pub type SupportRows = BTreeMap<(SupportKind, Date), bool>;

/// The core of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    /// How it stands; `None` when nobody said, or a newer app did.
    pub status: Option<CaseStatus>,
    /// What the schedule goes by, the status as it counts among it.
    pub basis: Basis,
    /// Its own events: those that helpers see.
    pub events: Vec<EventRow>,
    /// What it tells of support.
    pub support: SupportRows,
    /// The latest time claimed.
    pub changed_at: Millis,
}

/// A part of a case. One that was removed (gỡ bỏ) tells nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartRow {
    /// What only a check-in has.
    pub check_in: Option<CheckInRow>,
    /// Its events.
    pub events: Vec<EventRow>,
    /// What it tells of support.
    pub support: SupportRows,
}

/// A check-in as the schedule sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckInRow {
    /// The day; `None` when nobody said.
    pub date: Option<Date>,
    /// Whether the person was met; nothing said counts as not met.
    pub met: bool,
    /// The day agreed for the next.
    pub next_due: Option<Date>,
    /// Removed (gỡ bỏ).
    pub archived: bool,
    /// The latest time claimed.
    pub changed_at: Millis,
}

/// An event that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// Its key, see [`plain_key`].
    pub key: String,
    /// What happened.
    pub kind: EventKind,
    /// The day.
    pub date: Date,
}

/// The row of a document of a case; none for other kinds.
#[must_use]
pub fn row(kind: Kind, fields: &Fields, changed_at: Millis) -> Row {
    match kind {
        Kind::AftercareCase => Row::Case(Box::new(case(&AftercareCase::of(fields), changed_at))),
        Kind::CheckIn => Row::Part(check_in(&CheckIn::of(fields), changed_at)),
        Kind::AftercareRestricted => {
            let part = AftercareRestricted::of(fields);
            Row::Part(of_events(&part.events, part.archived.value().is_some()))
        }
        Kind::CheckInRestricted => {
            let part = CheckInRestricted::of(fields);
            Row::Part(of_events(&part.events, part.archived.value().is_some()))
        }
        Kind::OutreachVisit | Kind::PledgeDrive | Kind::PreventionModel => Row::Nothing,
    }
}

fn case(case: &AftercareCase, changed_at: Millis) -> CaseRow {
    let mut basis = Basis::of(case);
    let plain = |(from, key, days): (Date, String, Option<u16>)| (from, plain_key(&key), days);
    basis.stretches = std::mem::take(&mut basis.stretches).into_iter().map(plain).collect();
    CaseRow {
        status: case.status.value().copied(),
        basis,
        events: event_rows(&case.events),
        support: support_rows(support::told_by_case(case)),
        changed_at,
    }
}

fn check_in(check_in: &CheckIn, changed_at: Millis) -> PartRow {
    let row = CheckInRow {
        date: check_in.date.value().copied(),
        met: check_in.met.value() == Some(&true),
        next_due: check_in.next_due.value().copied(),
        archived: !check_in.is_in(),
        changed_at,
    };
    PartRow {
        check_in: Some(row),
        events: Vec::new(),
        support: support_rows(support::told_by_check_in(check_in)),
    }
}

fn of_events(events: &BTreeMap<String, Event>, is_removed: bool) -> PartRow {
    let events = if is_removed { Vec::new() } else { event_rows(events) };
    PartRow { check_in: None, events, support: SupportRows::new() }
}

fn event_rows(events: &BTreeMap<String, Event>) -> Vec<EventRow> {
    let row = |(date, key, kind)| EventRow { key: plain_key(key), kind, date };
    events::dated(events).map(row).collect()
}

fn support_rows(told: impl Iterator<Item = Told>) -> SupportRows {
    let mut rows = SupportRows::new();
    for one in told {
        *rows.entry((one.kind, one.day)).or_default() |= one.given;
    }
    rows
}

/// The key of an entry as it may stand in the clear: as it is when it is made of digits and small letters of ASCII, as apps
/// draw keys; else its hash, since it could be anybody's words. Keys only say which of two entries of one day comes first.
#[must_use]
pub fn plain_key(key: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
    if key.len() <= PLAIN_KEY && key.bytes().all(is_plain) {
        return key.to_owned();
    }
    Sha256::digest(key.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_could_be_words_is_hashed() {
        for key in ["e1", "00ff00ff00ff00ff", "0123456789abcdef0123456789abcdef"] {
            assert_eq!(plain_key(key), key);
        }
        for key in ["anh Hùng", "Hung", "e-1", "0123456789abcdef0123456789abcdef0"] {
            let hashed = plain_key(key);
            assert!(hashed.len() == 64 && hashed.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
        }
    }
}
