//! The names of a drive's fields, and their values as people read them.

use donghanh_shared::crdt::history::{FieldEdit, HistoryValue};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::pledge_drive::{
    CountedBy, DriveCount, DriveYear, Group, GroupKey, PledgeDrive, Signer,
};
use donghanh_shared::domain::vocabulary::Term as _;

use crate::i18n::format::{capital, number};
use crate::i18n::{tr, words};
use crate::screens::drive_form::year_words;
use crate::screens::naming;
use crate::state::Register;

/// What a group is called.
pub fn name_of(key: &GroupKey, group: &Group) -> String {
    group.name.value().cloned().unwrap_or_else(|| key.as_str().to_owned())
}

/// What a field is called: "Ngày", "7A2, đã ký".
pub fn field(drive: &PledgeDrive, name: &str) -> String {
    let own = match name {
        "date" => tr!(form.date),
        "ended" => tr!(drive.ended),
        "year" => tr!(drive.year),
        "ward" => tr!(form.ward),
        "place" => tr!(form.venue),
        "campaign" => tr!(form.campaign),
        "lead" => tr!(form.lead),
        "visit" => tr!(drive.with_visit),
        "archived" => tr!(visit.remove),
        "same_as" => tr!(same.field),
        "groups" => tr!(drive.groups),
        "co_organisers" => tr!(form.co_organisers),
        "done_by" => tr!(form.done_by),
        "notes" => tr!(form.notes),
        _ => return of_group(drive, name).unwrap_or_else(|| name.to_owned()),
    };
    own.to_string()
}

fn of_group(drive: &PledgeDrive, name: &str) -> Option<String> {
    let (key, field) = name.split_once('.')?;
    let key = GroupKey::parse(key)?;
    let group = drive.groups.get(&key).map_or_else(|| key.as_str().to_owned(), |group| name_of(&key, group));
    let what = match field {
        "name" => tr!(drive.name_short).to_string(),
        "signer" => tr!(drive.signer).to_string(),
        "by" => tr!(drive.by).to_string(),
        "out" => tr!(drive.take_out).to_string(),
        count => words(DriveCount::parse(count).ok()?).to_owned(),
    };
    Some(format!("{group}, {}", what.to_lowercase()))
}

fn text(register: &Register, field: &str, raw: &str) -> String {
    let read = match field {
        "date" | "ended" => raw.parse::<Date>().ok().map(Date::for_people),
        "year" => raw.parse::<DriveYear>().ok().map(year_words),
        "ward" => raw.parse().ok().map(|ward| naming::ward(register, ward)),
        "place" => raw.parse().ok().map(|place| naming::place(register, place)),
        "campaign" => raw.parse().ok().map(|campaign| naming::campaign(register, &campaign)),
        "same_as" => raw.parse().ok().map(|id| naming::other_record(register, id)),
        "lead" | "co_organisers" => raw.parse().ok().map(|lead| naming::organisation(register, &lead)),
        "visit" => Some(tr!(drive.open_visit).to_string()),
        "signer" => Signer::parse(raw).ok().map(|signer| capital(words(signer))),
        "by" => CountedBy::parse(raw).ok().map(|by| capital(words(by))),
        _ => None,
    };
    read.unwrap_or_else(|| raw.to_owned())
}

/// What one edit of the history wrote, in one line: "7A2, đã ký: 31".
pub fn edit(drive: &PledgeDrive, register: &Register, edit: &FieldEdit) -> String {
    let in_group = edit.field == "groups";
    let name = if in_group { field(drive, &edit.key) } else { field(drive, &edit.field) };
    // Of a group's key the part behind the dot says what it is.
    let of = match in_group {
        true => edit.key.split_once('.').map_or("", |(_, field)| field),
        false => edit.field.as_str(),
    };
    let value = match &edit.value {
        HistoryValue::Text(raw) => text(register, of, raw),
        HistoryValue::Number(None) => tr!(common.unknown).to_string(),
        HistoryValue::Number(Some(n)) => number(u64::try_from(*n).unwrap_or_default()),
        HistoryValue::Taps(n) => tr!(visit.taps, n = *n),
        HistoryValue::Flag(true) if of == "co_organisers" => text(register, of, &edit.key),
        HistoryValue::Flag(true) => tr!(common.yes).to_string(),
        HistoryValue::Flag(false) | HistoryValue::Removed => match of {
            "co_organisers" => tr!(visit.took_out, what = text(register, of, &edit.key)),
            "out" => tr!(drive.put_back).to_string(),
            _ => tr!(visit.taken_back).to_string(),
        },
        HistoryValue::Notes { written, removed: 0 } => tr!(visit.notes_written, n = *written),
        HistoryValue::Notes { written, removed } => {
            tr!(visit.notes_changed, written = *written, removed = *removed)
        }
    };
    format!("{name}: {value}")
}
