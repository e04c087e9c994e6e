//! The small database that says whose store this phone uses: instance, person, credential. Opened before any other.

use donghanh_shared::domain::error::Problem;
use donghanh_shared::ids::{DeviceId, InstanceId, PersonId};
use minicbor::{Decode, Encode};

use super::idb::{self, Database, StoreSpec};
use super::seal::{Plain, Sealer};
use super::{FORM, decode, encode};

const NAME: &str = "donghanh-device";
const DEVICE: &str = "device";
const STEPS: &[&[StoreSpec]] = &[&[StoreSpec { name: DEVICE, numbered: false }]];
const CURRENT: &str = "current";
const INSTANCE: &str = "instance";

/// Who uses this phone, and with which credential.
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
    /// What the server last said about the session (JSON), so that a start needs no connection.
    #[n(4)]
    pub session: String,
    /// Whether the store of this person has been filled: if it is then empty, the browser lost it.
    #[n(5)]
    pub filled: bool,
}

/// The open device database.
pub struct DeviceStore {
    database: Database,
    sealer: Box<dyn Sealer>,
}

impl DeviceStore {
    /// Opens it.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn open() -> Result<Self, Problem> {
        Ok(Self { database: Database::open(NAME, STEPS).await?, sealer: Box::new(Plain) })
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Problem> {
        let tx = self.database.read(&[DEVICE])?;
        let value = idb::one(tx.get(DEVICE, &idb::key(key.as_bytes()))?).await?;
        let Some(sealed) = idb::bytes(&value) else { return Ok(None) };
        self.sealer.open(DEVICE, key.as_bytes(), sealed).map(|(_, plain)| Some(plain))
    }

    async fn put(&self, key: &str, value: Option<&[u8]>) -> Result<(), Problem> {
        let tx = self.database.write(&[DEVICE])?;
        let at = idb::key(key.as_bytes());
        match value {
            Some(value) => tx.put(DEVICE, &at, &self.sealer.seal(DEVICE, key.as_bytes(), FORM, value))?,
            None => tx.delete(DEVICE, &at)?,
        }
        tx.done().await
    }

    /// Who uses this phone.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn current(&self) -> Result<Option<DeviceRecord>, Problem> {
        self.get(CURRENT).await?.map(|plain| decode(&plain)).transpose()
    }

    /// Keeps who uses this phone; `None` forgets it.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn keep(&self, record: Option<&DeviceRecord>) -> Result<(), Problem> {
        self.put(CURRENT, record.map(encode).as_deref()).await
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
        self.put(INSTANCE, Some(json.as_bytes())).await
    }
}
