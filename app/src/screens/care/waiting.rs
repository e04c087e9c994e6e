//! Check-ins and who confirms them: those that wait for the officer, and those returned to who logged them.

use std::collections::HashMap;

use donghanh_shared::access::rules::{Action, may_say};
use donghanh_shared::access::{Access, Placement};
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::aftercare::line::{CareLine, CarePart, CaseLine, CheckInLine};
use donghanh_shared::domain::confirmation::{Standing, StandingLine};
use donghanh_shared::domain::date::Date;
use donghanh_shared::ids::ActorId;
use leptos::prelude::*;

use crate::components::page::{Frame, page};
use crate::components::view::dynamic;
use crate::i18n::{format, tr};
use crate::screens::naming;
use crate::screens::parts::row::{RowWords, row};
use crate::screens::record::confirmation::standing_mark;
use crate::state::{AppState, Care};

/// A check-in as these lists show it.
pub struct Said<'a> {
    line: &'a CareLine,
    check_in: &'a CheckInLine,
    case: &'a CaseLine,
    standing: &'a StandingLine,
}

/// Check-ins that somebody with this access may confirm and has not: the latest first. The server has the last word.
pub fn waiting<'a>(care: &'a Care, access: &Access, is_mine: impl Fn(ActorId) -> bool) -> Vec<Said<'a>> {
    let waits = |said: &Said<'_>| {
        let Some(ward) = said.case.ward else { return false };
        let own = said.standing.author.is_some_and(&is_mine);
        let place = Placement::of_case(ward, said.line.case);
        said.standing.standing.is_waiting()
            && may_say(access, Action::Confirm, Kind::CheckIn, &place, (None, own))
    };
    of_care(care, waits)
}

/// Check-ins that were returned to who logged them, when that is who asks.
pub fn returned(care: &Care, is_mine: impl Fn(ActorId) -> bool) -> Vec<Said<'_>> {
    let to_me = |said: &Said<'_>| {
        said.standing.standing == Standing::Returned && said.standing.author.is_some_and(&is_mine)
    };
    of_care(care, to_me)
}

fn of_care<'a>(care: &'a Care, wanted: impl Fn(&Said<'a>) -> bool) -> Vec<Said<'a>> {
    let said = |line: &'a CareLine| {
        let (CarePart::CheckIn(check_in), Some(standing)) = (&line.part, &line.confirmation) else {
            return None;
        };
        let CarePart::Case(case) = &care.get(&line.case)?.part else { return None };
        Some(Said { line, check_in, case, standing }).filter(|_| !line.archived)
    };
    let mut found: Vec<Said<'a>> = care.values().filter_map(said).filter(wanted).collect();
    found.sort_by_key(|said| std::cmp::Reverse((said.check_in.seen.map(|seen| seen.day), said.line.id)));
    found
}

impl Said<'_> {
    /// The row of a list: of a returned one with what is to be mended, of others with who logged it.
    pub fn row(&self, names: &HashMap<ActorId, String>, today: Date, test: &'static str) -> AnyView {
        let who = || self.standing.author.map(|author| naming::person(names, author));
        let words = RowWords {
            href: format!("/check-ins/{}", self.line.id),
            title: tr!(care.visit_whom, who = self.case.address_as.clone()),
            detail: self.standing.reason.clone().or_else(who).unwrap_or_default(),
            end: self.check_in.seen.map(|seen| format::day(seen.day, today)).unwrap_or_default(),
            overdue: false,
        };
        row(words, standing_mark(self.standing.standing).into_iter().collect(), test)
    }
}

/// How many wait for the signed-in person.
pub fn count(state: AppState) -> usize {
    let Some(access) = state.me.with(|me| me.as_ref().map(|me| me.access.clone())) else { return 0 };
    state.care.with(|care| waiting(care, &access, |actor| state.is_mine(actor)).len())
}

/// Draws the screen: what waits for the signed-in person.
pub fn waiting_list() -> AnyView {
    let state = AppState::get();
    let list = move || {
        let access = state.me.with(|me| me.as_ref().map(|me| me.access.clone())).unwrap_or_default();
        let (today, names) = (state.today(), state.names.get());
        state.care.with(|care| {
            let found = waiting(care, &access, |actor| state.is_mine(actor));
            if found.is_empty() {
                return view! { <p class="soft" data-testid="none-waiting">{tr!(confirmation.none_waiting)}</p> }
                    .into_any();
            }
            let rows = found.iter().map(|said| said.row(&names, today, "waiting-row")).collect_view();
            view! { <ul class="rows">{rows}</ul> }.into_any()
        })
    };
    let body = view! { <p class="soft">{tr!(confirmation.check_ins_hint).to_string()}</p>{dynamic(list)} };
    page(Frame::back("/"), tr!(confirmation.check_ins).to_string(), (), body, None)
}
