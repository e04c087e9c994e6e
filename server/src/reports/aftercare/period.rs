//! Indicators C1 and C2 of a period. The schedule, what happened and support are reckoned by `domain::aftercare`, as on
//! phones; here they are put together by ward.
//!
//! - A case counts in the ward where it is now, with all its history: a transfer takes it along.
//! - *Under management* (C1): on some day of the period, from the first day of after-care to the day on which the case
//!   closed, both included. A case without a first day is in no period; how many there are is told. One that its status calls
//!   closed, without an event that says when, ends with the last time that the person was met.
//! - *Supported* (C1): support of some kind was given in the period, not only referred.
//! - *Check-ins* (C2): periods of the schedule whose day due lies in the period, as `schedule::Tally`; restricted events
//!   (treatment, detention) excuse. Those that can still be kept are in none of the numbers.
//! - *Completed*: an event that fits, of a day in the period. *Relapsed*: an officer recorded one on a day in the period,
//!   whether or not it fits what stands before it; signs that a helper noted are none.
//! - *Overdue*: people whom somebody is to meet and whose day has passed, as of today, by what a phone's list knows: the core
//!   and the check-ins.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::aftercare::AftercareRules;
use donghanh_shared::domain::aftercare::events::Story;
use donghanh_shared::domain::aftercare::schedule::{self, Due, Plan, Tally};
use donghanh_shared::domain::aftercare::support;
use donghanh_shared::domain::aftercare::terms::{EventKind, SupportKind};
use donghanh_shared::domain::date::{Date, Span};
use donghanh_shared::domain::error::Problem;
use donghanh_shared::domain::report::{AftercareFigures, CheckInFigures, PeopleCount, SupportFigures};
use donghanh_shared::domain::vocabulary::Term as _;

use super::few::{Cells, ENOUGH, HIDDEN, is_few, tell, told};
use crate::problem::logged;
use crate::state::AppState;
use crate::store::aftercare::{CaseFacts, ManagedPeople};

/// Numbers of one ward before it is decided which of them are told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// People under management on some day of the period.
    pub managed: u32,
    /// Of these, who got support.
    pub supported: u32,
    /// Of these, who completed.
    pub completed: u32,
    /// Of these, whose case closed otherwise by the end of the period.
    pub ended_otherwise: u32,
    /// Of these, of whom a relapse was recorded.
    pub relapsed: u32,
    /// Open cases of which nobody said when they began.
    pub start_unknown: u32,
    /// Open cases.
    pub open: u32,
    /// Of these, who are overdue today.
    pub overdue: u32,
    /// People with at least one check-in on time, late, missed, excused.
    pub people: [u32; OUTCOMES.len()],
    /// Those check-ins.
    pub check_ins: [u32; OUTCOMES.len()],
    /// By kind: people who were given it, and how often.
    pub support: BTreeMap<SupportKind, (u32, u32)>,
}

/// How a check-in that was due went, in the order of the numbers.
const OUTCOMES: [&str; 4] = ["on_time", "late", "missed", "excused"];

/// What happened to a case: everything, or what the core alone tells.
#[must_use]
pub fn story(case: &CaseFacts, rules: &AftercareRules, with_restricted: bool) -> Story {
    let told = case.events.iter().filter(|event| with_restricted || event.by_core);
    Story::told(rules, told.map(|event| (event.date, event.key.as_str(), event.kind)))
}

/// What is due next for somebody, equal to what a phone's list says ([`CareLine`]); `None` for whom nothing is due.
///
/// [`CareLine`]: donghanh_shared::domain::aftercare::line::CareLine
#[must_use]
pub fn due(case: &CaseFacts, rules: &AftercareRules, today: Date) -> Option<Due> {
    let plan = case.basis.clone().plan(&story(case, rules, false))?;
    schedule::due(&plan, rules, &case.seen, today)
}

/// Counts cases of one ward.
pub fn numbers<'a>(
    cases: impl Iterator<Item = &'a CaseFacts>,
    rules: &AftercareRules,
    span: &Span,
    today: Date,
) -> Numbers {
    let mut numbers = Numbers::default();
    for case in cases {
        numbers.take(case, rules, span, today);
    }
    numbers
}

