//! A phone: edits documents by the real commands, sends and fetches by the real routes.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::{Method, Request};
use donghanh_shared::access::Scope;
use donghanh_shared::command::Command;
use donghanh_shared::command::fields::{self, FieldEdit};
use donghanh_shared::command::outreach_visit::{VisitEdit, edit};
use donghanh_shared::command::placed::SAID_BEFORE;
use donghanh_shared::command::pledge_drive as drive;
use donghanh_shared::command::{prevention_model as model, work_assignment as assignment};
use donghanh_shared::crdt::{Document, Kind};
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::count::Amount;
use donghanh_shared::domain::outreach_visit::{CountKey, Form};
use donghanh_shared::domain::pledge_drive::{DriveCount, DriveYear, GroupKey, Signer};
use donghanh_shared::domain::prevention_model::{ModelCount, ModelKind};
use donghanh_shared::domain::work_assignment::Work;
use donghanh_shared::ids::{ActorId, ChangeHash, CommandId, DeviceId, DocumentId, InstanceId, PlaceId};
use donghanh_shared::seal::outbox::{SealedItems, Sender};
use donghanh_shared::seal::{Key, NONCE};
use donghanh_shared::sync::wire::{
    Answer, CONTENT_TYPE, Cursor, PROTOCOL, PullItem, PullPage, PullRequest, PushAnswer, PushItem,
    PushRequest, Reference, deflate, from_bytes, to_bytes,
};

use serde_json::Value;

use super::{PASSWORD, Reply, TestApp};

pub struct Phone {
    pub token: String,
    pub push_token: String,
    pub mark_key: String,
    pub unlock_key: String,
    pub server_key: String,
    pub device: DeviceId,
    pub instance: InstanceId,
    pub actor: ActorId,
    pub documents: BTreeMap<DocumentId, Document>,
    pub cursors: BTreeMap<u32, Cursor>,
    /// Which scopes say that they hold the document.
    pub placed: BTreeMap<DocumentId, BTreeSet<u32>>,
    pub references: Vec<Reference>,
    pub names: BTreeMap<ActorId, String>,
    pub batch: u64,
    pub commands: u16,
}

pub fn document(byte: u8) -> DocumentId {
    DocumentId([byte; 16])
}

pub fn amount(n: i64) -> Option<Amount> {
    Some(Amount::new(n).expect("amount"))
}

/// What somebody types first.
pub fn first_edits() -> Vec<VisitEdit> {
    vec![
        VisitEdit::Date(Some("2026-06-18".parse().expect("day"))),
        VisitEdit::Form(Some(Form::Talk)),
        VisitEdit::Venue(Some(PlaceId([4; 16]))),
        VisitEdit::Lead(Some("thanh-doan".parse().expect("organisation"))),
        VisitEdit::Count(CountKey::Attendance, amount(80)),
    ]
}

/// A group of a drive with what its sheets say: `(signed, expected)`.
pub fn group(signer: Signer, name: &str, sheets: (Option<i64>, Option<i64>)) -> Vec<FieldEdit> {
    let key = GroupKey::of(signer, name).expect("key");
    let mut edits = drive::group(&key, name, signer);
    for (what, number) in [(DriveCount::Signed, sheets.0), (DriveCount::Expected, sheets.1)] {
        edits.extend(number.map(|number| drive::count(&key, what, amount(number))));
    }
    edits
}

/// What somebody types first of a pledge drive: one class at the place of [`first_edits`].
pub fn first_drive() -> Vec<FieldEdit> {
    let mut edits = vec![
        drive::date(Some("2026-06-02".parse().expect("day"))),
        drive::year(Some(DriveYear { first: 2025, school: true })),
        drive::place(Some(PlaceId([4; 16]))),
        drive::lead(Some(&"thanh-doan".parse().expect("organisation"))),
    ];
    edits.extend(group(Signer::Pupils, "7A2", (Some(31), Some(38))));
    edits
}

/// What somebody types first of a prevention model.
pub fn first_model() -> Vec<FieldEdit> {
    vec![
        model::name(Some("Tổ tự quản số 5".to_owned())),
        model::kind(Some(ModelKind::SelfManaged)),
        model::since(Some("2025-09-01".parse().expect("day"))),
        model::lead(Some(&"thanh-doan".parse().expect("organisation"))),
        model::count(ModelCount::Members, amount(24)),
    ]
}

impl Phone {
    pub async fn sign_in(app: &TestApp, name: &str) -> Self {
        let code = app.code(name);
        let form = serde_json::json!({
            "name": name, "password": PASSWORD, "code": code, "device_name": "test"
        });
        let reply = app.json(axum::http::Method::POST, "/api/v1/session", None, &form).await;
        assert_eq!(reply.status, 200, "{name} signs in");
        Self::of(&reply.json())
    }

