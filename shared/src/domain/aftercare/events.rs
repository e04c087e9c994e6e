//! What happened to a case, in order, and how it stands by it. Events that people recorded apart are put into one order by
//! day, then key, so every replica tells the same story; an event that may not follow what stands before it changes nothing
//! and is shown to a person.

use std::collections::BTreeMap;

use super::CaseStatus;
use super::parts::Event;
use super::rules::{AftercareRules, EventRule};
use super::terms::{EventKind, Recorder};
use crate::domain::date::{Date, Span};

/// An event in its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// The day.
    pub date: Date,
    /// Its key in `events`.
    pub key: String,
    /// What happened.
    pub kind: EventKind,
    /// How the case stands after it.
    pub status: CaseStatus,
    /// Whether it may follow what stands before it; if not, it changes nothing.
    pub fits: bool,
}

/// Everything that happened to a case, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Story {
    /// The events that count, have a day and are known to this version.
    pub steps: Vec<Step>,
    /// The last event that changed how the case stands.
    last: Option<EventKind>,
}

impl Story {
    /// Puts events into order: those of the core, of the restricted part, of restricted parts of check-ins; a reader
    /// without the latter tells what they can.
    #[must_use]
    pub fn of<'a>(
        rules: &AftercareRules,
        events: impl IntoIterator<Item = &'a BTreeMap<String, Event>>,
    ) -> Self {
        Self::told(rules, events.into_iter().flat_map(dated))
    }

    /// The same of events as [`dated`] gives them.
    #[must_use]
    pub fn told<'a>(
        rules: &AftercareRules,
        events: impl IntoIterator<Item = (Date, &'a str, EventKind)>,
    ) -> Self {
        let mut sorted: Vec<(Date, &str, EventKind)> = events.into_iter().collect();
        // Day, then key; the kind only where two documents use one key.
        sorted.sort_unstable();
        let mut story = Self::default();
        for (date, key, kind) in sorted {
            let before = story.status();
            let rule = rules.event_on(kind, date);
            let fits = rule.is_some_and(|rule| follows(rule, story.last));
            let becomes = rule.filter(|_| fits).and_then(|rule| rule.becomes);
            if becomes.is_some() {
                story.last = Some(kind);
            }
            let status = becomes.unwrap_or(before);
            story.steps.push(Step { date, key: key.to_owned(), kind, status, fits });
        }
        story
    }

    /// How the case stands by its events; without any it is under after-care.
    #[must_use]
    pub fn status(&self) -> CaseStatus {
        self.steps.last().map_or(CaseStatus::Managed, |step| step.status)
    }

    /// The events that a person should look at.
    pub fn misfits(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| !step.fits)
    }

    /// The day on which the case closed and stayed closed; `None` while it is open.
    #[must_use]
    pub fn closed_on(&self) -> Option<Date> {
        let closing = self.steps.iter().rev().take_while(|step| !step.status.is_open());
        closing.last().map(|step| step.date)
    }

    /// The days on which nobody was to visit though the case was open: from the event to the day before the one that ended
    /// it. The last may still go on.
    #[must_use]
    pub fn pauses(&self) -> Vec<Span> {
        let mut pauses: Vec<Span> = Vec::new();
        let mut begun: Option<Date> = None;
        for step in &self.steps {
            let paused = step.status.is_open() && !step.status.is_visited();
            match (begun, paused) {
                (None, true) => begun = Some(step.date),
                (Some(from), false) => {
                    let to = step.date.plus_days(-1);
                    // Begun and ended on one day: no pause.
                    if to >= from {
                        pauses.push(Span { from, to: Some(to) });
                    }
                    begun = None;
                }
                _ => {}
            }
        }
        pauses.extend(begun.map(|from| Span { from, to: None }));
        pauses
    }

    /// What may be recorded next on a day, in the order people see it: for the screen.
    #[must_use]
    pub fn may_follow(&self, rules: &AftercareRules, day: Date) -> Vec<EventKind> {
        use crate::domain::vocabulary::Term as _;
        let fits = |kind: &EventKind| rules.event_on(*kind, day).is_some_and(|rule| follows(rule, self.last));
        EventKind::ALL.iter().copied().filter(fits).collect()
    }
}

/// The events of a document that count, have a day and are known to this version: day, key, kind.
pub fn dated(events: &BTreeMap<String, Event>) -> impl Iterator<Item = (Date, &str, EventKind)> {
    let counts = events.iter().filter(|(_, event)| event.is_in());
    counts.filter_map(|(key, event)| Some((*event.date.value()?, key.as_str(), *event.kind.value()?)))
}

/// Whether an event may follow the last that changed how the case stands.
fn follows(rule: &EventRule, last: Option<EventKind>) -> bool {
    last.map_or(rule.first, |last| rule.after.contains(&last))
}

/// Whether this person may record the event: an officer all that has a rule, a helper what its rule leaves to helpers
/// (signs, noted in a check-in; never a relapse). The server's rules of access stand beside this: a helper has no document
/// but check-ins to write in.
#[must_use]
pub fn may_record(rules: &AftercareRules, who: Recorder, event: EventKind, day: Date) -> bool {
    rules
        .event_on(event, day)
        .is_some_and(|rule| who == Recorder::Officer || rule.recorder == Recorder::Helper)
}

