//! What is due: follow-ups with their dates, overdue first.

use donghanh_shared::domain::aftercare::AftercareRules;
use donghanh_shared::domain::date::Date;
use leptos::prelude::AnyView;

use super::care::cases;
use super::naming;
use crate::i18n::{format, tr};
use crate::screens::parts::row::{RowWords, overdue_mark, row};
use crate::state::{Care, Register, Row};
use std::sync::Arc;

/// Something to come back to.
#[derive(Clone, PartialEq, Debug)]
pub struct Due {
    /// Where it is dealt with.
    pub href: String,
    /// By when.
    pub date: Date,
    /// What to do.
    pub text: String,
    /// The record's own title.
    pub about: String,
}

/// Everything due, the earliest first: what is overdue stands above what is to come.
pub fn all_due(
    rows: &[Arc<Row>],
    care: &Care,
    rules: &AftercareRules,
    register: &Register,
    today: Date,
) -> Vec<Due> {
    let visits = cases(care).into_iter().filter_map(|view| {
        let due = view.due(today, rules)?;
        let text = tr!(care.visit_whom, who = view.line.address_as.clone());
        Some(Due { href: view.address(), date: due.day, text, about: view.line.meet_at.clone() })
    });
    let follow_ups = rows.iter().filter(|row| !row.summary.archived).filter_map(|row| {
        let (date, text) = row.summary.due.as_ref()?;
        let about = naming::title(register, &row.summary);
        Some(Due { href: naming::address(&row.summary), date: *date, text: text.clone(), about })
    });
    let mut due: Vec<Due> = visits.chain(follow_ups).collect();
    due.sort_by(|a, b| (a.date, &a.href).cmp(&(b.date, &b.href)));
    due
}

/// The row of something due.
pub fn due_row(due: Due, today: Date) -> AnyView {
    let overdue = due.date < today;
    let day = format::day(due.date, today);
    let words = RowWords { href: due.href, title: due.text, detail: due.about, end: day, overdue };
    let marks = if overdue { vec![overdue_mark()] } else { Vec::new() };
    row(words, marks, "due-row")
}
