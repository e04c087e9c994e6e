//! What revoked devices gave back: kept sealed until a supervisor takes it in or discards it.

use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::ids::{DeviceId, DocumentId, PersonId};

use super::{Key, NewPart, Pending};

/// Most items of one device.
pub const MAX_ITEMS: u64 = 2_000;
/// Most bytes of one device, sealed.
pub const MAX_BYTES: u64 = 8 << 20;

/// Outcome of an item that was taken in.
pub const TAKEN: &str = "taken";

/// Why an item waits: a device that was taken away gave it back.
pub const DEVICE_REVOKED: &str = "device_revoked";

/// An item as it came.
#[derive(Clone, Debug)]
pub struct NewItem {
    /// SHA-256 of the sealed item as it came: a repeat is told by it.
    pub item: [u8; 32],
    /// The document it belongs to.
    pub document: Option<DocumentId>,
    /// The part of a case that it begins.
    pub part: Option<NewPart>,
    /// Code of its kind, where the item itself tells.
    pub kind: Option<String>,
    /// Its ward, where the item itself tells.
    pub ward: Option<WardRef>,
    /// The push item, sealed under the master key.
    pub bytes: Vec<u8>,
}

/// What became of a hand-over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Items kept.
    pub taken: usize,
    /// Items that were there already, or are of a case that was erased for good.
    pub already: usize,
}

/// An item, without its content.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its row, and what it is called outside.
    pub id: Key,
    /// The device's row.
    pub device_key: Key,
    /// The device.
    pub device: DeviceId,
    /// What the device was called.
    pub device_name: String,
    /// Whose it was.
    pub person: PersonId,
    /// The name people read.
    pub person_name: String,
    /// When it was received.
    pub received: Millis,
    /// Code of its kind, where known.
    pub kind: Option<String>,
    /// Its document.
    pub document: Option<DocumentId>,
    /// Its ward, where known.
    pub ward: Option<WardRef>,
    /// What was decided.
    pub outcome: Option<String>,
    /// Why it waits: `device_revoked`, or `right_ended` for an edit of somebody whose right had ended.
    pub reason: String,
}

/// A decision.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The item.
    pub id: Key,
    /// `taken`, `discarded` or a code.
    pub outcome: String,
}

/// What was handed over.
pub trait HandedOver {
    /// Keeps items of a device, oldest first; where they do not tell kind and ward themselves, those of their document
    /// are filled in. All or none.
    ///
    /// Refuses with `hand_over_full` beyond [`MAX_ITEMS`] or [`MAX_BYTES`].
    fn hand_over(&self, device: Key, items: Vec<NewItem>, at: Millis) -> Pending<'_, Received>;
    /// Every item, newest first.
    fn handed_over(&self) -> Pending<'_, Vec<Item>>;
    /// These items that nobody has decided yet, oldest first, with their sealed bytes.
    fn handed_over_bytes(&self, ids: Vec<Key>) -> Pending<'_, Vec<(Item, Vec<u8>)>>;
    /// Keeps what was decided.
    fn decide_handed_over(&self, by: Key, decisions: Vec<Decision>, at: Millis) -> Pending<'_, ()>;
}
