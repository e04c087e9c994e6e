//! When somebody is to be met, and how that went (indicator C2: on time, late, missed). Pure functions of the case, its
//! check-ins, the rules and a day; the order in which check-ins are listed means nothing.
//!
//! How it is reckoned:
//! 1. The start of after-care is the anchor. A monthly interval gives the corresponding day of each month, or the month's
//!    last: from 31/01 come 28/02, 31/03, 30/04, never drifting to the 28th. An interval in days is added to the day before.
//! 2. A *period* runs from the day after one day due to the next day due. Which interval it has is settled by its first day:
//!    the entry of `schedule` that holds then, else `every_days`, else the rule in force. A rule or an entry that changes
//!    later rewrites no period that has begun.
//! 3. A period is kept *on time* by a check-in in it at which the person was met. When there is none, the first such check-in
//!    in the days after it (`late_days` of the rule, at most half of the period) makes it *late*, and then belongs to it and
//!    not to the next period. Otherwise it is *missed*. Check-ins of one day are one. One gap therefore makes one period
//!    missed, and leaves those after it on time.
//! 4. A period that the end of after-care or the closing of the case cuts off does not count. A period whose day due falls
//!    while somebody else has charge of the person (treatment, detention) is *excused*.
//! 5. A day agreed once (`next_due` of the core, or of the latest check-in) is what is due next, earlier or later than the
//!    period says. Periods are counted as before: what was agreed does not change what was owed. A check-in sets a day at
//!    most one interval and its `late_days` after itself: a year mistyped on a doorstep must not make somebody forgotten.
//!    An officer's day in the core holds as it stands.

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};

use super::CaseStatus;
use super::case::{AftercareCase, Stretch};
use super::check_in::CheckIn;
use super::events::Story;
use super::rules::AftercareRules;
use crate::domain::date::{Date, Span};

/// What the schedule of a case is made from. Phones keep it beside the case, so that what is due is known without opening it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Plan {
    /// The first day of after-care.
    #[n(0)]
    pub start: Date,
    /// Its last day; `None` = not known.
    #[n(1)]
    pub end: Option<Date>,
    /// Days between visits from the start on; `None`: by the rule in force.
    #[n(2)]
    pub every_days: Option<u16>,
    /// Other intervals: from which day, key of the entry, days between visits.
    #[n(3)]
    pub stretches: BTreeSet<(Date, String, Option<u16>)>,
    /// A day agreed for the next visit, as the core says.
    #[n(4)]
    pub agreed: Option<Date>,
    /// Whether the case is open and visits are due.
    #[n(5)]
    pub is_visited: bool,
    /// Whether the case is closed or removed.
    #[n(6)]
    pub is_closed: bool,
    /// The day on which it closed, where an event says so.
    #[n(7)]
    pub closed_on: Option<Date>,
    /// Days on which nobody was to visit.
    #[n(8)]
    pub pauses: Vec<Span>,
}

/// What the core alone says for the schedule: facts only, no rule is applied yet.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Basis {
    /// How the case stands by its register.
    #[n(0)]
    pub standing: CaseStatus,
    /// Removed (gỡ bỏ).
    #[n(1)]
    pub is_removed: bool,
    /// The first day of after-care.
    #[n(2)]
    pub since: Option<Date>,
    /// Its last day.
    #[n(3)]
    pub until: Option<Date>,
    /// Days between visits from the start on.
    #[n(4)]
    pub every_days: Option<u16>,
    /// Other intervals, as in [`Plan`].
    #[n(5)]
    pub stretches: BTreeSet<(Date, String, Option<u16>)>,
    /// A day agreed for the next visit.
    #[n(6)]
    pub agreed: Option<Date>,
}

impl Basis {
    /// Of the core of a case.
    #[must_use]
    pub fn of(case: &AftercareCase) -> Self {
        let stretch = |(key, stretch): (&String, &Stretch)| {
            let counts = stretch.out.value() != Some(&true);
            let from = stretch.from.value().filter(|_| counts)?;
            Some((*from, key.clone(), stretch.every_days.value().copied()))
        };
        Self {
            standing: case.standing(),
            is_removed: case.archived.value().is_some(),
            since: case.since.value().copied(),
            until: case.until.value().copied(),
            every_days: case.every_days.value().copied(),
            stretches: case.schedule.iter().filter_map(stretch).collect(),
            agreed: case.next_due.value().copied(),
        }
    }

    /// The plan by what happened; see [`Plan::of`].
    #[must_use]
    pub fn plan(self, story: &Story) -> Option<Plan> {
        let is_open = self.standing.is_open() && story.status().is_open() && !self.is_removed;
        Some(Plan {
            start: self.since?,
            end: self.until,
            every_days: self.every_days,
            stretches: self.stretches,
            agreed: self.agreed,
            is_visited: is_open && self.standing.is_visited() && story.status().is_visited(),
            is_closed: !is_open,
            closed_on: story.closed_on(),
            pauses: story.pauses(),
        })
    }
}

