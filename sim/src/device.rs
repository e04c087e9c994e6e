//! The device: makes records the way the app does, and carries out what the sync session asks for.

use donghanh_shared::command::Command;
use donghanh_shared::command::fields::FieldEdit;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::Problem;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{ActorId, DocumentId};
use donghanh_shared::sync::session::{Config, Effect, Route};

use crate::process::Process;
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
    process: Process,
}

impl<T: Transport> Device<T> {
    /// A device that starts with this store. `actor` must be fresh: one a start.
    pub fn start(config: Config, store: Store, actor: ActorId, transport: T) -> Self {
        let process = Process::start(config, &store, actor);
        Self { store, transport, config, process }
    }

    /// Ends the process and starts it again with what the store holds. `actor` must be fresh.
    #[must_use]
    pub fn restart(self, actor: ActorId) -> Self {
        Self::start(self.config, self.store, actor, self.transport)
    }

    /// The actor of this start.
    #[must_use]
    pub fn actor(&self) -> ActorId {
        self.process.actor()
    }

    /// Creates a visit in its home ward and saves the first edits.
    ///
    /// # Errors
    /// What [`donghanh_shared::command::outreach_visit::edit`] refuses.
    pub fn create_visit(
        &mut self,
        id: DocumentId,
        ward: WardRef,
        at: Millis,
        edits: &[VisitEdit],
    ) -> Result<(), Problem> {
        let kind = Kind::OutreachVisit;
        let command = Command::CreateDocument { document: id, kind, ward };
        self.process.create(&mut self.store, (kind, id), at, command, edits.to_vec().into())
    }

    /// Creates a case of after-care in its home ward and saves the first edits of its core.
    ///
    /// # Errors
    /// What [`donghanh_shared::command::fields::edit`] refuses.
    pub fn create_case(
        &mut self,
        id: DocumentId,
        ward: WardRef,
        at: Millis,
        edits: &[FieldEdit],
    ) -> Result<(), Problem> {
        let kind = Kind::AftercareCase;
        let command = Command::CreateDocument { document: id, kind, ward };
        self.process.create(&mut self.store, (kind, id), at, command, edits.to_vec().into())
    }

    /// Saves edits of a visit the device has.
    ///
    /// # Errors
    /// [`donghanh_shared::domain::error::Code::NotFound`], or what
    /// [`donghanh_shared::command::outreach_visit::edit`] refuses.
    pub fn edit_visit(&mut self, id: DocumentId, at: Millis, edits: &[VisitEdit]) -> Result<(), Problem> {
        self.process.edit(&mut self.store, id, at, edits.to_vec().into()).map(|_| ())
    }

    /// Puts a command into the outbox.
    pub fn command(&mut self, at: Millis, command: Command) {
        self.process.command(&mut self.store, at, command);
    }

    /// Runs one round of the session to its end.
    pub fn sync(&mut self) -> Outcome {
        self.run(|_, _| false)
    }

    /// The same, and shows the store after each page that was put into it.
    pub fn sync_and_look(&mut self, mut look: impl FnMut(&Store)) -> Outcome {
        let mut stored = false;
        self.run(|effect, store| {
            if std::mem::replace(&mut stored, matches!(effect, Effect::Store { .. })) {
                look(store);
            }
            false
        })
    }

    /// Runs a round until everything that waits was answered, and leaves fetching for another time.
    pub fn send_waiting(&mut self) -> Outcome {
        let outcome = self.run(|effect, _| matches!(effect, Effect::Send { route: Route::Pull, .. }));
        // The round was left in the middle: the next one begins with a session of its own.
        self.process.leave_round(&self.store);
        outcome
    }

    /// Carries out effects until one of them is enough.
    fn run(&mut self, mut enough: impl FnMut(&Effect, &Store) -> bool) -> Outcome {
        self.process.wake();
        while let Some(effect) = self.process.next_effect() {
            if enough(&effect, &self.store) {
                break;
            }
            if let Effect::Send { route, body } = effect {
                let reply = self.transport.send(route, &body);
                self.process.answered(reply);
            } else {
                self.process.carry_out(effect, &mut self.store);
            }
        }
        self.process.outcome().clone()
    }
}
