//! A data directory with everybody in it, signed in several times over, made once a process and copied for each schedule.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::{Context as _, Result, bail};
use donghanh_server::auth::secrets::hash_password;
use donghanh_server::store::secrets::Secrets as _;
use donghanh_server::store::sqlite::{LEDGER, Mode};
use donghanh_server::store::{Accounts as _, Log as _, NewPerson, Register as _};
use donghanh_server::vault::Purpose;
use donghanh_server::{Application, Config, Settings};
use donghanh_shared::access::Membership;
use donghanh_shared::domain::Ward;
use donghanh_shared::domain::date::{Date, Millis, Span};
use donghanh_shared::ids::{DeviceId, InstanceId};
use donghanh_shared::sync::wire::Reference;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::people::{PEOPLE, Place, Post, person};
use crate::server::call;

const PASSWORD: &str = "dong-hanh-2026";
const SECRET: [u8; 20] = *b"twenty bytes, secret";

/// How often everybody is signed in; the last one is nobody's device, see [`Template::reserve`].
const SESSIONS: usize = 5;

/// What a device was told when it was made.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Whose it is.
    pub name: &'static str,
    /// The device.
    pub device: DeviceId,
    /// The database.
    pub instance: InstanceId,
    /// For everything.
    pub token: String,
    /// For the hand-over.
    pub push_token: String,
    /// Marks what it seals; hexadecimal.
    pub mark_key: String,
    /// What it seals to; hexadecimal.
    pub server_key: String,
}

/// The directory, and everybody's devices.
pub struct Template {
    folder: TempDir,
    devices: BTreeMap<&'static str, Vec<Credentials>>,
}

/// The moment at which every schedule begins.
#[must_use]
pub fn beginning() -> Millis {
    // 2026-06-20, nine in the morning.
    "2026-06-20".parse::<Date>().map_or(0, |day| day.start() + 9 * 3_600_000)
}

/// A clock that is moved by hand.
#[must_use]
pub fn configuration(data: PathBuf, clock: &Arc<AtomicI64>, mode: Mode) -> Config {
    let clock = Arc::clone(clock);
    Config {
        data,
        mode,
        master_key: None,
        ledger: None,
        clock: Arc::new(move || clock.load(Ordering::Relaxed)),
        settings: Settings { behind_proxy: true, ..Settings::default() },
        merger: donghanh_server::merger::Merger::here(),
    }
}

/// A temporary folder, in memory where there is such a file system.
///
/// # Errors
/// When none can be made.
pub fn folder() -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    if memory.is_dir()
        && let Ok(folder) = TempDir::with_prefix_in("donghanh-sim-", memory)
    {
        return Ok(folder);
    }
    Ok(TempDir::with_prefix("donghanh-sim-")?)
}

impl Template {
    /// Makes the directory.
    ///
    /// # Errors
    /// When the server cannot be built or does not let somebody in.
    pub async fn make() -> Result<Self> {
        let folder = folder()?;
        let clock = Arc::new(AtomicI64::new(beginning() - 3_600_000));
        let configuration = configuration(folder.path().to_owned(), &clock, Mode::Real);
        let application = Application::build(configuration).await?;
        let wards = [(Place::A, "Vĩnh Yên"), (Place::B, "Vĩnh Phúc")].map(|(place, name)| {
            let (name, kind) = (name.to_owned(), "Phường".to_owned());
            Reference::Ward(Ward { id: place.ward(), name, kind, valid_to: None, successor: None })
        });
        application.sqlite.put_references(wards.to_vec()).await?;
        let hash = hash_password(PASSWORD)?;
        let span = Span { from: "2025-07-01".parse()?, to: None };
        let mut devices = BTreeMap::new();
        for (name, post, wards) in PEOPLE {
            let held = |ward| Membership { role: post.role(), ward, organisation: None, place: None, span };
            let mut memberships: Vec<Membership> =
                wards.iter().map(|place| held(Some(place.ward()))).collect();
            if wards.is_empty() {
                memberships.push(held(None));
            }
            let sign_in = name.to_owned();
            let full_name = format!("Nguyễn {name}");
            let password = hash.clone();
            let new = NewPerson { id: person(name), sign_in, full_name, password, memberships };
            let now = clock.load(Ordering::Relaxed);
            application.sqlite.add_people(vec![new], now).await?;
            if post == Post::Administrator {
                set_codes_up(&application, name, now).await?;
            }
            let mut sessions = Vec::new();
            for _ in 0..if post == Post::Administrator { 1 } else { SESSIONS } {
                let code = (post == Post::Administrator).then(|| code(clock.load(Ordering::Relaxed)));
                sessions.push(sign_in_as(&application, name, code).await?);
            }
            devices.insert(name, sessions);
        }
        application.sqlite.checkpoint().await?;
        drop(application);
        closed(folder.path()).await?;
        Ok(Self { folder, devices })
    }

