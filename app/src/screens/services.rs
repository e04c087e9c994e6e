//! Where people find help: services and hotlines, found by any word and called by a tap, with or without a connection.

use donghanh_shared::domain::aftercare::services::{Service, on_day};
use donghanh_shared::domain::aftercare::terms::SupportKind;
use donghanh_shared::domain::search::folded;
use leptos::prelude::*;

use super::naming;
use crate::components::action::{Weight, link};
use crate::components::icon::{Icon, icon};
use crate::components::page::{Frame, page};
use crate::components::view::{dynamic, entered, text_of};
use crate::i18n::format::capital;
use crate::i18n::{tr, words};
use crate::state::AppState;

/// Draws the screen.
pub fn services() -> AnyView {
    let state = AppState::get();
    let typed = RwSignal::new(String::new());
    let list = move || {
        let question = typed.with(|text| folded(text));
        let found: Vec<Service> = there(state).into_iter().filter(|one| one.answers(&question)).collect();
        if found.is_empty() {
            return view! { <p class="soft" data-testid="no-service">{tr!(services.none)}</p> }.into_any();
        }
        lines(state, found)
    };
    let administers = state.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.access.administers));
    let edit = administers.then(|| {
        link(Weight::Plain, Some(Icon::Pen), tr!(services.edit), "/rules".to_owned(), "edit-services")
    });
    let body = view! {
        <p class="soft">{tr!(services.hint)}</p>
        <div class="search" role="search">
            {icon(Icon::Search)}
            <input type="search" id="service-search" data-testid="service-search" autocomplete="off" enterkeyhint="search"
                aria-label=tr!(services.search).to_string() placeholder=tr!(services.search).to_string()
                prop:value=text_of(move || typed.get()) on:input=entered(move |text| typed.set(text)) />
        </div>
        {dynamic(list)}
        {edit}
    };
    page(Frame::back("/me"), tr!(services.title).to_string(), (), body, None)
}

/// Services of today: those of the person's ward and those of the whole area; all of them where there is no ward.
fn there(state: AppState) -> Vec<Service> {
    let home = state.me.with(|me| me.as_ref().and_then(|me| me.home_ward));
    let register = state.register.get();
    let serves = |one: &Service| match (home, one.ward) {
        (Some(home), Some(ward)) => register.ward_today(home) == register.ward_today(ward),
        _ => true,
    };
    let all = state.rules.with(|rules| rules.services());
    on_day(all, state.today()).into_iter().filter(serves).collect()
}

fn lines(state: AppState, found: Vec<Service>) -> AnyView {
    let register = state.register.get();
    let line = |one: Service| {
        let ward = one.ward.map(|ward| naming::ward(&register, ward));
        let parts = [Some(capital(words(one.kind))), Some(one.address.clone()), ward];
        let detail: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        let call = one.dials().map(|number| {
            let label = tr!(services.call, who = one.name.clone());
            view! { <a class="button" href=format!("tel:{number}") aria-label=label data-testid="call">{one.phone.clone()}</a> }
        });
        let mark = (!one.confirmed).then(|| {
            view! { <span class="mark wait">{icon(Icon::Clock)}<span>{tr!(rules.to_confirm)}</span></span> }
        });
        view! {
            <li class="row person" data-testid="service-row">
                <p class="strong">{one.name}</p>
                <p class="soft">{detail.join(" · ")}</p>
                <p class="soft small">{one.source}</p>
                <div class="line">{call}{mark}</div>
            </li>
        }
    };
    view! { <ul class="rows">{found.into_iter().map(line).collect_view()}</ul> }.into_any()
}

/// Where somebody who needs such support can be sent, short, and the way to all services; hotlines stand there always.
pub fn for_support(
    state: AppState,
    wanted: impl Fn() -> Vec<SupportKind> + Send + Sync + 'static,
) -> AnyView {
    let list = move || {
        let wanted = wanted();
        let fits = |one: &Service| wanted.iter().any(|support| one.helps_with(*support));
        let found: Vec<Service> = there(state).into_iter().filter(fits).collect();
        (!found.is_empty()).then(|| lines(state, found))
    };
    view! {
        <div class="stack">
            {dynamic(list)}
            {link(Weight::Quiet, Some(Icon::Search), tr!(services.open), "/services".to_owned(), "open-services")}
        </div>
    }
    .into_any()
}
