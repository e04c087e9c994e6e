//! A schedule while it runs: one server, its devices, the network between them. Here a device's sync moves by one effect, and
//! every request passes, so that the model hears what the server said.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use donghanh_shared::command::Command;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{CommandId, DocumentId};
use donghanh_shared::sync::session::{Effect, Route};
use donghanh_shared::sync::wire::{
    Answer, PROTOCOL, PushAnswer, PushItem, PushRequest, deflate, from_bytes, to_bytes,
};
use donghanh_sim::Outcome;

use crate::canary::{Canary, push_of};
use crate::machine::Machine;
use crate::oracle::{self, Model};
use crate::people::{PEOPLE, Place};
use crate::plan::{Fault, Plan};
use crate::restore::Backup;
use crate::rng::Rng;
use crate::server::Server;
use crate::template::{Credentials, Template};
use crate::versions::{self, Version};

/// A schedule while it runs.
pub struct World<'a> {
    pub(crate) template: &'a Template,
    pub(crate) server: Server,
    pub(crate) machines: Vec<Machine>,
    pub(crate) model: Model,
    pub(crate) fired: BTreeMap<Fault, u64>,
    /// Sessions used up, by name.
    pub(crate) used: BTreeMap<&'static str, usize>,
    pub(crate) trace: Vec<String>,
    pub(crate) canary: Option<Canary>,
    pub(crate) backup: Option<Backup>,
    /// Whether answers are those of a newer server.
    pub(crate) newer_server: bool,
    batches: u64,
    rolls: Rng,
    /// Pushes that were answered: the same again gets the same answer, whatever was said since.
    pub(crate) answered: BTreeSet<Vec<u8>>,
}

impl<'a> World<'a> {
    /// Everybody with a device, and a server.
    ///
    /// # Errors
    /// When the server cannot be started.
    pub async fn start(template: &'a Template, plan: &Plan, canary: Option<Canary>) -> Result<Self> {
        let server = Server::start(template).await?;
        let mut world = Self {
            template,
            server,
            machines: Vec::new(),
            model: Model::new(),
            fired: BTreeMap::new(),
            used: BTreeMap::new(),
            trace: Vec::new(),
            canary,
            backup: None,
            newer_server: false,
            batches: 0,
            rolls: Rng::new(1),
            answered: BTreeSet::new(),
        };
        let more = [4, 5, 6, 7, 0, 1, 2];
        let first = plan.steps.first().map_or(0, |step| step.roll);
        let mut rng = Rng::new(first);
        for (name, _, _) in &PEOPLE[..4] {
            world.add_machine(name);
        }
        for _ in 0..plan.more_devices {
            let (name, _, _) = PEOPLE[more[rng.below(more.len())]];
            world.add_machine(name);
        }
        Ok(world)
    }

    fn add_machine(&mut self, name: &'static str) {
        let session = self.next_session(name);
        self.machines.extend(session.map(Machine::new));
    }

    /// The credentials of somebody's next device.
    pub(crate) fn next_session(&mut self, name: &'static str) -> Option<Credentials> {
        let nth = self.used.entry(name).or_default();
        let session = self.template.device(name, *nth)?.clone();
        *nth += 1;
        Some(session)
    }

    pub(crate) fn note(&mut self, line: String) {
        self.trace.push(line);
    }

    pub(crate) fn fire(&mut self, fault: Fault) {
        *self.fired.entry(fault).or_default() += 1;
    }

    /// One effect of the device's sync; `false` when its round has ended.
    ///
    /// # Errors
    /// When the server in this process fails as such.
    pub async fn advance(&mut self, at: usize, rng: &mut Rng) -> Result<bool> {
        let machine = &mut self.machines[at];
        if machine.gone {
            return Ok(false);
        }
        let tab = match machine.syncing {
            Some(tab) => tab,
            None => {
                let tab = machine.tab(rng);
                // Whoever gets the lock begins where the store stands, not where this tab once was.
                machine.tabs[tab].leave_round(&machine.store);
                machine.tabs[tab].wake();
                machine.syncing = Some(tab);
                tab
            }
        };
        if let Some(reply) = machine.reply.take() {
            machine.tabs[tab].answered(reply);
            return Ok(true);
        }
        match machine.tabs[tab].next_effect() {
            None => {
                machine.syncing = None;
                let outcome = machine.tabs[tab].outcome().clone();
                let is_out =
                    matches!(&outcome, Outcome::Stopped(problem) if problem.code == Code::NotSignedIn);
                self.note(format!("    device {at} ends its round: {}", told(&outcome)));
                if is_out {
                    self.hand_over(at, rng).await?;
                }
                return Ok(false);
            }
            Some(Effect::Send { route, body }) => self.send(at, route, body).await?,
            Some(Effect::Settle(_) | Effect::Store { .. }) if machine.pending.remove(&Fault::Quota) => {
                machine.tabs[tab].store_failed();
                self.fire(Fault::Quota);
                self.note(format!("    device {at} cannot store"));
            }
            Some(effect) => self.carry_out(at, tab, effect),
        }
        Ok(true)
    }

