//! Indicators C1 and C2 of a generated world, worked out the plain way from the saves of its cases. Shares no code with the
//! typed values, the schedule, the story or the support of `domain::aftercare`: the rules below are written down once more,
//! as a table of texts.
//!
//! - A case counts in the ward where it is at the end. What was removed tells nothing; what was taken out neither.
//! - Events are told in the order of day and key. One that may not follow what stands before it changes nothing.
//! - Days due: the corresponding day of each month after the start, or so many days after the day due before.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::command::fields::{FieldEdit, Written};
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::ward::WardRef;

use super::same_as;
use crate::aftercare::GeneratedCase;
use crate::world::World;

/// Days after the day due in which somebody can still be met late.
const LATE_DAYS: i64 = 7;

/// Events: which one, what the case is after it (empty: as before), whether it may be the first, what it may follow.
const EVENTS: [(&str, &str, bool, &[&str]); 10] = [
    ("transfer", "", true, &["absence", "returned", "relapse", "detention", "return_to_treatment"]),
    ("absence", "absent", true, &["returned", "relapse"]),
    ("returned", "managed", false, &["absence", "detention", "return_to_treatment", "dropped"]),
    ("signs", "", true, &["absence", "returned", "relapse", "detention", "return_to_treatment"]),
    ("relapse", "managed", true, &["absence", "returned", "relapse"]),
    ("detention", "detained", true, &["absence", "returned", "relapse", "return_to_treatment"]),
    ("return_to_treatment", "in_treatment", true, &["absence", "returned", "relapse", "detention"]),
    ("completion", "completed", true, &["returned"]),
    (
        "death",
        "died",
        true,
        &["absence", "returned", "relapse", "detention", "return_to_treatment", "dropped"],
    ),
    ("dropped", "dropped", true, &["absence", "returned", "relapse", "detention", "return_to_treatment"]),
];

/// What is counted of a ward. People, but for `check_ins` and the second of each kind of support.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Care {
    /// Under management on some day of the period.
    pub managed: u32,
    /// Of these, given support.
    pub supported: u32,
    /// Completed.
    pub completed: u32,
    /// Ended otherwise.
    pub ended_otherwise: u32,
    /// Relapsed.
    pub relapsed: u32,
    /// Open without a first day.
    pub start_unknown: u32,
    /// Open.
    pub open: u32,
    /// Check-ins due in the period: on time, late, missed, excused.
    pub check_ins: [u32; 4],
    /// People behind each of these.
    pub people: [u32; 4],
    /// By code of the kind: people, times given.
    pub support: BTreeMap<String, (u32, u32)>,
}

/// Counts every ward for a period, both days included, as of the world's last day.
#[must_use]
pub fn care(world: &World, today: Date, from: Date, to: Date) -> BTreeMap<WardRef, Care> {
    let mut wards: BTreeMap<WardRef, Care> = BTreeMap::new();
    let said = |case: &GeneratedCase| {
        let papers = Papers::of(case);
        let other = papers.others.iter().find_map(|paper| paper.texts.get("same_as")?.parse().ok());
        (case.core, (case.ward, papers.core.has("archived"), other))
    };
    let counted = same_as::counted(&world.cases.iter().map(said).collect());
    for case in &world.cases {
        let papers = Papers::of(case);
        if papers.core.has("archived") || counted[&case.core] != case.core {
            continue;
        }
        let ward = wards.entry(case.ward).or_default();
        count(ward, &papers, today, (from, to));
    }
    wards
}

/// What one document says in the end.
#[derive(Default)]
struct Paper {
    texts: BTreeMap<String, String>,
    /// By map, then key of the entry, then field.
    entries: BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>,
}

impl Paper {
    fn take(&mut self, edit: &FieldEdit) {
        let written = |value: &Written| match value {
            Written::Text(text) => text.clone(),
            Written::Number(number) => number.to_string(),
            Written::Flag(flag) => flag.to_string(),
        };
        match edit {
            FieldEdit::Register(name, Some(value)) => drop(self.texts.insert(name.clone(), written(value))),
            FieldEdit::Register(name, None) => drop(self.texts.remove(name)),
            FieldEdit::Entry(map, key, value) => {
                let Some((id, field)) = key.split_once('.') else { return };
                let entry = self.entries.entry(map.clone()).or_default().entry(id.to_owned()).or_default();
                match value {
                    Some(value) => drop(entry.insert(field.to_owned(), written(value))),
                    None => drop(entry.remove(field)),
                }
            }
            FieldEdit::LongText(..) | FieldEdit::Count(..) | FieldEdit::Tap(..) => {}
        }
    }

