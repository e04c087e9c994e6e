//! The words of a check-in.

use super::{day, flag, in_set, name, register, term};
use crate::command::fields::{FieldEdit, Written};
use crate::domain::aftercare::CheckIn;
use crate::domain::aftercare::terms::{How, Life, Sign, State};
use crate::domain::date::{ClockTime, Date};
use crate::domain::vocabulary::Term as _;

/// The day.
#[must_use]
pub fn date(on: Option<Date>) -> FieldEdit {
    day("date", on)
}

/// The time of day.
#[must_use]
pub fn time(at: Option<ClockTime>) -> FieldEdit {
    register("time", at.map(|at| at.to_string()))
}

/// How.
#[must_use]
pub fn how(how: Option<How>) -> FieldEdit {
    term("how", how)
}

/// The person was met; what was said of not meeting is taken back.
#[must_use]
pub fn met() -> Vec<FieldEdit> {
    vec![flag("met", Some(true)), register("not_met_because", None)]
}

/// The person was not met, and why.
#[must_use]
pub fn not_met(because: &str) -> Vec<FieldEdit> {
    vec![flag("met", Some(false)), register("not_met_because", Some(because.to_owned()))]
}

/// The day agreed for the next.
#[must_use]
pub fn next_due(on: Option<Date>) -> FieldEdit {
    day("next_due", on)
}

/// Who did it: key and name; `None` takes the person out.
#[must_use]
pub fn done_by(key: &str, who: Option<String>) -> FieldEdit {
    name("done_by", key, who)
}

/// Who was met besides the person: key and name; `None` takes them out.
#[must_use]
pub fn met_with(key: &str, who: Option<String>) -> FieldEdit {
    name("met_with", key, who)
}

/// What was talked about, or not after all.
#[must_use]
pub fn topic(life: Life, is_in: bool) -> FieldEdit {
    in_set("topics", life, is_in)
}

/// How a field of life is; `None` = not asked.
#[must_use]
pub fn situation(life: Life, state: Option<State>) -> FieldEdit {
    let state = state.map(|state| Written::Text(state.code().to_owned()));
    FieldEdit::Entry("situation".to_owned(), life.code().to_owned(), state)
}

/// A sign of renewed use, or not after all.
#[must_use]
pub fn sign(sign: Sign, is_in: bool) -> FieldEdit {
    in_set("signs", sign, is_in)
}

/// What a new check-in starts with, so that only what changed since the last one is to be told: how people met, how each
/// field of life was, and needs. Not what holds for one visit only: day, met or not, signs, support, notes, the next day
/// due; nor what was not known: that is to be asked again.
#[must_use]
pub fn carried_over(last: &CheckIn) -> Vec<FieldEdit> {
    let known = |life: &Life| last.state(*life).filter(|state| *state != State::Unknown);
    let how = last.how.value().map(|value| how(Some(*value)));
    let lives = last.situation.keys().filter_map(|life| Some(situation(*life, Some(known(life)?))));
    let needs = last.needs.iter().map(|need| super::need(*need, true));
    how.into_iter().chain(lives).chain(needs).collect()
}
