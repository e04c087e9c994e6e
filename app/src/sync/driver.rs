//! Drives the session: events in, effects carried out one after the other, pauses, hints. One tab does this.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::{ActorId, DeviceId, DocumentId, InstanceId, PersonId};
use donghanh_shared::sync::session::{Config, Effect, Event, Session, Status};
use donghanh_shared::sync::wire::{ActorName, MAX_PUSH_ITEMS, PushItem, Reference};
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortController;

use super::scopes::Scopes;
use super::transport::Transport;
use crate::browser;
use crate::store::{Line, OutboxEntry, Payload, Store};

/// Pause between two looks at the server while hints come, in milliseconds.
const CALM_MS: u64 = 5 * 60_000;
/// Pause between two looks while no hints come.
const POLL_MS: u64 = 30_000;
/// Pause before what the server could not look at is sent again.
const AGAIN_MS: u64 = 10_000;
/// First and longest pause before the stream of hints is opened again.
const REOPEN_MS: (u64, u64) = (1_000, 60_000);
/// What an item costs in a batch beside its change.
const ITEM_BYTES: usize = 64;

/// Where the store keeps when the server was last heard: milliseconds UTC, eight bytes, the highest first.
pub const LAST_CONTACT: &str = "last_contact";

/// What the driver tells whoever shows it.
#[derive(Clone, PartialEq, Debug)]
pub enum Notice {
    /// The session's own words.
    Status(Status),
    /// No contact; the next try is at this moment.
    Waiting(Millis),
    /// The server answered at this moment.
    Contact(Millis),
    /// Everything the person may see has been read once.
    Complete,
    /// Rows that are new or changed.
    Lines(Vec<Line>),
    /// Records that are gone.
    Dropped(Vec<DocumentId>),
    /// The outbox is no longer what it was.
    Outbox,
    /// Pieces of the register.
    Reference(Vec<Reference>),
    /// Other rules of after-care hold from now on.
    Rules,
    /// Names behind actors.
    Names(Vec<ActorName>),
    /// The person reads other scopes than before: what they may do has changed.
    Rights,
    /// The server says that something changed.
    Hint,
    /// A case was erased for good, and with it something that was not sent yet: the person is told once.
    ErasedUnsent,
    /// The server took this device away.
    Revoked,
    /// Records of after-care are to come, and the lock of this phone is too weak for them: they were not taken.
    LockTooWeak,
}

/// Who syncs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// The database of the server.
    pub instance: InstanceId,
    /// The device.
    pub device: DeviceId,
    /// The person.
    pub person: PersonId,
    /// The person's name.
    pub name: String,
}

impl Identity {
    /// The name that goes with an actor of this device.
    #[must_use]
    pub fn named(&self, actor: ActorId) -> ActorName {
        ActorName { actor, person: self.person, name: self.name.clone() }
    }
}

/// What a driver starts with.
pub struct Start {
    /// The store.
    pub store: Rc<Store>,
    /// The way to the server.
    pub transport: Rc<Transport>,
    /// Who syncs.
    pub identity: Identity,
    /// How far the phone has read.
    pub scopes: Scopes,
    /// Whether records of after-care may lie on this phone.
    pub may_hold_cases: bool,
    /// Where notices go.
    pub notify: Box<dyn Fn(Notice)>,
}

/// The driver of one session.
pub struct Driver {
    pub(super) store: Rc<Store>,
    pub(super) transport: Rc<Transport>,
    pub(super) identity: Identity,
    pub(super) scopes: RefCell<Scopes>,
    pub(super) may_hold_cases: bool,
    notify: Box<dyn Fn(Notice)>,
    pub(super) session: RefCell<Session>,
    queue: RefCell<VecDeque<Event>>,
    running: Cell<bool>,
    stopped: Cell<bool>,
    hinting: Cell<bool>,
    pub(super) sending_photos: Cell<bool>,
    /// Whether there may be records that no scope covers, see `unclaimed`: an earlier start may have left some.
    pub(super) unclaimed: Cell<bool>,
    /// Whether what was refused of cases that this phone reads no longer was sent once more since the start.
    tried_again: Cell<bool>,
    pub(super) asked_rules_at: Cell<Millis>,
    listening: RefCell<Option<AbortController>>,
    timer: Cell<u64>,
}

