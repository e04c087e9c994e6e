//! The demo: believable activity that goes through the same push as everything from phones, in-process.

mod cases;

use std::collections::{BTreeMap, HashMap};

use donghanh_shared::command::fields::{FieldEdit, Written};
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::command::{Command, Edits};
use donghanh_shared::crdt::{Document, Kind};
use donghanh_shared::domain::Date;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::ids::{ActorId, CommandId, DocumentId, PersonId};
use donghanh_shared::sync::wire::{MAX_PUSH_ITEMS, PROTOCOL, PushItem, PushRequest, Reference};
use donghanh_testkit::{GeneratedAssignment, GeneratedDrive, GeneratedModel, GeneratedVisit, Options, World};
use tokio::task::JoinSet;

use crate::auth::devices::Draft;
use crate::auth::secrets::{hash_password, random};
use crate::auth::{self, SignedIn};
use crate::problem::logged;
use crate::state::{AppState, DemoSignIn};
use crate::store::NewPerson;
use crate::sync;

/// The sign-ins that the demo of this moment's day shows.
#[must_use]
pub fn sign_ins(now: Millis) -> Vec<DemoSignIn> {
    let world = World::without_visits(&Options::demo(Date::of_moment(now)));
    let shown = |one: donghanh_testkit::DemoSignIn| DemoSignIn {
        name: one.name,
        password: one.password,
        who: one.who,
    };
    world.demo_sign_ins().into_iter().map(shown).collect()
}

/// Fills a demo database that is still empty. Returns how many records it made; 0 when there was something already.
///
/// # Errors
/// [`Code::NotAllowed`] for a database of real data; [`Code::Internal`] when a record of the world is not accepted.
pub async fn fill(state: &AppState, options: &Options) -> Result<usize, Problem> {
    if !state.store().instance().demo {
        return Err(Problem::new(Code::NotAllowed));
    }
    if !state.store().is_empty().await.map_err(logged)? {
        return Ok(0);
    }
    let options = *options;
    let (world, rounds, care) = state
        .compute(move || {
            let mut world = World::generate(&options);
            let rounds = rounds(&mut world)?;
            let care = cases::rounds(&world.cases)?;
            Ok::<_, Problem>((world, rounds, care))
        })
        .await??;
    let records = rounds.first().map_or(0, |round| round.values().map(Vec::len).sum());
    let helpers: BTreeMap<PersonId, String> = helpers(&world);
    let mut devices = settle(state, world).await?;
    let sent = u64::try_from(rounds.len()).unwrap_or_default();
    for (number, round) in (1..).zip(rounds) {
        send(state, &devices, number, round).await?;
    }
    for (number, round) in (sent + 1..).zip(care) {
        send(state, &devices, number, round).await?;
        if number == sent + 1 {
            // What a phone may do was read when it signed in: helpers look after somebody since.
            for (helper, name) in &helpers {
                let before = devices.insert(*helper, phone(state, name.clone()).await?);
                if let Some(who) = before {
                    auth::sign_out(state, &who).await?;
                }
            }
        }
    }
    for who in devices.values() {
        auth::sign_out(state, who).await?;
    }
    Ok(records)
}

/// Who looks after cases, and the names they sign in with.
fn helpers(world: &World) -> BTreeMap<PersonId, String> {
    let helps = |id: PersonId| world.cases.iter().any(|case| case.helper == Some(id));
    let helpers = world.people.iter().filter(|person| helps(person.id));
    helpers.map(|person| (person.id, person.sign_in.clone())).collect()
}

/// What one person sends in one round, record by record.
type Round = BTreeMap<PersonId, Vec<Vec<PushItem>>>;

/// A record of the world, whatever its kind.
struct Record {
    document: DocumentId,
    kind: Kind,
    ward: WardRef,
    other_wards: Vec<WardRef>,
    saves: Vec<Step>,
}

/// One save of a record.
struct Step {
    at: Millis,
    by: PersonId,
    /// Its author has seen the first save only.
    apart: bool,
    edits: Edits,
}

impl From<GeneratedVisit> for Record {
    fn from(visit: GeneratedVisit) -> Self {
        let GeneratedVisit { document, ward, other_wards, saves } = visit;
        let saves = saves.into_iter().map(|save| {
            let edits = Edits::from(save.edits);
            Step { at: save.at, by: save.by, apart: false, edits }
        });
        Self { document, kind: Kind::OutreachVisit, ward, other_wards, saves: saves.collect() }
    }
}

