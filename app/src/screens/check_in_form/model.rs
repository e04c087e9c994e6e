//! The values of the form of a check-in, and the edits that make its documents equal to them. What only officers may know is
//! a document of its own.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::command::Edits;
use donghanh_shared::command::aftercare::{self, NewSupport, check_in as words, restricted};
use donghanh_shared::command::fields::FieldEdit;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::aftercare::terms::{How, Life, Need, Sign, State, SupportKind, TestResult};
use donghanh_shared::domain::aftercare::{CheckIn, CheckInRestricted};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::DocumentId;
use leptos::prelude::AnyView;
use serde::{Deserialize, Serialize};

use crate::i18n::tr;
use crate::screens::form::common::{Common, changes, names_changed};
use crate::screens::form::{self, RecordForm};
use crate::state::{AppState, OfCase, OpenCheckIn, Register, Save};

/// Support as somebody enters it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SupportForm {
    /// What it is.
    pub kind: SupportKind,
    /// Given, not only referred.
    pub given: bool,
    /// Its key in the record.
    pub id: String,
}

/// Everything a person can type about a check-in.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CheckInForm {
    /// What every form has; of it the day, who did it and the notes.
    #[serde(flatten)]
    pub common: Common,
    /// The core of its case.
    pub case: Option<DocumentId>,
    /// Its own identity, once it is saved.
    pub id: Option<DocumentId>,
    /// How.
    pub how: Option<How>,
    /// Whether the person was met.
    pub met: Option<bool>,
    /// Why not.
    pub not_met_because: String,
    /// How each field of life is.
    pub situation: BTreeMap<Life, State>,
    /// What the person needs.
    pub needs: BTreeSet<Need>,
    /// Signs of renewed use.
    pub signs: BTreeSet<Sign>,
    /// Support given or referred.
    pub support: Vec<SupportForm>,
    /// The day agreed for the next.
    pub next_due: Option<Date>,
    /// What a urine test gave; officers only.
    pub urine: Option<TestResult>,
    /// Remarks; officers only.
    pub remarks: String,
}

impl CheckInForm {
    /// Starts with what held at the last check-in: only what changed is to be told.
    pub fn carry_over(&mut self, last: &CheckIn) {
        self.how = last.how.value().copied();
        let known = last.situation.keys().filter_map(|life| Some((*life, last.state(*life)?)));
        self.situation = known.filter(|(_, state)| *state != State::Unknown).collect();
        self.needs.clone_from(&last.needs);
    }
}

impl RecordForm for CheckInForm {
    type Record = OfCase<CheckIn>;

    const DRAFTS: &'static str = "check-in";
    const PATH: &'static str = "/check-ins";
    const PLACE: &'static str = "place";
    const IS_ACTIVITY: bool = false;

    fn of(found: &OpenCheckIn) -> Self {
        let of = &found.value.value;
        let common = Common {
            date: of.date.value().copied(),
            ward: found.home_ward,
            done_by: of.done_by.clone(),
            notes: of.notes.clone(),
            ..Common::default()
        };
        let support = of.support.iter().filter(|(_, support)| support.is_in()).filter_map(|(id, support)| {
            let kind = support.kind.value().copied()?;
            Some(SupportForm { kind, given: support.is_given(), id: id.clone() })
        });
        Self {
            common,
            case: found.case,
            id: Some(found.id),
            how: of.how.value().copied(),
            met: of.met.value().copied(),
            not_met_because: of.not_met_because.value().cloned().unwrap_or_default(),
            situation: of.situation.keys().filter_map(|life| Some((*life, of.state(*life)?))).collect(),
            needs: of.needs.clone(),
            signs: of.signs.clone(),
            support: support.collect(),
            next_due: of.next_due.value().copied(),
            ..Self::default()
        }
    }

    async fn complete(self, state: AppState) -> Self {
        let Some(companion) = self.id.map(DocumentId::restricted_companion) else { return self };
        match state.open::<OfCase<CheckInRestricted>>(companion).await {
            Ok(Some(found)) => {
                let of = found.value.value;
                let remarks = of.remarks.value().cloned().unwrap_or_default();
                Self { urine: of.urine_result.value().copied(), remarks, ..self }
            }
            _ => self,
        }
    }

    fn common(&self) -> &Common {
        &self.common
    }

    fn common_mut(&mut self) -> &mut Common {
        &mut self.common
    }

    fn take_over(&mut self, _: &Self) {}

