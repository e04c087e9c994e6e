//! A native modal dialog. Its content is drawn only while it is open; Escape and "Đóng" close it.

use leptos::html;
use leptos::prelude::*;

use super::icon::{Icon, icon};
use super::still::Still;
use super::view::{dynamic, pressed};
use crate::i18n::tr;

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
    if let Some(is_open) = use_context::<Still>().map(Still::reason) {
        Effect::new(move || is_open.set(open.get()));
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
