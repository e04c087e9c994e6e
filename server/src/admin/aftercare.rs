//! What people type in about after-care beside the cases: the dated rules, and how many people are under management.

use std::collections::BTreeSet;

use donghanh_shared::access::{Role, Scope};
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::aftercare::AftercareRules;
use donghanh_shared::domain::date::Span;
use donghanh_shared::domain::error::{Code, Problem};

use crate::audit::{self, kind};
use crate::auth::SignedIn;
use crate::problem::logged;
use crate::state::AppState;
use crate::store::aftercare::{KeptRules, ManagedPeople};
use crate::store::audit::NewLine;

/// Most rules of one table.
const MAX_RULES: usize = 200;
/// Longest text of a rule, in bytes.
const MAX_TEXT: usize = 500;
/// Longest code of a rule, in bytes; it is kept in cases.
const MAX_ID: usize = 100;
/// Longest term and longest interval, in months.
const MAX_MONTHS: u16 = 120;
/// Longest time in which a check-in is still a late one, in days.
const MAX_LATE_DAYS: u16 = 366;
/// Most people that a ward can have under management.
const MAX_PEOPLE: u32 = 100_000;

/// The rules in force and all before them, newest first, for whoever may see a case or counts of cases, or keeps the rules.
///
/// # Errors
/// [`Code::NotAllowed`], [`Code::Internal`].
pub async fn rules(state: &AppState, who: &SignedIn) -> Result<Vec<KeptRules>, Problem> {
    let access = who.access();
    let sees_cases =
        |scope: &Scope| matches!(scope, Scope::Aftercare(_) | Scope::AftercareRestricted(_) | Scope::Case(_));
    let may = access.administers
        || !access.aftercare_counts.is_empty()
        || access.grants.iter().any(|grant| sees_cases(&grant.scope));
    if !may {
        return Err(Problem::new(Code::NotAllowed));
    }
    state.store().aftercare_rules().await.map_err(logged)
}

/// The rules in force with the directory of services, for everybody who is signed in: they tell of the law, and of nobody.
///
/// # Errors
/// [`Code::Internal`].
pub async fn in_force(state: &AppState) -> Result<Option<KeptRules>, Problem> {
    Ok(state.store().aftercare_rules().await.map_err(logged)?.into_iter().next())
}

/// Keeps changed rules as the version after the one that they were made from. Those before stay in the history.
///
/// # Errors
/// Those of [`check`]; [`Code::DocumentExists`] at `version` when somebody else was faster; [`Code::Internal`].
pub async fn change_rules(
    state: &AppState,
    who: &SignedIn,
    after: i64,
    rules: AftercareRules,
) -> Result<(), Problem> {
    check(&rules)?;
    let kept = state
        .store()
        .put_aftercare_rules(after, rules, who.person_key(), state.now())
        .await
        .map_err(logged)?;
    if !kept {
        return Err(Problem::new(Code::DocumentExists).at("version"));
    }
    let line = NewLine { note: format!("version {}", after + 1), ..who.line(kind::AFTERCARE_RULES_CHANGED) };
    audit::note(state, line).await;
    Ok(())
}

/// Checks rules: codes are there, short and each used once; spans do not end before they begin; months lie between 1 and
/// 120; texts are not overlong. Rules that overlap are not refused: the one in force since later counts.
///
/// # Errors
/// [`Code::FieldMissing`], [`Code::TextTooLong`], [`Code::DocumentExists`] (a code used twice), [`Code::PeriodInvalid`],
/// [`Code::CountTooLarge`], [`Code::CountMalformed`] at the code of the rule.
pub fn check(rules: &AftercareRules) -> Result<(), Problem> {
    let services = rules.services.as_deref().unwrap_or_default();
    let tables =
        [rules.legal.len(), rules.intervals.len(), rules.events.len(), rules.forms.len(), services.len()];
    if tables.iter().any(|rules| *rules > MAX_RULES) {
        return Err(Problem::new(Code::CountTooLarge));
    }
    let mut ids = BTreeSet::new();
    for rule in &rules.legal {
        one(&mut ids, &rule.id, &rule.span, &[&rule.source])?;
        months(&rule.id, rule.months)?;
    }
    for rule in &rules.intervals {
        one(&mut ids, &rule.id, &rule.span, &[&rule.source])?;
        months(&rule.id, rule.months)?;
        if rule.late_days > MAX_LATE_DAYS {
            return Err(Problem::new(Code::CountTooLarge).at(&rule.id));
        }
    }
    for rule in &rules.events {
        one(&mut ids, &rule.id, &rule.span, &[&rule.source])?;
    }
    for rule in &rules.forms {
        one(&mut ids, &rule.id, &rule.span, &[&rule.source, &rule.form, &rule.signer])?;
    }
    for service in services {
        let texts = [&service.source, &service.name, &service.address, &service.phone];
        one(&mut ids, &service.id, &service.span, &texts)?;
        if service.name.trim().is_empty() {
            return Err(Problem::new(Code::FieldMissing).at(&service.id));
        }
    }
    Ok(())
}