    fn has(&self, name: &str) -> bool {
        self.texts.contains_key(name)
    }

    fn day(&self, name: &str) -> Option<Date> {
        self.texts.get(name)?.parse().ok()
    }

    /// The entries of a map that were not taken out.
    fn list(&self, map: &str) -> Vec<(&String, &BTreeMap<String, String>)> {
        let all = self.entries.get(map).into_iter().flatten();
        all.filter(|(_, entry)| entry.get("out").map(String::as_str) != Some("true")).collect()
    }
}

/// All documents of a case that were not removed; the core in any case.
struct Papers {
    core: Paper,
    check_ins: Vec<Paper>,
    others: Vec<Paper>,
}

impl Papers {
    fn of(case: &GeneratedCase) -> Self {
        let mut found: BTreeMap<_, (Kind, Paper)> = BTreeMap::new();
        for save in &case.saves {
            let (_, paper) = found.entry(save.document).or_insert_with(|| (save.kind, Paper::default()));
            save.edits.iter().for_each(|edit| paper.take(edit));
        }
        let mut papers = Self { core: Paper::default(), check_ins: Vec::new(), others: Vec::new() };
        for (kind, paper) in found.into_values() {
            match kind {
                Kind::AftercareCase => papers.core = paper,
                _ if paper.has("archived") => {}
                Kind::CheckIn => papers.check_ins.push(paper),
                _ => papers.others.push(paper),
            }
        }
        papers
    }

    /// Everything that happened: day, key, what.
    fn events(&self) -> Vec<(Date, String, String)> {
        let mut all = Vec::new();
        for paper in self.others.iter().chain([&self.core]) {
            for (key, entry) in paper.list("events") {
                if let (Some(kind), Some(date)) = (entry.get("kind"), entry.get("date")) {
                    all.extend(date.parse().ok().map(|day: Date| (day, key.clone(), kind.clone())));
                }
            }
        }
        all.sort();
        all
    }

    /// Days on which the person was met, each once.
    fn met(&self) -> BTreeSet<Date> {
        let met = |paper: &&Paper| paper.texts.get("met").map(String::as_str) == Some("true");
        self.check_ins.iter().filter(met).filter_map(|paper| paper.day("date")).collect()
    }

    /// Support: what and when, and whether it was given at any telling.
    fn support(&self) -> BTreeMap<(String, Date), bool> {
        let mut told: BTreeMap<(String, Date), bool> = BTreeMap::new();
        for paper in self.check_ins.iter().chain([&self.core]) {
            for (_, entry) in paper.list("support") {
                let day = entry.get("date").and_then(|day| day.parse().ok()).or_else(|| paper.day("date"));
                if let (Some(kind), Some(day)) = (entry.get("kind"), day) {
                    let given = entry.get("given").map(String::as_str) == Some("true");
                    *told.entry((kind.clone(), day)).or_default() |= given;
                }
            }
        }
        told
    }
}

fn is_open(status: &str) -> bool {
    ["managed", "absent", "in_treatment", "detained"].contains(&status)
}

/// What happened, told step by step: day, what, whether it fits, the status after it.
fn told(events: &[(Date, String, String)]) -> Vec<(Date, String, bool, &'static str)> {
    let mut status = "managed";
    let mut last: Option<&str> = None;
    let mut steps = Vec::new();
    for (day, _, kind) in events {
        let Some((kind, becomes, first, after)) = EVENTS.iter().find(|event| event.0 == kind) else {
            continue;
        };
        let fits = match last {
            None => *first,
            Some(last) => after.contains(&last),
        };
        if fits && !becomes.is_empty() {
            (status, last) = (*becomes, Some(*kind));
        }
        steps.push((*day, (*kind).to_owned(), fits, status));
    }
    steps
}

