//! The names of the fields of a case and its check-ins, and their values as people read them.

use donghanh_shared::crdt::history::{FieldEdit, HistoryValue};
use donghanh_shared::domain::aftercare::CaseStatus;
use donghanh_shared::domain::aftercare::terms::{
    Completion, EventKind, How, Life, Need, Sex, Sign, State, SupportKind, TestResult,
};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::fields::FieldValue;
use donghanh_shared::domain::vocabulary::Term;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::With as _;

use crate::i18n::format::{capital, number};
use crate::i18n::{tr, words};
use crate::screens::naming;
use crate::state::{AppState, Register};

/// What a field is called, by the slot of its edit: `status`, `situation work`, `events e1.date`.
pub fn slot(slot: &str) -> String {
    match slot.split_once(' ') {
        None => own(slot).to_owned(),
        Some((map, key)) => in_map(map, key),
    }
}

fn own(name: &str) -> &str {
    match name {
        "address_as" => tr!(care.address_as),
        "status" => tr!(care.status),
        "officer" => tr!(care.officer),
        "phone" => tr!(care.phone),
        "meet_at" => tr!(care.meet_at),
        "meet_when" => tr!(care.meet_when),
        "every_days" => tr!(care.every_days),
        "next_due" => tr!(care.next_due),
        "since" | "starts" => tr!(care.since),
        "until" | "ends" => tr!(care.until),
        "minor" => tr!(care.minor),
        "ward" => tr!(form.ward),
        "archived" => tr!(visit.remove),
        "same_as" => tr!(same.field),
        "full_name" => tr!(care.full_name),
        "other_names" => tr!(care.other_names),
        "born" => tr!(care.born),
        "sex" => tr!(care.sex),
        "identity_number" => tr!(care.identity_number),
        "registered_at" => tr!(care.registered_at),
        "lives_at" => tr!(care.lives_at),
        "completion" => tr!(care.completion),
        "decision_number" => tr!(care.decision_number),
        "decision_date" => tr!(care.decision_date),
        "rule" => tr!(care.rule),
        "guardian" => tr!(care.guardian),
        "may_contact_guardian" => tr!(care.may_contact_guardian),
        "date" => tr!(form.date),
        "time" => tr!(form.time),
        "how" => tr!(care.how),
        "met" => tr!(care.met),
        "not_met_because" => tr!(care.not_met_because),
        "urine_date" | "urine_result" => tr!(care.urine),
        "remarks" => tr!(care.remarks),
        "notes" => tr!(form.notes),
        "visiting" => tr!(care.visiting),
        "done_by" => tr!(form.done_by),
        other => other,
    }
}

fn in_map(map: &str, key: &str) -> String {
    match map {
        "situation" => Life::parse(key).map_or_else(|_| key.to_owned(), |life| capital(words(life))),
        other => map_name(other).to_owned(),
    }
}

fn map_name(map: &str) -> &str {
    match map {
        "needs" => tr!(care.needs),
        "signs" => tr!(care.signs),
        "topics" => tr!(form.topics),
        "support" => tr!(care.support),
        "events" => tr!(care.events),
        "contacts" => tr!(care.contacts),
        "helpers" => tr!(care.helpers),
        "done_by" => tr!(form.done_by),
        "situation" => tr!(care.situation),
        "schedule" => tr!(care.every_days),
        other => other,
    }
}

fn term<T: Term>(code: &str) -> Option<String> {
    T::parse(code).ok().map(|term| capital(words(term)))
}

/// A text of a field, read as what it stands for. `map` is empty for the document's own registers.
pub fn text(register: &Register, map: &str, field: &str, raw: &str) -> String {
    let read = match (map, field) {
        ("", "status") => term::<CaseStatus>(raw),
        ("", "how") => term::<How>(raw),
        ("", "same_as") => raw.parse().ok().and_then(other_case),
        ("", "completion") => term::<Completion>(raw),
        ("", "sex") => term::<Sex>(raw),
        ("", "urine_result") | ("tests", "result") => term::<TestResult>(raw),
        ("situation", _) => term::<State>(raw),
        ("needs", _) => term::<Need>(raw),
        ("signs", _) => term::<Sign>(raw),
        ("topics", _) => term::<Life>(raw),
        ("support", "kind") => term::<SupportKind>(raw),
        ("events", "kind") => term::<EventKind>(raw),
        (_, "ward") => raw.parse().ok().map(|ward| naming::ward(register, ward)),
        _ => raw.parse::<Date>().ok().map(Date::for_people),
    };
    read.unwrap_or_else(|| raw.to_owned())
}

/// A value of a field, as people read it.
pub fn value(register: &Register, slot: &str, value: &FieldValue) -> String {
    let (map, key) = slot.split_once(' ').unwrap_or(("", slot));
    let field = key.rsplit('.').next().unwrap_or(key);
    match value {
        FieldValue::Text(raw) => text(register, map, field, raw),
        FieldValue::Number(n) => number(u64::try_from(*n).unwrap_or_default()),
        FieldValue::Flag(flag) => yes(*flag),
    }
}

/// How the person of another case is addressed, as far as this phone holds it.
fn other_case(id: DocumentId) -> Option<String> {
    AppState::get().care.with(|care| super::case_of(care, id).map(|view| view.line.address_as.clone()))
}

fn yes(flag: bool) -> String {
    if flag { tr!(common.yes).to_string() } else { tr!(report.no).to_string() }
}

/// What one edit of the history wrote, in one line: "Việc làm: gặp khó khăn".
pub fn edit(register: &Register, edit: &FieldEdit) -> String {
    let (map, key) = (edit.field.as_str(), edit.key.as_str());
    let is_own = key.is_empty();
    let name = if is_own { slot(map) } else { in_map(map, key) };
    let field = key.rsplit('.').next().unwrap_or(key);
    let (map, field) = if is_own { ("", map) } else { (map, field) };
    let value = match &edit.value {
        HistoryValue::Text(raw) => text(register, map, field, raw),
        HistoryValue::Number(None) => tr!(common.unknown).to_string(),
        HistoryValue::Number(Some(n)) | HistoryValue::Taps(n) => {
            number(u64::try_from(*n).unwrap_or_default())
        }
        // Of a set the key says what is in it.
        HistoryValue::Flag(true) if matches!(map, "needs" | "signs" | "topics") => {
            text(register, map, key, key)
        }
        HistoryValue::Flag(flag) => yes(*flag),
        HistoryValue::Removed if matches!(map, "needs" | "signs" | "topics") => {
            tr!(visit.took_out, what = text(register, map, key, key))
        }
        HistoryValue::Removed => tr!(visit.taken_back).to_string(),
        HistoryValue::Notes { written, removed: 0 } => tr!(visit.notes_written, n = *written),
        HistoryValue::Notes { written, removed } => {
            tr!(visit.notes_changed, written = *written, removed = *removed)
        }
    };
    format!("{name}: {value}")
}
