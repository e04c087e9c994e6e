//! Rules in words.

use donghanh_shared::domain::aftercare::AftercareRules;
use donghanh_shared::domain::date::Span;

use super::draft::Table;
use crate::i18n::format::capital;
use crate::i18n::{tr, words};

/// One rule in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// Its code.
    pub id: String,
    /// The table in which it stands.
    pub table: Table,
    /// What it is about: "Cai bắt buộc (người thành niên)".
    pub title: String,
    /// What it says: "24 tháng".
    pub says: String,
    /// The days in force: "từ 01/07/2026".
    pub span: String,
    /// Where it stands.
    pub source: String,
    /// Whether somebody verified it.
    pub confirmed: bool,
}

impl Said {
    /// Title and what it says.
    pub fn whole(&self) -> String {
        format!("{}: {}", self.title, self.told())
    }

    /// What it says, since when, by which source, and whether that was verified.
    pub fn told(&self) -> String {
        let state = if self.confirmed { tr!(rules.confirmed) } else { tr!(rules.to_confirm) };
        let parts = [self.says.as_str(), &self.span, &self.source, state];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }
}

fn span(span: &Span) -> String {
    match span.to {
        None => tr!(rules.since, from = span.from.for_people()),
        Some(to) => tr!(rules.between, from = span.from.for_people(), to = to.for_people()),
    }
}

/// Every rule in words: within its table those in force latest first.
pub fn said(rules: &AftercareRules) -> Vec<Said> {
    let legal = rules.legal.iter().map(|rule| {
        let said = Said {
            id: rule.id.clone(),
            table: Table::Legal,
            title: capital(words(rule.completion)),
            says: tr!(rules.months, n = rule.months),
            span: span(&rule.span),
            source: rule.source.clone(),
            confirmed: rule.confirmed,
        };
        (0, rule.span.from, said)
    });
    let intervals = rules.intervals.iter().map(|rule| {
        let said = Said {
            id: rule.id.clone(),
            table: Table::Interval,
            title: tr!(rules.interval).to_owned(),
            says: tr!(rules.every, n = rule.months, late = rule.late_days),
            span: span(&rule.span),
            source: rule.source.clone(),
            confirmed: rule.confirmed,
        };
        (1, rule.span.from, said)
    });
    let forms = rules.forms.iter().map(|rule| {
        let said = Said {
            id: rule.id.clone(),
            table: Table::Form,
            title: capital(words(rule.event)),
            says: tr!(rules.paper, form = rule.form.clone(), signer = rule.signer.clone()),
            span: span(&rule.span),
            source: rule.source.clone(),
            confirmed: rule.confirmed,
        };
        (2, rule.span.from, said)
    });
    let events = rules.events.iter().map(|rule| {
        let first = rule.first.then(|| tr!(rules.may_be_first).to_owned());
        let after = rule.after.iter().map(|event| words(*event)).collect::<Vec<_>>().join(", ");
        let after = (!after.is_empty()).then(|| tr!(rules.may_follow, what = after));
        let becomes = rule.becomes.map(|status| tr!(rules.becomes, status = words(status)));
        let who = tr!(rules.recorded_by, who = words(rule.recorder));
        let said = Said {
            id: rule.id.clone(),
            table: Table::Event,
            title: capital(words(rule.event)),
            says: first.into_iter().chain(after).chain(becomes).chain([who]).collect::<Vec<_>>().join(" · "),
            span: span(&rule.span),
            source: rule.source.clone(),
            confirmed: rule.confirmed,
        };
        (3, rule.span.from, said)
    });
    let services = rules.services().into_iter().map(|one| {
        let kind = capital(words(one.kind));
        let parts = [kind, one.phone, one.address];
        let said = Said {
            id: one.id,
            table: Table::Service,
            title: one.name,
            says: parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
            span: span(&one.span),
            source: one.source,
            confirmed: one.confirmed,
        };
        (4, one.span.from, said)
    });
    let of_law = legal.chain(intervals).chain(forms).chain(events);
    let mut all: Vec<_> = of_law.chain(services).collect();
    all.sort_by_key(|(table, from, _)| (*table, std::cmp::Reverse(*from)));
    all.into_iter().map(|(_, _, said)| said).collect()
}