fn one<'a>(ids: &mut BTreeSet<&'a str>, id: &'a str, span: &Span, texts: &[&String]) -> Result<(), Problem> {
    let wrong = |code: Code| Err(Problem::new(code).at(id));
    if id.trim().is_empty() {
        return wrong(Code::FieldMissing);
    }
    if id.len() > MAX_ID || texts.iter().any(|text| text.len() > MAX_TEXT) {
        return wrong(Code::TextTooLong);
    }
    if !ids.insert(id) {
        return wrong(Code::DocumentExists);
    }
    if span.to.is_some_and(|to| to < span.from) { wrong(Code::PeriodInvalid) } else { Ok(()) }
}

fn months(id: &str, months: u16) -> Result<(), Problem> {
    match months {
        0 => Err(Problem::new(Code::CountMalformed).at(id)),
        1..=MAX_MONTHS => Ok(()),
        _ => Err(Problem::new(Code::CountTooLarge).at(id)),
    }
}

/// Keeps how many people are under management in a ward and period (C1). After-care officers of the ward and area
/// supervisors type it in; nobody else, also of those who see counts.
///
/// # Errors
/// [`Code::NotAllowed`], [`Code::PeriodInvalid`] at `to`, [`Code::CountTooLarge`] at `number`, [`Code::Internal`].
pub async fn type_managed(state: &AppState, who: &SignedIn, managed: ManagedPeople) -> Result<(), Problem> {
    if !may_type(state, who, managed.ward) {
        return Err(Problem::new(Code::NotAllowed));
    }
    if managed.period.1 < managed.period.0 {
        return Err(Problem::new(Code::PeriodInvalid).at("to"));
    }
    if managed.number.is_some_and(|number| number > MAX_PEOPLE) {
        return Err(Problem::new(Code::CountTooLarge).at("number"));
    }
    state.store().put_managed_people(managed, who.person_key(), state.now()).await.map_err(logged)?;
    // The line says that a number was typed, not which: it may be small.
    let note = format!("{}–{}", managed.period.0, managed.period.1);
    let line = NewLine { ward: Some(managed.ward), note, ..who.line(kind::MANAGED_PEOPLE_TYPED) };
    audit::note(state, line).await;
    Ok(())
}

fn may_type(state: &AppState, who: &SignedIn, ward: WardRef) -> bool {
    let today = state.today();
    let is_area = who
        .session()
        .memberships
        .iter()
        .any(|held| held.role == Role::AreaSupervisor && held.span.contains(today));
    let access = who.access();
    access.aftercare_counts.contains(&ward) && (is_area || access.may_write(&Scope::Aftercare(ward)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl Fn(&mut AftercareRules)) -> Option<Code> {
        let mut rules = AftercareRules::shipped();
        change(&mut rules);
        check(&rules).err().map(|problem| problem.code)
    }

    #[test]
    fn rules_that_make_no_sense_are_refused() {
        assert_eq!(refused(|_| {}), None, "those that ship");
        assert_eq!(refused(|rules| rules.legal[0].months = 0), Some(Code::CountMalformed));
        assert_eq!(refused(|rules| rules.intervals[0].months = 121), Some(Code::CountTooLarge));
        assert_eq!(refused(|rules| rules.intervals[0].late_days = 367), Some(Code::CountTooLarge));
        assert_eq!(refused(|rules| rules.forms[0].id = " ".into()), Some(Code::FieldMissing));
        assert_eq!(refused(|rules| rules.events[1].id = "x".repeat(101)), Some(Code::TextTooLong));
        assert_eq!(refused(|rules| rules.forms[0].signer = "x".repeat(501)), Some(Code::TextTooLong));
        // Also across tables: a code names one rule.
        let twice = |rules: &mut AftercareRules| rules.events[0].id = rules.legal[0].id.clone();
        assert_eq!(refused(twice), Some(Code::DocumentExists));
        let back = |rules: &mut AftercareRules| {
            rules.legal[0].span.to = Some(rules.legal[0].span.from.plus_days(-1))
        };
        assert_eq!(refused(back), Some(Code::PeriodInvalid));
        let nameless = |rules: &mut AftercareRules| {
            let mut services = rules.services();
            services[0].name = " ".into();
            rules.services = Some(services);
        };
        assert_eq!(refused(nameless), Some(Code::FieldMissing));
        assert_eq!(refused(|rules| rules.services = Some(rules.services())), None);
        let many = |rules: &mut AftercareRules| {
            let one = rules.forms[0].clone();
            rules.forms = (0..201)
                .map(|n| {
                    let mut rule = one.clone();
                    rule.id = format!("f{n}");
                    rule
                })
                .collect();
        };
        assert_eq!(refused(many), Some(Code::CountTooLarge));
    }
}
