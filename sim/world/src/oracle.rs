//! The plain model by which a schedule is judged: what was saved by whom, where things were said to be, who may do what.
//! It hears what the server answered, whether or not the device heard it; it never asks the engine.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::command::Command;
use donghanh_shared::crdt::Kind;
use donghanh_shared::ids::{CommandId, DocumentId, PersonId};

use crate::canary::contains;
use crate::people::{PEOPLE, Place, Post, person};
use crate::restore::Holder;

/// What is counted against the product.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fault {
    /// Something saved is nowhere.
    Lost,
    /// Two sides that should hold the same do not.
    Diverged,
    /// Somebody got, or holds, what they may not see.
    Leaked,
    /// Something erased is back, or still there.
    Resurrected,
    /// Something that could be sent was not.
    Stuck,
}

impl Fault {
    /// All, with the name each is counted by.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Lost, "lost"),
        (Self::Diverged, "diverged"),
        (Self::Leaked, "leaked"),
        (Self::Resurrected, "resurrected"),
        (Self::Stuck, "stuck"),
    ];
}

/// What is no defect, or a limit that is written down: told and counted apart, so that a defect is seen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Open {
    /// The server had it, was put back, and no device is left that had it and may bring it.
    GoneWithDevices,
    /// It waits since the server was put back, for a right or a record that nobody brought back.
    WaitsSinceRestore,
    /// A limit that is written down: a device still holds what somebody else wrote, the server lost it, would not take it from here,
    /// and its author has not brought it.
    KeptOfOthers,
}

impl Open {
    /// All, with the name each is counted by.
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::GoneWithDevices, "saves that went with a restore and with every device that could bring them"),
        (Self::WaitsSinceRestore, "entries that wait for a right or a record that went with a restore"),
        (
            Self::KeptOfOthers,
            "records with what others wrote, lost by a restore and not taken from their holder",
        ),
    ];
}

/// One thing found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What sort.
    pub fault: Fault,
    /// What exactly.
    pub what: String,
}

/// One save: a text that is in no other.
#[derive(Clone, Debug)]
pub struct Save {
    /// The text.
    pub marker: String,
    /// The record.
    pub document: DocumentId,
    /// Who wrote it.
    pub author: &'static str,
    /// Why it may be gone: the one store it was in was thrown away before it was sent, or it was handed over.
    pub excused: bool,
    /// The server said that it has it, and was not put back to an older state since.
    pub there: bool,
    /// The server had it and lost it: who could bring it back then.
    pub holders: Option<BTreeSet<Holder>>,
}

/// A record as people spoke of it.
#[derive(Clone, Debug)]
pub struct Known {
    /// What kind.
    pub kind: Kind,
    /// Where it is.
    pub home: Place,
    /// Where it was before: its editors may not have heard.
    pub former: BTreeSet<Place>,
    /// Where else it is to be seen.
    pub reached: BTreeSet<Place>,
    /// The core of the case that it is, or is part of.
    pub case: Option<DocumentId>,
}

/// The model.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// What was saved.
    pub saves: Vec<Save>,
    /// Records that the server said it has.
    pub records: BTreeMap<DocumentId, Known>,
    /// Records that people began, with their case, whether or not the server ever heard of them.
    pub begun: BTreeMap<DocumentId, Option<DocumentId>>,
    /// Who may do what, by name.
    pub posts: BTreeMap<&'static str, BTreeSet<(Post, Place)>>,
    /// Helpers by case.
    pub helpers: BTreeMap<DocumentId, BTreeSet<PersonId>>,
    /// Cores of cases that were erased.
    pub erased: BTreeSet<DocumentId>,
    /// What was found while it went on.
    pub findings: Vec<Finding>,
    /// What is known of the product and not mended yet; counted apart, see [`Open`].
    pub open: BTreeMap<Open, u64>,
    /// Whose right to write anything changed since the server was last put back.
    pub shifted: BTreeSet<&'static str>,
    /// Whether the server was ever put back.
    pub was_restored: bool,
    /// Who was put to which case, or taken off it, in the order in which it happened.
    helper_log: Vec<(DocumentId, PersonId, bool)>,
    /// Records that were placed anew, as they were left.
    placed: BTreeMap<DocumentId, Known>,
    done: BTreeSet<CommandId>,
}

/// What a copy of the server's database has, as people spoke of it.
#[derive(Clone, Debug)]
pub struct Past {
    records: BTreeMap<DocumentId, Known>,
    helpers: BTreeMap<DocumentId, BTreeSet<PersonId>>,
    /// How long the log of helpers was.
    helper_log: usize,
    done: BTreeSet<CommandId>,
    there: BTreeSet<String>,
}

impl Model {
    /// As everything is at the beginning.
    #[must_use]
    pub fn new() -> Self {
        let posts = PEOPLE.iter().map(|(name, post, places)| {
            (*name, places.iter().map(|place| (*post, *place)).collect::<BTreeSet<_>>())
        });
        Self { posts: posts.collect(), ..Self::default() }
    }

