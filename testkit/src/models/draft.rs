//! How one model is written down: the author's save, what two colleagues wrote apart about its first review, the reviews and
//! numbers of the years after, activities linked and taken out, an end.

use donghanh_shared::command::fields::FieldEdit;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::command::prevention_model as words;
use donghanh_shared::domain::date::{Date, Millis};
use donghanh_shared::domain::place::PlaceKind;
use donghanh_shared::domain::prevention_model::{ModelCount, ReviewYear, Verdict};
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{DocumentId, PersonId, PlaceId};

use super::Pattern;
use crate::random::Random;
use crate::visits::Area;
use crate::visits::draft::{HOUR, MINUTE, amount, organisation};
use crate::world::{GeneratedModel, ModelSave, Options, World};

const NOTES: [&str; 3] = [
    "Sinh hoạt mỗi tháng một lần, vào tối thứ bảy tuần đầu.",
    "Có quy chế hoạt động, phân công từng thành viên phụ trách.",
    "Gắn với phong trào “Toàn dân bảo vệ an ninh Tổ quốc”.",
];
const REMARKS: [&str; 4] = [
    "Sinh hoạt đều, có nội dung tuyên truyền riêng cho từng nhóm.",
    "Thành viên tham gia đủ, địa bàn không phát sinh tụ điểm.",
    "Một số buổi còn ít người, cần đổi giờ sinh hoạt.",
    "Hoạt động chưa đều, chưa có kinh phí.",
];
const ENDS: [&str; 2] = ["Sáp nhập vào mô hình của phường", "Chủ nhiệm chuyển công tác, không còn sinh hoạt"];
const REASONS: [&str; 2] = ["Ghi trùng với mô hình của Hội", "Ghi nhầm phường"];

/// A model while it is written.
struct Written<'a> {
    area: &'a Area,
    people: Vec<PersonId>,
    /// When it was written down.
    logged: Date,
    /// How many members it had then.
    members: u32,
    saves: Vec<ModelSave>,
    /// Activities linked so far.
    linked: Vec<DocumentId>,
}

/// Writes models one after the other.
pub struct Writer<'w> {
    random: Random,
    world: &'w World,
    today: Date,
    /// Nothing is written after this moment.
    horizon: Millis,
}

impl<'w> Writer<'w> {
    /// A writer that has written nothing.
    pub fn new(options: &Options, world: &'w World) -> Self {
        let horizon = options.today.start() + 6 * HOUR;
        Self { random: Random::new(options.seed, 12), world, today: options.today, horizon }
    }

    /// One model of the area's team, with all that was written to it later; `None` when it would be written down only after
    /// the world ends.
    pub fn model(
        &mut self,
        area: &Area,
        pattern: &Pattern,
        since: Date,
        logged: Date,
    ) -> Option<GeneratedModel> {
        let ward = self.world.ward_on(area.old, logged);
        let people = self.random.some(&area.team, 3);
        let members = self.random.between(pattern.members.0, pattern.members.1);
        let mut written = Written { area, people, logged, members, saves: Vec::new(), linked: Vec::new() };
        let first = self.first(&written, pattern, ward, since);
        let (at, by) = (self.moment(logged), written.people[0]);
        if at > self.horizon {
            return None;
        }
        written.saves.push(ModelSave { at, by, apart: false, edits: first });
        let reviewed = self.apart(&mut written);
        let ended = self.random.percent(35).then(|| logged.plus_days(self.random.offset(60, 600)));
        let ended = ended.filter(|day| day.plus_days(10) < self.today);
        for year in logged.year() + i32::from(reviewed)..=self.today.year() {
            let Some(day) = Date::new(year, 12, self.random.between(3, 22)) else { continue };
            if ended.is_none_or(|ended| day <= ended) {
                self.year(&mut written, day);
            }
        }
        self.last(&mut written, ended);
        Some(GeneratedModel { document: DocumentId(self.random.id()), ward, saves: written.saves })
    }

