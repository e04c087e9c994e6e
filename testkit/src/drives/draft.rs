//! How one drive is written down: the author's save with most classes, what colleagues wrote apart, taps, late numbers,
//! corrections, a class taken out.

use donghanh_shared::command::fields::FieldEdit;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::command::pledge_drive as words;
use donghanh_shared::domain::date::{Date, Millis};
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::place::{Place, PlaceKind};
use donghanh_shared::domain::pledge_drive::{CountedBy, DriveCount, DriveYear, GroupKey, Signer};
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{DocumentId, PersonId, PlaceId};

use super::{Occasion, groups};
use crate::random::Random;
use crate::visits::Area;
use crate::visits::draft::{DAY, HOUR, MINUTE, amount, organisation};
use crate::world::{DriveSave, GeneratedDrive, Options, World};

const NOTES: [&str; 4] = [
    "Giáo viên chủ nhiệm thu phiếu theo lớp, bản gốc lưu tại trường.",
    "Đọc nội dung cam kết trước khi ký, có giải thích từng điều.",
    "Một số người vắng, hẹn thu phiếu bổ sung trong tuần.",
    "Ký tại buổi sinh hoạt, không đủ bàn nên chia hai lượt.",
];
const REASONS: [&str; 2] = ["Ghi trùng với đợt của nhà trường", "Ghi nhầm địa điểm"];

/// How the signatures of a group become known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counting {
    /// Never.
    Unknown,
    /// Typed from the sheets.
    Sheets,
    /// Tapped by two people.
    Tally,
    /// Typed from the sheets, some days later.
    Late,
}

/// One group while its drive is written.
struct Class {
    key: GroupKey,
    name: String,
    signer: Signer,
    expected: Option<u32>,
    signed: u32,
    absent: u32,
    counting: Counting,
}

/// Writes drives one after the other.
pub struct Writer<'w> {
    random: Random,
    seed: u64,
    world: &'w World,
    /// Nothing is written after this moment.
    horizon: Millis,
}

impl<'w> Writer<'w> {
    /// A writer that has written nothing.
    pub fn new(options: &Options, world: &'w World) -> Self {
        let horizon = options.today.start() + 6 * HOUR;
        Self { random: Random::new(options.seed, 10), seed: options.seed, world, horizon }
    }

    /// One drive of the area's team, with all that was written to it later.
    pub fn drive(&mut self, area: &Area, occasion: &Occasion, place: PlaceId, day: Date) -> GeneratedDrive {
        let ward = self.world.ward_on(area.old, day);
        let people = self.random.some(&area.team, 3);
        let visit = self.visit(place, day);
        let day = visit.map_or(day, |(_, day)| day);
        let classes = self.classes(place);
        let mut first = self.basics(occasion, ward, place, day);
        first.push(words::visit(visit.map(|(visit, _)| visit)));
        first.extend(self.doers(&people));
        // Whoever is left out here writes some classes apart.
        let apart = people.len() == 3 && classes.len() > 3 && self.random.percent(30);
        let (own, others) = classes.split_at(if apart { 2 } else { classes.len() });
        for class in own.iter().chain(others.iter()) {
            first.extend(class.declared());
        }
        for class in own.iter() {
            first.extend(self.numbers(class));
        }
        let at = day.start() + i64::from(self.random.between(9 * 60, 21 * 60)) * MINUTE;
        let mut saves = vec![DriveSave { at, by: people[0], apart: false, edits: first }];
        if apart {
            let (one, two) = others.split_at(others.len() / 2);
            self.apart(&mut saves, &people[1..], day, [one, two]);
        }
        self.tally(&mut saves, &people, &classes);
        self.afterwards(&mut saves, &people, &classes);
        GeneratedDrive { document: DocumentId(self.random.id()), ward, saves }
    }

    /// The visit of the place in that month, when the drive went with one.
    fn visit(&mut self, place: PlaceId, day: Date) -> Option<(DocumentId, Date)> {
        let with = self.random.percent(60);
        let found = self.world.visits.iter().find_map(|visit| {
            let first = &visit.saves.first()?.edits;
            let held = first.iter().find_map(|edit| match edit {
                VisitEdit::Date(date) => *date,
                _ => None,
            })?;
            let is_near = (held.year(), held.month()) == (day.year(), day.month());
            let is_here = first.contains(&VisitEdit::Venue(Some(place)));
            (is_near && is_here && held.start() + DAY <= self.horizon).then_some((visit.document, held))
        });
        found.filter(|_| with)
    }