    /// The phone that this answer made.
    pub fn of(session: &serde_json::Value) -> Self {
        let text = |key: &str| session[key].as_str().expect("text");
        let device: DeviceId = text("device").parse().expect("device");
        Self {
            token: text("token").to_owned(),
            push_token: text("push_token").to_owned(),
            mark_key: text("mark_key").to_owned(),
            unlock_key: text("unlock_key").to_owned(),
            server_key: text("server_key").to_owned(),
            device,
            instance: text("instance").parse().expect("instance"),
            actor: ActorId(device.0),
            documents: BTreeMap::new(),
            cursors: BTreeMap::new(),
            placed: BTreeMap::new(),
            references: Vec::new(),
            names: BTreeMap::new(),
            batch: 0,
            commands: 0,
        }
    }

    pub fn command(&mut self, command: Command) -> PushItem {
        self.commands += 1;
        let mut id = self.device.0;
        id[14..].copy_from_slice(&self.commands.to_be_bytes());
        PushItem::Command { id: CommandId(id), at: 1, command }
    }

    /// A command as it is offered to a server that was put back.
    pub fn said_before(&mut self, command: Command) -> PushItem {
        match self.command(command) {
            PushItem::Command { id, command, .. } => PushItem::Command { id, at: SAID_BEFORE, command },
            change => change,
        }
    }

    pub fn create(&mut self, id: DocumentId, ward: WardRef) -> PushItem {
        self.begin(Kind::OutreachVisit, id, ward)
    }

    pub fn save(&mut self, id: DocumentId, edits: &[VisitEdit]) -> PushItem {
        let document = self.documents.get_mut(&id).expect("the phone has it");
        let change = edit(document, self.actor, 1_781_900_000_000, edits).expect("valid").expect("differs");
        PushItem::Change { document: id, generation: 0, bytes: change.bytes.into() }
    }

    /// Begins a case in a ward.
    pub fn create_case(&mut self, id: DocumentId, ward: WardRef) -> PushItem {
        self.begin(Kind::AftercareCase, id, ward)
    }

    /// Begins a record of any kind in a ward.
    pub fn begin(&mut self, kind: Kind, id: DocumentId, ward: WardRef) -> PushItem {
        self.documents.insert(id, Document::create(kind, id, 0));
        self.command(Command::CreateDocument { document: id, kind, ward })
    }

    /// Begins the drive of a school in a ward.
    pub fn begin_at_school(&mut self, id: DocumentId, ward: WardRef, school: PlaceId) -> PushItem {
        self.documents.insert(id, Document::create(Kind::PledgeDrive, id, 0));
        self.command(Command::CreateAtSchool { document: id, ward, school })
    }

    /// Begins a part of a case.
    pub fn create_part(&mut self, id: DocumentId, kind: Kind, case: DocumentId) -> PushItem {
        self.documents.insert(id, Document::create(kind, id, 0));
        self.command(Command::CreateInCase { document: id, kind, case })
    }

    /// A save of a part of after-care that writes these registers.
    pub fn save_fields(&mut self, id: DocumentId, registers: &[(&str, &str)]) -> PushItem {
        let edits: Vec<FieldEdit> =
            registers.iter().map(|(name, text)| FieldEdit::text(name, text)).collect();
        self.write(id, &edits)
    }

    /// A save of a record of any kind but a visit.
    pub fn write(&mut self, id: DocumentId, edits: &[FieldEdit]) -> PushItem {
        let document = self.documents.get_mut(&id).expect("the phone has it");
        let change =
            fields::edit(document, self.actor, 1_781_900_000_000, edits).expect("valid").expect("differs");
        PushItem::Change { document: id, generation: 0, bytes: change.bytes.into() }
    }

    pub fn request(&mut self, items: Vec<PushItem>) -> PushRequest {
        self.batch += 1;
        PushRequest {
            version: PROTOCOL,
            instance: self.instance,
            device: self.device,
            epoch: 1,
            batch: self.batch,
            items,
        }
    }

    /// Sends a body as it is.
    pub async fn post(&self, app: &TestApp, path: &str, body: Vec<u8>) -> Reply {
        let request = Request::post(path)
            .header("content-type", CONTENT_TYPE)
            .header("content-encoding", if path.ends_with("push") { "deflate" } else { "identity" })
            .header("authorization", format!("Bearer {}", self.token));
        app.send(request.body(Body::from(body)).expect("request")).await
    }

