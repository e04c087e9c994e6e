//! What people see, one file a part of a screen. Screens talk to `state` alone; what they are made of stands in
//! `components`, what they say in `i18n`.

mod access_log;
mod assignment;
mod assignment_form;
mod broken;
mod care;
mod case_form;
mod check_in_form;
mod code;
mod devices;
mod drive;
mod drive_form;
mod due;
mod form;
mod handed_over;
mod home;
mod join;
mod lock;
mod me;
mod model;
mod model_form;
mod naming;
mod new_secret;
mod parts;
mod people;
mod places;
mod record;
mod recovered;
mod report;
mod review;
mod revoked;
mod route;
mod rules;
mod safety;
mod saved;
mod services;
mod set_up;
mod sign_in;
mod styleguide;
mod sync_status;
mod tally;
mod theme;
mod visit;
mod visit_form;
mod visit_list;

use donghanh_shared::access::Scope;
use leptos::prelude::*;

use crate::components::action::{Weight, link};
use crate::components::address;
use crate::components::navigation::navigation;
use crate::components::notice::demo_banner;
use crate::components::page::{Frame, page};
use crate::components::still::Still;
use crate::components::view::{dynamic, holds};
use crate::i18n::{LanguageSetting, tr};
use crate::screens::parts::sync_footer::sync_footer;
use crate::screens::route::Route;
use crate::state::{AppState, Me, Phase};

/// The whole interface.
#[component]
pub fn App() -> impl IntoView {
    let language = LanguageSetting::load();
    provide_context(language);
    provide_context(theme::ThemeSetting::load());
    provide_context(saved::Saved::new());
    let state = AppState::get();
    let still = Still::counted_in(state.still);
    still.while_pressed();
    provide_context(still);
    Effect::new(move || {
        if state.still.get() == 0 {
            state.catch_up();
        }
    });
    move || {
        // The whole interface is drawn again in the new language.
        language.get();
        interface()
    }
}

fn interface() -> AnyView {
    let state = AppState::get();
    let phase = Memo::new(move |_| state.phase.get());
    let path = address::path();
    let route = Memo::new(move |_| path.with(|path| Route::of(path)));
    let guide = Memo::new(move |_| route.get() == Route::Styleguide);
    let signs_in = Memo::new(move |_| route.get() == Route::SignIn);
    dynamic(move || {
        let demo = demo_banner(state.demo.into());
        if guide.get() {
            return view! { <div class="frame">{demo}{styleguide::styleguide()}</div> }.into_any();
        }
        if let Some(invitation) = state.invitation.get() {
            return view! { <div class="frame">{demo}{join::join(invitation)}</div> }.into_any();
        }
        let screen = match phase.get() {
            Phase::Ready => return ready(route),
            Phase::Starting => page(
                Frame::default(),
                tr!(common.app).to_string(),
                (),
                view! { <p role="status">{tr!(common.opening).to_string()}</p> },
                None,
            ),
            Phase::NeedsSetUp if state.set_up_token.with(Option::is_none) => set_up::by_link(),
            Phase::NeedsSetUp => set_up::set_up(),
            Phase::SignedOut => sign_in::sign_in(),
            Phase::Locked if signs_in.get() => sign_in::sign_in(),
            Phase::Locked => lock::lock(),
            Phase::NewCode => code::new_code(),
            Phase::NewSecret(reason) => new_secret::new_secret(reason),
            Phase::Revoked(handed_over) => revoked::revoked(handed_over),
            Phase::StoreBroken(problem) => broken::broken(&problem),
        };
        view! { <div class="frame">{demo}{screen}</div> }.into_any()
    })
}

/// Everything that a signed-in person sees.
fn ready(route: Memo<Route>) -> AnyView {
    let state = AppState::get();
    // Screens with one task have no navigation on a phone; from 900 px on the rail always stands.
    let one_task = holds(move || route.get().is_one_task());
    let reports = Memo::new(move |_| {
        let reads = |me: &Me| me.access.reports || !me.access.aftercare_counts.is_empty();
        state.me.with(|me| me.as_ref().is_some_and(reads))
    });
    let footer = sync_footer(state.outbox.into(), state.sync.into(), move || state.today());
    view! {
        <div class="frame" class:one-task=one_task>
            {demo_banner(state.demo.into())}
            {dynamic(move || route.get().draw())}
            {navigation(reports.into(), footer)}
        </div>
    }
    .into_any()
}

/// Whether the signed-in person may log visits anywhere.
fn may_log(state: AppState) -> bool {
    state.me.with(|me| {
        me.as_ref().is_some_and(|me| {
            me.access.activity_wards().any(|ward| me.access.may_write(&Scope::Activity(ward)))
        })
    })
}

/// Whether the signed-in person is the contact person of a school and logs nothing else: home, list and form offer the pledge
/// drives of the school alone.
fn is_of_school_alone(state: AppState) -> bool {
    let contact = state.me.with(|me| me.as_ref().is_some_and(|me| !me.access.contacts.is_empty()));
    contact && !may_log(state)
}

/// The button "Ghi hoạt động", for those who may; "Ghi đợt ký cam kết" for the contact person of a school.
fn log_button(state: AppState) -> AnyView {
    dynamic(move || {
        let one = |words: &str, to: &str, test| Some(link(Weight::Main, None, words, to.to_owned(), test));
        match (may_log(state), is_of_school_alone(state)) {
            (true, _) => one(tr!(home.log), "/visits/new", "new-visit"),
            (false, true) => one(tr!(assignment.start_drive), "/drives/new", "new-drive"),
            (false, false) => None,
        }
    })
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