/// Whether the event is written in the restricted part only; an event without a rule is, to be safe.
#[must_use]
pub fn is_restricted(rules: &AftercareRules, event: EventKind, day: Date) -> bool {
    rules.event_on(event, day).is_none_or(|rule| rule.restricted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::register::{Claim, Register};
    use crate::ids::ActorId;
    use proptest::prelude::*;

    fn day(text: &str) -> Date {
        text.parse().expect("day")
    }

    fn said<T>(value: T) -> Register<T> {
        Register { claims: vec![Claim { value, actor: ActorId([1; 16]), at: 0 }], unreadable: 0 }
    }

    fn told(events: &[(&str, EventKind, &str)]) -> BTreeMap<String, Event> {
        let event = |(key, kind, date): &(&str, EventKind, &str)| {
            let event = Event { kind: said(*kind), date: said(day(date)), ..Event::default() };
            ((*key).to_owned(), event)
        };
        events.iter().map(event).collect()
    }

    fn story(events: &[(&str, EventKind, &str)]) -> Story {
        Story::of(&AftercareRules::shipped(), [&told(events)])
    }

    #[test]
    fn a_case_stands_by_its_last_event_that_fits() {
        use EventKind::{
            Absence, Completion, Detention, Relapse, ReturnToTreatment, Returned, Signs, Transfer,
        };
        let status = |events: &[(&str, EventKind, &str)]| story(events).status();
        assert_eq!(status(&[]), CaseStatus::Managed);
        assert_eq!(status(&[("a", Absence, "2026-03-01")]), CaseStatus::Absent);
        let back = [("a", Absence, "2026-03-01"), ("b", Returned, "2026-04-01")];
        assert_eq!(status(&back), CaseStatus::Managed);
        let passing =
            [("a", Absence, "2026-03-01"), ("b", Signs, "2026-03-02"), ("c", Transfer, "2026-03-03")];
        assert_eq!(status(&passing), CaseStatus::Absent, "these change nothing");
        let returned = [&passing[..], &[("d", Returned, "2026-03-04")]].concat();
        assert_eq!(status(&returned), CaseStatus::Managed, "they do not stand between");
        let again = [
            ("a", Relapse, "2026-03-01"),
            ("b", ReturnToTreatment, "2026-03-05"),
            ("c", Returned, "2026-09-01"),
            ("d", Detention, "2026-10-01"),
        ];
        assert_eq!(status(&again), CaseStatus::Detained);
        assert_eq!(story(&again).misfits().count(), 0);
        let too_soon = [("a", Relapse, "2026-03-01"), ("b", Completion, "2026-03-02")];
        assert_eq!(status(&too_soon), CaseStatus::Managed, "no completion right after a relapse");
        assert_eq!(story(&too_soon).misfits().map(|step| step.key.as_str()).collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn nothing_follows_completion_or_death() {
        let day = day("2026-11-26");
        let rules = AftercareRules::shipped();
        for end in [EventKind::Completion, EventKind::Death] {
            assert_eq!(story(&[("a", end, "2026-11-01")]).may_follow(&rules, day), []);
        }
        let dropped = story(&[("a", EventKind::Dropped, "2026-11-01")]);
        assert_eq!(dropped.may_follow(&rules, day), [EventKind::Returned, EventKind::Death]);
        assert_eq!(dropped.closed_on(), Some("2026-11-01".parse().expect("day")));
        assert!(!story(&[]).may_follow(&rules, day).contains(&EventKind::Returned));
    }

    #[test]
    fn pauses_last_from_detention_or_treatment_to_the_return() {
        use EventKind::{Detention, ReturnToTreatment, Returned};
        let told = story(&[
            ("a", Detention, "2026-03-01"),
            ("b", Returned, "2026-04-01"),
            ("c", ReturnToTreatment, "2026-05-01"),
        ]);
        let spans = told.pauses();
        assert_eq!(spans[0], Span { from: day("2026-03-01"), to: Some(day("2026-03-31")) });
        assert_eq!(spans[1..], [Span { from: day("2026-05-01"), to: None }]);
    }

    #[test]
    fn only_an_officer_records_a_relapse_and_helpers_do_not_see_it() {
        let rules = AftercareRules::shipped();
        let today = day("2026-11-26");
        assert!(may_record(&rules, Recorder::Helper, EventKind::Signs, today));
        assert!(!may_record(&rules, Recorder::Helper, EventKind::Relapse, today));
        assert!(may_record(&rules, Recorder::Officer, EventKind::Relapse, today));
        assert!(is_restricted(&rules, EventKind::Relapse, today));
        assert!(!is_restricted(&rules, EventKind::Absence, today));
        assert!(is_restricted(&rules, EventKind::Absence, day("2001-01-01")), "no rule then");
    }

    proptest! {
        /// In whichever document and order events are found, the story is one.
        #[test]
        fn the_story_does_not_depend_on_where_events_stand(
            drawn in proptest::collection::vec((0_usize..10, 0_i64..40, 0_usize..3), 0..12)
        ) {
            use crate::domain::vocabulary::Term as _;
            let rules = AftercareRules::shipped();
            let mut parts: [BTreeMap<String, Event>; 3] = Default::default();
            let mut one = BTreeMap::new();
            for (n, (kind, days, part)) in drawn.into_iter().enumerate() {
                let date = said(day("2026-06-15").plus_days(days));
                let event = Event { kind: said(EventKind::ALL[kind]), date, ..Event::default() };
                parts[part].insert(format!("e{n}"), event.clone());
                one.insert(format!("e{n}"), event);
            }
            let whole = Story::of(&rules, [&one]);
            prop_assert_eq!(&whole, &Story::of(&rules, &parts));
            prop_assert_eq!(&whole, &Story::of(&rules, parts.iter().rev()));
            prop_assert_eq!(whole.closed_on().is_some(), !whole.status().is_open());
        }
    }
}
