//! The frame of one screen: its heading, the way back, its body, and the dock with the main action at the thumb.

use std::cell::Cell;

use leptos::prelude::*;

use super::dom;
use super::icon::{Icon, icon};
use crate::i18n::tr;

thread_local! {
    /// Whether a screen was shown before: only then does the heading take the focus, as after a followed link.
    static SHOWN: Cell<bool> = const { Cell::new(false) };
}

/// How a screen is framed.
#[derive(Clone, Default)]
pub struct Frame {
    /// Where "back" leads.
    pub back: Option<String>,
    /// Tables need the whole width.
    pub wide: bool,
    /// One task only: no navigation on narrow screens.
    pub focused: bool,
}

impl Frame {
    /// A screen reached from another one.
    pub fn back(to: impl Into<String>) -> Self {
        Self { back: Some(to.into()), ..Self::default() }
    }

    /// The same with the whole width.
    pub fn wide(self) -> Self {
        Self { wide: true, ..self }
    }

    /// The same with nothing but its task.
    pub fn focused(self) -> Self {
        Self { focused: true, ..self }
    }
}

/// Draws a screen. `aside` stands at the end of the heading line.
pub fn page(
    frame: Frame,
    title: impl Into<Signal<String>>,
    aside: impl IntoView + 'static,
    body: impl IntoView + 'static,
    dock: Option<AnyView>,
) -> AnyView {
    drawn(frame, title.into(), aside.into_any(), body.into_any(), dock)
}

fn drawn(
    frame: Frame,
    title: Signal<String>,
    aside: AnyView,
    body: AnyView,
    dock: Option<AnyView>,
) -> AnyView {
    Effect::new(move || document().set_title(&format!("{} · {}", title.get(), tr!(common.app))));
    if SHOWN.replace(true) {
        dom::rest_on_later("page-title");
    }
    let class = format!(
        "page{}{}",
        if frame.wide { " wide" } else { "" },
        if frame.focused { " focused" } else { "" },
    );
    let back = frame.back.map(|to| {
        view! { <a class="back" href=to aria-label=tr!(common.back).to_string() data-testid="back">{icon(Icon::Back)}</a> }
    });
    view! {
        <main class=class>
            <header class="page-head">
                {back}
                <h1 id="page-title" tabindex="-1">{title}</h1>
                {aside}
            </header>
            <div class="page-body">{body}</div>
            {dock.map(|dock| view! { <div class="dock">{dock}</div> })}
        </main>
    }
    .into_any()
}

/// A part of a screen with its heading.
pub fn section(heading: impl Into<String>, content: impl IntoView + 'static) -> AnyView {
    drawn_section(heading.into(), content.into_any())
}

fn drawn_section(heading: String, content: AnyView) -> AnyView {
    view! { <section class="part"><h2>{heading}</h2>{content}</section> }.into_any()
}
