//! Pictures of a visit: kept from the moment they were chosen, opened from this phone or from the server.

use donghanh_shared::domain::error::Problem;
use donghanh_shared::ids::{PhotoId, PhotoKey};

use super::AppState;
use crate::browser;
use crate::photo::{Chosen, Opened};

/// Draws a chosen picture anew, seals it and keeps it on this phone.
pub(super) async fn keep(state: AppState, chosen: &Chosen) -> Result<(PhotoId, PhotoKey), Problem> {
    let engine = state.engine()?;
    let sealed = chosen.seal().await?;
    engine.store.keep_photo(sealed.id, browser::now(), &sealed.bytes).await?;
    Ok((sealed.id, sealed.key))
}

/// Opens a picture. One made elsewhere comes from the server, or from what the browser kept of its answer.
pub(super) async fn open(state: AppState, id: PhotoId, key: PhotoKey) -> Result<Opened, Problem> {
    let engine = state.engine()?;
    let bytes = match engine.store.photo(id).await? {
        Some(bytes) => bytes,
        None => engine.transport.photo(id).await?,
    };
    Opened::open(&bytes, key).await
}
