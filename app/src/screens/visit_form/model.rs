//! The values of the form, and the edits that make a record equal to them. Only what a person changed becomes an edit,
//! so that what others wrote meanwhile stays.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::command::Edits;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::count::{Amount, Correction};
use donghanh_shared::domain::date::{ClockTime, Date};
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::kind::Kind;
use donghanh_shared::domain::outreach_visit::{CountKey, Form, Position, Topic, Visit};
use donghanh_shared::domain::photo::Photo;
use donghanh_shared::domain::register::{Claim, Count, Register};
use donghanh_shared::domain::same_as::Look;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{ActorId, PhotoId, PhotoKey, PlaceId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::main_fields::main_fields;
use super::more_counts::more_counts;
use super::more_fields::{last_fields, more_fields};
use super::photos::photos as photos_field;
use crate::i18n::tr;
use crate::screens::form::common::{Common, changes, names_changed};
use crate::screens::form::{self, RecordForm};
use crate::screens::naming;
use crate::state::{OpenVisit, Register as Places};

/// One follow-up in the form.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct FollowUpForm {
    /// Its key in the record.
    pub id: String,
    /// What to do; an empty text is not saved.
    pub text: String,
    /// By when.
    pub due: Option<Date>,
}

/// Everything a person can type about a visit.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VisitForm {
    /// What every form has.
    #[serde(flatten)]
    pub common: Common,
    /// When it began.
    pub time: Option<ClockTime>,
    /// Its form.
    pub form: Option<Form>,
    /// Where exactly: latitude and longitude × 1,000,000.
    pub position: Option<(i32, i32)>,
    /// Places reached.
    pub places: BTreeSet<PlaceId>,
    /// Other wards reached.
    pub other_wards: BTreeSet<WardRef>,
    /// Topics.
    pub topics: BTreeSet<Topic>,
    /// Numbers; a missing one is not known.
    pub counts: BTreeMap<CountKey, u32>,
    /// Photos with what opens them.
    pub photos: BTreeMap<PhotoId, PhotoKey>,
    /// Follow-ups that are not done.
    pub follow_ups: Vec<FollowUpForm>,
}

impl RecordForm for VisitForm {
    type Record = Visit;

    const DRAFTS: &'static str = "visit";
    const PATH: &'static str = "/visits";
    const PLACE: &'static str = "venue";

    fn of(found: &OpenVisit) -> Self {
        let visit = &found.value;
        let follow_ups = visit
            .follow_ups
            .iter()
            .filter(|follow_up| follow_up.done.value() != Some(&true))
            .map(|follow_up| FollowUpForm {
                id: follow_up.id.clone(),
                text: follow_up.text.value().cloned().unwrap_or_default(),
                due: follow_up.due.value().copied(),
            })
            .collect();
        let common = Common {
            date: visit.date.value().copied(),
            ward: visit.ward.value().copied(),
            place: visit.venue.value().copied(),
            campaign: visit.campaign.value().cloned(),
            lead: visit.lead.value().cloned(),
            co_organisers: visit.co_organisers.clone(),
            done_by: visit.done_by.clone(),
            notes: visit.notes.clone(),
        };
        Self {
            common,
            time: visit.time.value().copied(),
            form: visit.form.value().copied(),
            position: visit.position.value().map(|position| (position.lat_e6, position.lon_e6)),
            places: visit.places.clone(),
            other_wards: visit.other_wards.clone(),
            topics: visit.topics.clone(),
            counts: visit.counts.keys().filter_map(|key| Some((*key, visit.count(*key)?))).collect(),
            photos: visit.photos.iter().filter_map(|(id, photo)| Some((*id, photo.key?))).collect(),
            follow_ups,
        }
    }

    fn common(&self) -> &Common {
        &self.common
    }

    fn common_mut(&mut self) -> &mut Common {
        &mut self.common
    }

    fn look(&self) -> Look {
        let form = self.form.map(|form| form.code().to_owned()).unwrap_or_default();
        Look { form, ..self.common.look(Kind::OutreachVisit) }
    }

    fn take_over(&mut self, before: &Self) {
        self.common.place = before.common.place;
        self.form = before.form;
        self.common.lead.clone_from(&before.common.lead);
        self.places.clone_from(&before.places);
        self.common.co_organisers.clone_from(&before.common.co_organisers);
        self.topics.clone_from(&before.topics);
        self.common.campaign.clone_from(&before.common.campaign);
        self.time = before.time;
    }

    /// Whether the form touches households, counselling or people at high risk.
    fn is_private(&self) -> bool {
        self.form.is_some_and(Form::is_private)
            || self.counts.get(&CountKey::HighRisk).is_some_and(|n| *n > 0)
    }

