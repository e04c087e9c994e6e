//! Another role for somebody, or the end of it.

use donghanh_shared::domain::error::{Code, Problem};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::role_choice::RoleChoice;
use crate::components::action::{Weight, button};
use crate::components::dialog::dialog;
use crate::components::field::Problems;
use crate::components::notice::{Tone, notice, problem_notice};
use crate::components::view::dynamic;
use crate::i18n::tr;
use crate::state::{Account, AppState};

/// The dialog about the account in `of`; `done` is called after each change, with what the person is to be told.
pub fn role_dialog(
    state: AppState,
    of: RwSignal<Option<Account>>,
    done: Callback<Option<Problem>>,
) -> AnyView {
    let open = RwSignal::new(false);
    Effect::new(move || open.set(of.with(Option::is_some)));
    let content = move || {
        view! { {dynamic(move || of.get().map(|account| about(state, account, open, done)))} }.into_any()
    };
    dialog("role-dialog", open, tr!(people.change_role).to_string(), content)
}

fn about(
    state: AppState,
    account: Account,
    open: RwSignal<bool>,
    done: Callback<Option<Problem>>,
) -> AnyView {
    let choice = RoleChoice::of(Some(&account));
    let problems: Problems = RwSignal::new(Vec::new());
    let general = RwSignal::new(None::<Problem>);
    let id = account.id;
    let told = move |outcome: Result<(), Problem>| match outcome {
        Ok(()) => {
            open.try_set(false);
            // Left meanwhile, nobody waits for it.
            let _ = done.try_run(None);
        }
        // It was asked for: nothing is left to do here.
        Err(problem) if problem.code == Code::SecondPersonNeeded => {
            open.try_set(false);
            let _ = done.try_run(Some(problem));
        }
        Err(problem) if problem.field.is_some() => drop(problems.try_set(vec![problem])),
        Err(problem) => drop(general.try_set(Some(problem))),
    };
    let keep = move || {
        spawn_local(async move { told(state.change_role(id, &choice.chosen(state)).await) });
    };
    let end = move || {
        spawn_local(async move { told(state.end_access(id).await) });
    };
    let sure = RwSignal::new(false);
    let ending = account.role.is_some().then(|| {
        dynamic(move || {
            if sure.get() {
                view! {
                    {notice(Tone::Wait, view! { <p>{tr!(people.end_what).to_string()}</p> })}
                    {button(Weight::Remove, None, tr!(people.end_sure).to_string(), "end-access-sure", end)}
                }
                .into_any()
            } else {
                button(Weight::Quiet, None, tr!(people.end).to_string(), "end-access", move || sure.set(true))
            }
        })
    });
    view! {
        <div class="stack">
            <p class="strong">{account.full_name}</p>
            {problem_notice(general.into())}
            {choice.fields(state, ["held-role", "held-ward", "held-school", "held-organisation"], problems)}
            {button(Weight::Main, None, tr!(people.keep_role).to_string(), "keep-role", keep)}
            {ending}
        </div>
    }
    .into_any()
}
