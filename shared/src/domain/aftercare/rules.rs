//! The rules of after-care as dated data: how long it lasts, how often somebody is met, which event may follow which, who
//! signs what. Nothing here is decided in code: an administrator edits these tables, and what is not verified says so.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::CaseStatus;
use super::services::Service;
use super::terms::{Completion, EventKind, Recorder};
use crate::domain::date::{Date, Span};

mod shipped;

/// How long after-care lasts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct LegalRule {
    /// Its code, kept in the restricted part of a case as `rule`; at most 100 bytes.
    #[n(0)]
    pub id: String,
    /// The days in force: it holds for after-care that *starts* on one of them, and for all of that after-care.
    #[n(1)]
    pub span: Span,
    /// The way of treatment completed.
    #[n(2)]
    pub completion: Completion,
    /// How long, in months.
    #[n(3)]
    pub months: u16,
    /// Whether the first day is one of the term. Civil Code 2015, art. 147: it is not, unless another law says so.
    #[n(4)]
    pub first_day_counts: bool,
    /// Law and article.
    #[n(5)]
    pub source: String,
    /// Whether somebody has verified it against the text of the law.
    #[n(6)]
    pub confirmed: bool,
}

/// How often a person is met at least.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct IntervalRule {
    /// Its code.
    #[n(0)]
    pub id: String,
    /// The days in force: it holds for periods that begin on one of them.
    #[n(1)]
    pub span: Span,
    /// From one day due to the next, in months.
    #[n(2)]
    pub months: u16,
    /// For how many days after the day due a check-in still counts as a late one of that period.
    #[n(3)]
    pub late_days: u16,
    /// Where it stands.
    #[n(4)]
    pub source: String,
    /// Whether somebody has verified it.
    #[n(5)]
    pub confirmed: bool,
}

/// An event: what it may follow, what the case is after it, who records it and where.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct EventRule {
    /// Its code.
    #[n(0)]
    pub id: String,
    /// The days in force: it holds for events of those days.
    #[n(1)]
    pub span: Span,
    /// The event.
    #[n(2)]
    pub event: EventKind,
    /// How the case stands after it; `None`: as before, and what may follow goes by the event before it.
    #[n(3)]
    pub becomes: Option<CaseStatus>,
    /// Whether it may be the first that happens.
    #[n(4)]
    pub first: bool,
    /// The events that it may follow.
    #[n(5)]
    pub after: Vec<EventKind>,
    /// Who may record it at least: what a helper may, an officer may too.
    #[n(6)]
    pub recorder: Recorder,
    /// Whether it is written in the restricted part only, which helpers do not have.
    #[n(7)]
    pub restricted: bool,
    /// Where it stands.
    #[n(8)]
    pub source: String,
    /// Whether somebody has verified it.
    #[n(9)]
    pub confirmed: bool,
}

/// The paper that goes with an event, and who signs it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct FormRule {
    /// Its code.
    #[n(0)]
    pub id: String,
    /// The days in force: it holds for events of those days.
    #[n(1)]
    pub span: Span,
    /// The event.
    #[n(2)]
    pub event: EventKind,
    /// The form: `Mẫu số 54, Phụ lục II`.
    #[n(3)]
    pub form: String,
    /// The title of who signs: `Chủ tịch Ủy ban nhân dân cấp xã`.
    #[n(4)]
    pub signer: String,
    /// Where it stands.
    #[n(5)]
    pub source: String,
    /// Whether somebody has verified it, the signer included.
    #[n(6)]
    pub confirmed: bool,
}

/// All tables together, as they travel to phones.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct AftercareRules {
    /// How long after-care lasts.
    #[n(0)]
    pub legal: Vec<LegalRule>,
    /// How often a person is met.
    #[n(1)]
    pub intervals: Vec<IntervalRule>,
    /// Which event may follow which.
    #[n(2)]
    pub events: Vec<EventRule>,
    /// Who signs what.
    #[n(3)]
    pub forms: Vec<FormRule>,
    /// Services and hotlines; `None` in rules that were kept before there was a list: those that ship.
    #[n(4)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub services: Option<Vec<Service>>,
}

impl AftercareRules {
    /// The tables that a new database starts with; what nobody has verified says so.
    #[must_use]
    pub fn shipped() -> Self {
        Self {
            legal: shipped::legal(),
            intervals: shipped::intervals(),
            events: shipped::events(),
            forms: shipped::forms(),
            services: None,
        }
    }

    /// The directory of services and hotlines.
    #[must_use]
    pub fn services(&self) -> Vec<Service> {
        self.services.clone().unwrap_or_else(shipped::services)
    }

    /// The interval in force on a day.
    #[must_use]
    pub fn interval_on(&self, day: Date) -> Option<&IntervalRule> {
        newest(self.intervals.iter().filter(|rule| rule.span.contains(day)), |rule| {
            (rule.span.from, &rule.id)
        })
    }

    /// The rule of an event in force on its day.
    #[must_use]
    pub fn event_on(&self, event: EventKind, day: Date) -> Option<&EventRule> {
        let known = self.events.iter().filter(|rule| rule.event == event && rule.span.contains(day));
        newest(known, |rule| (rule.span.from, &rule.id))
    }

    /// The paper of an event in force on its day.
    #[must_use]
    pub fn form_on(&self, event: EventKind, day: Date) -> Option<&FormRule> {
        let known = self.forms.iter().filter(|rule| rule.event == event && rule.span.contains(day));
        newest(known, |rule| (rule.span.from, &rule.id))
    }
}

