//! A server in-process for the properties: its real routes without a socket, people of one ward, devices that drive the
//! real sync session over them.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use axum::body::Body;
use axum::http::Request;
use donghanh_server::auth::secrets::hash_password;
use donghanh_server::store::sqlite::Mode;
use donghanh_server::store::{Accounts as _, NewPerson, ProjectionDump, Register as _};
use donghanh_server::{Application, Config};
use donghanh_shared::access::{Membership, Role};
use donghanh_shared::domain::Ward;
use donghanh_shared::domain::date::Span;
use donghanh_shared::ids::{ActorId, DeviceId, InstanceId, PersonId};
use donghanh_shared::sync::session::{Config as SessionConfig, Route};
use donghanh_shared::sync::wire::{
    Answer, CONTENT_TYPE, PROTOCOL, PushAnswer, PushItem, PushRequest, Reference, deflate, from_bytes,
    to_bytes,
};
use donghanh_sim::store::Store;
use donghanh_sim::{Device, Outcome, Transport};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

/// The ward of every record.
pub const WARD: &str = "08707@2025-07-01";
/// When everything is received: 2026-06-20.
const NOW: i64 = 1_781_913_600_000;
const PASSWORD: &str = "dong-hanh-2026";

static HASH: LazyLock<String> = LazyLock::new(|| hash_password(PASSWORD).expect("hashes"));

/// A server with volunteers `v0`, `v1`….
pub struct TestServer {
    application: Application,
    runtime: Arc<Runtime>,
    _folder: TempDir,
}

/// A signed-in device that sends what it is told to.
pub struct Phone {
    wire: InProcess,
    device: DeviceId,
    instance: InstanceId,
    batch: u64,
}

/// The device of the native client over in-process routes.
pub struct Fresh(Device<InProcess>);

/// Carries requests to the routes without a socket.
pub struct InProcess {
    router: axum::Router,
    runtime: Arc<Runtime>,
    token: String,
}

impl InProcess {
    fn request(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> (u16, Vec<u8>) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", kind)
            .header("content-encoding", if path.ends_with("/push") { "deflate" } else { "identity" })
            .header("authorization", format!("Bearer {}", self.token))
            .body(Body::from(body))
            .unwrap();
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            let status = response.status().as_u16();
            (status, axum::body::to_bytes(response.into_body(), 64 << 20).await.unwrap().to_vec())
        })
    }
}

impl Transport for InProcess {
    fn send(&mut self, route: Route, body: &[u8]) -> Option<(u16, Vec<u8>)> {
        let path = if route == Route::Push { "/api/v1/push" } else { "/api/v1/pull" };
        Some(self.request("POST", path, CONTENT_TYPE, body.to_vec()))
    }
}

impl TestServer {
    /// A new server with one ward.
    pub fn new() -> Self {
        let runtime = Arc::new(
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap(),
        );
        let folder = TempDir::new().unwrap();
        let application = runtime.block_on(async {
            let config = Config {
                data: folder.path().to_owned(),
                mode: Mode::Real,
                master_key: None,
                ledger: None,
                settings: donghanh_server::Settings::default(),
                clock: Arc::new(|| NOW),
                merger: donghanh_server::merger::Merger::here(),
            };
            let application = Application::build(config).await.unwrap();
            let id = WARD.parse().unwrap();
            let ward =
                Ward {
                    id, name: "Vĩnh Yên".into(), kind: "Phường".into(), valid_to: None, successor: None
                };
            application.sqlite.put_references(vec![Reference::Ward(ward)]).await.unwrap();
            let span = Span { from: "2025-07-01".parse().unwrap(), to: None };
            let person = |number: u8| NewPerson {
                id: PersonId([number + 1; 16]),
                sign_in: format!("v{number}"),
                full_name: format!("Tình nguyện viên {number}"),
                password: HASH.clone(),
                memberships: vec![Membership {
                    role: if number == 9 { Role::WardSupervisor } else { Role::Volunteer },
                    ward: Some(id),
                    organisation: None,
                    place: None,
                    span,
                }],
            };
            application.sqlite.add_people((0..10).map(person).collect(), NOW).await.unwrap();
            application
        });
        Self { application, runtime, _folder: folder }
    }

    fn sign_in(&self, name: &str) -> (InProcess, DeviceId, InstanceId) {
        let router = self.application.router.clone();
        let mut wire = InProcess { router, runtime: Arc::clone(&self.runtime), token: String::new() };
        let form = serde_json::json!({ "name": name, "password": PASSWORD, "device_name": "test" });
        let (status, body) =
            wire.request("POST", "/api/v1/session", "application/json", form.to_string().into_bytes());
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        let session: HashMap<String, serde_json::Value> = serde_json::from_slice(&body).unwrap();
        wire.token = session["token"].as_str().unwrap().to_owned();
        let text = |key: &str| session[key].as_str().unwrap();
        (wire, text("device").parse().unwrap(), text("instance").parse().unwrap())
    }

    /// So many phones, each of its own person.
    pub fn phones(&self, count: usize) -> Vec<Phone> {
        let phone = |number: usize| {
            let (wire, device, instance) = self.sign_in(&format!("v{number}"));
            Phone { wire, device, instance, batch: 0 }
        };
        (0..count).map(phone).collect()
    }

    /// A device that only fetches.
    pub fn device(&self) -> Fresh {
        let (wire, device, instance) = self.sign_in("v8");
        let config = SessionConfig { instance, device, jitter_seed: 1 };
        Fresh(Device::start(config, Store::default(), ActorId(device.0), wire))
    }

    /// Every projection, without the store's own numbers of documents.
    pub fn projections(&self) -> ProjectionDump {
        self.runtime.block_on(self.application.sqlite.dump_projections()).unwrap()
    }

    /// Ends the projections and makes them anew from the log.
    pub fn reproject(&self) {
        let store: Arc<dyn donghanh_server::store::Store> = self.application.sqlite.clone();
        self.runtime.block_on(donghanh_server::projection::rebuild::rebuild(&store)).unwrap();
    }
}

impl Phone {
    /// Sends items and gives the answers.
    pub fn push(&mut self, items: Vec<PushItem>) -> Vec<Answer> {
        self.batch += 1;
        let (instance, device, batch) = (self.instance, self.device, self.batch);
        let request = PushRequest { version: PROTOCOL, instance, device, epoch: 1, batch, items };
        let (status, body) = self.wire.send(Route::Push, &deflate(&to_bytes(&request))).unwrap();
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        from_bytes::<PushAnswer>(&body).unwrap().answers
    }
}

impl Fresh {
    /// Fetches everything; the session compares digests.
    pub fn sync_to_the_end(&mut self) {
        assert_eq!(self.0.sync(), Outcome::UpToDate);
        assert!(self.0.store.set_aside.is_empty());
    }

    /// What it holds.
    pub fn store(&self) -> &Store {
        &self.0.store
    }
}