    fn problems(&self, today: Date) -> Vec<Problem> {
        let mut found = self.as_visit().problems(today);
        if self.common.ward.is_none() {
            found.insert(0, Problem::new(Code::WardUnknown).at("ward"));
        }
        for (key, value) in &self.counts {
            if let Err(problem) = Amount::new(i64::from(*value)) {
                found.push(problem.at(key.code()));
            }
        }
        found
    }

    fn edits_since(&self, before: &Self) -> Edits {
        edits(before, self).into()
    }

    fn title(&self, register: &Places) -> String {
        let form =
            self.form.map_or_else(|| tr!(record.form_none).to_string(), |form| naming::form(form.code()));
        match self.common.place {
            Some(venue) => format!("{form} · {}", naming::place(register, venue)),
            None => form,
        }
    }

    fn titles() -> (String, String) {
        (tr!(form.title_new).to_string(), tr!(form.title_edit).to_string())
    }

    fn draw(editor: form::Editor<Self>) -> AnyView {
        view! {
            {main_fields(editor)}
            <div>{more_counts(editor)}{more_fields(editor)}</div>
            {photos_field(editor)}
            {last_fields(editor)}
        }
        .into_any()
    }
}

impl VisitForm {
    fn as_visit(&self) -> Visit {
        Visit {
            date: typed(self.common.date),
            ward: typed(self.common.ward),
            venue: typed(self.common.place),
            form: typed(self.form),
            lead: typed(self.common.lead.clone()),
            position: typed(self.position.map(|(lat_e6, lon_e6)| Position { lat_e6, lon_e6 })),
            counts: self
                .counts
                .iter()
                .map(|(key, value)| {
                    let correction = Correction { value: Some(*value), ..Correction::default() };
                    (*key, Count { typed: typed(Some(correction)), ..Count::default() })
                })
                .collect(),
            photos: self.photos.keys().map(|id| (*id, Photo::default())).collect(),
            ..Visit::default()
        }
    }
}

fn typed<T>(value: Option<T>) -> Register<T> {
    let claims = value.map(|value| Claim { value, actor: ActorId([0; 16]), at: 0 }).into_iter().collect();
    Register { claims, unreadable: 0 }
}

/// The edits that lead from `before` to `after`.
pub fn edits(before: &VisitForm, after: &VisitForm) -> Vec<VisitEdit> {
    let mut found = Vec::new();
    registers(before, after, &mut found);
    sets(before, after, &mut found);
    counts(before, after, &mut found);
    if before.common.notes != after.common.notes {
        found.push(VisitEdit::Notes(after.common.notes.clone()));
    }
    photos(before, after, &mut found);
    follow_ups(before, after, &mut found);
    found
}

fn registers(before: &VisitForm, after: &VisitForm, found: &mut Vec<VisitEdit>) {
    let (was, is) = (&before.common, &after.common);
    let mut note = |differs: bool, edit: Option<VisitEdit>| found.extend(edit.filter(|_| differs));
    note(was.date != is.date, Some(VisitEdit::Date(is.date)));
    note(before.time != after.time, Some(VisitEdit::Time(after.time)));
    note(was.ward != is.ward, is.ward.map(VisitEdit::Ward));
    note(was.place != is.place, Some(VisitEdit::Venue(is.place)));
    note(before.form != after.form, Some(VisitEdit::Form(after.form)));
    note(was.campaign != is.campaign, Some(VisitEdit::Campaign(is.campaign.clone())));
    note(was.lead != is.lead, Some(VisitEdit::Lead(is.lead.clone())));
    note(before.position != after.position, Some(VisitEdit::Position(after.position)));
}

fn sets(before: &VisitForm, after: &VisitForm, found: &mut Vec<VisitEdit>) {
    let (was, is) = (&before.common, &after.common);
    found.extend(changes(&before.places, &after.places).map(|(place, on)| VisitEdit::Place(place, on)));
    found.extend(
        changes(&before.other_wards, &after.other_wards).map(|(ward, on)| VisitEdit::OtherWard(ward, on)),
    );
    found.extend(
        changes(&was.co_organisers, &is.co_organisers).map(|(who, on)| VisitEdit::CoOrganiser(who, on)),
    );
    found.extend(changes(&before.topics, &after.topics).map(|(topic, on)| VisitEdit::Topic(topic, on)));
    let names = names_changed(&was.done_by, &is.done_by);
    found.extend(names.into_iter().map(|(key, name)| VisitEdit::DoneBy(key, name)));
}

fn counts(before: &VisitForm, after: &VisitForm, found: &mut Vec<VisitEdit>) {
    for key in CountKey::ALL {
        let (was, is) = (before.counts.get(key), after.counts.get(key));
        if was == is {
            continue;
        }
        match is.map(|value| Amount::new(i64::from(*value))) {
            None => found.push(VisitEdit::Count(*key, None)),
            Some(Ok(amount)) => found.push(VisitEdit::Count(*key, Some(amount))),
            // `problems` names it; nothing wrong is ever written.
            Some(Err(_)) => {}
        }
    }
}

