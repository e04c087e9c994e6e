//! The values of the form of a case, and the edits that make its two documents equal to them.

use std::collections::BTreeSet;

use donghanh_shared::command::Edits;
use donghanh_shared::command::aftercare::{self, OfCase as BothParts, case as words, restricted};
use donghanh_shared::command::fields::FieldEdit;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::aftercare::restricted::Born;
use donghanh_shared::domain::aftercare::rules::{end_of, rule_in_force};
use donghanh_shared::domain::aftercare::terms::{Completion, Need, Sex};
use donghanh_shared::domain::aftercare::{AftercareCase, AftercareRestricted, AftercareRules};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::DocumentId;
use leptos::prelude::{AnyView, WithUntracked as _};
use serde::{Deserialize, Serialize};

use crate::i18n::tr;
use crate::screens::care::same_person;
use crate::screens::form::common::{Common, changes};
use crate::screens::form::{self, RecordForm};
use crate::state::{AppState, OfCase, OpenCase, Register, Save};

/// Everything a person can type about a case.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CaseForm {
    /// What every form has; of it the ward and the notes.
    #[serde(flatten)]
    pub common: Common,
    /// Its identity, once it is saved.
    pub id: Option<DocumentId>,
    /// How to address the person.
    pub address_as: String,
    /// The officer.
    pub officer: String,
    /// The person's telephone number.
    pub phone: String,
    /// Where to meet.
    pub meet_at: String,
    /// When it suits.
    pub meet_when: String,
    /// Where and how to visit, at length.
    pub visiting: String,
    /// Days between visits; `None`: by the rule.
    pub every_days: Option<u16>,
    /// What the person needs.
    pub needs: BTreeSet<Need>,
    /// Full name.
    pub full_name: String,
    /// Day or year of birth, as typed: `02/03/1985`, `1985`.
    pub born: String,
    /// Sex.
    pub sex: Option<Sex>,
    /// Number of the identity card.
    pub identity_number: String,
    /// Where the person is registered.
    pub registered_at: String,
    /// Where the person lives.
    pub lives_at: String,
    /// The way of treatment completed.
    pub completion: Option<Completion>,
    /// Number of the decision.
    pub decision_number: String,
    /// Its day.
    pub decision_date: Option<Date>,
    /// The first day of after-care.
    pub starts: Option<Date>,
    /// Its last day, typed only where no rule gives it.
    pub ends: Option<Date>,
    /// The guardian of a minor.
    pub guardian: String,
    /// What the guardian is to the person.
    pub guardian_relation: String,
    /// The guardian's telephone number.
    pub guardian_phone: String,
    /// Whether the guardian may be contacted; `None`: nobody asked.
    pub may_contact_guardian: Option<bool>,
}

impl CaseForm {
    /// The last day by the rule in force on the first; `None` where none was.
    pub fn ends_by_rule(&self, rules: &AftercareRules) -> Option<Date> {
        let (completion, starts) = self.completion.zip(self.starts)?;
        rule_in_force(&rules.legal, completion, starts).map(|rule| end_of(starts, rule))
    }

    /// Aged 12–17 when treatment ended, by its way, or by the birth on the first day of after-care: one of whom only the year
    /// is known counts as a minor as long as that may be.
    pub fn is_minor(&self) -> bool {
        let born = born(&self.born).ok().flatten();
        let by_birth = born.zip(self.starts).is_some_and(|(born, starts)| born.age_on(starts).0 < 18);
        self.is_minor_by_decision() || by_birth
    }

    fn is_minor_by_decision(&self) -> bool {
        self.completion == Some(Completion::CompulsoryMinor)
    }
}

/// Reads a birth as people write it: `02/03/1985`, `1985`.
pub fn born(text: &str) -> Result<Option<Born>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let parts: Vec<&str> = text.split(['/', '-', '.']).map(str::trim).collect();
    let iso = match parts.as_slice() {
        [year] => (*year).to_owned(),
        [day, month, year] => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => return Err(Problem::new(Code::DateInvalid)),
    };
    iso.parse().map(Some)
}

/// The same, as people write it.
fn born_words(born: Born) -> String {
    match born.day {
        Some((month, day)) => format!("{day:02}/{month:02}/{}", born.year),
        None => born.year.to_string(),
    }
}

