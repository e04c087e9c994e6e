//! Prevention models, worked out the plain way: each is replayed save by save, and what a report says of it is asked of what
//! was said last.
//!
//! Shares no code with [`donghanh_shared::domain::prevention_model`], which reads models from documents.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::command::fields::{FieldEdit, Written};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::DocumentId;

use super::Asked;
use crate::world::GeneratedModel;

/// What a model says in the end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModelFacts {
    /// The record.
    pub document: DocumentId,
    /// Its home ward.
    pub home: WardRef,
    /// Its own fields, by name.
    pub fields: BTreeMap<String, String>,
    /// Its numbers by code; absent: not known.
    pub numbers: BTreeMap<String, u64>,
    /// What its reviews say: `(year, field)`.
    pub reviews: BTreeMap<(i32, String), String>,
    /// The activities linked to it.
    pub activities: BTreeSet<String>,
    /// Whether two people who wrote apart differ.
    pub open: bool,
    /// Whether these values were confirmed.
    pub confirmed: bool,
}

impl ModelFacts {
    /// A field read as a day.
    #[must_use]
    pub fn day(&self, name: &str) -> Option<Date> {
        self.fields.get(name)?.parse().ok()
    }

    /// Years with a verdict that was said by this day, and the verdicts.
    #[must_use]
    pub fn said_by(&self, day: Date) -> Vec<(i32, &str)> {
        let mut said = Vec::new();
        for ((year, field), verdict) in &self.reviews {
            let on = self.reviews.get(&(*year, "date".to_owned()));
            let on = on.map_or_else(|| format!("{year}-12-31"), Clone::clone);
            // Days are written so that their order is that of their texts.
            if field == "effective" && on <= day.to_string() {
                said.push((*year, verdict.as_str()));
            }
        }
        said
    }

    fn take(&mut self, edit: &FieldEdit) {
        let text = |value: &Option<Written>| match value {
            Some(Written::Text(text)) => Some(text.clone()),
            _ => None,
        };
        match edit {
            FieldEdit::Register(name, value) => match text(value) {
                Some(text) => drop(self.fields.insert(name.clone(), text)),
                None => drop(self.fields.remove(name)),
            },
            FieldEdit::Count(code, typed) => match typed {
                Some(typed) => drop(self.numbers.insert(code.clone(), u64::from(typed.get()))),
                None => drop(self.numbers.remove(code)),
            },
            FieldEdit::Entry(map, key, value) if map == "reviews" => {
                let Some((year, field)) = key.split_once('.') else { return };
                let Ok(year) = year.parse() else { return };
                match text(value) {
                    Some(text) => drop(self.reviews.insert((year, field.to_owned()), text)),
                    None => drop(self.reviews.remove(&(year, field.to_owned()))),
                }
            }
            FieldEdit::Entry(map, key, value) if map == "activities" => {
                if value.is_some() {
                    self.activities.insert(key.clone());
                } else {
                    self.activities.remove(key);
                }
            }
            FieldEdit::Tap(..) | FieldEdit::Entry(..) | FieldEdit::LongText(..) => {}
        }
    }
}

/// Replays a model.
#[must_use]
pub fn replay_model(model: &GeneratedModel) -> ModelFacts {
    let mut facts = ModelFacts {
        document: model.document,
        home: model.ward,
        fields: BTreeMap::new(),
        numbers: BTreeMap::new(),
        reviews: BTreeMap::new(),
        activities: BTreeSet::new(),
        open: false,
        confirmed: false,
    };
    // What was written apart to a field, until somebody who has seen it all writes again.
    let mut apart: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut confirmed = None;
    for save in &model.saves {
        for edit in &save.edits {
            if let Some(is_right) = super::says(edit) {
                confirmed = is_right.then(|| ModelFacts { confirmed: true, ..facts.clone() });
                continue;
            }
            facts.take(edit);
            let Some(slot) = edit.slot() else { continue };
            if save.apart {
                apart.entry(slot).or_default().insert(format!("{edit:?}"));
            } else {
                apart.remove(&slot);
            }
        }
    }
    let open = apart.values().any(|written| written.len() > 1);
    ModelFacts { open, ..confirmed.unwrap_or(facts) }
}

/// Figures of prevention models (D1).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Models {
    /// Wards with a model that works, of all; of one ward `(1, 1)` or `(0, 1)`.
    pub wards: (u32, u32),
    /// Models.
    pub models: u32,
    /// Models that work.
    pub working: u32,
    /// Models reviewed for the year in which the period ends.
    pub reviewed: u32,
    /// Known members.
    pub members: u64,
    /// Models of unknown members.
    pub members_unknown: u32,
    /// Models on which people differ.
    pub open_records: u32,
}

impl Asked<'_, '_> {
    /// The figures of the models of some rows.
    pub(super) fn models(&self, rows: &[WardRef]) -> Models {
        let mut sum = Models::default();
        let mut with_one: BTreeSet<WardRef> = BTreeSet::new();
        for facts in &self.oracle.models {
            let Some(row) = self.row_of_model(facts).filter(|row| rows.contains(row)) else { continue };
            let said = facts.said_by(self.question.to);
            let latest = said.iter().max_by_key(|(year, _)| *year);
            let works = latest.is_none_or(|(_, verdict)| *verdict != "not_effective");
            let members = facts.numbers.get("members");
            sum.models += 1;
            sum.working += u32::from(works);
            sum.reviewed += u32::from(said.iter().any(|(year, _)| *year == self.question.to.year()));
            sum.members += members.copied().unwrap_or(0);
            sum.members_unknown += u32::from(members.is_none());
            sum.open_records += u32::from(facts.open);
            if works {
                with_one.insert(row);
            }
        }
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        sum.wards = (count(with_one.len()), count(rows.len()));
        sum
    }

    /// The row in which a model counts, when it counts and the reader sums it.
    fn row_of_model(&self, facts: &ModelFacts) -> Option<WardRef> {
        let (from, to) = (self.question.from, self.question.to);
        let exists = facts.day("since").is_some_and(|since| since <= to)
            && facts.day("ended").is_none_or(|ended| ended >= from)
            && !facts.fields.contains_key("archived")
            && self.oracle.counts(facts.document);
        let asked_for = facts.confirmed || !self.question.confirmed_only;
        if !exists || !asked_for || !self.question.readable.contains(&facts.home) {
            return None;
        }
        if self.question.by_successor {
            return Some(self.row(facts.home));
        }
        // The home ward, and those after it, until one existed in the period.
        let mut at = Some(facts.home);
        while let Some(id) = at {
            let ward = self.oracle.world.wards.iter().find(|ward| ward.id == id)?;
            if ward.id.valid_from <= to && ward.valid_to.is_none_or(|last| last >= from) {
                return Some(id).filter(|id| self.question.readable.contains(id));
            }
            at = ward.successor;
        }
        None
    }
}
