//! The names of a visit's fields, and their values as people read them.

use donghanh_shared::crdt::history::{FieldEdit, HistoryValue};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::outreach_visit::{CountKey, Topic};
use donghanh_shared::domain::vocabulary::Term as _;

use crate::i18n::format::{capital, number};
use crate::i18n::{tr, words};
use crate::screens::naming;
use crate::state::Register;

/// What a field is called.
pub fn field(name: &str) -> String {
    if let Ok(count) = CountKey::parse(name) {
        return capital(words(count));
    }
    match name.split('.').next().unwrap_or(name) {
        "date" => tr!(form.date).to_string(),
        "time" => tr!(form.time).to_string(),
        "ward" => tr!(form.ward).to_string(),
        "venue" => tr!(form.venue).to_string(),
        "form" => tr!(form.form).to_string(),
        "campaign" => tr!(form.campaign).to_string(),
        "lead" => tr!(form.lead).to_string(),
        "programme_year" => tr!(visit.programme_year).to_string(),
        "position" => tr!(visit.position).to_string(),
        "archived" => tr!(visit.remove).to_string(),
        "same_as" => tr!(same.field).to_string(),
        "places" => tr!(form.places).to_string(),
        "other_wards" => tr!(form.other_wards).to_string(),
        "co_organisers" => tr!(form.co_organisers).to_string(),
        "topics" => tr!(form.topics).to_string(),
        "done_by" => tr!(form.done_by).to_string(),
        "notes" => tr!(form.notes).to_string(),
        "follow_ups" => tr!(form.follow_ups).to_string(),
        "photos" => tr!(visit.photos).to_string(),
        other => other.to_owned(),
    }
}

/// A text of a field, read as what it stands for; a text that stands for nothing known is shown as it is.
pub fn text(register: &Register, field: &str, raw: &str) -> String {
    let read = match field {
        "date" => raw.parse::<Date>().ok().map(Date::for_people),
        "ward" | "other_wards" => raw.parse().ok().map(|ward| naming::ward(register, ward)),
        "venue" | "places" => raw.parse().ok().map(|place| naming::place(register, place)),
        "form" => Some(naming::form(raw)),
        "campaign" => raw.parse().ok().map(|campaign| naming::campaign(register, &campaign)),
        "lead" | "co_organisers" => raw.parse().ok().map(|lead| naming::organisation(register, &lead)),
        "same_as" => raw.parse().ok().map(|id| naming::other_record(register, id)),
        "topics" => Topic::parse(raw).ok().map(|topic| capital(words(topic))),
        "position" => Some(tr!(form.position_kept).to_string()),
        _ => None,
    };
    read.unwrap_or_else(|| raw.to_owned())
}

/// What one edit of the history wrote, in one line: "Lượt người dự: 80".
pub fn edit(register: &Register, edit: &FieldEdit) -> String {
    let name = field(&edit.field);
    let inside = |key: &str| match edit.field.as_str() {
        // Keys of these are random; only the value says something.
        "done_by" | "follow_ups" | "photos" => String::new(),
        field => text(register, field, key),
    };
    let value = match &edit.value {
        HistoryValue::Text(raw) if edit.field == "follow_ups" => follow_up(&edit.key, raw),
        HistoryValue::Text(raw) => text(register, &edit.field, raw),
        HistoryValue::Number(None) => tr!(common.unknown).to_string(),
        HistoryValue::Number(Some(n)) => number(u64::try_from(*n).unwrap_or_default()),
        HistoryValue::Taps(n) => tr!(visit.taps, n = *n),
        HistoryValue::Flag(true) if edit.field == "follow_ups" => tr!(visit.follow_up_done).to_string(),
        HistoryValue::Flag(true) if edit.field == "photos" => tr!(photo.added).to_string(),
        HistoryValue::Flag(true) => inside(&edit.key),
        HistoryValue::Flag(false) | HistoryValue::Removed => match inside(&edit.key) {
            empty if empty.is_empty() => tr!(visit.taken_back).to_string(),
            what => tr!(visit.took_out, what = what),
        },
        HistoryValue::Notes { written, removed: 0 } => tr!(visit.notes_written, n = *written),
        HistoryValue::Notes { written, removed } => {
            tr!(visit.notes_changed, written = *written, removed = *removed)
        }
    };
    format!("{name}: {value}")
}

fn follow_up(key: &str, raw: &str) -> String {
    let is_due = key.ends_with("due");
    raw.parse::<Date>().ok().filter(|_| is_due).map_or_else(|| raw.to_owned(), Date::for_people)
}
