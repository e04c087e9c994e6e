//! The values of the form of a drive, and the edits that make a record equal to them. Only what a person changed becomes an
//! edit, so that what others wrote meanwhile stays.

use std::collections::BTreeMap;

use donghanh_shared::command::fields::FieldEdit;
use donghanh_shared::command::{Edits, pledge_drive as words};
use donghanh_shared::domain::count::Amount;
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::pledge_drive::{
    CountedBy, DriveCount, DriveYear, Group, GroupKey, PledgeDrive, Signer,
};
use donghanh_shared::ids::DocumentId;
use leptos::prelude::AnyView;
use serde::{Deserialize, Serialize};

use crate::i18n::tr;
use crate::screens::form::common::{Common, changes, names_changed};
use crate::screens::form::{self, RecordForm};
use crate::state::{OpenDrive, Register};

/// The numbers that the form asks for; taps are counted on a screen of their own.
pub const TYPED: [DriveCount; 5] =
    [DriveCount::Signed, DriveCount::Expected, DriveCount::Absent, DriveCount::Late, DriveCount::Parents];

/// One group in the form.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GroupForm {
    /// What it is called.
    pub name: String,
    /// Who signs.
    pub signer: Signer,
    /// How it is counted; `None` until somebody says.
    pub by: Option<CountedBy>,
    /// Typed numbers; a missing one is not known.
    pub counts: BTreeMap<DriveCount, u32>,
    /// What was counted one by one, to be shown.
    #[serde(default)]
    pub tallied: Option<u32>,
    /// Taken out again.
    #[serde(default)]
    pub out: bool,
}

impl GroupForm {
    /// A group of which nothing but its name is known.
    pub fn new(name: &str, signer: Signer) -> Self {
        let (name, counts) = (name.to_owned(), BTreeMap::new());
        Self { name, signer, by: None, counts, tallied: None, out: false }
    }

    fn of(key: &GroupKey, group: &Group) -> Self {
        let counts = TYPED.into_iter().filter_map(|what| Some((what, group.count(what)?)));
        Self {
            name: group.name.value().cloned().unwrap_or_else(|| key.as_str().to_owned()),
            signer: group.signer.value().copied().unwrap_or(Signer::Pupils),
            by: Some(group.counted_by()),
            counts: counts.collect(),
            tallied: group.count(DriveCount::Tally),
            out: !group.is_in(),
        }
    }

    /// Whether it is counted one by one.
    pub fn is_tallied(&self) -> bool {
        self.by == Some(CountedBy::Tally)
    }

    /// How many signed.
    pub fn signed(&self) -> Option<u32> {
        if self.is_tallied() { self.tallied } else { self.counts.get(&DriveCount::Signed).copied() }
    }

    /// More signed than were to.
    pub fn exceeds(&self) -> bool {
        self.signed().zip(self.counts.get(&DriveCount::Expected)).is_some_and(|(is, of)| is > *of)
    }
}

/// Everything a person can type about a drive.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DriveForm {
    /// What every form has.
    #[serde(flatten)]
    pub common: Common,
    /// The last day of collecting.
    pub ended: Option<Date>,
    /// The year it is for.
    #[serde(with = "year")]
    pub year: Option<DriveYear>,
    /// The visit it goes with.
    pub visit: Option<DocumentId>,
    /// Its groups by key, in the order of the keys.
    pub groups: BTreeMap<String, GroupForm>,
}

/// A year as its text.
mod year {
    use super::DriveYear;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub fn serialize<S: Serializer>(year: &Option<DriveYear>, serializer: S) -> Result<S::Ok, S::Error> {
        year.map(|year| year.to_string()).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DriveYear>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.and_then(|text| text.parse().ok()))
    }
}

impl DriveForm {
    /// Adds groups by their names, several with commas between; one that is there already is named.
    ///
    /// # Errors
    /// `text_empty`, `text_too_long`, `group_twice`, at `group_name`.
    pub fn add(&mut self, names: &str, signer: Signer) -> Result<(), Problem> {
        let wrong = |code: Code| Problem::new(code).at("group_name");
        let names = names.split([',', ';', '\n']).map(str::trim).filter(|name| !name.is_empty());
        let mut added = Vec::new();
        for name in names {
            if name.chars().count() > MAX_GROUP_NAME {
                return Err(wrong(Code::TextTooLong));
            }
            let key = GroupKey::of(signer, name).ok_or_else(|| wrong(Code::TextEmpty))?;
            let key = key.as_str().to_owned();
            let stands = self.groups.get(&key).is_some_and(|group| !group.out);
            if stands || added.iter().any(|(other, _)| *other == key) {
                return Err(wrong(Code::GroupTwice));
            }
            added.push((key, name.to_owned()));
        }
        if added.is_empty() {
            return Err(wrong(Code::TextEmpty));
        }
        for (key, name) in added {
            // One that was taken out comes back with its numbers.
            let group = self.groups.entry(key).or_insert_with(|| GroupForm::new(&name, signer));
            group.name = name;
            group.out = false;
        }
        Ok(())
    }

