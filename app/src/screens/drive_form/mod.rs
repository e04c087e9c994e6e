//! The form of a pledge drive.

mod groups;
pub mod model;

use donghanh_shared::domain::outreach_visit::Visit;
use donghanh_shared::domain::place::PlaceKind;
use donghanh_shared::domain::pledge_drive::DriveYear;
use donghanh_shared::ids::{DocumentId, PlaceId};
use leptos::prelude::*;

use super::assignment;
use super::form::{self, fields};
use crate::components::address;
use crate::components::field::{field, problem_at, select_field};
use crate::components::view::{dynamic, entered, text_of};
use crate::i18n::tr;
use crate::screens::naming;
use crate::state::{AppState, Me};
use model::DriveForm;

/// What the parts of the form share.
pub type Editor = form::Editor<DriveForm>;

/// A new drive; by itself, for the assignment that the address names, or with the visit ("kèm ký cam kết").
pub fn new_drive() -> AnyView {
    let asked =
        |name: &str| untrack(|| address::query(name)).and_then(|text| text.parse::<DocumentId>().ok());
    let (like, visit, ask) = (asked("like"), asked("visit"), asked("for"));
    form::new_record::<DriveForm>(like, None, async move |state, form| {
        assignment::start(state, ask, &mut form.common).await;
        if let Some(visit) = visit {
            go_with(state, form, visit).await;
        }
        let (ward, chosen) = (form.common.ward, form.common.place);
        form.common.place = ward.and_then(|ward| state.own_school(ward, chosen)).or(chosen);
        form.year = form.common.date.map(|day| usual_year(state, form.common.place, day));
    })
}

/// Takes over when and where the visit was, and who led it.
async fn go_with(state: AppState, form: &mut DriveForm, id: DocumentId) {
    let Ok(Some(found)) = state.open::<Visit>(id).await else { return };
    let visit = found.value;
    form.visit = Some(id);
    form.common.date = visit.date.value().copied().or(form.common.date);
    form.common.place = visit.venue.value().copied();
    form.common.ward = found.home_ward.or(form.common.ward);
    form.common.lead = visit.lead.value().cloned().or_else(|| form.common.lead.take());
    form.common.campaign = visit.campaign.value().cloned();
    form.common.co_organisers.clone_from(&visit.co_organisers);
}

/// The school year for a school, the calendar year elsewhere.
fn usual_year(state: AppState, place: Option<PlaceId>, day: donghanh_shared::domain::Date) -> DriveYear {
    let kind =
        place.and_then(|id| state.register.with_untracked(|all| all.place(id).map(|place| place.kind)));
    match kind {
        Some(PlaceKind::School) => DriveYear::school_year_of(day),
        _ => DriveYear::year_of(day),
    }
}

/// Draws the fields.
pub(super) fn draw(editor: Editor) -> AnyView {
    let more = editor.form.with_untracked(|form| {
        form.common.campaign.is_some() || !form.common.co_organisers.is_empty() || form.ended.is_some()
    });
    let at_school = at_school(editor);
    view! {
        <div class="stack-wide">
            {fields::ward(editor)}
            {dynamic(move || if at_school.get() { school(editor) } else { fields::venue(editor) })}
            {fields::date(editor)}
            {year(editor)}
            {groups::groups(editor)}
            {fields::lead(editor)}
        </div>
        <div>
            <details class="more" open=more data-testid="more-drive">
                <summary>{tr!(drive.more).to_string()}</summary>
                <div class="stack">{ended(editor)}{fields::campaign(editor)}{fields::co_organisers(editor)}{fields::done_by(editor)}</div>
            </details>
        </div>
        {fields::notes(editor)}
    }
    .into_any()
}

/// Whether the person logs as the contact person of a school there: where it is, is not theirs to choose.
fn at_school(editor: Editor) -> Memo<bool> {
    let (state, ward) = (editor.state(), editor.part(|form| form.common.ward));
    Memo::new(move |_| {
        let ward = ward.get();
        state.me.track();
        ward.is_some_and(|ward| state.own_school(ward, None).is_some())
    })
}

