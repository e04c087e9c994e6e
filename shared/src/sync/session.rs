//! The sync session as a state machine: events in, effects out. No clock, no network, no storage, no randomness of its
//! own. The browser, the native device, the load generator and the tests drive this same code.
//!
//! A round is: send what waits (batch by batch, each answer stored before the next), then fetch what is new (page by
//! page, each stored with its cursor before the next is asked for), then compare digests and mend the parts that differ. Whatever fails is tried
//! again after a growing pause; nothing waits on anybody's word that there is a connection.
//!
//! ```
//! use donghanh_shared::ids::{DeviceId, InstanceId};
//! use donghanh_shared::sync::session::{Config, Effect, Event, Session};
//!
//! let config = Config { instance: InstanceId([1; 16]), device: DeviceId([2; 16]), jitter_seed: 7 };
//! let mut session = Session::new(config, 0, Vec::new(), Default::default());
//! let effects = session.handle(Event::Wake);
//! assert!(matches!(effects.as_slice(), [Effect::LoadOutbox { after: 0, .. }]));
//! ```

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::parts::{Compared, Said};
use super::wire::{self, Answer, Cursor, PROTOCOL, PullPage, PullRequest, PushAnswer, PushItem, PushRequest};
use crate::access::Scope;
use crate::domain::error::{Code, Problem};
use crate::domain::vocabulary::Term as _;
use crate::ids::{DeviceId, Digest, InstanceId};

/// Smallest batch or page, in bytes before compression: what gets through on the worst link.
pub const MIN_BUDGET: u32 = 2 << 10;
/// Largest batch, in bytes before compression.
pub const MAX_PUSH_BUDGET: u32 = 1 << 20;
/// Largest page, in bytes before compression.
pub const MAX_PAGE_BUDGET: u32 = 1 << 20;
/// What a session starts with.
pub const FIRST_BUDGET: u32 = 256 << 10;
/// Longest pause between two tries, in milliseconds.
pub const MAX_PAUSE_MS: u64 = 5 * 60 * 1000;
/// How often the parts of a scope that differ are fetched before all of it is, once; then a person is told.
const MAX_MENDS: u32 = 2;

/// Most scopes of which one request says the parts, two kilobytes each.
const MENDED_AT_ONCE: usize = 8;

/// Who is syncing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Config {
    /// The database the device belongs to.
    pub instance: InstanceId,
    /// The device.
    pub device: DeviceId,
    /// Any number; spreads the pauses of devices that lost the same server at the same moment.
    pub jitter_seed: u64,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// There may be something to do: the app opened, something was saved, the server hinted, a pause is over.
    Wake,
    /// The entries asked for by [`Effect::LoadOutbox`], in order.
    Outbox(Vec<(u64, PushItem)>),
    /// The server answered the request under way.
    Replied {
        /// HTTP status.
        status: u16,
        /// Body, decompressed.
        body: Vec<u8>,
    },
    /// The request under way did not get through: no connection, cut, timed out.
    Failed,
    /// What the last [`Effect::Settle`] or [`Effect::Store`] asked for is durable.
    Stored {
        /// The device's own digests of the scopes that the page named; left out while edits of the scope wait.
        digests: Vec<(u32, Digest)>,
    },
    /// What [`Effect::Sum`] asked for.
    Summed(Vec<Said>),
    /// It could not be made durable. The session stops until the next [`Event::Wake`].
    StoreFailed,
    /// The person wants nothing fetched for now (`true`), or goes on with it (`false`). What is saved is sent all the same.
    Hold(bool),
}

/// Where a request goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Route {
    /// `POST /api/v1/push`; the body is deflated.
    Push,
    /// `POST /api/v1/pull`.
    Pull,
}

/// What to do. Effects of one event are carried out in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Read outbox entries with a number above `after`, in order, about `max_bytes` of them (at least one if there is
    /// one), leaving out those that were refused; answer with [`Event::Outbox`].
    LoadOutbox {
        /// The last entry this round has tried.
        after: u64,
        /// Bytes of changes, before compression.
        max_bytes: u32,
    },
    /// Send one request; answer with [`Event::Replied`] or [`Event::Failed`].
    Send {
        /// Where to.
        route: Route,
        /// The body.
        body: Vec<u8>,
    },
    /// Record what became of the entries, in one durable transaction: kept ones leave the outbox, refused ones stay
    /// with their reason. Answer with [`Event::Stored`].
    Settle(Vec<(u64, Answer)>),
    /// Store a page, these cursors (all there are) and the epoch in one durable transaction; answer with
    /// [`Event::Stored`].
    Store {
        /// The page.
        page: Box<PullPage>,
        /// Every cursor the device now has.
        cursors: Vec<Cursor>,
    },
    /// The digests of these scopes differ: sum up what the device holds of them, part by part, from the records themselves; answer with
    /// [`Event::Summed`].
    Sum(Vec<u32>),
    /// Come back with [`Event::Wake`] after this long, unless something wakes the session earlier.
    Pause {
        /// Milliseconds.
        ms: u64,
    },
    /// Tell people.
    Tell(Status),
}