    fn counted(&self) -> impl Iterator<Item = (&String, &GroupForm)> {
        self.groups.iter().filter(|(_, group)| !group.out)
    }
}

/// Longest name of a group, in characters.
const MAX_GROUP_NAME: usize = 60;

impl RecordForm for DriveForm {
    type Record = PledgeDrive;

    const DRAFTS: &'static str = "drive";
    const PATH: &'static str = "/drives";
    const PLACE: &'static str = "place";

    fn of(found: &OpenDrive) -> Self {
        let drive = &found.value;
        let common = Common {
            date: drive.date.value().copied(),
            ward: drive.ward.value().copied(),
            place: drive.place.value().copied(),
            campaign: drive.campaign.value().cloned(),
            lead: drive.lead.value().cloned(),
            co_organisers: drive.co_organisers.clone(),
            done_by: drive.done_by.clone(),
            notes: drive.notes.clone(),
        };
        let groups = drive.groups.iter();
        Self {
            common,
            ended: drive.ended.value().copied(),
            year: drive.year.value().copied(),
            visit: drive.visit.value().copied(),
            groups: groups.map(|(key, group)| (key.as_str().to_owned(), GroupForm::of(key, group))).collect(),
        }
    }

    fn common(&self) -> &Common {
        &self.common
    }

    fn common_mut(&mut self) -> &mut Common {
        &mut self.common
    }

    /// The same classes sign again next time; their numbers are new.
    fn take_over(&mut self, before: &Self) {
        self.common.place = before.common.place;
        self.common.lead.clone_from(&before.common.lead);
        self.common.campaign.clone_from(&before.common.campaign);
        self.common.co_organisers.clone_from(&before.common.co_organisers);
        for (key, group) in before.counted() {
            let fresh = GroupForm::new(&group.name, group.signer);
            self.groups.entry(key.clone()).or_insert(fresh);
        }
    }

    fn problems(&self, today: Date) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut need = |missing: bool, code: Code, field: &str| {
            if missing {
                found.push(Problem::new(code).at(field));
            }
        };
        let Common { date, ward, place, lead, .. } = &self.common;
        need(ward.is_none(), Code::WardUnknown, "ward");
        need(place.is_none(), Code::VenueMissing, "place");
        need(date.is_none(), Code::DateMissing, "date");
        need(date.is_some_and(|date| date > today), Code::DateInFuture, "date");
        need(self.ended.is_some_and(|day| day > today), Code::DateInFuture, "ended");
        need(date.zip(self.ended).is_some_and(|(begun, ended)| ended < begun), Code::PeriodInvalid, "ended");
        need(self.year.is_none(), Code::YearMissing, "year");
        need(self.counted().next().is_none(), Code::GroupMissing, "groups");
        need(lead.is_none(), Code::LeadMissing, "lead");
        let absurd = |group: &GroupForm| group.counts.values().any(|n| Amount::new(i64::from(*n)).is_err());
        need(self.counted().any(|(_, group)| absurd(group)), Code::CountTooLarge, "groups");
        found
    }

    fn edits_since(&self, before: &Self) -> Edits {
        let mut found = Vec::new();
        registers(before, self, &mut found);
        for (key, group) in &self.groups {
            if let Some(key) = GroupKey::parse(key) {
                group_edits(&key, before.groups.get(key.as_str()), group, &mut found);
            }
        }
        found.into()
    }

    fn title(&self, register: &Register) -> String {
        super::title(register, self.common.place)
    }

    fn titles() -> (String, String) {
        (tr!(form.title_new).to_string(), tr!(drive.title_edit).to_string())
    }

    fn draw(editor: form::Editor<Self>) -> AnyView {
        super::draw(editor)
    }
}

