//! Known bugs, put in between device and server or into the device's store, never into the product: each must be caught. A
//! simulator that does not see them would not see the real ones either.

use donghanh_shared::crdt::Kind;
use donghanh_shared::ids::DocumentId;
use donghanh_shared::sync::session::Route;
use donghanh_shared::sync::wire::{
    Answer, MAX_PUSH_UNPACKED, PullItem, PullPage, PushAnswer, PushItem, PushRequest, from_bytes, inflate,
    to_bytes,
};
use donghanh_sim::store::{Record, Store};

use crate::oracle::Fault;

/// One known bug.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Canary {
    /// A batch is answered `Ok` and never carried out.
    AckBeforeCommit,
    /// Cursors move on, the items of the page are not kept.
    CursorWithoutPage,
    /// A record that left a scope stays.
    ForgottenLeave,
    /// An erased record comes back out of the device's store.
    ResurrectingTombstone,
    /// With a refused change everything that waits of its record goes, and nobody is told.
    DroppedDependants,
    /// A ward written into a record places it there.
    PlacementFromContent,
    /// A good change is refused because of what came before it.
    OrderDependentRefusal,
    /// A device that hears that the server was put back offers nothing.
    NothingOffered,
}

impl Canary {
    /// All, with their names and what each must be caught as.
    pub const ALL: [(Self, &'static str, Fault); 8] = [
        (Self::AckBeforeCommit, "ack before commit", Fault::Lost),
        (Self::CursorWithoutPage, "cursor without page", Fault::Diverged),
        (Self::ForgottenLeave, "forgotten LEAVE", Fault::Leaked),
        (Self::ResurrectingTombstone, "resurrecting tombstone", Fault::Resurrected),
        (Self::DroppedDependants, "dropped dependants", Fault::Lost),
        (Self::PlacementFromContent, "placement read from content", Fault::Leaked),
        (Self::OrderDependentRefusal, "order-dependent refusal", Fault::Lost),
        (Self::NothingOffered, "nothing offered after a restore", Fault::Lost),
    ];

    /// What a device is told instead of the server carrying out its request.
    #[must_use]
    pub fn instead(self, route: Route, body: &[u8], roll: usize) -> Option<Vec<u8>> {
        if self != Self::AckBeforeCommit || route != Route::Push || !roll.is_multiple_of(8) {
            return None;
        }
        let request = push_of(body)?;
        Some(to_bytes(&PushAnswer {
            epoch: request.epoch,
            answers: vec![Answer::Ok(1); request.items.len()],
        }))
    }

    /// What a device hears of a page.
    #[must_use]
    pub fn page(self, body: Vec<u8>, roll: usize) -> Vec<u8> {
        let Ok(mut page) = from_bytes::<PullPage>(&body) else { return body };
        match self {
            Self::CursorWithoutPage if roll.is_multiple_of(6) && !page.items.is_empty() => page.items.clear(),
            Self::ForgottenLeave => page.items.retain(|item| !matches!(item, PullItem::Leave { .. })),
            Self::ResurrectingTombstone => {}
            _ => return body,
        }
        // A digest would have the scope fetched anew, which mends it: the bug is one that does not look.
        page.digests.clear();
        to_bytes(&page)
    }

    /// What the store does wrong with a page after it was stored. `before` is what it held.
    pub fn after_page(self, page: &PullPage, before: &Store, store: &mut Store) {
        if self == Self::NothingOffered {
            store.outbox.retain(|number, _| *number <= before.last_entry);
        }
        if self != Self::ResurrectingTombstone {
            return;
        }
        for item in &page.items {
            let PullItem::Erase { document, .. } = item else { continue };
            let held: Option<&Record> = before.records.get(document);
            if let Some(record) = held {
                store.records.insert(*document, record.clone());
            }
        }
    }

    /// What the store does wrong with answers after they were recorded.
    pub fn after_answers(self, store: &mut Store) {
        if self != Self::DroppedDependants {
            return;
        }
        let refused: Vec<DocumentId> = store
            .outbox
            .values()
            .filter(|waiting| waiting.refused.is_some())
            .filter_map(|waiting| waiting.document())
            .collect();
        store.outbox.retain(|_, waiting| {
            waiting.refused.as_deref() != Some("depends_on_refused")
                && (waiting.refused.is_some() || waiting.document().is_none_or(|id| !refused.contains(&id)))
        });
    }

    /// The visits into which a batch writes this ward.
    #[must_use]
    pub fn placed_by_content(self, route: Route, body: &[u8], ward: &str) -> Vec<DocumentId> {
        if self != Self::PlacementFromContent || route != Route::Push {
            return Vec::new();
        }
        let items = push_of(body).map(|request| request.items).unwrap_or_default();
        let written = items.into_iter().filter_map(|item| match item {
            PushItem::Change { document, bytes, .. } => contains(&bytes, ward.as_bytes()).then_some(document),
            PushItem::Command { .. } => None,
        });
        written.collect()
    }
}

/// The items of a push as it travels.
#[must_use]
pub fn push_of(body: &[u8]) -> Option<PushRequest> {
    from_bytes(&inflate(body, MAX_PUSH_UNPACKED).ok()?).ok()
}

/// Whether these bytes are somewhere in those.
#[must_use]
pub fn contains(all: &[u8], some: &[u8]) -> bool {
    !some.is_empty() && all.windows(some.len()).any(|at| at == some)
}

/// Whether a kind of record is written by volunteers.
#[must_use]
pub fn is_activity(kind: Kind) -> bool {
    !kind.is_aftercare()
}
