//! The one thing that screens talk to: signals with what is, and methods for what people do. Local work finishes
//! without a connection. Storage and network stay behind it: no type of `store` or `sync` leaves this module.

mod account;
mod aftercare;
mod devices;
mod engine;
mod erasure;
mod lock;
mod notices;
mod photos;
mod places;
mod records;
mod register;
mod reports;
mod schools;
pub mod secret;
mod start;
mod types;
mod values;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use donghanh_shared::command::Command;
use donghanh_shared::domain::aftercare::AftercareRules;
use donghanh_shared::domain::date::{Date, Millis};
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::place::PlaceKind;
use donghanh_shared::domain::report::ActivityReport;
use donghanh_shared::domain::same_as::{Said, stand_ins};
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{ActorId, DocumentId, InstanceId, PersonId, PhotoId, PhotoKey, PlaceId};
use leptos::prelude::*;

use crate::browser;
use crate::photo::{Chosen, Opened};
pub use crate::photo::{Chosen as ChosenPhoto, Opened as OpenedPhoto, chosen as chosen_photos};
pub use account::Invited;
pub use aftercare::RulesVersion;
pub use devices::{
    Approval, DeviceLine, HandedOver, Invitation, LogLine, Named, NewInvitation, Reason, Recovered, RoleAt,
};
use engine::Engine;
pub use erasure::AskedErasure;
use lock::Pending;
pub use records::Save;
pub use register::Register;
pub use reports::ReportQuestion;
pub use types::*;
pub use values::*;

/// The state of the app. `Copy`; screens get it by [`AppState::get`].
#[derive(Clone, Copy)]
pub struct AppState {
    /// How far the app has come.
    pub phase: RwSignal<Phase>,
    /// Who is signed in.
    pub me: RwSignal<Option<Me>>,
    /// Whether the records are demo data ("DỮ LIỆU THỬ"); known before sign-in too.
    pub demo: RwSignal<bool>,
    /// The sign-ins that a demo offers.
    pub demo_sign_ins: RwSignal<Vec<DemoSignIn>>,
    /// Every record, newest date first.
    pub summaries: RwSignal<Rows>,
    /// The records that do not count, each with the one whose counts stand for it.
    pub same_as: Memo<Arc<BTreeMap<DocumentId, DocumentId>>>,
    /// What lists need of the documents of cases, by document.
    pub care: RwSignal<Arc<Care>>,
    /// Wards, places, organisations, campaigns.
    pub register: RwSignal<Arc<Register>>,
    /// The dated rules of after-care that hold on this phone.
    pub rules: RwSignal<Arc<AftercareRules>>,
    /// Who stands behind the actors of the history.
    pub names: RwSignal<Arc<HashMap<ActorId, String>>>,
    /// Those of them that are the signed-in person.
    pub mine: RwSignal<Arc<HashSet<ActorId>>>,
    /// What waits.
    pub outbox: RwSignal<OutboxStatus>,
    /// How the phone stands with the server.
    pub sync: RwSignal<SyncStatus>,
    /// Whether this tab is the one that syncs.
    pub tab_leads: RwSignal<bool>,
    /// A newer version of the app is ready; see [`AppState::take_update`].
    pub update_ready: RwSignal<bool>,
    /// Rises when the server said that something changed, so that figures are read again.
    pub live: RwSignal<u64>,
    /// Rises whenever documents on this phone changed (own saves, other tabs, the server), so that an open record is read again.
    pub revision: RwSignal<u64>,
    /// How many reasons there are to let nothing move, such as an open dialog; what others did is shown once there is none.
    pub still: RwSignal<u32>,
    /// What was lost or cannot be kept, to be said once and clearly: the browser threw the store away.
    pub store_lost: RwSignal<bool>,
    /// A case was erased for good, and something that was not sent yet went with it.
    pub erased_unsent: RwSignal<bool>,
    /// Everybody whose records are on this phone, the last one first.
    pub people_here: RwSignal<Vec<PersonHere>>,
    /// An invitation that came with the address.
    pub invitation: RwSignal<Option<String>>,
    /// The one-time link of the first set-up, if the app was opened by it.
    pub set_up_token: RwSignal<Option<String>>,
    /// Items that arrived while the app was locked, by person.
    pub locked_sent: RwSignal<HashMap<(InstanceId, PersonId), usize>>,
    /// Whether the PIN to be chosen must be a phrase: after-care records are, or will be, on this phone.
    pub secret_for_cases: RwSignal<bool>,
    engine: StoredValue<Option<Rc<Engine>>, LocalStorage>,
    pending: StoredValue<Option<Pending>, LocalStorage>,
}

