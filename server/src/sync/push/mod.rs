//! Takes a batch: gate and rules, then per document a decision on a copy, then one durable commit. What is refused
//! leaves the rest of the batch unharmed, and whether a change is taken never depends on the order of arrival.
//!
//! [`sort`] looks at each item by itself, [`decide`] at one document, this file at the batch.

mod decide;
mod sort;

use std::collections::HashMap;
use std::sync::Arc;

use donghanh_shared::command::Command;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::Date;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::CommandId;
use donghanh_shared::sync::wire::{
    Answer, MAX_PUSH_ITEMS, MAX_PUSH_UNPACKED, PROTOCOL, PushAnswer, PushItem, PushRequest, from_bytes,
    inflate, to_bytes,
};
use sha2::{Digest as _, Sha256};
use tokio::task::JoinSet;

pub use self::decide::may_write;
use self::decide::{Context, Decided, Outcome, decide};
use self::sort::{Group, Sorted, sort};
use crate::auth::SignedIn;
use crate::problem::logged;
use crate::state::AppState;
use crate::store::{Committed, Draft, Known, KnownCase, PreparedBatch, Questions, RegisterCommand, SetAside};
use crate::sync::watch;

/// Documents decided in one go.
const CHUNK: usize = 64;
/// How often a batch is prepared again because others were faster, before the phone is asked to come back.
const TRIES: usize = 10;

/// Takes the deflated body of a push. Holds one of the few places for batches until the commit, so that many devices
/// at once cost no more memory than those places.
///
/// # Errors
/// Problems of the whole request ([`Code::BodyMalformed`], [`Code::BodyTooLarge`] and those of [`push`]); nothing is
/// changed then.
pub async fn push_body(
    state: &AppState,
    who: &SignedIn,
    body: impl AsRef<[u8]> + Send + 'static,
) -> Result<PushAnswer, Problem> {
    let place = state.push_place().await?;
    let read = state.compute(move || {
        let unpacked = inflate(body.as_ref(), MAX_PUSH_UNPACKED)?;
        let request = from_bytes::<PushRequest>(&unpacked)?;
        Ok::<_, Problem>((request, content(&unpacked)))
    });
    let (request, content) = read.await??;
    let answer = take(state, who, request, content).await;
    drop(place);
    answer
}

/// Takes a batch that is already unpacked.
///
/// # Errors
/// [`Code::VersionUnsupported`], [`Code::OtherInstance`], [`Code::NotAllowed`] for another's device,
/// [`Code::BodyTooLarge`] for too many items, [`Code::Busy`], [`Code::Internal`]. Nothing is changed then.
pub async fn push(state: &AppState, who: &SignedIn, request: PushRequest) -> Result<PushAnswer, Problem> {
    let content = content(&to_bytes(&request));
    let place = state.push_place().await?;
    let answer = take(state, who, request, content).await;
    drop(place);
    answer
}

/// Takes items of a device that came another way than as one of its numbered batches: sealed, in a rescue file, handed
/// over. Each gets its answer.
///
/// # Errors
/// [`Code::Busy`], [`Code::Internal`].
pub async fn push_items(
    state: &AppState,
    who: &SignedIn,
    items: Vec<PushItem>,
) -> Result<Vec<Answer>, Problem> {
    let mut answers = Vec::with_capacity(items.len());
    for chunk in items.chunks(MAX_PUSH_ITEMS) {
        let place = state.push_place().await?;
        let (items, count, now) = (chunk.to_vec(), chunk.len(), state.now());
        // No phone numbers a batch 0 with this content: its answer is never taken for that of another.
        let number = (0, content(&to_bytes(&items)));
        let sorted = state.compute(move || sort(items, now)).await?;
        let batch = Batch { state, who, number, now, count };
        answers.extend(batch.carry_through(sorted).await?.answers);
        drop(place);
    }
    Ok(answers)
}

fn content(body: &[u8]) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&Sha256::digest(body)[..16]);
    short
}