    /// What the server's database has now.
    #[must_use]
    pub fn past(&self) -> Past {
        let there = self.saves.iter().filter(|save| save.there).map(|save| save.marker.clone());
        Past {
            records: self.records.clone(),
            helpers: self.helpers.clone(),
            helper_log: self.helper_log.len(),
            done: self.done.clone(),
            there: there.collect(),
        }
    }

    /// The server has what it had then. What was erased stays so, and so do roles, who looks after which case, and where records
    /// were placed.
    #[must_use]
    pub fn back_to(mut self, past: &Past) -> Self {
        let Past { mut records, mut helpers, helper_log, done, there } = past.clone();
        for (document, known) in &mut records {
            if let Some(last) = self.placed.get(document) {
                known.clone_from(last);
            }
        }
        for (case, person, is_in) in &self.helper_log[helper_log..] {
            let all = helpers.entry(*case).or_default();
            let _ = if *is_in { all.insert(*person) } else { all.remove(person) };
        }
        self.saves.iter_mut().for_each(|save| save.there = there.contains(&save.marker));
        let (shifted, was_restored) = (BTreeSet::new(), true);
        // Nobody looks after a case that the copy has never heard of, until it is made again.
        helpers.retain(|case, _| records.contains_key(case));
        Self { records, helpers, done, shifted, was_restored, ..self }
    }

    /// Somebody may do this from now on.
    pub fn put_post(&mut self, name: &'static str, posts: BTreeSet<(Post, Place)>) {
        self.posts.insert(name, posts);
        self.shifted.insert(name);
    }

    /// The server says that it has a change.
    pub fn is_there(&mut self, document: DocumentId, bytes: &[u8]) {
        let of = self.saves.iter_mut().filter(|save| save.document == document && !save.there);
        of.filter(|save| contains(bytes, save.marker.as_bytes())).for_each(|save| save.there = true);
    }

    /// Notes a defect that is known.
    pub fn count_open(&mut self, open: Open) {
        *self.open.entry(open).or_default() += 1;
    }

    /// Notes something that must not be.
    pub fn find(&mut self, fault: Fault, what: String) {
        self.findings.push(Finding { fault, what });
    }

    fn is(&self, name: &str, post: Post, place: Place) -> bool {
        self.posts.get(name).is_some_and(|posts| posts.contains(&(post, place)))
    }

    fn helps(&self, name: &str, case: Option<DocumentId>) -> bool {
        let given =
            case.and_then(|case| self.helpers.get(&case)).is_some_and(|all| all.contains(&person(name)));
        given && [Place::A, Place::B].iter().any(|place| self.is(name, Post::Helper, *place))
    }

    /// Where a record is: a part of a case is where its core is.
    fn home(&self, known: &Known) -> Place {
        known.case.and_then(|case| self.records.get(&case)).map_or(known.home, |core| core.home)
    }

    /// Whether a case, or the case that a record is part of, was erased.
    #[must_use]
    pub fn is_erased(&self, document: DocumentId) -> bool {
        let known = self.records.get(&document).and_then(|known| known.case);
        let case = known.or_else(|| self.begun.get(&document).copied().flatten()).unwrap_or(document);
        self.erased.contains(&case)
    }

    /// Whether somebody may see a record now.
    #[must_use]
    pub fn may_read(&self, name: &str, document: DocumentId) -> bool {
        let Some(known) = self.records.get(&document) else { return false };
        let home = self.home(known);
        match known.kind {
            Kind::AftercareCase | Kind::CheckIn => {
                self.is(name, Post::Officer, home) || self.helps(name, known.case)
            }
            Kind::AftercareRestricted | Kind::CheckInRestricted => self.is(name, Post::Officer, home),
            _ => {
                let mut places = known.reached.clone();
                places.insert(home);
                places.into_iter().any(|place| self.is(name, Post::Volunteer, place))
            }
        }
    }

    /// Whether somebody may write a record where it is, or where it was.
    #[must_use]
    pub fn may_write(&self, name: &str, document: DocumentId) -> bool {
        let Some(known) = self.records.get(&document) else { return false };
        let former =
            known.case.and_then(|case| self.records.get(&case)).map_or(&known.former, |core| &core.former);
        let mut places = former.clone();
        places.insert(self.home(known));
        places.into_iter().any(|place| self.writes(name, known.kind, place))
            || (known.kind == Kind::CheckIn && self.helps(name, known.case))
    }

    fn writes(&self, name: &str, kind: Kind, place: Place) -> bool {
        self.is(name, if kind.is_aftercare() { Post::Officer } else { Post::Volunteer }, place)
    }

