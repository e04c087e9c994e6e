//! Places that the register lacks: proposed at once and offline, approved or merged by a supervisor.

use donghanh_shared::command::Command;
use donghanh_shared::domain::date::Span;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::place::{Place, PlaceKind, PlaceStatus, PlaceWard};
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{CommandId, PlaceId};
use donghanh_shared::sync::wire::Reference;
use leptos::prelude::*;

use super::notices::{show_outbox, show_reference};
use super::{AppState, Register};
use crate::browser;
use crate::store::{Batch, OutboxEntry, Outcome, Payload};

pub(super) async fn propose(
    state: AppState,
    ward: WardRef,
    kind: PlaceKind,
    name: &str,
) -> Result<PlaceId, Problem> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err(Problem::new(Code::TextEmpty).at("name"));
    }
    if name.chars().count() > Place::NAME_CHARS {
        return Err(Problem::new(Code::TextTooLong).at("name"));
    }
    let id = PlaceId(browser::random_id());
    // It lay there before somebody noticed that it was missing; the ward's first day is what is surely true.
    let span = Span { from: ward.valid_from, to: None };
    let wards = vec![PlaceWard { ward, span }];
    let status = PlaceStatus::Proposed;
    let place = Place { id, kind, name, level: String::new(), wards, status, merged_into: None };
    command(state, Command::ProposePlace { place: place.clone() }, place).await?;
    Ok(id)
}

pub(super) async fn approve(state: AppState, id: PlaceId) -> Result<(), Problem> {
    let place = known(&state.register.get_untracked(), id)?;
    command(state, Command::ApprovePlace { place: id }, Place { status: PlaceStatus::Registered, ..place })
        .await
}

pub(super) async fn merge(state: AppState, id: PlaceId, into: PlaceId) -> Result<(), Problem> {
    let register = state.register.get_untracked();
    let (place, into) = (known(&register, id)?, known(&register, into)?.id);
    let merged = Place { status: PlaceStatus::Merged, merged_into: Some(into), ..place };
    command(state, Command::MergePlace { place: id, into }, merged).await
}

/// The place itself, not the one it was merged into.
fn known(register: &Register, id: PlaceId) -> Result<Place, Problem> {
    let found = register.places.iter().find(|place| place.id == id);
    found.cloned().ok_or_else(|| Problem::new(Code::PlaceUnknown))
}

/// Queues a command and shows at once what it will do; the server's word replaces that.
async fn command(state: AppState, command: Command, place: Place) -> Result<(), Problem> {
    let engine = state.engine()?;
    let piece = Reference::Place(place);
    let entry = OutboxEntry {
        document: None,
        generation: 0,
        payload: Payload::Command { id: CommandId(browser::random_id()), command },
        at: browser::now(),
        refused: None,
    };
    let batch = Batch { outbox_add: vec![entry.clone()], reference: vec![piece.clone()], ..Batch::default() };
    if let Outcome::Durable(numbers) = engine.store.commit(&batch).await? {
        engine.outbox.borrow_mut().extend(numbers.into_iter().map(|number| (number, entry.clone())));
    }
    show_outbox(state, &engine);
    show_reference(state, &engine, vec![piece]);
    engine.say("all");
    engine.poke();
    Ok(())
}
