//! A labelled field: the label above, the hint below it, the mistake where it was made.

use donghanh_shared::domain::error::Problem;
use leptos::prelude::*;

use super::icon::{Icon, icon};
use super::view::{dynamic, entered, holds, text_of};
use crate::i18n::language;

/// What is wrong with a form, shared by its fields and its summary.
pub type Problems = RwSignal<Vec<Problem>>;

/// The sentence for a field, when something is wrong with it.
pub fn problem_at(problems: Problems, field: &'static str) -> Signal<Option<&'static str>> {
    Signal::derive(move || {
        problems.with(|all| {
            all.iter().find(|problem| problem.field.as_deref() == Some(field)).map(|p| p.sentence(language()))
        })
    })
}

/// No mistake is possible here.
pub fn no_problem() -> Signal<Option<&'static str>> {
    Signal::derive(|| None)
}

/// The line that says what is wrong with a field.
pub fn problem_line(id: &str, problem: Signal<Option<&'static str>>) -> AnyView {
    let id = format!("{id}-problem");
    dynamic(move || {
        let id = id.clone();
        problem.get().map(|sentence| {
            view! { <p class="field-problem" id=id>{icon(Icon::Alert)}<span>{sentence}</span></p> }
        })
    })
}

/// A label and a hint around a control whose id is `id`. The control names `{id}-hint {id}-problem` as its description.
pub fn field(
    id: &'static str,
    label: impl Into<String>,
    hint: Option<String>,
    problem: Signal<Option<&'static str>>,
    control: impl IntoView + 'static,
) -> AnyView {
    drawn_field(id, label.into(), hint, problem, control.into_any())
}

fn drawn_field(
    id: &'static str,
    label: String,
    hint: Option<String>,
    problem: Signal<Option<&'static str>>,
    control: AnyView,
) -> AnyView {
    let hint = hint.map(|hint| view! { <p class="field-hint" id=format!("{id}-hint")>{hint}</p> });
    view! {
        <div class="field" class:wrong=holds(move || problem.get().is_some())>
            <label for=id>{label}</label>
            {hint}
            {problem_line(id, problem)}
            {control}
        </div>
    }
    .into_any()
}

/// How a text field behaves.
#[derive(Clone, Copy)]
pub struct TextKind {
    /// `type` of the input.
    pub kind: &'static str,
    /// `autocomplete`.
    pub autocomplete: &'static str,
    /// Stable name for tests.
    pub test: &'static str,
}

impl TextKind {
    /// A plain line of text.
    pub const fn text(test: &'static str) -> Self {
        Self { kind: "text", autocomplete: "off", test }
    }
}

/// A labelled line of text bound to a signal.
pub fn text_field(
    id: &'static str,
    label: impl Into<String>,
    hint: Option<String>,
    kind: TextKind,
    value: RwSignal<String>,
    problem: Signal<Option<&'static str>>,
) -> AnyView {
    field(id, label, hint, problem, text_input(id, kind, value, problem))
}

fn text_input(
    id: &'static str,
    kind: TextKind,
    value: RwSignal<String>,
    problem: Signal<Option<&'static str>>,
) -> AnyView {
    let control = view! {
        <input id=id type=kind.kind autocomplete=kind.autocomplete data-testid=kind.test
            autocapitalize="none" spellcheck="false"
            aria-describedby=format!("{id}-hint {id}-problem")
            aria-invalid=text_of(move || problem.get().is_some().to_string())
            prop:value=text_of(move || value.get())
            on:input=entered(move |text| value.set(text)) />
    };
    control.into_any()
}

/// A labelled choice from a list: `(value, words)`.
pub fn select_field(
    id: &'static str,
    label: impl Into<String>,
    hint: Option<String>,
    options: Signal<Vec<(String, String)>>,
    value: Signal<String>,
    on_choose: Callback<String>,
    problem: Signal<Option<&'static str>>,
) -> AnyView {
    field(id, label, hint, problem, select_input(id, options, value, on_choose))
}

fn select_input(
    id: &'static str,
    options: Signal<Vec<(String, String)>>,
    value: Signal<String>,
    on_choose: Callback<String>,
) -> AnyView {
    let control = view! {
        <select id=id data-testid=id aria-describedby=format!("{id}-hint {id}-problem")
            on:change=entered(move |text| on_choose.run(text))>
            {dynamic(move || {
                let chosen = value.get();
                options
                    .get()
                    .into_iter()
                    .map(|(code, words)| {
                        let selected = code == chosen;
                        view! { <option value=code selected=selected>{words}</option> }
                    })
                    .collect_view()
            })}
        </select>
    };
    control.into_any()
}
