//! Items that a device sealed to the server: sent while the app is locked, carried over in a rescue file, handed over by
//! a device that was taken away. Opened here and nowhere else; what is inside is pushed like anything of that device.

use std::collections::BTreeMap;

use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::photo::MAX_PHOTO_BYTES;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{DeviceId, PhotoId};
use donghanh_shared::seal::outbox::{MAX_RESCUE_ITEMS, SealedItems};
use donghanh_shared::sync::wire::{
    Answer, MAX_PUSH_ITEMS, MAX_PUSH_UNPACKED, PROTOCOL, PushAnswer, PushItem, from_bytes, inflate,
};
use minicbor::bytes::ByteVec;
use sha2::{Digest as _, Sha256};

use super::push::push_items;
use super::{hand_over, watch};
use crate::audit::{self, kind};
use crate::auth::{SignedIn, devices};
use crate::problem::logged;
use crate::state::AppState;
use crate::store::Key;
use crate::store::audit::NewLine;
use crate::store::photos::LoosePhoto;

/// An item that was opened.
#[derive(Debug)]
pub struct Opened {
    /// SHA-256 of the item as it came.
    pub hash: [u8; 32],
    /// What was inside, as bytes.
    pub bytes: Vec<u8>,
    /// What was inside.
    pub item: PushItem,
}

/// Reads the deflated body of a device.
///
/// # Errors
/// [`Code::BodyMalformed`], [`Code::BodyTooLarge`], [`Code::VersionUnsupported`], [`Code::OtherInstance`],
/// [`Code::NotAllowed`] for another's device.
pub async fn read(
    state: &AppState,
    who: &SignedIn,
    body: impl AsRef<[u8]> + Send + 'static,
    limit: usize,
) -> Result<SealedItems, Problem> {
    let place = state.push_place().await?;
    let read = state.compute(move || from_bytes::<SealedItems>(&inflate(body.as_ref(), limit)?));
    let items = read.await??;
    drop(place);
    check(state, &items)?;
    if items.device != who.device() {
        watch::foreign_device(state, who).await;
        return Err(Code::NotAllowed.into());
    }
    Ok(items)
}

fn check(state: &AppState, items: &SealedItems) -> Result<(), Problem> {
    if items.version != PROTOCOL {
        return Err(Code::VersionUnsupported.into());
    }
    if items.instance != state.store().instance().id {
        return Err(Code::OtherInstance.into());
    }
    Ok(())
}

/// Opens items of a device; each is told by itself.
///
/// # Errors
/// [`Code::Internal`].
pub async fn open(
    state: &AppState,
    device: DeviceId,
    items: Vec<ByteVec>,
) -> Result<Vec<Result<Opened, Code>>, Problem> {
    let vault = state.clone();
    let open_all = move || {
        let mark = vault.vault().device_mark(device);
        let open = |sealed: ByteVec| {
            let hash = Sha256::digest(sealed.as_slice()).into();
            let opened = vault.vault().receiver().open(device, &mark, &sealed);
            let bytes = opened.map_err(|problem| problem.code)?;
            let item = from_bytes(&bytes).map_err(|_| Code::RescueUnreadable)?;
            Ok(Opened { hash, bytes, item })
        };
        items.into_iter().map(open).collect()
    };
    state.compute(open_all).await
}

/// Takes what a device sealed while it was locked, as if it had pushed it.
///
/// # Errors
/// Those of [`read`], [`Code::Busy`], [`Code::Internal`].
pub async fn push(
    state: &AppState,
    who: &SignedIn,
    body: impl AsRef<[u8]> + Send + 'static,
) -> Result<PushAnswer, Problem> {
    let items = read(state, who, body, MAX_PUSH_UNPACKED).await?;
    if items.items.len() > MAX_PUSH_ITEMS {
        return Err(Code::BodyTooLarge.into());
    }
    let answers = push_sealed(state, who, items.items).await?;
    Ok(PushAnswer { epoch: state.store().instance().epoch, answers })
}

async fn push_sealed(state: &AppState, who: &SignedIn, items: Vec<ByteVec>) -> Result<Vec<Answer>, Problem> {
    let opened = open(state, who.device(), items).await?;
    let codes: Vec<Option<Code>> = opened.iter().map(|one| one.as_ref().err().copied()).collect();
    let good = opened.into_iter().filter_map(Result::ok).map(|opened| opened.item).collect();
    let mut answers = push_items(state, who, good).await?.into_iter();
    let whole = codes.into_iter().map(|code| match code {
        Some(code) => Answer::refused(code),
        None => answers.next().unwrap_or(Answer::RetryLater),
    });
    let whole: Vec<Answer> = whole.collect();
    watch::answers(state, who, &whole).await;
    Ok(whole)
}

