//! The values of the form of a model, and the edits that make a record equal to them. Only what a person changed becomes an
//! edit, so that what others wrote meanwhile stays. Reviews and linked activities are written on the model's own screen.

use std::collections::BTreeMap;

use donghanh_shared::command::fields::FieldEdit;
use donghanh_shared::command::{Edits, prevention_model as words};
use donghanh_shared::crdt::rules::{MAX_NAME, MAX_TEXT};
use donghanh_shared::domain::count::Amount;
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::kind::Kind;
use donghanh_shared::domain::prevention_model::{ModelCount, ModelKind, PreventionModel};
use donghanh_shared::domain::same_as::Look;
use donghanh_shared::domain::vocabulary::Term as _;
use leptos::prelude::{AnyView, WithUntracked as _};
use serde::{Deserialize, Serialize};

use crate::i18n::tr;
use crate::screens::form::common::{Common, changes, names_changed};
use crate::screens::form::{self, RecordForm};
use crate::state::{AppState, OpenModel, Register};

/// Everything a person can type about a model.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelForm {
    /// What every form has; the day is the first one.
    #[serde(flatten)]
    pub common: Common,
    /// What it is called.
    pub name: String,
    /// What kind it is.
    pub kind: Option<ModelKind>,
    /// The last day.
    pub ended: Option<Date>,
    /// Why it ended.
    pub ended_because: String,
    /// Typed numbers; a missing one is not known.
    pub counts: BTreeMap<ModelCount, u32>,
    /// The last day of the ward that an older model was made in: on it that ward is still offered.
    pub ward_until: Option<Date>,
}

impl ModelForm {
    /// More women or youth than members: to be looked at, not refused.
    pub fn exceeds(&self) -> bool {
        let all = self.counts.get(&ModelCount::Members);
        let parts = [ModelCount::Women, ModelCount::Youth];
        parts.iter().any(|part| self.counts.get(part).zip(all).is_some_and(|(part, all)| part > all))
    }
}

/// What a person typed, without spaces around it; `None` for nothing.
fn typed(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

impl RecordForm for ModelForm {
    type Record = PreventionModel;

    const DRAFTS: &'static str = "model";
    const PATH: &'static str = "/models";
    const PLACE: &'static str = "place";

    /// A model goes on for years: it belongs to a ward of today, whenever it began.
    fn offered_on(&self) -> Option<Date> {
        self.ward_until
    }

    fn place_label() -> String {
        tr!(model.place).to_string()
    }

    fn people_label() -> String {
        tr!(model.people).to_string()
    }

    fn of(found: &OpenModel) -> Self {
        let model = &found.value;
        let common = Common {
            date: model.since.value().copied(),
            ward: found.home_ward.or(model.ward.value().copied()),
            place: model.place.value().copied(),
            campaign: None,
            lead: model.lead.value().cloned(),
            co_organisers: model.co_organisers.clone(),
            done_by: model.done_by.clone(),
            notes: model.notes.clone(),
        };
        Self {
            common,
            name: model.name.value().cloned().unwrap_or_default(),
            kind: model.kind.value().copied(),
            ended: model.ended.value().copied(),
            ended_because: model.ended_because.value().cloned().unwrap_or_default(),
            counts: ModelCount::ALL.iter().filter_map(|what| Some((*what, model.count(*what)?))).collect(),
            ward_until: None,
        }
    }

    async fn complete(mut self, state: AppState) -> Self {
        let (ward, today) = (self.common.ward, state.today());
        let until =
            state.register.with_untracked(|register| register.ward(ward?).and_then(|ward| ward.valid_to));
        self.ward_until = until.filter(|until| *until < today);
        self
    }

    fn common(&self) -> &Common {
        &self.common
    }

    fn common_mut(&mut self) -> &mut Common {
        &mut self.common
    }

    fn look(&self) -> Look {
        let form = self.kind.map(|kind| kind.code().to_owned()).unwrap_or_default();
        Look { form, name: typed(&self.name), ..self.common.look(Kind::PreventionModel) }
    }

    fn take_over(&mut self, before: &Self) {
        self.kind = before.kind;
        self.common.lead.clone_from(&before.common.lead);
        self.common.co_organisers.clone_from(&before.common.co_organisers);
    }

    fn problems(&self, today: Date) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut need = |missing: bool, code: Code, field: &str| {
            if missing {
                found.push(Problem::new(code).at(field));
            }
        };
        let Common { date: since, ward, lead, .. } = &self.common;
        need(ward.is_none(), Code::WardUnknown, "ward");
        need(typed(&self.name).is_none(), Code::NameMissing, "name");
        need(self.name.trim().len() > MAX_NAME, Code::TextTooLong, "name");
        need(self.kind.is_none(), Code::ModelKindMissing, "kind");
        need(since.is_none(), Code::SinceMissing, "since");
        need(since.is_some_and(|date| date > today), Code::DateInFuture, "since");
        for (what, n) in &self.counts {
            need(Amount::new(i64::from(*n)).is_err(), Code::CountTooLarge, what.code());
        }
        need(lead.is_none(), Code::LeadMissing, "lead");
        need(self.ended.is_some_and(|day| day > today), Code::DateInFuture, "ended");
        need(since.zip(self.ended).is_some_and(|(since, ended)| ended < since), Code::PeriodInvalid, "ended");
        need(self.ended_because.trim().len() > MAX_TEXT, Code::TextTooLong, "ended_because");
        found
    }

    fn edits_since(&self, before: &Self) -> Edits {
        let mut found = Vec::new();
        registers(before, self, &mut found);
        for what in ModelCount::ALL {
            let (old, new) = (before.counts.get(what), self.counts.get(what));
            match new.map(|n| Amount::new(i64::from(*n))) {
                _ if old == new => {}
                None => found.push(words::count(*what, None)),
                Some(Ok(amount)) => found.push(words::count(*what, Some(amount))),
                // `problems` names it; nothing wrong is ever written.
                Some(Err(_)) => {}
            }
        }
        found.into()
    }

    fn title(&self, _: &Register) -> String {
        typed(&self.name).unwrap_or_else(|| tr!(model.short).to_string())
    }

    fn titles() -> (String, String) {
        (tr!(form.title_new).to_string(), tr!(model.title_edit).to_string())
    }

    fn draw(editor: form::Editor<Self>) -> AnyView {
        super::draw(editor)
    }
}