fn count(ward: &mut Care, papers: &Papers, today: Date, (from, to): (Date, Date)) {
    let status = papers.core.texts.get("status").map_or("managed", String::as_str);
    ward.open += u32::from(is_open(status));
    let Some(start) = papers.core.day("since") else {
        ward.start_unknown += u32::from(is_open(status));
        return;
    };
    let steps = told(&papers.events());
    let inside = |day: Date| from <= day && day <= to;
    let after = steps.last().map_or("managed", |step| step.3);
    // The first of the last steps at which it stood closed.
    let mut closing = None;
    for step in steps.iter().rev() {
        if is_open(step.3) {
            break;
        }
        closing = Some(step.0);
    }
    let met = papers.met();
    let is_closed = !is_open(status) || !is_open(after);
    let closed = is_closed.then(|| closing.or(met.iter().next_back().copied()).unwrap_or(start));
    for (at, times) in went(papers, &steps, (start, closed), &met, today, &inside).into_iter().enumerate() {
        ward.check_ins[at] += times;
        ward.people[at] += u32::from(times > 0);
    }
    if start > to || closed.is_some_and(|day| day < from) {
        return;
    }
    ward.managed += 1;
    let completed = steps.iter().any(|(day, kind, fits, _)| kind == "completion" && *fits && inside(*day));
    ward.completed += u32::from(completed);
    ward.ended_otherwise += u32::from(!completed && closed.is_some_and(inside));
    ward.relapsed += u32::from(steps.iter().any(|(day, kind, ..)| kind == "relapse" && inside(*day)));
    let mut kinds: BTreeMap<String, u32> = BTreeMap::new();
    for ((kind, day), given) in papers.support() {
        if given && inside(day) {
            *kinds.entry(kind).or_default() += 1;
        }
    }
    ward.supported += u32::from(!kinds.is_empty());
    for (kind, times) in kinds {
        let (people, all) = ward.support.entry(kind).or_default();
        (*people, *all) = (*people + 1, *all + times);
    }
}

/// A day so many months after another; the month's last where it has no such day.
fn months_after(day: Date, months: i32) -> Date {
    let month = i32::try_from(day.month()).unwrap_or(1) - 1 + months;
    let (year, month) = (day.year() + month / 12, u32::try_from(month % 12 + 1).unwrap_or(1));
    (0..4).find_map(|less| Date::new(year, month, day.day().saturating_sub(less))).unwrap_or(day)
}

/// Every day due up to a year after today, with the day due before it and the days in which it can be kept late.
fn days_due(core: &Paper, start: Date, today: Date) -> Vec<(Date, i64)> {
    let number = |text: Option<&String>| text.and_then(|text| text.parse::<i64>().ok());
    let mut stretches: Vec<(Date, &String, Option<i64>)> = Vec::new();
    for (key, entry) in core.list("schedule") {
        if let Some(from) = entry.get("from").and_then(|day| day.parse().ok()) {
            stretches.push((from, key, number(entry.get("every_days"))));
        }
    }
    stretches.sort();
    let usual = number(core.texts.get("every_days"));
    let end = core.day("until");
    let (mut before, mut first, mut anchor, mut months) = (start, start, start, 0);
    let mut all = Vec::new();
    while before <= today.plus_days(365) {
        let every = stretches.iter().rfind(|stretch| stretch.0 <= first).map_or(usual, |stretch| stretch.2);
        let due = if let Some(days) = every {
            anchor = before.plus_days(days);
            months = 0;
            anchor
        } else {
            months += 1;
            months_after(anchor, months)
        };
        if end.is_some_and(|end| due > end) {
            break;
        }
        all.push((due, LATE_DAYS.min(due.days_since(before) / 2)));
        (before, first) = (due, due.plus_days(1));
    }
    all
}

/// How often somebody was met on time, late, not at all, or was in others' charge, for the days due that are inside.
fn went(
    papers: &Papers,
    steps: &[(Date, String, bool, &'static str)],
    (start, closed): (Date, Option<Date>),
    met: &BTreeSet<Date>,
    today: Date,
    inside: &impl Fn(Date) -> bool,
) -> [u32; 4] {
    let mut met: BTreeSet<Date> = met.iter().copied().filter(|day| start <= *day && *day <= today).collect();
    // On a day somebody else has charge when the last step up to it says so.
    let in_charge_of_others = |day: Date| {
        let step = steps.iter().rfind(|step| step.0 <= day);
        step.is_some_and(|step| ["in_treatment", "detained"].contains(&step.3))
    };
    // A case that closed without saying when ends with the last time somebody was met since it began.
    let last_due = closed.map(|day| if day < start { start } else { day });
    let mut numbers = [0; 4];
    for (due, late) in days_due(&papers.core, start, today) {
        if last_due.is_some_and(|last| due > last) {
            break;
        }
        let own: Vec<Date> = met.range(..=due).copied().collect();
        met.retain(|day| *day > due);
        let next = met.iter().next().copied();
        let outcome = if !own.is_empty() {
            0
        } else if in_charge_of_others(due) {
            3
        } else if let Some(day) = next.filter(|day| *day <= due.plus_days(late)) {
            met.remove(&day);
            1
        } else if closed.is_none() && today <= due.plus_days(late) {
            continue;
        } else {
            2
        };
        if inside(due) {
            numbers[outcome] += 1;
        }
    }
    numbers
}
