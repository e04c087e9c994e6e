//! One run of the app on a device: a sync session with the actor of this start, carried out one effect at a time over a
//! store that outlives it. Whoever drives it decides when each effect happens, and may leave it between any two.

use std::collections::VecDeque;

use donghanh_shared::command::placed::SAID_BEFORE;
use donghanh_shared::command::{Command, Edits};
use donghanh_shared::crdt::{Document, Kind};
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::{ActorId, CommandId, DocumentId};
use donghanh_shared::sync::session::{Config, Effect, Event, Session, Status};
use donghanh_shared::sync::stream::Stream;
use donghanh_shared::sync::wire::{PullPage, PushItem};

use crate::device::Outcome;
use crate::offer::Remade;
use crate::store::Store;

/// A started app: gone when the process ends, while the store stays.
#[derive(Clone, Debug)]
pub struct Process {
    config: Config,
    session: Session,
    queue: VecDeque<Effect>,
    /// The actor that it began with: every further one is drawn from it.
    first: ActorId,
    actor: ActorId,
    stream: Stream,
    actors: u64,
    /// Whether what was refused of cases that the device reads no longer was sent once more since the start.
    tried_again: bool,
    commands: u64,
    outcome: Outcome,
}

/// A session that begins where the store stands.
fn session(config: Config, store: &Store) -> Session {
    Session::new(config, store.epoch, store.cursors.clone(), store.differing.clone())
}

impl Process {
    /// Begins where the store stands. `actor` must be fresh: one a start.
    #[must_use]
    pub fn start(config: Config, store: &Store, actor: ActorId) -> Self {
        let session = session(config, store);
        let queue = VecDeque::new();
        let stream = Stream::default();
        Self {
            config,
            session,
            queue,
            first: actor,
            actor,
            stream,
            actors: 0,
            tried_again: false,
            commands: 0,
            outcome: Outcome::UpToDate,
        }
    }

    /// The actor of this start.
    #[must_use]
    pub fn actor(&self) -> ActorId {
        self.actor
    }