impl AppState {
    /// A state that knows nothing yet.
    #[must_use]
    pub fn new() -> Self {
        let summaries = RwSignal::new(Rows::default());
        let linked = move |rows: &Rows| stand_ins(rows.iter().map(|row| Said::of(&row.summary)));
        Self {
            phase: RwSignal::new(Phase::Starting),
            me: RwSignal::new(None),
            demo: RwSignal::new(false),
            demo_sign_ins: RwSignal::new(Vec::new()),
            summaries,
            same_as: Memo::new(move |_| Arc::new(summaries.with(linked))),
            care: RwSignal::new(Arc::default()),
            register: RwSignal::new(Arc::default()),
            rules: RwSignal::new(Arc::new(AftercareRules::shipped())),
            names: RwSignal::new(Arc::default()),
            mine: RwSignal::new(Arc::default()),
            outbox: RwSignal::new(OutboxStatus::default()),
            sync: RwSignal::new(SyncStatus::default()),
            tab_leads: RwSignal::new(false),
            update_ready: RwSignal::new(false),
            live: RwSignal::new(0),
            revision: RwSignal::new(0),
            still: RwSignal::new(0),
            store_lost: RwSignal::new(false),
            erased_unsent: RwSignal::new(false),
            people_here: RwSignal::new(Vec::new()),
            invitation: RwSignal::new(None),
            set_up_token: RwSignal::new(None),
            locked_sent: RwSignal::new(HashMap::new()),
            secret_for_cases: RwSignal::new(false),
            engine: StoredValue::new_local(None),
            pending: StoredValue::new_local(None),
        }
    }

    /// The state of this app, from the context.
    #[must_use]
    pub fn get() -> Self {
        expect_context()
    }

    /// Whether this actor is the signed-in person.
    #[must_use]
    pub fn is_mine(self, actor: ActorId) -> bool {
        self.mine.with(|mine| mine.contains(&actor))
    }

    fn engine(self) -> Result<Rc<Engine>, Problem> {
        self.engine.with_value(Clone::clone).ok_or_else(|| Problem::new(Code::NotSignedIn))
    }

    /// Shows what others did while a dialog was open; to be called when none is any more.
    pub fn catch_up(self) {
        if let Ok(engine) = self.engine() {
            notices::catch_up(self, &engine);
        }
    }

    /// Opens the store and starts the engine. `main` calls it once.
    pub async fn start(self) {
        start::start(self).await;
    }

    /// Signs in; needs the server. The PIN or passphrase is chosen next, unless the records are open already.
    ///
    /// # Errors
    /// `sign_in_wrong`, `code_needed`, `code_wrong`, `too_many_attempts`, `no_connection`, `store_failed`.
    pub async fn sign_in(self, name: String, password: String, code: Option<String>) -> Result<(), Problem> {
        account::sign_in(self, name, password, code).await
    }

    /// Begins two-step codes for whoever just signed in.
    ///
    /// # Errors
    /// `not_signed_in`, `no_connection`.
    pub async fn begin_code(self) -> Result<CodeSetUp, Problem> {
        account::begin_code(self).await
    }

    /// Confirms them with a first code, and goes on.
    ///
    /// # Errors
    /// `code_wrong`, `no_connection`.
    pub async fn confirm_code(self, code: &str) -> Result<(), Problem> {
        account::confirm_code(self, code).await
    }

    /// What an invitation says; it stays good.
    ///
    /// # Errors
    /// `invitation_invalid`, `too_many_attempts`, `no_connection`.
    pub async fn look_at_invitation(self, invitation: &str) -> Result<Invited, Problem> {
        account::look_at_invitation(invitation).await
    }

    /// Takes an invitation, which is used up then.
    ///
    /// # Errors
    /// `invitation_invalid`, `password_too_short`, `too_many_attempts`, `no_connection`, `store_failed`.
    pub async fn join(self, invitation: &str, password: Option<String>) -> Result<(), Problem> {
        account::join(self, invitation, password).await
    }

    /// Chooses the PIN or passphrase that opens the records on this phone; while they are open it takes the place of `old`.
    ///
    /// # Errors
    /// `pin_too_short`, `pin_weak`, `passphrase_needed` at `pin`; `pin_wrong`, `pin_locked` at `old`; `key_not_made`,
    /// `store_failed`.
    pub async fn choose_secret(self, typed: &str, old: &str) -> Result<(), Problem> {
        lock::choose(self, typed, old).await
    }

