//! The access log: who opened, changed, exported, joined, was refused. Searched by name.

use donghanh_shared::domain::error::Problem;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::action::Weight;
use crate::components::field::{TextKind, no_problem, text_field};
use crate::components::notice::not_read;
use crate::components::page::{Frame, page};
use crate::components::table::data_table;
use crate::components::view::dynamic;
use crate::i18n::tr;
use crate::screens::naming;
use crate::state::{AppState, LogLine};

/// Draws the screen.
pub fn access_log() -> AnyView {
    let state = AppState::get();
    let words = RwSignal::new(String::new());
    let found = RwSignal::new(None::<Result<Vec<LogLine>, Problem>>);
    let read = move || {
        spawn_local(async move {
            found.try_set(Some(state.access_log(&words.get_untracked(), "").await));
        });
    };
    read();
    let search = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        read();
    };
    let list = move || match found.get() {
        None => view! { <p class="soft" role="status">{tr!(people.reading)}</p> }.into_any(),
        Some(Err(problem)) => not_read(&problem),
        Some(Ok(lines)) if lines.is_empty() => {
            view! { <p class="soft">{tr!(access_log.none)}</p> }.into_any()
        }
        Some(Ok(lines)) => table(&lines),
    };
    let body = view! {
        <form class="line" on:submit=search>
            {text_field("log-words", tr!(access_log.search), None, TextKind::text("log-words"), words, no_problem())}
            <button type="submit" class=Weight::Plain.class() data-testid="log-search">{tr!(access_log.find)}</button>
        </form>
        {dynamic(list)}
    };
    page(Frame::back("/me").wide(), tr!(me.audit).to_string(), (), body, None)
}

fn table(lines: &[LogLine]) -> AnyView {
    let head = [tr!(access_log.when), tr!(access_log.who), tr!(access_log.what), tr!(access_log.about)];
    let head = head.into_iter().map(|words| view! { <th scope="col">{words}</th> }.into_any()).collect();
    let rows = lines.iter().map(|line| {
        let name = |person: &Option<crate::state::Named>| {
            person.as_ref().map_or_else(|| "—".to_owned(), |person| person.name.clone())
        };
        view! {
            <tr data-testid="log-line">
                <td>{naming::moment(line.at)}</td>
                <td>{name(&line.person)}</td>
                <td>{what(&line.kind)} " " <span class="soft">{line.note.clone()}</span></td>
                <td>{name(&line.about)}</td>
            </tr>
        }
        .into_any()
    });
    data_table(tr!(me.audit).to_string(), head, rows.collect(), None)
}

/// What happened, in words; a kind of a newer server stands as its code.
fn what(kind: &str) -> String {
    match kind {
        "signed_in" => tr!(access_log.signed_in),
        "sign_in_refused" => tr!(access_log.sign_in_refused),
        "code_refused" => tr!(access_log.code_refused),
        "joined" => tr!(access_log.joined),
        "invitation_made" => tr!(access_log.invitation_made),
        "invitation_refused" => tr!(access_log.invitation_refused),
        "device_revoked" => tr!(access_log.device_revoked),
        "device_refused" => tr!(access_log.device_refused),
        "hand_over" => tr!(access_log.hand_over),
        "rescue" => tr!(access_log.rescue),
        "changes_recovered" => tr!(access_log.changes_recovered),
        "case_read" => tr!(access_log.case_read),
        "case_delivered" => tr!(access_log.case_delivered),
        "export" => tr!(access_log.export),
        "erasure_asked" => tr!(access_log.erasure_asked),
        "erasure_taken_back" => tr!(access_log.erasure_taken_back),
        "erasure_refused" => tr!(access_log.erasure_refused),
        "case_erased" => tr!(access_log.case_erased),
        "reset_asked" => tr!(access_log.reset_asked),
        "reset_granted" => tr!(access_log.reset_granted),
        "account_added" => tr!(access_log.account_added),
        "role_changed" => tr!(access_log.role_changed),
        "access_ended" => tr!(access_log.access_ended),
        "too_many_attempts" => tr!(access_log.too_many_attempts),
        "actor_foreign" | "device_foreign" | "sealed_push_refused" | "malformed" => tr!(access_log.attack),
        other => return other.to_owned(),
    }
    .to_owned()
}