    /// The server says that it did this for somebody.
    pub fn done(&mut self, name: &str, id: CommandId, command: &Command) {
        if !self.done.insert(id) {
            return;
        }
        if !self.allowed(name, command) {
            self.find(Fault::Leaked, format!("{name} was let do {command:?}"));
        }
        match command {
            Command::CreateDocument { document, kind, ward } => {
                let case = kind.is_aftercare().then_some(*document);
                self.begin(*document, *kind, Place::of(*ward), case);
            }
            Command::CreateInCase { document, kind, case } => {
                let home = self.records.get(case).map_or(Place::A, |core| core.home);
                self.begin(*document, *kind, home, Some(*case));
            }
            Command::ReachWard { document, ward } => {
                self.change(*document, |known| {
                    known.reached.insert(Place::of(*ward));
                });
            }
            Command::LeaveWard { document, ward } => {
                self.change(*document, |known| known.reached.retain(|place| *place != Place::of(*ward)));
            }
            Command::MoveDocument { document, ward } => self.change(*document, |known| {
                known.former.insert(known.home);
                known.home = Place::of(*ward);
                known.reached.remove(&known.home);
            }),
            Command::AssignHelper { case, person } => {
                let is_new = self.helpers.entry(*case).or_default().insert(*person);
                self.helper_log.extend(is_new.then_some((*case, *person, true)));
            }
            Command::UnassignHelper { case, person } => {
                if self.helpers.entry(*case).or_default().remove(person) {
                    self.helper_log.push((*case, *person, false));
                }
                // What they were to bring back of it, they no longer may.
                let name = PEOPLE.iter().map(|(name, ..)| *name).find(|name| self::person(name) == *person);
                self.shifted.extend(name);
            }
            _ => {}
        }
    }

    fn begin(&mut self, document: DocumentId, kind: Kind, home: Place, case: Option<DocumentId>) {
        let none = BTreeSet::new;
        let mut known = Known { kind, home, former: none(), reached: none(), case };
        // Whoever makes it again after the server was put back may not have heard where it was placed since.
        if let Some(last) = self.placed.get(&document) {
            known = last.clone();
            known.former.insert(home);
        }
        self.records.insert(document, known);
        if kind == Kind::AftercareCase && self.was_restored {
            let mut helpers = BTreeSet::new();
            for (_, person, is_in) in self.helper_log.iter().filter(|(case, ..)| *case == document) {
                let _ = if *is_in { helpers.insert(*person) } else { helpers.remove(person) };
            }
            self.helpers.insert(document, helpers);
        }
    }

    fn change(&mut self, document: DocumentId, how: impl FnOnce(&mut Known)) {
        if let Some(known) = self.records.get_mut(&document) {
            how(known);
            self.placed.insert(document, known.clone());
        }
    }

    fn allowed(&self, name: &str, command: &Command) -> bool {
        let at =
            |document: &DocumentId| self.records.get(document).map(|known| (known.kind, self.home(known)));
        let writes =
            |document: &DocumentId| at(document).is_some_and(|(kind, home)| self.writes(name, kind, home));
        match command {
            Command::CreateDocument { document, kind, ward } => {
                let last = self.placed.get(document).map(|known| known.home);
                last.into_iter().chain([Place::of(*ward)]).any(|place| self.writes(name, *kind, place))
            }
            Command::CreateInCase { kind, case, .. } => {
                let former = self.records.get(case).into_iter().flat_map(|core| &core.former);
                writes(case)
                    || former.into_iter().any(|place| self.writes(name, *kind, *place))
                    || (*kind == Kind::CheckIn && self.helps(name, Some(*case)))
            }
            Command::MoveDocument { document, ward } => {
                let there = |kind: Kind| kind.is_aftercare() || self.writes(name, kind, Place::of(*ward));
                writes(document) && at(document).is_some_and(|(kind, _)| there(kind))
            }
            Command::ReachWard { document, .. } | Command::LeaveWard { document, .. } => writes(document),
            Command::AssignHelper { case, .. } | Command::UnassignHelper { case, .. } => writes(case),
            _ => true,
        }
    }

    /// The scopes that a record is in, as the product writes them.
    #[must_use]
    pub fn scopes(&self, document: DocumentId) -> BTreeSet<String> {
        let Some(known) = self.records.get(&document) else { return BTreeSet::new() };
        let home = self.home(known).text();
        match known.kind {
            Kind::AftercareCase | Kind::CheckIn => {
                let of_case = known.case.map(|case| format!("case/{case}"));
                of_case.into_iter().chain([format!("aftercare/{home}")]).collect()
            }
            Kind::AftercareRestricted | Kind::CheckInRestricted => {
                [format!("aftercare_restricted/{home}")].into()
            }
            _ => {
                let reached = known.reached.iter().map(|place| format!("activity/{}", place.text()));
                reached.chain([format!("activity/{home}")]).collect()
            }
        }
    }
}