    /// How the round stands, or ended.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// Whether no round is under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.session.is_idle()
    }

    /// The page that came and is not stored yet.
    #[must_use]
    pub fn page_in_hand(&self) -> Option<&PullPage> {
        self.queue.iter().find_map(|effect| match effect {
            Effect::Store { page, .. } => Some(&**page),
            _ => None,
        })
    }

    /// What the store will be once everything is carried out that the server has said so far, `reply` with it, and nothing more
    /// is asked.
    #[must_use]
    pub fn foreseen(&self, reply: Option<(u16, Vec<u8>)>, store: &Store) -> Store {
        let (mut process, mut store) = (self.clone(), store.clone());
        if reply.is_some() {
            process.answered(reply);
        }
        while let Some(effect) = process.next_effect() {
            if matches!(effect, Effect::Send { .. }) {
                break;
            }
            process.carry_out(effect, &mut store);
        }
        store
    }

    /// Begins a round.
    pub fn wake(&mut self) {
        self.outcome = Outcome::UpToDate;
        self.tell(Event::Wake);
    }

    /// Leaves a round in the middle; the next one begins where the store stands.
    pub fn leave_round(&mut self, store: &Store) {
        self.session = session(self.config, store);
        self.tried_again = false;
        self.queue.clear();
    }

    /// Takes the next effect out. [`Effect::Send`] is for the caller to carry out and to answer with [`Self::answered`];
    /// every other for [`Self::carry_out`].
    pub fn next_effect(&mut self) -> Option<Effect> {
        self.queue.pop_front()
    }

    /// Carries out an effect that concerns the store alone, or nothing outside.
    pub fn carry_out(&mut self, effect: Effect, store: &mut Store) {
        match effect {
            Effect::LoadOutbox { after, max_bytes } => {
                let entries = store.load_outbox(after, max_bytes);
                self.tell(Event::Outbox(entries));
            }
            Effect::Settle(answers) => {
                for document in store.settle(&answers) {
                    // Its changes leave the document: going on by the old actor would use their numbers once more.
                    let actor = self.fresh_actor();
                    store.do_again(document, actor);
                }
                self.tell(Event::Stored { digests: Vec::new() });
            }
            Effect::Store { page, cursors } => {
                let last = store.last_entry;
                let digests = store.store_page(&page, &cursors);
                self.make_again(store);
                if store.last_entry > last {
                    // There is something to send that came up in this round: another follows it.
                    self.tell(Event::Wake);
                }
                self.tell(Event::Stored { digests });
            }
            Effect::Sum(scopes) => {
                let said = store.sums(&scopes);
                self.tell(Event::Summed(said));
            }
            Effect::Tell(status) => match status {
                Status::Unreachable => self.outcome = Outcome::Unreachable,
                Status::Stopped(problem) => self.outcome = Outcome::Stopped(problem),
                Status::Differs(scope) => self.outcome = Outcome::Differs(scope),
                Status::UpToDate => {
                    store.end_unnamed(self.session.cursors());
                    let last = store.last_entry;
                    store.offer_unnamed();
                    self.make_again(store);
                    store.drop_unclaimed();
                    let again = !std::mem::replace(&mut self.tried_again, true) && store.try_again();
                    if again || store.last_entry > last {
                        self.tell(Event::Wake);
                    }
                }
                Status::Sending(_) | Status::Receiving { .. } | Status::Held => {}
            },
            Effect::Pause { .. } | Effect::Send { .. } => {}
        }
    }

    /// Puts what makes records again into the outbox.
    fn make_again(&mut self, store: &mut Store) {
        for Remade { id, generation, kind, offer } in std::mem::take(&mut store.remade) {
            // The device has no clock of its own; the server only notes when a command was given.
            let at = offer.changes.iter().map(|change| change.at).max().unwrap_or(0);
            if let Some(creation) = offer.creation {
                self.command(store, at, creation);
            }
            store.offer_changes(id, generation, kind, &offer.changes);
            for placement in offer.placements {
                self.command(store, SAID_BEFORE, placement);
            }
        }
    }

    /// The store would not take what [`Effect::Settle`] or [`Effect::Store`] asked for.
    pub fn store_failed(&mut self) {
        self.tell(Event::StoreFailed);
    }

    /// What came of the request; `None` when it did not get through.
    pub fn answered(&mut self, reply: Option<(u16, Vec<u8>)>) {
        self.tell(reply.map_or(Event::Failed, |(status, body)| Event::Replied { status, body }));
    }

    fn tell(&mut self, event: Event) {
        self.queue.extend(self.session.handle(event));
    }

    fn fresh_actor(&mut self) -> ActorId {
        self.actors += 1;
        let mut actor = self.first;
        for (byte, count) in actor.0.iter_mut().zip(self.actors.to_be_bytes()) {
            *byte ^= count;
        }
        // The last byte of the count lies at 7; 0xa5 keeps the first few apart from the commands' numbers.
        actor.0[0] ^= 0xa5;
        actor
    }

    fn renew_actor(&mut self) {
        self.actor = self.fresh_actor();
        self.stream = Stream::default();
    }

    /// Puts a command into the outbox.
    pub fn command(&mut self, store: &mut Store, at: Millis, command: Command) -> CommandId {
        self.commands += 1;
        // Unique: the actor is fresh at every start.
        let mut id = self.actor.0;
        for (byte, count) in id[8..].iter_mut().zip(self.commands.to_be_bytes()) {
            *byte ^= count;
        }
        store.enqueue(PushItem::Command { id: CommandId(id), at, command });
        CommandId(id)
    }

    /// Begins a record by this command and saves its first edits.
    ///
    /// # Errors
    /// What [`Edits::apply`] refuses; nothing is kept then.
    pub fn create(
        &mut self,
        store: &mut Store,
        (kind, id): (Kind, DocumentId),
        at: Millis,
        command: Command,
        edits: Edits,
    ) -> Result<(), Problem> {
        let mut document = Document::create(kind, id, 0);
        let change = edits.apply(&mut document, self.actor, at)?;
        let (case, home) = match &command {
            Command::CreateInCase { case, .. } => (Some(*case), None),
            Command::CreateDocument { ward, .. } => (None, Some(*ward)),
            _ => (None, None),
        };
        self.command(store, at, command);
        store.note_own(self.actor);
        store.keep(&document);
        store.put_in_case(id, case.or(kind.is_aftercare().then_some(id)), home);
        if let Some(change) = change {
            self.stream.wrote(id, change.hash);
            store.enqueue_edits(id, 0, change, at, edits);
        }
        Ok(())
    }

    /// Saves edits of a record that the device has; whether anything differs.
    ///
    /// # Errors
    /// [`Code::NotFound`], or what [`Edits::apply`] refuses.
    pub fn edit(
        &mut self,
        store: &mut Store,
        id: DocumentId,
        at: Millis,
        edits: Edits,
    ) -> Result<bool, Problem> {
        if store.is_refused(id) {
            self.renew_actor();
        }
        let edits = store.mend(id, self.actor, edits)?;
        let mut document = store.document(id).ok_or_else(|| Problem::new(Code::NotFound))??;
        if !self.stream.goes_on(&document) {
            self.renew_actor();
        }
        let Some(change) = edits.apply(&mut document, self.actor, at)? else { return Ok(false) };
        store.note_own(self.actor);
        store.keep(&document);
        self.stream.wrote(id, change.hash);
        store.enqueue_edits(id, document.generation(), change, at, edits);
        Ok(true)
    }
}
