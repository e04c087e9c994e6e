//! After-care on screen: who is due, the cases, one case with its check-ins, what happened, who helps.

pub mod case;
mod case_parts;
pub mod certificate;
pub mod check_in;
mod erasure;
mod event;
mod helpers;
pub mod list;
mod part;
mod restricted;
pub mod same_person;
pub mod waiting;
mod words;

use donghanh_shared::access::Scope;
use donghanh_shared::domain::aftercare::AftercareRules;
use donghanh_shared::domain::aftercare::line::{CareLine, CarePart, CaseLine, CheckInLine, PersonLine};
use donghanh_shared::domain::aftercare::same_person::stand_ins;
use donghanh_shared::domain::aftercare::schedule::{self, Due, Seen};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;

use crate::state::{AppState, Care};

/// A case as lists show it.
pub struct CaseView<'a> {
    /// Its core.
    pub id: DocumentId,
    /// What the core says.
    pub line: &'a CaseLine,
    /// Whether people differ on something in it.
    pub open: bool,
    /// Removed.
    pub archived: bool,
    /// Who it is, on phones that may know.
    pub person: Option<&'a PersonLine>,
    /// The case of the same person that counts for this one, on phones that may know.
    pub counted: Option<DocumentId>,
    /// Its check-ins, the latest first, without those removed.
    pub check_ins: Vec<(DocumentId, &'a CheckInLine)>,
}

impl CaseView<'_> {
    /// When the person is to be met next, by the rules that hold on this phone.
    pub fn due(&self, today: Date, rules: &AftercareRules) -> Option<Due> {
        let seen: Vec<Seen> = self.check_ins.iter().filter_map(|(_, line)| line.seen).collect();
        let plan = self.line.plan.as_ref().filter(|_| !self.archived && self.counted.is_none())?;
        schedule::due(plan, rules, &seen, today)
    }

    /// Whether its last day has passed and it is still open.
    pub fn is_to_be_completed(&self, today: Date) -> bool {
        !self.archived && self.line.plan.as_ref().is_some_and(|plan| plan.is_to_be_completed(today))
    }

    /// Where it is shown.
    pub fn address(&self) -> String {
        format!("/cases/{}", self.id)
    }
}

/// Every case, whose core is on this phone.
pub fn cases(care: &Care) -> Vec<CaseView<'_>> {
    let mut all: Vec<CaseView<'_>> = care.values().filter_map(core).collect();
    all.sort_unstable_by_key(|view| view.id);
    for line in care.values() {
        let Ok(at) = all.binary_search_by_key(&line.case, |view| view.id) else { continue };
        match &line.part {
            CarePart::Case(_) => {}
            CarePart::Person(person) => all[at].person = Some(person),
            CarePart::CheckIn(check_in) if !line.archived => all[at].check_ins.push((line.id, check_in)),
            CarePart::CheckIn(_) => {}
        }
    }
    let stand_ins = stand_ins(care.values());
    for view in &mut all {
        view.counted = stand_ins.get(&view.id).copied();
        view.check_ins.sort_by_key(|(id, line)| std::cmp::Reverse((line.seen.map(|seen| seen.day), *id)));
    }
    all
}

/// One case.
pub fn case_of(care: &Care, id: DocumentId) -> Option<CaseView<'_>> {
    cases(care).into_iter().find(|view| view.id == id)
}

fn core(line: &CareLine) -> Option<CaseView<'_>> {
    let CarePart::Case(case) = &line.part else { return None };
    let (open, archived) = (line.open_fields > 0, line.archived);
    let (person, counted, check_ins) = (None, None, Vec::new());
    Some(CaseView { id: line.id, line: case, open, archived, person, counted, check_ins })
}

/// The wards of today in which the signed-in person begins cases; those before a merger are theirs to read.
pub fn own_wards(state: AppState) -> Vec<WardRef> {
    let today = state.today();
    let living = |ward: &WardRef| {
        state.register.with(|all| all.ward(*ward).is_some_and(|ward| ward.span().contains(today)))
    };
    state.me.with(|me| {
        let grants = me.iter().flat_map(|me| me.access.grants.iter());
        let ward = |grant: &donghanh_shared::access::Grant| match grant.scope {
            Scope::Aftercare(ward) if grant.write => Some(ward),
            _ => None,
        };
        grants.filter_map(ward).filter(living).collect()
    })
}

/// Whether the person has to do with after-care at all.
pub fn is_involved(state: AppState) -> bool {
    let involved = |scope: &Scope| matches!(scope, Scope::Aftercare(_) | Scope::Case(_));
    state.me.with(|me| {
        me.as_ref().is_some_and(|me| {
            me.role == Some(donghanh_shared::access::Role::Helper)
                || me.access.grants.iter().any(|grant| involved(&grant.scope))
        })
    })
}

/// Where a rule stands; one that nobody has verified says so.
pub fn source_of(rule: &donghanh_shared::domain::aftercare::rules::LegalRule) -> String {
    let unconfirmed = crate::i18n::tr!(care.unconfirmed);
    match rule.confirmed || rule.source.contains(unconfirmed) {
        true => rule.source.clone(),
        false => format!("{} ({unconfirmed})", rule.source),
    }
}
