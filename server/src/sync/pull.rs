//! Answers a pull: checks the request, asks the store for a page.

use donghanh_shared::access::Scope;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::sync::wire::{MAX_PAGE, PROTOCOL, PullPage, PullRequest};

use crate::auth::SignedIn;
use crate::problem::logged;
use crate::state::AppState;
use crate::store::PullQuery;

/// One page of what is new for a signed-in device.
///
/// # Errors
/// [`Code::VersionUnsupported`], [`Code::OtherInstance`], [`Code::Internal`].
pub async fn pull(state: &AppState, who: &SignedIn, request: PullRequest) -> Result<PullPage, Problem> {
    if request.version != PROTOCOL {
        return Err(Problem::new(Code::VersionUnsupported));
    }
    if request.instance != state.store().instance().id {
        return Err(Problem::new(Code::OtherInstance));
    }
    let max_bytes = usize::try_from(request.max_bytes).unwrap_or(MAX_PAGE).min(MAX_PAGE);
    // A page that names a scope of another class is nothing to an app of before: it would fetch no more at all.
    let classes = request.classes.unwrap_or(Scope::FIRST_CLASSES);
    let mut access = who.access().clone();
    access.grants.retain(|grant| grant.scope.class() < classes);
    let query = PullQuery {
        device: who.device_key(),
        person: who.person_key(),
        access,
        at: state.now(),
        epoch: request.epoch,
        cursors: request.cursors,
        max_bytes,
        bare: request.bare == Some(true),
        mend: request.mend.unwrap_or_default(),
    };
    state.store().pull(query).await.map_err(logged)
}
