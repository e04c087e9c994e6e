//! Reading what the documents of a case share: typed registers, entries of maps by their id, sets of codes.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use crate::domain::date::Date;
use crate::domain::error::{Code, Problem};
use crate::domain::fields::{FieldValue, Fields};
use crate::domain::register::Register;
use crate::domain::vocabulary::Term;
use crate::domain::ward::WardRef;

use super::terms::{EventKind, SupportKind};

/// Registers by name: those of a document, or the fields of one entry of a map.
pub(super) struct Registers<'a>(BTreeMap<&'a str, &'a Register<FieldValue>>);

impl<'a> Registers<'a> {
    /// Those of the document itself.
    pub(super) fn own(fields: &'a Fields) -> Self {
        Self(fields.registers.iter().map(|(name, register)| (name.as_str(), register)).collect())
    }

    fn read<T>(&self, name: &str, parse: impl Fn(&FieldValue) -> Option<T>) -> Register<T> {
        self.0.get(name).map(|register| register.map(parse)).unwrap_or_default()
    }

    /// A text as it stands.
    pub(super) fn text(&self, name: &str) -> Register<String> {
        self.read(name, |value| value.as_text().map(str::to_owned))
    }

    /// A text that means something: a day, a ward.
    pub(super) fn parsed<T: FromStr>(&self, name: &str) -> Register<T> {
        self.read(name, |value| value.as_text()?.parse().ok())
    }

    /// A code of a list.
    pub(super) fn term<T: Term>(&self, name: &str) -> Register<T> {
        self.read(name, |value| T::parse(value.as_text()?).ok())
    }

    /// Yes or no.
    pub(super) fn flag(&self, name: &str) -> Register<bool> {
        self.read(name, |value| match value {
            FieldValue::Flag(flag) => Some(*flag),
            _ => None,
        })
    }

    /// A number of days, 1 to 366.
    pub(super) fn days(&self, name: &str) -> Register<u16> {
        self.read(name, |value| match value {
            FieldValue::Number(days) => u16::try_from(*days).ok().filter(|days| (1..=366).contains(days)),
            _ => None,
        })
    }
}

/// The entries `<id>.<field>` of a map, by id, each read by `read`.
pub(super) fn entries<T>(
    fields: &Fields,
    map: &str,
    read: impl Fn(&Registers<'_>) -> T,
) -> BTreeMap<String, T> {
    let mut found: BTreeMap<&str, Registers<'_>> = BTreeMap::new();
    for (key, register) in fields.maps.get(map).into_iter().flatten() {
        let Some((id, field)) = key.split_once('.') else { continue };
        found.entry(id).or_insert_with(|| Registers(BTreeMap::new())).0.insert(field, register);
    }
    found.iter().map(|(id, entry)| ((*id).to_owned(), read(entry))).collect()
}

/// The codes of a set that this version knows; others stay in the document.
pub(super) fn set<T: Term + Ord>(fields: &Fields, map: &str) -> BTreeSet<T> {
    fields.maps.get(map).into_iter().flatten().filter_map(|(code, _)| T::parse(code).ok()).collect()
}

/// Names by key.
pub(super) fn names(fields: &Fields, map: &str) -> BTreeMap<String, String> {
    let name = |(key, name): (&String, &Register<FieldValue>)| {
        Some((key.clone(), name.value()?.as_text()?.to_owned()))
    };
    fields.maps.get(map).into_iter().flatten().filter_map(name).collect()
}

/// A long text; empty when there is none.
pub(super) fn long_text(fields: &Fields, name: &str) -> String {
    fields.texts.get(name).cloned().unwrap_or_default()
}

/// Whether a register says something to read.
pub(super) fn is_blank(text: &Register<String>) -> bool {
    text.value().is_none_or(|text| text.trim().is_empty())
}

/// Support given, or to which the person was referred: an entry of `support` of a case or a check-in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Support {
    /// What it is.
    pub kind: Register<SupportKind>,
    /// Given (`true`), or referred to somebody who gives it (`false`); nothing said counts as referred.
    pub given: Register<bool>,
    /// The day.
    pub date: Register<Date>,
    /// Who gives it, by name.
    pub by: Register<String>,
    /// In words.
    pub text: Register<String>,
    /// Taken out again.
    pub out: Register<bool>,
}

