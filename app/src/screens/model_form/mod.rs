//! The form of a prevention model.

pub mod model;

use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::prevention_model::{ModelCount, ModelKind};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;

use super::form::{self, fields};
use crate::components::address;
use crate::components::choice::one_of;
use crate::components::field::{field, problem_at};
use crate::components::notice::{Tone, notice};
use crate::components::stepper::{Stepper, stepper};
use crate::components::view::{dynamic, entered, text_of};
use crate::i18n::format::capital;
use crate::i18n::{tr, words};
use model::ModelForm;

/// What the parts of the form share.
pub type Editor = form::Editor<ModelForm>;

/// A new model. Since when and who is in charge is for the person to say: neither today nor whoever writes it down.
pub fn new_model() -> AnyView {
    let like = untrack(|| address::query("like")).and_then(|text| text.parse::<DocumentId>().ok());
    form::new_record::<ModelForm>(like, None, async move |_, form| {
        form.common.date = None;
        form.common.done_by.clear();
    })
}

/// Draws the fields.
pub(super) fn draw(editor: Editor) -> AnyView {
    let more =
        editor.form.with_untracked(|form| form.ended.is_some() || !form.common.co_organisers.is_empty());
    view! {
        <div class="stack-wide">
            {fields::ward(editor)}
            {name(editor)}
            {kind(editor)}
            {since(editor)}
            {members(editor)}
            {fields::lead(editor)}
            {fields::venue(editor)}
            {fields::done_by(editor)}
        </div>
        <div>
            <details class="more" open=more data-testid="more-model">
                <summary>{tr!(model.more).to_string()}</summary>
                <div class="stack">{fields::co_organisers(editor)}{ended(editor)}</div>
            </details>
        </div>
        {fields::notes(editor)}
    }
    .into_any()
}

fn name(editor: Editor) -> AnyView {
    let name = editor.part(|form| form.name.clone());
    let control = view! {
        <input id="field-name" type="text" data-testid="model-name" autocomplete="off" maxlength="120"
            aria-describedby="field-name-hint field-name-problem" prop:value=text_of(move || name.get())
            on:input=entered(move |text| editor.edit(|form| form.name = text)) />
    };
    let hint = Some(tr!(model.name_hint).to_string());
    field("field-name", tr!(model.name), hint, problem_at(editor.problems, "name"), control)
}

fn kind(editor: Editor) -> AnyView {
    let chips = Signal::derive(|| {
        ModelKind::ALL.iter().map(|kind| (kind.code().to_owned(), capital(words(*kind)))).collect::<Vec<_>>()
    });
    let chosen = editor.part(|form| form.kind.map(|kind| kind.code().to_owned()));
    let choose =
        Callback::new(move |code: String| editor.edit(|form| form.kind = ModelKind::parse(&code).ok()));
    let problem = problem_at(editor.problems, "kind");
    one_of("field-kind", tr!(model.kind), chips, chosen.into(), choose, problem)
}

/// A day that has come, in a field of its own.
fn day(
    editor: Editor,
    id: &'static str,
    read: fn(&ModelForm) -> Option<Date>,
    write: fn(&mut ModelForm, Option<Date>),
) -> AnyView {
    let today = editor.state().today().to_string();
    let shown = editor.part(move |form| read(form).map(|day| day.to_string()).unwrap_or_default());
    view! {
        <input id=id type="date" data-testid=id max=today aria-describedby=format!("{id}-hint {id}-problem")
            prop:value=text_of(move || shown.get())
            on:change=entered(move |text| editor.edit(|form| write(form, text.parse().ok()))) />
    }
    .into_any()
}

fn since(editor: Editor) -> AnyView {
    let control = day(editor, "field-since", |form| form.common.date, |form, day| form.common.date = day);
    let hint = Some(tr!(model.since_hint).to_string());
    field("field-since", tr!(model.since), hint, problem_at(editor.problems, "since"), control)
}

/// The last day, and why once there is one.
fn ended(editor: Editor) -> AnyView {
    let control = day(editor, "field-ended", |form| form.ended, |form, day| form.ended = day);
    let hint = Some(tr!(model.ended_hint).to_string());
    let has_ended = editor.part(|form| form.ended.is_some());
    let why = move || has_ended.get().then(|| ended_because(editor));
    view! {
        {field("field-ended", tr!(model.ended), hint, problem_at(editor.problems, "ended"), control)}
        {dynamic(why)}
    }
    .into_any()
}

fn ended_because(editor: Editor) -> AnyView {
    let why = editor.part(|form| form.ended_because.clone());
    let control = view! {
        <input id="field-ended_because" type="text" data-testid="model-ended-because" autocomplete="off" maxlength="300"
            aria-describedby="field-ended_because-problem" prop:value=text_of(move || why.get())
            on:input=entered(move |text| editor.edit(|form| form.ended_because = text)) />
    };
    let problem = problem_at(editor.problems, "ended_because");
    field("field-ended_because", tr!(model.ended_because), None, problem, control)
}

/// The number of members, which may be unknown, and of whom women and youth.
fn members(editor: Editor) -> AnyView {
    let steppers = ModelCount::ALL.iter().map(|what| {
        let what = *what;
        let value = editor.part(move |form| form.counts.get(&what).copied());
        let set = Callback::new(move |value: Option<u32>| {
            editor.edit(|form| match value {
                Some(value) => drop(form.counts.insert(what, value)),
                None => drop(form.counts.remove(&what)),
            });
        });
        let stepped = Stepper {
            id: format!("field-{}", what.code()),
            test: format!("count-{}", what.code()),
            label: words(what).to_owned(),
            step: 1,
            unknown_box: what == ModelCount::Members,
        };
        stepper(stepped, value.into(), set, problem_at(editor.problems, what.code()))
    });
    let steppers: Vec<AnyView> = steppers.collect();
    let exceeds = editor.part(ModelForm::exceeds);
    let warning = move || {
        exceeds.get().then(|| {
            notice(Tone::Wait, view! { <p data-testid="members-exceed">{tr!(model.exceeds).to_string()}</p> })
        })
    };
    view! { <div class="stack">{steppers}{dynamic(warning)}</div> }.into_any()
}
