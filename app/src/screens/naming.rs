//! How records, places, wards and people are called on every screen.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use donghanh_shared::domain::aftercare::line::{CareLine, CarePart};
use donghanh_shared::domain::confirmation::Standing;
use donghanh_shared::domain::date::{Date, Millis};
use donghanh_shared::domain::kind::Kind;
use donghanh_shared::domain::organisation::{CampaignId, OrganisationId};
use donghanh_shared::domain::outreach_visit::{CountKey, Form};
use donghanh_shared::domain::prevention_model::{ModelCount, ModelKind};
use donghanh_shared::domain::summary::Summary;
use donghanh_shared::domain::vocabulary::{Language, Term as _};
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::domain::work_assignment::Ask;
use donghanh_shared::ids::{ActorId, DocumentId, PlaceId};

use crate::components::list::keyed;
use crate::i18n::format::{self, capital};
use crate::i18n::{language, tr, words};
use crate::screens::parts::row::{RowWords, open_mark, row, same_mark, state_mark};
use crate::screens::record::confirmation::standing_mark;
use crate::state::{AppState, Care, Register, Row};
use leptos::prelude::{AnyView, Get as _, With as _};

/// A place by name; a place that this phone does not know is said to be so.
pub fn place(register: &Register, id: PlaceId) -> String {
    register.place(id).map_or_else(|| tr!(record.place_unknown).to_string(), |place| place.name.clone())
}

/// `Phường Đồng Tâm`; the code where the register does not know it.
pub fn ward(register: &Register, id: WardRef) -> String {
    register.ward(id).map_or_else(|| id.code.to_string(), |ward| ward.full_name())
}

/// An organisation in the language in use.
pub fn organisation(register: &Register, id: &OrganisationId) -> String {
    match register.organisation(id) {
        Some(found) if language() == Language::English && !found.name_en.is_empty() => found.name_en.clone(),
        Some(found) => found.name.clone(),
        None => id.to_string(),
    }
}

/// A campaign in the language in use.
pub fn campaign(register: &Register, id: &CampaignId) -> String {
    match register.campaign(id) {
        Some(found) if language() == Language::English && !found.name_en.is_empty() => found.name_en.clone(),
        Some(found) => found.name.clone(),
        None => id.to_string(),
    }
}

/// A form by its code; a code of a newer app stands as it is.
pub fn form(code: &str) -> String {
    match Form::parse(code) {
        Ok(form) => capital(words(form)),
        Err(_) if code.is_empty() => tr!(record.form_none).to_string(),
        Err(_) => code.to_owned(),
    }
}

/// Who stands behind an actor.
pub fn person(names: &HashMap<ActorId, String>, actor: ActorId) -> String {
    names.get(&actor).cloned().unwrap_or_else(|| tr!(record.somebody).to_string())
}

/// The name by which people call each other: the last word, `Lan` of `Nguyễn Thị Lan`.
pub fn given_name(full_name: &str) -> &str {
    full_name.split_whitespace().next_back().unwrap_or(full_name)
}

/// `80 lượt người dự`, or "chưa rõ số người dự".
pub fn attendance(count: Option<u32>) -> String {
    match count {
        Some(n) => format!("{} {}", format::number(n.into()), words(CountKey::Attendance)),
        None => tr!(record.attendance_unknown).to_string(),
    }
}

/// `412 / 430 đã ký`; a number that nobody knows is a dash.
pub fn signatures(signed: Option<u32>, expected: Option<u32>) -> String {
    let shown = |n: Option<u32>| n.map_or_else(|| "—".to_owned(), |n| format::number(n.into()));
    tr!(drive.signed_row, signed = shown(signed), expected = shown(expected))
}

/// The number of a record with its noun: `80 lượt người dự`.
pub fn numbers(summary: &Summary) -> String {
    match summary.kind() {
        Kind::PledgeDrive => signatures(summary.number, summary.expected),
        Kind::PreventionModel => members(summary.number),
        _ => attendance(summary.number),
    }
}

/// What another record is called, as far as this phone holds it.
pub fn other_record(register: &Register, id: DocumentId) -> String {
    AppState::get().summaries.with(|rows| {
        let found = rows.iter().find(|row| row.summary.id == id);
        let words = |row: &Arc<Row>| format!("{} ({})", title(register, &row.summary), numbers(&row.summary));
        found.map_or_else(|| tr!(same.elsewhere).to_string(), words)
    })
}

/// A kind of model by its code; a code of a newer app stands as it is.
pub fn model_kind(code: &str) -> String {
    match ModelKind::parse(code) {
        Ok(kind) => capital(words(kind)),
        Err(_) if code.is_empty() => tr!(model.short).to_string(),
        Err(_) => code.to_owned(),
    }
}

/// `24 thành viên`, or "chưa rõ số thành viên".
pub fn members(count: Option<u32>) -> String {
    match count {
        Some(n) => format!("{} {}", format::number(n.into()), words(ModelCount::Members)),
        None => tr!(model.members_unknown).to_string(),
    }
}

/// "5 buổi tuyên truyền", "Buổi tuyên truyền tại 3 nơi".
pub fn work(ask: &Ask) -> String {
    let Some(what) = ask.what.map(words) else { return tr!(assignment.short).to_string() };
    let shown = |n: Option<u32>| n.map_or_else(|| "—".to_owned(), |n| format::number(n.into()));
    match ask.places.is_empty() {
        true => capital(&tr!(assignment.number_of, n = shown(ask.number), what = what)),
        false => tr!(assignment.places_of, n = ask.places.len(), what = capital(what)),
    }
}

/// Who is asked: the organisation, the people.
pub fn asked(register: &Register, ask: &Ask) -> String {
    let union = ask.lead.iter().map(|id| organisation(register, id));
    union.chain(ask.people.values().cloned()).collect::<Vec<_>>().join(", ")
}