    fn carry_out(&mut self, at: usize, tab: usize, effect: Effect) {
        let machine = &mut self.machines[at];
        match (self.canary, effect) {
            (Some(canary), Effect::Store { page, cursors }) => {
                let (before, kept) = (machine.store.clone(), page.clone());
                machine.tabs[tab].carry_out(Effect::Store { page, cursors }, &mut machine.store);
                canary.after_page(&kept, &before, &mut machine.store);
            }
            (Some(Canary::NothingOffered), effect @ Effect::Tell(_)) => {
                let last = machine.store.last_entry;
                machine.tabs[tab].carry_out(effect, &mut machine.store);
                machine.store.outbox.retain(|number, _| *number <= last);
            }
            (Some(canary), Effect::Settle(answers)) => {
                machine.tabs[tab].carry_out(Effect::Settle(answers), &mut machine.store);
                canary.after_answers(&mut machine.store);
            }
            (_, effect) => machine.tabs[tab].carry_out(effect, &mut machine.store),
        }
    }

    /// A request on its way, with whatever goes wrong with it.
    async fn send(&mut self, at: usize, route: Route, body: Vec<u8>) -> Result<()> {
        let version = self.machines[at].version;
        let body = match versions::request(version, route, &body) {
            Some(other) => {
                let older = version == Version::Older;
                self.fire(if older { Fault::OlderApp } else { Fault::NewerApp });
                other
            }
            None => body,
        };
        let machine = &mut self.machines[at];
        machine.remember(route, &body);
        let credentials = machine.credentials.clone();
        let order = [Fault::RequestCut, Fault::AnswerLost, Fault::AnswerCut, Fault::Duplicate];
        let fault = order.into_iter().find(|fault| machine.pending.remove(fault));
        fault.into_iter().for_each(|fault| self.fire(fault));
        let reply = match fault {
            Some(Fault::RequestCut) => None,
            Some(Fault::AnswerLost) => {
                self.deliver(&credentials, &credentials.token, route, body).await?;
                None
            }
            Some(Fault::AnswerCut) => {
                let (status, mut answer) =
                    self.deliver(&credentials, &credentials.token, route, body).await?;
                answer.truncate(answer.len() / 2);
                Some((status, answer))
            }
            Some(Fault::Duplicate) => {
                self.deliver(&credentials, &credentials.token, route, body.clone()).await?;
                Some(self.deliver(&credentials, &credentials.token, route, body).await?)
            }
            _ => Some(self.deliver(&credentials, &credentials.token, route, body).await?),
        };
        let status = reply.as_ref().map(|(status, _)| *status);
        let answers = reply.as_ref().filter(|_| route == Route::Push).and_then(|(_, body)| refusals(body));
        let fault = fault.map_or("", |_| "(fault)");
        self.note(format!(
            "    device {at} sends {route:?}: {status:?} {fault} {}",
            answers.unwrap_or_default()
        ));
        self.machines[at].reply = Some(reply.map(|reply| self.answer_of(version, route, reply)));
        Ok(())
    }

    /// The answer as it comes from the server that there is; to an older app it must say nothing that it cannot read.
    fn answer_of(
        &mut self,
        version: Version,
        route: Route,
        (status, body): (u16, Vec<u8>),
    ) -> (u16, Vec<u8>) {
        if version == Version::Older
            && route == Route::Pull
            && let Some(scope) = versions::unreadable(&body)
        {
            self.model.find(oracle::Fault::Leaked, format!("an older app is told of {scope}"));
        }
        let more = self.newer_server.then(|| versions::with_more(&body)).flatten();
        let Some(more) = more.filter(|_| status == 200) else { return (status, body) };
        self.fire(Fault::NewerServer);
        (status, more)
    }

    /// Brings a request to the server, tells the model, and gives the answer as the device will hear it.
    ///
    /// # Errors
    /// When the server in this process fails as such.
    pub async fn deliver(
        &mut self,
        who: &Credentials,
        token: &str,
        route: Route,
        body: Vec<u8>,
    ) -> Result<(u16, Vec<u8>)> {
        let roll = self.rolls.below(1 << 20);
        if let Some(answer) = self.canary.and_then(|canary| canary.instead(route, &body, roll)) {
            return Ok((200, answer));
        }
        if self.canary == Some(Canary::OrderDependentRefusal)
            && let Some(answer) = self.refuse_by_order(who, &body, route)
        {
            self.hear_push(who, &body, &answer);
            return Ok((200, answer));
        }
        let (status, answer) = self.server.sync(token, route, body.clone()).await?;
        if status == 200 {
            match route {
                Route::Push => self.hear_push(who, &body, &answer),
                Route::Pull => self.hear_page(who, &answer),
            }
        }
        let Some(canary) = self.canary else { return Ok((status, answer)) };
        for document in canary.placed_by_content(route, &body, Place::B.text()) {
            self.place_in_secret(document).await?;
        }
        let is_page = status == 200 && route == Route::Pull;
        Ok((status, if is_page { canary.page(answer, roll) } else { answer }))
    }