    /// Opens somebody's records with what was typed. Works without a connection.
    ///
    /// # Errors
    /// `pin_wrong`, `pin_locked`, `key_not_made`, `contact_needed`, `not_signed_in`, `store_failed`.
    pub async fn unlock(self, who: (InstanceId, PersonId), typed: &str) -> Result<(), Problem> {
        lock::unlock(self, who, typed).await
    }

    /// Opens somebody's records with the phone's own lock.
    ///
    /// # Errors
    /// As [`AppState::unlock`].
    pub async fn unlock_own(self, who: (InstanceId, PersonId)) -> Result<(), Problem> {
        lock::unlock_own(self, who).await
    }

    /// Lets the phone's own lock open the records too; `false` when the phone cannot, or the person does not want to.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn use_own_lock(self) -> Result<bool, Problem> {
        lock::use_own_lock(self).await
    }

    /// Locks the app. Drafts stay.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn lock(self) -> Result<(), Problem> {
        lock::lock(self).await
    }

    /// The rescue file of somebody on this phone: what waits, readable by the server alone.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn rescue_file(self, who: (InstanceId, PersonId)) -> Result<Vec<u8>, Problem> {
        lock::rescue_file(who.0, who.1).await
    }

    /// Hands a rescue file to the server.
    ///
    /// # Errors
    /// `rescue_unreadable`, `other_instance`, `no_connection`.
    pub async fn import_rescue(self, file: &[u8]) -> Result<Rescued, Problem> {
        lock::import(self, file).await
    }

    /// Removes somebody from this phone without opening their records: what waits is lost unless it was exported.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn remove_person(self, who: (InstanceId, PersonId)) -> Result<(), Problem> {
        lock::remove(self, who.0, who.1).await
    }

    /// Signs out and removes the records from this phone. With unsent records it does nothing but say so, unless
    /// `discard_unsent`.
    ///
    /// # Errors
    /// `busy` when records wait to be sent; `store_failed`.
    pub async fn sign_out(self, discard_unsent: bool) -> Result<(), Problem> {
        account::sign_out(self, discard_unsent).await
    }

    /// Sets up an empty server.
    ///
    /// # Errors
    /// What the server says about a field; `already_set_up`; `no_connection`.
    pub async fn set_up(self, form: SetUpForm) -> Result<(), Problem> {
        account::set_up(self, form).await
    }

    /// Searches the built-in list of communes.
    ///
    /// # Errors
    /// `not_allowed`, `no_connection`.
    pub async fn communes(self, question: &str) -> Result<Vec<Commune>, Problem> {
        account::communes(self, question).await
    }

    /// The school of which the person makes a drive in this ward as its contact person, see [`schools::own_school`].
    #[must_use]
    pub fn own_school(self, ward: WardRef, chosen: Option<PlaceId>) -> Option<PlaceId> {
        let own = |me: &Me| schools::own_school(&me.access, ward, chosen);
        self.me.with_untracked(|me| me.as_ref().and_then(own))
    }

    /// The accounts (administrators).
    ///
    /// # Errors
    /// `not_allowed`, `no_connection`.
    pub async fn people(self) -> Result<Vec<Account>, Problem> {
        account::people(self).await
    }

    /// Opens a record; `None` when this phone holds none of this kind with this identity.
    ///
    /// # Errors
    /// `store_failed`, `change_malformed` for a damaged record.
    pub async fn open<V: RecordValue>(self, id: DocumentId) -> Result<Option<OpenRecord<V>>, Problem> {
        records::open(&*self.engine()?, id).await
    }

    /// Saves edits of records, creating those that are not known on this phone, and drops their drafts with the same
    /// transaction: all of it, or nothing. Wards and organisations given or taken by the edits also get their command of
    /// placement; commands are sent beside. Resolves only when the store has made everything durable. Settling a difference is
    /// an ordinary save with the value chosen.
    ///
    /// # Errors
    /// `store_failed`; `form_read_only`; what the command says about an edit. Nothing is saved then.
    pub async fn save(self, saves: Vec<Save>) -> Result<(), Problem> {
        records::save(self, saves).await
    }

    /// Notes for the access log that the person opened a part of a case. Nothing waits for it, and it changes nothing else.
    pub fn note_read(self, id: DocumentId) {
        leptos::task::spawn_local(async move {
            // Reading does not fail because it could not be noted on this phone: the server notes what it delivers.
            let _ = records::note_read(self, id).await;
        });
    }

    /// Notes for the access log that the person makes a paper of a part of a case. It is durable on this phone when this ends.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn note_export(self, id: DocumentId) -> Result<(), Problem> {
        records::note_export(self, id).await
    }

    /// Sends a command about no document in hand: who helps in a case.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn command(self, command: Command) -> Result<(), Problem> {
        records::command(self, command).await
    }

    /// Gives up what the server did not take: of a record (it then shows what the server has; one that never reached
    /// the server goes), or, with `None`, of the commands that are about no record.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn discard_refused(self, id: Option<DocumentId>) -> Result<(), Problem> {
        records::discard_refused(self, id).await
    }

    /// Adds a place that the register lacks; it can be used at once and waits for approval.
    ///
    /// # Errors
    /// `text_empty`, `text_too_long`, `store_failed`.
    pub async fn propose_place(self, ward: WardRef, kind: PlaceKind, name: &str) -> Result<PlaceId, Problem> {
        places::propose(self, ward, kind, name).await
    }

    /// Takes a proposed place into the register (supervisors).
    ///
    /// # Errors
    /// `place_unknown`, `store_failed`.
    pub async fn approve_place(self, place: PlaceId) -> Result<(), Problem> {
        places::approve(self, place).await
    }

    /// Says that a proposed place is one already registered (supervisors).
    ///
    /// # Errors
    /// `place_unknown`, `store_failed`.
    pub async fn merge_place(self, place: PlaceId, into: PlaceId) -> Result<(), Problem> {
        places::merge(self, place, into).await
    }

    /// Draws a chosen picture anew within our limits, seals it and keeps it on this phone, before any record lists it.
    ///
    /// # Errors
    /// `photo_unreadable`, `photo_too_large`, `store_failed`.
    pub async fn keep_photo(self, chosen: &Chosen) -> Result<(PhotoId, PhotoKey), Problem> {
        photos::keep(self, chosen).await
    }

    /// Opens a picture to be shown.
    ///
    /// # Errors
    /// `no_connection` for one that is not on this phone, `not_found` for one that is not on the server yet,
    /// `photo_unreadable`.
    pub async fn open_photo(self, id: PhotoId, key: PhotoKey) -> Result<Opened, Problem> {
        photos::open(self, id, key).await
    }

    /// A draft kept under this key.
    pub async fn draft(self, key: &str) -> Option<Vec<u8>> {
        self.engine().ok()?.store.draft(key).await.ok().flatten()
    }

    /// Keeps a draft.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn keep_draft(self, key: &str, bytes: Vec<u8>) -> Result<(), Problem> {
        self.engine()?.store.keep_draft(key, &bytes).await
    }

    /// Drops a draft.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn drop_draft(self, key: &str) -> Result<(), Problem> {
        self.engine()?.store.drop_draft(key).await
    }

    /// Every draft with its key.
    pub async fn drafts(self) -> Vec<(String, Vec<u8>)> {
        match self.engine() {
            Ok(engine) => engine.store.drafts().await.unwrap_or_default(),
            Err(_) => Vec::new(),
        }
    }

    /// The report, and whether it is fresh: without a connection the last copy kept for the same question is given.
    ///
    /// # Errors
    /// `no_connection` when no copy is kept; `not_allowed`.
    pub async fn report(self, asked: ReportQuestion) -> Result<(ActivityReport, bool), Problem> {
        reports::report(self, asked).await
    }

    /// Contacts the server now; while the app is locked, only what waits is handed in.
    pub fn sync_now(self) {
        match self.engine() {
            Ok(engine) => engine.poke(),
            Err(_) if matches!(self.phase.get_untracked(), Phase::Locked | Phase::Revoked(None)) => {
                leptos::task::spawn_local(lock::send_locked(self));
            }
            Err(_) => {}
        }
    }

    /// Reads nothing from the server for now, or goes on with it, until the app is started anew; what is saved is sent all
    /// the same.
    pub fn hold_reading(self, held: bool) {
        if let Ok(engine) = self.engine() {
            engine.hold(held);
        }
    }

    /// Reloads the page with the newer version. Ask the person first, never under a dirty form.
    pub fn take_update(self) {
        browser::take_update();
    }

    /// Now, by this phone's clock.
    #[must_use]
    pub fn now(self) -> Millis {
        browser::now()
    }

    /// Today in Vietnam, by this phone's clock.
    #[must_use]
    pub fn today(self) -> Date {
        Date::of_moment(browser::now())
    }

    /// Sixteen random bytes.
    #[must_use]
    pub fn new_id(self) -> [u8; 16] {
        browser::random_id()
    }
}

impl Default for AppState {
    fn default() -> Self {
        Self::new()
    }
}
