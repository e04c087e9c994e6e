//! One rule while it is being edited, and the rules with it. Pure.

use std::collections::BTreeSet;

use donghanh_shared::domain::aftercare::rules::{EventRule, FormRule, IntervalRule, LegalRule};
use donghanh_shared::domain::aftercare::services::{Service, ServiceKind};
use donghanh_shared::domain::aftercare::terms::{Completion, EventKind, Recorder};
use donghanh_shared::domain::aftercare::{AftercareRules, CaseStatus};
use donghanh_shared::domain::date::{Date, Span};
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::vocabulary::Term as _;

use crate::components::stepper::typed_number;

/// Which table a rule stands in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Table {
    /// How long after-care lasts.
    #[default]
    Legal,
    /// How often a person is met.
    Interval,
    /// Who signs which paper.
    Form,
    /// What may follow what, and who records it.
    Event,
    /// Where people are sent for help.
    Service,
}

/// A rule as somebody types it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Draft {
    /// Its table.
    pub table: Table,
    /// Its code; `None`: a rule to be added.
    pub id: Option<String>,
    /// The way of treatment completed, of a term.
    pub completion: Option<Completion>,
    /// The first day in force, as typed.
    pub from: String,
    /// The term, or the interval, in months, as typed.
    pub months: String,
    /// How many days late still counts as late, as typed.
    pub late_days: String,
    /// The event, of a paper or of an event's own rule; it does not change.
    pub event: Option<EventKind>,
    /// How a case stands after the event; `None`: as before.
    pub becomes: Option<CaseStatus>,
    /// Whether the event may be the first.
    pub first: bool,
    /// The events that it may follow.
    pub after: BTreeSet<EventKind>,
    /// Who may record it at least.
    pub recorder: Option<Recorder>,
    /// Whether it stands in the restricted part; nobody changes that here, as helpers would then read it.
    pub restricted: bool,
    /// The paper.
    pub form: String,
    /// Who signs it.
    pub signer: String,
    /// What a service does.
    pub kind: Option<ServiceKind>,
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub address: String,
    /// Its telephone number.
    pub phone: String,
    /// The ward that it serves, as typed; nothing: the whole area.
    pub ward: String,
    /// Its last day, as typed; nothing: it goes on.
    pub to: String,
    /// Where it stands.
    pub source: String,
    /// Whether somebody verified it.
    pub confirmed: bool,
}

impl Draft {
    /// The rule with this code.
    pub fn of(rules: &AftercareRules, table: Table, id: &str) -> Option<Self> {
        let own = Self { table, id: Some(id.to_owned()), ..Self::default() };
        match table {
            Table::Legal => rules.legal.iter().find(|rule| rule.id == id).map(|rule| Self {
                completion: Some(rule.completion),
                from: rule.span.from.to_string(),
                months: rule.months.to_string(),
                source: rule.source.clone(),
                confirmed: rule.confirmed,
                ..own
            }),
            Table::Interval => rules.intervals.iter().find(|rule| rule.id == id).map(|rule| Self {
                from: rule.span.from.to_string(),
                months: rule.months.to_string(),
                late_days: rule.late_days.to_string(),
                source: rule.source.clone(),
                confirmed: rule.confirmed,
                ..own
            }),
            Table::Form => rules.forms.iter().find(|rule| rule.id == id).map(|rule| Self {
                from: rule.span.from.to_string(),
                event: Some(rule.event),
                form: rule.form.clone(),
                signer: rule.signer.clone(),
                source: rule.source.clone(),
                confirmed: rule.confirmed,
                ..own
            }),
            Table::Event => rules.events.iter().find(|rule| rule.id == id).map(|rule| Self {
                event: Some(rule.event),
                from: rule.span.from.to_string(),
                becomes: rule.becomes,
                first: rule.first,
                after: rule.after.iter().copied().collect(),
                recorder: Some(rule.recorder),
                restricted: rule.restricted,
                source: rule.source.clone(),
                confirmed: rule.confirmed,
                ..own
            }),
            Table::Service => rules.services().into_iter().find(|one| one.id == id).map(|one| Self {
                from: one.span.from.to_string(),
                to: one.span.to.map(|to| to.to_string()).unwrap_or_default(),
                kind: Some(one.kind),
                name: one.name,
                address: one.address,
                phone: one.phone,
                ward: one.ward.map(|ward| ward.to_string()).unwrap_or_default(),
                source: one.source,
                confirmed: one.confirmed,
                ..own
            }),
        }
    }

    /// A rule to be added, of which nothing is said.
    pub fn new(table: Table) -> Self {
        Self { table, ..Self::default() }
    }

