//! The further numbers of a visit: groups, of whom, materials, sessions, households. An empty one is not known.

use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::domain::vocabulary::Term as _;
use leptos::prelude::*;

use super::Editor;
use crate::components::field::problem_at;
use crate::components::stepper::{Stepper, stepper};
use crate::i18n::{tr, words};
use crate::screens::form::RecordForm as _;

/// Draws them, folded away.
pub fn more_counts(editor: Editor) -> AnyView {
    let some = |keys: &'static [CountKey]| {
        editor.form.with_untracked(|form| keys.iter().any(|key| form.counts.contains_key(key)))
    };
    let groups = some(&CountKey::GROUPS) || some(&CountKey::OF_WHOM);
    let materials = some(&CountKey::MATERIALS);
    view! {
            <details class="more" open=groups data-testid="more-groups">
                <summary>{tr!(form.groups).to_string()}</summary>
                <div class="stack">
                    <p class="soft small">{tr!(form.groups_hint).to_string()}</p>
                    {counts(editor, &CountKey::GROUPS)}
                    {counts(editor, &CountKey::OF_WHOM)}
                </div>
            </details>
            <details class="more" open=materials data-testid="more-materials">
                <summary>{tr!(form.materials).to_string()}</summary>
                <div class="stack">
                    {counts(editor, &CountKey::MATERIALS)}
                    {counts(editor, &[CountKey::Sessions, CountKey::Households])}
                    <p class="soft small">{tr!(form.sessions_hint).to_string()}</p>
                </div>
            </details>
    }
    .into_any()
}

fn counts(editor: Editor, keys: &'static [CountKey]) -> Vec<AnyView> {
    keys.iter().map(|key| count(editor, *key)).collect()
}

fn count(editor: Editor, key: CountKey) -> AnyView {
    let code = key.code();
    let what = Stepper {
        id: format!("field-{code}"),
        test: format!("count-{code}"),
        label: words(key).to_owned(),
        step: if CountKey::MATERIALS.contains(&key) { 10 } else { 1 },
        unknown_box: false,
    };
    let value = editor.part(move |form| form.counts.get(&key).copied());
    let change = Callback::new(move |value: Option<u32>| {
        editor.edit(|form| {
            match value {
                Some(value) => drop(form.counts.insert(key, value)),
                None => drop(form.counts.remove(&key)),
            }
            if form.is_private() {
                form.position = None;
            }
        });
    });
    stepper(what, value.into(), change, problem_at(editor.problems, code))
}
