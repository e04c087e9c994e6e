//! What a device that was taken away still had, and edits of people whose right had ended: kept sealed, and taken in or discarded by a
//! supervisor of the ward.

use std::collections::BTreeMap;

use donghanh_shared::command::Command;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{DeviceId, DocumentId};
use donghanh_shared::seal::outbox::MAX_RESCUE;
use donghanh_shared::sync::wire::{Answer, PushItem, from_bytes};
use minicbor::bytes::ByteVec;

use super::push::push_items;
use super::sealed::{Opened, keep_photos, open, read};
use super::watch;
use crate::audit::{self, kind};
use crate::auth::SignedIn;
use crate::problem::logged;
use crate::state::AppState;
use crate::store::audit::NewLine;
use crate::store::handed_over::{Decision, Item, NewItem, TAKEN};
use crate::store::{Key, NewPart};
use crate::vault::Purpose;

/// Outcome of an item that was not wanted.
const DISCARDED: &str = "discarded";

/// What became of a hand-over.
#[derive(Debug, Default)]
pub struct Kept {
    /// Items kept.
    pub taken: usize,
    /// Items that were here already.
    pub already: usize,
    /// Pictures that are here now.
    pub photos: usize,
    /// Items that the device did not make, and pictures that are none, by code.
    pub refused: BTreeMap<String, usize>,
}

/// Takes the deflated body of a device that was taken away.
///
/// # Errors
/// Those of [`read`] and [`keep`].
pub async fn take(
    state: &AppState,
    who: &SignedIn,
    body: impl AsRef<[u8]> + Send + 'static,
) -> Result<Kept, Problem> {
    let items = read(state, who, body, MAX_RESCUE).await?;
    let mut kept = keep(state, who, items.items).await?;
    kept.photos = keep_photos(state, who.device_key(), items.photos, &mut kept.refused).await?;
    let note = kept.taken.to_string();
    audit::note(state, NewLine { note, ..who.line(kind::HAND_OVER) }).await;
    Ok(kept)
}

/// Keeps sealed items of a device for a supervisor.
///
/// # Errors
/// [`Code::HandOverFull`], [`Code::Internal`].
pub async fn keep(state: &AppState, who: &SignedIn, items: Vec<ByteVec>) -> Result<Kept, Problem> {
    let mut kept = Kept::default();
    let mut new = Vec::with_capacity(items.len());
    let mut forged = Vec::new();
    for one in open(state, who.device(), items).await? {
        match one {
            Ok(opened) => new.push(sealed(state, who.device(), opened)?),
            Err(code) => {
                forged.push(Answer::refused(code));
                *kept.refused.entry(code.code().to_owned()).or_default() += 1;
            }
        }
    }
    watch::answers(state, who, &forged).await;
    let received = state.store().hand_over(who.device_key(), new, state.now()).await.map_err(logged)?;
    Ok(Kept { taken: received.taken, already: received.already, ..kept })
}

fn sealed(state: &AppState, device: DeviceId, opened: Opened) -> Result<NewItem, Problem> {
    let bytes = state.vault().seal(Purpose::HandedOver, &device.0, &opened.bytes)?;
    let (document, kind, ward) = about(&opened.item);
    let part = match &opened.item {
        PushItem::Command { command, .. } => NewPart::of(command),
        PushItem::Change { .. } => None,
    };
    Ok(NewItem { item: opened.hash, document, part, kind, ward, bytes })
}

/// Document, kind and ward, as far as the item itself tells.
fn about(item: &PushItem) -> (Option<DocumentId>, Option<String>, Option<WardRef>) {
    match item {
        PushItem::Change { document, .. } => (Some(*document), None, None),
        PushItem::Command { command, .. } => match command {
            Command::CreateDocument { document, kind, ward, .. } => {
                (Some(*document), Some(kind.code().to_owned()), Some(*ward))
            }
            Command::CreateAtSchool { document, ward, .. } => {
                (Some(*document), Some(Kind::PledgeDrive.code().to_owned()), Some(*ward))
            }
            Command::CreateInCase { document, kind, .. } => {
                (Some(*document), Some(kind.code().to_owned()), None)
            }
            Command::ProposePlace { place } => (None, None, place.wards.first().map(|stay| stay.ward)),
            other => (other.document(), None, None),
        },
    }
}

/// What a supervisor decided about one item; `None`: it waits for others that it builds on.
pub type Outcome = (Key, Option<String>);

/// Takes these items in, as pushes of the devices they came from but by the right of the supervisor, or discards them.
/// Items decided before are left out.
///
/// # Errors
/// [`Code::NotAllowed`] when one is not theirs to decide ([`SignedIn::takes_in`]); nothing is decided then. [`Code::Busy`],
/// [`Code::Internal`].
pub async fn decide(
    state: &AppState,
    who: &SignedIn,
    ids: Vec<Key>,
    take: bool,
) -> Result<Vec<Outcome>, Problem> {
    let items = state.store().handed_over_bytes(ids).await.map_err(logged)?;
    if !items.iter().all(|(item, _)| who.takes_in(item.ward, item.kind.as_deref())) {
        return Err(Code::NotAllowed.into());
    }
    let mut outcomes = Vec::with_capacity(items.len());
    let mut by_device: BTreeMap<Key, Vec<(Item, Vec<u8>)>> = BTreeMap::new();
    for (item, bytes) in items {
        by_device.entry(item.device_key).or_default().push((item, bytes));
    }
    for (device, items) in by_device {
        let count = items.len();
        if take {
            outcomes.extend(take_in(state, who, device, items).await?);
        } else {
            outcomes.extend(items.into_iter().map(|(item, _)| (item.id, Some(DISCARDED.to_owned()))));
        }
        let note = format!("{} {count}", if take { TAKEN } else { DISCARDED });
        let line = who.line(kind::HANDED_OVER_DECIDED);
        audit::note(state, NewLine { device: Some(device), note, ..line }).await;
    }
    let decided = |(id, outcome): &Outcome| outcome.clone().map(|outcome| Decision { id: *id, outcome });
    let decisions = outcomes.iter().filter_map(decided).collect();
    state.store().decide_handed_over(who.person_key(), decisions, state.now()).await.map_err(logged)?;
    Ok(outcomes)
}

async fn take_in(
    state: &AppState,
    who: &SignedIn,
    device: Key,
    items: Vec<(Item, Vec<u8>)>,
) -> Result<Vec<Outcome>, Problem> {
    let session = state.store().session_of(device).await.map_err(logged)?.ok_or(Code::NotFound)?;
    let sender = SignedIn::new(session, state).with_access_of(who);
    let mut ids = Vec::with_capacity(items.len());
    let mut pushed = Vec::with_capacity(items.len());
    for (item, bytes) in items {
        let opened = state.vault().open_sealed(Purpose::HandedOver, &item.device.0, &bytes)?;
        ids.push(item.id);
        pushed.push(from_bytes::<PushItem>(&opened)?);
    }
    let answers = push_items(state, &sender, pushed).await?;
    watch::answers(state, &sender, &answers).await;
    let outcome = |answer: Answer| match answer {
        Answer::Ok(_) | Answer::Duplicate => Some(TAKEN.to_owned()),
        Answer::Refused { code, .. } => Some(code),
        // Whoever else may take it in still can.
        Answer::Parked(_) | Answer::MissingDependencies | Answer::RetryLater => None,
    };
    Ok(ids.into_iter().zip(answers.into_iter().map(outcome)).collect())
}
