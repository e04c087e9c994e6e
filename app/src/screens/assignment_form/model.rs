//! The values of the form of an assignment, and the edits that make a record equal to them. Only what a person changed
//! becomes an edit, so that what others wrote meanwhile stays.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::command::fields::FieldEdit;
use donghanh_shared::command::{Edits, work_assignment as words};
use donghanh_shared::crdt::rules::MAX_NAME;
use donghanh_shared::domain::count::Amount;
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::outreach_visit::Form;
use donghanh_shared::domain::work_assignment::{Ask, NUMBER, Work, WorkAssignment};
use donghanh_shared::ids::{PersonId, PlaceId};
use leptos::prelude::AnyView;
use serde::{Deserialize, Serialize};

use crate::i18n::tr;
use crate::screens::form::common::{Common, changes};
use crate::screens::form::{self, RecordForm};
use crate::screens::naming;
use crate::state::{OpenAssignment, Register};

/// Who is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum To {
    /// An organisation.
    #[default]
    Union,
    /// A person.
    Person,
}

impl To {
    /// As its chip says it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Union => "union",
            Self::Person => "person",
        }
    }

    /// Of its chip.
    pub fn of(code: &str) -> Self {
        if code == Self::Person.code() { Self::Person } else { Self::Union }
    }
}

/// Everything a person can type about an assignment.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AssignmentForm {
    /// What every form has; the day is the first that counts, who leads is who is asked to.
    #[serde(flatten)]
    pub common: Common,
    /// What it is called.
    pub name: String,
    /// What is asked for.
    pub what: Option<Work>,
    /// How many.
    pub number: Option<u32>,
    /// The form that visits are to have.
    pub form: Option<Form>,
    /// The last day that counts.
    pub by: Option<Date>,
    /// Places to be reached.
    pub places: BTreeSet<PlaceId>,
    /// Which of the two below is asked.
    pub to: To,
    /// People asked, with their names.
    pub people: BTreeMap<PersonId, String>,
}

impl AssignmentForm {
    /// Whether a person is asked: check-ins are never asked of an organisation.
    pub fn is_of_person(&self) -> bool {
        self.to == To::Person || self.what == Some(Work::CheckIn)
    }

    /// Whether it goes by a number, and not by places.
    pub fn goes_by_number(&self) -> bool {
        self.places.is_empty() || self.what == Some(Work::CheckIn)
    }

    /// What it asks for, of whom: what does not apply is left out.
    fn ask(&self) -> Ask {
        let of_person = self.is_of_person();
        Ask {
            what: self.what,
            number: self.number,
            from: self.common.date,
            by: self.by,
            ward: self.common.ward,
            lead: self.common.lead.clone().filter(|_| !of_person),
            people: if of_person { self.people.clone() } else { BTreeMap::new() },
            form: self.form.filter(|_| self.what == Some(Work::Visit)),
            places: if self.goes_by_number() { BTreeSet::new() } else { self.places.clone() },
        }
    }
}

