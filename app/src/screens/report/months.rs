//! Sessions by month: one series, each bar with its number.

use donghanh_shared::domain::report::{ActivityReport, MonthPoint};
use leptos::prelude::*;

use crate::components::chart::{Bar, bars};
use crate::i18n::format::number;
use crate::i18n::tr;

/// Draws the chart.
pub fn months(report: &ActivityReport) -> AnyView {
    if report.months.is_empty() {
        return ().into_any();
    }
    let bar = |point: &MonthPoint| Bar {
        label: format!("{:02}/{}", point.month.month(), point.month.year()),
        value: point.sessions,
        words: number(point.sessions),
    };
    let class = if report.months.len() > 12 { "months many" } else { "months" };
    view! {
        <section class=class data-testid="months">
            {bars(tr!(report.by_month).to_string(), report.months.iter().map(bar).collect(), None)}
        </section>
    }
    .into_any()
}
