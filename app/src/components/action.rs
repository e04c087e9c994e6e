//! Buttons and links that look like buttons.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::icon::{Icon, icon};
use super::view::pressed;

/// How much a button asks for attention.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weight {
    /// The one thing to do on this screen: 56 px, filled.
    Main,
    /// Something else that can be done: outlined.
    Plain,
    /// An aside: no outline.
    Quiet,
    /// Takes something away.
    Remove,
}

impl Weight {
    /// The class of a button of this weight.
    pub fn class(self) -> &'static str {
        match self {
            Self::Main => "button main",
            Self::Plain => "button",
            Self::Quiet => "button quiet",
            Self::Remove => "button remove",
        }
    }
}

/// A button. `test` is its stable name for tests.
pub fn button(
    weight: Weight,
    drawing: Option<Icon>,
    words: impl Into<Signal<String>>,
    test: &'static str,
    on_press: impl Fn() + 'static,
) -> AnyView {
    drawn_button(weight, drawing, words.into(), test, pressed(on_press))
}

fn drawn_button(
    weight: Weight,
    drawing: Option<Icon>,
    words: Signal<String>,
    test: &'static str,
    on_press: Box<dyn FnMut(MouseEvent)>,
) -> AnyView {
    view! {
        <button type="button" class=weight.class() data-testid=test on:click=on_press>
            {drawing.map(icon)}
            <span>{words}</span>
        </button>
    }
    .into_any()
}

/// A link that looks like a button.
pub fn link(
    weight: Weight,
    drawing: Option<Icon>,
    words: impl Into<String>,
    href: String,
    test: &'static str,
) -> AnyView {
    drawn_link(weight, drawing, words.into(), href, test)
}

fn drawn_link(
    weight: Weight,
    drawing: Option<Icon>,
    words: String,
    href: String,
    test: &'static str,
) -> AnyView {
    view! {
        <a class=weight.class() href=href data-testid=test>
            {drawing.map(icon)}
            <span>{words}</span>
        </a>
    }
    .into_any()
}
