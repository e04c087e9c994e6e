//! What a push tells about its sender: changes that no app of ours writes, another device's marks. Noted for the audit,
//! one line a request and kind.

use std::collections::BTreeMap;

use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::sync::wire::{Answer, PushAnswer};

use crate::audit::{self, kind};
use crate::auth::SignedIn;
use crate::state::AppState;
use crate::store::audit::NewLine;

/// What a refusal is noted as, if at all: most are everyday mistakes.
fn noted_as(code: Code) -> Option<&'static str> {
    match code {
        Code::ActorForeign => Some(kind::ACTOR_FOREIGN),
        Code::SealedForged | Code::RescueUnreadable => Some(kind::SEALED_PUSH_REFUSED),
        Code::ChangeMalformed
        | Code::ChangeCompressed
        | Code::ChangeChecksum
        | Code::ChangeForbiddenField
        | Code::ChangeTooLarge => Some(kind::MALFORMED),
        _ => None,
    }
}

/// Notes what these answers to a device's items tell about it.
pub async fn answers(state: &AppState, who: &SignedIn, answers: &[Answer]) {
    let mut counts: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    for answer in answers {
        let Answer::Refused { code, .. } = answer else { continue };
        let Ok(code) = Code::parse(code) else { continue };
        if let Some(kind) = noted_as(code) {
            counts.entry(code.code()).or_insert((kind, 0)).1 += 1;
        }
    }
    for (code, (kind, count)) in counts {
        audit::note(state, NewLine { note: format!("{code} {count}"), ..who.line(kind) }).await;
    }
}

/// Notes that a device brought back so many changes that others had written: somebody should look at them.
pub async fn recovered(state: &AppState, who: &SignedIn, changes: usize) {
    audit::note(state, NewLine { note: changes.to_string(), ..who.line(kind::CHANGES_RECOVERED) }).await;
}

/// Notes that a device sent something in another's name.
pub async fn foreign_device(state: &AppState, who: &SignedIn) {
    audit::note(state, who.line(kind::DEVICE_FOREIGN)).await;
}

/// Notes what became of a push, and passes it on.
///
/// # Errors
/// Those of the push.
pub async fn pushed(
    state: &AppState,
    who: &SignedIn,
    outcome: Result<PushAnswer, Problem>,
) -> Result<PushAnswer, Problem> {
    match &outcome {
        Ok(answer) => answers(state, who, &answer.answers).await,
        // A push as a whole is not allowed only when it names another's device.
        Err(problem) if problem.code == Code::NotAllowed => foreign_device(state, who).await,
        Err(_) => {}
    }
    outcome
}
