//! Writes one case: its core and restricted part, what happened, check-ins month by month, support.

use donghanh_shared::command::aftercare::{
    self as words, NewEvent, NewSupport, case as core, check_in, restricted,
};
use donghanh_shared::command::fields::FieldEdit;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::aftercare::AftercareRules;
use donghanh_shared::domain::aftercare::CaseStatus;
use donghanh_shared::domain::aftercare::terms::{
    Completion, EventKind, How, Life, Sign, State, SupportKind, TestResult,
};
use donghanh_shared::domain::date::{Date, Millis};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{DocumentId, PersonId};

use super::course::Course;
use super::{CareSave, GeneratedCase};
use crate::names::full_name;
use crate::random::Random;
use crate::world::Options;

const HOUR: Millis = 3_600_000;
/// Why somebody was not met.
const NOT_MET: [&str; 3] = ["đi làm xa trong tuần", "không có nhà", "hẹn lại hôm khác"];

struct Writer<'r> {
    random: &'r mut Random,
    rules: AftercareRules,
    today: Date,
    /// The last day on which something is written: today has only begun.
    last: Date,
    case: GeneratedCase,
    person: DocumentId,
    start: Date,
    until: Option<Date>,
}

/// One case. Saves come in the order of their days.
pub fn case(
    options: &Options,
    random: &mut Random,
    course: Course,
    (old, now): (WardRef, WardRef),
    (officer, helper): (PersonId, Option<PersonId>),
) -> GeneratedCase {
    let id = DocumentId(random.id());
    let person = id.restricted_companion();
    let all = options.today.days_since(options.first_day).max(400);
    // Those that completed began long ago; of the others some have only begun.
    let ago = match course {
        Course::Completed => random.offset(380.min(all), all),
        Course::Steady | Course::Closer => random.offset(30, 320),
        _ => random.offset(100, 340),
    };
    let start = options.today.plus_days(-ago);
    let begun_in = if random.percent(40) { old } else { now };
    let case = GeneratedCase { core: id, begun_in, ward: now, officer, helper, saves: Vec::new() };
    let rules = AftercareRules::shipped();
    let (today, last) = (options.today, options.today.plus_days(-1));
    let mut writer = Writer { random, rules, today, last, case, person, start, until: None };
    writer.begin(course);
    writer.what_happened(course);
    writer.check_ins(course);
    writer.support();
    writer.end(course);
    let mut case = writer.case;
    // Stays where it ended when that was before the merger.
    if course == Course::Completed && begun_in == old {
        case.ward = old;
    }
    case.saves[2..].sort_by_key(|save| save.at);
    case
}