/// "Nói chuyện · THCS Vĩnh Yên"; a model or an assignment by its own name.
pub fn title(register: &Register, summary: &Summary) -> String {
    let what = match summary.kind() {
        Kind::PreventionModel => {
            return summary.name.clone().unwrap_or_else(|| model_kind(&summary.form));
        }
        Kind::WorkAssignment => {
            let work = summary.ask.as_deref().map_or_else(|| tr!(assignment.short).to_string(), work);
            return summary.name.clone().unwrap_or(work);
        }
        Kind::PledgeDrive => tr!(drive.short).to_string(),
        _ => form(&summary.form),
    };
    match summary.place {
        Some(id) => format!("{what} · {}", place(register, id)),
        None => what,
    }
}

/// Where a record is shown.
pub fn address(summary: &Summary) -> String {
    match summary.kind() {
        Kind::PledgeDrive => format!("/drives/{}", summary.id),
        Kind::PreventionModel => format!("/models/{}", summary.id),
        Kind::WorkAssignment => format!("/assignments/{}", summary.id),
        _ => format!("/visits/{}", summary.id),
    }
}

/// What the record with this identity is called, and where it is shown; `None` when it is not on this phone.
pub fn found(state: AppState, id: DocumentId) -> Option<Found> {
    let activity = state.summaries.with(|rows| {
        let row = rows.iter().find(|row| row.summary.id == id)?;
        let title = state.register.with(|register| title(register, &row.summary));
        Some(Found { href: address(&row.summary), title })
    });
    activity.or_else(|| state.care.with(|care| care.get(&id).map(|line| of_care(care, line))))
}

/// A record by its name and its address.
pub struct Found {
    /// Where it is shown.
    pub href: String,
    /// What it is called.
    pub title: String,
}

/// A part of a case goes by the name of the case.
pub fn of_care(care: &Care, line: &CareLine) -> Found {
    let title = match care.get(&line.case).map(|core| &core.part) {
        Some(CarePart::Case(case)) => case.address_as.clone(),
        _ => tr!(care.case).to_string(),
    };
    let href = match line.part {
        CarePart::CheckIn(_) => format!("/check-ins/{}", line.id),
        CarePart::Case(_) | CarePart::Person(_) => format!("/cases/{}", line.case),
    };
    Found { href, title }
}

/// From where a list is seen: the day, and the ward that need not be named again in every row.
pub struct Seen {
    /// Today.
    pub today: Date,
    /// The person's own ward.
    pub home_ward: Option<WardRef>,
    /// The records that do not count, each with the one whose counts stand for it.
    pub same_as: Arc<BTreeMap<DocumentId, DocumentId>>,
}

impl Seen {
    /// By the person signed in, today.
    pub fn by(state: AppState) -> Self {
        let home_ward = state.me.with(|me| me.as_ref().and_then(|me| me.home_ward));
        Self { today: state.today(), home_ward, same_as: state.same_as.get() }
    }
}

/// The rows of records in a list that changes while somebody looks at it.
pub fn record_rows(state: AppState, each: impl Fn() -> Vec<Arc<Row>> + Send + Sync + 'static) -> AnyView {
    let draw =
        move |row: &Arc<Row>| state.register.with(|register| record_row(register, row, &Seen::by(state)));
    keyed(each, |row| row.summary.id.to_string(), draw)
}

/// The row of a record in lists.
pub fn record_row(register: &Register, of: &Row, seen: &Seen) -> AnyView {
    let summary = &of.summary;
    let elsewhere = summary.ward.filter(|ward| Some(*ward) != seen.home_ward);
    let place = elsewhere.map(|id| ward(register, id)).unwrap_or_default();
    let (numbers, test) = match summary.kind() {
        Kind::PledgeDrive => (numbers(summary), "drive-row"),
        Kind::PreventionModel => (about_model(summary), "model-row"),
        Kind::WorkAssignment => {
            (summary.ask.as_deref().map(|ask| asked(register, ask)).unwrap_or_default(), "assignment-row")
        }
        _ => (numbers(summary), "visit-row"),
    };
    let detail = [place, numbers];
    let day = summary.date.map(|date| format::day(date, seen.today));
    let end = match summary.kind() {
        Kind::PreventionModel => day.map(|day| tr!(model.since_row, day = day)),
        Kind::WorkAssignment => {
            let by = summary.ask.as_ref().and_then(|ask| ask.by);
            by.map(|by| tr!(assignment.due_on, day = format::day(by, seen.today)))
        }
        _ => day,
    };
    let mut marks = vec![state_mark(of.state)];
    if summary.open_fields > 0 {
        marks.push(open_mark());
    }
    let standing = summary.confirmation.as_ref().map(|line| line.standing);
    // That it was confirmed needs no mark in lists: it is what most of them are in the end.
    marks.extend(standing.filter(|standing| *standing != Standing::Confirmed).and_then(standing_mark));
    if seen.same_as.contains_key(&summary.id) {
        marks.push(same_mark());
    }
    let words = RowWords {
        href: address(summary),
        title: title(register, summary),
        detail: detail.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
        end: end.unwrap_or_default(),
        overdue: false,
    };
    row(words, marks, test)
}

/// "Câu lạc bộ · 24 thành viên", and whether it has ended.
fn about_model(summary: &Summary) -> String {
    let ended = summary.ended.map(|_| tr!(model.ended_row).to_string());
    let parts = [model_kind(&summary.form), members(summary.number)];
    parts.into_iter().chain(ended).collect::<Vec<_>>().join(" · ")
}

/// A moment as people say it.
pub fn moment(at: Millis) -> String {
    format::moment(at, AppState::get().today())
}
