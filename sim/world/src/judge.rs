//! The end of a schedule: nothing goes wrong any more, everybody syncs until nothing moves, and the model is compared with what
//! lies where.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use donghanh_shared::crdt::Document;
use donghanh_shared::ids::{ActorId, DocumentId};
use donghanh_shared::sync::session::{Config, Effect};
use donghanh_shared::sync::wire::PushItem;
use donghanh_sim::process::Process;
use donghanh_sim::store::{Record, Store};
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest as _, Sha256};

use crate::canary::contains;
use crate::oracle::{Fault, Open};
use crate::rng::Rng;
use crate::steps::ROUND;
use crate::versions::Version;
use crate::world::World;

/// Quiet rounds before whatever still moves counts as stuck.
const QUIET_ROUNDS: usize = 8;

type Records = BTreeMap<DocumentId, Record>;

impl World<'_> {
    /// Ends the schedule and judges it.
    ///
    /// # Errors
    /// When the server in this process fails as such.
    pub async fn judge(&mut self, rng: &mut Rng) -> Result<()> {
        self.settle_down(rng).await?;
        let server = self.read_server(rng).await?;
        self.judge_stuck();
        self.judge_lost(&server);
        self.judge_devices(&server);
        self.judge_database(&server)
    }

    async fn settle_down(&mut self, rng: &mut Rng) -> Result<()> {
        for machine in &mut self.machines {
            machine.pending.clear();
            // An older app holds less. What a newer one says does no harm to the end.
            if machine.version == Version::Older {
                machine.version = Version::Current;
            }
        }
        for round in 0..QUIET_ROUNDS {
            let before = self.standing();
            for at in 0..self.machines.len() {
                let mut left = ROUND;
                while left > 0 && self.advance(at, rng).await? {
                    left -= 1;
                }
                if left == 0 {
                    self.model.find(Fault::Stuck, format!("the round of device {at} does not end"));
                }
            }
            // The first may have ended a round that was under way, the second begins where that ended.
            if round > 1 && before == self.standing() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// What would differ if anything moved: cursors, what waits, what is held.
    fn standing(&self) -> Vec<String> {
        let of = |machine: &crate::machine::Machine| {
            let store = &machine.store;
            let waits: Vec<_> =
                store.outbox.iter().map(|(n, waiting)| (n, waiting.refused.is_some())).collect();
            let held: BTreeSet<_> =
                store.records.iter().map(|(id, r)| (*id, r.heads.clone(), r.scopes.clone())).collect();
            format!("{:?} {waits:?} {held:?} {}", store.cursors, machine.gone)
        };
        self.machines.iter().map(of).collect()
    }

    /// Everything that is on the server, as those see it who between them may see all of it.
    async fn read_server(&mut self, rng: &mut Rng) -> Result<Records> {
        let mut all = Records::new();
        for name in ["van", "dung", "ha"] {
            let who = self.template.reserve(name).clone();
            let config = Config { instance: who.instance, device: who.device, jitter_seed: 1 };
            let mut store = Store::default();
            let mut process = Process::start(config, &store, ActorId(rng.id()));
            process.wake();
            while let Some(effect) = process.next_effect() {
                if let Effect::Send { route, body } = effect {
                    let reply = self.server.sync(&who.token, route, body).await?;
                    process.answered(Some(reply));
                } else {
                    process.carry_out(effect, &mut store);
                }
            }
            for (id, _) in &store.set_aside {
                self.model.find(Fault::Diverged, format!("{id} does not read"));
            }
            all.extend(store.records);
        }
        Ok(all)
    }

    fn judge_stuck(&mut self) {
        let (mut found, mut open) = (Vec::new(), 0);
        for (at, machine) in self.machines.iter().enumerate().filter(|(_, machine)| !machine.gone) {
            let name = machine.credentials.name;
            for waiting in machine.store.outbox.values().filter(|waiting| waiting.refused.is_none()) {
                // Its record, or the right to it, went with the database that was replaced.
                if self.model.was_restored
                    && waiting.document().is_some_and(|id| !self.model.may_write(name, id))
                {
                    open += 1;
                    continue;
                }
                let what = match &waiting.item {
                    PushItem::Command { command, .. } => format!("{command:?}"),
                    PushItem::Change { document, .. } => format!("a change of {document}"),
                };
                found.push(format!("device {at} of {name} still has {what}"));
            }
        }
        (0..open).for_each(|_| self.model.count_open(Open::WaitsSinceRestore));
        found.into_iter().for_each(|what| self.model.find(Fault::Stuck, what));
    }

    fn judge_lost(&mut self, server: &Records) {
        let (mut found, mut gone) = (Vec::new(), Vec::new());
        for save in &self.model.saves {
            let is_there = server
                .get(&save.document)
                .is_some_and(|record| contains(&record.bytes, save.marker.as_bytes()));
            let is_excused = save.excused || self.model.is_erased(save.document);
            if !is_there && !is_excused && !self.machines.iter().any(|machine| machine.waits(&save.marker)) {
                if !save.there
                    && let Some(holders) = &save.holders
                    && !self.was_to_be_brought(holders)
                {
                    gone.push(format!(
                        "    {} of {} is gone with its devices: {holders:?}",
                        save.marker, save.author
                    ));
                    continue;
                }
                found.push(format!("{} of {}", save.marker, save.document));
            }
        }
        for line in gone {
            self.model.count_open(Open::GoneWithDevices);
            self.note(line);
        }
        found.into_iter().for_each(|what| self.model.find(Fault::Lost, what));
    }

    fn judge_devices(&mut self, server: &Records) {
        let (mut found, mut open) = (Vec::new(), Vec::new());
        for (at, machine) in self.machines.iter().enumerate().filter(|(_, machine)| !machine.gone) {
            let name = machine.credentials.name;
            let mut find = |fault, what: String| found.push((fault, format!("device {at} of {name} {what}")));
            for (id, record) in server {
                if !self.model.may_read(name, *id) || self.model.is_erased(*id) || machine.waits_of(*id) {
                    continue;
                }
                match machine.store.records.get(id) {
                    None => find(Fault::Diverged, format!("lacks {id}")),
                    Some(held) if sorted(held) == sorted(record) => {}
                    Some(held) if self.keeps_of_others(name, *id, held, record) => {
                        open.push(Open::KeptOfOthers);
                    }
                    Some(_) => {
                        find(Fault::Diverged, format!("has another {id}"));
                    }
                }
            }
            for id in machine.store.records.keys() {
                let waits = machine.waits_of(*id);
                if self.model.is_erased(*id) {
                    find(Fault::Resurrected, format!("holds {id}"));
                } else if !waits && !self.model.may_read(name, *id) {
                    find(Fault::Leaked, format!("holds {id}"));
                } else if !waits && !server.contains_key(id) {
                    find(Fault::Diverged, format!("alone holds {id}"));
                }
            }
        }
        found.sort();
        open.into_iter().for_each(|open| self.model.count_open(open));
        found.into_iter().for_each(|(fault, what)| self.model.find(fault, what));
    }

    /// Whether all that a device holds beyond the server's record is what others wrote, went with a restore, and nobody is left to
    /// bring; this person may not.
    fn keeps_of_others(&self, name: &str, id: DocumentId, held: &Record, server: &Record) -> bool {
        let loaded = |record: &Record| Document::load(&record.bytes).ok();
        let (Some(held), Some(server)) = (loaded(held), loaded(server)) else { return false };
        if self.model.may_write(name, id) || !server.heads().iter().all(|head| held.contains(head)) {
            return false;
        }
        let of_others = |bytes: &[u8]| {
            let mut of = self.model.saves.iter().filter(|save| save.document == id);
            of.any(|save| {
                let is_gone = save.holders.as_ref().is_some_and(|holders| !self.was_to_be_brought(holders));
                save.author != name && !save.there && is_gone && contains(bytes, save.marker.as_bytes())
            })
        };
        let beyond = held.changes().into_iter().filter(|change| !server.contains(&change.hash));
        beyond.into_iter().all(|change| of_others(&change.bytes))
    }

    fn judge_database(&mut self, server: &Records) -> Result<()> {
        let file = self.server.database();
        let db =
            Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY).context("the database")?;
        let mut expected: BTreeMap<String, u128> = BTreeMap::new();
        for (id, record) in server {
            for scope in self.model.scopes(*id) {
                let sum = expected.entry(scope).or_default();
                *sum = sum.wrapping_add(reckoned(*id, record));
            }
        }
        let mut query = db.prepare("SELECT scope, digest FROM scope WHERE scope <> 'reference'")?;
        let rows: Vec<(String, [u8; 16])> =
            query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        for (scope, digest) in rows {
            if expected.remove(&scope).unwrap_or(0) != u128::from_be_bytes(digest) {
                self.model.find(Fault::Diverged, format!("the server's digest of {scope}"));
            }
        }
        for (scope, _) in expected.into_iter().filter(|(_, sum)| *sum != 0) {
            self.model.find(Fault::Diverged, format!("the server does not know {scope}"));
        }
        self.judge_erased(&db)
    }

    /// Of what was erased, no content and no place is left.
    fn judge_erased(&mut self, db: &Connection) -> Result<()> {
        let ids: BTreeSet<DocumentId> =
            self.model.records.keys().chain(self.model.begun.keys()).copied().collect();
        let erased: Vec<DocumentId> = ids.into_iter().filter(|id| self.model.is_erased(*id)).collect();
        for id in erased {
            for table in ["change", "snapshot", "placement", "parked", "case_key", "care_row"] {
                let sql = format!(
                    "SELECT count(*) FROM {table} t JOIN document d ON d.id = t.document WHERE d.document = ?1"
                );
                let left: i64 = db.query_row(&sql, [id.0], |row| row.get(0)).context(table)?;
                if left > 0 {
                    self.model.find(Fault::Resurrected, format!("{left} rows of {id} in {table}"));
                }
            }
        }
        Ok(())
    }
}

fn sorted(record: &Record) -> Vec<[u8; 32]> {
    let mut heads: Vec<[u8; 32]> = record.heads.iter().map(|head| head.0).collect();
    heads.sort_unstable();
    heads
}

/// What a record adds to the digests of its scopes, by `docs/sync-protocol.md`.
fn reckoned(id: DocumentId, record: &Record) -> u128 {
    let mut hasher = Sha256::new();
    hasher.update(id.0);
    hasher.update(record.generation.to_be_bytes());
    for head in sorted(record) {
        hasher.update(head);
    }
    let mut first = [0; 16];
    first.copy_from_slice(&hasher.finalize()[..16]);
    u128::from_be_bytes(first)
}
