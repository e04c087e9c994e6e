//! The fields that every visit needs: where, when, form, attendance, who leads. Under thirty seconds.

use donghanh_shared::domain::outreach_visit::{CountKey, Form};
use donghanh_shared::domain::vocabulary::Term as _;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Editor;
use crate::components::action::{Weight, button};
use crate::components::choice::one_of;
use crate::components::field::{field, no_problem, problem_at};
use crate::components::icon::Icon;
use crate::components::stepper::{Stepper, stepper};
use crate::components::view::{entered, text_of};
use crate::i18n::format::capital;
use crate::i18n::{tr, words};
use crate::screens::form::{RecordForm as _, fields, like_last_time};

/// Draws them.
pub fn main_fields(editor: Editor) -> AnyView {
    view! {
        <div class="stack-wide">
            <div class="stack">
                {fields::ward(editor)}
                {fields::venue(editor)}
                {editor.is_new().then(|| {
                    button(Weight::Quiet, Some(Icon::History), tr!(form.like_last).to_string(), "like-last", move || {
                        spawn_local(like_last_time(editor));
                    })
                })}
            </div>
            {when(editor)}
            {form(editor)}
            {attendance(editor)}
            {fields::lead(editor)}
        </div>
    }
    .into_any()
}

fn when(editor: Editor) -> AnyView {
    let time = editor.part(|form| form.time.map(|time| time.to_string()).unwrap_or_default());
    let time_input = view! {
        <input id="field-time" type="time" data-testid="time-input" prop:value=text_of(move || time.get())
            on:change=entered(move |text| {
                editor.edit(|form| form.time = text.get(..5).and_then(|text| text.parse().ok()));
            }) />
    };
    view! {
        <div class="field-row">
            {fields::date(editor)}
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
