//! A server in a directory of its own, with two wards and the people of a few roles, and phones that sign in to it.

pub mod codes;
pub mod phone;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use donghanh_server::auth::secrets::{Token, hash_password};
use donghanh_server::store::Log as _;
use donghanh_server::store::secrets::Secrets as _;
use donghanh_server::store::sqlite::Mode;
use donghanh_server::store::{Accounts as _, NewPerson, Register as _};
use donghanh_server::vault::Purpose;
use donghanh_server::{Application, Config, Settings};
use donghanh_shared::access::{Membership, Role};
use donghanh_shared::domain::date::{Millis, Span};
use donghanh_shared::domain::{Date, Ward, WardRef};
use donghanh_shared::ids::{PersonId, PlaceId};
use donghanh_shared::sync::wire::Reference;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

use self::codes::Codes;
use self::phone::Phone;

/// The password of everybody here.
pub const PASSWORD: &str = "dong-hanh-2026";

static HASH: LazyLock<String> = LazyLock::new(|| hash_password(PASSWORD).expect("hashes"));

/// The identity of somebody here, by the name they sign in with.
pub fn person(name: &str) -> PersonId {
    let mut id = [0; 16];
    id[..name.len()].copy_from_slice(name.as_bytes());
    PersonId(id)
}

/// A day in ward A's and ward B's time.
pub fn today() -> Date {
    "2026-06-20".parse().expect("day")
}

pub fn ward(text: &str) -> WardRef {
    text.parse().expect("ward")
}

/// Where `lan`, `minh` and the supervisor `phuong` work.
pub fn ward_a() -> WardRef {
    ward("08707@2025-07-01")
}

/// A ward that went into ward A.
pub fn ward_before_a() -> WardRef {
    ward("08722@2004-07-08")
}

/// Where `hoa` works.
pub fn ward_b() -> WardRef {
    ward("08716@2025-07-01")
}

pub struct TestApp {
    pub application: Application,
    pub folder: TempDir,
    clock: Arc<AtomicI64>,
    codes: Mutex<Codes>,
}

/// An answer, read whole.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// The stable code of an error.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().expect("a code").to_owned()
    }
}

impl TestApp {
    /// A server that nobody has set up.
    pub async fn empty() -> Self {
        let folder = TempDir::new().expect("folder");
        let clock = Arc::new(AtomicI64::new(today().start() + 9 * 3_600_000));
        let application = Self::build(&folder, &clock, Mode::Real).await;
        Self { application, folder, clock, codes: Mutex::default() }
    }

    /// Around an application made elsewhere.
    pub fn over(application: Application, folder: TempDir) -> Self {
        Self { application, folder, clock: Arc::new(AtomicI64::new(0)), codes: Mutex::default() }
    }

    async fn build(folder: &TempDir, clock: &Arc<AtomicI64>, mode: Mode) -> Application {
        let clock = Arc::clone(clock);
        let config = Config {
            data: folder.path().to_owned(),
            mode,
            master_key: None,
            ledger: None,
            clock: Arc::new(move || clock.load(Ordering::Relaxed)),
            settings: Settings { behind_proxy: true, ..Settings::default() },
            merger: donghanh_server::merger::Merger::here(),
        };
        Application::build(config).await.expect("builds")
    }

    /// A server with two wards and people.
    pub async fn init() -> Self {
        let app = Self::empty().await;
        let new = |id: WardRef, name: &str, to: Option<&str>, successor: Option<WardRef>| {
            let (name, kind) = (name.to_owned(), "Phường".to_owned());
            Reference::Ward(Ward { id, name, kind, valid_to: to.map(|t| t.parse().expect("day")), successor })
        };
        let wards = vec![
            new(ward_before_a(), "Đồng Tâm", Some("2025-06-30"), Some(ward_a())),
            new(ward_a(), "Vĩnh Yên", None, None),
            new(ward_b(), "Vĩnh Phúc", None, None),
        ];
        app.application.sqlite.put_references(wards).await.expect("wards");
        let roles = [
            ("lan", "Nguyễn Thị Lan", Role::Volunteer, Some(ward_a())),
            ("minh", "Trần Văn Minh", Role::Volunteer, Some(ward_a())),
            ("phuong", "Lê Thu Phương", Role::WardSupervisor, Some(ward_a())),
            ("hoa", "Phạm Thị Hoa", Role::Volunteer, Some(ward_b())),
            ("thanh", "Vũ Đức Thành", Role::AreaSupervisor, None),
            ("quantri", "Quản trị", Role::Administrator, None),
        ];
        for (name, full_name, role, ward) in roles {
            app.add(name, full_name, role, ward, None).await;
        }
        app
    }

