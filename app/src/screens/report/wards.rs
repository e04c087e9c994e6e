//! Wards down, indicators across: coverage as "16 / 20" with a thin bar and the share, then the figures of activity. The
//! farthest from the target stands first.

use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::domain::report::{ActivityReport, Coverage, Figures, Grouping, WardRow};
use donghanh_shared::domain::vocabulary::Term as _;
use leptos::prelude::*;

use crate::components::chart::thin_bar;
use crate::components::page::section;
use crate::components::table::{column, data_table};
use crate::i18n::format::{number, percent, share};
use crate::i18n::tr;

/// Draws both tables, their rows in the same order.
pub fn wards(report: &ActivityReport) -> AnyView {
    let mut rows: Vec<&WardRow> = report.wards.iter().collect();
    rows.sort_by_key(|row| (reached(row), row.name.clone()));
    let all = &report.total;
    let reached_wards = coverage_cell(all.wards, None, "report-cell-A1-all".to_owned());
    let coverage: Vec<AnyView> = rows.iter().map(|row| ward(report, row)).collect();
    let figures: Vec<AnyView> = rows.iter().map(|row| ward_figures(report, row)).collect();
    let foot = view! {
        <tr>
            <th scope="row">{tr!(report.all).to_string()}</th>
            {reached_wards}
            {coverage_cell(all.schools, None, "report-cell-A2-all".to_owned())}
            {coverage_cell(all.agencies, None, "report-cell-A3-all".to_owned())}
            {coverage_cell(all.residential_groups, None, "report-cell-A4-all".to_owned())}
            {coverage_cell(all.industrial_zones, None, "report-cell-A5-all".to_owned())}
        </tr>
    };
    let head = vec![
        column(tr!(report.ward), "", false),
        column(tr!(report.reached), "A1", false),
        column(tr!(report.schools), "A2", false),
        column(tr!(report.agencies), "A3", false),
        column(tr!(report.groups), "A4", false),
        column(tr!(report.zones), "A5", false),
    ];
    let coverage = data_table(tr!(report.wards_table).to_string(), head, coverage, Some(foot.into_any()));
    let head = vec![
        column(tr!(report.ward), "", false),
        column(tr!(report.visits), "", true),
        column(tr!(report.sessions), "A6", true),
        column(tr!(report.attendance), "A6", true),
        column(tr!(report.leaflets), "", true),
        column(tr!(report.media), "A7", true),
        column(tr!(report.june), "A8", true),
    ];
    let foot = view! {
        <tr><th scope="row">{tr!(report.all).to_string()}</th>{figure_cells(&all.figures, None, "all")}</tr>
    };
    let figures = data_table(tr!(report.figures).to_string(), head, figures, Some(foot.into_any()));
    view! {
        {section(tr!(report.wards), view! { <p class="soft small">{tr!(report.order).to_string()}</p>{coverage} })}
        {section(tr!(report.figures), figures)}
    }
    .into_any()
}

/// How far a ward has come over all its places, 0–100; one without outreach stands before everything.
fn reached(row: &WardRow) -> u32 {
    let kinds = [row.schools, row.agencies, row.residential_groups, row.industrial_zones];
    let covered = kinds.iter().map(|kind| kind.covered.min(kind.registered)).sum();
    let registered = kinds.iter().map(|kind| kind.registered).sum();
    if row.reached { 1 + share(covered, registered) } else { 0 }
}

/// The records behind a figure.
fn records(report: &ActivityReport, row: &WardRow) -> String {
    let with = if report.grouping == Grouping::BySuccessor { "&with=before" } else { "" };
    format!("/visits?ward={}&from={}&to={}{with}", row.ward, report.from, report.to)
}

