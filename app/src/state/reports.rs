//! Reports: from the server, or the last copy kept for the same question.

use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::report::{ActivityReport, Grouping};
use serde::de::DeserializeOwned;

use super::AppState;
use crate::browser;
use crate::store::KeptReport;
use crate::sync::transport::read;

/// What a report is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReportQuestion {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// By which wards.
    pub grouping: Grouping,
    /// Only records whose values were confirmed.
    pub confirmed_only: bool,
}

pub(super) async fn report(
    state: AppState,
    asked: ReportQuestion,
) -> Result<(ActivityReport, bool), Problem> {
    let ReportQuestion { from, to, grouping, confirmed_only } = asked;
    let grouping = match grouping {
        Grouping::AsThen => "as_then",
        Grouping::BySuccessor => "by_successor",
    };
    let mut question = format!("from={from}&to={to}&grouping={grouping}");
    if confirmed_only {
        question.push_str("&records=confirmed");
    }
    fetched_or_kept(state, &format!("/api/v1/reports/activity?{question}"), &question).await
}

/// The answer of the server and `true`, or, where it gives none, the copy kept under this key and `false`.
pub(super) async fn fetched_or_kept<T: DeserializeOwned>(
    state: AppState,
    path: &str,
    key: &str,
) -> Result<(T, bool), Problem> {
    let engine = state.engine()?;
    match engine.transport.get_text(path).await {
        Ok(json) => {
            let report = read(json.as_bytes())?;
            // The copy is for later; that it could not be kept does not make this one wrong.
            let _ = engine.store.keep_report(key, &KeptReport { json, at: browser::now() }).await;
            Ok((report, true))
        }
        Err(problem) if matches!(problem.code, Code::NoConnection | Code::Busy | Code::Internal) => {
            match engine.store.report(key).await? {
                Some(kept) => Ok((read(kept.json.as_bytes())?, false)),
                None => Err(problem),
            }
        }
        Err(problem) => Err(problem),
    }
}