    pub async fn push_request(&self, app: &TestApp, request: &PushRequest) -> Vec<Answer> {
        let reply = self.post(app, "/api/v1/push", deflate(&to_bytes(request))).await;
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        from_bytes::<PushAnswer>(&reply.body).expect("an answer").answers
    }

    pub async fn push(&mut self, app: &TestApp, items: Vec<PushItem>) -> Vec<Answer> {
        let request = self.request(items);
        self.push_request(app, &request).await
    }

    /// Creates a record with its first save and sends both.
    pub async fn log_visit(&mut self, app: &TestApp, id: DocumentId, ward: WardRef) {
        let items = vec![self.create(id, ward), self.save(id, &first_edits())];
        let answers = self.push(app, items).await;
        assert!(answers.iter().all(|answer| matches!(answer, Answer::Ok(_))), "{answers:?}");
    }

    /// Creates a pledge drive with its first save and sends both.
    pub async fn log_drive(&mut self, app: &TestApp, id: DocumentId, ward: WardRef, edits: &[FieldEdit]) {
        let items = vec![self.begin(Kind::PledgeDrive, id, ward), self.write(id, edits)];
        let answers = self.push(app, items).await;
        assert!(answers.iter().all(|answer| matches!(answer, Answer::Ok(_))), "{answers:?}");
    }

    /// Creates a prevention model with its first save, [`first_model`] and these edits, and sends both.
    pub async fn log_model(&mut self, app: &TestApp, id: DocumentId, ward: WardRef, edits: &[FieldEdit]) {
        let edits = [first_model(), edits.to_vec()].concat();
        let items = vec![self.begin(Kind::PreventionModel, id, ward), self.write(id, &edits)];
        let answers = self.push(app, items).await;
        assert!(answers.iter().all(|answer| matches!(answer, Answer::Ok(_))), "{answers:?}");
    }

    /// Creates an assignment of the ward, of whoever it is, and sends it.
    pub async fn ask(&mut self, app: &TestApp, id: DocumentId, ward: WardRef) {
        let edits = [assignment::what(Some(Work::Visit)), assignment::ward(ward)];
        let items = vec![self.begin(Kind::WorkAssignment, id, ward), self.write(id, &edits)];
        let answers = self.push(app, items).await;
        assert!(answers.iter().all(|answer| matches!(answer, Answer::Ok(_))), "{answers:?}");
    }

    pub fn pull_request(&self, max_bytes: u32) -> PullRequest {
        let cursors = self.cursors.values().copied().collect();
        let (version, classes) = (PROTOCOL, Some(Scope::CLASSES));
        PullRequest {
            version,
            instance: self.instance,
            epoch: 1,
            cursors,
            max_bytes,
            classes,
            bare: Some(true),
            mend: None,
        }
    }

    /// One page, stored.
    pub async fn pull_page(&mut self, app: &TestApp, max_bytes: u32) -> PullPage {
        let reply = self.post(app, "/api/v1/pull", to_bytes(&self.pull_request(max_bytes))).await;
        assert_eq!(reply.status, 200);
        let page: PullPage = from_bytes(&reply.body).expect("a page");
        self.store(&page);
        page
    }

    /// Everything that is new; checks the digests of what came.
    pub async fn pull(&mut self, app: &TestApp) -> Vec<PullItem> {
        self.pull_by(app, 1 << 20).await
    }

    pub async fn pull_by(&mut self, app: &TestApp, max_bytes: u32) -> Vec<PullItem> {
        let mut items = Vec::new();
        loop {
            let page = self.pull_page(app, max_bytes).await;
            for (scope, digest) in &page.digests {
                assert_eq!(self.digest(*scope), *digest, "scope {scope}");
            }
            items.extend(page.items);
            if !page.more {
                return items;
            }
        }
    }

    fn digest(&self, scope: u32) -> donghanh_shared::ids::Digest {
        self.placed
            .iter()
            .filter(|(_, scopes)| scopes.contains(&scope))
            .map(|(id, _)| self.documents[id].digest())
            .fold(donghanh_shared::ids::Digest::EMPTY, donghanh_shared::ids::Digest::plus)
    }

    /// Notes that own records are in a scope: the server does not send them back.
    pub fn own(&mut self, id: DocumentId, scope: u32) {
        self.placed.entry(id).or_default().insert(scope);
    }