impl From<GeneratedDrive> for Record {
    fn from(drive: GeneratedDrive) -> Self {
        let GeneratedDrive { document, ward, saves } = drive;
        let saves = saves.into_iter().map(|save| {
            let edits = Edits::from(save.edits);
            Step { at: save.at, by: save.by, apart: save.apart, edits }
        });
        Self { document, kind: Kind::PledgeDrive, ward, other_wards: Vec::new(), saves: saves.collect() }
    }
}

impl From<GeneratedModel> for Record {
    fn from(model: GeneratedModel) -> Self {
        let GeneratedModel { document, ward, saves } = model;
        let saves = saves.into_iter().map(|save| {
            let edits = Edits::from(save.edits);
            Step { at: save.at, by: save.by, apart: save.apart, edits }
        });
        Self { document, kind: Kind::PreventionModel, ward, other_wards: Vec::new(), saves: saves.collect() }
    }
}

impl From<GeneratedAssignment> for Record {
    fn from(of: GeneratedAssignment) -> Self {
        let GeneratedAssignment { document, ward, at, by, edits } = of;
        let saves = vec![Step { at, by, apart: false, edits: Edits::from(edits) }];
        Self { document, kind: Kind::WorkAssignment, ward, other_wards: Vec::new(), saves }
    }
}

/// The saves of all records, the first of each in the first round and so on: a save builds on those of others.
fn rounds(world: &mut World) -> Result<Vec<Round>, Problem> {
    let mut rounds: Vec<Round> = Vec::new();
    let visits = std::mem::take(&mut world.visits).into_iter().map(Record::from);
    let drives = std::mem::take(&mut world.drives).into_iter().map(Record::from);
    let models = std::mem::take(&mut world.models).into_iter().map(Record::from);
    let assignments = std::mem::take(&mut world.assignments).into_iter().map(Record::from);
    for record in visits.chain(drives).chain(models).chain(assignments) {
        let mut versions = Versions::new(&record);
        for (round, save) in record.saves.iter().enumerate() {
            let mut commands = if round == 0 { record.begun() } else { Vec::new() };
            commands.extend(placed_with(&record, &save.edits));
            let mut items = Vec::with_capacity(commands.len() + 1);
            for command in commands {
                items.push(PushItem::Command { id: CommandId(random()?), at: save.at, command });
            }
            if let Some(bytes) = versions.save(save)? {
                let document = record.document;
                items.push(PushItem::Change { document, generation: 0, bytes: bytes.into() });
            }
            if rounds.len() <= round {
                rounds.push(Round::new());
            }
            rounds[round].entry(save.by).or_default().push(items);
        }
    }
    Ok(rounds)
}

impl Record {
    /// What a phone sends ahead of a new record.
    fn begun(&self) -> Vec<Command> {
        let document = self.document;
        let mut commands = vec![Command::CreateDocument { document, kind: self.kind, ward: self.ward }];
        commands.extend(self.other_wards.iter().map(|ward| Command::ReachWard { document, ward: *ward }));
        commands
    }
}

/// A record while it is written: as somebody has it who has seen its first save, and with every save.
struct Versions {
    first: Option<Document>,
    newest: Document,
}

impl Versions {
    fn new(record: &Record) -> Self {
        Self { first: None, newest: Document::create(record.kind, record.document, 0) }
    }

    /// The change that a save makes.
    fn save(&mut self, save: &Step) -> Result<Option<Vec<u8>>, Problem> {
        let change = match self.first.as_ref().filter(|_| save.apart) {
            None => save.edits.apply(&mut self.newest, actor(save.by), save.at)?,
            Some(first) => {
                let mut theirs = first.clone();
                let change = save.edits.apply(&mut theirs, actor(save.by), save.at)?;
                if let Some(change) = &change {
                    self.newest.apply(std::slice::from_ref(&change.bytes))?;
                }
                change
            }
        };
        if self.first.is_none() {
            self.first = Some(self.newest.clone());
        }
        Ok(change.map(|change| change.bytes))
    }
}

/// What a phone sends beside an edit of the organisations: its lead may read the record.
fn placed_with(record: &Record, edits: &Edits) -> Vec<Command> {
    let named: Vec<OrganisationId> = match edits {
        // Who is asked to lead does not thereby read the ward's assignments.
        Edits::Fields(_) if record.kind == Kind::WorkAssignment => Vec::new(),
        Edits::Visit(edits) => edits.iter().filter_map(named_by_visit).collect(),
        Edits::Fields(edits) => edits.iter().filter_map(named_by_field).collect(),
    };
    let document = record.document;
    named.into_iter().map(|organisation| Command::AddOrganisation { document, organisation }).collect()
}

