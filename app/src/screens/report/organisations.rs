//! What each organisation led and took part in, in separate columns. Never summed: one event has one lead and several
//! that took part.

use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::domain::report::{ActivityReport, OrganisationRow};
use donghanh_shared::domain::vocabulary::Term as _;
use leptos::prelude::*;

use crate::components::page::section;
use crate::components::table::{column, data_table};
use crate::i18n::format::number;
use crate::i18n::tr;
use crate::screens::naming;
use crate::state::AppState;

/// Draws the table.
pub fn organisations(report: &ActivityReport) -> AnyView {
    if report.organisations.is_empty() {
        return ().into_any();
    }
    let register = AppState::get().register.get();
    let row = |row: &OrganisationRow| {
        let name = if register.organisation(&row.organisation).is_some() {
            naming::organisation(&register, &row.organisation)
        } else {
            row.name.clone()
        };
        let attendance = row.led.counts.get(CountKey::Attendance.code()).copied();
        let id = row.organisation.to_string();
        view! {
            <tr data-testid=format!("organisation-{id}")>
                <th scope="row">{name}</th>
                <td class="number">{number(row.led.visits.into())}</td>
                <td class="number">{number(row.led.sessions)}</td>
                <td class="number">{attendance.map_or_else(|| "—".to_owned(), number)}</td>
                <td class="number">{number(row.took_part.into())}</td>
                <td class="number">{number(row.took_part_sessions)}</td>
            </tr>
        }
        .into_any()
    };
    let head = vec![
        column(tr!(me.organisation), "", false),
        column(tr!(report.led), tr!(report.visits_hint), true),
        column(tr!(report.led), tr!(report.sessions_hint), true),
        column(tr!(report.led), tr!(report.attendance_hint), true),
        column(tr!(report.took_part), tr!(report.visits_hint), true),
        column(tr!(report.took_part), tr!(report.sessions_hint), true),
    ];
    let table = data_table(
        tr!(report.organisations).to_string(),
        head,
        report.organisations.iter().map(row).collect(),
        None,
    );
    section(
        tr!(report.organisations),
        view! { <p class="soft small">{tr!(report.not_summed).to_string()}</p>{table} },
    )
}