impl Support {
    pub(super) fn read(entry: &Registers<'_>) -> Self {
        Self {
            kind: entry.term("kind"),
            given: entry.flag("given"),
            date: entry.parsed("date"),
            by: entry.text("by"),
            text: entry.text("text"),
            out: entry.flag("out"),
        }
    }

    /// Whether it counts.
    #[must_use]
    pub fn is_in(&self) -> bool {
        self.out.value() != Some(&true)
    }

    /// Whether it was given, not only referred.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.given.value() == Some(&true)
    }
}

/// Somebody who can be reached about the person: an entry of `contacts` or `guardians`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Contact {
    /// Name.
    pub name: Register<String>,
    /// What they are to the person: `mẹ`, `anh trai`.
    pub relation: Register<String>,
    /// Telephone number.
    pub phone: Register<String>,
    /// Taken out again.
    pub out: Register<bool>,
}

impl Contact {
    pub(super) fn read(entry: &Registers<'_>) -> Self {
        Self {
            name: entry.text("name"),
            relation: entry.text("relation"),
            phone: entry.text("phone"),
            out: entry.flag("out"),
        }
    }

    /// Whether it counts.
    #[must_use]
    pub fn is_in(&self) -> bool {
        self.out.value() != Some(&true)
    }
}

/// An entry of `events`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Event {
    /// What happened.
    pub kind: Register<EventKind>,
    /// The day.
    pub date: Register<Date>,
    /// The ward to which the person moved.
    pub ward: Register<WardRef>,
    /// The number of a decision or certificate.
    pub number: Register<String>,
    /// Who signed.
    pub by: Register<String>,
    /// In words.
    pub text: Register<String>,
    /// Taken out again: it never happened.
    pub out: Register<bool>,
}

impl Event {
    pub(super) fn read(entry: &Registers<'_>) -> Self {
        Self {
            kind: entry.term("kind"),
            date: entry.parsed("date"),
            ward: entry.parsed("ward"),
            number: entry.text("number"),
            by: entry.text("by"),
            text: entry.text("text"),
            out: entry.flag("out"),
        }
    }

    /// Whether it counts.
    #[must_use]
    pub fn is_in(&self) -> bool {
        self.out.value() != Some(&true)
    }
}

/// Collects what a person must fill in or mend.
#[derive(Default)]
pub(super) struct Problems(pub(super) Vec<Problem>);

impl Problems {
    /// A problem at a field, when it is one.
    pub(super) fn when(&mut self, wrong: bool, code: Code, field: &str) {
        if wrong {
            self.0.push(Problem::new(code).at(field));
        }
    }

    /// A day that must be there and must have come.
    pub(super) fn past_day(&mut self, day: &Register<Date>, today: Date, field: &str) {
        self.when(day.value().is_none() && day.unreadable == 0, Code::DateMissing, field);
        self.not_ahead(day, today, field);
    }

    /// A day that must have come, when there is one.
    pub(super) fn not_ahead(&mut self, day: &Register<Date>, today: Date, field: &str) {
        self.when(day.value().is_some_and(|day| *day > today), Code::DateInFuture, field);
    }

    /// Two days that follow each other.
    pub(super) fn in_order(&mut self, first: &Register<Date>, last: &Register<Date>, field: &str) {
        let wrong = first.value().zip(last.value()).is_some_and(|(first, last)| last < first);
        self.when(wrong, Code::PeriodInvalid, field);
    }

    /// Something that must be chosen; a choice of a newer app is one.
    pub(super) fn chosen<T: PartialEq>(&mut self, register: &Register<T>, field: &str) {
        self.when(register.value().is_none() && register.unreadable == 0, Code::FieldMissing, field);
    }

    /// Entries of `support` need a kind and a day that has come.
    pub(super) fn support(&mut self, support: &BTreeMap<String, Support>, today: Date) {
        for (id, entry) in support.iter().filter(|(_, entry)| entry.is_in()) {
            self.chosen(&entry.kind, &format!("support {id}.kind"));
            self.not_ahead(&entry.date, today, &format!("support {id}.date"));
        }
    }

    /// Entries of `events` need a kind and a day that has come: without a day they have no place in the order.
    pub(super) fn events(&mut self, events: &BTreeMap<String, Event>, today: Date) {
        for (id, event) in events.iter().filter(|(_, event)| event.is_in()) {
            self.chosen(&event.kind, &format!("events {id}.kind"));
            self.past_day(&event.date, today, &format!("events {id}.date"));
        }
    }
}