fn named_by_visit(edit: &VisitEdit) -> Option<OrganisationId> {
    match edit {
        VisitEdit::Lead(Some(organisation)) | VisitEdit::CoOrganiser(organisation, true) => {
            Some(organisation.clone())
        }
        _ => None,
    }
}

fn named_by_field(edit: &FieldEdit) -> Option<OrganisationId> {
    match edit {
        FieldEdit::Register(name, Some(Written::Text(code))) if name == "lead" => code.parse().ok(),
        FieldEdit::Entry(map, code, Some(_)) if map == "co_organisers" => code.parse().ok(),
        _ => None,
    }
}

/// Each person of the demo has had one phone.
fn actor(person: PersonId) -> ActorId {
    ActorId(person.0)
}

/// The register, the people, and a phone for each.
async fn settle(state: &AppState, world: World) -> Result<HashMap<PersonId, SignedIn>, Problem> {
    let references = world.wards.into_iter().map(Reference::Ward);
    let references = references
        .chain(world.organisations.into_iter().map(Reference::Organisation))
        .chain(world.campaigns.into_iter().map(Reference::Campaign))
        .chain(world.places.into_iter().map(Reference::Place));
    state.store().put_references(references.collect()).await.map_err(logged)?;
    // Everybody has the same password here: hashed once.
    let mut hashes: HashMap<String, String> = HashMap::new();
    let mut people = Vec::with_capacity(world.people.len());
    for person in world.people {
        let hash = match hashes.get(&person.password) {
            Some(hash) => hash.clone(),
            None => {
                let password = person.password.clone();
                let hash = state.compute(move || hash_password(&password)).await??;
                hashes.insert(person.password, hash.clone());
                hash
            }
        };
        people.push(NewPerson {
            id: person.id,
            sign_in: person.sign_in,
            full_name: person.name,
            password: hash,
            memberships: person.memberships,
        });
    }
    let names: Vec<(PersonId, String)> =
        people.iter().map(|person| (person.id, person.sign_in.clone())).collect();
    state.store().add_people(people, state.now()).await.map_err(logged)?;
    let mut devices = HashMap::new();
    for (person, name) in names {
        devices.insert(person, phone(state, name).await?);
    }
    Ok(devices)
}

async fn phone(state: &AppState, sign_in: String) -> Result<SignedIn, Problem> {
    let found = state.store().credentials(sign_in).await.map_err(logged)?;
    let person = found.ok_or_else(|| Problem::new(Code::Internal))?.key;
    let draft = Draft::draw(state, person, "dữ liệu thử")?;
    state.store().begin_session(draft.session()).await.map_err(logged)?;
    Ok(draft.finish(state).await?.who)
}

async fn send(
    state: &AppState,
    devices: &HashMap<PersonId, SignedIn>,
    number: u64,
    round: Round,
) -> Result<(), Problem> {
    let mut sending = JoinSet::new();
    for (person, records) in round {
        let who = devices.get(&person).ok_or_else(|| Problem::new(Code::Internal))?.clone();
        let items: Vec<PushItem> = records.into_iter().flatten().collect();
        let state = state.clone();
        sending.spawn(async move {
            for (nth, chunk) in (0..).zip(items.chunks(MAX_PUSH_ITEMS)) {
                push(&state, &who, number * 1_000 + nth, chunk.to_vec()).await?;
            }
            Ok::<_, Problem>(())
        });
    }
    while let Some(sent) = sending.join_next().await {
        sent.map_err(|_| Problem::new(Code::Internal))??;
    }
    Ok(())
}

async fn push(state: &AppState, who: &SignedIn, batch: u64, items: Vec<PushItem>) -> Result<(), Problem> {
    let instance = state.store().instance();
    let (version, device) = (PROTOCOL, who.device());
    let request = PushRequest { version, instance: instance.id, device, epoch: instance.epoch, batch, items };
    let answer = sync::push(state, who, request).await?;
    match answer.answers.iter().find(|answer| !answer.is_kept()) {
        None => Ok(()),
        Some(refused) => {
            tracing::error!(?refused, person = %who.session().full_name, "a demo record was not accepted");
            Err(Problem::new(Code::Internal))
        }
    }
}
