//! Asking that a case be erased for good. It takes a second person, who is told where the case is, since when and why.

use donghanh_shared::domain::aftercare::AftercareCase;
use donghanh_shared::domain::aftercare::terms::ErasureReason;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::action::{Weight, button};
use crate::components::dialog::dialog;
use crate::components::field::{problem_at, select_field};
use crate::components::icon::Icon;
use crate::components::notice::{Tone, notice, problem_notice};
use crate::components::view::dynamic;
use crate::i18n::format::{self, capital};
use crate::i18n::{tr, words};
use crate::screens::record::Opened;
use crate::state::{AppState, AskedErasure, OfCase};

/// The button and its dialog.
pub fn erasure(opened: Opened<OfCase<AftercareCase>>, case: DocumentId) -> AnyView {
    let open = RwSignal::new(false);
    let state = opened.state;
    view! {
        <div>
            {button(Weight::Quiet, Some(Icon::Remove), tr!(erasure.open).to_string(), "erase-button", move || open.set(true))}
        </div>
        {dialog("erasure-dialog", open, tr!(erasure.title).to_string(), move || content(state, case))}
    }
    .into_any()
}

/// What the server said was asked; `None` while it has not answered.
type Asked = RwSignal<Option<Option<AskedErasure>>>;

fn content(state: AppState, case: DocumentId) -> AnyView {
    let asked: Asked = RwSignal::new(None);
    let failure = RwSignal::new(None::<Problem>);
    let read = move || {
        spawn_local(async move {
            match state.erasure_asked(case).await {
                Ok(found) => drop(asked.try_set(Some(found))),
                Err(problem) => drop(failure.try_set(Some(problem))),
            }
        });
    };
    read();
    let told = Callback::new(move |outcome: Result<(), Problem>| {
        failure.try_set(outcome.err());
        read();
    });
    view! {
        <div class="stack">
            <p>{tr!(erasure.what).to_string()}</p>
            <p class="soft">{tr!(erasure.second).to_string()}</p>
            {problem_notice(failure.into())}
            {dynamic(move || match asked.get() {
                None => None,
                Some(None) => Some(form(state, case, told)),
                Some(Some(waits)) => Some(waiting(state, case, &waits, told)),
            })}
        </div>
    }
    .into_any()
}

fn form(state: AppState, case: DocumentId, told: Callback<Result<(), Problem>>) -> AnyView {
    let reason = RwSignal::new(None::<ErasureReason>);
    let problems = RwSignal::new(Vec::new());
    let mut options = vec![(String::new(), tr!(erasure.choose).to_string())];
    options.extend(ErasureReason::ALL.iter().map(|one| (one.code().to_owned(), capital(words(*one)))));
    let options = Signal::stored(options);
    let chosen = Signal::derive(move || reason.get().map(|one| one.code().to_owned()).unwrap_or_default());
    let choose = Callback::new(move |code: String| reason.set(ErasureReason::parse(&code).ok()));
    let ask = move || match reason.get_untracked() {
        None => problems.set(vec![Problem::new(Code::FieldMissing).at("reason")]),
        Some(reason) => spawn_local(async move {
            let outcome = state.ask_erasure(case, reason).await;
            // Left meanwhile, nobody waits for it.
            let _ = told.try_run(outcome);
        }),
    };
    view! {
        {select_field("erase-reason", tr!(erasure.reason), None, options, chosen, choose, problem_at(problems, "reason"))}
        {button(Weight::Remove, Some(Icon::Remove), tr!(erasure.ask).to_string(), "erase-ask", ask)}
    }
    .into_any()
}

fn waiting(
    state: AppState,
    case: DocumentId,
    asked: &AskedErasure,
    told: Callback<Result<(), Problem>>,
) -> AnyView {
    let (who, when) = (asked.by.clone(), format::moment(asked.at, state.today()));
    let words = tr!(erasure.waits, who = who, when = when, why = words(asked.reason));
    let back = move || {
        spawn_local(async move {
            let outcome = state.take_back_erasure(case).await;
            let _ = told.try_run(outcome);
        });
    };
    view! {
        {notice(Tone::Wait, view! { <p data-testid="erase-waits">{words}</p> })}
        {button(Weight::Plain, Some(Icon::Undo), tr!(erasure.take_back).to_string(), "erase-take-back", back)}
    }
    .into_any()
}
