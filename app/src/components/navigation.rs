//! The four places of the app: a bar at the thumb, a rail at the left from 900 px on.

use leptos::prelude::*;

use super::address;
use super::icon::{Icon, icon};
use super::view::dynamic;
use crate::i18n::tr;

/// Draws the navigation; `footer` (the state of sync) stands below it. Reports stand there for those who may see them.
pub fn navigation(reports: Signal<bool>, footer: AnyView) -> AnyView {
    let path = address::path();
    let item = move |to: &'static str, drawing: Icon, words: String, inside: fn(&str) -> bool| {
        let current = move || path.with(|path| inside(path)).then_some("page");
        view! { <li><a href=to aria-current=current>{icon(drawing)}<span>{words}</span></a></li> }
    };
    view! {
        <nav class="navigation" aria-label=tr!(navigation.label).to_string()>
            <p class="brand"><img src="/icons/mark.svg" width="32" height="32" alt="" />{tr!(common.app).to_string()}</p>
            <ul>
                {item("/", Icon::Tasks, tr!(navigation.tasks).to_string(), |path| path == "/")}
                {item("/visits", Icon::Search, tr!(navigation.find).to_string(), |path| path.starts_with("/visits"))}
                {dynamic(move || reports.get().then(|| {
                    item("/report", Icon::Chart, tr!(navigation.report).to_string(), |path| path.starts_with("/report"))
                }))}
                {item("/me", Icon::Person, tr!(navigation.me).to_string(), |path| {
                    ["/me", "/sync", "/people", "/places"].iter().any(|own| path.starts_with(own))
                })}
            </ul>
            {footer}
        </nav>
    }
    .into_any()
}
