//! The line "Đã lưu trên máy · chờ gửi" that stays on the next screen until it is read or the next record begins.

use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;

use crate::components::action::{Weight, button, link};
use crate::components::icon::Icon;
use crate::components::notice::{Tone, notice};
use crate::components::view::dynamic;
use crate::i18n::tr;
use crate::state::{AppState, RowState};

/// The record saved last, while its line stands.
#[derive(Clone, Copy)]
pub struct Saved(RwSignal<Option<(&'static str, DocumentId)>>);

impl Saved {
    /// Nothing was saved yet.
    pub fn new() -> Self {
        Self(RwSignal::new(None))
    }

    /// From the context.
    pub fn get() -> Self {
        expect_context()
    }

    /// Says on the next screen that the record was saved, which is shown under `path`: `/visits`.
    pub fn say(self, path: &'static str, id: DocumentId) {
        self.0.set(Some((path, id)));
    }

    /// Takes the line away.
    pub fn clear(self) {
        if self.0.with_untracked(Option::is_some) {
            self.0.set(None);
        }
    }

    /// Draws the line; `again` offers to go on at the same place.
    pub fn line(self, again: bool) -> AnyView {
        view! { <div role="status" aria-live="polite">{dynamic(move || self.0.get().map(|(path, id)| self.drawn(path, id, again)))}</div> }.into_any()
    }

    fn drawn(self, path: &'static str, id: DocumentId, again: bool) -> AnyView {
        let state = AppState::get();
        let row_state = Memo::new(move |_| {
            state.outbox.with(|outbox| outbox.states.get(&id).copied()).unwrap_or(RowState::Sent)
        });
        let words = move || match row_state.get() {
            RowState::Sent => tr!(saved.sent).to_string(),
            RowState::Refused => tr!(saved.refused).to_string(),
            RowState::Waiting => tr!(saved.waiting).to_string(),
        };
        // A check-in is of one case: the next one is begun there.
        let is_activity = matches!(path, "/visits" | "/drives");
        let go_on = (again && is_activity).then(|| {
            link(
                Weight::Plain,
                Some(Icon::Plus),
                tr!(saved.again),
                format!("{path}/new?like={id}"),
                "again-here",
            )
        });
        let open =
            again.then(|| link(Weight::Quiet, None, tr!(saved.look), format!("{path}/{id}"), "open-saved"));
        let tone = if row_state.get_untracked() == RowState::Refused { Tone::Fail } else { Tone::Good };
        notice(
            tone,
            view! {
                <p class="strong" data-testid="saved-line">{dynamic(words)}</p>
                <div class="line">
                    {go_on}{open}
                    {button(Weight::Quiet, None, tr!(common.close).to_string(), "saved-close", move || self.clear())}
                </div>
            },
        )
    }
}
