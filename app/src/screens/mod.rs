//! What people see, one file a part of a screen. Screens talk to `state` alone; what they are made of stands in
//! `components`, what they say in `i18n`.

mod broken;
mod due;
mod home;
mod me;
mod naming;
mod parts;
mod people;
mod places;
mod report;
mod saved;
mod set_up;
mod sign_in;
mod styleguide;
mod sync_status;
mod tally;
mod theme;
mod visit;
mod visit_form;
mod visit_list;

use leptos::prelude::*;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::hooks::use_location;
use leptos_router::path;

use crate::components::action::{Weight, link};
use crate::components::navigation::navigation;
use crate::components::notice::demo_banner;
use crate::components::page::{Frame, page};
use crate::components::view::{dynamic, holds};
use crate::i18n::{LanguageSetting, tr};
use crate::screens::parts::sync_footer::sync_footer;
use crate::state::{AppState, Phase};

/// The whole interface.
#[component]
pub fn App() -> impl IntoView {
    let language = LanguageSetting::load();
    provide_context(language);
    provide_context(theme::ThemeSetting::load());
    provide_context(saved::Saved::new());
    move || {
        // The whole interface is drawn again in the new language.
        language.get();
        view! { <Router><Interface /></Router> }.into_any()
    }
}

#[component]
fn Interface() -> impl IntoView {
    let state = AppState::get();
    let phase = Memo::new(move |_| state.phase.get());
    let path = use_location().pathname;
    let guide = Memo::new(move |_| path.with(|path| path == "/styleguide"));
    move || {
        let demo = demo_banner(state.demo.into());
        if guide.get() {
            return view! { <div class="frame">{demo}{styleguide::styleguide()}</div> }.into_any();
        }
        let screen = match phase.get() {
            Phase::Ready => return ready(),
            Phase::Starting => page(
                Frame::default(),
                tr!(common.app).to_string(),
                (),
                view! { <p role="status">{tr!(common.opening).to_string()}</p> },
                None,
            ),
            Phase::NeedsSetUp => set_up::set_up(),
            Phase::SignedOut => sign_in::sign_in(),
            Phase::StoreBroken(problem) => broken::broken(&problem),
        };
        view! { <div class="frame">{demo}{screen}</div> }.into_any()
    }
}

/// Everything that a signed-in person sees.
fn ready() -> AnyView {
    let state = AppState::get();
    let path = use_location().pathname;
    // Screens with one task have no navigation on a phone; from 900 px on the rail always stands.
    let focused = Memo::new(move |_| path.with(|path| is_focused(path)));
    let reports = Memo::new(move |_| state.me.with(|me| me.as_ref().is_some_and(|me| me.access.reports)));
    let footer = sync_footer(state.outbox.into(), state.sync.into(), move || state.today());
    view! {
        <div class="frame" class:one-task=holds(move || focused.get())>
            {demo_banner(state.demo.into())}
            <Routes fallback=not_found>
                <Route path=path!("/") view=home::home />
                <Route path=path!("/visits") view=visit_list::visit_list />
                <Route path=path!("/visits/new") view=visit_form::new_visit />
                <Route path=path!("/visits/:id") view=visit::visit />
                <Route path=path!("/visits/:id/edit") view=visit_form::edit_visit />
                <Route path=path!("/visits/:id/tally") view=tally::tally />
                <Route path=path!("/sync") view=sync_status::sync_status />
                <Route path=path!("/report") view=report::report />
                <Route path=path!("/places") view=places::places />
                <Route path=path!("/people") view=people::people />
                <Route path=path!("/me") view=me::me />
            </Routes>
            {navigation(reports.into(), footer)}
        </div>
    }
    .into_any()
}

/// Whether the signed-in person may log visits anywhere.
fn may_log(state: AppState) -> bool {
    state.me.with(|me| me.as_ref().is_some_and(|me| me.access.grants.iter().any(|grant| grant.write)))
}

/// The button "Ghi hoạt động", for those who may.
fn log_button(state: AppState) -> AnyView {
    dynamic(move || {
        may_log(state).then(|| link(Weight::Main, None, tr!(home.log), "/visits/new".to_owned(), "new-visit"))
    })
}

fn is_focused(path: &str) -> bool {
    path.strip_prefix("/visits/")
        .is_some_and(|rest| rest == "new" || rest.ends_with("/edit") || rest.ends_with("/tally"))
}

fn not_found() -> AnyView {
    page(
        Frame::back("/"),
        tr!(common.not_found).to_string(),
        (),
        view! { <p>{tr!(common.not_found_hint).to_string()}</p> },
        None,
    )
}

#[cfg(test)]
mod tests {
    use super::is_focused;

    #[test]
    fn one_task_screens_have_no_navigation() {
        assert!(is_focused("/visits/new") && is_focused("/visits/07/edit") && is_focused("/visits/07/tally"));
        assert!(!is_focused("/visits") && !is_focused("/visits/07") && !is_focused("/"));
    }
}
