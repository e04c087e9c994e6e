//! The plan of a schedule: a list of steps drawn up front, each with a number of its own from which everything it decides
//! follows. So a step can be left out without changing what the others do, and a failing plan can be made shorter.

use crate::rng::Rng;

/// What a step does, on the device it names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum What {
    /// A new visit with its first save.
    CreateVisit,
    /// A new pledge drive with its first save.
    CreateDrive,
    /// A save of some record that the device holds and its person may write, or believes so.
    Edit,
    /// A save that takes a record out.
    Archive,
    /// The record reached the other ward.
    Reach,
    /// It did not after all.
    LeaveWard,
    /// A record moves to the other ward.
    Move,
    /// A case with a restricted part and a check-in.
    CreateCase,
    /// A new check-in of a case that the device holds.
    CheckIn,
    /// A helper gets a case.
    Assign,
    /// A helper loses a case.
    Unassign,
    /// A case goes to the other ward.
    Transfer,
    /// The role of somebody comes back as it was at the beginning.
    GiveRole,
    /// Some effects of the device's sync.
    Advance,
    /// The device's round to its end.
    Sync,
    /// The app is closed, and opened as far as it goes without being unlocked: it sends what waits as it is sealed.
    SendLocked,
    /// A copy of the server's database is taken.
    BackUp,
    /// The device gets the app of this version; the server becomes the one of this version.
    Update,
    /// A fault.
    Fault(Fault),
}

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum Fault {
    /// The next request never arrives.
    RequestCut,
    /// The next request is carried out, its answer never arrives.
    AnswerLost,
    /// The next answer arrives in part.
    AnswerCut,
    /// The next request arrives twice.
    Duplicate,
    /// A request of before arrives once more, now.
    LateRequest,
    /// The app dies between two effects.
    DeviceKilled,
    /// The server dies; what lies on its disk is opened anew.
    ServerKilled,
    /// The device's next transaction fails.
    Quota,
    /// The browser throws the store away.
    Evicted,
    /// The profile is copied to a second device.
    Cloned,
    /// The device's clock is set wrong.
    ClockJump,
    /// A second tab is opened.
    SecondTab,
    /// The device is taken away while it holds something unsent.
    RevokedOffline,
    /// What its person may do ends, altogether, while it holds something unsent.
    RoleEndedOffline,
    /// Its person is moved to the other ward while it holds something unsent.
    WardChangedOffline,
    /// A record moves while an editor who does not know writes on.
    MovedOffline,
    /// A case is handed over while its officer writes on.
    TransferredOffline,
    /// A case is erased while its helper or officer writes on.
    ErasedOffline,
    /// The server is opened on an older copy of its database.
    RestoredBackup,
    /// The device's app is an older one.
    OlderApp,
    /// The device's app is a newer one.
    NewerApp,
    /// The server is a newer one.
    NewerServer,
    /// What waits is sent by the locked app, which hears no answer.
    Locked,
}

impl Fault {
    /// All, with the name each is counted by.
    pub const ALL: [(Self, &'static str); 23] = [
        (Self::RequestCut, "request cut"),
        (Self::AnswerLost, "answer lost"),
        (Self::AnswerCut, "answer cut mid-body"),
        (Self::Duplicate, "request delivered twice"),
        (Self::LateRequest, "old request delivered late"),
        (Self::DeviceKilled, "device killed between two effects"),
        (Self::ServerKilled, "server killed"),
        (Self::Quota, "store quota error"),
        (Self::Evicted, "storage evicted"),
        (Self::Cloned, "profile cloned"),
        (Self::ClockJump, "device clock jumps"),
        (Self::SecondTab, "second tab"),
        (Self::RevokedOffline, "device revoked while offline"),
        (Self::RoleEndedOffline, "role ended while offline"),
        (Self::WardChangedOffline, "person moved to another ward while offline"),
        (Self::MovedOffline, "record moved while an editor is offline"),
        (Self::TransferredOffline, "case transferred while its officer is offline"),
        (Self::ErasedOffline, "case erased while somebody writes offline"),
        (Self::RestoredBackup, "server restored from a backup"),
        (Self::OlderApp, "request of an older app"),
        (Self::NewerApp, "request of a newer app"),
        (Self::NewerServer, "answer of a newer server"),
        (Self::Locked, "sealed push of a locked app"),
    ];
}

/// One step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// What.
    pub what: What,
    /// On which device, modulo how many there are.
    pub device: usize,
    /// Decides everything else.
    pub roll: u64,
}