    fn classes(&mut self, place: PlaceId) -> Vec<Class> {
        let place = self.registered(place);
        let class = |group: groups::Group| {
            let key = GroupKey::of(group.signer, &group.name).expect("a built-in name has letters");
            let whole = group.signer == Signer::WholeGroups;
            let absent = if whole { 0 } else { *self.random.pick(&[0, 0, 0, 1, 1, 2, 3]) };
            let counting = match self.random.between(0, 99) {
                0..5 => Counting::Unknown,
                5..14 => Counting::Tally,
                14..22 => Counting::Late,
                _ => Counting::Sheets,
            };
            // Now and then somebody new is not on the list yet.
            let more = u32::from(!whole && absent == 0 && self.random.percent(1));
            Class {
                key,
                name: group.name,
                signer: group.signer,
                expected: Some(group.size),
                signed: (group.size + more).saturating_sub(absent),
                absent,
                counting,
            }
        };
        let mut classes: Vec<Class> = groups::of(self.seed, place).into_iter().map(class).collect();
        // In a few drives nobody has the list of the last group.
        if let Some(last) = classes.last_mut().filter(|_| self.random.percent(7)) {
            last.expected = None;
        }
        classes
    }

    /// The place itself, or the one that it was merged into: the same classes sign there.
    fn registered(&self, id: PlaceId) -> &'w Place {
        let find = |id: PlaceId| self.world.places.iter().find(move |place| place.id == id);
        let place = find(id).expect("an area's place is in the register");
        place.merged_into.and_then(find).unwrap_or(place)
    }

    /// What every drive says at once: when, where, who.
    fn basics(&mut self, occasion: &Occasion, ward: WardRef, place: PlaceId, day: Date) -> Vec<FieldEdit> {
        let is_school = occasion.at == PlaceKind::School;
        let year = if is_school { DriveYear::school_year_of(day) } else { DriveYear::year_of(day) };
        let since = day > Date::new(2025, 6, 30).unwrap_or(day);
        let lead = *self.random.pick(if since { occasion.lead.since } else { occasion.lead.before });
        let mut edits = vec![
            words::date(Some(day)),
            words::year(Some(year)),
            words::ward(ward),
            words::place(Some(place)),
            words::lead(Some(&organisation(lead))),
        ];
        let (campaign, percent) = occasion.campaign;
        let named = if is_school && lead.starts_with("doan") { "ba-khong" } else { campaign };
        if self.random.percent(percent) {
            let campaign = named.parse().expect("a built-in code reads");
            edits.push(words::campaign(Some(&campaign)));
        }
        edits.extend(self.partner(lead, since).map(|who| words::co_organiser(&who, true)));
        if self.random.percent(30) {
            edits.push(words::ended(Some(day)));
        }
        if self.random.percent(50) {
            edits.push(words::notes(self.random.pick::<&'static str>(&NOTES)));
        }
        edits
    }

    fn partner(&mut self, lead: &str, since: bool) -> Option<OrganisationId> {
        let all = match since {
            false => ["cong-an-phuong", "doan-phuong", "nha-truong"],
            true => ["cong-an-phuong-xa", "doan-phuong-xa", "nha-truong"],
        };
        let partner = *self.random.pick(&all);
        let took_part = self.random.percent(60);
        (took_part && partner != lead).then(|| organisation(partner))
    }

    fn doers(&self, people: &[PersonId]) -> Vec<FieldEdit> {
        let name = |id: &PersonId| self.world.people.iter().find(|p| p.id == *id).map(|p| p.name.clone());
        people.iter().take(2).map(|id| words::done_by(&id.to_string(), name(id))).collect()
    }

    /// The typed numbers of a group, as far as they are known at once.
    fn numbers(&mut self, class: &Class) -> Vec<FieldEdit> {
        let mut edits = Vec::new();
        let mut typed = |what, number| edits.push(words::count(&class.key, what, amount(number)));
        if let Some(expected) = class.expected {
            typed(DriveCount::Expected, expected);
        }
        if class.counting == Counting::Sheets {
            typed(DriveCount::Signed, class.signed);
            if class.absent > 0 {
                typed(DriveCount::Absent, class.absent);
            }
            if class.signer == Signer::Pupils && self.random.percent(25) {
                typed(DriveCount::Parents, self.random.between(class.signed / 2, class.signed));
            }
        }
        edits
    }

    /// Two colleagues write their classes without having seen each other. Some disagree on when it ended.
    fn apart(&mut self, saves: &mut Vec<DriveSave>, people: &[PersonId], day: Date, classes: [&[Class]; 2]) {
        let disagree = self.random.percent(40);
        let begun = saves.last().map_or(self.horizon, |save| save.at);
        for (number, (by, classes)) in (0..).zip(people.iter().zip(classes)) {
            let mut edits: Vec<FieldEdit> = classes.iter().flat_map(|class| self.numbers(class)).collect();
            if disagree {
                edits.push(words::ended(Some(day.plus_days(number))));
            }
            let at = begun + i64::from(self.random.between(10, 170)) * MINUTE;
            if !edits.is_empty() && at <= self.horizon {
                saves.push(DriveSave { at, by: *by, apart: true, edits });
            }
        }
    }

    /// The classes that are tapped, each by two people; the later save says that this is how they are counted.
    fn tally(&mut self, saves: &mut Vec<DriveSave>, people: &[PersonId], classes: &[Class]) {
        let tapped: Vec<&Class> = classes.iter().filter(|class| class.counting == Counting::Tally).collect();
        let (mut one, mut two) = (Vec::new(), Vec::new());
        for class in tapped {
            let part = class.signed * self.random.between(30, 70) / 100;
            one.push(words::tap(&class.key, i32::try_from(part).unwrap_or(0)));
            two.push(words::tap(&class.key, i32::try_from(class.signed - part).unwrap_or(0)));
            if self.random.percent(50) {
                two.push(words::counted_by(&class.key, CountedBy::Tally));
            }
        }
        if !one.is_empty() {
            self.later(saves, people[0], HOUR, one);
            self.later(saves, *people.last().unwrap_or(&people[0]), HOUR, two);
        }
    }

    /// Sheets that come late, a number put right, a class that belongs elsewhere, a drive that was no drive.
    fn afterwards(&mut self, saves: &mut Vec<DriveSave>, people: &[PersonId], classes: &[Class]) {
        let mut late = Vec::new();
        for class in classes.iter().filter(|class| class.counting == Counting::Late) {
            late.push(words::count(&class.key, DriveCount::Signed, amount(class.signed)));
            late.push(words::count(&class.key, DriveCount::Late, amount(self.random.between(1, 6))));
        }
        if !late.is_empty() {
            self.later(saves, people[0], 4 * DAY, late);
        }
        let many = |class: &&Class| class.counting == Counting::Sheets && class.signed > 1;
        let sheets: Vec<&Class> = classes.iter().filter(many).collect();
        if !sheets.is_empty() && self.random.percent(12) {
            let class = *self.random.pick(&sheets);
            let edits = vec![words::count(&class.key, DriveCount::Signed, amount(class.signed - 1))];
            self.later(saves, *people.last().unwrap_or(&people[0]), 5 * DAY, edits);
        }
        if classes.len() > 2 && self.random.percent(15) {
            let class = self.random.pick(classes);
            let edits = vec![words::out(&class.key, true)];
            self.later(saves, people[0], 2 * DAY, edits);
        }
        if self.random.percent(3) {
            let why = (*self.random.pick(&REASONS)).to_owned();
            self.later(saves, people[0], 6 * DAY, vec![words::archived(Some(why))]);
        }
    }

    /// A save within `span` after the last one, unless that has not come yet.
    fn later(&mut self, saves: &mut Vec<DriveSave>, by: PersonId, span: Millis, edits: Vec<FieldEdit>) {
        let last = saves.iter().map(|save| save.at).max().unwrap_or(self.horizon);
        let minutes = self.random.between(5, u32::try_from(span / MINUTE).unwrap_or(u32::MAX).max(6));
        let at = last + i64::from(minutes) * MINUTE;
        if at <= self.horizon {
            saves.push(DriveSave { at, by, apart: false, edits });
        }
    }
}

impl Class {
    fn declared(&self) -> Vec<FieldEdit> {
        words::group(&self.key, &self.name, self.signer)
    }
}
