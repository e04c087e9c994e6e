//! What goes wrong in a schedule, and what people do to each other while somebody is offline.

use anyhow::Result;
use donghanh_shared::command::Command;
use donghanh_shared::crdt::Kind;
use donghanh_shared::ids::DocumentId;
use donghanh_sim::store::Store;
use serde_json::{Value, json};

use crate::machine::Machine;
use crate::people::{PEOPLE, Place, Post, person};
use crate::plan::Fault;
use crate::rng::Rng;
use crate::versions::Version;
use crate::world::World;

/// Devices of one schedule at most, copies of profiles among them.
const MACHINES: usize = 8;

impl World<'_> {
    /// Makes something go wrong, or plans it for the next request or transaction of the device.
    ///
    /// # Errors
    /// When the server in this process fails as such.
    pub async fn fault(&mut self, at: usize, fault: Fault, rng: &mut Rng) -> Result<()> {
        let happened = match fault {
            Fault::RequestCut | Fault::AnswerLost | Fault::AnswerCut | Fault::Duplicate | Fault::Quota => {
                // Counted when it hits something.
                self.machines[at].pending.insert(fault);
                false
            }
            Fault::LateRequest => self.deliver_late(at, rng).await?,
            Fault::DeviceKilled => {
                let machine = &mut self.machines[at];
                let is_under_way = machine.syncing.is_some();
                machine.kill();
                is_under_way
            }
            Fault::ServerKilled => {
                self.server.kill().await?;
                true
            }
            Fault::Evicted => self.evict(at),
            Fault::Cloned => {
                let is_one = self.machines.len() < MACHINES && !self.machines[at].store.records.is_empty();
                if is_one {
                    let copy = self.machines[at].copy();
                    self.machines.push(copy);
                }
                is_one
            }
            Fault::ClockJump => {
                let hours = i64::try_from(rng.below(24 * 60)).unwrap_or(0) - 24 * 30;
                self.machines[at].clock = hours * 3_600_000;
                true
            }
            Fault::SecondTab => {
                let machine = &mut self.machines[at];
                let is_one = machine.tabs.len() < 2;
                machine.tab(rng);
                if machine.tabs.len() < 2 {
                    machine.open_tab(rng);
                }
                is_one
            }
            Fault::RevokedOffline => self.revoke(at, rng).await?,
            Fault::RoleEndedOffline => self.end_role(at, rng).await?,
            Fault::WardChangedOffline => self.change_ward(at, rng).await?,
            Fault::MovedOffline => self.move_under(at, rng).await?,
            Fault::TransferredOffline => self.transfer_under(at, rng).await?,
            Fault::ErasedOffline => self.erase_under(at, rng).await?,
            Fault::RestoredBackup => self.restore().await?,
            // A step of its own.
            Fault::Locked => false,
            // Counted with each message of theirs.
            Fault::OlderApp | Fault::NewerApp => {
                let older = fault == Fault::OlderApp;
                self.machines[at].version = if older { Version::Older } else { Version::Newer };
                false
            }
            Fault::NewerServer => {
                self.newer_server = true;
                false
            }
        };
        if happened {
            self.fire(fault);
        }
        Ok(())
    }

    async fn deliver_late(&mut self, at: usize, rng: &mut Rng) -> Result<bool> {
        let machine = &self.machines[at];
        let Some((token, route, body)) = rng.pick(&machine.sent).cloned() else { return Ok(false) };
        let who = machine.credentials.clone();
        self.deliver(&who, &token, route, body).await?;
        Ok(true)
    }

    /// The browser throws everything away; the person signs in once more.
    fn evict(&mut self, at: usize) -> bool {
        let name = self.machines[at].credentials.name;
        // Whoever was shut out cannot come back.
        if self.model.posts.get(name).is_none_or(|posts| posts.is_empty()) {
            return false;
        }
        let Some(session) = self.next_session(name) else { return false };
        self.excuse_what_waits_alone(at);
        let machine = &mut self.machines[at];
        let sent = std::mem::take(&mut machine.sent);
        *machine = Machine { sent, life: machine.life + 1, ..Machine::new(session) };
        true
    }

    fn excuse_what_waits_alone(&mut self, at: usize) {
        self.excuse_what_waits(at);
        self.machines[at].store = Store::default();
    }

    /// Something unsent on the device, of any sort that its person may write.
    fn write_offline(&mut self, at: usize, rng: &mut Rng) -> bool {
        self.edit_some(at, false, rng).is_some() || self.check_in(at, None, rng).is_some()
    }

    async fn revoke(&mut self, at: usize, rng: &mut Rng) -> Result<bool> {
        // Not every schedule: a device that is gone does nothing more.
        if !rng.one_in(2) || !self.write_offline(at, rng) {
            return Ok(false);
        }
        let path = format!("/api/v1/devices/{}/revoke", self.machines[at].credentials.device);
        let (status, _) = self.administer("POST", &path, &Value::Null).await?;
        Ok(status == 204)
    }

    async fn end_role(&mut self, at: usize, rng: &mut Rng) -> Result<bool> {
        let name = self.machines[at].credentials.name;
        if !["lan", "minh", "hoa", "giang"].contains(&name) || !rng.one_in(2) || !self.write_offline(at, rng)
        {
            return Ok(false);
        }
        let path = format!("/api/v1/people/{}/role", person(name));
        let (status, _) = self.administer("DELETE", &path, &Value::Null).await?;
        if status == 204 {
            self.model.put_post(name, [].into());
        }
        Ok(status == 204)
    }

    async fn change_ward(&mut self, at: usize, rng: &mut Rng) -> Result<bool> {
        let name = self.machines[at].credentials.name;
        if !["lan", "minh", "hoa"].contains(&name) || !self.write_offline(at, rng) {
            return Ok(false);
        }
        let Some((_, place)) = self.model.posts.get(name).and_then(|posts| posts.first()).copied() else {
            return Ok(false);
        };
        self.put_role(name, place.other()).await
    }

    async fn put_role(&mut self, name: &'static str, place: Place) -> Result<bool> {
        let path = format!("/api/v1/people/{}/role", person(name));
        let form = json!({ "role": "volunteer", "ward": place.text() });
        let (status, _) = self.administer("PUT", &path, &form).await?;
        if status == 204 {
            self.model.put_post(name, [(Post::Volunteer, place)].into());
        }
        Ok(status == 204)
    }

    /// Somebody who was moved comes back to where they were; whoever was shut out stays out.
    ///
    /// # Errors
    /// When the server in this process fails as such.
    pub async fn give_role_back(&mut self, at: usize) -> Result<()> {
        let name = self.machines[at].credentials.name;
        let is_in = self.model.posts.get(name).is_some_and(|posts| !posts.is_empty());
        let first = PEOPLE.iter().find(|(one, _, _)| *one == name).and_then(|(_, _, places)| places.first());
        if let (true, Some(place)) = (is_in && ["lan", "minh", "hoa"].contains(&name), first) {
            self.put_role(name, *place).await?;
        }
        Ok(())
    }

    fn home(&self, document: DocumentId) -> Option<Place> {
        let known = self.model.records.get(&document)?;
        let core = known.case.and_then(|case| self.model.records.get(&case));
        Some(core.map_or(known.home, |core| core.home))
    }

    async fn move_under(&mut self, at: usize, rng: &mut Rng) -> Result<bool> {
        let held = self.held(at, |kind| !kind.is_aftercare());
        let known: Vec<DocumentId> = held.into_iter().filter(|id| self.home(*id).is_some()).collect();
        let Some(document) = rng.pick(&known).copied() else { return Ok(false) };
        let Some(home) = self.home(document) else { return Ok(false) };
        if !self.edit(at, document, false, rng) {
            return Ok(false);
        }
        let command = Command::MoveDocument { document, ward: home.other().ward() };
        self.command_as("van", command).await?;
        Ok(self.home(document) != Some(home))
    }

    /// The core of some case of which the device holds something, and that the server has.
    fn some_case(&self, at: usize, rng: &mut Rng) -> Option<(DocumentId, Place)> {
        let cores = self.held(at, |kind| kind == Kind::AftercareCase);
        let known = |case: &DocumentId| !self.model.erased.contains(case) && self.home(*case).is_some();
        let cores: Vec<DocumentId> = cores.into_iter().filter(known).collect();
        let case = rng.pick(&cores).copied()?;
        Some((case, self.home(case)?))
    }

    /// Somebody writes in a case: a check-in, or what is there already.
    fn write_in_case(&mut self, at: usize, case: DocumentId, rng: &mut Rng) -> bool {
        if self.post(at) == Post::Officer && rng.one_in(2) {
            return self.edit(at, case, false, rng);
        }
        self.check_in(at, Some(case), rng).is_some()
    }

    fn officer_of(home: Place) -> &'static str {
        if home == Place::A { "dung" } else { "ha" }
    }

    async fn transfer_under(&mut self, at: usize, rng: &mut Rng) -> Result<bool> {
        let Some((document, home)) = self.some_case(at, rng) else { return Ok(false) };
        if !self.write_in_case(at, document, rng) {
            return Ok(false);
        }
        let command = Command::MoveDocument { document, ward: home.other().ward() };
        self.command_as(Self::officer_of(home), command).await?;
        Ok(self.home(document) != Some(home))
    }

    async fn erase_under(&mut self, at: usize, rng: &mut Rng) -> Result<bool> {
        let Some((case, home)) = self.some_case(at, rng) else { return Ok(false) };
        if !self.write_in_case(at, case, rng) {
            return Ok(false);
        }
        let token = self.template.reserve(Self::officer_of(home)).token.clone();
        let path = format!("/api/v1/cases/{case}/erasure");
        let form = json!({ "reason": "asked_for" });
        let (status, _) = self.server.call(&token, "POST", &path, &form).await?;
        if status != 202 {
            return Ok(false);
        }
        let (_, open) = self.administer("GET", "/api/v1/approvals", &Value::Null).await?;
        let Some(id) = open[0]["id"].as_str() else { return Ok(false) };
        let path = format!("/api/v1/approvals/{id}");
        let (status, _) = self.administer("POST", &path, &json!({ "grant": true })).await?;
        if status == 200 {
            self.model.erased.insert(case);
            self.server.compact().await?;
        }
        Ok(status == 200)
    }
}
