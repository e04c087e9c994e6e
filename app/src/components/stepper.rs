//! A number with − and +, where "not known" is an answer of its own and never reads as zero.

use leptos::prelude::*;

use super::field::problem_line;
use super::icon::{Icon, icon};
use super::view::{entered, holds, pressed, text_of, ticked};
use crate::i18n::format::capital;
use crate::i18n::tr;

/// Reads what a person typed: digits, with dots, commas and spaces between thousands. `None` when there is no digit.
pub fn typed_number(text: &str) -> Option<u32> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then(|| digits.parse().unwrap_or(u32::MAX))
}

/// What a stepper needs to know.
pub struct Stepper {
    /// The id of its input.
    pub id: String,
    /// Stable name for tests.
    pub test: String,
    /// Its label.
    pub label: String,
    /// By how much − and + change the number.
    pub step: u32,
    /// Whether "not known" has its own box; otherwise an empty field says it.
    pub unknown_box: bool,
}

/// Draws a stepper.
pub fn stepper(
    what: Stepper,
    value: Signal<Option<u32>>,
    on_change: Callback<Option<u32>>,
    problem: Signal<Option<&'static str>>,
) -> AnyView {
    let Stepper { id, test, label, step, unknown_box } = what;
    let label = capital(&label);
    let less = tr!(common.less, what = label.clone());
    let more = tr!(common.more_of, what = label.clone());
    let change = move |up: bool| {
        let now = value.get_untracked().unwrap_or(0);
        on_change.run(Some(if up { now.saturating_add(step) } else { now.saturating_sub(step) }));
    };
    let unknown = unknown_box.then(|| {
        let field = id.clone();
        view! {
            <label class="check">
                <input type="checkbox" data-testid=format!("{test}-unknown") prop:checked=holds(move || value.get().is_none())
                    on:change=ticked(move |unknown| {
                        on_change.run(if unknown { None } else { Some(0) });
                        if !unknown {
                            super::dom::focus_later(field.clone());
                        }
                    }) />
                <span>{tr!(common.unknown).to_string()}</span>
            </label>
        }
    });
    let class = if unknown_box { "stepper main-count" } else { "stepper" };
    view! {
        <div class=class class:wrong=holds(move || problem.get().is_some())>
            <label for=id.clone()>{label}</label>
            {problem_line(&id, problem)}
            <div class="stepper-row">
                <button type="button" aria-label=less on:click=pressed(move || change(false))>{icon(Icon::Minus)}</button>
                <input id=id.clone() type="text" inputmode="numeric" autocomplete="off" data-testid=test
                    placeholder=if unknown_box { "" } else { "–" }
                    aria-describedby=format!("{id}-problem")
                    prop:value=text_of(move || value.get().map(|n| n.to_string()).unwrap_or_default())
                    on:input=entered(move |text| on_change.run(typed_number(&text))) />
                <button type="button" aria-label=more on:click=pressed(move || change(true))>{icon(Icon::Plus)}</button>
            </div>
            {unknown}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::typed_number;

    #[test]
    fn reads_what_people_type() {
        assert_eq!(typed_number("80"), Some(80));
        assert_eq!(typed_number("1.200 "), Some(1200));
        assert_eq!(typed_number(""), None);
        assert_eq!(typed_number("khoảng"), None);
        assert_eq!(typed_number("99999999999"), Some(u32::MAX));
    }
}