    /// The same from a day on that is still to be said, as nobody has verified it yet.
    pub fn since_a_day(self) -> Self {
        Self { id: None, from: String::new(), confirmed: false, ..self }
    }

    /// The rules with this one. One that is added ends the rule before it on the day before its own first day: rules of the
    /// past stay as they were.
    pub fn put_into(&self, mut rules: AftercareRules) -> Result<AftercareRules, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut need = |value: bool, code: Code, field: &str| {
            if !value {
                problems.push(Problem::new(code).at(field));
            }
        };
        let from = self.from.parse::<Date>().ok();
        need(from.is_some(), Code::DateMissing, "from");
        need(!self.source.trim().is_empty(), Code::FieldMissing, "source");
        let counted = matches!(self.table, Table::Legal | Table::Interval);
        need(
            !counted || self.number(&self.months).is_some_and(|months| months > 0),
            Code::CountMalformed,
            "months",
        );
        let is_interval = self.table == Table::Interval;
        need(!is_interval || self.number(&self.late_days).is_some(), Code::CountMalformed, "late_days");
        need(self.table != Table::Legal || self.completion.is_some(), Code::FieldMissing, "completion");
        let is_form = self.table == Table::Form;
        need(!is_form || !self.form.trim().is_empty(), Code::FieldMissing, "form");
        need(!is_form || !self.signer.trim().is_empty(), Code::FieldMissing, "signer");
        let is_service = self.table == Table::Service;
        need(!is_service || self.kind.is_some(), Code::FieldMissing, "kind");
        need(!is_service || !self.name.trim().is_empty(), Code::FieldMissing, "name");
        let is_event = self.table == Table::Event;
        need(!is_event || self.event.is_some(), Code::FieldMissing, "event");
        need(!is_event || self.first || !self.after.is_empty(), Code::FieldMissing, "after");
        need(!is_event || self.recorder.is_some(), Code::FieldMissing, "recorder");
        let to = self.to.parse::<Date>().ok();
        need(from.zip(to).is_none_or(|(from, to)| from <= to), Code::PeriodInvalid, "to");
        let Some(from) = from.filter(|_| problems.is_empty()) else { return Err(problems) };
        match self.table {
            Table::Legal => self.put_term(&mut rules, from),
            Table::Interval => self.put_interval(&mut rules, from),
            Table::Form => self.put_form(&mut rules, from),
            Table::Event => self.put_event(&mut rules, from),
            Table::Service => self.put_service(&mut rules, from),
        }
        Ok(rules)
    }

    fn number(&self, text: &str) -> Option<u16> {
        typed_number(text).and_then(|number| u16::try_from(number).ok())
    }

    fn put_term(&self, rules: &mut AftercareRules, from: Date) {
        let Some(completion) = self.completion else { return };
        let id = self.code(&format!("term-{}-{from}", completion.code()), &codes(rules));
        let (first_day_counts, span) = match rules.legal.iter().find(|rule| rule.id == id) {
            Some(rule) => (rule.first_day_counts, rule.span),
            None => (false, Span { from, to: None }),
        };
        let rule = LegalRule {
            id,
            span: Span { from, ..span },
            completion,
            months: self.number(&self.months).unwrap_or_default(),
            first_day_counts,
            source: self.source.trim().to_owned(),
            confirmed: self.confirmed,
        };
        if self.id.is_none() {
            let before = rules.legal.iter_mut().filter(|rule| rule.completion == completion);
            end_before(before.map(|rule| &mut rule.span), from);
        }
        put(&mut rules.legal, rule, |rule| &rule.id);
    }

    fn put_interval(&self, rules: &mut AftercareRules, from: Date) {
        let id = self.code(&format!("interval-{from}"), &codes(rules));
        let known = rules.intervals.iter().find(|rule| rule.id == id);
        let to = known.and_then(|rule| rule.span.to);
        let rule = IntervalRule {
            id,
            span: Span { from, to },
            months: self.number(&self.months).unwrap_or_default(),
            late_days: self.number(&self.late_days).unwrap_or_default(),
            source: self.source.trim().to_owned(),
            confirmed: self.confirmed,
        };
        if self.id.is_none() {
            end_before(rules.intervals.iter_mut().map(|rule| &mut rule.span), from);
        }
        put(&mut rules.intervals, rule, |rule| &rule.id);
    }

    fn put_form(&self, rules: &mut AftercareRules, from: Date) {
        let id = self.code(&format!("certificate-{from}"), &codes(rules));
        let known = rules.forms.iter().find(|rule| rule.id == id);
        let (to, event) = known.map_or((None, EventKind::Completion), |rule| (rule.span.to, rule.event));
        let rule = FormRule {
            id,
            span: Span { from, to },
            event,
            form: self.form.trim().to_owned(),
            signer: self.signer.trim().to_owned(),
            source: self.source.trim().to_owned(),
            confirmed: self.confirmed,
        };
        if self.id.is_none() {
            let before = rules.forms.iter_mut().filter(|rule| rule.event == event);
            end_before(before.map(|rule| &mut rule.span), from);
        }
        put(&mut rules.forms, rule, |rule| &rule.id);
    }

    fn put_event(&self, rules: &mut AftercareRules, from: Date) {
        let Some((event, recorder)) = self.event.zip(self.recorder) else { return };
        let id = self.code(&format!("event-{}-{from}", event.code()), &codes(rules));
        let to = rules.events.iter().find(|rule| rule.id == id).and_then(|rule| rule.span.to);
        let rule = EventRule {
            id,
            span: Span { from, to },
            event,
            becomes: self.becomes,
            first: self.first,
            after: self.after.iter().copied().collect(),
            recorder,
            restricted: self.restricted,
            source: self.source.trim().to_owned(),
            confirmed: self.confirmed,
        };
        if self.id.is_none() {
            let before = rules.events.iter_mut().filter(|rule| rule.event == event);
            end_before(before.map(|rule| &mut rule.span), from);
        }
        put(&mut rules.events, rule, |rule| &rule.id);
    }

    fn put_service(&self, rules: &mut AftercareRules, from: Date) {
        let Some(kind) = self.kind else { return };
        let id = self.code(&format!("service-{}-{from}", kind.code()), &codes(rules));
        let said = |text: &String| text.trim().to_owned();
        let service = Service {
            id,
            span: Span { from, to: self.to.parse().ok() },
            kind,
            name: said(&self.name),
            address: said(&self.address),
            phone: said(&self.phone),
            ward: self.ward.parse().ok(),
            source: said(&self.source),
            confirmed: self.confirmed,
        };
        let mut services = rules.services();
        put(&mut services, service, |one| &one.id);
        rules.services = Some(services);
    }

    /// The code: its own, or one that nobody has.
    fn code(&self, wanted: &str, taken: &[String]) -> String {
        let free = |code: &String| !taken.contains(code);
        let numbered = (2..).map(|n| format!("{wanted}-{n}"));
        let drawn = || std::iter::once(wanted.to_owned()).chain(numbered).find(free).unwrap_or_default();
        self.id.clone().unwrap_or_else(drawn)
    }
}

