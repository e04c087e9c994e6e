//! A picture on screen: opened from this phone or fetched, and honest words while it cannot be shown.

use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::{PhotoId, PhotoKey};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::view::dynamic;
use crate::i18n::{language, tr};
use crate::state::{AppState, OpenedPhoto};

/// Draws it; `words` say what it is to whoever cannot see it.
pub fn photo(state: AppState, id: PhotoId, key: PhotoKey, words: String) -> AnyView {
    let shown = RwSignal::new(None::<Result<OpenedPhoto, &'static str>>);
    spawn_local(async move {
        let opened = state.open_photo(id, key).await;
        // A screen that was left meanwhile shows nothing; the picture is given back.
        let words = |problem: Problem| match problem.code {
            // Its record comes before it: usual while it is on its way.
            Code::NotFound => tr!(photo.not_sent),
            _ => problem.sentence(language()),
        };
        shown.try_set(Some(opened.map_err(words)));
    });
    dynamic(move || {
        shown.with(|shown| match shown {
            None => {
                view! { <span class="photo soft small">{tr!(photo.opening).to_string()}</span> }.into_any()
            }
            Some(Ok(opened)) => {
                let address = opened.address().to_owned();
                view! { <img class="photo" src=address alt=words.clone() data-testid="photo" /> }.into_any()
            }
            Some(Err(sentence)) => view! {
                <span class="photo soft small">{tr!(photo.not_here).to_string()}" "{*sentence}</span>
            }
            .into_any(),
        })
    })
}
