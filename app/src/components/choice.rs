//! Choice chips: one of a few, or several of a few. Native radio buttons and checkboxes under a drawn label, so that
//! keyboards and screen readers find what they know.

use leptos::prelude::*;

use super::field::problem_line;
use super::view::{dynamic, holds, ticked};

/// One chip: its value and its words.
pub type Chip = (String, String);

/// One of a few. `name` is the id of the group and the prefix of the chips' test names: `{name}-chip-{value}`.
pub fn one_of(
    name: &'static str,
    legend: impl Into<String>,
    chips: Signal<Vec<Chip>>,
    chosen: Signal<Option<String>>,
    on_choose: Callback<String>,
    problem: Signal<Option<&'static str>>,
) -> AnyView {
    let bind = move |value: String| {
        let (mine, picked) = (value.clone(), value);
        let checked = Signal::derive(move || chosen.with(|chosen| chosen.as_deref() == Some(mine.as_str())));
        (checked, Callback::new(move |_| on_choose.run(picked.clone())))
    };
    group(name, "radio", legend.into(), chips, problem, Box::new(bind))
}

/// Several of a few. `on_change` gets the value and whether it is chosen now.
pub fn some_of(
    name: &'static str,
    legend: impl Into<String>,
    chips: Signal<Vec<Chip>>,
    chosen: Signal<Vec<String>>,
    on_change: Callback<(String, bool)>,
) -> AnyView {
    let bind = move |value: String| {
        let (mine, picked) = (value.clone(), value);
        let checked = Signal::derive(move || chosen.with(|all| all.contains(&mine)));
        (checked, Callback::new(move |on| on_change.run((picked.clone(), on))))
    };
    group(name, "checkbox", legend.into(), chips, super::field::no_problem(), Box::new(bind))
}

/// Whether the chip of a value is chosen, and what changing it does.
type Bind = Box<dyn Fn(String) -> (Signal<bool>, Callback<bool>) + Send + Sync>;

fn group(
    name: &'static str,
    kind: &'static str,
    legend: String,
    chips: Signal<Vec<Chip>>,
    problem: Signal<Option<&'static str>>,
    bind: Bind,
) -> AnyView {
    let draw = move |(value, words): Chip| {
        let (checked, change) = bind(value.clone());
        view! {
            <label class="chip">
                <input type=kind name=name value=value.clone() data-testid=format!("{name}-chip-{value}")
                    prop:checked=holds(move || checked.get())
                    on:change=ticked(move |on| change.run(on)) />
                <span>{words}</span>
            </label>
        }
    };
    view! {
        <fieldset id=name class="chips" class:wrong=holds(move || problem.get().is_some()) tabindex="-1"
            aria-describedby=format!("{name}-problem")>
            <legend>{legend}</legend>
            {problem_line(name, problem)}
            <div class="chip-row">{dynamic(move || chips.get().into_iter().map(&draw).collect_view())}</div>
        </fieldset>
    }
    .into_any()
}
