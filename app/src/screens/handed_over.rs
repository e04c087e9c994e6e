//! What phones that were taken off handed over, and edits of people whose right had ended: by person, to be taken in or left out by
//! whoever is in charge of the ward; and what was brought back after the server was put back.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::domain::error::Problem;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::action::{Weight, button};
use crate::components::notice::{not_read, problem_notice};
use crate::components::page::{Frame, page};
use crate::components::view::dynamic;
use crate::i18n::tr;
use crate::screens::naming;
use crate::screens::recovered::recovered;
use crate::state::{AppState, HandedOver, Reason, Recovered};

/// Draws the screen.
pub fn handed_over() -> AnyView {
    let state = AppState::get();
    let found = RwSignal::new(None::<Result<(Vec<HandedOver>, Vec<Recovered>), Problem>>);
    let problem = RwSignal::new(None);
    let read = move || {
        spawn_local(async move {
            found.try_set(Some(both(state).await));
        });
    };
    read();
    let decide = move |ids: Vec<u64>, take: bool| {
        spawn_local(async move {
            problem.try_set(state.decide_handed_over(&ids, take).await.err());
            read();
        });
    };
    let see = move |seen: Vec<Recovered>| {
        spawn_local(async move {
            problem.try_set(state.see_recovered(&seen).await.err());
            read();
        });
    };
    let drawn = move |items: Vec<HandedOver>, brought: Vec<Recovered>| {
        let waiting = by_person(items, decide).map(|rows| view! { <p>{tr!(handed_over.what)}</p>{rows} });
        let brought = (!brought.is_empty()).then(|| recovered(state, brought, see));
        if waiting.is_none() && brought.is_none() {
            return view! { <p class="soft" data-testid="handed-over-none">{tr!(handed_over.none)}</p> }
                .into_any();
        }
        view! { {waiting}{brought} }.into_any()
    };
    let list = move || match found.get() {
        None => view! { <p class="soft" role="status">{tr!(people.reading)}</p> }.into_any(),
        Some(Err(problem)) => not_read(&problem),
        Some(Ok((items, brought))) => drawn(items, brought),
    };
    let body = view! {
        {problem_notice(problem.into())}
        {dynamic(list)}
    };
    page(Frame::back("/me"), tr!(me.handed_over).to_string(), (), body, None)
}

async fn both(state: AppState) -> Result<(Vec<HandedOver>, Vec<Recovered>), Problem> {
    Ok((state.handed_over().await?, state.recovered().await?))
}

fn by_person(items: Vec<HandedOver>, decide: impl Fn(Vec<u64>, bool) + Copy + 'static) -> Option<AnyView> {
    let mut people: BTreeMap<(String, Reason), Vec<HandedOver>> = BTreeMap::new();
    for item in items.into_iter().filter(|item| item.decided.is_none()) {
        people.entry((item.person.name.clone(), item.reason)).or_default().push(item);
    }
    if people.is_empty() {
        return None;
    }
    let rows = people.into_iter().map(|((name, reason), items)| {
        let reason = match reason {
            Reason::DeviceRevoked => tr!(handed_over.device_revoked),
            Reason::RightEnded => tr!(handed_over.right_ended),
        };
        let ids: Vec<u64> = items.iter().map(|item| item.id).collect();
        let (count, again) = (ids.len(), ids.clone());
        let records = items.iter().filter_map(|item| item.document.as_ref()).collect::<BTreeSet<_>>().len();
        let at = items.iter().map(|item| item.received).max().unwrap_or_default();
        view! {
            <li class="row person" data-testid="handed-over-row">
                <p class="strong">{name}</p>
                <p data-testid="handed-over-reason">{reason.to_string()}</p>
                <p class="soft">{tr!(handed_over.items, records = records, n = count, when = naming::moment(at))}</p>
                <div class="line">
                    {button(Weight::Main, None, tr!(handed_over.take).to_string(), "handed-over-take", move || decide(ids.clone(), true))}
                    {button(Weight::Quiet, None, tr!(handed_over.leave).to_string(), "handed-over-leave", move || decide(again.clone(), false))}
                </div>
            </li>
        }
    });
    Some(view! { <ul class="rows">{rows.collect_view()}</ul> }.into_any())
}
