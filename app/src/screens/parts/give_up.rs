//! Giving up what the server did not take: two presses, because it cannot be brought back.

use donghanh_shared::domain::error::Problem;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::action::{Weight, button};
use crate::components::notice::problem_notice;
use crate::components::view::text_of;
use crate::i18n::tr;
use crate::state::AppState;

/// The button; with `None`, for commands that are about no record.
pub fn give_up(state: AppState, id: Option<DocumentId>) -> AnyView {
    let sure = RwSignal::new(false);
    let failure = RwSignal::new(None::<Problem>);
    let words =
        text_of(
            move || {
                if sure.get() { tr!(sync.give_up_sure).to_string() } else { tr!(sync.give_up).to_string() }
            },
        );
    let press = move || {
        if !sure.get_untracked() {
            sure.set(true);
            return;
        }
        spawn_local(async move {
            failure.try_set(state.discard_refused(id).await.err());
        });
    };
    view! {
        <div class="stack">
            {button(Weight::Quiet, None, words, "give-up", press)}
            {problem_notice(failure.into())}
        </div>
    }
    .into_any()
}