async fn take(
    state: &AppState,
    who: &SignedIn,
    request: PushRequest,
    content: [u8; 16],
) -> Result<PushAnswer, Problem> {
    check(state, who, &request)?;
    let kept = state.store().batch_answer(who.device_key(), request.batch, content).await.map_err(logged)?;
    if let Some(answer) = kept {
        return from_bytes(&answer);
    }
    let count = request.items.len();
    let now = state.now();
    let sorted = state.compute(move || sort(request.items, now)).await?;
    let batch = Batch { state, who, number: (request.batch, content), now, count };
    batch.carry_through(sorted).await
}

fn check(state: &AppState, who: &SignedIn, request: &PushRequest) -> Result<(), Problem> {
    let refuse = |code| Err(Problem::new(code));
    if request.version != PROTOCOL {
        return refuse(Code::VersionUnsupported);
    }
    if request.instance != state.store().instance().id {
        return refuse(Code::OtherInstance);
    }
    if request.device != who.device() {
        return refuse(Code::NotAllowed);
    }
    if request.items.len() > MAX_PUSH_ITEMS { refuse(Code::BodyTooLarge) } else { Ok(()) }
}

struct Batch<'a> {
    state: &'a AppState,
    who: &'a SignedIn,
    number: (u64, [u8; 16]),
    now: i64,
    count: usize,
}

