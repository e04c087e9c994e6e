//! Places that wait for approval: a supervisor takes them into the register, or says which registered one they are.

use donghanh_shared::domain::error::Problem;
use donghanh_shared::domain::place::{Place, PlaceStatus};
use donghanh_shared::domain::search::{folded, matches};
use donghanh_shared::ids::PlaceId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::naming;
use crate::components::action::{Weight, button};
use crate::components::dialog::dialog;
use crate::components::icon::{Icon, icon};
use crate::components::list::keyed;
use crate::components::notice::problem_notice;
use crate::components::page::{Frame, page};
use crate::components::view::{dynamic, entered, pressed};
use crate::i18n::format::capital;
use crate::i18n::{tr, words};
use crate::state::AppState;

/// How many registered places the choice shows at once.
const SHOWN: usize = 30;

/// Draws the screen.
pub fn places() -> AnyView {
    let state = AppState::get();
    let problem = RwSignal::new(None::<Problem>);
    let merging = RwSignal::new(None::<Place>);
    let open = RwSignal::new(false);
    let waiting = move || state.register.with(|all| all.proposed().cloned().collect::<Vec<Place>>());
    let none = Memo::new(move |_| state.register.with(|all| all.proposed().next().is_none()));
    let rows = move || {
        if none.get() {
            return view! { <p class="soft">{tr!(places.none).to_string()}</p> }.into_any();
        }
        let draw = move |place: &Place| proposed(state, place, problem, merging, open);
        view! { <ul class="rows">{keyed(waiting, |place| place.id.to_string(), draw)}</ul> }.into_any()
    };
    let body = view! {
        <p class="soft">{tr!(places.hint).to_string()}</p>
        {problem_notice(problem.into())}
        {dynamic(rows)}
        {dialog("merge-dialog", open, tr!(places.merge_title).to_string(), move || choice(state, merging, open, problem))}
    };
    page(Frame::back("/me"), tr!(places.title).to_string(), (), body, None)
}

fn proposed(
    state: AppState,
    place: &Place,
    problem: RwSignal<Option<Problem>>,
    merging: RwSignal<Option<Place>>,
    open: RwSignal<bool>,
) -> AnyView {
    let (id, whole) = (place.id, place.clone());
    let ward =
        place.wards.last().map(|stay| state.register.with_untracked(|all| naming::ward(all, stay.ward)));
    let detail = format!("{} · {}", capital(words(place.kind)), ward.unwrap_or_default());
    let approve = move || {
        spawn_local(async move {
            problem.try_set(state.approve_place(id).await.err());
        });
    };
    let merge = move || {
        merging.set(Some(whole.clone()));
        open.set(true);
    };
    view! {
        <li class="row stack proposed" data-testid="proposed-place">
            <div>
                <p class="strong">{place.name.clone()}</p>
                <p class="soft">{detail}</p>
            </div>
            <div class="line">
                {button(Weight::Plain, Some(Icon::Check), tr!(places.approve).to_string(), "approve-place", approve)}
                {button(Weight::Quiet, None, tr!(places.merge).to_string(), "merge-place", merge)}
            </div>
        </li>
    }
    .into_any()
}

/// The registered places of the same ward and kind, searched.
fn choice(
    state: AppState,
    merging: RwSignal<Option<Place>>,
    open: RwSignal<bool>,
    problem: RwSignal<Option<Problem>>,
) -> AnyView {
    let Some(place) = merging.get_untracked() else { return ().into_any() };
    let typed = RwSignal::new(String::new());
    let from = place.id;
    let pick = move |into: PlaceId| {
        open.set(false);
        spawn_local(async move {
            problem.try_set(state.merge_place(from, into).await.err());
        });
    };
    let (kind, stay) = (place.kind, place.wards.last().copied());
    let options = move || {
        let question = typed.with(|text| folded(text));
        let register = state.register.get();
        let found = register.places.iter().filter(|other| {
            other.status == PlaceStatus::Registered
                && other.kind == kind
                && stay.is_none_or(|stay| other.lies_in(stay.ward, &stay.span))
                && matches(&folded(&other.name), &question)
        });
        let option = |other: &Place| {
            let id = other.id;
            view! { <li><button type="button" class="option" data-testid="merge-option" on:click=pressed(move || pick(id))>{other.name.clone()}</button></li> }
        };
        found.take(SHOWN).map(option).collect_view()
    };
    view! {
        <div class="stack">
            <p>{tr!(places.merge_hint, name = place.name)}</p>
            <div class="search">
                {icon(Icon::Search)}
                <input type="search" data-testid="merge-search" autocomplete="off" aria-label=tr!(place.search).to_string()
                    placeholder=tr!(place.search).to_string() on:input=entered(move |text| typed.set(text)) />
            </div>
            <ul class="options">{dynamic(options)}</ul>
        </div>
    }
    .into_any()
}
