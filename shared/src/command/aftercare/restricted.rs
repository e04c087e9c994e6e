//! The words of the restricted part of a case, and of the restricted part of a check-in.

use super::{NewEvent, day, flag, part, register, term, text_part};
use crate::command::fields::{FieldEdit, Written};
use crate::domain::aftercare::restricted::{Born, GUARDIAN};
use crate::domain::aftercare::terms::{ConsentKind, EventKind, Sex, TestResult};
use crate::domain::date::Date;
use crate::domain::vocabulary::Term as _;

/// Full name.
#[must_use]
pub fn full_name(name: Option<String>) -> FieldEdit {
    register("full_name", name)
}

/// Other names.
#[must_use]
pub fn other_names(names: Option<String>) -> FieldEdit {
    register("other_names", names)
}

/// When born.
#[must_use]
pub fn born(on: Option<Born>) -> FieldEdit {
    register("born", on.map(|born| born.to_string()))
}

/// Sex, as identity papers have it.
#[must_use]
pub fn sex(sex: Option<Sex>) -> FieldEdit {
    term("sex", sex)
}

/// Number of the identity card.
#[must_use]
pub fn identity_number(number: Option<String>) -> FieldEdit {
    register("identity_number", number)
}

/// Where the person is registered.
#[must_use]
pub fn registered_at(place: Option<String>) -> FieldEdit {
    register("registered_at", place)
}

/// Where the person lives.
#[must_use]
pub fn lives_at(place: Option<String>) -> FieldEdit {
    register("lives_at", place)
}

/// The decision: number and day.
#[must_use]
pub fn decision(number: Option<String>, on: Option<Date>) -> Vec<FieldEdit> {
    vec![register("decision_number", number), day("decision_date", on)]
}

/// The last day of after-care where the decision says another than the rule gives.
#[must_use]
pub fn ends(on: Option<Date>) -> FieldEdit {
    day("ends", on)
}

/// The certificate of completion: number and day.
#[must_use]
pub fn certificate(number: Option<String>, on: Option<Date>) -> Vec<FieldEdit> {
    vec![register("certificate_number", number), day("certificate_date", on)]
}

/// The guardian of a minor, and whether they may be contacted; `None` = not known.
#[must_use]
pub fn guardian(name: Option<String>, may_contact: Option<bool>) -> Vec<FieldEdit> {
    vec![register("guardian", name), flag("may_contact_guardian", may_contact)]
}

/// How the guardian is reached: what they are to the person, and the telephone number; `None` = not known.
#[must_use]
pub fn guardian_contact(relation: Option<String>, phone: Option<String>) -> Vec<FieldEdit> {
    let of = |field, text: Option<String>| part("guardians", GUARDIAN, field, text.map(Written::Text));
    vec![of("relation", relation), of("phone", phone)]
}

/// A further guardian, under an id of its own.
#[must_use]
pub fn further_guardian(id: &str, name: &str, relation: &str, phone: &str) -> Vec<FieldEdit> {
    let words = [("name", name), ("relation", relation), ("phone", phone)];
    words.into_iter().filter_map(|(field, text)| text_part("guardians", id, field, text)).collect()
}

/// A permission given or refused on a day, by the person or by whom is named, under an id of its own. One that is taken back
/// is another entry, not given.
#[must_use]
pub fn consent(id: &str, what: ConsentKind, given: bool, on: Date, by: &str) -> Vec<FieldEdit> {
    let of = |field, value| part("consents", id, field, Some(value));
    let said = [
        of("kind", Written::Text(what.code().to_owned())),
        of("given", Written::Flag(given)),
        of("date", Written::Text(on.to_string())),
    ];
    said.into_iter().chain(text_part("consents", id, "by", by)).collect()
}

/// Until when the case is kept.
#[must_use]
pub fn keep_until(on: Option<Date>) -> FieldEdit {
    day("keep_until", on)
}

/// A test, under an id of its own. Of the restricted part of a case or of a check-in.
#[must_use]
pub fn test(id: &str, on: Date, result: TestResult) -> Vec<FieldEdit> {
    vec![
        part("tests", id, "date", Some(Written::Text(on.to_string()))),
        part("tests", id, "result", Some(Written::Text(result.code().to_owned()))),
    ]
}

/// The day of the check-in that this is the restricted part of.
#[must_use]
pub fn date_of_check_in(on: Date) -> FieldEdit {
    day("date", Some(on))
}

/// The urine test of a check-in; `None` takes it back.
#[must_use]
pub fn urine_test(test: Option<(Date, TestResult)>) -> Vec<FieldEdit> {
    let (on, result) = test.unzip();
    vec![day("urine_date", on), term("urine_result", result)]
}

/// What an officer found at a check-in: a relapse, as the flag and as an event of the case under an id of its own. Not
/// concluded from a test.
#[must_use]
pub fn relapse(id: &str, on: Date, text: &str) -> Vec<FieldEdit> {
    let event = NewEvent {
        kind: EventKind::Relapse,
        date: on,
        ward: None,
        number: String::new(),
        by: String::new(),
        text: text.to_owned(),
    };
    [flag("relapse", Some(true))].into_iter().chain(super::event(id, &event)).collect()
}

/// Takes a relapse back that was recorded by mistake; what was written stays in the history.
#[must_use]
pub fn no_relapse(id: &str) -> Vec<FieldEdit> {
    vec![flag("relapse", Some(false)), super::out("events", id, true)]
}

/// Remarks of an officer on a check-in.
#[must_use]
pub fn remarks(text: Option<String>) -> FieldEdit {
    register("remarks", text)
}
