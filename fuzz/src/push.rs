//! Push as a whole: a body, or a change in a good body, through routes, gate, rules, merge and commit of a real server in
//! this process. Whatever comes, the server answers, and afterwards takes a good change as before.

use std::sync::{Mutex, OnceLock, PoisonError};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use donghanh_server::auth::secrets::hash_password;
use donghanh_server::store::sqlite::Mode;
use donghanh_server::store::{Accounts as _, NewPerson, Register as _};
use donghanh_server::{Application, Config};
use donghanh_shared::access::{Membership, Role};
use donghanh_shared::command::Command;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::date::Span;
use donghanh_shared::domain::{Ward, WardRef};
use donghanh_shared::ids::{CommandId, DeviceId, DocumentId, InstanceId, PersonId};
use donghanh_shared::sync::wire::{
    CONTENT_TYPE, PROTOCOL, PushItem, PushRequest, Reference, deflate, to_bytes,
};
use donghanh_testkit::hostile::on_new;
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::NOW;

const PASSWORD: &str = "dong-hanh-2026";
const DOCUMENT: DocumentId = DocumentId([7; 16]);

/// A server with one volunteer, whose phone has begun a visit.
struct World {
    runtime: tokio::runtime::Runtime,
    application: Application,
    token: String,
    device: DeviceId,
    instance: InstanceId,
    batch: u64,
    _folder: TempDir,
}

fn world() -> &'static Mutex<World> {
    static WORLD: OnceLock<Mutex<World>> = OnceLock::new();
    WORLD.get_or_init(|| Mutex::new(World::begin()))
}

/// Sends the bytes as a body, and as a change of the visit with and without a right checksum.
///
/// # Panics
/// When the server does not answer as it should: that is what is looked for.
pub fn whole(bytes: &[u8]) {
    let mut world = world().lock().unwrap_or_else(PoisonError::into_inner);
    let status = world.send(bytes.to_vec());
    assert!(status.is_client_error() || status.is_success(), "{status}");
    for bytes in [bytes.to_vec(), on_new(bytes, Kind::OutreachVisit, DOCUMENT)] {
        let change = PushItem::Change { document: DOCUMENT, generation: 0, bytes: bytes.into() };
        assert_eq!(world.push(vec![change]), StatusCode::OK);
    }
}

impl World {
    #[expect(clippy::expect_used, reason = "without a server there is nothing to try")]
    fn begin() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let folder = TempDir::new().expect("a folder");
        let ward: WardRef = "08707@2025-07-01".parse().expect("a ward");
        let config = Config {
            clock: std::sync::Arc::new(|| NOW),
            ..Config::new(folder.path().to_owned(), Mode::Real)
        };
        let application = runtime.block_on(Application::build(config)).expect("a server");
        let span = Span { from: "2025-07-01".parse().expect("a day"), to: None };
        let held =
            Membership { role: Role::Volunteer, ward: Some(ward), organisation: None, place: None, span };
        let person = NewPerson {
            id: PersonId([1; 16]),
            sign_in: "lan".to_owned(),
            full_name: "Lan".to_owned(),
            password: hash_password(PASSWORD).expect("hashes"),
            memberships: vec![held],
        };
        let (name, kind) = ("Vĩnh Yên".to_owned(), "Phường".to_owned());
        let register = vec![Reference::Ward(Ward { id: ward, name, kind, valid_to: None, successor: None })];
        runtime.block_on(application.sqlite.put_references(register)).expect("a register");
        runtime.block_on(application.sqlite.add_people(vec![person], NOW)).expect("a person");
        let form = serde_json::json!({ "name": "lan", "password": PASSWORD, "device_name": "x" });
        let request = Request::post("/api/v1/session").header("content-type", "application/json");
        let request = request.body(Body::from(form.to_string())).expect("a request");
        let answer = runtime.block_on(async {
            let response = application.router.clone().oneshot(request).await.expect("an answer");
            axum::body::to_bytes(response.into_body(), 1 << 16).await.expect("a body")
        });
        let session: serde_json::Value = serde_json::from_slice(&answer).expect("a session");
        let text = |key: &str| session[key].as_str().unwrap_or_default().to_owned();
        let mut world = Self {
            runtime,
            application,
            token: text("token"),
            device: text("device").parse().expect("a device"),
            instance: text("instance").parse().expect("an instance"),
            batch: 0,
            _folder: folder,
        };
        let command = Command::CreateDocument { document: DOCUMENT, kind: Kind::OutreachVisit, ward };
        let begin = PushItem::Command { id: CommandId([1; 16]), at: NOW, command };
        assert_eq!(world.push(vec![begin]), StatusCode::OK, "the visit begins");
        world
    }

    fn push(&mut self, items: Vec<PushItem>) -> StatusCode {
        self.batch += 1;
        let request = PushRequest {
            version: PROTOCOL,
            instance: self.instance,
            device: self.device,
            epoch: 1,
            batch: self.batch,
            items,
        };
        self.send(deflate(&to_bytes(&request)))
    }

    #[expect(clippy::expect_used, reason = "no answer at all is what is looked for")]
    fn send(&self, body: Vec<u8>) -> StatusCode {
        let request = Request::post("/api/v1/push")
            .header("content-type", CONTENT_TYPE)
            .header("content-encoding", "deflate")
            .header("authorization", format!("Bearer {}", self.token))
            .body(Body::from(body))
            .expect("a request");
        let answer = self.application.router.clone().oneshot(request);
        self.runtime.block_on(answer).expect("an answer").status()
    }
}
