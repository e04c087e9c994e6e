//! The photos of a visit: small ones in a row, one of them large when it is pressed.

use donghanh_shared::domain::outreach_visit::Visit;
use donghanh_shared::ids::{PhotoId, PhotoKey};
use leptos::prelude::*;

use crate::components::dialog::dialog;
use crate::components::page::section;
use crate::components::view::pressed;
use crate::i18n::tr;
use crate::screens::parts::photo::photo;
use crate::screens::record::Opened;

/// Draws them; nothing for a visit without photos.
pub fn photos(opened: Opened<Visit>, visit: &Visit) -> Option<AnyView> {
    let all: Vec<(PhotoId, PhotoKey)> =
        visit.photos.iter().filter_map(|(id, photo)| Some((*id, photo.key?))).collect();
    if all.is_empty() {
        return None;
    }
    let open = RwSignal::new(false);
    let large = RwSignal::new(None::<(usize, PhotoId, PhotoKey)>);
    let small = move |(nth, (id, key)): (usize, (PhotoId, PhotoKey))| {
        let show = move || {
            large.set(Some((nth + 1, id, key)));
            open.set(true);
        };
        view! {
            <li>
                <button type="button" class="photo-button" data-testid="photo-open" on:click=pressed(show)>
                    {photo(opened.state, id, key, tr!(photo.nth, n = nth + 1))}
                </button>
            </li>
        }
        .into_any()
    };
    let list: Vec<AnyView> = all.into_iter().enumerate().map(small).collect();
    let content = move || {
        let shown = large.get_untracked();
        let shown = shown.map(|(nth, id, key)| photo(opened.state, id, key, tr!(photo.nth, n = nth)));
        view! { <div class="photo-large">{shown}</div> }.into_any()
    };
    let body = view! {
        <ul class="photos">{list}</ul>
        {dialog("photo-dialog", open, tr!(visit.photos).to_string(), content)}
    };
    Some(section(tr!(visit.photos), body))
}
