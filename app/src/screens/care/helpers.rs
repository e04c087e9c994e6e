//! Who helps in a case: people with the role of a helper in the ward. Assigning is a command, so that writing a name into
//! the record gives nobody anything; it waits in the outbox like an edit.

use donghanh_shared::access::Role;
use donghanh_shared::command::Command;
use donghanh_shared::command::aftercare::case as edits;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::aftercare::AftercareCase;
use donghanh_shared::domain::error::Problem;
use donghanh_shared::ids::PersonId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::action::{Weight, button};
use crate::components::dialog::dialog;
use crate::components::notice::{not_read, problem_notice};
use crate::components::view::dynamic;
use crate::i18n::tr;
use crate::screens::record::Opened;
use crate::state::{Account, OfCase, Save};

/// The dialog; it opens with `open`.
pub fn helpers_dialog(opened: Opened<OfCase<AftercareCase>>, open: RwSignal<bool>) -> AnyView {
    dialog("helpers-dialog", open, tr!(care.assign).to_string(), move || content(opened))
}

fn content(opened: Opened<OfCase<AftercareCase>>) -> AnyView {
    let state = opened.state;
    let people = RwSignal::new(None::<Result<Vec<Account>, Problem>>);
    let failure = RwSignal::new(None);
    spawn_local(async move {
        let helpers = |account: &Account| account.role == Some(Role::Helper);
        let found = state.people().await.map(|all| all.into_iter().filter(helpers).collect());
        people.try_set(Some(found));
    });
    let assigned = Memo::new(move |_| {
        opened.now.with(|now| match now {
            Some(Ok(found)) => found.value.value.helpers.clone(),
            _ => std::collections::BTreeMap::new(),
        })
    });
    let list = move || match people.get() {
        None => view! { <p class="soft" role="status">{tr!(people.reading).to_string()}</p> }.into_any(),
        Some(Err(problem)) => not_read(&problem),
        Some(Ok(all)) if all.is_empty() => {
            view! { <p class="soft">{tr!(care.no_helpers).to_string()}</p> }.into_any()
        }
        Some(Ok(all)) => {
            let rows = all.into_iter().map(|account| {
                let helps = assigned.with(|names| names.contains_key(&account.id.to_string()));
                helper(opened, account, helps, failure)
            });
            view! { <ul class="rows">{rows.collect_view()}</ul> }.into_any()
        }
    };
    view! {
        <div class="stack">
            <p class="soft">{tr!(care.assign_hint).to_string()}</p>
            {problem_notice(failure.into())}
            {dynamic(list)}
        </div>
    }
    .into_any()
}

fn helper(
    opened: Opened<OfCase<AftercareCase>>,
    account: Account,
    helps: bool,
    failure: RwSignal<Option<Problem>>,
) -> AnyView {
    let (id, name) = (account.id, account.full_name.clone());
    let toggle = move || assign(opened, id, &name, !helps, failure);
    let (weight, words) = match helps {
        true => (Weight::Quiet, tr!(care.unassign).to_string()),
        false => (Weight::Plain, tr!(care.assign_this).to_string()),
    };
    view! {
        <li class="row person" data-testid="helper-row">
            <p class="strong">{account.full_name}</p>
            {button(weight, None, words, "helper-toggle", toggle)}
        </li>
    }
    .into_any()
}

fn assign(
    opened: Opened<OfCase<AftercareCase>>,
    person: PersonId,
    name: &str,
    helps: bool,
    failure: RwSignal<Option<Problem>>,
) {
    let Some(found) = opened.now.get_untracked().and_then(Result::ok) else { return };
    let Some(ward) = found.home_ward.or(found.value.value.ward.value().copied()) else { return };
    let case = found.id;
    let command = match helps {
        true => Command::AssignHelper { case, person },
        false => Command::UnassignHelper { case, person },
    };
    let edit = edits::helper(&person.to_string(), helps.then(|| name.to_owned()));
    let save = Save::of(Kind::AftercareCase, Some(case), ward, vec![edit]).with(vec![command]);
    spawn_local(async move {
        let outcome = opened.state.save(vec![save]).await;
        failure.try_set(outcome.err());
    });
}