impl RecordForm for CaseForm {
    type Record = OfCase<AftercareCase>;

    const DRAFTS: &'static str = "case";
    const PATH: &'static str = "/cases";
    const PLACE: &'static str = "place";
    const IS_ACTIVITY: bool = false;

    fn of(found: &OpenCase) -> Self {
        let of = &found.value.value;
        let text = |value: &donghanh_shared::domain::register::Register<String>| {
            value.value().cloned().unwrap_or_default()
        };
        let ward = found.home_ward.or(of.ward.value().copied());
        Self {
            common: Common { ward, notes: of.notes.clone(), ..Common::default() },
            id: Some(found.id),
            address_as: text(&of.address_as),
            officer: text(&of.officer),
            phone: text(&of.phone),
            meet_at: text(&of.meet_at),
            meet_when: text(&of.meet_when),
            visiting: of.visiting.clone(),
            every_days: of.every_days.value().copied(),
            needs: of.needs.clone(),
            starts: of.since.value().copied(),
            ends: of.until.value().copied(),
            ..Self::default()
        }
    }

    async fn complete(self, state: AppState) -> Self {
        let Some(companion) = self.id.map(DocumentId::restricted_companion) else { return self };
        let found = state.open::<OfCase<AftercareRestricted>>(companion).await;
        let Ok(Some(found)) = found else { return self };
        let of = found.value.value;
        let contact = of.guardian_contact().cloned().unwrap_or_default();
        Self {
            full_name: of.full_name.value().cloned().unwrap_or_default(),
            born: of.born.value().map(|born| born_words(*born)).unwrap_or_default(),
            sex: of.sex.value().copied(),
            identity_number: of.identity_number.value().cloned().unwrap_or_default(),
            registered_at: of.registered_at.value().cloned().unwrap_or_default(),
            lives_at: of.lives_at.value().cloned().unwrap_or_default(),
            completion: of.completion.value().copied(),
            decision_number: of.decision_number.value().cloned().unwrap_or_default(),
            decision_date: of.decision_date.value().copied(),
            starts: of.starts.value().copied().or(self.starts),
            ends: of.ends.value().copied().or(self.ends),
            guardian: of.guardian.value().cloned().unwrap_or_default(),
            guardian_relation: contact.relation.value().cloned().unwrap_or_default(),
            guardian_phone: contact.phone.value().cloned().unwrap_or_default(),
            may_contact_guardian: of.may_contact_guardian.value().copied(),
            ..self
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
        let blank = |text: &str| text.trim().is_empty();
        need(self.common.ward.is_none(), Code::WardUnknown, "ward");
        need(blank(&self.address_as), Code::FieldMissing, "address-as");
        need(blank(&self.full_name), Code::FieldMissing, "full-name");
        need(born(&self.born).is_err(), Code::DateInvalid, "born");
        need(self.completion.is_none(), Code::FieldMissing, "completion");
        need(self.starts.is_none(), Code::DateMissing, "starts");
        need(self.decision_date.is_some_and(|day| day > today), Code::DateInFuture, "decision-date");
        need(self.starts.zip(self.ends).is_some_and(|(from, to)| to < from), Code::PeriodInvalid, "ends");
        need(blank(&self.officer), Code::FieldMissing, "officer");
        need(self.is_minor_by_decision() && blank(&self.guardian), Code::FieldMissing, "guardian");
        found
    }

    fn edits_since(&self, before: &Self) -> Edits {
        core(before, self).into()
    }

    fn with_others(&self, state: AppState, before: &Self, save: Save) -> Vec<Save> {
        let term = state.rules.with_untracked(|rules| term(before, self, rules));
        let save = save.and(term.core);
        let hidden: Vec<FieldEdit> = hidden(before, self).into_iter().chain(term.restricted).collect();
        if hidden.is_empty() {
            return vec![save];
        }
        let (case, ward) = (save.id, save.ward);
        let hidden = Save::of(Kind::AftercareRestricted, Some(case.restricted_companion()), ward, hidden);
        vec![save, hidden.in_case(case)]
    }

    fn title(&self, _: &Register) -> String {
        if self.address_as.is_empty() { tr!(care.case).to_string() } else { self.address_as.clone() }
    }

    fn titles() -> (String, String) {
        (tr!(care.new_case).to_string(), tr!(care.edit_case).to_string())
    }

    fn back(_: Option<DocumentId>) -> String {
        "/cases".to_owned()
    }

    fn after_new(&self) -> String {
        Self::back(None)
    }

    fn alike(editor: form::Editor<Self>) -> AnyView {
        same_person::while_entering(editor)
    }

    fn draw(editor: form::Editor<Self>) -> AnyView {
        super::fields::fields(editor)
    }
}

/// What a text says, without blanks around it; nothing for an empty one.
fn said(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The days of after-care as the form says them: by the rule, also when another rule came into force since the last save,
/// or as typed where no rule gives the last one.
fn term(before: &CaseForm, after: &CaseForm, rules: &AftercareRules) -> BothParts {
    let by_rule = after.ends_by_rule(rules);
    let begun = |form: &CaseForm| (form.completion, form.starts);
    let differs = begun(before) != begun(after) || (by_rule.is_some() && by_rule != before.ends);
    let mut both = match after.completion.zip(after.starts).filter(|_| differs) {
        Some((completion, starts)) => aftercare::term_of_aftercare(rules, completion, starts),
        None => BothParts::default(),
    };
    if by_rule.is_none() && before.ends != after.ends {
        both.core.push(words::until(after.ends));
        both.restricted.push(restricted::ends(after.ends));
    }
    both
}

fn core(before: &CaseForm, after: &CaseForm) -> Vec<FieldEdit> {
    let mut found = Vec::new();
    let mut note = |differs: bool, edit: FieldEdit| found.extend(differs.then_some(edit));
    note(before.address_as != after.address_as, words::address_as(said(&after.address_as)));
    note(before.officer != after.officer, words::officer(said(&after.officer)));
    note(before.phone != after.phone, words::phone(said(&after.phone)));
    note(before.meet_at != after.meet_at, words::meet_at(said(&after.meet_at)));
    note(before.meet_when != after.meet_when, words::meet_when(said(&after.meet_when)));
    note(before.visiting != after.visiting, words::visiting(&after.visiting));
    note(before.every_days != after.every_days, words::every_days(after.every_days));
    note(before.is_minor() != after.is_minor(), words::minor(Some(after.is_minor())));
    note(before.common.notes != after.common.notes, aftercare::notes(&after.common.notes));
    found.extend(changes(&before.needs, &after.needs).map(|(need, on)| aftercare::need(need, on)));
    found
}

fn hidden(before: &CaseForm, after: &CaseForm) -> Vec<FieldEdit> {
    let mut found = Vec::new();
    let mut note = |differs: bool, edit: FieldEdit| found.extend(differs.then_some(edit));
    note(before.full_name != after.full_name, restricted::full_name(said(&after.full_name)));
    // `problems` names a birth that cannot be read.
    let on = born(&after.born).ok().flatten();
    note(before.born != after.born, restricted::born(on));
    note(before.sex != after.sex, restricted::sex(after.sex));
    note(
        before.identity_number != after.identity_number,
        restricted::identity_number(said(&after.identity_number)),
    );
    note(before.registered_at != after.registered_at, restricted::registered_at(said(&after.registered_at)));
    note(before.lives_at != after.lives_at, restricted::lives_at(said(&after.lives_at)));
    let decision = |form: &CaseForm| (form.decision_number.clone(), form.decision_date);
    if decision(before) != decision(after) {
        found.extend(restricted::decision(said(&after.decision_number), after.decision_date));
    }
    let guardian = |form: &CaseForm| (form.guardian.clone(), form.may_contact_guardian);
    if guardian(before) != guardian(after) {
        found.extend(restricted::guardian(said(&after.guardian), after.may_contact_guardian));
    }
    let contact = |form: &CaseForm| (form.guardian_relation.clone(), form.guardian_phone.clone());
    if contact(before) != contact(after) {
        let (relation, phone) = contact(after);
        found.extend(restricted::guardian_contact(said(&relation), said(&phone)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete() -> CaseForm {
        CaseForm {
            common: Common { ward: "08707@2025-07-01".parse().ok(), ..Common::default() },
            address_as: "anh Hùng".into(),
            officer: "Phương".into(),
            full_name: "Trần Văn Hùng".into(),
            born: "02/03/1985".into(),
            completion: Some(Completion::CompulsoryAdult),
            starts: "2026-01-15".parse().ok(),
            ..CaseForm::default()
        }
    }

    #[test]
    fn names_and_papers_go_into_the_restricted_part_only() {
        let both = |before: &CaseForm, after: &CaseForm| {
            let term = term(before, after, &AftercareRules::shipped());
            let core: Vec<FieldEdit> = core(before, after).into_iter().chain(term.core).collect();
            let hidden: Vec<FieldEdit> = hidden(before, after).into_iter().chain(term.restricted).collect();
            BothParts { core, restricted: hidden }
        };
        let saved = CaseForm { ends: "2028-01-15".parse().ok(), ..complete() };
        let same = both(&saved, &saved);
        assert!(same.core.is_empty() && same.restricted.is_empty());
        let both = both(&CaseForm::default(), &complete());
        let text = format!("{:?}", both.core);
        assert!(!text.contains("Trần Văn Hùng") && !text.contains("1985"), "{text}");
        let hidden = format!("{:?}", both.restricted);
        assert!(hidden.contains("Trần Văn Hùng") && hidden.contains("1985-03-02"), "{hidden}");
        assert!(
            text.contains("2028-01-15") && hidden.contains("2028-01-15"),
            "the last day by the rule, in both"
        );
    }

    #[test]
    fn a_rule_that_changed_since_gives_another_last_day_at_the_next_save() {
        let saved = CaseForm { ends: "2028-01-15".parse().ok(), ..complete() };
        let mut rules = AftercareRules::shipped();
        for rule in rules.legal.iter_mut().filter(|rule| rule.completion == Completion::CompulsoryAdult) {
            rule.months = 18;
        }
        let both = term(&saved, &saved, &rules);
        let ends = |edits: &[FieldEdit]| format!("{edits:?}").contains("2027-07-15");
        assert!(ends(&both.core) && ends(&both.restricted), "in both parts: {both:?}");
        let since = CaseForm { ends: "2027-07-15".parse().ok(), ..complete() };
        assert_eq!(term(&since, &since, &rules), BothParts::default());
        // Where no rule holds, what was typed holds.
        rules.legal.clear();
        assert_eq!(term(&saved, &saved, &rules), BothParts::default());
    }

    #[test]
    fn a_birth_is_read_as_people_write_it() {
        let read = |text: &str| born(text).map(|born| born.map(|born| born.to_string()));
        assert_eq!(read("2/3/1985"), Ok(Some("1985-03-02".to_owned())));
        assert_eq!(read(" 1985 "), Ok(Some("1985".to_owned())));
        assert_eq!(read(""), Ok(None));
        assert!(read("31/02/1985").is_err() && read("hôm qua").is_err());
    }

    #[test]
    fn what_is_missing_is_named() {
        let today = "2026-06-18".parse().expect("day");
        assert_eq!(complete().problems(today), []);
        let minor = CaseForm { completion: Some(Completion::CompulsoryMinor), ..complete() };
        assert_eq!(minor.problems(today), [Problem::new(Code::FieldMissing).at("guardian")]);
    }

    #[test]
    fn who_is_aged_12_to_17_has_a_guardian_whatever_the_way_of_treatment() {
        let born = |born: &str| CaseForm {
            born: born.into(),
            completion: Some(Completion::Voluntary),
            ..complete()
        };
        assert!(born("16/01/2008").is_minor() && !born("15/01/2008").is_minor(), "18 on the first day");
        assert!(born("2008").is_minor() && !born("2007").is_minor());
        let asked =
            CaseForm { guardian: "bà Tư".into(), may_contact_guardian: Some(false), ..born("2009") };
        let text = format!("{:?}", hidden(&born("2009"), &asked));
        assert!(text.contains("bà Tư") && text.contains("may_contact_guardian"), "{text}");
        let reached = CaseForm { guardian_phone: " 0912 345 678 ".into(), ..asked.clone() };
        let text = format!("{:?}", hidden(&asked, &reached));
        assert!(text.contains("guardian.phone") && text.contains("\"0912 345 678\""), "{text}");
        let renamed = CaseForm { guardian: "bà Tư Hoa".into(), ..asked.clone() };
        let text = format!("{:?}", hidden(&asked, &renamed));
        assert!(text.contains("Flag(false)"), "what was said of contact stays: {text}");
    }
}