/// The school and its ward, as they stand; a choice for a new drive of whoever is the contact person of several schools.
fn school(editor: Editor) -> AnyView {
    let state = editor.state();
    let chosen = editor.part(|form| (form.common.ward, form.common.place));
    let own = move || -> Vec<PlaceId> {
        let (ward, _) = chosen.get();
        let of = |me: &Me| ward.map(|ward| me.access.made_in(ward).schools.into_iter().collect());
        state.me.with(|me| me.as_ref().and_then(of)).unwrap_or_default()
    };
    let words = move |text: Option<String>, label: String, test: &'static str| {
        view! { <div><dt>{label}</dt><dd data-testid=test>{text.unwrap_or_default()}</dd></div> }
    };
    let fixed = move || {
        let (ward, place) = chosen.get();
        state.register.with(|all| {
            let place = place.map(|place| naming::place(all, place));
            let ward = ward.map(|ward| naming::ward(all, ward));
            view! {
                <dl class="facts">
                    {words(place, tr!(drive.school).to_string(), "fixed-school")}
                    {words(ward, tr!(form.ward).to_string(), "fixed-ward")}
                </dl>
            }
        })
    };
    let several = move || (editor.is_new() && own().len() > 1).then(|| schools(editor, own()));
    view! { <div class="stack">{dynamic(several)}{dynamic(fixed)}</div> }.into_any()
}

fn schools(editor: Editor, own: Vec<PlaceId>) -> AnyView {
    let state = editor.state();
    let options = Signal::derive(move || {
        let register = state.register.get();
        own.iter().map(|id| (id.to_string(), naming::place(&register, *id))).collect::<Vec<_>>()
    });
    let value = editor.part(|form| form.common.place.map(|place| place.to_string()).unwrap_or_default());
    let choose = Callback::new(move |text: String| editor.edit(|form| form.common.place = text.parse().ok()));
    let problem = problem_at(editor.problems, "place");
    select_field("field-school", tr!(drive.school), None, options, value.into(), choose, problem)
}

/// What a year is called.
pub fn year_words(year: DriveYear) -> String {
    match year.school {
        true => tr!(drive.school_year, year = year),
        false => tr!(drive.calendar_year, year = year),
    }
}

/// The school year and the year of the day, and those before. Choosing the place proposes one until somebody chose.
fn year(editor: Editor) -> AnyView {
    let state = editor.state();
    let chosen = editor.part(|form| form.year);
    let place = editor.part(|form| form.common.place);
    let day = editor.day();
    let by_hand = StoredValue::new(!editor.is_new());
    Effect::new(move |before: Option<()>| {
        let (place, day) = (place.get(), day.get());
        state.register.track();
        let usual = usual_year(state, place, day);
        if before.is_some() && !by_hand.get_value() && chosen.get_untracked() != Some(usual) {
            editor.form.update(|form| form.year = Some(usual));
        }
    });
    let options = Signal::derive(move || {
        let (school, year) = (DriveYear::school_year_of(day.get()), DriveYear::year_of(day.get()));
        let before = |of: DriveYear| DriveYear { first: of.first - 1, ..of };
        let mut offered = vec![school, year, before(school), before(year)];
        offered.extend(chosen.get().filter(|year| !offered.contains(year)));
        offered.into_iter().map(|year| (year.to_string(), year_words(year))).collect::<Vec<_>>()
    });
    let value = Signal::derive(move || chosen.get().map(|year| year.to_string()).unwrap_or_default());
    let choose = Callback::new(move |text: String| {
        by_hand.set_value(true);
        editor.edit(|form| form.year = text.parse().ok());
    });
    select_field(
        "field-year",
        tr!(drive.year),
        None,
        options,
        value,
        choose,
        problem_at(editor.problems, "year"),
    )
}

fn ended(editor: Editor) -> AnyView {
    let today = editor.state().today();
    let ended = editor.part(|form| form.ended.map(|day| day.to_string()).unwrap_or_default());
    let control = view! {
        <input id="field-ended" type="date" data-testid="ended-input" max=today.to_string()
            aria-describedby="field-ended-hint field-ended-problem" prop:value=text_of(move || ended.get())
            on:change=entered(move |text| {
                editor.edit(|form| form.ended = text.parse().ok());
            }) />
    };
    let hint = Some(tr!(drive.ended_hint).to_string());
    field("field-ended", tr!(drive.ended), hint, problem_at(editor.problems, "ended"), control)
}

/// What a drive is called by its place.
pub fn title_at(place: Option<String>) -> String {
    let short = tr!(drive.short);
    place.map_or_else(|| short.to_string(), |place| format!("{short} · {place}"))
}

/// The same, of a place of the register.
pub fn title(register: &crate::state::Register, place: Option<PlaceId>) -> String {
    title_at(place.map(|id| naming::place(register, id)))
}