    /// The canary's merge that makes no sense: a change of a record that another device changed before is refused.
    fn refuse_by_order(&self, who: &Credentials, body: &[u8], route: Route) -> Option<Vec<u8>> {
        let request = push_of(body).filter(|_| route == Route::Push)?;
        let others = |document: &DocumentId| {
            self.machines.iter().any(|other| {
                other.credentials.device != who.device && other.store.records.contains_key(document)
            })
        };
        let is_late = |item: &PushItem| match item {
            PushItem::Change { document, .. } => {
                others(document) && self.model.may_write(who.name, *document)
            }
            PushItem::Command { .. } => false,
        };
        if !request.items.iter().all(is_late) || request.items.is_empty() {
            return None;
        }
        let answers = request.items.iter().map(|_| Answer::refused(Code::NotAllowed)).collect();
        Some(to_bytes(&PushAnswer { epoch: request.epoch, answers }))
    }

    /// The canary's way to place a record where nobody said that it is.
    async fn place_in_secret(&mut self, document: DocumentId) -> Result<()> {
        let van = self.template.reserve("van").clone();
        let body = self.batch(&van, vec![Command::ReachWard { document, ward: Place::B.ward() }]);
        self.server.sync(&van.token, Route::Push, body).await?;
        Ok(())
    }

    fn batch(&mut self, who: &Credentials, commands: Vec<Command>) -> Vec<u8> {
        let mut items = Vec::new();
        for command in commands {
            self.batches += 1;
            let mut id = who.device.0;
            id[8..].copy_from_slice(&self.batches.to_be_bytes());
            items.push(PushItem::Command { id: CommandId(id), at: self.server.now(), command });
        }
        self.batches += 1;
        let (instance, device, batch) = (who.instance, who.device, self.batches);
        deflate(&to_bytes(&PushRequest { version: PROTOCOL, instance, device, epoch: 1, batch, items }))
    }

    /// Somebody who has a connection and no device of the schedule gives a command.
    ///
    /// # Errors
    /// When the server in this process fails as such.
    pub async fn command_as(&mut self, name: &str, command: Command) -> Result<()> {
        let who = self.template.reserve(name).clone();
        let body = self.batch(&who, vec![command]);
        let (status, answer) = self.server.sync(&who.token, Route::Push, body.clone()).await?;
        if status == 200 {
            self.hear_push(&who, &body, &answer);
        }
        Ok(())
    }

    /// A device that was taken away gives back what it has and is empty.
    async fn hand_over(&mut self, at: usize, rng: &mut Rng) -> Result<()> {
        let now = self.server.now();
        let machine = &self.machines[at];
        let count = machine.store.outbox.len();
        if count > 0 {
            let items: Vec<&PushItem> = machine.store.outbox.values().map(|waiting| &waiting.item).collect();
            let body = machine.sealed(&items, now, rng);
            let token = machine.credentials.push_token.clone();
            let (status, answer) = self.server.post(&token, "/api/v1/hand-over", "deflate", body).await?;
            let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap_or_default();
            let number = |key: &str| answer[key].as_u64().unwrap_or(0);
            let taken = usize::try_from(number("taken") + number("already")).unwrap_or(0);
            self.note(format!("    device {at} hands over {taken} of {count}: {status}"));
            // Of an erased case nothing is kept, whoever brings it.
            let of_erased = self.machines[at]
                .store
                .outbox
                .values()
                .filter(|waiting| waiting.document().is_some_and(|id| self.model.is_erased(id)))
                .count();
            if status != 200 || taken + of_erased < count {
                return Ok(());
            }
        }
        self.excuse_what_waits(at);
        let machine = &mut self.machines[at];
        machine.kill();
        machine.store = donghanh_sim::store::Store::default();
        machine.gone = true;
        Ok(())
    }

    /// What waits on this device alone may be gone from now on.
    pub(crate) fn excuse_what_waits(&mut self, at: usize) {
        let machine = &self.machines[at];
        self.model
            .saves
            .iter_mut()
            .filter(|save| machine.waits(&save.marker))
            .for_each(|save| save.excused = true);
    }

    /// Reads something as an administrator, or does it.
    ///
    /// # Errors
    /// When the server in this process fails as such, or when it does not answer in JSON.
    pub async fn administer(
        &mut self,
        method: &str,
        path: &str,
        form: &serde_json::Value,
    ) -> Result<(u16, serde_json::Value)> {
        let token = self.template.reserve("quantri").token.clone();
        let (status, body) = self.server.call(&token, method, path, form).await?;
        let value = if body.is_empty() {
            serde_json::Value::Null
        } else {
            serde_json::from_slice(&body).context("an answer to an administrator")?
        };
        Ok((status, value))
    }
}

fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Stopped(problem) => format!("stopped, {}", problem.code.code()),
        other => format!("{other:?}"),
    }
}

/// What a push was answered other than that it is kept, for the trace.
fn refusals(body: &[u8]) -> Option<String> {
    let answer = from_bytes::<PushAnswer>(body).ok()?;
    let not_kept: Vec<String> = answer
        .answers
        .iter()
        .filter(|answer| !answer.is_kept())
        .map(|answer| format!("{answer:?}"))
        .collect();
    Some(not_kept.join(", "))
}
