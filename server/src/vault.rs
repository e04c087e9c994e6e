//! The master key and what is drawn from it. The key lies in a file outside the database: whoever copies the database
//! alone reads no case, no two-step secret, nothing handed over.

use std::fmt;
use std::io::Write as _;
use std::path::Path;

use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::DeviceId;
use donghanh_shared::seal::outbox::Receiver;
use donghanh_shared::seal::{Key, NONCE};

use crate::auth::secrets::random;
use crate::store::StoreError;

/// What the sealed check in the database says.
const CHECK: &[u8] = b"donghanh vault 1";

/// Name of the key's file inside the data directory, unless another place is named.
pub const MASTER_KEY: &str = "master.key";

/// What something is sealed for: two purposes never share a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The check that the key is the right one.
    Check,
    /// Secrets of two-step codes.
    Totp,
    /// What opens a phone's data key after an online unlock.
    UnlockKey,
    /// Items of revoked devices.
    HandedOver,
    /// Keys of after-care cases.
    CaseKey,
    /// Changes of after-care that were set aside.
    SetAside,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Check => "donghanh vault check",
            Self::Totp => "donghanh vault totp",
            Self::UnlockKey => "donghanh vault unlock key",
            Self::HandedOver => "donghanh vault handed over",
            Self::CaseKey => "donghanh vault case key",
            Self::SetAside => "donghanh vault set aside",
        }
    }
}

/// The master key in memory.
pub struct Vault {
    master: Key,
    receiver: Receiver,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Vault {
    /// With this master key.
    #[must_use]
    pub fn new(master: Key) -> Self {
        let receiver = Receiver::new(&master.derive("donghanh vault box", b""));
        Self { master, receiver }
    }

    /// Reads the key from its file; draws and writes a new one when `may_make` and there is none.
    ///
    /// # Errors
    /// [`StoreError::Unsuitable`] when it is missing or not a key: a database with sealed parts must not be opened with
    /// another. [`StoreError::Failed`] when the file cannot be read or written.
    pub fn open(file: &Path, may_make: bool) -> Result<Self, StoreError> {
        let failed = |error: std::io::Error| StoreError::Failed(format!("{}: {error}", file.display()));
        match std::fs::read_to_string(file) {
            Ok(text) => {
                let bytes = text
                    .trim()
                    .parse::<donghanh_shared::ids::ChangeHash>()
                    .map_err(|_| StoreError::Unsuitable(format!("{} is not a master key", file.display())))?;
                Ok(Self::new(Key::new(bytes.0)))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && may_make => {
                let bytes: [u8; 32] = random()?;
                let text = donghanh_shared::ids::ChangeHash(bytes).to_string();
                let mut made = std::fs::OpenOptions::new();
                made.write(true).create_new(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut made, 0o600);
                let mut made = made.open(file).map_err(failed)?;
                made.write_all(text.as_bytes()).and_then(|()| made.sync_all()).map_err(failed)?;
                Ok(Self::new(Key::new(bytes)))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(StoreError::Unsuitable(format!("the master key {} is missing", file.display())))
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Seals bytes for a purpose; `context` says whose they are.
    ///
    /// # Errors
    /// [`Code::Internal`] without random bytes.
    pub fn seal(&self, purpose: Purpose, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, Problem> {
        seal(&self.master.derive(purpose.name(), b""), context, plain)
    }

    /// Opens what [`Vault::seal`] made.
    ///
    /// # Errors
    /// [`Code::Internal`] when it was made with another key, for something else, or was changed.
    pub fn open_sealed(&self, purpose: Purpose, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Problem> {
        open(&self.master.derive(purpose.name(), b""), context, sealed)
    }

    /// The check to be kept in a new database.
    ///
    /// # Errors
    /// Those of [`Vault::seal`].
    pub fn check(&self) -> Result<Vec<u8>, Problem> {
        self.seal(Purpose::Check, b"", CHECK)
    }

    /// Whether a kept check was made with this key.
    #[must_use]
    pub fn is_of(&self, check: &[u8]) -> bool {
        self.open_sealed(Purpose::Check, b"", check).is_ok_and(|plain| plain == CHECK)
    }

    /// Opens what phones seal to the server.
    #[must_use]
    pub fn receiver(&self) -> &Receiver {
        &self.receiver
    }

    /// The key with which this device marks what it seals.
    #[must_use]
    pub fn device_mark(&self, device: DeviceId) -> Key {
        self.master.derive("donghanh vault device mark", &device.0)
    }
}

/// A new key, drawn.
///
/// # Errors
/// [`Code::Internal`] without random bytes.
pub fn draw() -> Result<Key, Problem> {
    Ok(Key::new(random()?))
}

/// Seals bytes with a key under a fresh nonce.
///
/// # Errors
/// [`Code::Internal`] without random bytes.
pub fn seal(key: &Key, about: &[u8], plain: &[u8]) -> Result<Vec<u8>, Problem> {
    Ok(key.seal(random::<NONCE>()?, about, plain))
}

/// Opens what [`seal`] made.
///
/// # Errors
/// [`Code::Internal`], with a line in the log.
pub fn open(key: &Key, about: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Problem> {
    key.open(about, sealed).map_err(|error| {
        tracing::error!(%error, "a sealed part of the database does not open");
        Problem::new(Code::Internal)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_never_replaced() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("master.key");
        assert!(matches!(Vault::open(&file, false), Err(StoreError::Unsuitable(_))));
        let made = Vault::open(&file, true).expect("made");
        let check = made.check().expect("check");
        assert!(Vault::open(&file, false).expect("read").is_of(&check));
        assert!(!Vault::new(Key::new([1; 32])).is_of(&check));
        std::fs::write(&file, "not a key").expect("write");
        assert!(matches!(Vault::open(&file, true), Err(StoreError::Unsuitable(_))));
    }

    #[test]
    fn purposes_and_contexts_keep_apart() {
        let vault = Vault::new(Key::new([1; 32]));
        let sealed = vault.seal(Purpose::Totp, b"lan", b"secret").expect("sealed");
        assert_eq!(vault.open_sealed(Purpose::Totp, b"lan", &sealed).as_deref(), Ok(&b"secret"[..]));
        assert!(vault.open_sealed(Purpose::Totp, b"minh", &sealed).is_err());
        assert!(vault.open_sealed(Purpose::CaseKey, b"lan", &sealed).is_err());
    }
}
