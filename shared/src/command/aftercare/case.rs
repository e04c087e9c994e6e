//! The words of the core of a case.

use super::{day, flag, name, part, register, term, text_part};
use crate::command::fields::{FieldEdit, Written};
use crate::domain::aftercare::CaseStatus;
use crate::domain::date::Date;
use crate::domain::ward::WardRef;

/// How to address the person: `anh Hùng`, not the full name.
#[must_use]
pub fn address_as(name: Option<String>) -> FieldEdit {
    register("address_as", name)
}

/// The ward it is begun in, as information; the placement command goes beside it.
#[must_use]
pub fn ward(ward: WardRef) -> FieldEdit {
    register("ward", Some(ward.to_string()))
}

/// How it stands. With an event, [`super::record`] writes both.
#[must_use]
pub fn status(status: CaseStatus) -> FieldEdit {
    term("status", Some(status))
}

/// The officer, by name.
#[must_use]
pub fn officer(name: Option<String>) -> FieldEdit {
    register("officer", name)
}

/// The person's telephone number.
#[must_use]
pub fn phone(number: Option<String>) -> FieldEdit {
    register("phone", number)
}

/// Where to meet.
#[must_use]
pub fn meet_at(place: Option<String>) -> FieldEdit {
    register("meet_at", place)
}

/// When it suits.
#[must_use]
pub fn meet_when(when: Option<String>) -> FieldEdit {
    register("meet_when", when)
}

/// Days between visits (1–366) from the start of after-care on; `None`: by the rule in force. A change later on is
/// [`every_from`], which leaves what was owed before as it was.
#[must_use]
pub fn every_days(days: Option<u16>) -> FieldEdit {
    FieldEdit::Register("every_days".to_owned(), days.map(|days| Written::Number(i64::from(days))))
}

/// Another interval (days, 1–366) from a day on, under an id of its own; `None`: by the rule in force again.
#[must_use]
pub fn every_from(id: &str, from: Date, days: Option<u16>) -> Vec<FieldEdit> {
    let days = days.map(|days| Written::Number(i64::from(days)));
    vec![
        part("schedule", id, "from", Some(Written::Text(from.to_string()))),
        part("schedule", id, "every_days", days),
    ]
}

/// A day agreed for the next visit, once.
#[must_use]
pub fn next_due(on: Option<Date>) -> FieldEdit {
    day("next_due", on)
}

/// The first day of after-care. [`super::term_of_aftercare`] writes it with the last.
#[must_use]
pub fn since(on: Option<Date>) -> FieldEdit {
    day("since", on)
}

/// The last day of after-care.
#[must_use]
pub fn until(on: Option<Date>) -> FieldEdit {
    day("until", on)
}

/// Aged 12–17.
#[must_use]
pub fn minor(is_minor: Option<bool>) -> FieldEdit {
    flag("minor", is_minor)
}

/// A helper by key and name, as information; the command of assignment goes beside it.
#[must_use]
pub fn helper(key: &str, who: Option<String>) -> FieldEdit {
    name("helpers", key, who)
}

/// Somebody to reach about the person, under an id of its own.
#[must_use]
pub fn contact(id: &str, name: &str, relation: &str, phone: &str) -> Vec<FieldEdit> {
    let words = [("name", name), ("relation", relation), ("phone", phone)];
    words.into_iter().filter_map(|(field, text)| text_part("contacts", id, field, text)).collect()
}

/// Where the person may be met, under an id of its own, from a day on.
#[must_use]
pub fn address(id: &str, text: &str, from: Option<Date>) -> Vec<FieldEdit> {
    let from = from.map(|from| part("addresses", id, "from", Some(Written::Text(from.to_string()))));
    text_part("addresses", id, "text", text).into_iter().chain(from).collect()
}

/// Where and how to visit, as it should read.
#[must_use]
pub fn visiting(text: &str) -> FieldEdit {
    FieldEdit::LongText("visiting".to_owned(), text.to_owned())
}
