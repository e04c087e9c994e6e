//! The words of after-care for edits: of the core ([`case`]), of the restricted part ([`restricted`]), of check-ins
//! ([`check_in`]). Here stands what several of these documents share. Which document takes which edit is said by its kind:
//! an edit of another kind is refused when it is carried out.

pub mod case;
pub mod check_in;
pub mod restricted;

use super::fields::{FieldEdit, Written};
use crate::domain::aftercare::rules::{AftercareRules, end_of, rule_in_force};
use crate::domain::aftercare::terms::{Completion, EventKind, Need, SupportKind};
use crate::domain::aftercare::{CaseStatus, events};
use crate::domain::date::Date;
use crate::domain::vocabulary::Term;
use crate::domain::ward::WardRef;

/// A register with a text.
fn register(name: &str, value: Option<String>) -> FieldEdit {
    FieldEdit::Register(name.to_owned(), value.map(Written::Text))
}

/// A register with a day.
fn day(name: &str, value: Option<Date>) -> FieldEdit {
    register(name, value.map(|day| day.to_string()))
}

/// A register with a code.
fn term<T: Term>(name: &str, value: Option<T>) -> FieldEdit {
    register(name, value.map(|term| term.code().to_owned()))
}

/// A register with yes or no.
fn flag(name: &str, value: Option<bool>) -> FieldEdit {
    FieldEdit::Register(name.to_owned(), value.map(Written::Flag))
}

/// A code in a set, or out of it.
fn in_set<T: Term>(set: &str, term: T, is_in: bool) -> FieldEdit {
    FieldEdit::Entry(set.to_owned(), term.code().to_owned(), is_in.then_some(Written::Flag(true)))
}

/// A name by its key.
fn name(map: &str, key: &str, name: Option<String>) -> FieldEdit {
    FieldEdit::Entry(map.to_owned(), key.to_owned(), name.map(Written::Text))
}

/// One field of an entry.
fn part(map: &str, id: &str, field: &str, value: Option<Written>) -> FieldEdit {
    FieldEdit::Entry(map.to_owned(), format!("{id}.{field}"), value)
}

/// One field of an entry with a text; nothing where there is nothing to say.
fn text_part(map: &str, id: &str, field: &str, text: &str) -> Option<FieldEdit> {
    let text = text.trim();
    (!text.is_empty()).then(|| part(map, id, field, Some(Written::Text(text.to_owned()))))
}

/// Why a document is removed (gỡ bỏ); `None` brings it back. Of any part of a case.
#[must_use]
pub fn archived(why: Option<String>) -> FieldEdit {
    register("archived", why)
}

/// The notes as they should read. Of any part of a case.
#[must_use]
pub fn notes(text: &str) -> FieldEdit {
    FieldEdit::LongText("notes".to_owned(), text.to_owned())
}

/// What the person needs, or not after all. Of a case or a check-in.
#[must_use]
pub fn need(need: Need, is_in: bool) -> FieldEdit {
    in_set("needs", need, is_in)
}

/// Support given or referred, as somebody enters it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewSupport {
    /// What it is.
    pub kind: SupportKind,
    /// Given, not only referred.
    pub given: bool,
    /// The day.
    pub date: Date,
    /// Who gives it, by name; may be empty.
    pub by: String,
    /// In words; may be empty.
    pub text: String,
}

/// An entry of support under an id of its own. Of a case or a check-in.
#[must_use]
pub fn support(id: &str, support: &NewSupport) -> Vec<FieldEdit> {
    let of = |field, value| part("support", id, field, Some(value));
    let said = [
        of("kind", Written::Text(support.kind.code().to_owned())),
        of("given", Written::Flag(support.given)),
        of("date", Written::Text(support.date.to_string())),
    ];
    let words =
        [text_part("support", id, "by", &support.by), text_part("support", id, "text", &support.text)];
    said.into_iter().chain(words.into_iter().flatten()).collect()
}

/// An event as somebody enters it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewEvent {
    /// What happened.
    pub kind: EventKind,
    /// The day.
    pub date: Date,
    /// The ward to which the person moved, for a transfer.
    pub ward: Option<WardRef>,
    /// The number of a decision or certificate; may be empty.
    pub number: String,
    /// Who signed; may be empty.
    pub by: String,
    /// In words; may be empty.
    pub text: String,
}

/// An entry of events under an id of its own. Of a case, its restricted part, or the restricted part of a check-in.
#[must_use]
pub fn event(id: &str, event: &NewEvent) -> Vec<FieldEdit> {
    let of = |field, value| part("events", id, field, Some(value));
    let mut edits = vec![
        of("kind", Written::Text(event.kind.code().to_owned())),
        of("date", Written::Text(event.date.to_string())),
    ];
    edits.extend(event.ward.map(|ward| of("ward", Written::Text(ward.to_string()))));
    let words = [("number", &event.number), ("by", &event.by), ("text", &event.text)];
    edits.extend(words.into_iter().filter_map(|(field, text)| text_part("events", id, field, text)));
    edits
}

/// Takes an entry of a map (`support`, `events`, `contacts`, `addresses`, `schedule`, `guardians`, `tests`) out, or back in;
/// what it says stays.
#[must_use]
pub fn out(map: &str, id: &str, out: bool) -> FieldEdit {
    part(map, id, "out", out.then_some(Written::Flag(true)))
}

/// Edits of the two documents of a case that belong together.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OfCase {
    /// Those of the core.
    pub core: Vec<FieldEdit>,
    /// Those of the restricted part.
    pub restricted: Vec<FieldEdit>,
}

/// When after-care begins and, by the rule in force on that day, ends: way of completion, both days and the rule in the
/// restricted part, both days in the core. Without a rule the last day is taken back, for an officer to type.
#[must_use]
pub fn term_of_aftercare(rules: &AftercareRules, completion: Completion, starts: Date) -> OfCase {
    let rule = rule_in_force(&rules.legal, completion, starts);
    let ends = rule.map(|rule| end_of(starts, rule));
    OfCase {
        core: vec![day("since", Some(starts)), day("until", ends)],
        restricted: vec![
            term("completion", Some(completion)),
            day("starts", Some(starts)),
            day("ends", ends),
            register("rule", rule.map(|rule| rule.id.clone())),
        ],
    }
}

/// Records an event where its rule says that it is written, and how the case stands after it in the core, which is what
/// helpers and counts go by.
#[must_use]
pub fn record(rules: &AftercareRules, id: &str, new: &NewEvent, after: CaseStatus) -> OfCase {
    let edits = event(id, new);
    let mut both = OfCase { core: vec![term("status", Some(after))], restricted: Vec::new() };
    if events::is_restricted(rules, new.kind, new.date) {
        both.restricted = edits;
    } else {
        both.core.extend(edits);
    }
    both
}
