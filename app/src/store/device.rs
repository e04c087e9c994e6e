//! The small database that says who uses this phone. It is opened before any key is known, so nothing in it is secret to
//! whoever holds the phone: names of the people who use it, what a key is derived with, sealed keys, and credentials
//! that can only hand in what waits.

use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::Problem;
use donghanh_shared::ids::{DeviceId, InstanceId, PersonId};
use js_sys::Array;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::idb::{self, Database, StoreSpec};
use super::{FORM, decode, encode, seal};

const NAME: &str = "donghanh-device";
const DEVICE: &str = "device";
const PEOPLE: &str = "people";
const STEPS: &[&[StoreSpec]] =
    &[&[StoreSpec { name: DEVICE, numbered: false }], &[StoreSpec { name: PEOPLE, numbered: false }]];
const CURRENT: &str = "current";
const INSTANCE: &str = "instance";

/// How a person's data key is locked on this phone.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Lock {
    /// Whether a phrase is typed rather than digits.
    #[n(0)]
    pub phrase: bool,
    /// Salt of the derivation.
    #[n(1)]
    pub salt: ByteVec,
    /// This phone's secret, which goes into the derivation too.
    #[n(2)]
    pub secret: ByteVec,
    /// Memory of the derivation, in KiB.
    #[n(3)]
    pub memory: u32,
    /// Passes of the derivation.
    #[n(4)]
    pub passes: u32,
    /// The data key, sealed under what is derived; absent after too many wrong tries.
    #[n(5)]
    pub typed: Option<ByteVec>,
    /// The data key, sealed under a key that the server keeps for this device.
    #[n(6)]
    pub online: ByteVec,
    /// Wrong tries since the last right one.
    #[n(7)]
    pub tries: u32,
    /// The data key, sealed under a secret of the phone's own lock (WebAuthn).
    #[n(8)]
    pub own: Option<OwnLock>,
}

impl Lock {
    /// Whether records of after-care may lie behind it: a PIN is not enough.
    #[must_use]
    pub fn may_hold_cases(&self) -> bool {
        self.phrase || self.own.is_some()
    }
}

/// What the phone's own lock needs to open.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct OwnLock {
    /// The credential.
    #[n(0)]
    pub credential: ByteVec,
    /// What it is asked about.
    #[n(1)]
    pub question: ByteVec,
    /// The data key, sealed under its answer.
    #[n(2)]
    pub sealed: ByteVec,
}

/// Somebody who uses this phone.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Profile {
    /// The database of the server.
    #[n(0)]
    pub instance: InstanceId,
    /// This installation, as the server knows it.
    #[n(1)]
    pub device: DeviceId,
    /// The person.
    #[n(2)]
    pub person: PersonId,
    /// The name to choose by.
    #[n(3)]
    pub name: String,
    /// Whether the records are demo data.
    #[n(4)]
    pub demo: bool,
    /// Whether the store was filled: if it is then empty, the browser lost it.
    #[n(5)]
    pub filled: bool,
    /// How the data key is locked.
    #[n(6)]
    pub lock: Lock,
    /// The credential that can only hand in what waits.
    #[n(7)]
    pub push_token: Option<String>,
    /// When it was used last, to be offered first.
    #[n(8)]
    pub used_at: Millis,
}

/// Who used this phone before records were sealed, with a credential in clear. Only read, to be sealed.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct DeviceRecord {
    /// The database of the server.
    #[n(0)]
    pub instance: InstanceId,
    /// This installation, as the server knows it.
    #[n(1)]
    pub device: DeviceId,
    /// The person.
    #[n(2)]
    pub person: PersonId,
    /// The opaque credential; absent when the server ended the session.
    #[n(3)]
    pub token: Option<String>,
    /// What the server last said about the session (JSON).
    #[n(4)]
    pub session: String,
    /// Whether the store of this person has been filled.
    #[n(5)]
    pub filled: bool,
}

/// The open device database.
pub struct DeviceStore {
    database: Database,
}

impl DeviceStore {
    /// Opens it.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn open() -> Result<Self, Problem> {
        Ok(Self { database: Database::open(NAME, STEPS).await? })
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Problem> {
        let tx = self.database.read(&[DEVICE])?;
        let value = idb::one(tx.get(DEVICE, &idb::key(key.as_bytes()))?).await?;
        idb::bytes(&value).map(|value| Ok(seal::plain_content(value)?.1)).transpose()
    }

    async fn put(&self, store: &'static str, key: &[u8], value: Option<&[u8]>) -> Result<(), Problem> {
        let tx = self.database.write(&[store])?;
        match value {
            Some(value) => tx.put(store, &idb::key(key), &seal::plain(FORM, value))?,
            None => tx.delete(store, &idb::key(key))?,
        }
        tx.done().await
    }

    /// Everybody who uses this phone, the last one first.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn people(&self) -> Result<Vec<Profile>, Problem> {
        let tx = self.database.read(&[PEOPLE])?;
        let values = Array::from(&idb::one(tx.all(PEOPLE)?).await?);
        let read = |value| decode::<Profile>(&seal::plain_content(idb::bytes(&value).unwrap_or_default())?.1);
        let mut people = values.iter().map(read).collect::<Result<Vec<_>, Problem>>()?;
        people.sort_by_key(|profile| std::cmp::Reverse(profile.used_at));
        Ok(people)
    }

    /// One of them.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn profile(&self, instance: InstanceId, person: PersonId) -> Result<Option<Profile>, Problem> {
        let people = self.people().await?;
        Ok(people.into_iter().find(|profile| (profile.instance, profile.person) == (instance, person)))
    }

    /// Keeps somebody.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn keep(&self, profile: &Profile) -> Result<(), Problem> {
        self.put(PEOPLE, &place(profile.instance, profile.person), Some(&encode(profile))).await
    }

    /// Forgets somebody.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn forget(&self, instance: InstanceId, person: PersonId) -> Result<(), Problem> {
        self.put(PEOPLE, &place(instance, person), None).await
    }

    /// Who used this phone before records were sealed.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn unsealed(&self) -> Result<Option<DeviceRecord>, Problem> {
        self.get(CURRENT).await?.map(|plain| decode(&plain)).transpose()
    }

    /// Forgets that; the records are sealed now.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn forget_unsealed(&self) -> Result<(), Problem> {
        self.put(DEVICE, CURRENT.as_bytes(), None).await
    }

    /// What the server last said about itself (JSON).
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn instance(&self) -> Result<Option<String>, Problem> {
        Ok(self.get(INSTANCE).await?.map(|plain| String::from_utf8_lossy(&plain).into_owned()))
    }

    /// Keeps what the server said about itself.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn keep_instance(&self, json: &str) -> Result<(), Problem> {
        self.put(DEVICE, INSTANCE.as_bytes(), Some(json.as_bytes())).await
    }
}

fn place(instance: InstanceId, person: PersonId) -> Vec<u8> {
    [instance.0, person.0].concat()
}