/// What people should know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Status {
    /// Sending so many entries.
    Sending(usize),
    /// Fetching; so many items came in this round, of so many records in all where the server said so.
    Receiving {
        /// Items so far.
        received: u64,
        /// Records in the device's scopes.
        total: Option<u64>,
    },
    /// The server was reached and everything it had is stored.
    UpToDate,
    /// What there is to fetch waits for the person.
    Held,
    /// It did not get through; another try follows.
    Unreachable,
    /// Something a person must do: sign in again, update, use another server.
    Stopped(Problem),
    /// A scope differs from the server's even after what differs, and then all of it, was fetched.
    Differs(u32),
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum State {
    Idle,
    LoadingOutbox,
    Pushing(Vec<u64>),
    Settling,
    Summing,
    Pulling,
    Storing(Box<Incoming>),
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Incoming {
    cursors: Vec<Cursor>,
    epoch: u32,
    more: bool,
    compared: Compared,
}

/// One device's conversation with the server.
#[derive(Clone, Debug)]
pub struct Session {
    config: Config,
    state: State,
    epoch: u32,
    cursors: Vec<Cursor>,
    after: u64,
    push_budget: u32,
    page_budget: u32,
    failures: u32,
    again: bool,
    held: bool,
    received: u64,
    total: Option<u64>,
    /// Scopes that were found to differ, and are to be mended once everything new is here.
    differing: BTreeSet<u32>,
    /// Scopes of which the request under way says the parts.
    asked: Vec<u32>,
    mends: BTreeMap<u32, u32>,
    jitter: u64,
}

impl Session {
    /// A session that goes on where the device's store stands: with what it noted of its pages (see [`Compared`]).
    #[must_use]
    pub fn new(config: Config, epoch: u32, cursors: Vec<Cursor>, differing: BTreeSet<u32>) -> Self {
        Self {
            config,
            state: State::Idle,
            epoch,
            cursors,
            after: 0,
            push_budget: FIRST_BUDGET,
            page_budget: FIRST_BUDGET,
            failures: 0,
            again: false,
            held: false,
            received: 0,
            total: None,
            differing,
            asked: Vec::new(),
            mends: BTreeMap::new(),
            jitter: config.jitter_seed | 1,
        }
    }

    /// Whether nothing is under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.state == State::Idle
    }

    /// The cursors as of the last page stored.
    #[must_use]
    pub fn cursors(&self) -> &[Cursor] {
        &self.cursors
    }

    /// Takes one event. An event that does not fit what is under way (a late answer, say) is passed over.
    pub fn handle(&mut self, event: Event) -> Vec<Effect> {
        match (std::mem::replace(&mut self.state, State::Idle), event) {
            (State::Idle, Event::Wake) => self.start_round(),
            (state, Event::Wake) => {
                self.again = true;
                self.state = state;
                Vec::new()
            }
            (state, Event::Hold(held)) => {
                self.held = held;
                self.state = state;
                match (held, &self.state) {
                    (true, _) => Vec::new(),
                    (false, State::Idle) => self.start_round(),
                    (false, _) => {
                        self.again = true;
                        Vec::new()
                    }
                }
            }
            (State::LoadingOutbox, Event::Outbox(entries)) if entries.is_empty() => self.pull(Vec::new()),
            (State::LoadingOutbox, Event::Outbox(entries)) => self.push(entries),
            (State::Pushing(entries), Event::Replied { status, body }) => self.pushed(entries, status, &body),
            (State::Pulling, Event::Replied { status, body }) => self.pulled(status, &body),
            (State::Pushing(_) | State::Pulling, Event::Failed) => self.unreachable(),
            (State::Settling, Event::Stored { .. }) => self.load_outbox(),
            (State::Storing(incoming), Event::Stored { digests }) => self.stored(*incoming, &digests),
            (State::Summing, Event::Summed(said)) => self.pull(said),
            (
                State::Settling | State::Storing(_) | State::LoadingOutbox | State::Summing,
                Event::StoreFailed,
            ) => {
                vec![Effect::Tell(Status::Stopped(Problem::new(Code::StoreFailed)))]
            }
            (state, _) => {
                self.state = state;
                Vec::new()
            }
        }
    }

    fn start_round(&mut self) -> Vec<Effect> {
        self.again = false;
        self.after = 0;
        (self.received, self.total) = (0, None);
        self.load_outbox()
    }

    fn load_outbox(&mut self) -> Vec<Effect> {
        self.state = State::LoadingOutbox;
        vec![Effect::LoadOutbox { after: self.after, max_bytes: self.push_budget }]
    }

    fn push(&mut self, entries: Vec<(u64, PushItem)>) -> Vec<Effect> {
        let numbers: Vec<u64> = entries.iter().map(|(number, _)| *number).collect();
        let request = PushRequest {
            version: PROTOCOL,
            instance: self.config.instance,
            device: self.config.device,
            epoch: self.epoch,
            batch: numbers.first().copied().unwrap_or(0),
            items: entries.into_iter().map(|(_, item)| item).collect(),
        };
        let sending = Effect::Tell(Status::Sending(numbers.len()));
        let body = wire::deflate(&wire::to_bytes(&request));
        self.state = State::Pushing(numbers);
        vec![sending, Effect::Send { route: Route::Push, body }]
    }

    fn pushed(&mut self, entries: Vec<u64>, status: u16, body: &[u8]) -> Vec<Effect> {
        if status == 413 && self.push_budget > MIN_BUDGET {
            self.push_budget = (self.push_budget / 2).max(MIN_BUDGET);
            return self.load_outbox();
        }
        if status != 200 {
            return self.rejected(status);
        }
        let answers = match wire::from_bytes::<PushAnswer>(body) {
            Ok(answer) if answer.answers.len() == entries.len() => answer.answers,
            _ => return self.unreachable(),
        };
        self.failures = 0;
        self.push_budget = (self.push_budget.saturating_mul(2)).min(MAX_PUSH_BUDGET);
        self.after = entries.last().copied().unwrap_or(self.after);
        self.state = State::Settling;
        vec![Effect::Settle(entries.into_iter().zip(answers).collect())]
    }

    fn pull(&mut self, mend: Vec<Said>) -> Vec<Effect> {
        self.asked = mend.iter().map(|said| said.scope).collect();
        if self.held {
            return self.end_round(Status::Held);
        }
        let request = PullRequest {
            version: PROTOCOL,
            instance: self.config.instance,
            epoch: self.epoch,
            cursors: self.cursors.clone(),
            max_bytes: self.page_budget,
            classes: Some(Scope::CLASSES),
            bare: Some(true),
            mend: Some(mend).filter(|mend| !mend.is_empty()),
        };
        self.state = State::Pulling;
        vec![Effect::Send { route: Route::Pull, body: wire::to_bytes(&request) }]
    }

    fn pulled(&mut self, status: u16, body: &[u8]) -> Vec<Effect> {
        if status == 413 && !self.asked.is_empty() {
            std::mem::take(&mut self.asked).into_iter().for_each(|scope| self.begin_anew(scope));
            return self.pull(Vec::new());
        }
        if status != 200 {
            return self.rejected(status);
        }
        let page = wire::from_bytes::<PullPage>(body).ok().filter(PullPage::is_sound);
        let Some(page) = page else { return self.unreachable() };
        self.failures = 0;
        self.page_budget = (self.page_budget.saturating_mul(2)).min(MAX_PAGE_BUDGET);
        self.received += page.items.len() as u64;
        self.total = page.total.or(self.total);
        let nothing_new = page.items.is_empty()
            && page.cursors.is_empty()
            && page.ended.is_empty()
            && page.unknown.is_none()
            && page.scopes.is_empty()
            && page.epoch == self.epoch;
        let mut unheard = self.unheard(&page);
        if page.more {
            unheard.clear();
        }
        unheard.iter().for_each(|scope| self.begin_anew(*scope));
        if nothing_new && !page.more && page.mended.is_none() {
            return if unheard.is_empty() { self.mend() } else { self.pull(Vec::new()) };
        }
        let mut cursors = self.cursors.clone();
        let gone = || page.ended.iter().chain(page.unknown.iter().flatten());
        cursors.retain(|cursor| !gone().any(|number| *number == cursor.scope));
        for moved in &page.cursors {
            cursors.retain(|cursor| cursor.scope != moved.scope);
            cursors.push(*moved);
        }
        cursors.sort_unstable_by_key(|cursor| cursor.scope);
        let receiving = Effect::Tell(Status::Receiving { received: self.received, total: self.total });
        self.state = State::Storing(Box::new(Incoming {
            cursors: cursors.clone(),
            epoch: page.epoch,
            more: page.more || !unheard.is_empty(),
            compared: Compared::of(&page),
        }));
        vec![receiving, Effect::Store { page: Box::new(page), cursors }]
    }

    fn stored(&mut self, incoming: Incoming, ours: &[(u32, Digest)]) -> Vec<Effect> {
        self.cursors = incoming.cursors;
        self.epoch = incoming.epoch;
        let own = |scope: u32| ours.iter().find(|(number, _)| *number == scope).map(|(_, own)| *own);
        incoming.compared.note(&mut self.differing, own);
        self.mends.retain(|scope, _| self.differing.contains(scope) || !incoming.compared.names(*scope));
        if incoming.more { self.pull(Vec::new()) } else { self.mend() }
    }

    /// Scopes of which the request said the parts and the answer says nothing: a server of before passes them over.
    fn unheard(&mut self, page: &PullPage) -> Vec<u32> {
        let told = |scope: &u32| {
            page.ended.contains(scope)
                || page.digests.iter().any(|(number, _)| number == scope)
                || page.mended.iter().flatten().any(|mended| mended.scope == *scope)
        };
        std::mem::take(&mut self.asked).into_iter().filter(|scope| !told(scope)).collect()
    }

    /// Everything new is here: mends what differs, or ends the round. What differs is kept in mind until it was compared again: an answer
    /// that does not come is no end of it.
    fn mend(&mut self) -> Vec<Effect> {
        let (mut effects, mut sums, mut anew) = (Vec::new(), Vec::new(), false);
        for scope in self.differing.clone() {
            let mends = self.mends.entry(scope).or_default();
            match (*mends).cmp(&MAX_MENDS) {
                Ordering::Less if sums.len() == MENDED_AT_ONCE => {}
                Ordering::Less => {
                    *mends += 1;
                    sums.push(scope);
                }
                Ordering::Equal => {
                    *mends += 1;
                    self.begin_anew(scope);
                    anew = true;
                }
                Ordering::Greater => {
                    self.differing.remove(&scope);
                    effects.push(Effect::Tell(Status::Differs(scope)));
                }
            }
        }
        effects.extend(match (sums.is_empty(), anew) {
            (false, _) => {
                self.state = State::Summing;
                vec![Effect::Sum(sums)]
            }
            (true, true) => self.pull(Vec::new()),
            (true, false) => self.end_round(Status::UpToDate),
        });
        effects
    }

    /// Without a cursor the server begins the scope anew, page by page; what is there already merges into itself.
    fn begin_anew(&mut self, scope: u32) {
        self.differing.remove(&scope);
        self.cursors.retain(|cursor| cursor.scope != scope);
    }

    fn end_round(&mut self, status: Status) -> Vec<Effect> {
        let mut effects = vec![Effect::Tell(status)];
        if self.again {
            effects.extend(self.start_round());
        }
        effects
    }

    fn rejected(&mut self, status: u16) -> Vec<Effect> {
        let code = match status {
            401 => Code::NotSignedIn,
            409 => Code::OtherInstance,
            426 => Code::VersionUnsupported,
            _ => return self.unreachable(),
        };
        vec![Effect::Tell(Status::Stopped(Problem::new(code)))]
    }

    fn unreachable(&mut self) -> Vec<Effect> {
        self.failures = self.failures.saturating_add(1);
        self.push_budget = (self.push_budget / 2).max(MIN_BUDGET);
        self.page_budget = (self.page_budget / 2).max(MIN_BUDGET);
        vec![Effect::Tell(Status::Unreachable), Effect::Pause { ms: self.pause() }]
    }

    /// 1 s, 2 s, 4 s … five minutes, each between half and one and a half of it.
    fn pause(&mut self) -> u64 {
        let base = 1_000u64.checked_shl(self.failures.saturating_sub(1).min(20)).unwrap_or(MAX_PAUSE_MS);
        // xorshift64: spread, not secrecy.
        self.jitter ^= self.jitter << 13;
        self.jitter ^= self.jitter >> 7;
        self.jitter ^= self.jitter << 17;
        let base = base.min(MAX_PAUSE_MS * 2 / 3);
        base / 2 + self.jitter % base
    }
}

/// The code of an [`Answer::Refused`] as this build knows it.
#[must_use]
pub fn refusal_code(code: &str) -> Code {
    Code::parse(code).unwrap_or(Code::Internal)
}