/// Keeps pictures of a device for the records that list them, now or later; nobody here can open them. Gives how many are
/// here now, and counts those too large for a picture.
///
/// # Errors
/// [`Code::HandOverFull`]; none is kept then. [`Code::Internal`].
pub async fn keep_photos(
    state: &AppState,
    device: Key,
    photos: Option<Vec<ByteVec>>,
    refused: &mut BTreeMap<String, usize>,
) -> Result<usize, Problem> {
    let (fit, large): (Vec<_>, Vec<_>) =
        photos.unwrap_or_default().into_iter().partition(|bytes| bytes.len() <= MAX_PHOTO_BYTES);
    if !large.is_empty() {
        *refused.entry(Code::PhotoTooLarge.code().to_owned()).or_default() += large.len();
    }
    if fit.is_empty() {
        return Ok(0);
    }
    let named = |bytes: ByteVec| {
        let bytes = Vec::from(bytes);
        LoosePhoto { photo: PhotoId(Sha256::digest(&bytes).into()), bytes }
    };
    let photos = state.compute(move || fit.into_iter().map(named).collect()).await?;
    state.store().keep_loose(device, photos, state.now()).await.map_err(logged)
}

/// What became of a rescue file.
#[derive(Debug, Default)]
pub struct Rescued {
    /// Items taken in, or kept for a supervisor when the device was taken away.
    pub taken: usize,
    /// Items that were here already.
    pub already: usize,
    /// Items kept aside.
    pub parked: usize,
    /// Pictures that are here now.
    pub photos: usize,
    /// Items not taken, by code.
    pub refused: BTreeMap<String, usize>,
}

/// Takes the rescue file of any device: as a push of that device, with the right of its person, or for a supervisor when
/// it was taken away. Whoever brings it needs no right: they cannot read it.
///
/// # Errors
/// [`Code::RescueUnreadable`], [`Code::VersionUnsupported`], [`Code::OtherInstance`], [`Code::SealedForged`] when the
/// device is unknown, [`Code::HandOverFull`], [`Code::Busy`], [`Code::Internal`].
pub async fn rescue(
    state: &AppState,
    by: &SignedIn,
    file: impl AsRef<[u8]> + Send + 'static,
) -> Result<Rescued, Problem> {
    let place = state.push_place().await?;
    let items = state.compute(move || SealedItems::from_file(file.as_ref())).await??;
    drop(place);
    check(state, &items)?;
    if items.items.len() > MAX_RESCUE_ITEMS {
        return Err(Code::BodyTooLarge.into());
    }
    let device = devices::one(state, items.device).await?.ok_or(Code::SealedForged)?;
    let session = state.store().session_of(device.key).await.map_err(logged)?.ok_or(Code::NotAllowed)?;
    let owner = SignedIn::new(session, state);
    let mut rescued = if device.revoked_at.is_some() {
        let kept = hand_over::keep(state, &owner, items.items).await?;
        Rescued { taken: kept.taken, already: kept.already, refused: kept.refused, ..Rescued::default() }
    } else {
        count(&push_sealed(state, &owner, items.items).await?)
    };
    rescued.photos = keep_photos(state, device.key, items.photos, &mut rescued.refused).await?;
    let note = format!("{} {}", rescued.taken, rescued.refused.values().sum::<usize>());
    let line = NewLine {
        person: Some(by.person_key()),
        about: Some(device.person_key),
        note,
        ..owner.line(kind::RESCUE)
    };
    audit::note(state, line).await;
    Ok(rescued)
}

fn count(answers: &[Answer]) -> Rescued {
    let mut rescued = Rescued::default();
    for answer in answers {
        let code = match answer {
            Answer::Ok(_) => {
                rescued.taken += 1;
                continue;
            }
            Answer::Duplicate => {
                rescued.already += 1;
                continue;
            }
            Answer::Parked(_) => {
                rescued.parked += 1;
                continue;
            }
            Answer::Refused { code, .. } => code.clone(),
            Answer::MissingDependencies => Code::DependsOnRefused.code().to_owned(),
            Answer::RetryLater => Code::Busy.code().to_owned(),
        };
        *rescued.refused.entry(code).or_default() += 1;
    }
    rescued
}