/// What a person typed, without spaces around it; `None` for nothing.
fn typed(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

impl RecordForm for AssignmentForm {
    type Record = WorkAssignment;

    const DRAFTS: &'static str = "assignment";
    const PATH: &'static str = "/assignments";
    const PLACE: &'static str = "places";
    const IS_ACTIVITY: bool = false;

    fn lead_label() -> String {
        tr!(assignment.lead).to_string()
    }

    fn notes_hint() -> String {
        tr!(assignment.notes_hint).to_string()
    }

    fn of(found: &OpenAssignment) -> Self {
        let assignment = &found.value;
        let common = Common {
            date: assignment.from.value().copied(),
            ward: found.home_ward.or(assignment.ward.value().copied()),
            campaign: assignment.campaign.value().cloned(),
            lead: assignment.lead.value().cloned(),
            notes: assignment.notes.clone(),
            ..Common::default()
        };
        let to = if assignment.asked.is_empty() { To::Union } else { To::Person };
        Self {
            common,
            name: assignment.name.value().cloned().unwrap_or_default(),
            what: assignment.what.value().copied(),
            number: assignment.number.total(),
            form: assignment.form.value().copied(),
            by: assignment.by.value().copied(),
            places: assignment.places.clone(),
            to,
            people: assignment.asked.clone(),
        }
    }

    fn common(&self) -> &Common {
        &self.common
    }

    fn common_mut(&mut self) -> &mut Common {
        &mut self.common
    }

    /// The next one like it: of somebody else, by another day.
    fn take_over(&mut self, before: &Self) {
        self.what = before.what;
        self.number = before.number;
        self.form = before.form;
        self.by = before.by;
        self.places.clone_from(&before.places);
        self.common.campaign.clone_from(&before.common.campaign);
        self.name.clone_from(&before.name);
    }

    fn back(_: Option<donghanh_shared::ids::DocumentId>) -> String {
        "/assignments".to_owned()
    }

    fn after_new(&self) -> String {
        "/assignments".to_owned()
    }

    fn problems(&self, _: Date) -> Vec<Problem> {
        let mut found = self.ask().problems();
        // Where a person is to be chosen, that is the field to be mended.
        for problem in found.iter_mut().filter(|problem| problem.field.as_deref() == Some("lead")) {
            problem.field = Some(if self.is_of_person() { "person" } else { "lead" }.to_owned());
        }
        if self.common.ward.is_none() {
            found.insert(0, Problem::new(Code::WardUnknown).at("ward"));
        }
        if self.number.is_some_and(|n| Amount::new(i64::from(n)).is_err()) {
            found.push(Problem::new(Code::CountTooLarge).at(NUMBER));
        }
        if self.name.trim().len() > MAX_NAME {
            found.push(Problem::new(Code::TextTooLong).at("name"));
        }
        found
    }

    fn edits_since(&self, before: &Self) -> Edits {
        let (was, is) = (before.ask(), self.ask());
        let mut found = Vec::new();
        let mut note = |differs: bool, edit: Option<FieldEdit>| found.extend(edit.filter(|_| differs));
        note(typed(&before.name) != typed(&self.name), Some(words::name(typed(&self.name))));
        note(was.what != is.what, Some(words::what(is.what)));
        note(was.form != is.form, Some(words::form(is.form)));
        // What is wrong `problems` names; nothing wrong is ever written.
        let number = is.number.map(|n| Amount::new(i64::from(n))).transpose().ok();
        note(was.number != is.number, number.map(words::number));
        note(was.from != is.from, Some(words::from(is.from)));
        note(was.by != is.by, Some(words::by(is.by)));
        note(was.ward != is.ward, is.ward.map(words::ward));
        note(was.lead != is.lead, Some(words::lead(is.lead.as_ref())));
        let (old, new) = (&before.common, &self.common);
        note(old.campaign != new.campaign, Some(words::campaign(new.campaign.as_ref())));
        note(old.notes != new.notes, Some(words::notes(&new.notes)));
        found.extend(changes(&was.places, &is.places).map(|(place, on)| words::place(place, on)));
        let gone = was.people.keys().filter(|person| !is.people.contains_key(person));
        found.extend(gone.map(|person| words::asked(*person, None)));
        let written = is.people.iter().filter(|(person, name)| was.people.get(*person) != Some(name));
        found.extend(written.map(|(person, name)| words::asked(*person, Some(name.clone()))));
        found.into()
    }

    fn title(&self, _: &Register) -> String {
        typed(&self.name).unwrap_or_else(|| naming::work(&self.ask()))
    }

    fn titles() -> (String, String) {
        (tr!(assignment.new).to_string(), tr!(assignment.title_edit).to_string())
    }

    fn draw(editor: form::Editor<Self>) -> AnyView {
        super::draw(editor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(edits: Edits) -> Vec<FieldEdit> {
        match edits {
            Edits::Fields(edits) => edits,
            Edits::Visit(_) => panic!("an assignment has fields"),
        }
    }

    fn asks() -> AssignmentForm {
        AssignmentForm {
            common: Common {
                date: "2026-06-01".parse().ok(),
                ward: "08707@2025-07-01".parse().ok(),
                lead: "thanh-doan".parse().ok(),
                ..Common::default()
            },
            what: Some(Work::Visit),
            number: Some(5),
            by: "2026-06-26".parse().ok(),
            ..AssignmentForm::default()
        }
    }

    fn codes(form: &AssignmentForm) -> Vec<Code> {
        form.problems("2026-06-20".parse().expect("day")).into_iter().map(|problem| problem.code).collect()
    }

    #[test]
    fn only_what_changed_becomes_an_edit() {
        let before = asks();
        assert!(before.edits_since(&before).is_empty());
        let after = AssignmentForm { name: " Tháng hành động ".into(), number: Some(6), ..asks() };
        let six = Amount::new(6).ok();
        let expected = [words::name(Some("Tháng hành động".into())), words::number(six)];
        assert_eq!(list(after.edits_since(&before)), expected);
    }

    #[test]
    fn asked_of_a_person_it_is_no_longer_asked_of_the_organisation() {
        let person = PersonId([1; 16]);
        let people: BTreeMap<_, _> = [(person, "Lan".to_owned())].into();
        let after = AssignmentForm { to: To::Person, people, ..asks() };
        let expected = [words::lead(None), words::asked(person, Some("Lan".into()))];
        assert_eq!(list(after.edits_since(&asks())), expected);
        assert_eq!(codes(&AssignmentForm { people: BTreeMap::new(), ..after.clone() }), [Code::AskedMissing]);
        let back = AssignmentForm { to: To::Union, ..after.clone() };
        let expected = [words::lead(asks().common.lead.as_ref()), words::asked(person, None)];
        assert_eq!(list(back.edits_since(&after)), expected);
    }

    #[test]
    fn check_ins_are_asked_of_people_by_number() {
        let mut form =
            AssignmentForm { what: Some(Work::CheckIn), places: [PlaceId([1; 16])].into(), ..asks() };
        assert_eq!(codes(&form), [Code::AskedMissing], "no organisation visits a case");
        let field = form.problems("2026-06-20".parse().expect("day"))[0].field.clone();
        assert_eq!(field.as_deref(), Some("person"));
        form.people.insert(PersonId([1; 16]), "Lan".into());
        assert_eq!(codes(&form), []);
        assert!(form.ask().places.is_empty() && form.goes_by_number());
        assert_eq!(codes(&AssignmentForm { number: None, ..form }), [Code::NumberMissing]);
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(codes(&asks()), []);
        assert_eq!(codes(&AssignmentForm { by: None, ..asks() }), [Code::DueMissing]);
        assert_eq!(codes(&AssignmentForm { number: Some(2_000_000), ..asks() }), [Code::CountTooLarge]);
        let named = AssignmentForm { number: None, places: [PlaceId([1; 16])].into(), ..asks() };
        assert_eq!(codes(&named), [], "the places say how many");
    }
}
