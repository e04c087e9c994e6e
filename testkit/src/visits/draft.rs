//! How one visit is written down: the author's save, then taps, later numbers, corrections, notes and follow-ups.

use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::count::Amount;
use donghanh_shared::domain::date::{ClockTime, Date, Millis};
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::outreach_visit::{CountKey, Form, Topic};
use donghanh_shared::domain::place::PlaceKind;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{DocumentId, PersonId, PlaceId};

use super::template::Template;
use super::{Area, words};
use crate::names::full_name;
use crate::places::centre;
use crate::random::Random;
use crate::world::{GeneratedVisit, Options, Save, World};

pub(crate) const MINUTE: Millis = 60_000;
pub(crate) const HOUR: Millis = 60 * MINUTE;
pub(crate) const DAY: Millis = 24 * HOUR;

/// When follow-ups of recent visits are due, in days from today: some overdue, some today, some this week, some later.
const DUE: [i64; 9] = [0, -4, 2, 0, -1, 5, 1, 9, 3];

/// How attendance becomes known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counting {
    /// Never.
    Unknown,
    /// Typed at once.
    Typed,
    /// Two people tap at the door.
    Tallied,
    /// Typed some days later.
    Late,
    /// Typed, and put right some days later.
    Corrected,
}

/// Writes visits one after the other.
pub struct Writer<'w> {
    pub(super) random: Random,
    world: &'w World,
    pub(super) today: Date,
    /// Nothing is written after this moment.
    pub(super) horizon: Millis,
    /// How many follow-ups have been handed out for the days around today.
    due: usize,
}

/// A visit while it is being written.
pub(super) struct Draft<'t> {
    template: &'t Template,
    pub(super) day: Date,
    pub(super) author: PersonId,
    pub(super) second: PersonId,
    pub(super) supervisor: PersonId,
    pub(super) attendance: u32,
    pub(super) notes: String,
    pub(super) follow_up: Option<(String, Date)>,
    pub(super) saves: Vec<Save>,
}

impl<'w> Writer<'w> {
    /// A writer that has written nothing.
    pub fn new(options: &Options, world: &'w World) -> Self {
        let horizon = options.today.start() + 6 * HOUR + 30 * MINUTE;
        Self { random: Random::new(options.seed, 5), world, today: options.today, horizon, due: 0 }
    }

    /// One visit of the area's team, with all that was written to it later. `neighbour`: the area that a large event reaches too.
    pub fn visit(&mut self, area: &Area, neighbour: &Area, template: &Template, day: Date) -> GeneratedVisit {
        let ward = self.world.ward_on(area.old, day);
        let mut draft = self.draft(area, template, day);
        let counting = self.counting(template);
        let mut first = self.basics(&mut draft, area, ward);
        let other_wards = self.second_ward(&draft, neighbour, ward, &mut first);
        if counting == Counting::Typed || counting == Counting::Corrected {
            first.extend(self.numbers(&draft, counting == Counting::Corrected));
        }
        first.extend(self.materials(&draft));
        first.extend(self.follow_up(&mut draft));
        let written = self.first_moment(day);
        draft.saves.push(Save { at: written, by: draft.author, edits: first });
        self.count_later(&mut draft, counting);
        self.afterwards(&mut draft);
        GeneratedVisit { document: DocumentId(self.random.id()), ward, other_wards, saves: draft.saves }
    }

