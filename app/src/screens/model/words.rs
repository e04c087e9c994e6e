//! The names of a model's fields, and their values as people read them.

use donghanh_shared::crdt::history::{FieldEdit, HistoryValue};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::prevention_model::{ModelCount, ModelKind, ReviewYear, Verdict};
use donghanh_shared::domain::vocabulary::Term as _;

use crate::i18n::format::{capital, number};
use crate::i18n::{tr, words};
use crate::screens::naming;
use crate::state::Register;

/// What a field is called: "Thành viên", "Năm 2026, kết quả".
pub fn field(name: &str) -> String {
    if let Ok(count) = ModelCount::parse(name) {
        return capital(words(count));
    }
    let own = match name {
        "name" => tr!(model.name),
        "kind" => tr!(model.kind),
        "since" => tr!(model.since),
        "ended" => tr!(model.ended),
        "ended_because" => tr!(model.ended_because),
        "ward" => tr!(form.ward),
        "place" => tr!(model.place),
        "lead" => tr!(form.lead),
        "archived" => tr!(visit.remove),
        "same_as" => tr!(same.field),
        "co_organisers" => tr!(form.co_organisers),
        "done_by" => tr!(model.people),
        "activities" => tr!(model.activities),
        "notes" => tr!(form.notes),
        _ => return of_review(name).unwrap_or_else(|| name.to_owned()),
    };
    own.to_string()
}

fn of_review(name: &str) -> Option<String> {
    let (year, field) = name.split_once('.')?;
    let year: ReviewYear = year.parse().ok()?;
    let what = match field {
        "effective" => tr!(model.verdict),
        "date" => tr!(model.reviewed_on),
        "text" => tr!(model.review_text),
        "by" => tr!(model.reviewed_by),
        other => other,
    };
    Some(tr!(model.review_field, year = year, what = what.to_lowercase()))
}

fn text(register: &Register, field: &str, raw: &str) -> String {
    let read = match field {
        "since" | "ended" | "date" => raw.parse::<Date>().ok().map(Date::for_people),
        "kind" => ModelKind::parse(raw).ok().map(|kind| capital(words(kind))),
        "effective" => Verdict::parse(raw).ok().map(|verdict| capital(words(verdict))),
        "ward" => raw.parse().ok().map(|ward| naming::ward(register, ward)),
        "place" => raw.parse().ok().map(|place| naming::place(register, place)),
        "same_as" => raw.parse().ok().map(|id| naming::other_record(register, id)),
        "lead" | "co_organisers" => raw.parse().ok().map(|lead| naming::organisation(register, &lead)),
        _ => None,
    };
    read.unwrap_or_else(|| raw.to_owned())
}

/// What one edit of the history wrote, in one line: "Năm 2026, kết quả: hiệu quả".
pub fn edit(register: &Register, edit: &FieldEdit) -> String {
    let in_review = edit.field == "reviews";
    let name = if in_review { field(&edit.key) } else { field(&edit.field) };
    // Of a review's key the part behind the dot says what it is.
    let of = match in_review {
        true => edit.key.split_once('.').map_or("", |(_, field)| field),
        false => edit.field.as_str(),
    };
    let value = match &edit.value {
        HistoryValue::Text(raw) => text(register, of, raw),
        HistoryValue::Number(None) => tr!(common.unknown).to_string(),
        HistoryValue::Number(Some(n)) => number(u64::try_from(*n).unwrap_or_default()),
        HistoryValue::Taps(n) => tr!(visit.taps, n = *n),
        HistoryValue::Flag(true) if of == "co_organisers" => text(register, of, &edit.key),
        HistoryValue::Flag(true) if of == "activities" => tr!(model.linked).to_string(),
        HistoryValue::Flag(true) => tr!(common.yes).to_string(),
        HistoryValue::Flag(false) | HistoryValue::Removed => match of {
            "co_organisers" => tr!(visit.took_out, what = text(register, of, &edit.key)),
            "activities" => tr!(model.unlinked).to_string(),
            _ => tr!(visit.taken_back).to_string(),
        },
        HistoryValue::Notes { written, removed: 0 } => tr!(visit.notes_written, n = *written),
        HistoryValue::Notes { written, removed } => {
            tr!(visit.notes_changed, written = *written, removed = *removed)
        }
    };
    format!("{name}: {value}")
}
