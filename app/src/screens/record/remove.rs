//! "Gỡ bỏ" with its reason, and bringing a record back. Nothing is erased: the record no longer counts.

use donghanh_shared::domain::error::{Code, Problem};
use leptos::prelude::*;

use super::{Opened, Screen};
use crate::components::action::{Weight, button};
use crate::components::dialog::dialog;
use crate::components::field::{TextKind, problem_at, text_field};
use crate::components::icon::Icon;
use crate::i18n::tr;

/// The button "Gỡ bỏ" and its dialog.
pub fn remove<V: Screen>(opened: Opened<V>) -> AnyView {
    let open = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    let problems = RwSignal::new(Vec::new());
    let confirm = move || {
        let why = reason.get_untracked().trim().to_owned();
        if why.is_empty() {
            problems.set(vec![Problem::new(Code::TextEmpty).at("reason")]);
        } else {
            open.set(false);
            opened.save(V::archive(Some(why)));
        }
    };
    let content = move || {
        view! {
            <div class="stack">
                <p>{tr!(visit.remove_hint).to_string()}</p>
                {text_field("remove-reason", tr!(visit.remove_reason), None, TextKind::text("remove-reason"), reason, problem_at(problems, "reason"))}
                <div class="line">
                    {button(Weight::Remove, Some(Icon::Remove), tr!(visit.remove).to_string(), "remove-confirm", confirm)}
                    {button(Weight::Quiet, None, tr!(common.cancel).to_string(), "remove-cancel", move || open.set(false))}
                </div>
            </div>
        }
        .into_any()
    };
    view! {
        <div>
            {button(Weight::Quiet, Some(Icon::Remove), tr!(visit.remove).to_string(), "remove-button", move || open.set(true))}
        </div>
        {dialog("remove-dialog", open, tr!(visit.remove_title).to_string(), content)}
    }
    .into_any()
}

/// The button that brings a removed record back.
pub fn bring_back<V: Screen>(opened: Opened<V>) -> AnyView {
    button(Weight::Quiet, Some(Icon::Undo), tr!(visit.bring_back).to_string(), "bring-back", move || {
        opened.save(V::archive(None));
    })
}

/// The button that leaves a record removed which somebody edited apart. It is written again, so that everybody sees that it
/// was decided.
pub fn keep_removed<V: Screen>(opened: Opened<V>, reason: String) -> AnyView {
    button(Weight::Quiet, None, tr!(visit.keep_removed).to_string(), "keep-removed", move || {
        opened.save(V::archive(Some(tr!(visit.looked_at, why = reason.clone()))));
    })
}