impl Numbers {
    fn take(&mut self, case: &CaseFacts, rules: &AftercareRules, span: &Span, today: Date) {
        let story = story(case, rules, true);
        let is_open = case.basis.standing.is_open();
        self.open += u32::from(is_open);
        let overdue = due(case, rules, today).is_some_and(|due| due.overdue_by_days > 0);
        self.overdue += u32::from(is_open && overdue);
        let Some(plan) = case.basis.clone().plan(&story) else {
            self.start_unknown += u32::from(is_open);
            return;
        };
        self.take_check_ins(&Tally::of(&schedule::periods(&plan, rules, &case.seen, today), span));
        let closed = closed_on(&plan, case);
        let has_begun = span.to.is_none_or(|to| plan.start <= to);
        if !has_begun || closed.is_some_and(|day| day < span.from) {
            return;
        }
        self.managed += 1;
        let by_kind = support::by_kind(case.support.iter().copied(), span);
        let given = by_kind.iter().filter(|(_, of_kind)| of_kind.given > 0);
        for (kind, of_kind) in given.clone() {
            let (people, times) = self.support.entry(*kind).or_default();
            (*people, *times) = (*people + 1, *times + of_kind.given);
        }
        self.supported += u32::from(given.count() > 0);
        let in_span = |kind: EventKind, date: Date| kind == EventKind::Completion && span.contains(date);
        let completed = story.steps.iter().any(|step| step.fits && in_span(step.kind, step.date));
        self.completed += u32::from(completed);
        let ended = closed.is_some_and(|day| span.contains(day));
        self.ended_otherwise += u32::from(ended && !completed);
        let is_relapse = |(kind, date)| kind == EventKind::Relapse && span.contains(date);
        self.relapsed += u32::from(case.events.iter().any(|event| is_relapse((event.kind, event.date))));
    }

    fn take_check_ins(&mut self, tally: &Tally) {
        for (at, times) in [tally.on_time, tally.late, tally.missed, tally.excused].into_iter().enumerate() {
            self.people[at] += u32::from(times > 0);
            self.check_ins[at] += times;
        }
    }
}

/// The last day under management of a case that is closed; `None` for an open one.
fn closed_on(plan: &Plan, case: &CaseFacts) -> Option<Date> {
    let last_met = case.seen.iter().filter(|seen| seen.met).map(|seen| seen.day).max();
    plan.is_closed.then(|| plan.closed_on.or(last_met).unwrap_or(plan.start))
}

/// Everything that the figures of a period are made of.
pub struct Drawn {
    reaches_today: bool,
    numbers: BTreeMap<WardRef, Numbers>,
    typed: Vec<ManagedPeople>,
}

impl Drawn {
    /// Counts these cases, of these wards.
    ///
    /// # Errors
    /// [`Internal`](donghanh_shared::domain::error::Code::Internal).
    pub async fn draw(
        state: &AppState,
        wards: BTreeSet<WardRef>,
        cases: Arc<Vec<CaseFacts>>,
        period: (Date, Date),
    ) -> Result<Self, Problem> {
        let (span, today) = (Span { from: period.0, to: Some(period.1) }, state.today());
        let kept = state.store().aftercare_rules().await.map_err(logged)?;
        let rules = kept.into_iter().next().map_or_else(AftercareRules::shipped, |newest| newest.rules);
        let typed = state.store().managed_people(period).await.map_err(logged)?;
        let count = move || {
            let of = |ward| numbers(cases.iter().filter(|case| case.ward == ward), &rules, &span, today);
            wards.into_iter().map(|ward| (ward, of(ward))).collect()
        };
        let numbers = state.compute(count).await?;
        Ok(Self { reaches_today: span.contains(today), numbers, typed })
    }

    /// What may be told of a ward.
    #[must_use]
    pub fn figures(&self, ward: WardRef) -> AftercareFigures {
        let none = Numbers::default();
        let numbers = self.numbers.get(&ward).unwrap_or(&none);
        let typed = self.typed.iter().find(|typed| typed.ward == ward).and_then(|typed| typed.number);
        figures(numbers, typed, self.reaches_today)
    }
}