/// The rule of two that overlap: the one in force since later, then the greater code, so that every replica takes the same.
fn newest<'a, T, K: Ord>(rules: impl Iterator<Item = &'a T>, key: impl Fn(&'a T) -> K) -> Option<&'a T> {
    rules.max_by_key(|rule| key(rule))
}

/// The rule by which after-care goes that starts on this day; `None` when the table has none (before 2022-01-01): an
/// officer then types the last day from the decision.
#[must_use]
pub fn rule_in_force(rules: &[LegalRule], completion: Completion, start: Date) -> Option<&LegalRule> {
    let known = rules.iter().filter(|rule| rule.completion == completion && rule.span.contains(start));
    newest(known, |rule| (rule.span.from, &rule.id))
}

/// The last day of after-care that starts on this day; it lasts to the end of that day.
///
/// Reckoned as Civil Code 2015 does: by the calendar (art. 145); the first day is not counted (art. 147(2)–(3)), so a term
/// of a year from 15/01/2026 ends with 15/01/2027, the corresponding day (art. 148(4)); a month without such a day gives
/// its last (art. 148(3)): 29/02/2024 and a year is 28/02/2025. Where a rule says that the first day counts, it is one day
/// less. That a term which ends on a day of rest runs to the next working day (art. 148(5)) is not applied: after-care binds
/// a person, and is not made longer by reckoning; only its paper may be signed later.
#[must_use]
pub fn end_of(start: Date, rule: &LegalRule) -> Date {
    let corresponding = start.plus_months(u32::from(rule.months));
    // Clamped to the end of a month, it already is the day before the corresponding one.
    let is_clamped = corresponding.day() != start.day();
    if rule.first_day_counts && !is_clamped { corresponding.plus_days(-1) } else { corresponding }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::vocabulary::Term as _;

    fn day(text: &str) -> Date {
        text.parse().expect("day")
    }

    fn end(completion: Completion, start: &str) -> Option<String> {
        let rules = AftercareRules::shipped().legal;
        rule_in_force(&rules, completion, day(start)).map(|rule| end_of(day(start), rule).to_string())
    }

    #[test]
    fn terms_end_on_the_corresponding_day() {
        let adult = Completion::CompulsoryAdult;
        assert_eq!(end(adult, "2026-01-15").as_deref(), Some("2028-01-15"));
        assert_eq!(end(Completion::Voluntary, "2024-02-29").as_deref(), Some("2025-02-28"));
        assert_eq!(end(adult, "2024-02-29").as_deref(), Some("2026-02-28"));
        assert_eq!(end(adult, "2022-02-28").as_deref(), Some("2024-02-28"), "not the 29th");
        assert_eq!(end(Completion::Substitution, "2026-12-31").as_deref(), Some("2027-12-31"));
        assert_eq!(end(adult, "2021-12-31"), None, "an older law");
    }

    #[test]
    fn a_rule_may_count_the_first_day() {
        let mut rule = AftercareRules::shipped().legal.remove(0);
        rule.first_day_counts = true;
        rule.months = 12;
        assert_eq!(end_of(day("2026-01-15"), &rule), day("2027-01-14"));
        assert_eq!(end_of(day("2024-02-29"), &rule), day("2025-02-28"));
        rule.months = 1;
        assert_eq!(end_of(day("2026-03-01"), &rule), day("2026-03-31"));
        assert_eq!(end_of(day("2026-01-31"), &rule), day("2026-02-28"));
    }

    #[test]
    fn the_law_goes_by_the_day_of_the_start() {
        let rules = AftercareRules::shipped().legal;
        for completion in Completion::ALL {
            let on = |start| rule_in_force(&rules, *completion, day(start)).expect("a rule");
            assert!(on("2026-06-30").source.contains("73/2021/QH14") && on("2026-06-30").confirmed);
            assert!(on("2026-07-01").source.contains("120/2025/QH15") && !on("2026-07-01").confirmed);
            assert_eq!(on("2026-06-30").months, on("2026-07-01").months, "unchanged, to be confirmed");
        }
    }

    #[test]
    fn of_two_rules_in_force_the_later_holds_in_any_order() {
        let mut rules = AftercareRules::shipped().legal;
        let mut edited = rules[0].clone();
        edited.id = "edited".to_owned();
        edited.span = Span { from: day("2025-01-01"), to: None };
        edited.months = 18;
        rules.push(edited);
        let completion = rules[0].completion;
        let months =
            |rules: &[LegalRule]| rule_in_force(rules, completion, day("2026-01-01")).map(|r| r.months);
        assert_eq!(months(&rules), Some(18));
        rules.reverse();
        assert_eq!(months(&rules), Some(18));
    }

    #[test]
    fn tables_are_whole_and_travel() {
        let rules = AftercareRules::shipped();
        let mut ids: Vec<&str> = rules.legal.iter().map(|rule| rule.id.as_str()).collect();
        ids.extend(rules.intervals.iter().map(|rule| rule.id.as_str()));
        ids.extend(rules.events.iter().map(|rule| rule.id.as_str()));
        ids.extend(rules.forms.iter().map(|rule| rule.id.as_str()));
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
        for event in EventKind::ALL {
            assert!(rules.event_on(*event, day("2026-11-26")).is_some(), "{event:?}");
        }
        let bytes = minicbor::to_vec(&rules).expect("encodes");
        assert_eq!(minicbor::decode::<AftercareRules>(&bytes).ok(), Some(rules.clone()));
        let json = serde_json::to_string(&rules).expect("json");
        assert_eq!(serde_json::from_str::<AftercareRules>(&json).ok(), Some(rules));
    }
}
