//! A native modal dialog. Its content is drawn only while it is open; Escape and "Đóng" close it.

use leptos::html;
use leptos::prelude::*;

use super::icon::{Icon, icon};
use super::view::{dynamic, pressed};
use crate::i18n::tr;

/// How many dialogs are open. What others did is drawn once none is: drawn anew, a dialog would close under the finger of whoever types in
/// it.
#[derive(Clone, Copy)]
pub struct OpenDialogs(RwSignal<u32>);

impl OpenDialogs {
    /// Counts the dialogs of whatever is drawn with this in its context.
    #[must_use]
    pub fn counted_in(count: RwSignal<u32>) -> Self {
        Self(count)
    }

    /// Counts this dialog for as long as it is open and there.
    fn count(self, open: RwSignal<bool>) {
        let counted = StoredValue::new(false);
        let change = move |is_open: bool| {
            let was = counted.try_get_value().unwrap_or(false);
            if was != is_open {
                counted.try_set_value(is_open);
                let step = |open: &mut u32| *open = if is_open { *open + 1 } else { open.saturating_sub(1) };
                self.0.try_update(step);
            }
        };
        Effect::new(move || change(open.get()));
        on_cleanup(move || change(false));
    }
}

/// Draws a dialog that is open while `open` is true.
pub fn dialog(
    id: &'static str,
    open: RwSignal<bool>,
    title: String,
    content: impl Fn() -> AnyView + Send + Sync + 'static,
) -> AnyView {
    drawn(id, open, title, dynamic(move || open.get().then(&content)))
}

fn drawn(id: &'static str, open: RwSignal<bool>, title: String, content: AnyView) -> AnyView {
    let node = NodeRef::<html::Dialog>::new();
    if let Some(dialogs) = use_context::<OpenDialogs>() {
        dialogs.count(open);
    }
    Effect::new(move || {
        let wanted = open.get();
        let Some(dialog) = node.get() else { return };
        if wanted && !dialog.open() {
            // Fails only when the element is not in the page; then there is nothing to show either.
            let _ = dialog.show_modal();
        } else if !wanted && dialog.open() {
            dialog.close();
        }
    });
    view! {
        <dialog id=id class="dialog" node_ref=node aria-labelledby=format!("{id}-title") on:close=move |_| open.set(false)>
            <div class="dialog-head">
                <h2 id=format!("{id}-title")>{title}</h2>
                <button type="button" class="button quiet" data-testid="dialog-close" on:click=pressed(move || open.set(false))>
                    {icon(Icon::Close)}<span>{tr!(common.close).to_string()}</span>
                </button>
            </div>
            {content}
        </dialog>
    }
    .into_any()
}
