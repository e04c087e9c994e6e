//! The restricted part of a case as a typed value: identity, decision, legal dates, guardians. Officers only.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::parts::{Contact, Event, Problems, Registers, entries, is_blank, long_text};
use super::rules::{LegalRule, end_of, rule_in_force};
use super::terms::{Completion, ConsentKind, Sex, TestResult};
use crate::domain::date::Date;
use crate::domain::error::{Code, Problem};
use crate::domain::fields::Fields;
use crate::domain::register::Register;
use crate::ids::DocumentId;

/// The day of birth, or the year where only that is known: `1985-03-02`, `1985`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Born {
    /// The year.
    pub year: u16,
    /// Month and day of month.
    pub day: Option<(u8, u8)>,
}

impl Born {
    /// The years completed on a day, least and most: they differ where only the year is known.
    #[must_use]
    pub fn age_on(self, day: Date) -> (u32, u32) {
        let years = u32::try_from(day.year()).unwrap_or_default().saturating_sub(u32::from(self.year));
        match self.day {
            None => (years.saturating_sub(1), years),
            Some((month, of_month)) => {
                let had_birthday = (day.month(), day.day()) >= (u32::from(month), u32::from(of_month));
                let age = if had_birthday { years } else { years.saturating_sub(1) };
                (age, age)
            }
        }
    }
}

impl fmt::Display for Born {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.day {
            None => write!(f, "{:04}", self.year),
            Some((month, day)) => write!(f, "{:04}-{month:02}-{day:02}", self.year),
        }
    }
}

impl FromStr for Born {
    type Err = Problem;

    /// `1985-03-02` or `1985`, since 1900.
    fn from_str(text: &str) -> Result<Self, Problem> {
        let invalid = || Problem::new(Code::DateInvalid);
        let digits = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let mut parts = text.split('-');
        let year: Option<u16> =
            parts.next().filter(|year| year.len() == 4).and_then(|year| year.parse().ok());
        let year = year.filter(|_| digits).ok_or_else(invalid)?;
        if year < 1900 {
            return Err(Problem::new(Code::DateAbsurd));
        }
        let mut two = || parts.next().filter(|part| part.len() == 2).and_then(|part| part.parse::<u8>().ok());
        let day = match text.len() {
            4 => None,
            10 => Some(two().zip(two()).ok_or_else(invalid)?),
            _ => return Err(invalid()),
        };
        let known = |(month, day): (u8, u8)| (1..=days_of(year, month)).contains(&day);
        if day.is_some_and(|day| !known(day)) { Err(invalid()) } else { Ok(Self { year, day }) }
    }
}

/// How many days a month has; 0 for no month. The calendar of [`Date`] begins in 1990, too late for births.
fn days_of(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u8::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

/// A test: an entry of `tests`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Test {
    /// The day.
    pub date: Register<Date>,
    /// What it gave.
    pub result: Register<TestResult>,
    /// Taken out again.
    pub out: Register<bool>,
}

impl Test {
    pub(super) fn read(entry: &Registers<'_>) -> Self {
        Self { date: entry.parsed("date"), result: entry.term("result"), out: entry.flag("out") }
    }
}

/// A permission that the person or a guardian gave or refused: an entry of `consents`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Consent {
    /// For what.
    pub kind: Register<ConsentKind>,
    /// Given, or refused; nothing said is not given.
    pub given: Register<bool>,
    /// The day.
    pub date: Register<Date>,
    /// Who gave it, by name; nothing: the person.
    pub by: Register<String>,
    /// Taken out again: recorded by mistake. A permission taken back is a later entry that is not given.
    pub out: Register<bool>,
}

impl Consent {
    fn read(entry: &Registers<'_>) -> Self {
        Self {
            kind: entry.term("kind"),
            given: entry.flag("given"),
            date: entry.parsed("date"),
            by: entry.text("by"),
            out: entry.flag("out"),
        }
    }
}

/// The entry of `guardians` that says how the guardian named in the register of that name is reached.
pub const GUARDIAN: &str = "guardian";

/// The restricted part of a case as read from its document.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AftercareRestricted {
    /// Full name.
    pub full_name: Register<String>,
    /// Other names.
    pub other_names: Register<String>,
    /// When born.
    pub born: Register<Born>,
    /// Sex, as identity papers have it.
    pub sex: Register<Sex>,
    /// Number of the identity card.
    pub identity_number: Register<String>,
    /// Where the person is registered.
    pub registered_at: Register<String>,
    /// Where the person lives.
    pub lives_at: Register<String>,
    /// The way of treatment completed.
    pub completion: Register<Completion>,
    /// Number of the decision.
    pub decision_number: Register<String>,
    /// Its day.
    pub decision_date: Register<Date>,
    /// The first day of after-care.
    pub starts: Register<Date>,
    /// Its last day.
    pub ends: Register<Date>,
    /// The code of the rule by which the last day was reckoned.
    pub rule: Register<String>,
    /// Number of the certificate of completion.
    pub certificate_number: Register<String>,
    /// Its day.
    pub certificate_date: Register<Date>,
    /// The guardian of a minor, by name.
    pub guardian: Register<String>,
    /// Whether the guardian may be contacted.
    pub may_contact_guardian: Register<bool>,
    /// Until when the case is kept.
    pub keep_until: Register<Date>,
    /// Why it was removed (gỡ bỏ).
    pub archived: Register<String>,
    /// The core of the case of the same person that counts. It stands here because helpers do not read this part.
    pub same_as: Register<DocumentId>,
    /// Guardians.
    pub guardians: BTreeMap<String, Contact>,
    /// Tests.
    pub tests: BTreeMap<String, Test>,
    /// Permissions.
    pub consents: BTreeMap<String, Consent>,
    /// Events that helpers do not see.
    pub events: BTreeMap<String, Event>,
    /// Long notes.
    pub notes: String,
    pub(super) open: Vec<String>,
}