fn registers(before: &ModelForm, after: &ModelForm, found: &mut Vec<FieldEdit>) {
    let (was, is) = (&before.common, &after.common);
    let mut note = |differs: bool, edit: Option<FieldEdit>| found.extend(edit.filter(|_| differs));
    let differ = |before: &str, after: &str| typed(before) != typed(after);
    note(differ(&before.name, &after.name), Some(words::name(typed(&after.name))));
    note(before.kind != after.kind, Some(words::kind(after.kind)));
    note(was.date != is.date, Some(words::since(is.date)));
    note(before.ended != after.ended, Some(words::ended(after.ended)));
    // Whoever takes the last day back takes back why it was.
    let because = |form: &ModelForm| form.ended.and_then(|_| typed(&form.ended_because));
    note(because(before) != because(after), Some(words::ended_because(because(after))));
    note(was.ward != is.ward, is.ward.map(words::ward));
    note(was.place != is.place, Some(words::place(is.place)));
    note(was.lead != is.lead, Some(words::lead(is.lead.as_ref())));
    note(was.notes != is.notes, Some(words::notes(&is.notes)));
    let others = changes(&was.co_organisers, &is.co_organisers);
    found.extend(others.map(|(who, on)| words::co_organiser(&who, on)));
    let names = names_changed(&was.done_by, &is.done_by);
    found.extend(names.into_iter().map(|(key, name)| words::done_by(&key, name)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(edits: Edits) -> Vec<FieldEdit> {
        match edits {
            Edits::Fields(edits) => edits,
            Edits::Visit(_) => panic!("a model has fields"),
        }
    }

    fn codes(form: &ModelForm) -> Vec<Code> {
        form.problems("2026-06-20".parse().expect("day")).into_iter().map(|p| p.code).collect()
    }

    #[test]
    fn only_what_changed_becomes_an_edit() {
        let before = ModelForm { name: "Tổ 5".into(), ..ModelForm::default() };
        let mut after = ModelForm { name: " Tổ 5 ".into(), ..before.clone() };
        assert!(after.edits_since(&before).is_empty(), "spaces around a name are nothing");
        after.counts.insert(ModelCount::Members, 24);
        after.ended_because = "Sáp nhập".into();
        let amount = Some(Amount::new(24).expect("amount"));
        assert_eq!(list(after.edits_since(&before)), [words::count(ModelCount::Members, amount)]);
        after.ended = "2026-05-31".parse().ok();
        let edits = list(after.edits_since(&before));
        assert!(edits.contains(&words::ended_because(Some("Sáp nhập".into()))), "a last day has its reason");
        let again = ModelForm { ended: None, ..after.clone() };
        let edits = list(again.edits_since(&after));
        assert_eq!(edits, [words::ended(None), words::ended_because(None)]);
    }

    #[test]
    fn what_is_missing_is_named() {
        let missing = codes(&ModelForm::default());
        for code in [Code::NameMissing, Code::ModelKindMissing, Code::SinceMissing, Code::LeadMissing] {
            assert!(missing.contains(&code), "{code:?}");
        }
        let mut form = ModelForm { name: "ễ".repeat(70), ..ModelForm::default() };
        assert!(codes(&form).contains(&Code::TextTooLong), "names are measured in bytes");
        form.common.date = "2026-06-01".parse().ok();
        form.ended = "2026-05-31".parse().ok();
        assert!(codes(&form).contains(&Code::PeriodInvalid));
    }

    #[test]
    fn a_draft_reads_what_it_wrote() {
        let mut form = ModelForm { kind: Some(ModelKind::Club), ..ModelForm::default() };
        form.counts.insert(ModelCount::Women, 11);
        form.common.date = "2024-03-26".parse().ok();
        let text = serde_json::to_string(&form).expect("json");
        assert_eq!(serde_json::from_str::<ModelForm>(&text).expect("reads"), form);
    }
}
