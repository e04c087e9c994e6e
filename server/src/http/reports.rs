//! Reports, for whoever may read the figures of some ward.

use std::collections::HashMap;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use donghanh_shared::domain::Date;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::report::{ActivityReport, AftercareReport, Grouping};

use super::error::{ApiError, ErrorBody};
use super::extract::{CountsReader, Reader};
use crate::reports;
use crate::state::AppState;

/// What stands behind the question mark.
type Parameters = HashMap<String, String>;

/// The activity of a period in every ward that the caller may read (indicators A1–A8, B1–B4, D1).
#[utoipa::path(get, path = "/api/v1/reports/activity", params(
    ("from" = String, Query, description = "first day, ISO"),
    ("to" = String, Query, description = "last day, ISO"),
    ("grouping" = Option<String>, Query, description = "as_then (default) or by_successor"),
    ("records" = Option<String>, Query, description = "all (default) or confirmed"),
), responses(
    (status = 200, description = "the report", content_type = "application/json"),
    (status = 401, description = "not_signed_in", body = ErrorBody),
    (status = 403, description = "not_allowed", body = ErrorBody),
    (status = 422, description = "field_missing, date_invalid, date_absurd, period_invalid, term_unknown", body = ErrorBody),
))]
pub async fn activity(
    State(state): State<AppState>,
    Reader(who): Reader,
    query: Result<Query<Parameters>, QueryRejection>,
) -> Result<Json<ActivityReport>, ApiError> {
    let Query(query) = query.map_err(|_| Code::BodyMalformed)?;
    let period = (day(&query, "from")?, day(&query, "to")?);
    let grouping = match query.get("grouping").map(String::as_str) {
        None | Some("as_then") => Grouping::AsThen,
        Some("by_successor") => Grouping::BySuccessor,
        Some(_) => return Err(Problem::new(Code::TermUnknown).at("grouping").into()),
    };
    let confirmed_only = match query.get("records").map(String::as_str) {
        None | Some("all") => false,
        Some("confirmed") => true,
        Some(_) => return Err(Problem::new(Code::TermUnknown).at("records").into()),
    };
    let asked = reports::activity::Asked { period, grouping, confirmed_only };
    Ok(Json(reports::activity::activity(&state, who.access(), asked).await?))
}

/// After-care per ward, without names: open cases of today by status, and the indicators C1 and C2 of a period where one
/// is asked for. Few people are not told apart.
#[utoipa::path(get, path = "/api/v1/reports/aftercare", params(
    ("from" = Option<String>, Query, description = "first day, ISO; with it goes the last"),
    ("to" = Option<String>, Query, description = "last day, ISO"),
), responses(
    (status = 200, description = "the counts", content_type = "application/json"),
    (status = 401, description = "not_signed_in", body = ErrorBody),
    (status = 403, description = "not_allowed", body = ErrorBody),
    (status = 422, description = "field_missing, date_invalid, date_absurd, period_invalid", body = ErrorBody),
))]
pub async fn aftercare(
    State(state): State<AppState>,
    CountsReader(who): CountsReader,
    query: Result<Query<Parameters>, QueryRejection>,
) -> Result<Json<AftercareReport>, ApiError> {
    let Query(query) = query.map_err(|_| Code::BodyMalformed)?;
    let is_asked = query.contains_key("from") || query.contains_key("to");
    let period =
        is_asked.then(|| Ok::<_, Problem>((day(&query, "from")?, day(&query, "to")?))).transpose()?;
    Ok(Json(reports::aftercare::aftercare(&state, who.access(), period).await?))
}

fn day(query: &Parameters, field: &str) -> Result<Date, Problem> {
    let text = query.get(field).ok_or_else(|| Problem::new(Code::FieldMissing).at(field))?;
    text.parse().map_err(|problem: Problem| problem.at(field))
}
