//! What support a person got (indicators C1 and C2: counselling, treatment, training, loan, job), from the core and all
//! check-ins together.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use super::case::AftercareCase;
use super::check_in::CheckIn;
use super::parts::Support;
use super::terms::SupportKind;
use crate::domain::date::{Date, Span};

/// Support of one kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Supported {
    /// Times given.
    pub given: u32,
    /// Times only referred.
    pub referred: u32,
}

/// An entry of support that counts, as far as counting goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Told {
    /// What it is.
    #[n(0)]
    pub kind: SupportKind,
    /// The day.
    #[n(1)]
    pub day: Date,
    /// Given, not only referred.
    #[n(2)]
    pub given: bool,
}

/// What the core tells of support. An entry without a day is in no span.
pub fn told_by_case(case: &AftercareCase) -> impl Iterator<Item = Told> {
    told(&case.support, None)
}

/// What a check-in tells of support; nothing when it was removed. An entry without a day is of the day of the check-in.
pub fn told_by_check_in(check_in: &CheckIn) -> impl Iterator<Item = Told> {
    let on = check_in.date.value().copied();
    check_in.is_in().then(|| told(&check_in.support, on)).into_iter().flatten()
}

fn told(entries: &BTreeMap<String, Support>, or_on: Option<Date>) -> impl Iterator<Item = Told> {
    let counts = entries.values().filter(|entry| entry.is_in());
    counts.filter_map(move |entry| {
        let (kind, day) = entry.kind.value().copied().zip(entry.date.value().copied().or(or_on))?;
        Some(Told { kind, day, given: entry.is_given() })
    })
}

/// The support of a span by kind. The same kind on the same day is told once, in the core, a check-in or both; given counts
/// before referred.
pub fn by_kind(told: impl Iterator<Item = Told>, span: &Span) -> BTreeMap<SupportKind, Supported> {
    let mut days: BTreeMap<(SupportKind, Date), bool> = BTreeMap::new();
    for one in told.filter(|one| span.contains(one.day)) {
        *days.entry((one.kind, one.day)).or_default() |= one.given;
    }
    let mut by_kind: BTreeMap<SupportKind, Supported> = BTreeMap::new();
    for ((kind, _), given) in days {
        let of_kind = by_kind.entry(kind).or_default();
        if given { of_kind.given += 1 } else { of_kind.referred += 1 }
    }
    by_kind
}

/// The support of a span by kind, of a case and its check-ins, as [`by_kind`] counts.
#[must_use]
pub fn supported(
    case: &AftercareCase,
    check_ins: &[CheckIn],
    span: &Span,
) -> BTreeMap<SupportKind, Supported> {
    by_kind(told_by_case(case).chain(check_ins.iter().flat_map(told_by_check_in)), span)
}

/// Whether the person counts for C1 in a span (plan I.4): support of some kind was given, not only referred.
#[must_use]
pub fn is_supported(case: &AftercareCase, check_ins: &[CheckIn], span: &Span) -> bool {
    supported(case, check_ins, span).values().any(|of_kind| of_kind.given > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::register::{Claim, Register};
    use crate::ids::ActorId;

    fn said<T>(value: T) -> Register<T> {
        Register { claims: vec![Claim { value, actor: ActorId([1; 16]), at: 0 }], unreadable: 0 }
    }

    fn day(text: &str) -> Date {
        text.parse().expect("day")
    }

    fn entry(kind: SupportKind, given: bool, on: Option<&str>) -> Support {
        let date = on.map(|on| said(day(on))).unwrap_or_default();
        Support { kind: said(kind), given: said(given), date, ..Support::default() }
    }

    fn listed(entries: &[Support]) -> BTreeMap<String, Support> {
        entries.iter().enumerate().map(|(n, entry)| (format!("s{n}"), entry.clone())).collect()
    }

    #[test]
    fn the_same_support_told_twice_is_one_and_a_referral_is_no_support() {
        use SupportKind::{Counselling, Job, Loan};
        let span = Span { from: day("2026-01-01"), to: Some(day("2026-06-30")) };
        let out = Support { out: said(true), ..entry(Job, true, Some("2026-03-01")) };
        let core = [
            entry(Loan, false, Some("2026-02-01")),
            entry(Job, false, Some("2026-03-01")),
            entry(Job, true, Some("2026-07-01")),
            entry(Job, true, None),
            out,
        ];
        let case = AftercareCase { support: listed(&core), ..AftercareCase::default() };
        let told = [entry(Loan, false, Some("2026-02-01")), entry(Counselling, true, None)];
        let mut visit =
            CheckIn { date: said(day("2026-02-01")), support: listed(&told), ..CheckIn::default() };
        let found = supported(&case, std::slice::from_ref(&visit), &span);
        assert_eq!(found[&Loan], Supported { given: 0, referred: 1 });
        assert_eq!(found[&Job], Supported { given: 0, referred: 1 });
        assert_eq!(found[&Counselling], Supported { given: 1, referred: 0 });
        assert!(is_supported(&case, std::slice::from_ref(&visit), &span));
        visit.archived = said("trùng".to_owned());
        assert!(!is_supported(&case, &[visit], &span), "a check-in that was removed tells nothing");
    }
}