impl Driver {
    /// A driver that does nothing yet.
    #[must_use]
    pub fn new(start: Start) -> Rc<Self> {
        let Start { store, transport, identity, scopes, may_hold_cases, notify } = start;
        let seed = browser::random_id();
        let mut jitter = [0; 8];
        jitter.copy_from_slice(&seed[..8]);
        let config = Config {
            instance: identity.instance,
            device: identity.device,
            jitter_seed: u64::from_be_bytes(jitter),
        };
        Rc::new(Self {
            session: RefCell::new(Session::new(
                config,
                scopes.epoch,
                scopes.cursors.clone(),
                scopes.differing.clone().unwrap_or_default(),
            )),
            store,
            transport,
            identity,
            scopes: RefCell::new(scopes),
            may_hold_cases,
            notify,
            queue: RefCell::default(),
            running: Cell::new(false),
            stopped: Cell::new(false),
            hinting: Cell::new(false),
            sending_photos: Cell::new(false),
            unclaimed: Cell::new(true),
            tried_again: Cell::new(false),
            asked_rules_at: Cell::new(0),
            listening: RefCell::new(None),
            timer: Cell::new(0),
        })
    }

    /// Begins: a first round, and the stream of hints.
    pub fn run(self: &Rc<Self>) {
        self.wake();
        spawn_local(Rc::clone(self).listen());
        let driver = Rc::clone(self);
        spawn_local(async move {
            // What cannot be let go of now is let go of at another start.
            if let Err(problem) = driver.tidy_photos().await {
                browser::warn(&format!("photos: {problem}"));
            }
        });
    }

    /// There may be something to do.
    pub fn wake(self: &Rc<Self>) {
        self.feed(Event::Wake);
    }

    /// Fetches nothing for now, or goes on with it; what is saved is sent all the same.
    pub fn hold(self: &Rc<Self>, held: bool) {
        self.feed(Event::Hold(held));
    }

    /// Ends for good (somebody signed out).
    pub fn stop(&self) {
        self.stopped.set(true);
        self.timer.set(self.timer.get() + 1);
        if let Some(listening) = self.listening.take() {
            listening.abort();
        }
    }

    pub(super) fn tell(&self, notice: Notice) {
        if !self.stopped.get() {
            (self.notify)(notice);
        }
    }

    /// There is something to send that came up in this round: another follows it.
    pub(super) fn go_on(&self) {
        self.queue.borrow_mut().push_back(Event::Wake);
    }

    fn feed(self: &Rc<Self>, event: Event) {
        self.queue.borrow_mut().push_back(event);
        if !self.running.replace(true) {
            spawn_local(Rc::clone(self).pump());
        }
    }

    async fn pump(self: Rc<Self>) {
        while !self.stopped.get() {
            let Some(event) = self.queue.borrow_mut().pop_front() else { break };
            let effects = self.session.borrow_mut().handle(event);
            for effect in effects {
                if let Some(answer) = self.perform(effect).await {
                    self.queue.borrow_mut().push_back(answer);
                }
            }
        }
        self.running.set(false);
    }

    async fn perform(self: &Rc<Self>, effect: Effect) -> Option<Event> {
        let stored = |digests| match digests {
            Ok(digests) => Event::Stored { digests },
            Err(_) => Event::StoreFailed,
        };
        match effect {
            Effect::LoadOutbox { after, max_bytes } => {
                Some(self.load(after, max_bytes).await.map_or(Event::StoreFailed, Event::Outbox))
            }
            Effect::Send { route, body } => Some(match self.transport.sync(route, &body).await {
                Ok(reply) => {
                    self.tell(Notice::Contact(browser::now()));
                    if reply.problem().is_some_and(|problem| problem.code == Code::DeviceRevoked) {
                        self.tell(Notice::Revoked);
                    }
                    Event::Replied { status: self.judged(reply.status).await, body: reply.body }
                }
                Err(_) => Event::Failed,
            }),
            Effect::Settle(answers) => Some(stored(self.settle(&answers).await.map(|()| Vec::new()))),
            Effect::Store { page, cursors } => Some(stored(self.store_page(*page, cursors).await)),
            Effect::Sum(numbers) => Some(self.sums(&numbers).await.map_or(Event::StoreFailed, Event::Summed)),
            Effect::Pause { ms } => {
                self.wake_in(ms);
                self.tell(Notice::Waiting(browser::now().saturating_add_unsigned(ms)));
                None
            }
            Effect::Tell(status) => {
                self.on_status(&status).await;
                self.tell(Notice::Status(status));
                None
            }
        }
    }

    /// A server of another database does not know this phone's token either, but signing in there would not help: that
    /// it is another one is what the person has to hear.
    async fn judged(&self, status: u16) -> u16 {
        let elsewhere = status == 401 && self.transport.serves_another(self.identity.instance).await;
        if elsewhere { 409 } else { status }
    }

