//! Devices as people look after them: which there are, what was taken away, what opens them again.

use donghanh_shared::access::Membership;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::ids::{DeviceId, PersonId};

use super::{Key, Pending, Session};

/// A device.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its row.
    pub key: Key,
    /// Its identity.
    pub device: DeviceId,
    /// What the person calls it.
    pub name: String,
    /// The person's row.
    pub person_key: Key,
    /// Whose it is.
    pub person: PersonId,
    /// The name people read.
    pub person_name: String,
    /// Every role that person holds or held.
    pub memberships: Vec<Membership>,
    /// When it was signed in.
    pub created_at: Millis,
    /// When it was last heard of.
    pub last_seen_at: Option<Millis>,
    /// Records that waited on it then.
    pub waiting: Option<u64>,
    /// When it signed out or was taken away.
    pub ended_at: Option<Millis>,
    /// When it was taken away.
    pub revoked_at: Option<Millis>,
    /// When it said that it is empty.
    pub wiped_at: Option<Millis>,
    /// Items it handed over since.
    pub handed_over: u64,
}

/// Which devices are meant.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    /// Every one.
    All,
    /// Those of one person.
    Of(Key),
    /// One.
    One(DeviceId),
}

/// Queries and changes of devices beside [`Accounts`](super::Accounts).
pub trait Devices {
    /// Devices, newest first, those that signed out themselves left out unless one is asked for.
    fn devices(&self, which: Which) -> Pending<'_, Vec<Device>>;
    /// The session of a device whatever became of it: what its person may do now.
    fn session_of(&self, device: Key) -> Pending<'_, Option<Session>>;
    /// Takes a device away for good: its unlock key is destroyed, its streams end. Nothing happens when it has ended.
    fn revoke(&self, device: Key, by: Key, at: Millis) -> Pending<'_, ()>;
    /// Notes that a device was heard of, and how many records wait on it.
    fn seen(&self, device: Key, waiting: Option<u64>, at: Millis) -> Pending<'_, ()>;
    /// Notes that a device says it is empty.
    fn wiped(&self, device: Key, at: Millis) -> Pending<'_, ()>;
    /// What opens the phone's data key after an online unlock, sealed; `None` once the device has ended.
    fn unlock_key(&self, device: Key) -> Pending<'_, Option<Vec<u8>>>;
}
