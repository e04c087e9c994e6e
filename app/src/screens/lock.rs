//! The records are closed: who uses this phone, what opens them, and what can be done when it is forgotten. Sending goes on
//! meanwhile, and says so.

use donghanh_shared::ids::{InstanceId, PersonId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::me::language_choice;
use crate::browser;
use crate::components::action::{Weight, button, link};
use crate::components::choice::one_of;
use crate::components::dialog::dialog;
use crate::components::field::{TextKind, no_problem, text_field};
use crate::components::notice::{Tone, notice, problem_notice};
use crate::components::page::{Frame, page};
use crate::components::view::dynamic;
use crate::i18n::tr;
use crate::state::{AppState, PersonHere};

type Who = (InstanceId, PersonId);

fn who(person: &PersonHere) -> Who {
    (person.instance, person.person)
}

fn code(who: Who) -> String {
    format!("{}-{}", who.0, who.1)
}

/// Draws the screen.
pub fn lock() -> AnyView {
    let state = AppState::get();
    let chosen = RwSignal::new(state.people_here.with_untracked(|people| people.first().map(who)));
    let current = Memo::new(move |_| {
        state
            .people_here
            .with(|people| people.iter().find(|person| Some(who(person)) == chosen.get()).cloned())
    });
    let body = view! {
        {choice(state, chosen)}
        {dynamic(move || current.get().map(|person| opening(state, person)))}
        <div class="quiet-legend">{language_choice("language")}</div>
    };
    page(Frame::default(), tr!(lock.title).to_string(), (), body, None)
}

/// Several people share this phone: which of them is it?
fn choice(state: AppState, chosen: RwSignal<Option<Who>>) -> AnyView {
    dynamic(move || {
        let people = state.people_here.get();
        (people.len() > 1).then(|| {
            let ids: Vec<Who> = people.iter().map(who).collect();
            let chips: Vec<_> =
                people.iter().map(|person| (code(who(person)), person.name.clone())).collect();
            let choose = Callback::new(move |name: String| {
                chosen.set(ids.iter().find(|id| code(**id) == name).copied());
            });
            let now = Signal::derive(move || chosen.get().map(code));
            one_of("lock-person", tr!(lock.who), Signal::stored(chips), now, choose, no_problem())
        })
    })
}

fn opening(state: AppState, person: PersonHere) -> AnyView {
    let id = who(&person);
    let typed = RwSignal::new(String::new());
    let problem = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let tried = typed.get_untracked();
        spawn_local(async move {
            let outcome = state.unlock(id, &tried).await;
            // After success this screen is gone.
            busy.try_set(false);
            if outcome.is_err() {
                typed.try_set(String::new());
            }
            problem.try_set(outcome.err());
        });
    };
    let own = move || {
        spawn_local(async move {
            problem.try_set(state.unlock_own(id).await.err());
        });
    };
    let label = if person.phrase { tr!(lock.phrase).to_string() } else { tr!(lock.pin).to_string() };
    let kind = TextKind { kind: "password", autocomplete: "off", test: "lock-secret" };
    let words = move || if busy.get() { tr!(lock.busy).to_string() } else { tr!(lock.open).to_string() };
    let form = view! {
        <form class="stack" on:submit=submit>
            {text_field("lock-secret", label, None, kind, typed, no_problem())}
            <button type="submit" class=Weight::Main.class() data-testid="unlock">{words}</button>
        </form>
    };
    let form = if person.typed {
        form.into_any()
    } else {
        notice(Tone::Wait, view! { <p data-testid="locked-out">{tr!(lock.locked_out).to_string()}</p> })
    };
    let own_lock =
        person.own_lock.then(|| button(Weight::Plain, None, tr!(lock.own).to_string(), "unlock-own", own));
    view! {
        <div class="stack">
            <p class="strong" data-testid="lock-name">{person.name.clone()}</p>
            {waiting(state, &person)}
            {problem_notice(problem.into())}
            {form}
            {own_lock}
            {forgotten(state, person)}
        </div>
    }
    .into_any()
}

fn waiting(state: AppState, person: &PersonHere) -> AnyView {
    let (id, waiting) = (who(person), person.waiting);
    dynamic(move || {
        let sent = state.locked_sent.with(|sent| sent.get(&id).copied().unwrap_or(0));
        (waiting > 0).then(|| {
            let words = if sent >= waiting {
                tr!(lock.all_sent, n = waiting)
            } else if sent > 0 {
                tr!(lock.some_sent, n = waiting, sent = sent)
            } else {
                tr!(lock.waiting, n = waiting)
            };
            view! { <p class="soft" role="status" data-testid="lock-waiting">{words}</p> }
        })
    })
}

/// What can be done without the PIN: sign in, take what waits along, remove the rest.
fn forgotten(state: AppState, person: PersonHere) -> AnyView {
    let id = who(&person);
    let open = RwSignal::new(false);
    let removing = RwSignal::new(false);
    let problem = RwSignal::new(None);
    let export = move || {
        spawn_local(async move {
            match state.rescue_file(id).await {
                Ok(bytes) => browser::save_file(&format!("donghanh-cuu-ho-{}.dhr", state.today()), &bytes),
                Err(found) => drop(problem.try_set(Some(found))),
            }
        });
    };
    let remove = move || {
        spawn_local(async move {
            problem.try_set(state.remove_person(id).await.err());
        });
    };
    let count = person.waiting;
    let content = move || {
        let sure = move || {
            removing.get().then(|| {
                let words = if count > 0 {
                    tr!(lock.remove_unsent, n = count)
                } else {
                    tr!(lock.remove_sure).to_string()
                };
                view! {
                    {notice(Tone::Wait, view! { <p>{words}</p> })}
                    {button(Weight::Remove, None, tr!(lock.remove).to_string(), "lock-remove-sure", remove)}
                }
            })
        };
        view! {
            <div class="stack">
                {problem_notice(problem.into())}
                <p>{tr!(lock.forgotten_online).to_string()}</p>
                {link(Weight::Main, None, tr!(lock.sign_in), "/sign-in".to_owned(), "lock-sign-in")}
                <p>{tr!(lock.rescue_hint).to_string()}</p>
                {button(Weight::Plain, None, tr!(lock.rescue).to_string(), "lock-rescue", export)}
                <p>{tr!(lock.remove_hint).to_string()}</p>
                {button(Weight::Quiet, None, tr!(lock.remove).to_string(), "lock-remove", move || removing.set(true))}
                {dynamic(sure)}
            </div>
        }
        .into_any()
    };
    view! {
        <div class="line">
            {button(Weight::Quiet, None, tr!(lock.forgotten).to_string(), "lock-forgotten", move || open.set(true))}
            {link(Weight::Quiet, None, tr!(lock.other_person), "/sign-in".to_owned(), "lock-other")}
        </div>
        {dialog("lock-dialog", open, tr!(lock.forgotten).to_string(), content)}
    }
    .into_any()
}
