//! Nothing that is typed would last: the browser's store cannot be opened. Says so, and what to do.

use donghanh_shared::domain::error::Problem;
use leptos::prelude::*;

use crate::components::action::{Weight, button};
use crate::components::notice::{Tone, notice};
use crate::components::page::{Frame, page};
use crate::i18n::{language, tr};

/// Draws the screen.
pub fn broken(problem: &Problem) -> AnyView {
    let reload = || {
        // A page that cannot reload itself can still be reloaded by its person.
        let _ = window().location().reload();
    };
    let body = view! {
        <div class="stack">
            {notice(Tone::Fail, view! { <p>{problem.sentence(language())}</p> })}
            <p>{tr!(broken.what_to_do).to_string()}</p>
            {button(Weight::Main, None, tr!(broken.reload).to_string(), "reload", reload)}
        </div>
    };
    page(Frame::default(), tr!(broken.title).to_string(), (), body, None)
}