/// What may be told of these numbers, and of people under management as typed in; today's open cases are told beside them.
#[must_use]
pub fn figures(numbers: &Numbers, typed: Option<u32>, reaches_today: bool) -> AftercareFigures {
    let managed = numbers.managed;
    if is_few(managed) {
        return AftercareFigures { typed: typed.map(|_| HIDDEN), ..hidden() };
    }
    let going_on = managed.saturating_sub(numbers.completed + numbers.ended_otherwise);
    let by_end = Cells::from([
        ("going_on", going_on),
        ("completed", numbers.completed),
        ("ended_otherwise", numbers.ended_otherwise),
    ]);
    let (total, by_end) = told(&by_end);
    // Who is still under management at the end of a period that reaches today is known from today's open cases.
    let would_tell = is_few(managed.abs_diff(numbers.open)) || by_end.values().any(|cell| cell.few);
    let is_hidden = reaches_today && would_tell;
    let managed_told = if is_hidden { HIDDEN } else { total };
    // One that comes near today's open cases would tell of the people under management: they are all these, or five more.
    let of_managed = |some: u32| {
        let is_near = some > 0 && some + ENOUGH > numbers.open + 1;
        if is_hidden && is_near { HIDDEN } else { one_of(some, managed) }
    };
    let supported = of_managed(numbers.supported);
    let typed_told = typed.map(|typed| {
        let gives_away = |other: u32| is_few(typed.abs_diff(other));
        if is_few(typed) || gives_away(managed) || gives_away(numbers.supported) {
            HIDDEN
        } else {
            tell(typed)
        }
    });
    AftercareFigures {
        managed: managed_told,
        supported,
        typed: typed_told,
        share: typed_told.and_then(|typed| share(supported.count?, typed.count?)),
        check_ins: check_ins(numbers),
        support: support_told(numbers, supported),
        // Who goes on is seen beside this, so those can hide nobody.
        completed: if is_hidden { HIDDEN } else { by_end["completed"] },
        relapsed: of_managed(numbers.relapsed),
        start_unknown: one_of(numbers.start_unknown, numbers.open),
        overdue: one_of(numbers.overdue, numbers.open),
    }
}

/// So many of all: told only together with the others.
fn one_of(some: u32, all: u32) -> PeopleCount {
    told(&Cells::from([("in", some), ("out", all.saturating_sub(some))])).1["in"]
}

/// Per mille of people; `None` of nobody. More than all is told as it is: the two numbers come from different hands.
fn share(some: u32, all: u32) -> Option<u32> {
    (all > 0).then(|| u32::try_from(u64::from(some) * 1000 / u64::from(all)).unwrap_or(u32::MAX))
}

fn check_ins(numbers: &Numbers) -> CheckInFigures {
    let (_, cells) = told(&OUTCOMES.into_iter().zip(numbers.people).collect());
    let cell = |at: usize| if cells[OUTCOMES[at]].few { HIDDEN } else { tell(numbers.check_ins[at]) };
    CheckInFigures { on_time: cell(0), late: cell(1), missed: cell(2), excused: cell(3) }
}

fn support_told(numbers: &Numbers, supported: PeopleCount) -> BTreeMap<String, SupportFigures> {
    let cell = |kind: &SupportKind| {
        let (people, given) = numbers.support.get(kind).copied().unwrap_or_default();
        let others = numbers.supported.saturating_sub(people);
        let is_told = people == 0 || (!is_few(people) && !is_few(others) && !supported.few);
        let figures = if is_told {
            SupportFigures { people: tell(people), given: tell(given) }
        } else {
            SupportFigures { people: HIDDEN, given: HIDDEN }
        };
        (kind.code().to_owned(), figures)
    };
    SupportKind::ALL.iter().map(cell).collect()
}

/// Nothing is told.
fn hidden() -> AftercareFigures {
    let nothing = SupportFigures { people: HIDDEN, given: HIDDEN };
    AftercareFigures {
        managed: HIDDEN,
        supported: HIDDEN,
        typed: None,
        share: None,
        check_ins: CheckInFigures { on_time: HIDDEN, late: HIDDEN, missed: HIDDEN, excused: HIDDEN },
        support: SupportKind::ALL.iter().map(|kind| (kind.code().to_owned(), nothing)).collect(),
        completed: HIDDEN,
        relapsed: HIDDEN,
        start_unknown: HIDDEN,
        overdue: HIDDEN,
    }
}

#[cfg(test)]
mod tests;
