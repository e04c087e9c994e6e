//! The server is put back to an older copy of its database, with the ledger as it is now. What the copy lacks comes back from
//! whoever still holds it; the model goes back with the copy, and remembers who that is.

use std::collections::BTreeSet;

use anyhow::Result;
use donghanh_shared::ids::DocumentId;
use donghanh_shared::sync::wire::{PullItem, PullPage, from_bytes};
use donghanh_sim::process::Process;
use donghanh_sim::store::Store;

use crate::canary::contains;
use crate::machine::Machine;
use crate::oracle::{Model, Past, Save};
use crate::world::World;

/// A copy of the database, and what was so when it was taken.
#[derive(Debug)]
pub struct Backup {
    number: usize,
    past: Past,
    answered: BTreeSet<Vec<u8>>,
}

/// Somebody who held a save when the server lost it: the device, and which life of it.
pub type Holder = (usize, u64);

impl World<'_> {
    /// Takes a copy of the database; an earlier one is no longer put back.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub async fn back_up(&mut self) -> Result<()> {
        let number = self.server.back_up().await?;
        self.backup = Some(Backup { number, past: self.model.past(), answered: self.answered.clone() });
        Ok(())
    }

    /// Puts the last copy back.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn restore(&mut self) -> Result<bool> {
        let Some(backup) = &self.backup else { return Ok(false) };
        self.server.restore(backup.number).await?;
        let before = self.model.clone();
        self.answered.clone_from(&backup.answered);
        self.model = before.clone().back_to(&backup.past);
        let held: Vec<Option<BTreeSet<Holder>>> =
            self.model.saves.iter().map(|save| self.who_brings(save, &before)).collect();
        for (save, holders) in self.model.saves.iter_mut().zip(held) {
            save.holders = holders.or(save.holders.take());
        }
        Ok(true)
    }

    /// Who may bring back a save that the server had, and has no longer; `None` when it lacks nothing.
    fn who_brings(&self, save: &Save, before: &Model) -> Option<BTreeSet<Holder>> {
        let was_there = before.saves.iter().any(|one| one.marker == save.marker && one.there);
        if save.there || !was_there {
            return None;
        }
        let brings = |machine: &Machine| {
            let name = machine.credentials.name;
            let own = name == save.author;
            holds(machine, save)
                && !is_leaving(machine, save.document)
                && still_holds(machine, save)
                && (own || self.may_bring(name, save.document, before))
        };
        let all = self.machines.iter().enumerate().filter(|(_, machine)| !machine.gone && brings(machine));
        Some(all.map(|(at, machine)| (at, machine.life)).collect())
    }

    /// What others wrote is brought back by whoever may write there, by what they may do now.
    fn may_bring(&self, name: &str, document: DocumentId, before: &Model) -> bool {
        if self.model.records.contains_key(&document) {
            return self.model.may_write(name, document);
        }
        // The copy has never heard of the record: it is made again where it was.
        let mut there = before.clone();
        (there.posts, there.helpers) = (self.model.posts.clone(), self.model.helpers.clone());
        there.may_write(name, document)
    }

    /// Whether somebody still could have brought this back, and nothing that happened since kept them from it.
    pub(crate) fn was_to_be_brought(&self, holders: &BTreeSet<Holder>) -> bool {
        holders.iter().any(|(at, life)| {
            let machine = &self.machines[*at];
            machine.life == *life && !machine.gone && !self.model.shifted.contains(machine.credentials.name)
        })
    }
}

/// Whether a page that the server gave before takes the record, or a scope, away from the device.
fn is_leaving(machine: &Machine, document: DocumentId) -> bool {
    let takes = |page: &PullPage| {
        let leaves =
            |item: &PullItem| matches!(item, PullItem::Leave { document: id, .. } if *id == document);
        !page.ended.is_empty() || page.items.iter().any(leaves)
    };
    let coming = match &machine.reply {
        Some(Some((200, body))) => from_bytes::<PullPage>(body).ok(),
        _ => None,
    };
    let here = machine.tabs.iter().filter_map(Process::page_in_hand);
    here.chain(coming.as_ref()).any(takes)
}

/// Whether the device holds it also once it has heard what the server answered before it was put back: a record in none of its
/// scopes goes with the answer that the server has all of it, or at the end of the round.
fn still_holds(machine: &Machine, save: &Save) -> bool {
    let Some(process) = machine.syncing.and_then(|tab| machine.tabs.get(tab)) else { return true };
    let record = machine.store.records.get(&save.document);
    if record.is_none_or(|record| !record.scopes.is_empty()) {
        return true;
    }
    let store = process.foreseen(machine.reply.clone().flatten(), &machine.store);
    is_in(&store, save)
}

fn holds(machine: &Machine, save: &Save) -> bool {
    is_in(&machine.store, save)
}

fn is_in(store: &Store, save: &Save) -> bool {
    let record = store.records.get(&save.document);
    record.is_some_and(|record| contains(&record.bytes, save.marker.as_bytes()))
}
