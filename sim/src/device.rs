//! The device: makes records the way the app does, and carries out what the sync session asks for.

use donghanh_shared::command::Command;
use donghanh_shared::command::fields::{self, FieldEdit};
use donghanh_shared::command::outreach_visit::{VisitEdit, edit};
use donghanh_shared::crdt::{Document, Kind};
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{ActorId, CommandId, DocumentId};
use donghanh_shared::sync::session::{Config, Effect, Event, Route, Session, Status};
use donghanh_shared::sync::wire::PushItem;

use crate::store::Store;

/// Carries requests to a server.
pub trait Transport {
    /// Sends one request and answers with the status and the decompressed body; `None` when it did not get through.
    fn send(&mut self, route: Route, body: &[u8]) -> Option<(u16, Vec<u8>)>;
}

/// How a round ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Everything sent that could be, everything fetched.
    UpToDate,
    /// It did not get through; the session asked for a pause.
    Unreachable,
    /// A person must do something.
    Stopped(Problem),
    /// A scope differs even after it was fetched anew.
    Differs(u32),
}

/// A phone without its screen.
pub struct Device<T> {
    /// What it keeps.
    pub store: Store,
    /// How it reaches the server.
    pub transport: T,
    config: Config,
    session: Session,
    actor: ActorId,
    commands: u64,
}

impl<T: Transport> Device<T> {
    /// A device that starts with this store. `actor` must be fresh: one a start.
    pub fn start(config: Config, store: Store, actor: ActorId, transport: T) -> Self {
        let session = Session::new(config, store.epoch, store.cursors.clone());
        Self { store, transport, config, session, actor, commands: 0 }
    }

    /// Ends the process and starts it again with what the store holds. `actor` must be fresh.
    #[must_use]
    pub fn restart(self, actor: ActorId) -> Self {
        Self::start(self.config, self.store, actor, self.transport)
    }

    /// The actor of this start.
    #[must_use]
    pub fn actor(&self) -> ActorId {
        self.actor
    }

    /// Creates a visit in its home ward and saves the first edits.
    ///
    /// # Errors
    /// What [`edit`] refuses.
    pub fn create_visit(
        &mut self,
        id: DocumentId,
        ward: WardRef,
        at: Millis,
        edits: &[VisitEdit],
    ) -> Result<(), Problem> {
        let mut document = Document::create(Kind::OutreachVisit, id, 0);
        let change = edit(&mut document, self.actor, at, edits)?;
        self.command(at, Command::CreateDocument { document: id, kind: Kind::OutreachVisit, ward });
        self.store.keep(&document);
        if let Some(change) = change {
            self.store.enqueue(PushItem::Change { document: id, generation: 0, bytes: change.bytes.into() });
        }
        Ok(())
    }

    /// Creates a case of after-care in its home ward and saves the first edits of its core.
    ///
    /// # Errors
    /// What [`fields::edit`] refuses.
    pub fn create_case(
        &mut self,
        id: DocumentId,
        ward: WardRef,
        at: Millis,
        edits: &[FieldEdit],
    ) -> Result<(), Problem> {
        let mut document = Document::create(Kind::AftercareCase, id, 0);
        let change = fields::edit(&mut document, self.actor, at, edits)?;
        self.command(at, Command::CreateDocument { document: id, kind: Kind::AftercareCase, ward });
        self.store.keep(&document);
        if let Some(change) = change {
            self.store.enqueue(PushItem::Change { document: id, generation: 0, bytes: change.bytes.into() });
        }
        Ok(())
    }

    /// Saves edits of a visit the device has.
    ///
    /// # Errors
    /// [`Code::NotFound`], or what [`edit`] refuses.
    pub fn edit_visit(&mut self, id: DocumentId, at: Millis, edits: &[VisitEdit]) -> Result<(), Problem> {
        let mut document = self.store.document(id).ok_or_else(|| Problem::new(Code::NotFound))??;
        if let Some(change) = edit(&mut document, self.actor, at, edits)? {
            self.store.keep(&document);
            let generation = document.generation();
            self.store.enqueue(PushItem::Change { document: id, generation, bytes: change.bytes.into() });
        }
        Ok(())
    }

    /// Puts a command into the outbox.
    pub fn command(&mut self, at: Millis, command: Command) {
        self.commands += 1;
        // Unique: the actor is fresh at every start.
        let mut id = self.actor.0;
        for (byte, count) in id[8..].iter_mut().zip(self.commands.to_be_bytes()) {
            *byte ^= count;
        }
        self.store.enqueue(PushItem::Command { id: CommandId(id), at, command });
    }

    /// Runs one round of the session to its end.
    pub fn sync(&mut self) -> Outcome {
        self.run(|_| false)
    }

    /// Runs a round until everything that waits was answered, and leaves fetching for another time.
    pub fn send_waiting(&mut self) -> Outcome {
        let outcome = self.run(|effect| matches!(effect, Effect::Send { route: Route::Pull, .. }));
        // The round was left in the middle: the next one begins with a session of its own.
        self.session = Session::new(self.config, self.store.epoch, self.store.cursors.clone());
        outcome
    }

    fn run(&mut self, enough: impl Fn(&Effect) -> bool) -> Outcome {
        let mut outcome = Outcome::UpToDate;
        let mut effects: std::collections::VecDeque<Effect> = self.session.handle(Event::Wake).into();
        while let Some(effect) = effects.pop_front() {
            if enough(&effect) {
                break;
            }
            let event = match effect {
                Effect::LoadOutbox { after, max_bytes } => {
                    Event::Outbox(self.store.load_outbox(after, max_bytes))
                }
                Effect::Send { route, body } => match self.transport.send(route, &body) {
                    Some((status, body)) => Event::Replied { status, body },
                    None => Event::Failed,
                },
                Effect::Settle(answers) => {
                    self.store.settle(&answers);
                    Event::Stored { digests: Vec::new() }
                }
                Effect::Store { page, cursors } => {
                    Event::Stored { digests: self.store.store_page(&page, &cursors) }
                }
                Effect::Pause { .. } => continue,
                Effect::Tell(status) => {
                    outcome = match status {
                        Status::Unreachable => Outcome::Unreachable,
                        Status::Stopped(problem) => Outcome::Stopped(problem),
                        Status::Differs(scope) => Outcome::Differs(scope),
                        Status::UpToDate | Status::Sending(_) | Status::Receiving { .. } => outcome,
                    };
                    continue;
                }
            };
            effects.extend(self.session.handle(event));
        }
        outcome
    }
}
