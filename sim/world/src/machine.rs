//! A device of a schedule: what outlives the app (the store, the credentials), what does not (the tabs), and what is about to
//! go wrong.

use std::collections::BTreeSet;

use donghanh_shared::domain::date::Millis;
use donghanh_shared::ids::{ActorId, ChangeHash, DocumentId};
use donghanh_shared::seal::outbox::{SealedItems, Sender};
use donghanh_shared::seal::{Key, NONCE};
use donghanh_shared::sync::session::{Config, Route};
use donghanh_shared::sync::wire::{PROTOCOL, PushItem, deflate, to_bytes};
use donghanh_sim::process::Process;
use donghanh_sim::store::Store;

use crate::canary::contains;
use crate::people::person;
use crate::plan::Fault;
use crate::rng::Rng;
use crate::template::Credentials;
use crate::versions::Version;

/// Requests that may arrive once more.
const REMEMBERED: usize = 6;

/// An answer on its way; `None`: nothing comes.
pub type Reply = Option<(u16, Vec<u8>)>;

/// A device.
pub struct Machine {
    /// Who uses it, and what the server told it.
    pub credentials: Credentials,
    /// What it keeps.
    pub store: Store,
    /// The app, once for each tab.
    pub tabs: Vec<Process>,
    /// The tab that syncs: one at a time, as the lock of the browser has it.
    pub syncing: Option<usize>,
    /// The answer that is on its way.
    pub reply: Option<Reply>,
    /// How wrong its clock is.
    pub clock: Millis,
    /// What goes wrong next.
    pub pending: BTreeSet<Fault>,
    /// Requests it sent, with the credential.
    pub sent: Vec<(String, Route, Vec<u8>)>,
    /// Taken away and empty, or never signed in again.
    pub gone: bool,
    /// Which version its app is of.
    pub version: Version,
    /// Rises when the browser throws the store away.
    pub life: u64,
}

impl Machine {
    /// A new device.
    #[must_use]
    pub fn new(credentials: Credentials) -> Self {
        let mut store = Store::default();
        store.belongs_to(person(credentials.name));
        Self {
            credentials,
            store,
            tabs: Vec::new(),
            syncing: None,
            reply: None,
            clock: 0,
            pending: BTreeSet::new(),
            sent: Vec::new(),
            gone: false,
            version: Version::Current,
            life: 0,
        }
    }

    /// A copy of the profile on another device, where nothing runs yet.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self { store: self.store.clone(), clock: self.clock, ..Self::new(self.credentials.clone()) }
    }

    /// The app of some tab; started if none runs.
    pub fn tab(&mut self, rng: &mut Rng) -> usize {
        if self.tabs.is_empty() {
            self.open_tab(rng);
        }
        rng.below(self.tabs.len())
    }

    /// Opens a tab with a fresh actor.
    pub fn open_tab(&mut self, rng: &mut Rng) {
        let config = Config {
            instance: self.credentials.instance,
            device: self.credentials.device,
            jitter_seed: rng.draw(),
        };
        self.tabs.push(Process::start(config, &self.store, ActorId(rng.id())));
    }

    /// The app dies in every tab; what was on its way is heard by nobody.
    pub fn kill(&mut self) {
        self.tabs.clear();
        self.syncing = None;
        self.reply = None;
    }

    /// Remembers a request.
    pub fn remember(&mut self, route: Route, body: &[u8]) {
        if self.sent.len() == REMEMBERED {
            self.sent.remove(0);
        }
        self.sent.push((self.credentials.token.clone(), route, body.to_vec()));
    }

    /// Whether a text stands in something that waits here.
    #[must_use]
    pub fn waits(&self, marker: &str) -> bool {
        self.store.outbox.values().any(|waiting| match &waiting.item {
            PushItem::Change { bytes, .. } => contains(bytes, marker.as_bytes()),
            PushItem::Command { .. } => false,
        })
    }

    /// Whether anything waits of a record.
    #[must_use]
    pub fn waits_of(&self, id: DocumentId) -> bool {
        self.store.outbox.values().any(|waiting| waiting.document() == Some(id))
    }

    /// Records it holds, in a fixed order.
    #[must_use]
    pub fn held(&self) -> Vec<DocumentId> {
        let mut held: Vec<DocumentId> = self.store.records.keys().copied().collect();
        held.sort_unstable();
        held
    }

    /// These items, sealed to the server: as a device that was taken away hands over everything that waits, and as a locked app
    /// sends it.
    #[must_use]
    pub fn sealed(&self, items: &[&PushItem], at: Millis, rng: &mut Rng) -> Vec<u8> {
        let key = |hex: &str| hex.parse::<ChangeHash>().map_or([0; 32], |hash| hash.0);
        let mut ephemeral = [0; 32];
        ephemeral[..16].copy_from_slice(&rng.id());
        ephemeral[16..].copy_from_slice(&rng.id());
        let mark = Key::new(key(&self.credentials.mark_key));
        let sender = Sender::new(self.credentials.device, key(&self.credentials.server_key), mark, ephemeral);
        let seal = |(nth, item): (usize, &PushItem)| {
            let mut nonce = [0; NONCE];
            nonce[..8].copy_from_slice(&(nth as u64).to_be_bytes());
            sender.seal(nonce, &to_bytes(item)).into()
        };
        let items = items.iter().copied().enumerate().map(seal).collect();
        let (instance, device) = (self.credentials.instance, self.credentials.device);
        deflate(&to_bytes(&SealedItems { version: PROTOCOL, instance, device, at, items, photos: None }))
    }
}
