//! Choosing a place: recent ones first, search without marks, and "add a new place" for what the register lacks.

use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::place::{Place, PlaceKind, PlaceStatus};
use donghanh_shared::domain::search::{folded, matches};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::PlaceId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::action::{Weight, button};
use crate::components::dialog::dialog;
use crate::components::field::{TextKind, no_problem, select_field, text_field};
use crate::components::icon::{Icon, icon};
use crate::components::notice::problem_notice;
use crate::components::view::{dynamic, entered, holds, pressed, text_of};
use crate::i18n::format::capital;
use crate::i18n::{tr, words};
use crate::state::AppState;

/// How many places one list shows; who needs more types another letter.
const SHOWN: usize = 40;
/// How many recent places stand first.
const RECENT: usize = 6;

/// What the picker needs to know.
#[derive(Clone, Copy)]
pub struct PlacePicker {
    /// Whether it is open.
    pub open: RwSignal<bool>,
    /// The ward whose places are offered.
    pub ward: Signal<Option<WardRef>>,
    /// The day on which they must exist.
    pub day: Signal<Date>,
    /// Households are not offered (private forms name the residential group at finest).
    pub private: Signal<bool>,
    /// The place chosen.
    pub on_pick: Callback<PlaceId>,
}

/// Draws the picker, a dialog.
pub fn place_picker(id: &'static str, picker: PlacePicker) -> AnyView {
    dialog(id, picker.open, tr!(place.choose).to_string(), move || content(picker))
}

fn content(picker: PlacePicker) -> AnyView {
    let question = RwSignal::new(String::new());
    let adding = RwSignal::new(false);
    let pick = move |place: PlaceId| {
        picker.open.set(false);
        picker.on_pick.run(place);
    };
    let search = view! {
        <div class="search">
            {icon(Icon::Search)}
            <input type="search" id="place-search" data-testid="place-search" autocomplete="off"
                aria-label=tr!(place.search).to_string() placeholder=tr!(place.search).to_string()
                prop:value=text_of(move || question.get())
                on:input=entered(move |text| question.set(text)) />
        </div>
    };
    crate::components::dom::focus_later("place-search");
    view! {
        {dynamic(move || if adding.get() {
            new_place(picker, question.get_untracked(), Callback::new(pick), adding)
        } else {
            ().into_any()
        })}
        <div class="stack" hidden=holds(move || adding.get())>
            {search}
            <ul class="options">{dynamic(move || found(picker, &question.get(), pick))}</ul>
            {button(Weight::Plain, Some(Icon::Plus), tr!(place.add).to_string(), "place-add", move || adding.set(true))}
        </div>
    }
    .into_any()
}

fn found(
    picker: PlacePicker,
    question: &str,
    pick: impl Fn(PlaceId) + Copy + Send + Sync + 'static,
) -> AnyView {
    let state = AppState::get();
    let Some(ward) = picker.ward.get() else {
        return view! { <li class="soft">{tr!(place.ward_first).to_string()}</li> }.into_any();
    };
    let (register, private) = (state.register.get(), picker.private.get());
    let question = folded(question);
    let mut places: Vec<&Place> = register
        .places_of(ward, None, picker.day.get())
        .into_iter()
        .filter(|place| !(private && place.kind == PlaceKind::Household))
        .filter(|place| question.is_empty() || matches(&folded(&place.name), &question))
        .collect();
    if question.is_empty() {
        let recent = recent_places(state);
        places.sort_by_key(|place| recent.iter().position(|id| *id == place.id).unwrap_or(RECENT));
    }
    if places.is_empty() {
        return view! { <li class="soft">{tr!(place.none).to_string()}</li> }.into_any();
    }
    let more = (places.len() > SHOWN).then(|| {
        view! { <li class="soft small">{tr!(place.more, n = places.len() - SHOWN)}</li> }
    });
    let options = places.into_iter().take(SHOWN).map(|place| option(place, pick)).collect_view();
    view! { {options}{more} }.into_any()
}

fn option(place: &Place, pick: impl Fn(PlaceId) + 'static) -> AnyView {
    let id = place.id;
    let waiting = (place.status == PlaceStatus::Proposed).then(|| format!(" · {}", words(place.status)));
    let detail = format!("{}{}", capital(words(place.kind)), waiting.unwrap_or_default());
    view! {
        <li>
            <button type="button" class="option" data-testid="place-option" on:click=pressed(move || pick(id))>
                <span>{place.name.clone()}</span>
                <span class="soft small">{detail}</span>
            </button>
        </li>
    }
    .into_any()
}

/// The venues of the records last changed, each once.
fn recent_places(state: AppState) -> Vec<PlaceId> {
    let mut recent = Vec::with_capacity(RECENT);
    state.summaries.with(|rows| {
        for venue in rows.iter().take(60).filter_map(|row| row.summary.place) {
            if recent.len() < RECENT && !recent.contains(&venue) {
                recent.push(venue);
            }
        }
    });
    recent
}

fn new_place(picker: PlacePicker, typed: String, pick: Callback<PlaceId>, adding: RwSignal<bool>) -> AnyView {
    let state = AppState::get();
    let name = RwSignal::new(typed);
    let kind = RwSignal::new(PlaceKind::School);
    let problem = RwSignal::new(None);
    let private = picker.private;
    let kinds = Signal::derive(move || {
        PlaceKind::ALL
            .iter()
            .filter(|kind| !(private.get() && **kind == PlaceKind::Household))
            .map(|kind| (kind.code().to_owned(), capital(words(*kind))))
            .collect()
    });
    let choose_kind =
        Callback::new(move |code: String| kind.set(PlaceKind::parse(&code).unwrap_or(PlaceKind::Other)));
    let busy = StoredValue::new(false);
    let add = move || {
        let Some(ward) = picker.ward.get_untracked() else {
            return problem.set(Some(Problem::new(Code::WardUnknown)));
        };
        // Pressed twice, there would be two of it.
        if busy.try_update_value(|busy| std::mem::replace(busy, true)) != Some(false) {
            return;
        }
        let (kind, name) = (kind.get_untracked(), name.get_untracked());
        spawn_local(async move {
            match state.propose_place(ward, kind, &name).await {
                // Closed meanwhile, nobody waits for it.
                Ok(id) => drop(pick.try_run(id)),
                Err(found) => drop(problem.try_set(Some(found))),
            }
            busy.try_set_value(false);
        });
    };
    crate::components::dom::focus_later("place-name");
    view! {
        <div class="stack">
            {problem_notice(problem.into())}
            <p class="soft">{tr!(place.add_hint).to_string()}</p>
            {text_field("place-name", tr!(place.name), None, TextKind::text("place-name"), name, no_problem())}
            {select_field("place-kind", tr!(place.kind), None, kinds, Signal::derive(move || kind.get().code().to_owned()), choose_kind, no_problem())}
            <div class="line">
                {button(Weight::Main, None, tr!(place.add_this).to_string(), "place-add-save", add)}
                {button(Weight::Quiet, None, tr!(common.cancel).to_string(), "place-add-cancel", move || adding.set(false))}
            </div>
        </div>
    }
    .into_any()
}