fn photos(before: &VisitForm, after: &VisitForm, found: &mut Vec<VisitEdit>) {
    let added = after.photos.iter().filter(|(id, _)| !before.photos.contains_key(*id));
    found.extend(added.map(|(id, key)| VisitEdit::Photo(*id, Some(*key))));
    let gone = before.photos.keys().filter(|id| !after.photos.contains_key(*id));
    found.extend(gone.map(|id| VisitEdit::Photo(*id, None)));
}

fn follow_ups(before: &VisitForm, after: &VisitForm, found: &mut Vec<VisitEdit>) {
    for follow_up in &after.follow_ups {
        let text = follow_up.text.trim();
        let old = before.follow_ups.iter().find(|old| old.id == follow_up.id);
        if old != Some(follow_up) && !(text.is_empty() && old.is_none()) {
            let (id, due) = (follow_up.id.clone(), follow_up.due);
            found.push(VisitEdit::FollowUp { id, text: text.to_owned(), due });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().expect("day")
    }

    fn complete() -> VisitForm {
        VisitForm {
            common: Common {
                date: Some(day("2026-06-26")),
                ward: Some("08707@2025-07-01".parse().expect("ward")),
                place: Some(PlaceId([1; 16])),
                lead: Some("thanh-doan".parse().expect("organisation")),
                ..Common::default()
            },
            form: Some(Form::Talk),
            counts: BTreeMap::from([(CountKey::Attendance, 80)]),
            ..VisitForm::default()
        }
    }

    #[test]
    fn only_what_changed_becomes_an_edit() {
        let before = complete();
        assert_eq!(edits(&before, &before), []);
        let mut after = before.clone();
        after.counts.insert(CountKey::Attendance, 60);
        after.topics.insert(Topic::Law);
        after.counts.insert(CountKey::Women, 30);
        let sixty = Amount::new(60).expect("amount");
        let thirty = Amount::new(30).expect("amount");
        assert_eq!(
            edits(&before, &after),
            [
                VisitEdit::Topic(Topic::Law, true),
                VisitEdit::Count(CountKey::Attendance, Some(sixty)),
                VisitEdit::Count(CountKey::Women, Some(thirty)),
            ]
        );
        after = before.clone();
        after.counts.clear();
        assert_eq!(edits(&before, &after), [VisitEdit::Count(CountKey::Attendance, None)]);
    }

    #[test]
    fn photos_come_and_go_by_themselves_and_private_forms_have_none() {
        let (one, two) = (PhotoId([1; 32]), PhotoId([2; 32]));
        let key = PhotoKey([9; 32]);
        let before = VisitForm { photos: BTreeMap::from([(one, key)]), ..complete() };
        let mut after = VisitForm { photos: BTreeMap::from([(two, key)]), ..complete() };
        assert_eq!(edits(&before, &after), [VisitEdit::Photo(two, Some(key)), VisitEdit::Photo(one, None)]);
        after.form = Some(Form::Counselling);
        let told = after.problems(day("2026-06-26"));
        assert!(told.contains(&Problem::new(Code::PhotoNotAllowed).at("photos")), "{told:?}");
    }

    #[test]
    fn what_is_missing_is_named() {
        let today = day("2026-06-26");
        assert_eq!(complete().problems(today), []);
        let fields = |form: &VisitForm| -> Vec<String> {
            form.problems(today).into_iter().filter_map(|problem| problem.field).collect()
        };
        assert_eq!(fields(&VisitForm::default()), ["ward", "date", "form", "venue", "lead"]);
        let mut post = VisitForm { form: Some(Form::OnlinePost), ..complete() };
        post.common.place = None;
        assert_eq!(post.problems(today), []);
        let absurd = VisitForm { counts: BTreeMap::from([(CountKey::Attendance, u32::MAX)]), ..complete() };
        assert_eq!(fields(&absurd), ["attendance"]);
    }

    #[test]
    fn like_last_time_takes_no_number_and_no_name() {
        let mut before = complete();
        before.common.notes = "x".into();
        before.common.done_by.insert("a".into(), "Lan".into());
        let mut fresh = VisitForm::default();
        fresh.common.date = Some(day("2026-07-01"));
        fresh.take_over(&before);
        assert_eq!(
            (fresh.common.place, fresh.form, fresh.common.date),
            (before.common.place, before.form, Some(day("2026-07-01")))
        );
        assert!(fresh.counts.is_empty() && fresh.common.notes.is_empty() && fresh.common.done_by.is_empty());
    }

    #[test]
    fn a_follow_up_left_empty_is_not_saved() {
        let before = complete();
        let mut after = before.clone();
        after.follow_ups.push(FollowUpForm { id: "1".into(), text: "  ".into(), due: None });
        assert_eq!(edits(&before, &after), []);
        after.follow_ups[0].text = "Gọi lại trường".into();
        assert_eq!(edits(&before, &after).len(), 1);
    }
}
