//! What the first tables leave out: attendance by group, and materials by kind. "—" where nobody knows a number.

use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::domain::report::{ActivityReport, Figures};
use donghanh_shared::domain::vocabulary::Term as _;
use leptos::prelude::*;

use crate::components::page::section;
use crate::components::table::{column, data_table};
use crate::i18n::format::{capital, number};
use crate::i18n::{tr, words};

/// Draws both tables.
pub fn details(report: &ActivityReport) -> AnyView {
    let groups: Vec<CountKey> = CountKey::GROUPS.into_iter().chain(CountKey::OF_WHOM).collect();
    let materials: Vec<CountKey> = CountKey::MATERIALS.into_iter().chain([CountKey::Households]).collect();
    view! {
        {section(tr!(report.by_group), view! {
            <p class="soft small">{tr!(report.by_group_hint).to_string()}</p>
            {table(report, tr!(report.by_group).to_string(), &groups)}
        })}
        {section(tr!(report.materials), table(report, tr!(report.materials).to_string(), &materials))}
    }
    .into_any()
}

fn table(report: &ActivityReport, caption: String, keys: &[CountKey]) -> AnyView {
    let mut head = vec![column(tr!(report.ward), "", false)];
    head.extend(keys.iter().map(|key| column(capital(words(*key)), "", true)));
    let rows = report.wards.iter().map(|row| {
        let cells = cells(&row.figures, keys, &row.ward.code.to_string());
        view! { <tr><th scope="row">{row.name.clone()}</th>{cells}</tr> }.into_any()
    });
    let all = cells(&report.total.figures, keys, "all");
    let foot = view! { <tr><th scope="row">{tr!(report.all).to_string()}</th>{all}</tr> };
    data_table(caption, head, rows.collect(), Some(foot.into_any()))
}

fn cells(figures: &Figures, keys: &[CountKey], ward: &str) -> Vec<AnyView> {
    let cell = |key: &CountKey| {
        let known = figures.counts.get(key.code()).copied().map_or_else(|| "—".to_owned(), number);
        let test = format!("report-count-{}-{ward}", key.code());
        view! { <td class="number" data-testid=test><div class="cell">{known}</div></td> }.into_any()
    };
    keys.iter().map(cell).collect()
}
