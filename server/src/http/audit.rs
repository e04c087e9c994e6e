//! The audit, for administrators and the supervisors of wards.

use std::collections::HashMap;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::search::folded;
use donghanh_shared::domain::{Date, WardRef};
use donghanh_shared::ids::DocumentId;
use serde::Serialize;
use utoipa::ToSchema;

use super::devices::{NamedDevice, NamedPerson};
use super::error::{ApiError, ErrorBody};
use super::extract::Auditor;
use crate::audit;
use crate::state::AppState;
use crate::store::audit::{Line, Query as AuditQuery};

/// Lines of a page.
const PAGE: usize = 100;
/// Longest search looked at, in bytes.
const MAX_SEARCH: usize = 200;
/// Milliseconds of a day.
const DAY_MS: Millis = 24 * 3600 * 1000;

/// A line: identities, codes and counts, never content.
#[derive(Serialize, ToSchema)]
pub struct LineAnswer {
    id: i64,
    /// Milliseconds since 1970.
    #[schema(value_type = i64)]
    at: Millis,
    kind: String,
    person: Option<NamedPerson>,
    device: Option<NamedDevice>,
    /// Whom it concerns.
    about: Option<NamedPerson>,
    #[schema(value_type = Option<String>)]
    document: Option<DocumentId>,
    #[schema(value_type = Option<String>)]
    ward: Option<WardRef>,
    /// Where it came from, for refusals and sign-ins.
    address: String,
    /// A code or a count.
    note: String,
    /// How often within the minute.
    times: u64,
}

/// The lines of one's wards, for administrators all of them; newest first, 100 a page.
#[utoipa::path(get, path = "/api/v1/audit", params(
    ("from" = Option<String>, Query, description = "first day, ISO"),
    ("to" = Option<String>, Query, description = "last day, ISO"),
    ("kind" = Option<String>, Query, description = "signed_in, device_revoked…"),
    ("person" = Option<String>, Query, description = "who did it, or whom it concerns"),
    ("document" = Option<String>, Query, description = "the record"),
    ("q" = Option<String>, Query, description = "words of names, kind, note"),
    ("before" = Option<i64>, Query, description = "older than the line of this id"),
), responses(
    (status = 200, body = Vec<LineAnswer>),
    (status = 403, description = "not_allowed", body = ErrorBody),
    (status = 422, description = "date_invalid, field_missing", body = ErrorBody),
))]
pub async fn list(
    State(state): State<AppState>,
    Auditor(who): Auditor,
    query: Result<Query<HashMap<String, String>>, QueryRejection>,
) -> Result<Json<Vec<LineAnswer>>, ApiError> {
    let Query(query) = query.map_err(|_| Code::BodyMalformed)?;
    let words = query.get("q").map(String::as_str).unwrap_or_default();
    if words.len() > MAX_SEARCH {
        return Err(Problem::new(Code::TextTooLong).at("q").into());
    }
    let wards = (!who.access().administers)
        .then(|| who.access().activity_wards().filter(|ward| who.supervises(*ward)).collect());
    let asked = AuditQuery {
        wards,
        from: parameter::<Date>(&query, "from")?.map(Date::start),
        to: parameter::<Date>(&query, "to")?.map(|day| day.start() + DAY_MS),
        kind: query.get("kind").filter(|kind| !kind.is_empty()).cloned(),
        person: parameter(&query, "person")?,
        document: parameter(&query, "document")?,
        words: folded(words),
        before: parameter(&query, "before")?,
        limit: PAGE,
    };
    Ok(Json(audit::lines(&state, asked).await?.into_iter().map(answer).collect()))
}

fn parameter<T: std::str::FromStr>(
    query: &HashMap<String, String>,
    name: &str,
) -> Result<Option<T>, Problem> {
    let text = query.get(name).filter(|text| !text.is_empty());
    let code = if matches!(name, "from" | "to") { Code::DateInvalid } else { Code::FieldMissing };
    text.map(|text| text.parse().map_err(|_| Problem::new(code).at(name))).transpose()
}

fn answer(line: Line) -> LineAnswer {
    let person = |(id, name)| NamedPerson::new(id, name);
    LineAnswer {
        id: line.id,
        at: line.at,
        kind: line.kind,
        person: line.person.map(person),
        device: line.device.map(|(id, name)| NamedDevice::new(id, name)),
        about: line.about.map(person),
        document: line.document,
        ward: line.ward,
        address: line.address,
        note: line.note,
        times: line.times,
    }
}
