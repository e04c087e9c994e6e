//! Erasing a case for good: on request of the person, at the end of the time it is kept, or when it was made by mistake. Its
//! officer asks, an administrator decides, who is told where the case is, since when and why, and nothing of what is in it.

use donghanh_shared::access::Placement;
use donghanh_shared::access::rules::{Action, may};
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::aftercare::terms::ErasureReason;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ApprovalId, DocumentId};

use crate::audit::{self, kind};
use crate::auth::SignedIn;
use crate::auth::secrets::random;
use crate::problem::logged;
use crate::state::AppState;
use crate::store::audit::NewLine;
use crate::store::erasure::{AskedErasure, ErasableCase};
use crate::store::invitations::{Erasure, NewApproval, NewErasure};

/// The kind under which it waits for the second person.
const KIND: &str = "erasure";

/// The case, if this person may erase it; whoever cannot know it is told that it does not exist.
async fn case_of(state: &AppState, who: &SignedIn, case: DocumentId) -> Result<ErasableCase, Problem> {
    let found = state.store().erasable(case).await.map_err(logged)?.ok_or(Code::NotFound)?;
    let place = Placement::of_case(found.home, case);
    let has = |action| may(who.access(), action, Kind::AftercareCase, &place);
    match (has(Action::Erase), has(Action::Read)) {
        (true, _) => Ok(found),
        (false, true) => Err(Code::NotAllowed.into()),
        (false, false) => Err(Code::NotFound.into()),
    }
}

/// What was asked about the case and nobody has decided yet.
///
/// # Errors
/// [`Code::NotFound`], [`Code::NotAllowed`], [`Code::Internal`].
pub async fn asked(
    state: &AppState,
    who: &SignedIn,
    case: DocumentId,
) -> Result<Option<AskedErasure>, Problem> {
    Ok(case_of(state, who, case).await?.asked)
}

/// Asks a second person to erase the case. Asked twice, it waits once.
///
/// # Errors
/// [`Code::NotFound`], [`Code::NotAllowed`], [`Code::Internal`].
pub async fn ask(
    state: &AppState,
    who: &SignedIn,
    case: DocumentId,
    reason: ErasureReason,
) -> Result<(), Problem> {
    let ward = case_of(state, who, case).await?.home;
    let (by, at) = (who.person_key(), state.now());
    let approval = NewApproval {
        approval: ApprovalId(random()?),
        kind: KIND.to_owned(),
        role: None,
        erasure: Some(NewErasure { case, ward, reason }),
        about: by,
        by,
        at,
    };
    state.store().ask_approval(approval).await.map_err(logged)?;
    note(state, who, kind::ERASURE_ASKED, NewErasure { case, ward, reason }).await;
    Ok(())
}

/// Takes back what was asked: the officer who asked, or another one of the ward.
///
/// # Errors
/// [`Code::NotFound`] also when nothing was asked, [`Code::NotAllowed`], [`Code::Internal`].
pub async fn take_back(state: &AppState, who: &SignedIn, case: DocumentId) -> Result<(), Problem> {
    let ErasableCase { home: ward, asked, .. } = case_of(state, who, case).await?;
    let AskedErasure { approval, reason, .. } = asked.ok_or(Code::NotFound)?;
    refuse(state, who, approval).await?;
    note(state, who, kind::ERASURE_TAKEN_BACK, NewErasure { case, ward, reason }).await;
    Ok(())
}

async fn refuse(state: &AppState, who: &SignedIn, approval: ApprovalId) -> Result<(), Problem> {
    let (by, now) = (who.person_key(), state.now());
    let is_first = state.store().decide_approval(approval, by, false, now).await.map_err(logged)?;
    if is_first { Ok(()) } else { Err(Code::NotFound.into()) }
}

/// Decides as the second person. Granted, the case is gone when this returns; the room that it took in the database is
/// written over right after.
///
/// # Errors
/// [`Code::NotFound`] when somebody was faster, [`Code::Internal`].
pub async fn decide(
    state: &AppState,
    who: &SignedIn,
    approval: ApprovalId,
    asked: Erasure,
    grant: bool,
) -> Result<(), Problem> {
    let Erasure { case, ward, reason, .. } = asked;
    let about = NewErasure { case, ward, reason };
    if !grant {
        refuse(state, who, approval).await?;
        note(state, who, kind::ERASURE_REFUSED, about).await;
        return Ok(());
    }
    let (by, now) = (who.person_key(), state.now());
    let erased = state.store().erase(approval, by, now).await.map_err(logged)?;
    let (case, ward) = erased.ok_or(Code::NotFound)?;
    note(state, who, kind::CASE_ERASED, NewErasure { case, ward, reason }).await;
    let state = state.clone();
    tokio::spawn(async move {
        if let Err(error) = state.store().compact().await {
            tracing::error!(%error, "what was erased still lies in free pages; the next start tries again");
        }
    });
    Ok(())
}

async fn note(state: &AppState, who: &SignedIn, kind: &'static str, about: NewErasure) {
    let NewErasure { case, ward, reason } = about;
    let note = reason.code().to_owned();
    let line = NewLine { document: Some(case), ward: Some(ward), note, ..who.line(kind) };
    audit::note(state, line).await;
}
