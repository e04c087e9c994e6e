//! What is due: follow-ups with their dates, overdue first.

use donghanh_shared::domain::date::Date;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::AnyView;

use super::naming;
use crate::i18n::format;
use crate::screens::parts::row::{RowWords, overdue_mark, row};
use crate::state::{Register, Row};
use std::sync::Arc;

/// Something to come back to.
#[derive(Clone, PartialEq, Debug)]
pub struct Due {
    /// The record it belongs to.
    pub record: DocumentId,
    /// By when.
    pub date: Date,
    /// What to do.
    pub text: String,
    /// The record's own title.
    pub about: String,
}

/// Everything due, the earliest first: what is overdue stands above what is to come.
pub fn all_due(rows: &[Arc<Row>], register: &Register) -> Vec<Due> {
    let mut due: Vec<Due> = rows
        .iter()
        .filter(|row| !row.summary.archived)
        .filter_map(|row| {
            let (date, text) = row.summary.due.as_ref()?;
            let about = naming::title(register, &row.summary);
            Some(Due { record: row.summary.id, date: *date, text: text.clone(), about })
        })
        .collect();
    due.sort_by_key(|due| (due.date, due.record));
    due
}

/// The row of something due.
pub fn due_row(due: Due, today: Date) -> AnyView {
    let overdue = due.date < today;
    let day = format::day(due.date, today);
    let words = RowWords {
        href: format!("/visits/{}", due.record),
        title: due.text,
        detail: due.about,
        end: day,
        overdue,
    };
    let marks = if overdue { vec![overdue_mark()] } else { Vec::new() };
    row(words, marks, "due-row")
}