impl AftercareRestricted {
    /// Reads the fields of a document.
    #[must_use]
    pub fn of(fields: &Fields) -> Self {
        let own = Registers::own(fields);
        Self {
            full_name: own.text("full_name"),
            other_names: own.text("other_names"),
            born: own.parsed("born"),
            sex: own.term("sex"),
            identity_number: own.text("identity_number"),
            registered_at: own.text("registered_at"),
            lives_at: own.text("lives_at"),
            completion: own.term("completion"),
            decision_number: own.text("decision_number"),
            decision_date: own.parsed("decision_date"),
            starts: own.parsed("starts"),
            ends: own.parsed("ends"),
            rule: own.text("rule"),
            certificate_number: own.text("certificate_number"),
            certificate_date: own.parsed("certificate_date"),
            guardian: own.text("guardian"),
            may_contact_guardian: own.flag("may_contact_guardian"),
            keep_until: own.parsed("keep_until"),
            archived: own.text("archived"),
            same_as: own.parsed("same_as"),
            guardians: entries(fields, "guardians", Contact::read),
            tests: entries(fields, "tests", Test::read),
            consents: entries(fields, "consents", Consent::read),
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

    /// Whether somebody may do this: by the entry of the latest day, of one day only if all give it. Without one, or without
    /// a day, nobody may.
    #[must_use]
    pub fn may(&self, what: ConsentKind) -> bool {
        let said = self
            .consents
            .values()
            .filter(|consent| consent.out.value() != Some(&true) && consent.kind.value() == Some(&what));
        // On which people differ is not given.
        let given = |given: &Register<bool>| given.value() == Some(&true) && !given.is_open();
        let said = said.filter_map(|consent| Some((*consent.date.value()?, given(&consent.given))));
        said.max_by_key(|(day, given)| (*day, !given)).is_some_and(|(_, given)| given)
    }

    /// The rule by which this after-care goes, and the last day by it; `None` while the way of completion or the first day
    /// is not known, or no rule was in force.
    #[must_use]
    pub fn term<'a>(&self, rules: &'a [LegalRule]) -> Option<(&'a LegalRule, Date)> {
        let (completion, start) = self.completion.value().zip(self.starts.value())?;
        rule_in_force(rules, *completion, *start).map(|rule| (rule, end_of(*start, rule)))
    }

    /// Whether the last day typed is another than the rule gives: to be looked at, not refused.
    #[must_use]
    pub fn ends_otherwise(&self, rules: &[LegalRule]) -> bool {
        self.term(rules).zip(self.ends.value()).is_some_and(|((_, by_rule), typed)| by_rule != *typed)
    }

    /// How the guardian is reached.
    #[must_use]
    pub fn guardian_contact(&self) -> Option<&Contact> {
        self.guardians.get(GUARDIAN).filter(|contact| contact.is_in())
    }

    /// What a person must still fill in or mend before this can be saved.
    #[must_use]
    pub fn problems(&self, today: Date) -> Vec<Problem> {
        let mut found = Problems::default();
        found.when(is_blank(&self.full_name), Code::FieldMissing, "full_name");
        found.chosen(&self.completion, "completion");
        found.when(self.starts.value().is_none(), Code::DateMissing, "starts");
        found.in_order(&self.starts, &self.ends, "ends");
        found.not_ahead(&self.decision_date, today, "decision_date");
        found.not_ahead(&self.certificate_date, today, "certificate_date");
        let minor = self.completion.value() == Some(&Completion::CompulsoryMinor);
        let named = self.guardians.values().any(|guardian| guardian.is_in() && !is_blank(&guardian.name));
        found.when(minor && !named && is_blank(&self.guardian), Code::FieldMissing, "guardian");
        for (id, test) in self.tests.iter().filter(|(_, test)| test.out.value() != Some(&true)) {
            found.past_day(&test.date, today, &format!("tests {id}.date"));
            found.chosen(&test.result, &format!("tests {id}.result"));
        }
        for (id, consent) in self.consents.iter().filter(|(_, consent)| consent.out.value() != Some(&true)) {
            found.chosen(&consent.kind, &format!("consents {id}.kind"));
            found.past_day(&consent.date, today, &format!("consents {id}.date"));
        }
        found.events(&self.events, today);
        found.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn born_on_a_day_or_in_a_year() {
        for text in ["1985-03-02", "1985", "1996-02-29", "2012-02-29", "1904-02-29"] {
            assert_eq!(text.parse::<Born>().map(|born| born.to_string()).as_deref(), Ok(text));
        }
        for text in
            ["", "85", "1985-3-2", "1985-03", "1985-02-29", "1900-02-29", "1899", "1985-13-01", "+985"]
        {
            assert!(text.parse::<Born>().is_err(), "{text}");
        }
        let day = |text: &str| text.parse::<Date>().expect("day");
        let born: Born = "2010-11-27".parse().expect("born");
        assert_eq!((born.age_on(day("2026-11-26")), born.age_on(day("2026-11-27"))), ((15, 15), (16, 16)));
        assert_eq!("2010".parse::<Born>().expect("born").age_on(day("2026-11-26")), (15, 16));
    }
}