fn registers(before: &DriveForm, after: &DriveForm, found: &mut Vec<FieldEdit>) {
    let (was, is) = (&before.common, &after.common);
    let mut note = |differs: bool, edit: Option<FieldEdit>| found.extend(edit.filter(|_| differs));
    note(was.date != is.date, Some(words::date(is.date)));
    note(before.ended != after.ended, Some(words::ended(after.ended)));
    note(before.year != after.year, Some(words::year(after.year)));
    note(was.ward != is.ward, is.ward.map(words::ward));
    note(was.place != is.place, Some(words::place(is.place)));
    note(was.campaign != is.campaign, Some(words::campaign(is.campaign.as_ref())));
    note(was.lead != is.lead, Some(words::lead(is.lead.as_ref())));
    note(before.visit != after.visit, Some(words::visit(after.visit)));
    note(was.notes != is.notes, Some(words::notes(&is.notes)));
    found.extend(
        changes(&was.co_organisers, &is.co_organisers).map(|(who, on)| words::co_organiser(&who, on)),
    );
    let names = names_changed(&was.done_by, &is.done_by);
    found.extend(names.into_iter().map(|(key, name)| words::done_by(&key, name)));
}

fn group_edits(key: &GroupKey, before: Option<&GroupForm>, after: &GroupForm, found: &mut Vec<FieldEdit>) {
    let fresh = GroupForm::new("", after.signer);
    let was = before.unwrap_or(&fresh);
    if before.is_none() && after.out {
        return;
    }
    if was.name != after.name {
        found.extend(words::group(key, &after.name, after.signer));
    }
    if was.out != after.out {
        found.push(words::out(key, after.out));
    }
    if let Some(by) = after.by.filter(|by| was.by != Some(*by)) {
        found.push(words::counted_by(key, by));
    }
    for what in TYPED {
        let (old, new) = (was.counts.get(&what), after.counts.get(&what));
        match new.map(|n| Amount::new(i64::from(*n))) {
            _ if old == new => {}
            None => found.push(words::count(key, what, None)),
            Some(Ok(amount)) => found.push(words::count(key, what, Some(amount))),
            // `problems` names it; nothing wrong is ever written.
            Some(Err(_)) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(names: &str) -> DriveForm {
        let mut form = DriveForm::default();
        form.add(names, Signer::Pupils).expect("groups");
        form
    }

    #[test]
    fn several_classes_are_added_at_once_and_none_twice() {
        let mut form = with("7A1, 7A2; Lớp 7A3");
        assert_eq!(form.groups.keys().collect::<Vec<_>>(), ["pupils-7a1", "pupils-7a2", "pupils-7a3"]);
        let code = |outcome: Result<(), Problem>| outcome.map_err(|problem| problem.code);
        assert_eq!(code(form.add("lớp 7a2", Signer::Pupils)), Err(Code::GroupTwice));
        assert_eq!(code(form.add(" , ", Signer::Pupils)), Err(Code::TextEmpty));
        assert_eq!(code(form.add("7A2", Signer::Teachers)), Ok(()));
        assert_eq!(form.groups.len(), 4);
    }

    #[test]
    fn only_what_changed_becomes_an_edit() {
        let before = with("7A1, 7A2");
        let mut after = before.clone();
        assert!(after.edits_since(&before).is_empty());
        let key = GroupKey::of(Signer::Pupils, "7A2").expect("key");
        let group = after.groups.get_mut(key.as_str()).expect("group");
        group.counts.insert(DriveCount::Signed, 31);
        let amount = Some(Amount::new(31).expect("amount"));
        assert_eq!(after.edits_since(&before), vec![words::count(&key, DriveCount::Signed, amount)].into());
        let empty = DriveForm::default();
        let Edits::Fields(all) = after.edits_since(&empty) else { panic!("fields") };
        assert_eq!(all.len(), 7, "two names with their signer, and a number: {all:?}");
    }

    #[test]
    fn a_group_taken_out_keeps_its_numbers_and_comes_back_by_its_name() {
        let mut form = with("7A2");
        form.groups.values_mut().for_each(|group| {
            group.counts.insert(DriveCount::Signed, 31);
            group.out = true;
        });
        let codes = |form: &DriveForm| -> Vec<Code> {
            form.problems("2026-01-01".parse().expect("day")).into_iter().map(|p| p.code).collect()
        };
        assert!(codes(&form).contains(&Code::GroupMissing));
        form.add("7a2", Signer::Pupils).expect("back");
        assert_eq!(form.groups["pupils-7a2"].signed(), Some(31));
        assert!(!codes(&form).contains(&Code::GroupMissing));
    }

    #[test]
    fn a_draft_reads_what_it_wrote() {
        let mut form = with("7A2");
        form.year = "2025-2026".parse().ok();
        form.common.place = Some(donghanh_shared::ids::PlaceId([1; 16]));
        let text = serde_json::to_string(&form).expect("json");
        assert_eq!(serde_json::from_str::<DriveForm>(&text).expect("reads"), form);
    }
}