    /// What every model says at once: what it is, since when, who.
    fn first(
        &mut self,
        written: &Written<'_>,
        pattern: &Pattern,
        ward: WardRef,
        since: Date,
    ) -> Vec<FieldEdit> {
        let (logged, members) = (written.logged, written.members);
        let place = pattern.at.and_then(|kind| self.place(written.area, kind, logged));
        let name = match place.and_then(|id| self.world.places.iter().find(|place| place.id == id)) {
            Some(place) => format!("{} · {}", pattern.name, place.name),
            None => pattern.name.to_owned(),
        };
        let is_after = logged > Date::new(2025, 6, 30).unwrap_or(logged);
        let lead = pattern.lead[usize::from(is_after)];
        let mut edits = vec![
            words::name(Some(name)),
            words::kind(Some(pattern.kind)),
            words::since(Some(since)),
            words::ward(ward),
            words::lead(Some(&organisation(lead))),
        ];
        edits.extend(place.map(|place| words::place(Some(place))));
        if self.random.percent(88) {
            edits.push(words::count(ModelCount::Members, amount(members)));
            if self.random.percent(60) {
                let women = self.random.between(members / 4, members * 2 / 3);
                edits.push(words::count(ModelCount::Women, amount(women)));
            }
        }
        let partner = if is_after { "cong-an-phuong-xa" } else { "cong-an-phuong" };
        if self.random.percent(50) {
            edits.push(words::co_organiser(&organisation(partner), true));
        }
        if self.random.percent(50) {
            edits.push(words::notes(self.random.pick::<&'static str>(&NOTES)));
        }
        let name = |id: &PersonId| self.world.people.iter().find(|p| p.id == *id).map(|p| p.name.clone());
        edits.extend(written.people.iter().take(1).map(|id| words::done_by(&id.to_string(), name(id))));
        edits
    }

    fn place(&mut self, area: &Area, kind: PlaceKind, day: Date) -> Option<PlaceId> {
        let all = area.reachable(kind, day);
        (!all.is_empty()).then(|| *self.random.pick(&all))
    }

    fn moment(&mut self, day: Date) -> Millis {
        day.start() + i64::from(self.random.between(8 * 60, 21 * 60)) * MINUTE
    }

    /// Two colleagues review the year in which it was written down, without having seen each other. They agree on what they
    /// found; some find different words. Whether they did.
    fn apart(&mut self, written: &mut Written<'_>) -> bool {
        if written.people.len() < 3 || !self.random.percent(35) {
            return false;
        }
        let logged = written.logged;
        let (year, verdict, disagree) = (ReviewYear::of(logged), self.verdict(), self.random.percent(50));
        let begun = written.saves.last().map_or(self.horizon, |save| save.at);
        let times = [self.random.between(10, 90), self.random.between(91, 170)].map(i64::from);
        if begun + times[1] * MINUTE > self.horizon {
            return false;
        }
        for (number, (by, after)) in written.people[1..].iter().zip(times).enumerate() {
            let remark = REMARKS[if disagree { number } else { 0 }].to_owned();
            let edits = vec![
                words::effective(year, Some(verdict)),
                words::reviewed_on(year, Some(logged)),
                words::review_text(year, Some(remark)),
            ];
            written.saves.push(ModelSave { at: begun + after * MINUTE, by: *by, apart: true, edits });
        }
        true
    }

    fn verdict(&mut self) -> Verdict {
        match self.random.between(0, 99) {
            0..60 => Verdict::Effective,
            60..80 => Verdict::Partly,
            _ => Verdict::NotEffective,
        }
    }

    /// The end of a year: its review, the members of then, the activities that belong to it.
    fn year(&mut self, written: &mut Written<'_>, day: Date) {
        let year = ReviewYear::of(day);
        let mut edits = Vec::new();
        if self.random.percent(78) {
            edits.push(words::effective(year, Some(self.verdict())));
            // Some do not say on which day, and some are late.
            if self.random.percent(80) {
                let late = if self.random.percent(20) { self.random.offset(20, 90) } else { 0 };
                edits.push(words::reviewed_on(year, Some(day.plus_days(late))));
            }
            let remark = (*self.random.pick(&REMARKS)).to_owned();
            edits.push(words::review_text(year, Some(remark)));
        }
        if self.random.percent(40) {
            // Another number every year.
            let years = u32::try_from(day.year() - written.logged.year()).unwrap_or(0);
            let now = written.members + 10 * years + self.random.between(1, 9);
            edits.push(words::count(ModelCount::Members, amount(now)));
        }
        let of_year = self.activities(written, day);
        edits.extend(of_year.iter().map(|id| words::activity(*id, true)));
        written.linked.extend(of_year);
        if written.linked.len() > 4 && self.random.percent(20) {
            let out = written.linked.remove(0);
            edits.push(words::activity(out, false));
        }
        if !edits.is_empty() {
            let by = *self.random.pick(&written.people);
            let at = self.moment(day.plus_days(95));
            self.later(written, by, at, edits);
        }
    }

    /// A few visits of the area in that year that nobody linked yet.
    fn activities(&mut self, written: &Written<'_>, day: Date) -> Vec<DocumentId> {
        let of_year: Vec<DocumentId> = self
            .world
            .visits
            .iter()
            .filter(|visit| {
                let first = visit.saves.first().map(|save| &save.edits);
                let held = first.and_then(|edits| {
                    edits.iter().find_map(|edit| match edit {
                        VisitEdit::Date(date) => *date,
                        _ => None,
                    })
                });
                let here = |held: Date| visit.ward == self.world.ward_on(written.area.old, held);
                held.is_some_and(|held| held.year() == day.year() && held <= day && here(held))
                    && !written.linked.contains(&visit.document)
            })
            .map(|visit| visit.document)
            .collect();
        let count = usize::try_from(self.random.between(0, 4)).unwrap_or(0);
        self.random.some(&of_year, count)
    }

    /// An end with its reason, and a model that was none.
    fn last(&mut self, written: &mut Written<'_>, ended: Option<Date>) {
        let by = written.people[0];
        if let Some(ended) = ended {
            let why = (*self.random.pick(&ENDS)).to_owned();
            let edits = vec![words::ended(Some(ended)), words::ended_because(Some(why))];
            let at = self.moment(ended.plus_days(3));
            self.later(written, by, at, edits);
        }
        if self.random.percent(8) {
            let why = (*self.random.pick(&REASONS)).to_owned();
            let last = written.saves.last().map_or(self.horizon, |save| save.at);
            self.later(written, by, last + HOUR, vec![words::archived(Some(why))]);
        }
    }

    /// A save at this moment, or soon after the last one if that came later; none beyond the horizon.
    fn later(&mut self, written: &mut Written<'_>, by: PersonId, at: Millis, edits: Vec<FieldEdit>) {
        let last = written.saves.iter().map(|save| save.at).max().unwrap_or(self.horizon);
        let at = at.max(last + i64::from(self.random.between(5, 50)) * MINUTE);
        if at <= self.horizon {
            written.saves.push(ModelSave { at, by, apart: false, edits });
        }
    }
}
