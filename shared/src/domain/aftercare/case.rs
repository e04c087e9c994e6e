//! The core of a case as a typed value: how to address the person, where and when to visit, officer, helpers, schedule.
//! What is more confidential stands in [`super::restricted`].

use std::collections::{BTreeMap, BTreeSet};

use super::CaseStatus;
use super::parts::{Contact, Event, Problems, Registers, Support, entries, is_blank, long_text, names, set};
use super::terms::Need;
use crate::domain::date::Date;
use crate::domain::error::{Code, Problem};
use crate::domain::fields::Fields;
use crate::domain::register::Register;
use crate::domain::ward::WardRef;

/// Another interval from a day on: an entry of `schedule`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stretch {
    /// The day from which it holds.
    pub from: Register<Date>,
    /// Days from one visit due to the next; nothing: by the rule in force again.
    pub every_days: Register<u16>,
    /// Taken out again.
    pub out: Register<bool>,
}

/// Where the person may be met: an entry of `addresses`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Address {
    /// In words.
    pub text: Register<String>,
    /// From when.
    pub from: Register<Date>,
    /// Taken out again.
    pub out: Register<bool>,
}

/// The core of a case as read from its document.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AftercareCase {
    /// How to address the person: `anh Hùng`. Not the full name.
    pub address_as: Register<String>,
    /// The ward it was begun in, as written. Who sees it goes by placement, not by this.
    pub ward: Register<WardRef>,
    /// How it stands.
    pub status: Register<CaseStatus>,
    /// The officer, by name.
    pub officer: Register<String>,
    /// The person's telephone number.
    pub phone: Register<String>,
    /// Where to meet.
    pub meet_at: Register<String>,
    /// When it suits.
    pub meet_when: Register<String>,
    /// Days from one visit due to the next, from the start on; nothing: by the rule in force.
    pub every_days: Register<u16>,
    /// A day agreed for the next visit, once.
    pub next_due: Register<Date>,
    /// The first day of after-care.
    pub since: Register<Date>,
    /// Its last day.
    pub until: Register<Date>,
    /// Aged 12–17: guardian, permission to contact and retention go by rules of their own.
    pub minor: Register<bool>,
    /// Why it was removed (gỡ bỏ).
    pub archived: Register<String>,
    /// Helpers: key → name. Who may see the case goes by assignment, not by this.
    pub helpers: BTreeMap<String, String>,
    /// What the person needs.
    pub needs: BTreeSet<Need>,
    /// Support given or referred.
    pub support: BTreeMap<String, Support>,
    /// What happened.
    pub events: BTreeMap<String, Event>,
    /// Whom to reach.
    pub contacts: BTreeMap<String, Contact>,
    /// Where the person may be met.
    pub addresses: BTreeMap<String, Address>,
    /// Other intervals from a day on.
    pub schedule: BTreeMap<String, Stretch>,
    /// Where and how to visit, at length.
    pub visiting: String,
    /// Long notes.
    pub notes: String,
    pub(super) open: Vec<String>,
}

impl AftercareCase {
    /// Reads the fields of a document.
    #[must_use]
    pub fn of(fields: &Fields) -> Self {
        let own = Registers::own(fields);
        let stretch = |entry: &Registers<'_>| Stretch {
            from: entry.parsed("from"),
            every_days: entry.days("every_days"),
            out: entry.flag("out"),
        };
        let address = |entry: &Registers<'_>| Address {
            text: entry.text("text"),
            from: entry.parsed("from"),
            out: entry.flag("out"),
        };
        Self {
            address_as: own.text("address_as"),
            ward: own.parsed("ward"),
            status: own.term("status"),
            officer: own.text("officer"),
            phone: own.text("phone"),
            meet_at: own.text("meet_at"),
            meet_when: own.text("meet_when"),
            every_days: own.days("every_days"),
            next_due: own.parsed("next_due"),
            since: own.parsed("since"),
            until: own.parsed("until"),
            minor: own.flag("minor"),
            archived: own.text("archived"),
            helpers: names(fields, "helpers"),
            needs: set(fields, "needs"),
            support: entries(fields, "support", Support::read),
            events: entries(fields, "events", Event::read),
            contacts: entries(fields, "contacts", Contact::read),
            addresses: entries(fields, "addresses", address),
            schedule: entries(fields, "schedule", stretch),
            visiting: long_text(fields, "visiting"),
            notes: long_text(fields, "notes"),
            open: fields.open_slots(),
        }
    }

    /// The fields on which people differ, each named as the slot of the edit that settles it: `status`, `events e1.date`.
    #[must_use]
    pub fn open_fields(&self) -> &[String] {
        &self.open
    }

    /// How it stands by its register; a case of which nobody said is under after-care, so that nobody is overlooked.
    #[must_use]
    pub fn standing(&self) -> CaseStatus {
        self.status.value().copied().unwrap_or(CaseStatus::Managed)
    }

    /// What a person must still fill in or mend before this can be saved.
    #[must_use]
    pub fn problems(&self, today: Date) -> Vec<Problem> {
        let mut found = Problems::default();
        found.when(is_blank(&self.address_as), Code::FieldMissing, "address_as");
        found.when(is_blank(&self.officer), Code::FieldMissing, "officer");
        found.past_day(&self.since, today, "since");
        found.in_order(&self.since, &self.until, "until");
        found.support(&self.support, today);
        found.events(&self.events, today);
        for (id, stretch) in self.schedule.iter().filter(|(_, s)| s.out.value() != Some(&true)) {
            let no_day = stretch.from.value().is_none();
            found.when(no_day, Code::DateMissing, &format!("schedule {id}.from"));
        }
        found.0
    }
}