impl Batch<'_> {
    async fn carry_through(&self, sorted: Sorted) -> Result<PushAnswer, Problem> {
        let Sorted { groups, register, mut certain, refused } = sorted;
        let groups = Arc::new(groups);
        let register = self.register(register, &mut certain);
        let known = self.look(&groups).await?;
        let mut decided = self.decide_all(&groups, (0..groups.len()).collect(), known).await?;
        decided.sort_by_key(|(group, _)| *group);
        let mut decided: Vec<Decided> = decided.into_iter().map(|(_, decided)| decided).collect();
        for _ in 0..TRIES {
            let (batch, group_of) = self.assemble(&mut decided, &register, &certain, &refused);
            let changes = batch.documents.iter().flat_map(|document| &document.changes);
            let recovered = changes.filter(|change| change.recovered.is_some()).count();
            match self.state.store().commit(batch).await.map_err(logged)? {
                Committed::Done(answer) => {
                    if recovered > 0 {
                        watch::recovered(self.state, self.who, recovered).await;
                    }
                    return Ok(answer);
                }
                Committed::Stale(stale, batch) => {
                    for (document, group) in batch.documents.into_iter().zip(&group_of) {
                        decided[*group].prepared = Some(document);
                    }
                    let again: Vec<usize> = stale.into_iter().map(|document| group_of[document]).collect();
                    let known = self.look(&groups).await?;
                    for (group, new) in self.decide_all(&groups, again, known).await? {
                        decided[group] = new;
                    }
                }
            }
        }
        tracing::warn!("a batch was prepared {TRIES} times and others were always faster");
        let answers = vec![Answer::RetryLater; self.count];
        Ok(PushAnswer { epoch: self.state.store().instance().epoch, answers })
    }

    /// What is already known about the batch's pieces.
    async fn look(&self, groups: &[Group]) -> Result<Known, Problem> {
        let today = Some(Date::of_moment(self.now));
        let mut questions = Questions { device: self.who.device_key(), today, ..Questions::default() };
        let mut begun = HashMap::new();
        for group in groups {
            questions.documents.push(group.document);
            questions.changes.extend(
                group
                    .changes()
                    .map(|change| (group.document, change.hash, change.actor, change.deps.clone())),
            );
            for (id, command) in group.commands() {
                questions.commands.push(id);
                match command {
                    Command::CreateInCase { case, .. } => questions.cases.push(*case),
                    Command::NoteRead { document, .. } | Command::NoteExport { document, .. } => {
                        questions.reads.push(*document);
                    }
                    Command::AssignHelper { person, .. } => questions.people.push(*person),
                    Command::CreateDocument { document, kind: Kind::AftercareCase, ward } => {
                        begun.insert(*document, *ward);
                    }
                    _ => {}
                }
            }
        }
        let mut known = self.state.store().look(questions).await.map_err(logged)?;
        if self.who.is_taken_in() {
            known.parked.clear();
        }
        // Cases begun by this very batch: the commit makes sure that they were.
        for (case, ward) in begun {
            known.cases.entry(case).or_insert(KnownCase { home: ward, former: Vec::new() });
        }
        Ok(known)
    }

    /// Decides these groups, a chunk at a time, on as many cores as there are.
    async fn decide_all(
        &self,
        groups: &Arc<Vec<Group>>,
        wanted: Vec<usize>,
        known: Known,
    ) -> Result<Vec<(usize, Decided)>, Problem> {
        let (who, merger) = (self.who.clone(), self.state.merger().clone());
        let context = Arc::new(Context { who, known, now: self.now, merger });
        let mut tasks = JoinSet::new();
        for chunk in wanted.chunks(CHUNK) {
            let (state, groups, context) = (self.state.clone(), Arc::clone(groups), Arc::clone(&context));
            let chunk = chunk.to_vec();
            tasks.spawn(async move {
                let core = state.core().await?;
                let ids = chunk.iter().map(|group| groups[*group].document).collect();
                let stored = state.store().documents(ids).await.map_err(logged)?;
                let task = tokio::task::spawn_blocking(move || {
                    let decide_one = |group: &usize| {
                        let one = &groups[*group];
                        (*group, decide(one, stored.get(&one.document), &context))
                    };
                    let decided = chunk.iter().map(decide_one).collect::<Vec<_>>();
                    // Also when nobody waits for it any more, the core is busy until here.
                    drop(core);
                    decided
                });
                task.await.map_err(|error| {
                    tracing::error!(%error, "deciding a document failed");
                    Problem::new(Code::Internal)
                })
            });
        }
        let mut all = Vec::with_capacity(wanted.len());
        while let Some(done) = tasks.join_next().await {
            all.extend(done.map_err(|_| Problem::new(Code::Internal))??);
        }
        Ok(all)
    }

    /// Commands to the register that the person may give; the answer to the others is certain.
    fn register(
        &self,
        commands: Vec<(usize, CommandId, Command)>,
        certain: &mut Vec<(usize, Answer)>,
    ) -> Vec<(usize, RegisterCommand)> {
        let mut allowed = Vec::new();
        for (index, id, command) in commands {
            match decide::register_action(self.who, command) {
                Ok(action) => allowed.push((index, RegisterCommand { id, action })),
                Err(code) => certain.push((index, Answer::refused(code))),
            }
        }
        allowed
    }

    /// Puts the decisions together; also says which group each document of the batch is.
    fn assemble(
        &self,
        decided: &mut [Decided],
        register: &[(usize, RegisterCommand)],
        certain: &[(usize, Answer)],
        refused: &[SetAside],
    ) -> (PreparedBatch, Vec<usize>) {
        let mut batch = PreparedBatch {
            device: self.who.device_key(),
            person: self.who.person_key(),
            batch: self.number,
            received: self.now,
            documents: Vec::with_capacity(decided.len()),
            register: register.iter().map(|(_, command)| command.clone()).collect(),
            done: Vec::new(),
            refused: refused.to_vec(),
            parked: Vec::new(),
            buried: Vec::new(),
            reads: Vec::new(),
            // Every item gets its answer below; this one stands for none.
            answers: vec![Draft::Certain(Answer::RetryLater); self.count],
        };
        let mut group_of = Vec::with_capacity(decided.len());
        for (index, answer) in certain {
            batch.answers[*index] = Draft::Certain(answer.clone());
        }
        for (nth, (index, _)) in register.iter().enumerate() {
            batch.answers[*index] = Draft::Register(nth);
        }
        for (group, one) in decided.iter_mut().enumerate() {
            let document = batch.documents.len();
            for (index, outcome) in &one.outcomes {
                batch.answers[*index] = match outcome {
                    Outcome::Certain(answer) => Draft::Certain(answer.clone()),
                    Outcome::Change(change) => Draft::Change(document, *change),
                    Outcome::Placement => Draft::Placement(document),
                };
            }
            batch.done.extend(&one.done);
            batch.refused.extend(one.refused.iter().cloned());
            batch.parked.extend(one.parked.iter().cloned());
            batch.buried.extend(one.buried);
            batch.reads.extend(&one.reads);
            if let Some(prepared) = one.prepared.take() {
                batch.documents.push(prepared);
                group_of.push(group);
            }
        }
        (batch, group_of)
    }
}