    /// Copies the directory.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub fn copy_to(&self, to: &Path) -> Result<()> {
        copy(self.folder.path(), to)
    }

    /// The credentials of somebody's `nth` device; `None` when they have no more.
    #[must_use]
    pub fn device(&self, name: &str, nth: usize) -> Option<&Credentials> {
        self.devices.get(name).filter(|all| nth + 1 < all.len())?.get(nth)
    }

    /// The credentials of somebody that no device of a schedule uses.
    ///
    /// # Panics
    /// When there is nobody of this name.
    #[must_use]
    pub fn reserve(&self, name: &str) -> &Credentials {
        self.devices.get(name).and_then(|all| all.last()).expect("somebody of the world")
    }
}

/// Waits until the writer of a server that is gone has closed its files, which it does in a thread of its own: the log of the
/// ledger, which nobody else has open, is then removed, and that of the database is empty.
async fn closed(folder: &Path) -> Result<()> {
    let log = folder.join(format!("{LEDGER}-wal"));
    for _ in 0..2_000 {
        if !log.exists() {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    bail!("the files of the template are not closed")
}

/// Copies the files of a folder as they lie.
///
/// # Errors
/// When one cannot be copied.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        // An empty log says nothing, and may be removed at any moment.
        let name = entry.file_name();
        if name.to_string_lossy().ends_with("-wal") && entry.metadata().map_or(0, |found| found.len()) == 0 {
            continue;
        }
        // What is only shared memory of a process that is gone would not be there after a crash.
        if entry.file_type()?.is_file() && !entry.file_name().to_string_lossy().ends_with("-shm") {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

async fn set_codes_up(application: &Application, name: &str, now: Millis) -> Result<()> {
    let store = &application.sqlite;
    let key = store.credentials(name.to_owned()).await?.context("an account")?.key;
    let sealed = application.state.vault().seal(Purpose::Totp, &key.to_be_bytes(), &SECRET);
    store.set_totp(key, sealed.map_err(|error| anyhow::anyhow!("{error:?}"))?).await?;
    if !store.use_code(key, 1, now).await? {
        bail!("a code was not taken");
    }
    Ok(())
}

fn code(now: Millis) -> String {
    let step = u64::try_from(now / 30_000).unwrap_or(0);
    let totp = totp_rs::Builder::new().with_secret(SECRET.to_vec()).with_account_name("test").build();
    totp.map(|totp| totp.generate(step * 30).to_string()).unwrap_or_default()
}

async fn sign_in_as(
    application: &Application,
    name: &'static str,
    code: Option<String>,
) -> Result<Credentials> {
    let form = json!({ "name": name, "password": PASSWORD, "code": code, "device_name": "sim" });
    let (status, body) = call(application, "POST", "/api/v1/session", None, &form).await?;
    if status != 200 {
        bail!("{name} is not let in: {status}");
    }
    let session: Value = serde_json::from_slice(&body)?;
    let text = |key: &str| session[key].as_str().map(str::to_owned).context("a text in the session");
    Ok(Credentials {
        name,
        device: text("device")?.parse()?,
        instance: text("instance")?.parse()?,
        token: text("token")?,
        push_token: text("push_token")?,
        mark_key: text("mark_key")?,
        server_key: text("server_key")?,
    })
}