    /// The same, and the people of after-care: officers of both wards, a helper, and the lead of an organisation.
    pub async fn with_aftercare() -> Self {
        let app = Self::init().await;
        for (name, full_name, role, ward) in [
            ("dung", "Đỗ Văn Dũng", Role::AftercareOfficer, ward_a()),
            ("ha", "Bùi Thu Hà", Role::AftercareOfficer, ward_b()),
            ("giang", "Ngô Hương Giang", Role::Helper, ward_a()),
        ] {
            app.add(name, full_name, role, Some(ward), None).await;
        }
        let span = Span { from: "2025-07-01".parse().expect("day"), to: None };
        let organisation = Some("thanh-doan".parse().expect("organisation"));
        let lead = Membership { role: Role::OrganisationLead, ward: None, organisation, place: None, span };
        let head = Membership { role: Role::UnionHead, ward: Some(ward_a()), ..lead.clone() };
        app.add_with("tuan", "Hoàng Anh Tuấn", vec![lead]).await;
        app.add_with("thu", "Đặng Hoài Thu", vec![head]).await;
        app
    }

    pub async fn add(
        &self,
        name: &str,
        full_name: &str,
        role: Role,
        ward: Option<WardRef>,
        until: Option<Date>,
    ) {
        let span = Span { from: "2025-07-01".parse().expect("day"), to: until };
        self.add_with(
            name,
            full_name,
            vec![Membership { role, ward, organisation: None, place: None, span }],
        )
        .await;
    }

    /// Somebody who holds one role in several wards.
    pub async fn add_in(&self, name: &str, full_name: &str, role: Role, wards: &[WardRef]) {
        let span = Span { from: "2025-07-01".parse().expect("day"), to: None };
        let held =
            |ward: &WardRef| Membership { role, ward: Some(*ward), organisation: None, place: None, span };
        self.add_with(name, full_name, wards.iter().map(held).collect()).await;
    }

    /// The contact person of a school in a ward.
    pub async fn add_contact(&self, name: &str, full_name: &str, ward: WardRef, school: PlaceId) {
        let span = Span { from: "2025-07-01".parse().expect("day"), to: None };
        let (role, ward, place) = (Role::SchoolContact, Some(ward), Some(school));
        self.add_with(name, full_name, vec![Membership { role, ward, organisation: None, place, span }])
            .await;
    }

    async fn add_with(&self, name: &str, full_name: &str, memberships: Vec<Membership>) {
        let person = NewPerson {
            id: person(name),
            sign_in: name.to_owned(),
            full_name: full_name.to_owned(),
            password: HASH.clone(),
            memberships,
        };
        let in_charge = person.memberships.iter().any(|held| {
            !matches!(
                held.role,
                Role::Volunteer
                    | Role::UnionHead
                    | Role::Helper
                    | Role::AftercareOfficer
                    | Role::SchoolContact
            )
        });
        self.application.sqlite.add_people(vec![person], self.now()).await.expect("added");
        if in_charge {
            self.set_codes_up(name).await;
        }
    }

    /// Gives somebody two-step codes, proven long ago.
    async fn set_codes_up(&self, name: &str) {
        let store = &self.application.sqlite;
        let person = store.credentials(name.to_owned()).await.expect("read").expect("found").key;
        let sealed =
            self.application.state.vault().seal(Purpose::Totp, &person.to_be_bytes(), &codes::SECRET);
        store.set_totp(person, sealed.expect("sealed")).await.expect("set");
        assert!(store.use_code(person, 1, self.now()).await.expect("proven"));
        self.codes.lock().expect("codes").begin(name);
    }

