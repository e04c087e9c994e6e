//! The fields that every visit needs: where, when, form, attendance, who leads. Under thirty seconds.

use donghanh_shared::access::Scope;
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::outreach_visit::{CountKey, Form};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::domain::ward::WardRef;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Editor, like_last_time, name_of_place};
use crate::components::action::{Weight, button};
use crate::components::choice::one_of;
use crate::components::field::{field, no_problem, problem_at, problem_line, select_field};
use crate::components::icon::{Icon, icon};
use crate::components::stepper::{Stepper, stepper};
use crate::components::view::{dynamic, entered, holds, pressed, text_of};
use crate::i18n::format::capital;
use crate::i18n::{tr, words};
use crate::screens::naming;
use crate::screens::parts::place_picker::{PlacePicker, place_picker};
use crate::state::AppState;

/// Draws them.
pub fn main_fields(editor: Editor) -> AnyView {
    view! {
        <div class="stack-wide">
            <div class="stack">
                {ward(editor)}
                {venue(editor)}
                {editor.is_new().then(|| {
                    button(Weight::Quiet, Some(Icon::History), tr!(form.like_last).to_string(), "like-last", move || {
                        spawn_local(like_last_time(editor));
                    })
                })}
            </div>
            {when(editor)}
            {form(editor)}
            {attendance(editor)}
            {lead(editor)}
        </div>
    }
    .into_any()
}

/// Whether the person may log visits in this ward on that day.
pub fn may_log_in(state: AppState, ward: WardRef, day: Date) -> bool {
    let exists =
        state.register.with_untracked(|all| all.ward(ward).is_some_and(|ward| ward.span().contains(day)));
    exists
        && state
            .me
            .with_untracked(|me| me.as_ref().is_some_and(|me| me.access.may_write(&Scope::Activity(ward))))
}

/// The wards the person may log in on the day of the visit.
fn wards(editor: Editor) -> Memo<Vec<WardRef>> {
    let (state, day) = (editor.state(), editor.day());
    Memo::new(move |_| {
        let day = day.get();
        let me = state.me.get();
        let all = me.iter().flat_map(|me| me.access.activity_wards().collect::<Vec<_>>());
        state.register.track();
        all.filter(|ward| may_log_in(state, *ward, day)).collect()
    })
}

fn ward(editor: Editor) -> AnyView {
    let state = editor.state();
    let offered = wards(editor);
    let chosen = editor.part(|form| form.ward);
    let may_move = state.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.access.supervises));
    let editable = editor.is_new() || may_move;
    // A date before a merger leads to a ward of that time: the old choice does not hold there.
    Effect::new(move || {
        let offered = offered.get();
        let fits = chosen.get().is_some_and(|ward| offered.contains(&ward));
        if editable && !fits && !offered.is_empty() {
            let only = (offered.len() == 1).then(|| offered[0]);
            if only != chosen.get_untracked() {
                editor.form.update(|form| form.ward = only);
            }
        }
    });
    let options = Signal::derive(move || {
        let mut options = vec![(String::new(), tr!(form.ward_choose).to_string())];
        let register = state.register.get();
        options
            .extend(offered.get().into_iter().map(|ward| (ward.to_string(), naming::ward(&register, ward))));
        options
    });
    let value = Signal::derive(move || chosen.get().map(|ward| ward.to_string()).unwrap_or_default());
    let choose = Callback::new(move |text: String| editor.edit(|form| form.ward = text.parse().ok()));
    let problem = problem_at(editor.problems, "ward");
    let several = Memo::new(move |_| offered.with(|all| all.len() > 1));
    dynamic(move || {
        (several.get() && editable)
            .then(|| select_field("field-ward", tr!(form.ward), None, options, value, choose, problem))
    })
}

