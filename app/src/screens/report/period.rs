//! The period of a report: presets, and two dates of one's own.

use donghanh_shared::domain::date::Date;
use leptos::prelude::*;

use crate::components::choice::one_of;
use crate::components::field::{field, no_problem};
use crate::components::view::{dynamic, entered, text_of};
use crate::i18n::tr;
use crate::state::AppState;

/// First and last day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

impl Period {
    /// From the first of January until today.
    pub fn this_year(today: Date) -> Self {
        Self::since(today, 1)
    }

    /// The presets by their code; `None` for dates of one's own.
    pub fn preset(code: &str, today: Date) -> Option<Self> {
        match code {
            "month" => Some(Self::since(today, today.month())),
            "quarter" => Some(Self::since(today, (today.month() - 1) / 3 * 3 + 1)),
            "year" => Some(Self::this_year(today)),
            "six" => {
                let (year, month) = if today.month() > 6 { (today.year(), 1) } else { (today.year() - 1, 7) };
                let from = Date::new(year, month, 1).unwrap_or(today);
                let to = if month == 1 { Date::new(year, 6, 30) } else { Date::new(year, 12, 31) };
                Some(Self { from, to: to.unwrap_or(today) })
            }
            _ => None,
        }
    }

    fn since(today: Date, month: u32) -> Self {
        Self { from: Date::new(today.year(), month, 1).unwrap_or(today), to: today }
    }
}

/// The choice of a period.
pub fn choice(state: AppState, period: RwSignal<Period>) -> AnyView {
    let today = state.today();
    let code = RwSignal::new("year".to_owned());
    let (half, half_year) = if today.month() > 6 { (1, today.year()) } else { (2, today.year() - 1) };
    let chips = Signal::derive(move || {
        vec![
            ("month".to_owned(), tr!(report.month).to_string()),
            ("quarter".to_owned(), tr!(report.quarter).to_string()),
            ("year".to_owned(), tr!(report.year).to_string()),
            ("six".to_owned(), tr!(report.six, n = half, year = half_year)),
            ("own".to_owned(), tr!(report.own).to_string()),
        ]
    });
    let choose = Callback::new(move |chosen: String| {
        if let Some(preset) = Period::preset(&chosen, today) {
            period.set(preset);
        }
        code.set(chosen);
    });
    let change = move |text: String, first: bool| {
        // Half-typed dates and a last day before the first change nothing.
        let Ok(date) = text.parse::<Date>() else { return };
        let now = period.get_untracked();
        let next = if first { Period { from: date, ..now } } else { Period { to: date, ..now } };
        if next.from <= next.to {
            period.set(next);
        }
    };
    let own = move || {
        (code.get() == "own").then(|| {
            let from = view! {
                <input id="period-from" type="date" data-testid="period-from"
                    prop:value=text_of(move || period.get().from.to_string()) on:change=entered(move |text| change(text, true)) />
            };
            let to = view! {
                <input id="period-to" type="date" data-testid="period-to"
                    prop:value=text_of(move || period.get().to.to_string()) on:change=entered(move |text| change(text, false)) />
            };
            view! {
                <div class="field-row even">
                    {field("period-from", tr!(report.from), None, no_problem(), from)}
                    {field("period-to", tr!(report.to), None, no_problem(), to)}
                </div>
            }
        })
    };
    let chosen = Signal::derive(move || Some(code.get()));
    view! {
        <div class="quiet-legend">{one_of("period", tr!(report.period), chips, chosen, choose, no_problem())}</div>
        {dynamic(own)}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preset(code: &str, today: &str) -> Option<(String, String)> {
        let period = Period::preset(code, today.parse().expect("day"))?;
        Some((period.from.to_string(), period.to.to_string()))
    }

    #[test]
    fn presets_end_today_or_with_the_half_year() {
        let pair = |from: &str, to: &str| Some((from.to_owned(), to.to_owned()));
        assert_eq!(preset("month", "2026-11-23"), pair("2026-11-01", "2026-11-23"));
        assert_eq!(preset("quarter", "2026-11-23"), pair("2026-10-01", "2026-11-23"));
        assert_eq!(preset("year", "2026-11-23"), pair("2026-01-01", "2026-11-23"));
        assert_eq!(preset("six", "2026-11-23"), pair("2026-01-01", "2026-06-30"));
        assert_eq!(preset("six", "2026-02-01"), pair("2025-07-01", "2025-12-31"));
        assert_eq!(preset("own", "2026-02-01"), None);
    }
}