    async fn on_status(self: &Rc<Self>, status: &Status) {
        match status {
            Status::UpToDate => self.tidy().await,
            Status::Held => {}
            _ => return,
        }
        if *status == Status::UpToDate {
            // The next start says when this was, also without a connection. That it is not kept does no harm.
            let _ = self.store.keep_meta(LAST_CONTACT, &browser::now().to_be_bytes()).await;
        }
        // Nothing under way any more: look again some time later, hints or not.
        let spread = u64::from(browser::random_id()[0]) * 100;
        let left =
            self.store.outbox().await.is_ok_and(|outbox| outbox.iter().any(|(_, entry)| sends_soon(entry)));
        let pause = match (left, self.hinting.get()) {
            (true, _) => AGAIN_MS,
            (false, true) => CALM_MS,
            (false, false) => POLL_MS,
        };
        self.wake_in(spread + pause);
        spawn_local(Rc::clone(self).send_photos());
        let driver = Rc::clone(self);
        spawn_local(async move { driver.look_up_rules().await });
        let is_whole = *status == Status::UpToDate;
        if is_whole && !self.scopes.borrow().complete && self.complete().await.is_ok() {
            self.tell(Notice::Complete);
        }
    }

    /// Everything that the server had is here: what no scope covers goes.
    async fn tidy(&self) {
        if let Err(problem) = self.end_unnamed().await {
            browser::warn(&format!("scopes: {problem}"));
        }
        if let Err(problem) = self.offer_places().await {
            browser::warn(&format!("places: {problem}"));
        }
        if self.unclaimed.replace(false) && self.drop_unclaimed().await.is_err() {
            self.unclaimed.set(true);
        }
        if !self.tried_again.replace(true) && self.try_again().await.is_err() {
            self.tried_again.set(false);
        }
    }

    /// Wakes the session later; a later call takes the place of an earlier one.
    fn wake_in(self: &Rc<Self>, ms: u64) {
        let mine = self.timer.get() + 1;
        self.timer.set(mine);
        let driver = Rc::clone(self);
        spawn_local(async move {
            browser::later(ms).await;
            if driver.timer.get() == mine && !driver.stopped.get() {
                driver.wake();
            }
        });
    }

    async fn load(&self, after: u64, max_bytes: u32) -> Result<Vec<(u64, PushItem)>, Problem> {
        let mut bytes = 0;
        let mut items = Vec::new();
        for (number, entry) in self.store.outbox().await? {
            if number <= after || !entry.waits() {
                continue;
            }
            let Some(item) = entry.item() else { continue };
            bytes += ITEM_BYTES + if let PushItem::Change { bytes, .. } = &item { bytes.len() } else { 0 };
            if !items.is_empty() && (bytes > max_bytes as usize || items.len() >= MAX_PUSH_ITEMS) {
                break;
            }
            items.push((number, item));
        }
        Ok(items)
    }

    /// Keeps the stream of hints open for as long as the driver runs.
    async fn listen(self: Rc<Self>) {
        let mut pause = REOPEN_MS.0;
        while !self.stopped.get() {
            let Ok(abort) = AbortController::new() else { return };
            self.listening.replace(Some(abort.clone()));
            let driver = Rc::clone(&self);
            let refused = self.transport.listen(&abort, move |event| driver.heard(event)).await;
            if self.hinting.replace(false) {
                pause = REOPEN_MS.0;
            }
            let ended = [Code::NotSignedIn, Code::DeviceRevoked];
            if refused.is_some_and(|problem| ended.contains(&problem.code)) {
                // The next round tells the person; signing in again makes a new driver.
                self.wake();
                return;
            }
            let spread = u64::from(browser::random_id()[0]) * pause / 512;
            browser::later(pause / 2 + spread).await;
            pause = (pause * 2).min(REOPEN_MS.1);
        }
    }

    fn heard(self: &Rc<Self>, event: &str) {
        match event {
            // What changed before the stream was open gave no hint: look once, as for a hint.
            "open" => {
                self.hinting.set(true);
                self.tell(Notice::Hint);
                self.wake();
            }
            "changed" => {
                self.tell(Notice::Hint);
                self.wake();
            }
            // Rights or the session ended: the next round learns which.
            _ => self.wake(),
        }
    }
}

/// Whether it is worth another round soon; a picture that could not go yet waits for the usual one.
fn sends_soon(entry: &OutboxEntry) -> bool {
    entry.waits() && !matches!(entry.payload, Payload::Photo { .. })
}