    fn problems(&self, today: Date) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut need = |missing: bool, code: Code, field: &str| {
            if missing {
                found.push(Problem::new(code).at(field));
            }
        };
        let date = self.common.date;
        need(date.is_none(), Code::DateMissing, "date");
        need(date.is_some_and(|date| date > today), Code::DateInFuture, "date");
        need(self.met.is_none(), Code::FieldMissing, "met");
        need(self.how.is_none(), Code::FieldMissing, "how");
        let silent = self.met == Some(false) && self.not_met_because.trim().is_empty();
        need(silent, Code::FieldMissing, "not-met-because");
        need(
            date.zip(self.next_due).is_some_and(|(date, next)| next <= date),
            Code::PeriodInvalid,
            "next-due",
        );
        need(self.common.done_by.is_empty(), Code::FieldMissing, "done-by");
        need(self.common.ward.is_none(), Code::WardUnknown, "ward");
        found
    }

    fn edits_since(&self, before: &Self) -> Edits {
        edits(before, self).into()
    }

    fn with_others(&self, _: AppState, before: &Self, save: Save) -> Vec<Save> {
        let Some(case) = self.case else { return vec![save] };
        let hidden = of_officer(before, self);
        let companion = save.id.restricted_companion();
        let ward = save.ward;
        let mut saves = vec![save.in_case(case)];
        if !hidden.is_empty() {
            let hidden = Save::of(Kind::CheckInRestricted, Some(companion), ward, hidden);
            saves.push(hidden.in_case(case));
        }
        saves
    }

    fn title(&self, _: &Register) -> String {
        tr!(care.check_in).to_string()
    }

    fn titles() -> (String, String) {
        (tr!(care.log_check_in).to_string(), tr!(care.edit_check_in).to_string())
    }

    fn new_address(case: &str) -> String {
        format!("/cases/{case}/check-in")
    }

    fn back(about: Option<DocumentId>) -> String {
        about.map_or_else(|| "/cases".to_owned(), |case| format!("/cases/{case}"))
    }

    fn after_new(&self) -> String {
        Self::back(self.case)
    }

    fn draw(editor: form::Editor<Self>) -> AnyView {
        super::fields::fields(editor)
    }
}

fn edits(before: &CheckInForm, after: &CheckInForm) -> Vec<FieldEdit> {
    let (was, is) = (&before.common, &after.common);
    let mut found = Vec::new();
    if was.date != is.date {
        found.push(words::date(is.date));
    }
    if before.how != after.how {
        found.push(words::how(after.how));
    }
    if before.met != after.met || before.not_met_because != after.not_met_because {
        match after.met {
            Some(true) => found.extend(words::met()),
            Some(false) => found.extend(words::not_met(after.not_met_because.trim())),
            None => {}
        }
    }
    for life in after.situation.keys().chain(before.situation.keys()).collect::<BTreeSet<_>>() {
        let (old, new) = (before.situation.get(life), after.situation.get(life));
        if old != new {
            found.push(words::situation(*life, new.copied()));
        }
    }
    found.extend(changes(&before.needs, &after.needs).map(|(need, on)| aftercare::need(need, on)));
    found.extend(changes(&before.signs, &after.signs).map(|(sign, on)| words::sign(sign, on)));
    if before.next_due != after.next_due {
        found.push(words::next_due(after.next_due));
    }
    let names = names_changed(&was.done_by, &is.done_by);
    found.extend(names.into_iter().map(|(key, name)| words::done_by(&key, name)));
    if was.notes != is.notes {
        found.push(aftercare::notes(&is.notes));
    }
    support(before, after, &mut found);
    found
}

fn support(before: &CheckInForm, after: &CheckInForm, found: &mut Vec<FieldEdit>) {
    let stands = |all: &[SupportForm], id: &str| all.iter().any(|one| one.id == id);
    for one in after.support.iter().filter(|one| !before.support.contains(one)) {
        let Some(date) = after.common.date else { continue };
        let (kind, given) = (one.kind, one.given);
        let new = NewSupport { kind, given, date, by: String::new(), text: String::new() };
        found.extend(aftercare::support(&one.id, &new));
    }
    for gone in before.support.iter().filter(|one| !stands(&after.support, &one.id)) {
        found.push(aftercare::out("support", &gone.id, true));
    }
}

/// What belongs into the restricted companion.
fn of_officer(before: &CheckInForm, after: &CheckInForm) -> Vec<FieldEdit> {
    let mut found = Vec::new();
    if before.urine != after.urine {
        found.extend(restricted::urine_test(after.common.date.zip(after.urine)));
    }
    if before.remarks.trim() != after.remarks.trim() {
        let remarks = after.remarks.trim();
        found.push(restricted::remarks((!remarks.is_empty()).then(|| remarks.to_owned())));
    }
    if !found.is_empty()
        && let Some(date) = after.common.date
    {
        found.push(restricted::date_of_check_in(date));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete() -> CheckInForm {
        let mut form = CheckInForm { how: Some(How::Home), met: Some(true), ..CheckInForm::default() };
        form.common.date = "2026-06-18".parse().ok();
        form.common.ward = "08707@2025-07-01".parse().ok();
        form.common.done_by.insert("a".into(), "Lan".into());
        form
    }

    #[test]
    fn only_what_changed_becomes_an_edit_and_what_is_confidential_goes_apart() {
        let before = complete();
        let mut after = before.clone();
        assert!(after.edits_since(&before).is_empty());
        after.situation.insert(Life::Work, State::Difficult);
        after.urine = Some(TestResult::Negative);
        let expected = vec![words::situation(Life::Work, Some(State::Difficult))];
        assert_eq!(after.edits_since(&before), expected.into(), "no test result in what a helper reads");
        assert_eq!(of_officer(&before, &after).len(), 3);
    }

    #[test]
    fn what_is_missing_is_named() {
        let today = "2026-06-18".parse().expect("day");
        assert_eq!(complete().problems(today), []);
        let not_met = CheckInForm { met: Some(false), ..complete() };
        assert_eq!(not_met.problems(today), [Problem::new(Code::FieldMissing).at("not-met-because")]);
    }

    #[test]
    fn support_taken_out_stays_in_the_record() {
        let one = SupportForm { kind: SupportKind::Loan, given: false, id: "s1".into() };
        let before = CheckInForm { support: vec![one], ..complete() };
        let after = complete();
        assert_eq!(edits(&before, &after), [aftercare::out("support", "s1", true)]);
    }
}
