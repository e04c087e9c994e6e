//! The names of an assignment's fields, and their values as people read them.

use donghanh_shared::crdt::history::{FieldEdit, HistoryValue};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::outreach_visit::Form;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::domain::work_assignment::{NUMBER, Work};

use crate::i18n::format::{capital, number};
use crate::i18n::{tr, words};
use crate::screens::naming;
use crate::state::Register;

/// What a field is called: "Hạn, tính cả ngày này".
pub fn field(name: &str) -> String {
    let own = match name {
        "name" => tr!(assignment.name_short),
        "what" => tr!(assignment.what),
        NUMBER => tr!(assignment.number),
        "form" => tr!(assignment.form),
        "from" => tr!(assignment.from),
        "by" => tr!(assignment.by_short),
        "ward" => tr!(form.ward),
        "campaign" => tr!(form.campaign),
        "lead" => tr!(assignment.lead),
        "asked" => tr!(assignment.person),
        "places" => tr!(assignment.places),
        "archived" => tr!(visit.remove),
        "notes" => tr!(form.notes),
        other => other,
    };
    own.to_string()
}

fn text(register: &Register, field: &str, raw: &str) -> String {
    let read = match field {
        "from" | "by" => raw.parse::<Date>().ok().map(Date::for_people),
        "what" => Work::parse(raw).ok().map(|what| capital(words(what))),
        "form" => Form::parse(raw).ok().map(|form| capital(words(form))),
        "ward" => raw.parse().ok().map(|ward| naming::ward(register, ward)),
        "places" => raw.parse().ok().map(|place| naming::place(register, place)),
        "lead" => raw.parse().ok().map(|lead| naming::organisation(register, &lead)),
        "campaign" => raw.parse().ok().map(|id| naming::campaign(register, &id)),
        _ => None,
    };
    read.unwrap_or_else(|| raw.to_owned())
}

/// What one edit of the history wrote, in one line: "Số lượng: 5".
pub fn edit(register: &Register, edit: &FieldEdit) -> String {
    let name = field(&edit.field);
    let of = edit.field.as_str();
    let value = match &edit.value {
        HistoryValue::Text(raw) => text(register, of, raw),
        HistoryValue::Number(None) => tr!(common.unknown).to_string(),
        HistoryValue::Number(Some(n)) => number(u64::try_from(*n).unwrap_or_default()),
        HistoryValue::Taps(n) => tr!(visit.taps, n = *n),
        HistoryValue::Flag(true) if of == "places" => text(register, of, &edit.key),
        HistoryValue::Flag(true) => tr!(common.yes).to_string(),
        HistoryValue::Flag(false) | HistoryValue::Removed if of == "places" => {
            tr!(visit.took_out, what = text(register, of, &edit.key))
        }
        HistoryValue::Flag(false) | HistoryValue::Removed => tr!(visit.taken_back).to_string(),
        HistoryValue::Notes { written, removed: 0 } => tr!(visit.notes_written, n = *written),
        HistoryValue::Notes { written, removed } => {
            tr!(visit.notes_changed, written = *written, removed = *removed)
        }
    };
    format!("{name}: {value}")
}
