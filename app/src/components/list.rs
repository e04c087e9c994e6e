//! Lists whose rows come, go and move while somebody looks at them.

use leptos::prelude::*;

use super::view::dynamic;

/// Draws the rows of a list, each as an element of its own that moves with what it shows. Elements that were drawn in the
/// order of the list would show another record under the finger, or under the keyboard's focus, when one came before it.
/// `key` says what a row shows, no two of them the same.
pub fn keyed<T: Clone + PartialEq + Send + Sync + 'static>(
    each: impl Fn() -> Vec<T> + Send + Sync + 'static,
    key: impl Fn(&T) -> String + Send + Sync + 'static,
    draw: impl Fn(&T) -> AnyView + Copy + Send + Sync + 'static,
) -> AnyView {
    let all =
        Memo::new(move |_| each().into_iter().map(|one| (key(&one), one)).collect::<Vec<(String, T)>>());
    let keys = Memo::new(move |_| all.with(|all| all.iter().map(|(key, _)| key.clone()).collect()));
    let row = move |shown: String| {
        dynamic(move || {
            let found = all.with(|all| all.iter().find(|(key, _)| *key == shown).map(|(_, one)| one.clone()));
            found.as_ref().map(draw)
        })
    };
    elements(keys, Box::new(row))
}

/// One element a key, whatever they show.
fn elements(keys: Memo<Vec<String>>, row: Box<dyn Fn(String) -> AnyView + Send + Sync>) -> AnyView {
    let row = StoredValue::new(row);
    let draw = move |key: String| row.with_value(|row| row(key));
    view! { <For each=move || keys.get() key=String::clone children=draw /> }.into_any()
}
