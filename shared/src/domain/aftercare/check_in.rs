//! A check-in (lần thăm, gặp) as a typed value, and its restricted part. A helper writes check-ins and nothing else of a
//! case; a helper may note signs of renewed use, only an officer records a relapse or a test.

use std::collections::{BTreeMap, BTreeSet};

use super::parts::{Event, Problems, Registers, Support, entries, is_blank, long_text, names, set};
use super::restricted::Test;
use super::terms::{How, Life, Need, Sign, State, TestResult};
use crate::domain::date::{ClockTime, Date};
use crate::domain::error::{Code, Problem};
use crate::domain::fields::Fields;
use crate::domain::register::Register;
use crate::domain::vocabulary::Term as _;

/// A check-in as read from its document.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CheckIn {
    /// The day.
    pub date: Register<Date>,
    /// The time of day.
    pub time: Register<ClockTime>,
    /// How.
    pub how: Register<How>,
    /// Whether the person was met. Not met is an attempt: it counts for no period.
    pub met: Register<bool>,
    /// Why not.
    pub not_met_because: Register<String>,
    /// The day agreed for the next.
    pub next_due: Register<Date>,
    /// Why it was removed (gỡ bỏ).
    pub archived: Register<String>,
    /// Who did it: key → name.
    pub done_by: BTreeMap<String, String>,
    /// Who was met besides the person: key → name.
    pub met_with: BTreeMap<String, String>,
    /// What was talked about.
    pub topics: BTreeSet<Life>,
    /// How the person is doing, by field of life; what is not there was not asked.
    pub situation: BTreeMap<Life, Register<State>>,
    /// What the person needs.
    pub needs: BTreeSet<Need>,
    /// Support given or referred.
    pub support: BTreeMap<String, Support>,
    /// Signs of renewed use.
    pub signs: BTreeSet<Sign>,
    /// Long notes.
    pub notes: String,
    pub(super) open: Vec<String>,
}

impl CheckIn {
    /// Reads the fields of a document.
    #[must_use]
    pub fn of(fields: &Fields) -> Self {
        let own = Registers::own(fields);
        let situation = fields.maps.get("situation").into_iter().flatten().filter_map(|(life, state)| {
            let life = Life::parse(life).ok()?;
            Some((life, state.map(|value| State::parse(value.as_text()?).ok())))
        });
        Self {
            date: own.parsed("date"),
            time: own.parsed("time"),
            how: own.term("how"),
            met: own.flag("met"),
            not_met_because: own.text("not_met_because"),
            next_due: own.parsed("next_due"),
            archived: own.text("archived"),
            done_by: names(fields, "done_by"),
            met_with: names(fields, "met_with"),
            topics: set(fields, "topics"),
            situation: situation.collect(),
            needs: set(fields, "needs"),
            support: entries(fields, "support", Support::read),
            signs: set(fields, "signs"),
            notes: long_text(fields, "notes"),
            open: fields.open_slots(),
        }
    }

    /// The fields on which people differ, each named as the slot of the edit that settles it: `met`, `situation work`.
    #[must_use]
    pub fn open_fields(&self) -> &[String] {
        &self.open
    }

    /// Whether it counts.
    #[must_use]
    pub fn is_in(&self) -> bool {
        self.archived.value().is_none()
    }

    /// How one field of life is; `None` = not asked.
    #[must_use]
    pub fn state(&self, life: Life) -> Option<State> {
        self.situation.get(&life)?.value().copied()
    }

    /// What a person must still fill in or mend before this can be saved.
    #[must_use]
    pub fn problems(&self, today: Date) -> Vec<Problem> {
        let mut found = Problems::default();
        found.past_day(&self.date, today, "date");
        found.chosen(&self.how, "how");
        found.chosen(&self.met, "met");
        let no_reason = self.met.value() == Some(&false) && is_blank(&self.not_met_because);
        found.when(no_reason, Code::FieldMissing, "not_met_because");
        found.in_order(&self.date, &self.next_due, "next_due");
        found.when(self.done_by.is_empty(), Code::FieldMissing, "done_by");
        found.support(&self.support, today);
        found.0
    }
}

/// The restricted part of a check-in as read from its document: officers only.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CheckInRestricted {
    /// The day.
    pub date: Register<Date>,
    /// The day of the urine test.
    pub urine_date: Register<Date>,
    /// What it gave. A result says nothing of a relapse by itself: an officer does.
    pub urine_result: Register<TestResult>,
    /// Whether the officer records a relapse.
    pub relapse: Register<bool>,
    /// Remarks.
    pub remarks: Register<String>,
    /// Why it was removed (gỡ bỏ).
    pub archived: Register<String>,
    /// Other tests.
    pub tests: BTreeMap<String, Test>,
    /// Events that helpers do not see.
    pub events: BTreeMap<String, Event>,
    /// Long notes.
    pub notes: String,
    pub(super) open: Vec<String>,
}

impl CheckInRestricted {
    /// Reads the fields of a document.
    #[must_use]
    pub fn of(fields: &Fields) -> Self {
        let own = Registers::own(fields);
        Self {
            date: own.parsed("date"),
            urine_date: own.parsed("urine_date"),
            urine_result: own.term("urine_result"),
            relapse: own.flag("relapse"),
            remarks: own.text("remarks"),
            archived: own.text("archived"),
            tests: entries(fields, "tests", Test::read),
            events: entries(fields, "events", Event::read),
            notes: long_text(fields, "notes"),
            open: fields.open_slots(),
        }
    }

    /// The fields on which people differ, each named as the slot of the edit that settles it.
    #[must_use]
    pub fn open_fields(&self) -> &[String] {
        &self.open
    }

    /// What a person must still fill in or mend before this can be saved.
    #[must_use]
    pub fn problems(&self, today: Date) -> Vec<Problem> {
        let mut found = Problems::default();
        found.past_day(&self.date, today, "date");
        found.not_ahead(&self.urine_date, today, "urine_date");
        let said = self.urine_result.value().is_some();
        found.when(said && self.urine_date.value().is_none(), Code::DateMissing, "urine_date");
        let tested = self.urine_date.value().is_some();
        found.when(tested && !said && self.urine_result.unreadable == 0, Code::FieldMissing, "urine_result");
        found.events(&self.events, today);
        found.0
    }
}
