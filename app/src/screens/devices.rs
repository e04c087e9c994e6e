//! Phones and other devices: mine, and for those in charge everybody's. One that was lost is taken off here: at its next
//! contact it hands over what was not sent, then it is empty.

use donghanh_shared::domain::error::Problem;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::action::{Weight, button};
use crate::components::dialog::dialog;
use crate::components::notice::{not_read, problem_notice};
use crate::components::page::{Frame, page};
use crate::components::view::dynamic;
use crate::i18n::tr;
use crate::screens::naming;
use crate::state::{AppState, DeviceLine};

/// Draws the screen.
pub fn devices() -> AnyView {
    let state = AppState::get();
    let found = RwSignal::new(None::<Result<Vec<DeviceLine>, Problem>>);
    let asked = RwSignal::new(None::<DeviceLine>);
    let open = RwSignal::new(false);
    let problem = RwSignal::new(None);
    let read = move || {
        spawn_local(async move {
            found.try_set(Some(state.devices().await));
        });
    };
    read();
    let ask = move |line: DeviceLine| {
        asked.set(Some(line));
        open.set(true);
    };
    let list = move || match found.get() {
        None => view! { <p class="soft" role="status">{tr!(people.reading)}</p> }.into_any(),
        Some(Err(problem)) => not_read(&problem),
        Some(Ok(lines)) => {
            let rows = lines.into_iter().map(|line| device(line, ask)).collect_view();
            view! { <ul class="rows" data-testid="devices">{rows}</ul> }.into_any()
        }
    };
    let revoke = move || {
        let Some(line) = asked.get_untracked() else { return };
        spawn_local(async move {
            let outcome = state.revoke_device(line.id).await;
            open.try_set(false);
            problem.try_set(outcome.err());
            read();
        });
    };
    let content = move || {
        let name =
            asked.get().map(|line| format!("{} · {}", line.person.name, line.name)).unwrap_or_default();
        view! {
            <div class="stack">
                <p class="strong">{name}</p>
                <p>{tr!(devices.revoke_what)}</p>
                <div class="line">
                    {button(Weight::Main, None, tr!(common.cancel).to_string(), "revoke-cancel", move || open.set(false))}
                    {button(Weight::Remove, None, tr!(devices.revoke).to_string(), "revoke-sure", revoke)}
                </div>
            </div>
        }
        .into_any()
    };
    let body = view! {
        {problem_notice(problem.into())}
        {dynamic(list)}
        {dialog("revoke-dialog", open, tr!(devices.revoke_title).to_string(), content)}
    };
    page(Frame::back("/me"), tr!(me.devices).to_string(), (), body, None)
}

fn device(line: DeviceLine, ask: impl Fn(DeviceLine) + Copy + 'static) -> AnyView {
    let mut parts = Vec::new();
    if line.this {
        parts.push(tr!(devices.this).to_string());
    }
    parts.push(match line.last_seen_at {
        Some(at) => tr!(devices.seen, when = naming::moment(at)),
        None => tr!(devices.joined, when = naming::moment(line.created_at)),
    });
    parts.extend(line.waiting.filter(|n| *n > 0).map(|n| tr!(devices.waiting, n = n)));
    if let Some(at) = line.revoked_at {
        parts.push(tr!(devices.revoked, when = naming::moment(at)));
        let empty = line.wiped_at.map(|at| tr!(devices.wiped, when = naming::moment(at)));
        parts.push(empty.unwrap_or_else(|| tr!(devices.not_wiped).to_string()));
        if line.handed_over > 0 {
            parts.push(tr!(devices.handed_over, n = line.handed_over));
        }
    }
    let (gone, this) = (line.revoked_at.is_some(), line.this);
    let heading = format!("{} · {}", line.person.name, line.name);
    let revoke = (!gone && !this).then(|| {
        button(Weight::Quiet, None, tr!(devices.revoke).to_string(), "revoke", move || ask(line.clone()))
    });
    view! {
        <li class="row person" data-testid="device-row">
            <p class="strong">{heading}</p>
            <p class="soft">{parts.join(" · ")}</p>
            {revoke}
        </li>
    }
    .into_any()
}
