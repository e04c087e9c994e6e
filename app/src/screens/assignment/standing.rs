//! How far an assignment has come by what this phone holds. The counting itself is `Ask::progress` and `Ask::check_ins`.

use std::collections::BTreeSet;
use std::sync::Arc;

use donghanh_shared::access::Scope;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::domain::work_assignment::{Ask, Progress, Work};
use donghanh_shared::ids::{DocumentId, PlaceId};
use leptos::prelude::*;

use crate::components::chart::thin_bar;
use crate::components::icon::{Icon, icon};
use crate::i18n::{format, tr};
use crate::screens::naming;
use crate::screens::parts::row::{RowWords, open_mark, row, state_mark};
use crate::state::{AppState, Me, Register, Row, RowState};

/// How far it has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// So far.
    Known(Progress),
    /// Cases that this phone does not hold would have to be counted.
    NotHere,
}

impl Standing {
    /// By everything on this phone.
    pub fn of(state: AppState, ask: &Ask) -> Self {
        state.register.with(|register| {
            if ask.what != Some(Work::CheckIn) {
                let (ward, place) = sight(register);
                // One talk that two people wrote down is one talk.
                let counts =
                    |row: &&Arc<Row>| !state.same_as.with(|linked| linked.contains_key(&row.summary.id));
                return state.summaries.with(|rows| {
                    let records = rows.iter().filter(counts).map(|row| &*row.summary);
                    Self::Known(ask.progress(records, ward, place))
                });
            }
            if !state.me.with(|me| me.as_ref().is_some_and(|me| holds_cases(me, ask))) {
                return Self::NotHere;
            }
            state
                .care
                .with(|care| Self::Known(ask.check_ins(care.values(), |ward| register.ward_today(ward))))
        })
    }

    /// Whether it is done, as far as this phone knows.
    pub fn is_done(self) -> bool {
        matches!(self, Self::Known(progress) if progress.is_done())
    }

    /// "3/5", or that it is not known here.
    pub fn figures(self) -> String {
        match self {
            Self::Known(Progress { done, goal }) => {
                tr!(assignment.progress, done = format::number(done.into()), goal = format::count(goal))
            }
            Self::NotHere => tr!(assignment.not_known).to_string(),
        }
    }

    /// The line and the bar at the top of an assignment.
    pub fn drawn(self, state: AppState, ask: &Ask) -> AnyView {
        let Self::Known(Progress { done, goal }) = self else {
            let hint = tr!(assignment.not_known_hint).to_string();
            return view! { <p class="soft" data-testid="standing">{hint}</p> }.into_any();
        };
        let (today, left) = (state.today(), goal.unwrap_or_default().saturating_sub(done));
        let goal_words = format::count(goal);
        let words = match ask.by {
            _ if self.is_done() => tr!(assignment.is_done, done = done, goal = goal_words),
            Some(by) if by < today => {
                let day = format::day(by, today);
                tr!(assignment.is_late, done = done, goal = goal_words, day = day, n = left)
            }
            by => {
                let day = by.map(|by| format::day(by, today)).unwrap_or_default();
                tr!(assignment.is_open, done = done, goal = goal_words, day = day)
            }
        };
        let share = format::share(done, goal.unwrap_or_default());
        view! { <div><p class="strong" data-testid="standing">{words}</p>{thin_bar(share)}</div> }.into_any()
    }
}

/// The ward of today for any ward, the registered place for any place.
fn sight(register: &Register) -> (impl Fn(WardRef) -> WardRef, impl Fn(PlaceId) -> PlaceId) {
    let place = |id| register.place(id).map_or(id, |place| place.id);
    (|ward| register.ward_today(ward), place)
}

/// Whether every check-in that may count is on this phone: an officer's holds all cases of the ward, a helper's those that
/// they alone visit.
fn holds_cases(me: &Me, ask: &Ask) -> bool {
    let ward = ask.ward.is_some_and(|ward| me.access.may_read(&Scope::Aftercare(ward)));
    let helps = me.access.grants.iter().any(|grant| matches!(grant.scope, Scope::Case(_)));
    ward || (helps && ask.people.keys().all(|person| *person == me.person))
}

/// Whether the person signed in is asked: by name, or as one who works for the organisation in that ward. Officers and helpers,
/// who read no activity there, are asked by name alone.
pub fn is_asked(me: &Me, ask: &Ask) -> bool {
    let Some(ward) = ask.ward else { return false };
    let works = me.access.may_write(&Scope::Activity(ward));
    let organisation = me.organisation.as_ref().filter(|_| works);
    (works || me.access.may_read(&Scope::Assignments(ward))) && ask.is_of(me.person, organisation)
}

/// The records that count.
pub fn counted(state: AppState, ask: &Ask) -> Vec<Arc<Row>> {
    state.register.with(|register| {
        let (ward, _) = sight(register);
        state.summaries.with(|rows| {
            let counted = ask.counted(rows.iter().map(|row| &*row.summary), ward);
            let ids: BTreeSet<DocumentId> = counted.map(|summary| summary.id).collect();
            rows.iter().filter(|row| ids.contains(&row.summary.id)).cloned().collect()
        })
    })
}

/// The places asked for that somebody has been to.
pub fn reached(state: AppState, ask: &Ask) -> BTreeSet<PlaceId> {
    state.register.with(|register| {
        let (ward, place) = sight(register);
        state
            .summaries
            .with(|rows| ask.reached(ask.counted(rows.iter().map(|row| &*row.summary), ward), place))
    })
}