fn codes(rules: &AftercareRules) -> Vec<String> {
    let legal = rules.legal.iter().map(|rule| &rule.id);
    let intervals = rules.intervals.iter().map(|rule| &rule.id);
    let events = rules.events.iter().map(|rule| &rule.id);
    let forms = rules.forms.iter().map(|rule| &rule.id);
    let rules_of_law = legal.chain(intervals).chain(events).chain(forms).cloned();
    rules_of_law.chain(rules.services().into_iter().map(|one| one.id)).collect()
}

/// Rules without a last day that began earlier end on the day before.
fn end_before<'a>(spans: impl Iterator<Item = &'a mut Span>, from: Date) {
    for span in spans.filter(|span| span.to.is_none() && span.from < from) {
        span.to = Some(from.plus_days(-1));
    }
}

fn put<T>(rules: &mut Vec<T>, rule: T, id: impl Fn(&T) -> &String) {
    match rules.iter().position(|known| id(known) == id(&rule)) {
        Some(at) => rules[at] = rule,
        None => rules.push(rule),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use donghanh_shared::domain::aftercare::rules::rule_in_force;

    fn day(text: &str) -> Date {
        text.parse().expect("day")
    }

    #[test]
    fn a_rule_from_a_day_on_leaves_those_before_as_they_were() {
        let shipped = AftercareRules::shipped();
        let draft = Draft {
            completion: Some(Completion::CompulsoryAdult),
            from: "2027-01-01".into(),
            months: "18".into(),
            source: "Luật sửa đổi".into(),
            confirmed: true,
            ..Draft::new(Table::Legal)
        };
        let rules = draft.put_into(shipped.clone()).expect("complete");
        let months =
            |rules: &AftercareRules, way, on| rule_in_force(&rules.legal, way, day(on)).map(|r| r.months);
        assert_eq!(months(&rules, Completion::CompulsoryAdult, "2026-12-31"), Some(24));
        assert_eq!(months(&rules, Completion::CompulsoryAdult, "2027-01-01"), Some(18));
        assert_eq!(months(&rules, Completion::Voluntary, "2027-01-01"), Some(12), "the others stay");
        let ended = rules.legal.iter().filter(|rule| rule.span.to == Some(day("2026-12-31"))).count();
        assert_eq!((ended, rules.legal.len()), (1, shipped.legal.len() + 1));
        let twice = draft.put_into(rules).expect("complete");
        let codes = codes(&twice);
        assert_eq!(
            codes.iter().collect::<std::collections::BTreeSet<_>>().len(),
            codes.len(),
            "codes of their own"
        );
    }

    #[test]
    fn an_edit_changes_its_rule_alone() {
        let shipped = AftercareRules::shipped();
        for (table, id) in [
            (Table::Legal, &shipped.legal[0].id),
            (Table::Interval, &shipped.intervals[0].id),
            (Table::Form, &shipped.forms[0].id),
        ] {
            let draft = Draft::of(&shipped, table, id).expect("known");
            assert_eq!(draft.put_into(shipped.clone()), Ok(shipped.clone()), "nothing changed");
        }
        let draft = Draft::of(&shipped, Table::Interval, "monthly").expect("known");
        let rules = Draft { months: "2".into(), late_days: "10".into(), ..draft }
            .put_into(shipped)
            .expect("complete");
        assert_eq!((rules.intervals[0].months, rules.intervals[0].late_days), (2, 10));
    }

    #[test]
    fn a_service_is_added_beside_those_that_ship_and_ends_on_its_day() {
        let shipped = AftercareRules::shipped();
        let draft = Draft {
            kind: Some(ServiceKind::Job),
            from: "2026-01-01".into(),
            name: "Trung tâm dịch vụ việc làm".into(),
            source: "UBND".into(),
            ..Draft::new(Table::Service)
        };
        let rules = draft.put_into(shipped.clone()).expect("complete");
        let (before, after) = (shipped.services(), rules.services());
        assert_eq!((after.len(), &after[..before.len()]), (before.len() + 1, &before[..]));
        let added = after.last().expect("one").id.clone();
        let draft = Draft::of(&rules, Table::Service, &added).expect("known");
        let wrong = Draft { to: "2025-12-31".into(), ..draft.clone() }.put_into(rules.clone());
        assert_eq!(wrong.expect_err("backwards")[0].field.as_deref(), Some("to"));
        let ended = Draft { to: "2026-06-30".into(), ..draft }.put_into(rules).expect("complete");
        assert_eq!(ended.services().last().and_then(|one| one.span.to), Some(day("2026-06-30")));
        assert_eq!(ended.services().len(), after.len(), "changed, not added");
    }

    #[test]
    fn what_may_follow_an_event_changes_from_a_day_on() {
        let shipped = AftercareRules::shipped();
        let rule = shipped.event_on(EventKind::Detention, day("2026-12-31")).expect("shipped").clone();
        let same = Draft::of(&shipped, Table::Event, &rule.id).expect("known");
        let unchanged = same.put_into(shipped.clone()).expect("complete");
        let of = |rules: &AftercareRules, on| rules.event_on(EventKind::Detention, day(on)).cloned();
        let sorted =
            |rule: EventRule| (rule.after.into_iter().collect::<BTreeSet<_>>(), rule.becomes, rule.first);
        assert_eq!(of(&unchanged, "2026-12-31").map(sorted), Some(sorted(rule.clone())));
        let mut changed = same.since_a_day();
        changed.from = "2027-01-01".into();
        changed.after = BTreeSet::from([EventKind::Absence]);
        changed.first = false;
        let rules = changed.put_into(shipped.clone()).expect("complete");
        let now = of(&rules, "2027-01-01").expect("in force");
        assert_eq!((now.after.as_slice(), now.first), ([EventKind::Absence].as_slice(), false));
        assert_eq!((now.restricted, now.confirmed), (rule.restricted, false), "who reads it stays as it was");
        let then = of(&rules, "2026-12-31").expect("in force");
        assert_eq!(sorted(then), sorted(rule));
        changed.after.clear();
        let wrong = changed.put_into(shipped).expect_err("it could never be recorded");
        assert_eq!(wrong[0].field.as_deref(), Some("after"));
    }

    #[test]
    fn what_is_missing_is_named() {
        let fields = |draft: Draft| {
            let problems = draft.put_into(AftercareRules::shipped()).expect_err("incomplete");
            problems.into_iter().filter_map(|problem| problem.field).collect::<Vec<_>>()
        };
        assert_eq!(fields(Draft::new(Table::Legal)), ["from", "source", "months", "completion"]);
        assert_eq!(fields(Draft::new(Table::Interval)), ["from", "source", "months", "late_days"]);
        assert_eq!(fields(Draft::new(Table::Form)), ["from", "source", "form", "signer"]);
        assert_eq!(fields(Draft::new(Table::Service)), ["from", "source", "kind", "name"]);
    }
}