fn venue(editor: Editor) -> AnyView {
    let open = RwSignal::new(false);
    let chosen = editor.part(|form| form.venue);
    let private = editor.part(super::model::VisitForm::is_private);
    let problem = problem_at(editor.problems, "venue");
    let picker = PlacePicker {
        open,
        ward: editor.part(|form| form.ward).into(),
        day: editor.day(),
        private: private.into(),
        on_pick: Callback::new(move |place| editor.edit(|form| form.venue = Some(place))),
    };
    let words = move || match chosen.get() {
        Some(place) => name_of_place(editor, place),
        None => tr!(form.venue_choose).to_string(),
    };
    let hint = move || {
        private.get().then(|| view! { <p class="field-hint">{tr!(form.private_place).to_string()}</p> })
    };
    view! {
        <div class="field" class:wrong=holds(move || problem.get().is_some())>
            <span class="label" id="venue-label">{tr!(form.venue).to_string()}</span>
            {dynamic(hint)}
            {problem_line("venue-button", problem)}
            <button type="button" id="venue-button" class="picker" data-testid="venue-picker"
                aria-labelledby="venue-label venue-button" aria-haspopup="dialog" on:click=pressed(move || open.set(true))>
                {icon(Icon::Place)}<span>{dynamic(words)}</span>{icon(Icon::Next)}
            </button>
        </div>
        {place_picker("venue-dialog", picker)}
    }
    .into_any()
}

fn when(editor: Editor) -> AnyView {
    let today = editor.state().today();
    let date = editor.part(|form| form.date.map(|date| date.to_string()).unwrap_or_default());
    let time = editor.part(|form| form.time.map(|time| time.to_string()).unwrap_or_default());
    let problem = problem_at(editor.problems, "date");
    let date_input = view! {
        <input id="field-date" type="date" data-testid="date-input" max=today.to_string()
            aria-describedby="field-date-problem" prop:value=text_of(move || date.get())
            on:change=entered(move |text| {
                editor.edit(|form| form.date = text.parse().ok());
            }) />
    };
    let time_input = view! {
        <input id="field-time" type="time" data-testid="time-input" prop:value=text_of(move || time.get())
            on:change=entered(move |text| {
                editor.edit(|form| form.time = text.get(..5).and_then(|text| text.parse().ok()));
            }) />
    };
    view! {
        <div class="field-row">
            {field("field-date", tr!(form.date), None, problem, date_input)}
            {field("field-time", tr!(form.time), None, no_problem(), time_input)}
        </div>
    }
    .into_any()
}

fn form(editor: Editor) -> AnyView {
    let chips = Signal::derive(|| {
        Form::ALL.iter().map(|form| (form.code().to_owned(), capital(words(*form)))).collect::<Vec<_>>()
    });
    let chosen = editor.part(|form| form.form.map(|form| form.code().to_owned()));
    let choose = Callback::new(move |code: String| {
        editor.edit(|form| {
            form.form = Form::parse(&code).ok();
            if form.is_private() {
                form.position = None;
            }
        });
    });
    one_of("form", tr!(form.form), chips, chosen.into(), choose, problem_at(editor.problems, "form"))
}

fn attendance(editor: Editor) -> AnyView {
    let what = Stepper {
        id: "field-attendance".to_owned(),
        test: "attendance-input".to_owned(),
        label: words(CountKey::Attendance).to_owned(),
        step: 5,
        unknown_box: true,
    };
    let value = editor.part(|form| form.counts.get(&CountKey::Attendance).copied());
    let change = Callback::new(move |value: Option<u32>| {
        editor.edit(|form| match value {
            Some(value) => drop(form.counts.insert(CountKey::Attendance, value)),
            None => drop(form.counts.remove(&CountKey::Attendance)),
        });
    });
    stepper(what, value.into(), change, problem_at(editor.problems, "attendance"))
}

fn lead(editor: Editor) -> AnyView {
    let (state, day) = (editor.state(), editor.day());
    let options = Signal::derive(move || {
        let day = day.get();
        let register = state.register.get();
        let mut options = vec![(String::new(), tr!(form.lead_choose).to_string())];
        let living = register.organisations.iter().filter(|organisation| organisation.span.contains(day));
        options.extend(living.map(|o| (o.id.to_string(), naming::organisation(&register, &o.id))));
        options
    });
    let chosen = editor.part(|form| form.lead.as_ref().map(ToString::to_string).unwrap_or_default());
    let choose = Callback::new(move |text: String| editor.edit(|form| form.lead = text.parse().ok()));
    select_field(
        "field-lead",
        tr!(form.lead),
        None,
        options,
        chosen.into(),
        choose,
        problem_at(editor.problems, "lead"),
    )
}