    fn draft<'t>(&mut self, area: &Area, template: &'t Template, day: Date) -> Draft<'t> {
        let people = self.random.some(&area.team, 2);
        let (least, most) = template.attendance;
        let attendance = if most == 0 { 0 } else { self.random.between(least, most) };
        Draft {
            template,
            day,
            author: people[0],
            second: *people.last().unwrap_or(&people[0]),
            supervisor: *area.team.last().unwrap_or(&people[0]),
            attendance,
            notes: words::notes(&mut self.random, template.form),
            follow_up: None,
            saves: Vec::new(),
        }
    }

    fn counting(&mut self, template: &Template) -> Counting {
        if template.attendance.1 == 0 {
            return Counting::Unknown;
        }
        match self.random.between(0, 99) {
            0..15 => Counting::Unknown,
            15..30 if template.attendance.1 >= 60 => Counting::Tallied,
            30..40 => Counting::Late,
            40..52 => Counting::Corrected,
            _ => Counting::Typed,
        }
    }

    /// In the evening, mostly of the same day; never later than this morning.
    fn first_moment(&mut self, day: Date) -> Millis {
        let late = if self.random.percent(10) { i64::from(self.random.between(1, 4)) } else { 0 };
        let minutes = i64::from(self.random.between(9 * 60, 21 * 60));
        let at = day.start() + late * DAY + minutes * MINUTE;
        if at <= self.horizon {
            at
        } else {
            self.horizon.min(day.start() + DAY) - i64::from(self.random.between(1, 50)) * MINUTE
        }
    }

    /// What every visit says at once: when, where, what, who.
    fn basics(&mut self, draft: &mut Draft<'_>, area: &Area, ward: WardRef) -> Vec<VisitEdit> {
        let template = draft.template;
        let mut edits = vec![
            VisitEdit::Date(Some(draft.day)),
            VisitEdit::Ward(ward),
            VisitEdit::Form(Some(template.form)),
        ];
        let early = draft.day == self.today;
        let hour = if early { 5 } else { *self.random.pick(&[7, 8, 9, 14, 15, 16, 19, 20]) };
        let minute = *self.random.pick(&[0, 0, 15, 30, 30, 45]);
        edits.push(VisitEdit::Time(ClockTime::new(hour, minute)));
        let places = self.places(area, template, draft.day);
        edits.push(VisitEdit::Venue(places.first().copied()));
        edits.extend(places.iter().map(|place| VisitEdit::Place(*place, true)));
        edits.extend(self.organisers(draft));
        if let Some(campaign) = self.campaign(draft) {
            edits.push(VisitEdit::Campaign(Some(campaign.parse().expect("a built-in code reads"))));
        }
        let topics = 1 + self.random.between(0, 2) as usize;
        edits.extend(
            self.random.some(Topic::ALL, topics).into_iter().map(|topic| VisitEdit::Topic(topic, true)),
        );
        let private = template.form.is_private() || template.form.is_media();
        if !private && self.random.percent(8) {
            let (lat, lon) = centre(area.old);
            let near = |random: &mut Random| i32::try_from(random.offset(-6_000, 6_000)).unwrap_or(0);
            edits.push(VisitEdit::Position(Some((
                lat + near(&mut self.random),
                lon + near(&mut self.random),
            ))));
        }
        if let Some(sessions) = self.sessions(draft) {
            edits.push(VisitEdit::Count(CountKey::Sessions, amount(sessions)));
        }
        if !draft.notes.is_empty() {
            edits.push(VisitEdit::Notes(draft.notes.clone()));
        }
        edits
    }

    fn places(&mut self, area: &Area, template: &Template, day: Date) -> Vec<PlaceId> {
        let all = area.reachable(template.at, day);
        let count = match (template.form, template.at) {
            (Form::Loudspeaker, _) => self.random.between(3, 8),
            (Form::Leaflets | Form::DoorToDoor, PlaceKind::ResidentialGroup | PlaceKind::BoardingHouse) => {
                self.random.between(1, 2)
            }
            (_, PlaceKind::Entertainment) => self.random.between(1, 3),
            (Form::ArtSportEvent, _) => 1,
            _ => 1,
        };
        let mut places = self.random.some(&all, count as usize);
        // A parade passes the residential groups on its way.
        if template.form == Form::ArtSportEvent {
            places.extend(self.random.some(&area.reachable(PlaceKind::ResidentialGroup, day), 4));
        }
        places
    }

    fn organisers(&mut self, draft: &Draft<'_>) -> Vec<VisitEdit> {
        let since = draft.day > Date::new(2025, 6, 30).unwrap_or(draft.day);
        let codes = if since { draft.template.lead.since } else { draft.template.lead.before };
        let lead = *self.random.pick(codes);
        let mut edits = vec![VisitEdit::Lead(Some(organisation(lead)))];
        let partners: &[&str] = match since {
            false => &[
                "cong-an-phuong",
                "doan-phuong",
                "hoi-lhpn-phuong",
                "mttq-phuong",
                "ubnd-phuong",
                "nha-truong",
                "doi-ctxh",
            ],
            true => &[
                "cong-an-phuong-xa",
                "doan-phuong-xa",
                "hoi-lhpn-phuong-xa",
                "mttq-phuong-xa",
                "phong-van-hoa-xa-hoi",
                "nha-truong",
                "doi-ctxh",
            ],
        };
        let count = *self.random.pick(&[0, 0, 1, 1, 1, 2, 3]);
        let partners = self.random.some(partners, count);
        edits.extend(
            partners
                .iter()
                .filter(|code| **code != lead)
                .map(|code| VisitEdit::CoOrganiser(organisation(code), true)),
        );
        edits.extend(self.doers(draft));
        edits
    }

    fn doers(&mut self, draft: &Draft<'_>) -> Vec<VisitEdit> {
        let mut people = vec![draft.author];
        if draft.second != draft.author && self.random.percent(55) {
            people.push(draft.second);
        }
        let name = |id: &PersonId| self.world.people.iter().find(|p| p.id == *id).map(|p| p.name.clone());
        let mut edits: Vec<_> = people.iter().map(|id| VisitEdit::DoneBy(id.to_string(), name(id))).collect();
        // A speaker without an account.
        if draft.template.attendance.1 >= 200 && self.random.percent(60) {
            let woman = self.random.percent(30);
            let speaker = full_name(&mut self.random, woman);
            edits.push(VisitEdit::DoneBy(self.random.key(), Some(format!("{speaker} (báo cáo viên)"))));
        }
        edits
    }

    fn campaign(&mut self, draft: &Draft<'_>) -> Option<&'static str> {
        match (draft.day.month(), draft.day.day()) {
            (6, 25..=27) => Some("ngay-toan-dan"),
            (6, _) if self.random.percent(80) => Some("thang-hanh-dong"),
            _ if draft.template.at == PlaceKind::School && self.random.percent(45) => {
                Some("nha-truong-khong-ma-tuy")
            }
            _ if draft.template.lead.since.contains(&"doan-phuong-xa") && self.random.percent(40) => {
                Some("ba-khong")
            }
            _ if self.random.percent(15) => Some("toan-dan-tham-gia"),
            _ => None,
        }
    }

    /// Broadcasts are summed up by the week; a few late summaries stand for several sessions.
    fn sessions(&mut self, draft: &mut Draft<'_>) -> Option<u32> {
        if draft.template.form == Form::Loudspeaker {
            return Some(self.random.between(2, 10));
        }
        let summary = !draft.template.form.is_media() && self.random.percent(3);
        summary.then(|| {
            let sessions = self.random.between(2, 5);
            draft.attendance *= sessions;
            draft.notes = format!("Gộp {sessions} buổi trong tháng, ghi lại sau. {}", draft.notes)
                .trim_end()
                .to_owned();
            sessions
        })
    }

    /// A large event reaches a neighbouring ward too, and some of its residential groups.
    fn second_ward(
        &mut self,
        draft: &Draft<'_>,
        neighbour: &Area,
        home: WardRef,
        edits: &mut Vec<VisitEdit>,
    ) -> Vec<WardRef> {
        let ward = self.world.ward_on(neighbour.old, draft.day);
        let large = draft.template.at == PlaceKind::Market || draft.template.form == Form::Loudspeaker;
        let percent = if draft.template.form == Form::ArtSportEvent { 50 } else { 8 };
        if ward == home || !large || !self.random.percent(percent) {
            return Vec::new();
        }
        let reached = self.random.some(&neighbour.reachable(PlaceKind::ResidentialGroup, draft.day), 2);
        edits.extend(reached.into_iter().map(|place| VisitEdit::Place(place, true)));
        edits.push(VisitEdit::OtherWard(ward, true));
        vec![ward]
    }

    /// Attendance and, often, its groups. `wrong`: as first typed, before somebody counts the list again.
    pub(super) fn numbers(&mut self, draft: &Draft<'_>, wrong: bool) -> Vec<VisitEdit> {
        let mut total = draft.attendance;
        if wrong {
            total = total + 5 + self.random.between(0, total / 4);
        }
        let mut edits = vec![VisitEdit::Count(CountKey::Attendance, amount(total))];
        if self.random.percent(65) {
            for (key, share) in draft.template.groups {
                edits.push(VisitEdit::Count(*key, amount(draft.attendance * share / 100)));
            }
        }
        if self.random.percent(30) {
            let women = draft.attendance * self.random.between(35, 65) / 100;
            edits.push(VisitEdit::Count(CountKey::Women, amount(women)));
        }
        if draft.template.form == Form::Counselling {
            edits
                .push(VisitEdit::Count(CountKey::HighRisk, amount(self.random.between(0, draft.attendance))));
        }
        edits
    }

    fn materials(&mut self, draft: &Draft<'_>) -> Vec<VisitEdit> {
        let mut edits = Vec::new();
        let mut give = |key, number| edits.push(VisitEdit::Count(key, amount(number)));
        match draft.template.form {
            Form::Leaflets => give(CountKey::LeafletsGiven, self.random.between(4, 30) * 10),
            Form::DoorToDoor => {
                let households = (draft.attendance / 2).max(3);
                give(CountKey::Households, households);
                give(CountKey::LeafletsGiven, households);
            }
            Form::Talk | Form::ThemedMeeting | Form::MeetingPart if self.random.percent(45) => {
                give(CountKey::LeafletsGiven, draft.attendance / 10 * 10);
                if self.random.percent(30) {
                    give(CountKey::Booklets, self.random.between(1, 8) * 5);
                }
            }
            Form::Contest | Form::ArtSportEvent | Form::MockTrial => {
                give(CountKey::Banners, self.random.between(1, 6));
                give(CountKey::Posters, self.random.between(2, 20));
                if self.random.percent(40) {
                    give(CountKey::Keepsakes, self.random.between(2, 20) * 5);
                }
            }
            _ => {}
        }
        edits
    }

    /// One visit in eight leaves something to do; more of the recent ones, due around today.
    fn follow_up(&mut self, draft: &mut Draft<'_>) -> Option<VisitEdit> {
        let recent = self.today.days_since(draft.day) <= 21;
        if !self.random.percent(if recent { 45 } else { 12 }) {
            return None;
        }
        let usual = draft.day.plus_days(i64::from(self.random.between(7, 30)));
        let around_today = self.today.plus_days(DUE[self.due % DUE.len()]);
        let due = if recent && around_today > draft.day {
            self.due += 1;
            around_today
        } else {
            usual
        };
        let id = self.random.key();
        draft.follow_up = Some((id.clone(), due));
        Some(VisitEdit::FollowUp { id, text: words::follow_up(&mut self.random).to_owned(), due: Some(due) })
    }
}

pub(crate) fn amount(number: u32) -> Option<Amount> {
    Amount::new(i64::from(number)).ok()
}

pub(crate) fn organisation(code: &str) -> OrganisationId {
    code.parse().expect("a built-in code reads")
}