    pub fn store(&mut self, page: &PullPage) {
        for item in &page.items {
            match item {
                PullItem::Snapshot { scope, document, bytes, .. } => {
                    let theirs = Document::load_sent(bytes).expect("loads");
                    match self.documents.get_mut(document) {
                        Some(mine) => {
                            let raw: Vec<Vec<u8>> =
                                theirs.changes().into_iter().map(|change| change.bytes).collect();
                            mine.apply(&raw).expect("applies");
                        }
                        None => {
                            self.documents.insert(*document, theirs);
                        }
                    }
                    self.own(*document, *scope);
                }
                PullItem::Changes { scope, document, changes, .. } => {
                    let raw: Vec<Vec<u8>> = changes.iter().map(|bytes| bytes.to_vec()).collect();
                    self.documents.get_mut(document).expect("known").apply(&raw).expect("applies");
                    self.own(*document, *scope);
                }
                PullItem::Leave { scope, document } => {
                    if let Some(scopes) = self.placed.get_mut(document) {
                        scopes.remove(scope);
                    }
                }
                PullItem::Erase { document, .. } => {
                    self.documents.remove(document);
                    self.placed.remove(document);
                }
                PullItem::Reference(reference) => self.references.push(reference.clone()),
            }
        }
        self.cursors.extend(page.cursors.iter().map(|cursor| (cursor.scope, *cursor)));
        self.cursors.retain(|scope, _| !page.ended.contains(scope));
        self.names.extend(page.names.iter().map(|name| (name.actor, name.name.clone())));
    }
}

/// 32 bytes told as hexadecimal.
fn bytes_of(hex: &str) -> [u8; 32] {
    hex.parse::<ChangeHash>().expect("64 digits").0
}

/// What the phone seals to the server.
impl Phone {
    /// Seals items as the app does while it is open, so that they can be sent while it is locked.
    pub fn seal(&self, items: &[PushItem]) -> SealedItems {
        let mark = Key::new(bytes_of(&self.mark_key));
        let sender = Sender::new(self.device, bytes_of(&self.server_key), mark, [9; 32]);
        let seal = |(nth, item): (usize, &PushItem)| {
            let mut nonce = [0; NONCE];
            nonce[..8].copy_from_slice(&(nth as u64).to_be_bytes());
            sender.seal(nonce, &to_bytes(item)).into()
        };
        SealedItems {
            version: PROTOCOL,
            instance: self.instance,
            device: self.device,
            at: 1_781_900_000_000,
            items: items.iter().enumerate().map(seal).collect(),
            photos: None,
        }
    }

    /// Sends a deflated body with one of the phone's credentials.
    pub async fn post_with(&self, app: &TestApp, token: &str, path: &str, body: Vec<u8>) -> Reply {
        let request = Request::post(path)
            .header("content-type", CONTENT_TYPE)
            .header("content-encoding", "deflate")
            .header("authorization", format!("Bearer {token}"));
        app.send(request.body(Body::from(body)).expect("request")).await
    }

    /// Sends sealed items with the token that can only push.
    pub async fn push_sealed(&self, app: &TestApp, items: &SealedItems) -> Reply {
        self.post_with(app, &self.push_token, "/api/v1/push/sealed", deflate(&to_bytes(items))).await
    }

    /// Hands sealed items over, as a device that was taken away.
    pub async fn hand_over(&self, app: &TestApp, items: &SealedItems) -> Reply {
        self.post_with(app, &self.push_token, "/api/v1/hand-over", deflate(&to_bytes(items))).await
    }

    /// Brings a rescue file.
    pub async fn rescue(&self, app: &TestApp, file: Vec<u8>) -> Reply {
        let request = Request::post("/api/v1/rescue")
            .header("content-type", "application/octet-stream")
            .header("authorization", format!("Bearer {}", self.token));
        app.send(request.body(Body::from(file)).expect("request")).await
    }

    /// A request with the phone's token.
    pub async fn call(&self, app: &TestApp, method: Method, path: &str, body: &Value) -> Reply {
        app.json(method, path, Some(&self.token), body).await
    }

    /// Reads something with the phone's token.
    pub async fn read(&self, app: &TestApp, path: &str) -> Value {
        let reply = self.call(app, Method::GET, path, &Value::Null).await;
        assert_eq!(reply.status, 200, "{path}: {}", String::from_utf8_lossy(&reply.body));
        reply.json()
    }

    /// Ends its session.
    pub async fn sign_out(&self, app: &TestApp) -> Reply {
        self.call(app, Method::DELETE, "/api/v1/session", &Value::Null).await
    }

    /// Takes another phone away.
    pub async fn revoke(&self, app: &TestApp, other: &Self) -> Reply {
        let path = format!("/api/v1/devices/{}/revoke", other.device);
        self.call(app, Method::POST, &path, &Value::Null).await
    }
}