impl Plan {
    /// The plan of a case; `None` while nobody knows when it began. A case is closed, or not to be visited, when its status
    /// *or* its events say so: after a merge they may differ, and nobody should knock at a door in mourning.
    #[must_use]
    pub fn of(case: &AftercareCase, story: &Story) -> Option<Self> {
        Basis::of(case).plan(story)
    }

    /// Whether the last day has passed though the case is still open: its completion is due.
    #[must_use]
    pub fn is_to_be_completed(&self, today: Date) -> bool {
        !self.is_closed && self.end.is_some_and(|end| today > end)
    }

    /// Days between visits for a period that begins on this day; `None`: by the rule in force.
    fn days_from(&self, day: Date) -> Option<u16> {
        let holding = self.stretches.iter().rev().find(|(from, ..)| *from <= day);
        holding.map_or(self.every_days, |(.., days)| *days)
    }
}

/// A check-in, as far as the schedule is concerned.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Seen {
    /// The day.
    #[n(0)]
    pub day: Date,
    /// Whether the person was met.
    #[n(1)]
    pub met: bool,
    /// The day agreed for the next.
    #[n(2)]
    pub next_due: Option<Date>,
}

impl Seen {
    /// Of a check-in; `None` when it was removed or has no day. Nothing said about meeting counts as not met.
    #[must_use]
    pub fn of(check_in: &CheckIn) -> Option<Self> {
        let day = *check_in.date.value().filter(|_| check_in.is_in())?;
        let met = check_in.met.value() == Some(&true);
        Some(Self { day, met, next_due: check_in.next_due.value().copied() })
    }
}

/// How a period went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Met in it, first on this day.
    OnTime(Date),
    /// Met after it, on this day.
    Late(Date),
    /// Nobody met the person.
    Missed,
    /// Somebody else had charge of the person on the day due.
    Excused,
    /// It can still be kept, on time or late.
    Pending,
}

/// One period.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    /// Its first day.
    pub from: Date,
    /// The day due, its last.
    pub due: Date,
    /// How it went.
    pub outcome: Outcome,
}

/// What is due next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Due {
    /// By this day.
    pub day: Date,
    /// Days since; 0 = not overdue.
    pub overdue_by_days: u32,
}

/// Periods counted, as indicator C2 asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Kept on time.
    pub on_time: u32,
    /// Kept late.
    pub late: u32,
    /// Missed.
    pub missed: u32,
    /// Excused: in no share.
    pub excused: u32,
    /// Not over: in no share.
    pub pending: u32,
}

impl Tally {
    /// Of periods whose day due lies in a span.
    #[must_use]
    pub fn of(periods: &[Period], span: &Span) -> Self {
        let mut tally = Self::default();
        for period in periods.iter().filter(|period| span.contains(period.due)) {
            *match period.outcome {
                Outcome::OnTime(_) => &mut tally.on_time,
                Outcome::Late(_) => &mut tally.late,
                Outcome::Missed => &mut tally.missed,
                Outcome::Excused => &mut tally.excused,
                Outcome::Pending => &mut tally.pending,
            } += 1;
        }
        tally
    }
}

/// A period before it is known how it went, with the days after it in which it can still be kept late.
struct Slot {
    from: Date,
    due: Date,
    late_days: i64,
}

/// The periods from the start to the second day due after `today`; without those that the end cuts off. None where no rule
/// is in force.
fn slots(plan: &Plan, rules: &AftercareRules, today: Date) -> Vec<Slot> {
    let (mut anchor, mut months) = (plan.start, 0_u32);
    let (mut from, mut last) = (plan.start, plan.start);
    let mut slots: Vec<Slot> = Vec::new();
    let mut ahead = 0;
    while ahead < 2 {
        let Some(rule) = rules.interval_on(from) else { break };
        let due = match plan.days_from(from) {
            Some(days) => {
                (anchor, months) = (last.plus_days(i64::from(days)), 0);
                anchor
            }
            None => {
                months = months.saturating_add(u32::from(rule.months));
                anchor.plus_months(months)
            }
        };
        // The calendar's end, or a rule of no months.
        if due <= last || plan.end.is_some_and(|end| due > end) {
            break;
        }
        slots.push(Slot { from, due, late_days: late_days(rule.late_days, last, due) });
        ahead += i32::from(due > today);
        (from, last) = (due.plus_days(1), due);
    }
    slots
}

