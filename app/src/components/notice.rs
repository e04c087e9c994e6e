//! Lines that tell something: the strip of demo data, notices that stay until read, the summary of what is wrong.

use donghanh_shared::domain::error::{Code, Problem};
use leptos::prelude::*;

use super::dom;
use super::field::Problems;
use super::icon::{Icon, icon};
use super::view::dynamic;
use crate::i18n::{language, tr};

/// What a notice is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    /// Something is as it should be.
    Good,
    /// Something waits, or wants to be known.
    Wait,
    /// Something failed.
    Fail,
}

/// A notice that stays.
pub fn notice(tone: Tone, content: impl IntoView + 'static) -> AnyView {
    drawn(tone, content.into_any())
}

fn drawn(tone: Tone, content: AnyView) -> AnyView {
    let (class, drawing) = match tone {
        Tone::Good => ("notice good", Icon::Check),
        Tone::Wait => ("notice wait", Icon::Clock),
        Tone::Fail => ("notice fail", Icon::Alert),
    };
    view! { <div class=class>{icon(drawing)}<div class="notice-body">{content}</div></div> }.into_any()
}

/// The strip above every screen of a demo.
pub fn demo_banner(demo: Signal<bool>) -> AnyView {
    dynamic(move || {
        let label = tr!(common.demo).to_string();
        demo.get().then(|| view! { <aside aria-label=label data-testid="demo-banner">{demo_strip()}</aside> })
    })
}

/// What the strip says.
pub fn demo_strip() -> AnyView {
    view! {
        <p class="demo-banner">
            <strong>{tr!(common.demo).to_string()}</strong>
            <span>{tr!(common.demo_hint).to_string()}</span>
        </p>
    }
    .into_any()
}

/// Why there is nothing to show of what only the server has.
pub fn not_read(problem: &Problem) -> AnyView {
    let why = match problem.code {
        Code::NoConnection => tr!(common.not_read).to_string(),
        _ => problem.sentence(language()).to_owned(),
    };
    notice(Tone::Wait, view! { <p data-testid="not-read">{why}</p> })
}

/// One problem, said as a notice.
pub fn problem_notice(problem: Signal<Option<Problem>>) -> AnyView {
    view! {
        <div role="alert">
            {dynamic(move || problem.get().map(|problem| notice(Tone::Fail, problem.sentence(language()))))}
        </div>
    }
    .into_any()
}

/// What must be mended before a form can be saved, each line a link to its field. `target` gives the id of a field.
pub fn error_summary(problems: Problems, target: fn(&str) -> String) -> AnyView {
    let line = move |problem: Problem| {
        let id = target(problem.field.as_deref().unwrap_or_default());
        let href = format!("#{id}");
        let go = move |event: leptos::ev::MouseEvent| {
            event.prevent_default();
            dom::focus(&id);
        };
        view! { <li><a href=href rel="external" on:click=go>{problem.sentence(language())}</a></li> }
    };
    view! {
        <div id="error-summary" tabindex="-1" role="alert">
            {dynamic(move || {
                let all = problems.get();
                (!all.is_empty()).then(|| {
                    view! {
                        <div class="notice fail" data-testid="error-summary">
                            {icon(Icon::Alert)}
                            <div class="notice-body">
                                <h2>{tr!(common.mend_first).to_string()}</h2>
                                <ul class="problem-list">{all.into_iter().map(line).collect_view()}</ul>
                            </div>
                        </div>
                    }
                })
            })}
        </div>
    }
    .into_any()
}
