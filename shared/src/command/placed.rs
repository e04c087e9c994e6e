//! Where a record belongs by what it says. Saying it places it nowhere: the phone sends commands beside it.

use std::collections::BTreeSet;

use crate::crdt::{Document, Kind};
use crate::domain::aftercare::AftercareCase;
use crate::domain::date::Millis;
use crate::domain::organisation::OrganisationId;
use crate::ids::{DocumentId, PersonId};

use super::Command;

/// The moment of a command that says once more, to a server that was put back to an older copy, what was said before: nobody knows when.
/// Where the server's ledger knows anything about it, the ledger counts.
pub const SAID_BEFORE: Millis = 0;

/// The organisations that a record names: the lead, where people agree on one, and those that took part.
#[must_use]
pub fn organisations(document: &Document) -> BTreeSet<OrganisationId> {
    let (lead, others) = match document.kind() {
        Kind::OutreachVisit => {
            let visit = document.visit();
            (visit.lead, visit.co_organisers)
        }
        Kind::PledgeDrive => {
            let drive = document.drive();
            (drive.lead, drive.co_organisers)
        }
        Kind::PreventionModel => {
            let model = document.model();
            (model.lead, model.co_organisers)
        }
        _ => return BTreeSet::new(),
    };
    lead.value().cloned().into_iter().chain(others).collect()
}

/// The commands that place a record where it says that it belongs: organisations, other wards, the helpers of a case. For a
/// record that the server does not know any more; a drive is placed with its school at its next save.
#[must_use]
pub fn placements(document: &Document) -> Vec<Command> {
    let id: DocumentId = document.id();
    let organisations = organisations(document).into_iter();
    let mut commands: Vec<Command> =
        organisations.map(|organisation| Command::AddOrganisation { document: id, organisation }).collect();
    match document.kind() {
        Kind::OutreachVisit => {
            let wards = document.visit().other_wards;
            commands.extend(wards.into_iter().map(|ward| Command::ReachWard { document: id, ward }));
        }
        Kind::AftercareCase => {
            let helpers = AftercareCase::of(&document.fields()).helpers.into_keys();
            let people = helpers.filter_map(|person| person.parse::<PersonId>().ok());
            commands.extend(people.map(|person| Command::AssignHelper { case: id, person }));
        }
        _ => {}
    }
    commands
}