/// An assignment as lists show it.
#[derive(Clone, PartialEq)]
pub struct Line {
    /// Its row.
    pub row: Arc<Row>,
    /// How far it has come.
    pub standing: Standing,
}

impl Line {
    /// Every assignment on this phone that `takes` takes, the earliest day first.
    pub fn all(state: AppState, takes: impl Fn(&Ask) -> bool) -> Vec<Self> {
        let asks = |row: &&Arc<Row>| row.summary.ask.as_deref().is_some_and(&takes);
        let found: Vec<Arc<Row>> = state.summaries.with(|rows| rows.iter().filter(asks).cloned().collect());
        let line = |row: Arc<Row>| {
            let standing = Standing::of(state, row.summary.ask.as_deref()?);
            Some(Self { row, standing })
        };
        let mut lines: Vec<Self> = found.into_iter().filter_map(line).collect();
        lines.sort_by_key(|line| {
            let by = line.row.summary.ask.as_ref().and_then(|ask| ask.by);
            (by.is_none(), by, line.row.summary.id)
        });
        lines
    }

    /// Draws it; `whom` says who is asked.
    pub fn drawn(&self, state: AppState, whom: bool) -> AnyView {
        let (summary, today) = (&self.row.summary, state.today());
        let ask = summary.ask.as_deref();
        let by = ask.and_then(|ask| ask.by);
        let late = by.filter(|by| *by < today && !self.standing.is_done() && !summary.archived);
        let due = by.map(|by| tr!(assignment.due_on, day = format::day(by, today)));
        let asked = ask.filter(|_| whom).map(|ask| state.register.with(|all| naming::asked(all, ask)));
        let detail: Vec<String> = due.into_iter().chain(asked).filter(|part| !part.is_empty()).collect();
        let mut marks = Vec::new();
        if late.is_some() {
            marks.push(mark(Icon::Clock, "mark wait", tr!(assignment.due_passed)));
        }
        if self.standing.is_done() {
            marks.push(mark(Icon::Check, "mark sent", tr!(assignment.done)));
        }
        if self.row.state != RowState::Sent {
            marks.push(state_mark(self.row.state));
        }
        if summary.open_fields > 0 {
            marks.push(open_mark());
        }
        let words = RowWords {
            href: naming::address(summary),
            title: state.register.with(|all| naming::title(all, summary)),
            detail: detail.join(" · "),
            end: self.standing.figures(),
            overdue: false,
        };
        row(words, marks, "assignment-row")
    }
}

fn mark(drawing: Icon, class: &'static str, words: &str) -> AnyView {
    let words = words.to_owned();
    view! { <span class=class>{icon(drawing)}<span>{words}</span></span> }.into_any()
}

#[cfg(test)]
mod tests {
    use donghanh_shared::access::{Access, Grant};
    use donghanh_shared::ids::PersonId;

    use super::*;

    const LAN: PersonId = PersonId([1; 16]);
    const MINH: PersonId = PersonId([2; 16]);

    fn ward() -> WardRef {
        "08707@2025-07-01".parse().expect("ward")
    }

    fn me(scope: Scope) -> Me {
        Me {
            person: LAN,
            name: "Lan".to_owned(),
            access: Access { grants: vec![Grant { scope, write: true }], ..Access::default() },
            demo: false,
            home_ward: Some(ward()),
            organisation: "hoi-lhpn-phuong-xa".parse().ok(),
            role: None,
        }
    }

    fn asked(people: &[PersonId]) -> Ask {
        let people = people.iter().map(|person| (*person, String::new())).collect();
        Ask { ward: Some(ward()), lead: "hoi-lhpn-phuong-xa".parse().ok(), people, ..Ask::default() }
    }

    #[test]
    fn check_ins_are_known_to_officers_of_the_ward_and_to_the_helper_who_is_asked_alone() {
        let (officer, helper) = (me(Scope::Aftercare(ward())), me(Scope::Case(DocumentId([1; 16]))));
        assert!(holds_cases(&officer, &asked(&[LAN, MINH])));
        assert!(holds_cases(&helper, &asked(&[LAN])));
        assert!(!holds_cases(&helper, &asked(&[MINH])) && !holds_cases(&helper, &asked(&[LAN, MINH])));
        assert!(!holds_cases(&me(Scope::Activity(ward())), &asked(&[LAN])), "a volunteer holds no case");
        let elsewhere = "08716@2025-07-01".parse().expect("ward");
        assert!(!holds_cases(&me(Scope::Aftercare(elsewhere)), &asked(&[LAN])));
    }

    #[test]
    fn whoever_works_in_the_ward_for_the_organisation_or_is_named_is_asked() {
        assert!(is_asked(&me(Scope::Activity(ward())), &asked(&[])));
        let elsewhere = "08716@2025-07-01".parse().expect("ward");
        assert!(!is_asked(&me(Scope::Activity(elsewhere)), &asked(&[LAN])), "of another ward");
        let helper = me(Scope::Assignments(ward()));
        assert!(is_asked(&helper, &asked(&[LAN])) && !is_asked(&helper, &asked(&[])), "by name alone");
        let stranger = Me { organisation: None, ..me(Scope::Activity(ward())) };
        assert!(is_asked(&stranger, &asked(&[LAN])) && !is_asked(&stranger, &asked(&[MINH])));
    }
}