/// The days on which the person was met, in order, each once; not before the start and not after `today`.
fn met_days(plan: &Plan, seen: &[Seen], today: Date) -> Vec<Date> {
    let met = seen.iter().filter(|seen| seen.met && (plan.start..=today).contains(&seen.day));
    met.map(|seen| seen.day).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Every period that has begun by `today`, in order. A closed case has those until it closed; where nobody said when, until
/// the last time that the person was met.
#[must_use]
pub fn periods(plan: &Plan, rules: &AftercareRules, seen: &[Seen], today: Date) -> Vec<Period> {
    let mut periods = begun_and_next(plan, rules, seen, today);
    periods.retain(|period| period.from <= today);
    periods
}

/// The same with those to come, to the second day due after `today`.
fn begun_and_next(plan: &Plan, rules: &AftercareRules, seen: &[Seen], today: Date) -> Vec<Period> {
    let met = met_days(plan, seen, today);
    let mut left = met.as_slice();
    let closed = plan.closed_on.or_else(|| met.last().copied()).unwrap_or(plan.start);
    let counts = |slot: &Slot| !plan.is_closed || slot.due <= closed;
    let mut periods = Vec::new();
    for slot in slots(plan, rules, today).into_iter().take_while(counts) {
        let own = left.iter().take_while(|day| **day <= slot.due).count();
        let last_late = slot.due.plus_days(slot.late_days);
        let outcome = if let Some(first) = left.first().filter(|_| own > 0) {
            Outcome::OnTime(*first)
        } else if plan.pauses.iter().any(|pause| pause.contains(slot.due)) {
            Outcome::Excused
        } else if let Some(first) = left.first().filter(|day| **day <= last_late) {
            Outcome::Late(*first)
        } else if today <= last_late && !plan.is_closed {
            Outcome::Pending
        } else {
            Outcome::Missed
        };
        let used = if matches!(outcome, Outcome::Late(_)) { 1 } else { own };
        left = left.get(used..).unwrap_or_default();
        periods.push(Period { from: slot.from, due: slot.due, outcome });
    }
    periods
}

/// The last day that a check-in of this day can set for the next; `None` where no rule is in force.
fn latest_next(plan: &Plan, rules: &AftercareRules, day: Date) -> Option<Date> {
    let rule = rules.interval_on(day)?;
    let next = match plan.days_from(day) {
        Some(days) => day.plus_days(i64::from(days)),
        None => day.plus_months(u32::from(rule.months)),
    };
    Some(next.plus_days(late_days(rule.late_days, day, next)))
}

/// For how many days a period that follows `last` and is due on `due` can be kept late.
fn late_days(by_rule: u16, last: Date, due: Date) -> i64 {
    i64::from(by_rule).min(due.days_since(last) / 2)
}

/// The day agreed for the next visit: the earlier of what the core says, until somebody went on or after that day, and what
/// was agreed at the latest check-in.
fn agreed(plan: &Plan, rules: &AftercareRules, seen: &[Seen], today: Date) -> Option<Date> {
    let past = || seen.iter().filter(|seen| (plan.start..=today).contains(&seen.day));
    let latest = past().map(|seen| seen.day).max();
    let by_core = plan.agreed.filter(|day| latest.is_none_or(|latest| latest < *day));
    let furthest = latest.and_then(|latest| latest_next(plan, rules, latest));
    let possible = |next: &Date| latest < Some(*next) && Some(*next) <= furthest;
    let at_latest = past().filter(|seen| Some(seen.day) == latest);
    let by_check_in = at_latest.filter_map(|seen| seen.next_due.filter(possible));
    let days = by_core.into_iter().chain(by_check_in);
    days.filter(|day| *day >= plan.start && plan.end.is_none_or(|end| *day <= end)).min()
}

/// What is due next as of `today`: the day agreed, else the day due of the first period after the last one kept, so that
/// somebody whom nobody met for three periods is overdue since the first. `None` for a case that is closed, removed or not
/// visited now, after its last day, and where no rule is in force.
#[must_use]
pub fn due(plan: &Plan, rules: &AftercareRules, seen: &[Seen], today: Date) -> Option<Due> {
    if !plan.is_visited || plan.end.is_some_and(|end| today > end) {
        return None;
    }
    let day = agreed(plan, rules, seen, today).or_else(|| {
        let periods = begun_and_next(plan, rules, seen, today);
        let kept = |period: &Period| matches!(period.outcome, Outcome::OnTime(_) | Outcome::Late(_));
        let after = periods.iter().rposition(kept).map_or(0, |kept| kept + 1);
        periods[after..].iter().find(|period| period.outcome != Outcome::Excused).map(|period| period.due)
    })?;
    let overdue = today.days_since(day).max(0);
    Some(Due { day, overdue_by_days: u32::try_from(overdue).unwrap_or(u32::MAX) })
}

#[cfg(test)]
mod tests;
