//! Prevention models (D1): how many work in each ward, and which wards have one.

use donghanh_shared::domain::report::{ActivityReport, Grouping, ModelFigures, WardRow};
use leptos::prelude::*;

use super::wards::{cell, coverage_cell};
use crate::components::page::section;
use crate::components::table::{column, data_table};
use crate::i18n::format::number;
use crate::i18n::tr;

/// Draws the table, wards without a working model first; nothing where nobody logged a model.
pub fn models(report: &ActivityReport) -> AnyView {
    if report.total.models.models == 0 {
        return ().into_any();
    }
    let head = vec![
        column(tr!(report.ward), "", false),
        column(tr!(report.working), "D1", true),
        column(tr!(report.models_all), "", true),
        column(tr!(report.reviewed), "", true),
        column(tr!(report.members), "", true),
    ];
    let mut wards: Vec<&WardRow> = report.wards.iter().collect();
    wards.sort_by_key(|row| (row.models.working, row.name.clone()));
    let rows = wards.into_iter().map(|row| {
        let cells = cells(&row.models, &records(report, row), &row.ward.code.to_string());
        view! { <tr><th scope="row">{row.name.clone()}</th>{cells}</tr> }.into_any()
    });
    let total = &report.total.models;
    let foot = view! {
        <tr>
            <th scope="row">{tr!(report.all).to_string()}</th>
            {coverage_cell(report.total.model_wards, None, "report-cell-D1-all".to_owned())}
            {plain(total.models.into(), None, "report-cell-models-all".to_owned())}
            {plain(total.reviewed.into(), None, "report-cell-reviewed-all".to_owned())}
            {members(total, None, "report-cell-members-all".to_owned())}
        </tr>
    };
    let table = data_table(tr!(report.models).to_string(), head, rows.collect(), Some(foot.into_any()));
    let body = view! { <p class="soft small">{tr!(report.models_hint).to_string()}</p>{table} };
    section(tr!(report.models), body)
}

/// The models behind a figure, whenever they began.
fn records(report: &ActivityReport, row: &WardRow) -> String {
    let with = if report.grouping == Grouping::BySuccessor { "&with=before" } else { "" };
    format!("/visits?kind=models&ward={}{with}", row.ward)
}

fn plain(value: u64, link: Option<String>, test: String) -> AnyView {
    cell(view! { <span>{number(value)}</span> }.into_any(), link, "number", test)
}

/// The known members, and of how many models nobody knows.
fn members(figures: &ModelFigures, link: Option<String>, test: String) -> AnyView {
    let known = match figures.models > figures.members_unknown {
        true => number(figures.members),
        false => "—".to_owned(),
    };
    let unknown = (figures.members_unknown > 0).then(|| {
        view! { <span class="soft">{tr!(report.models_unknown, n = number(figures.members_unknown.into()))}</span> }
    });
    cell(view! { <span>{known}</span>{unknown} }.into_any(), link, "number", test)
}

fn cells(figures: &ModelFigures, link: &str, code: &str) -> Vec<AnyView> {
    let link = || Some(link.to_owned());
    vec![
        plain(figures.working.into(), link(), format!("report-cell-D1-{code}")),
        plain(figures.models.into(), link(), format!("report-cell-models-{code}")),
        plain(figures.reviewed.into(), link(), format!("report-cell-reviewed-{code}")),
        members(figures, link(), format!("report-cell-members-{code}")),
    ]
}
