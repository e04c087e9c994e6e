//! Places that a server lost which was put back to an older state: proposed once more, so that the records that are brought back do not
//! name places that nobody knows. Whoever looks after the ward approves them again.

use std::collections::BTreeSet;

use donghanh_shared::access::Scope;
use donghanh_shared::command::Command;
use donghanh_shared::domain::error::Problem;
use donghanh_shared::domain::place::{Place, PlaceStatus};
use donghanh_shared::ids::{CommandId, PlaceId};
use donghanh_shared::sync::wire::{PullPage, Reference, to_bytes};

use super::driver::Driver;
use super::scopes::{self, Scopes};
use crate::browser;
use crate::store::{Batch, OutboxEntry, Payload};

/// The places among pieces of the register.
fn places(pieces: Vec<Reference>) -> impl Iterator<Item = Place> {
    pieces.into_iter().filter_map(|piece| match piece {
        Reference::Place(place) => Some(place),
        Reference::Ward(_) | Reference::Organisation(_) | Reference::Campaign(_) => None,
    })
}

/// The places of the register as it was that the server has not given again, as they can be proposed by whoever may write in all
/// their wards.
fn lost(scopes: &Scopes, missing: &BTreeSet<PlaceId>, register: Vec<Reference>) -> Vec<Place> {
    let writes = |scope: Scope| {
        scopes.states.values().any(|state| state.write && state.scope.as_ref() == Some(&scope))
    };
    let lost = places(register).filter(|place| {
        missing.contains(&place.id) && place.wards.iter().all(|stay| writes(Scope::Activity(stay.ward)))
    });
    lost.map(|place| Place { status: PlaceStatus::Proposed, merged_into: None, ..place }).collect()
}

impl Driver {
    /// When the page begins the register anew: what the phone knows of it is to be given again.
    pub(super) async fn expected_places(
        &self,
        page: &PullPage,
    ) -> Result<Option<BTreeSet<PlaceId>>, Problem> {
        let is_register = |number: u32| {
            self.scopes
                .borrow()
                .states
                .get(&number)
                .is_some_and(|state| state.scope == Some(Scope::Reference))
        };
        let named = page.scopes.iter().map(|info| info.number);
        if !named.chain(page.unknown.iter().flatten().copied()).any(is_register) {
            return Ok(None);
        }
        Ok(Some(places(self.store.reference().await?).map(|place| place.id).collect()))
    }

    /// Proposes once more what was not given. Only once everything that the server has was stored.
    pub(super) async fn offer_places(&self) -> Result<(), Problem> {
        let Some(missing) = self.scopes.borrow().places.clone() else { return Ok(()) };
        let register = if missing.is_empty() { Vec::new() } else { self.store.reference().await? };
        let scopes = Scopes { places: None, ..self.scopes.borrow().clone() };
        let entry = |place: Place| OutboxEntry {
            document: None,
            generation: 0,
            payload: Payload::Command {
                id: CommandId(browser::random_id()),
                command: Command::ProposePlace { place },
            },
            at: browser::now(),
            refused: None,
        };
        let outbox_add: Vec<OutboxEntry> = lost(&scopes, &missing, register).into_iter().map(entry).collect();
        let offers = !outbox_add.is_empty();
        let meta = vec![(scopes::KEY, to_bytes(&scopes))];
        let batch = Batch { outbox_add, meta, ..Batch::default() };
        self.store.commit(&batch).await?;
        self.scopes.replace(scopes);
        self.announce(batch);
        if offers {
            self.go_on();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use donghanh_shared::domain::date::Span;
    use donghanh_shared::domain::place::{PlaceKind, PlaceWard};
    use donghanh_shared::domain::vocabulary::Term as _;
    use donghanh_shared::sync::wire::ScopeInfo;

    use super::*;

    fn place(id: u8, ward: &str, status: PlaceStatus) -> Place {
        let ward = ward.parse().expect("ward");
        let span = Span { from: "2025-07-01".parse().expect("day"), to: None };
        let (name, level) = (format!("Nhà văn hóa {id}"), String::new());
        let wards = vec![PlaceWard { ward, span }];
        Place {
            id: PlaceId([id; 16]),
            kind: PlaceKind::ALL[0],
            name,
            level,
            wards,
            status,
            merged_into: None,
        }
    }

    #[test]
    fn what_was_not_given_is_proposed_where_the_person_may_write() {
        let (mine, theirs) = ("08707@2025-07-01", "08710@2025-07-01");
        let mut scopes = Scopes::default();
        let info = |number, ward: &str, write| ScopeInfo {
            number,
            scope: format!("activity/{ward}").parse().expect("scope"),
            write,
        };
        scopes.name(&[info(4, mine, true), info(5, theirs, false)]);
        let register = [
            place(1, mine, PlaceStatus::Registered),
            place(2, mine, PlaceStatus::Registered),
            place(3, theirs, PlaceStatus::Proposed),
        ];
        scopes.places = Some(register.iter().map(|place| place.id).collect());
        let given = Reference::Place(place(2, mine, PlaceStatus::Registered));
        scopes.strike_places(std::slice::from_ref(&given));
        let missing = scopes.places.clone().expect("some");
        let register = register.into_iter().map(Reference::Place).collect();
        assert_eq!(lost(&scopes, &missing, register), [place(1, mine, PlaceStatus::Proposed)]);
    }
}