    /// The next code of somebody's authenticator app that was not used yet; `None` for whoever has no codes. When the
    /// codes of this moment are used up, time passes.
    pub fn code(&self, name: &str) -> Option<String> {
        let mut codes = self.codes.lock().expect("codes");
        if !codes.is_next_in_time(name, self.now())? {
            self.pass(codes::STEP_MS);
        }
        codes.next(name, self.now())
    }

    /// The token that the server printed at its start, for its set-up.
    pub fn set_up_token(&self) -> String {
        self.application.state.set_up_token().map(Token::to_hex).expect("not set up")
    }

    pub fn now(&self) -> Millis {
        self.clock.load(Ordering::Relaxed)
    }

    /// Lets time pass.
    pub fn pass(&self, ms: Millis) {
        self.clock.fetch_add(ms, Ordering::Relaxed);
    }

    /// Ends the server and starts it again on the same files.
    pub async fn restart(&mut self) {
        self.application = Self::build(&self.folder, &self.clock, Mode::AsFound).await;
    }

    /// A copy of the database as it is now.
    pub async fn back_up(&self) -> Vec<u8> {
        self.application.sqlite.checkpoint().await.expect("folds");
        std::fs::read(self.folder.path().join(donghanh_server::DATABASE)).expect("reads")
    }

    /// Puts an older copy of the database in the place of this one, and nothing else, and starts on it.
    pub async fn restore(&mut self, backup: &[u8]) {
        let database = self.folder.path().join(donghanh_server::DATABASE);
        for suffix in ["-wal", "-shm"] {
            let file = format!("{}{suffix}", database.display());
            drop(std::fs::remove_file(file));
        }
        std::fs::remove_file(&database).expect("removes");
        std::fs::write(&database, backup).expect("puts it back");
        self.restart().await;
    }

    pub async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.application.router.clone().oneshot(request).await.expect("answers");
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 64 << 20).await.expect("body");
        Reply { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path).body(Body::empty()).expect("request")).await
    }

    pub async fn json(&self, method: Method, path: &str, token: Option<&str>, body: &Value) -> Reply {
        let mut request =
            Request::builder().method(method).uri(path).header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        self.send(request.body(Body::from(body.to_string())).expect("request")).await
    }

    /// A phone signed in as this person.
    pub async fn phone(&self, name: &str) -> Phone {
        Phone::sign_in(self, name).await
    }

    /// The lines of the audit of this kind, newest first, as an administrator reads them.
    pub async fn audit(&self, kind: &str) -> Vec<Value> {
        let reader = self.phone("quantri").await;
        let lines = reader.read(self, &format!("/api/v1/audit?kind={kind}")).await;
        lines.as_array().expect("lines").clone()
    }

    /// The person's identity, as `add` made it.
    pub fn person(name: &str) -> PersonId {
        let mut id = [0; 16];
        id[..name.len()].copy_from_slice(name.as_bytes());
        PersonId(id)
    }

    /// The database, beside the server.
    pub fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join(donghanh_server::DATABASE)).expect("opens")
    }

    /// Pictures that wait for their record.
    pub fn loose(&self) -> i64 {
        self.database().query_row("SELECT count(*) FROM loose_photo", [], |row| row.get(0)).expect("count")
    }

    /// Everything that a push could have changed, as text.
    pub fn contents(&self) -> String {
        let db = self.database();
        let mut text = String::new();
        for table in [
            "document",
            "change",
            "snapshot",
            "scope",
            "scope_log",
            "placement",
            "place",
            "visit_row",
            "drive_row",
            "model_row",
            "command_done",
        ] {
            let count: i64 =
                db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).expect("count");
            text.push_str(&format!("{table}={count} "));
        }
        let digests: String = db
            .query_row(
                "SELECT group_concat(hex(digest) || chain, ' ') FROM (SELECT * FROM scope ORDER BY id)",
                [],
                |row| row.get(0),
            )
            .expect("digests");
        text + &digests
    }
}
