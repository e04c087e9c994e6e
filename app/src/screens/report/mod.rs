//! The supervisor's page: any period, wards down and indicators across, organisations, months. Reads again by itself
//! when the server says that something changed.

mod care;
mod details;
mod models;
mod months;
mod organisations;
mod period;
mod pledges;
mod wards;

use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::report::{ActivityReport, Grouping};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::choice::one_of;
use crate::components::field::no_problem;
use crate::components::notice::{Tone, notice};
use crate::components::page::{Frame, page};
use crate::components::view::dynamic;
use crate::i18n::{format, language, tr};
use crate::state::{AppState, ReportQuestion};
use period::Period;

/// The report on screen, and whether it comes from the server just now.
type Shown = Option<(ActivityReport, bool)>;

/// Draws the screen.
pub fn report() -> AnyView {
    let state = AppState::get();
    let period = RwSignal::new(Period::this_year(state.today()));
    let grouping = RwSignal::new(Grouping::AsThen);
    let confirmed = RwSignal::new(false);
    let question = move || {
        let Period { from, to } = period.try_get()?;
        let (grouping, confirmed_only) = (grouping.try_get()?, confirmed.try_get()?);
        Some(ReportQuestion { from, to, grouping, confirmed_only })
    };
    let shown = RwSignal::new(Shown::None);
    let problem = RwSignal::new(None::<Problem>);
    Effect::new(move || {
        state.live.track();
        let Some(asked) = question() else { return };
        if !state.me.with(|me| me.as_ref().is_some_and(|me| me.access.reports)) {
            // Whoever sees counts of after-care only has nothing to ask here.
            problem.set((!care::sees_counts(state)).then(|| Problem::new(Code::NotAllowed)));
            return;
        }
        spawn_local(async move {
            let answer = state.report(asked).await;
            // An answer to an older question is dropped.
            let current = untrack(question) == Some(asked);
            match answer {
                _ if !current => {}
                Ok(answer) => {
                    problem.set(None);
                    shown.set(Some(answer));
                }
                Err(found) => {
                    problem.set(Some(found));
                    shown.update(|shown| {
                        let is_other = |report: &ActivityReport| {
                            (report.from, report.to, report.confirmed_only)
                                != (asked.from, asked.to, asked.confirmed_only)
                        };
                        if shown.as_ref().is_some_and(|(report, _)| is_other(report)) {
                            *shown = None;
                        }
                    });
                }
            }
        });
    });
    let body = view! {
        <div class="stack">
            {period::choice(state, period)}
            {grouping_choice(grouping, period)}
            {records_choice(confirmed)}
            {freshness(state, shown, problem)}
            {dynamic(move || problem.get().map(|problem| notice(Tone::Wait, view! { <p>{problem.sentence(language())}</p> })))}
        </div>
        {dynamic(move || shown.with(|shown| shown.as_ref().map(|(report, _)| drawn(report))))}
        {care::care(state, period)}
    };
    page(Frame::default().wide(), tr!(report.title).to_string(), (), body, None)
}

/// Whether everything counts that was logged, or what was confirmed alone.
fn records_choice(confirmed: RwSignal<bool>) -> AnyView {
    let chips = Signal::derive(|| {
        vec![
            ("all".to_owned(), tr!(confirmation.all).to_string()),
            ("confirmed".to_owned(), tr!(confirmation.confirmed_only).to_string()),
        ]
    });
    let chosen = Signal::derive(move || Some(if confirmed.get() { "confirmed" } else { "all" }.to_owned()));
    let choose = Callback::new(move |code: String| confirmed.set(code == "confirmed"));
    view! { <div class="quiet-legend">{one_of("records", tr!(confirmation.records), chips, chosen, choose, no_problem())}</div> }
        .into_any()
}

/// "Đã xác nhận 120 trên 150 hoạt động", and how many were edited since.
fn confirmed_share(report: &ActivityReport) -> AnyView {
    let of = &report.total.figures;
    let number = |n: u32| format::number(n.into());
    let edited = (of.edited_since > 0).then(|| tr!(confirmation.edited, n = number(of.edited_since)));
    let words = tr!(confirmation.share, n = number(of.confirmed), of = number(of.visits));
    let words = std::iter::once(words).chain(edited).collect::<Vec<_>>().join(" · ");
    view! { <p class="soft small" data-testid="confirmed-share">{words}</p> }.into_any()
}

fn drawn(report: &ActivityReport) -> AnyView {
    view! {
        {confirmed_share(report)}
        {wards::wards(report)}
        {details::details(report)}
        {pledges::pledges(report)}
        {models::models(report)}
        {months::months(report)}
        {organisations::organisations(report)}
    }
    .into_any()
}

/// Asked only for periods that cross the merger of 2025-07-01: elsewhere both ways are the same.
fn grouping_choice(grouping: RwSignal<Grouping>, period: RwSignal<Period>) -> AnyView {
    let chips = Signal::derive(|| {
        vec![
            ("as_then".to_owned(), tr!(report.as_then).to_string()),
            ("by_successor".to_owned(), tr!(report.by_successor).to_string()),
        ]
    });
    let chosen = Signal::derive(move || {
        Some(if grouping.get() == Grouping::AsThen { "as_then" } else { "by_successor" }.to_owned())
    });
    let choose = Callback::new(move |code: String| {
        grouping.set(if code == "by_successor" { Grouping::BySuccessor } else { Grouping::AsThen });
    });
    let state = AppState::get();
    let merged = Memo::new(move |_| {
        let period = period.get();
        state.register.with(|register| {
            register.wards.iter().any(|ward| ward.valid_to.is_some_and(|to| period.from <= to))
        })
    });
    dynamic(move || {
        merged.get().then(|| {
            view! { <div class="quiet-legend">{one_of("grouping", tr!(report.grouping), chips, chosen, choose, no_problem())}</div> }
        })
    })
}

/// "Số liệu lúc 10:42", and "bản lưu trên máy" when it is not fresh.
fn freshness(state: AppState, shown: RwSignal<Shown>, problem: RwSignal<Option<Problem>>) -> AnyView {
    let words = move || {
        shown.with(|shown| match shown {
            None if problem.with(Option::is_some) => String::new(),
            None => tr!(report.reading).to_string(),
            Some((report, fresh)) => {
                let when = format::moment(report.drawn_at, state.today());
                if *fresh { tr!(report.drawn, when = when) } else { tr!(report.kept, when = when) }
            }
        })
    };
    let reads = state.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.access.reports));
    reads
        .then(|| view! { <p class="soft small" role="status" data-testid="report-freshness">{dynamic(words)}</p> })
        .into_any()
}
