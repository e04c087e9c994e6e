//! Commands to the register of places: who may give them.

use std::collections::BTreeSet;

use donghanh_shared::access::Scope;
use donghanh_shared::command::Command;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::place::{Place, PlaceStatus};

use crate::auth::SignedIn;
use crate::store::RegisterAction;

/// What a command does to the register, if the person may give it.
pub fn register_action(who: &SignedIn, command: Command) -> Result<RegisterAction, Code> {
    let supervised = || -> Result<BTreeSet<WardRef>, Code> {
        let wards: BTreeSet<WardRef> = who
            .access()
            .activity_wards()
            .filter(|ward| who.access().may_write(&Scope::Activity(*ward)))
            .collect();
        if who.access().supervises { Ok(wards) } else { Err(Code::NotAllowed) }
    };
    match command {
        Command::ProposePlace { place } => propose(who, place).map(RegisterAction::Propose),
        Command::ApprovePlace { place } => Ok(RegisterAction::Approve(place, supervised()?)),
        Command::MergePlace { place, into } => Ok(RegisterAction::Merge(place, into, supervised()?)),
        _ => Err(Code::Internal),
    }
}

fn propose(who: &SignedIn, place: Place) -> Result<Place, Code> {
    let name = place.name.trim();
    if name.is_empty() {
        return Err(Code::TextEmpty);
    }
    if name.chars().count() > Place::NAME_CHARS || place.level.chars().count() > Place::NAME_CHARS {
        return Err(Code::TextTooLong);
    }
    let wards = || place.wards.iter().map(|stay| stay.ward);
    if place.wards.is_empty() || wards().any(|ward| !who.knows_ward(ward)) {
        return Err(Code::WardUnknown);
    }
    let is_new = place.status == PlaceStatus::Proposed && place.merged_into.is_none();
    if !is_new || place.wards.len() > 8 || wards().any(|ward| !who.access().may_write(&Scope::Activity(ward)))
    {
        return Err(Code::NotAllowed);
    }
    Ok(Place { name: name.to_owned(), ..place })
}