/// A schedule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// How many devices beside the first four.
    pub more_devices: usize,
    /// The steps.
    pub steps: Vec<Step>,
}

const ACTIONS: [(What, usize); 15] = [
    (What::CreateVisit, 6),
    (What::CreateDrive, 3),
    (What::Edit, 16),
    (What::Archive, 2),
    (What::Reach, 3),
    (What::LeaveWard, 2),
    (What::Move, 2),
    (What::CreateCase, 4),
    (What::CheckIn, 5),
    (What::Assign, 5),
    (What::Unassign, 2),
    (What::Transfer, 2),
    (What::GiveRole, 1),
    (What::Advance, 30),
    (What::Sync, 10),
];

/// Faults that stand anywhere in a plan: those at the front of [`Fault::ALL`].
const ANYWHERE: usize = 18;

/// Draws the plan of a seed.
#[must_use]
pub fn draw(seed: u64) -> Plan {
    let mut rng = Rng::new(seed);
    let weight: usize = ACTIONS.iter().map(|(_, weight)| weight).sum();
    let count = 40 + rng.below(40);
    let more_devices = rng.below(3);
    let mut steps = Vec::with_capacity(count);
    // Something to be wrong about.
    for (what, device) in [(What::CreateVisit, 0), (What::CreateCase, 1), (What::Sync, 0), (What::Sync, 1)] {
        steps.push(Step { what, device, roll: rng.draw() });
    }
    steps.push(Step { what: What::Assign, device: 1, roll: rng.draw() });
    for device in [1, 2, 3] {
        steps.push(Step { what: What::Sync, device, roll: rng.draw() });
    }
    for _ in 0..count {
        let what = if rng.one_in(5) {
            What::Fault(Fault::ALL[rng.below(ANYWHERE)].0)
        } else {
            let mut at = rng.below(weight);
            let found = ACTIONS.iter().find(|(_, weight)| {
                let is_here = at < *weight;
                at = at.saturating_sub(*weight);
                is_here
            });
            found.map_or(What::Advance, |(what, _)| *what)
        };
        steps.push(Step { what, device: rng.below(8), roll: rng.draw() });
    }
    let mut plan = Plan { more_devices, steps };
    versions(&mut plan, &mut Rng::new(seed ^ 0xa99));
    locked(&mut plan, &mut Rng::new(seed ^ 0x10c));
    restore(&mut plan, &mut Rng::new(seed ^ 0x5e57));
    plan
}

/// In one of four plans a device or the server is of another version for a while.
fn versions(plan: &mut Plan, rng: &mut Rng) {
    if !rng.one_in(4) {
        return;
    }
    let faults = [Fault::OlderApp, Fault::NewerApp, Fault::NewerServer];
    for _ in 0..=rng.below(3) {
        let device = rng.below(8);
        let from = rng.below(plan.steps.len());
        let what = What::Fault(faults[rng.below(faults.len())]);
        plan.steps.insert(from, Step { what, device, roll: rng.draw() });
        let to = from + 1 + rng.below(plan.steps.len() - from);
        plan.steps.insert(to, Step { what: What::Update, device, roll: rng.draw() });
    }
}

/// In one of three plans locked apps send, a few times.
fn locked(plan: &mut Plan, rng: &mut Rng) {
    if !rng.one_in(3) {
        return;
    }
    for _ in 0..=rng.below(4) {
        let (at, device) = (rng.below(plan.steps.len()), rng.below(8));
        plan.steps.insert(at, Step { what: What::SendLocked, device, roll: rng.draw() });
    }
}

/// In one of three plans a copy is taken and put back later, now and then twice.
fn restore(plan: &mut Plan, rng: &mut Rng) {
    if !rng.one_in(3) {
        return;
    }
    let mut at = 5 + rng.below(plan.steps.len() - 10);
    let mut insert = |plan: &mut Plan, at: usize, what: What| {
        plan.steps.insert(at, Step { what, device: 0, roll: rng.draw() });
    };
    insert(plan, at, What::BackUp);
    for _ in 0..2 {
        at += 1 + Rng::new(plan.steps[at].roll).below((plan.steps.len() - at).min(30));
        insert(plan, at, What::Fault(Fault::RestoredBackup));
        if !plan.steps[at].roll.is_multiple_of(4) {
            break;
        }
    }
}
