//! Pledges (B1–B4): schools that signed, who signed of those who were to, unions, workers. "—" where nobody knows a number.

use donghanh_shared::domain::report::{ActivityReport, Grouping, PledgeFigures, SignedFigures, WardRow};
use leptos::prelude::*;

use super::wards::{cell, coverage_cell};
use crate::components::page::section;
use crate::components::table::{column, data_table};
use crate::i18n::format::number;
use crate::i18n::tr;

/// Draws the table; nothing where there was no drive.
pub fn pledges(report: &ActivityReport) -> AnyView {
    if report.total.pledges.drives == 0 {
        return ().into_any();
    }
    let head = vec![
        column(tr!(report.ward), "", false),
        column(tr!(report.drives), "", true),
        column(tr!(report.schools), "B1", false),
        column(tr!(report.school_signers), "B1", true),
        column(tr!(report.three_no), "B2", true),
        column(tr!(report.women), "B3", true),
        column(tr!(report.workers), "B4", true),
    ];
    let rows = report.wards.iter().map(|row| {
        let cells = cells(&row.pledges, Some(records(report, row)), &row.ward.code.to_string());
        view! { <tr><th scope="row">{row.name.clone()}</th>{cells}</tr> }.into_any()
    });
    let foot = view! {
        <tr><th scope="row">{tr!(report.all).to_string()}</th>{cells(&report.total.pledges, None, "all")}</tr>
    };
    let table = data_table(tr!(report.pledges).to_string(), head, rows.collect(), Some(foot.into_any()));
    let body = view! { <p class="soft small">{tr!(report.pledges_hint).to_string()}</p>{table} };
    section(tr!(report.pledges), body)
}

/// The drives behind a figure.
fn records(report: &ActivityReport, row: &WardRow) -> String {
    let with = if report.grouping == Grouping::BySuccessor { "&with=before" } else { "" };
    format!("/visits?kind=drives&ward={}&from={}&to={}{with}", row.ward, report.from, report.to)
}

/// `412 / 430`, and what is not known yet.
fn signed(figures: &SignedFigures) -> AnyView {
    let of = figures.expected.map_or_else(|| "—".to_owned(), number);
    let signed = match figures.groups > figures.unknown {
        true => number(figures.signed),
        false => "—".to_owned(),
    };
    let unknown = (figures.unknown > 0).then(|| {
        view! { <span class="soft">{tr!(report.groups_unknown, n = number(figures.unknown.into()))}</span> }
    });
    view! { <span>{format!("{signed} / {of}")}</span>{unknown} }.into_any()
}

fn beside(figures: &SignedFigures, words: String) -> AnyView {
    view! { {signed(figures)}<span class="soft">{words}</span> }.into_any()
}

fn cells(figures: &PledgeFigures, link: Option<String>, code: &str) -> Vec<AnyView> {
    let sessions = tr!(report.three_no_sessions, n = number(figures.three_no_sessions));
    let households = tr!(report.households, n = number(figures.women_households.signed));
    let reached = tr!(report.workers_reached, n = number(figures.workers_reached));
    let drawn = |name: &str, content: AnyView| {
        cell(content, link.clone(), "number", format!("report-cell-{name}-{code}"))
    };
    vec![
        drawn("drives", view! { <span>{number(figures.drives.into())}</span> }.into_any()),
        coverage_cell(figures.schools, link.clone(), format!("report-cell-B1-schools-{code}")),
        drawn("B1", signed(&figures.school_signers)),
        drawn("B2", beside(&figures.three_no, sessions)),
        drawn("B3", beside(&figures.women, households)),
        drawn("B4", beside(&figures.workers, reached)),
    ]
}