impl Writer<'_> {
    /// A save on a day, by the officer, at an hour of work.
    fn save(&mut self, day: Date, document: DocumentId, kind: Kind, edits: Vec<FieldEdit>) {
        let at = day.start() + self.random.offset(8, 16) * HOUR;
        let by = self.case.officer;
        self.case.saves.push(CareSave { at, by, document, kind, edits });
    }

    fn of_core(&mut self, day: Date, edits: Vec<FieldEdit>) {
        self.save(day, self.case.core, Kind::AftercareCase, edits);
    }

    fn of_person(&mut self, day: Date, edits: Vec<FieldEdit>) {
        self.save(day, self.person, Kind::AftercareRestricted, edits);
    }

    fn begin(&mut self, course: Course) {
        let is_woman = self.random.percent(15);
        let name = full_name(self.random, is_woman);
        let given = name.rsplit(' ').next().unwrap_or(&name).to_owned();
        let title = if is_woman { "chị" } else { "anh" };
        let completion = match course {
            Course::Completed => Completion::Voluntary,
            _ => *self.random.pick(Completion::ALL),
        };
        let term = words::term_of_aftercare(&self.rules, completion, self.start);
        let mut edits = vec![
            core::address_as(Some(format!("{title} {given} (mẫu)"))),
            core::ward(self.case.begun_in),
            core::officer(Some("Bùi Thị Nga".to_owned())),
            core::meet_at(Some("trụ sở tổ dân phố".to_owned())),
        ];
        let mut of_person = vec![restricted::full_name(Some(format!("{name} (mẫu)")))];
        if course != Course::Undated {
            edits.extend(term.core);
            of_person.extend(term.restricted);
            // The oracle reckons by itself; here only where cases end is needed.
            let months = if completion == Completion::CompulsoryAdult { 24 } else { 12 };
            self.until = Some(self.start.plus_months(months));
        }
        if self.random.percent(80) {
            edits.push(core::status(CaseStatus::Managed));
        }
        if course == Course::Closer {
            edits.push(core::every_days(Some(14)));
            let key = self.random.key();
            edits.extend(core::every_from(&key, self.start.plus_days(90), Some(28)));
        }
        if self.random.percent(10) {
            // Every month again, as the rule says; an entry beside it was taken out.
            let (key, other) = (self.random.key(), self.random.key());
            edits.extend(core::every_from(&key, self.start.plus_days(200), None));
            edits.extend(core::every_from(&other, self.start, Some(3)));
            edits.push(words::out("schedule", &other, true));
        }
        self.of_core(self.start, edits);
        self.of_person(self.start, of_person);
    }

    /// Records an event as the app does, so many days after the start, if that day has come.
    fn event(&mut self, kind: EventKind, days: i64, after: CaseStatus) -> Option<Date> {
        let date = self.start.plus_days(days);
        if date > self.last {
            return None;
        }
        let (ward, text) = (None, String::new());
        let new = NewEvent { kind, date, ward, number: String::new(), by: String::new(), text };
        let key = self.random.key();
        let both = words::record(&self.rules, &key, &new, after);
        self.of_core(date, both.core);
        if !both.restricted.is_empty() {
            self.of_person(date, both.restricted);
        }
        Some(date)
    }

    fn what_happened(&mut self, course: Course) {
        use EventKind as E;
        let early = self.random.offset(35, 60);
        match course {
            Course::Away | Course::Resumed => {
                let (gone, status) = if course == Course::Away {
                    (E::Absence, CaseStatus::Absent)
                } else {
                    (E::Dropped, CaseStatus::Dropped)
                };
                self.event(gone, early, status);
                self.event(E::Returned, early + 30, CaseStatus::Managed);
            }
            Course::Treated => {
                self.relapse_at_check_in(early, false);
                self.event(E::ReturnToTreatment, early + 5, CaseStatus::InTreatment);
                self.event(E::Returned, early + 95, CaseStatus::Managed);
            }
            Course::Irregular => self.relapse_at_check_in(early, true),
            Course::Detained => drop(self.event(E::Detention, early, CaseStatus::Detained)),
            Course::Died => drop(self.event(E::Death, early + 40, CaseStatus::Died)),
            Course::Completed => {
                let length = self.until.map_or(370, |until| until.days_since(self.start));
                self.event(E::Completion, length, CaseStatus::Completed);
            }
            Course::Misfit => {
                self.event(E::Returned, early, CaseStatus::Managed);
                self.event(E::Relapse, early + 10, CaseStatus::Managed);
                self.event(E::Completion, early + 11, CaseStatus::Managed);
                self.taken_out(early + 20);
            }
            _ => {}
        }
    }

    /// An event that never happened.
    fn taken_out(&mut self, days: i64) {
        let date = self.start.plus_days(days);
        let key = self.random.key();
        let (ward, text) = (None, String::new());
        let (number, by) = (String::new(), String::new());
        let mut edits =
            words::event(&key, &NewEvent { kind: EventKind::Death, date, ward, number, by, text });
        edits.push(words::out("events", &key, true));
        self.of_core(date, edits);
    }

    /// A relapse that the officer found at a check-in; or put down for somebody else, and removed.
    fn relapse_at_check_in(&mut self, days: i64, is_removed: bool) {
        let date = self.start.plus_days(days);
        let (document, key) = (DocumentId(self.random.id()), self.random.key());
        let mut edits = vec![restricted::date_of_check_in(date)];
        edits.extend(restricted::urine_test(Some((date, TestResult::Positive))));
        edits.extend(restricted::relapse(&key, date, "trao đổi với gia đình"));
        if is_removed {
            edits.push(words::archived(Some("ghi nhầm người".to_owned())));
        }
        self.save(date, document, Kind::CheckInRestricted, edits);
    }

    /// How often out of a hundred a due check-in is kept on time; late; tried in vain.
    fn diligence(course: Course) -> [u32; 3] {
        match course {
            Course::Steady | Course::Completed => [85, 8, 3],
            Course::Irregular | Course::Misfit => [45, 20, 15],
            _ => [65, 15, 8],
        }
    }

    fn check_ins(&mut self, course: Course) {
        let [on_time, late, in_vain] = Self::diligence(course);
        let step = if course == Course::Closer { 14 } else { 30 };
        let last = self.until.unwrap_or(self.last).min(self.last);
        let mut due = self.start.plus_days(step);
        while due <= last.plus_days(10) {
            let drawn = self.random.between(0, 99);
            let (day, met) = if drawn < on_time {
                (due.plus_days(-self.random.offset(0, step / 3)), true)
            } else if drawn < on_time + late {
                (due.plus_days(self.random.offset(1, 9)), true)
            } else if drawn < on_time + late + in_vain {
                (due.plus_days(-1), false)
            } else {
                due = due.plus_days(step);
                continue;
            };
            if day >= self.start && day <= self.last {
                self.check_in(day, met);
            }
            due = due.plus_days(step);
        }
    }

    fn check_in(&mut self, day: Date, met: bool) {
        let document = DocumentId(self.random.id());
        let mut edits = vec![check_in::date(Some(day)), check_in::how(Some(*self.random.pick(How::ALL)))];
        if met {
            edits.extend(check_in::met());
            edits
                .push(check_in::situation(*self.random.pick(Life::ALL), Some(*self.random.pick(State::ALL))));
            if self.random.percent(70) {
                edits.push(check_in::next_due(Some(day.plus_days(self.random.offset(20, 34)))));
            }
        } else {
            let why = *self.random.pick(&NOT_MET);
            edits.extend(check_in::not_met(why));
        }
        if self.random.percent(4) {
            edits.push(check_in::sign(Sign::OftenAway, true));
        }
        if met && self.random.percent(18) {
            edits.extend(self.entry(day));
        }
        if self.random.percent(3) {
            edits.push(words::archived(Some("ghi hai lần".to_owned())));
        }
        let by = self.case.helper.filter(|_| self.random.percent(70)).unwrap_or(self.case.officer);
        edits.push(check_in::done_by("a", Some("người đi thăm (mẫu)".to_owned())));
        let at = day.start() + self.random.offset(8, 19) * HOUR;
        self.case.saves.push(CareSave { at, by, document, kind: Kind::CheckIn, edits });
    }

    /// An entry of support of this day.
    fn entry(&mut self, date: Date) -> Vec<FieldEdit> {
        let kind = *self.random.pick(&[
            SupportKind::Counselling,
            SupportKind::Counselling,
            SupportKind::Job,
            SupportKind::Training,
            SupportKind::Loan,
            SupportKind::Methadone,
        ]);
        let given = self.random.percent(70);
        let key = self.random.key();
        let new =
            NewSupport {
                kind, given, date, by: "phòng Văn hóa – Xã hội".to_owned(), text: String::new()
            };
        let mut edits = words::support(&key, &new);
        if self.random.percent(10) {
            // Told again, and one that was a mistake.
            let (again, wrong) = (self.random.key(), self.random.key());
            edits.extend(words::support(&again, &NewSupport { given: true, ..new.clone() }));
            edits.extend(words::support(&wrong, &NewSupport { kind: SupportKind::Health, ..new }));
            edits.push(words::out("support", &wrong, true));
        }
        edits
    }

    fn support(&mut self) {
        for _ in 0..self.random.between(0, 3) {
            let day = self.start.plus_days(self.random.offset(1, 300)).min(self.last);
            let edits = self.entry(day);
            self.of_core(day, edits);
        }
    }

    fn end(&mut self, course: Course) {
        let soon = self.start.plus_days(90).min(self.last);
        match course {
            Course::Removed => self.of_core(soon, vec![words::archived(Some("ghi nhầm".to_owned()))]),
            Course::ClosedUnsaid => self.of_core(soon, vec![core::status(CaseStatus::Dropped)]),
            Course::Steady => {
                let day = self.today.plus_days(self.random.offset(-5, 12));
                self.of_core(self.last, vec![core::next_due(Some(day))]);
            }
            _ => {}
        }
    }
}