fn ward(report: &ActivityReport, row: &WardRow) -> AnyView {
    let link = records(report, row);
    let code = row.ward.code.to_string();
    let cell = |indicator: &str, coverage| {
        coverage_cell(coverage, Some(link.clone()), format!("report-cell-{indicator}-{code}"))
    };
    let reached = if row.reached { tr!(report.yes).to_string() } else { tr!(report.no).to_string() };
    let class = if row.reached { "" } else { "behind" };
    view! {
        <tr data-testid="ward-row">
            <th scope="row">{row.name.clone()}</th>
            <td data-testid=format!("report-cell-A1-{code}")><a class=class href=link.clone()>{reached}</a></td>
            {cell("A2", row.schools)}
            {cell("A3", row.agencies)}
            {cell("A4", row.residential_groups)}
            {cell("A5", row.industrial_zones)}
        </tr>
    }
    .into_any()
}

fn ward_figures(report: &ActivityReport, row: &WardRow) -> AnyView {
    let cells = figure_cells(&row.figures, Some(records(report, row)), &row.ward.code.to_string());
    view! { <tr><th scope="row">{row.name.clone()}</th>{cells}</tr> }.into_any()
}

/// `16 / 20` with its bar.
pub fn coverage_cell(coverage: Coverage, link: Option<String>, test: String) -> AnyView {
    let Coverage { covered, registered } = coverage;
    let content = if registered == 0 {
        view! { <span>"—"</span> }.into_any()
    } else {
        view! {
            <span class="of-all"><span>{format!("{} / {}", number(covered.into()), number(registered.into()))}</span>
                <span class="soft">{percent(covered, registered)}</span></span>
            {thin_bar(share(covered, registered))}
        }
        .into_any()
    };
    cell(content, link, "", test)
}

/// One cell, a link where there are records behind it.
pub fn cell(content: AnyView, link: Option<String>, class: &'static str, test: String) -> AnyView {
    let content = match link {
        Some(href) => view! { <a href=href>{content}</a> }.into_any(),
        None => view! { <div class="cell">{content}</div> }.into_any(),
    };
    view! { <td class=class data-testid=test>{content}</td> }.into_any()
}

fn figure_cells(figures: &Figures, link: Option<String>, code: &str) -> Vec<AnyView> {
    let count = |key: CountKey| figures.counts.get(key.code()).copied();
    let known = |value: Option<u64>| value.map_or_else(|| "—".to_owned(), number);
    let unknown = (figures.attendance_unknown > 0).then(|| {
        view! { <span class="soft">{tr!(report.unknown, n = number(figures.attendance_unknown.into()))}</span> }
    });
    let before = view! { <span class="soft">{tr!(report.before, n = number(figures.media_before))}</span> };
    let day = view! { <span class="soft">{tr!(report.day, n = number(figures.all_people_day))}</span> };
    let plain = |text: String| view! { <span>{text}</span> }.into_any();
    let cells = [
        ("visits", plain(number(figures.visits.into()))),
        ("sessions", plain(number(figures.sessions))),
        ("attendance", view! { <span>{known(count(CountKey::Attendance))}</span>{unknown} }.into_any()),
        ("leaflets", plain(known(count(CountKey::LeafletsGiven)))),
        ("A7", view! { <span>{number(figures.media)}</span>{before} }.into_any()),
        ("A8", view! { <span>{number(figures.action_month)}</span>{day} }.into_any()),
    ];
    let draw = |(name, content): (&str, AnyView)| {
        cell(content, link.clone(), "number", format!("report-cell-{name}-{code}"))
    };
    cells.into_iter().map(draw).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use donghanh_shared::domain::report::{ModelFigures, PledgeFigures};

    #[test]
    fn the_farthest_from_the_target_comes_first() {
        let row = |reached, covered, registered| WardRow {
            ward: "08707@2025-07-01".parse().expect("ward"),
            name: String::new(),
            reached,
            figures: Figures::default(),
            schools: Coverage { covered, registered },
            agencies: Coverage::default(),
            residential_groups: Coverage::default(),
            industrial_zones: Coverage::default(),
            pledges: PledgeFigures::default(),
            models: ModelFigures::default(),
        };
        let order = [row(false, 0, 20), row(true, 1, 20), row(true, 16, 20), row(true, 20, 20)];
        assert!(order.windows(2).all(|pair| reached(&pair[0]) < reached(&pair[1])));
    }
}
