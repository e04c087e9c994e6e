//! What the steps of a plan do. Everything a step decides follows from its own number and from how things stand.

use anyhow::Result;
use donghanh_shared::command::fields::{FieldEdit, Written};
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::command::{Command, Edits};
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::count::Amount;
use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::ids::DocumentId;

use crate::oracle::Save;
use crate::people::{PEOPLE, Place, Post, person};
use crate::plan::{Step, What};
use crate::rng::Rng;
use crate::versions::Version;
use crate::world::World;

/// How many effects a round may take before it counts as one that does not end.
pub const ROUND: usize = 600;

impl World<'_> {
    /// Does a step.
    ///
    /// # Errors
    /// When the server in this process fails as such.
    pub async fn step(&mut self, step: &Step) -> Result<()> {
        let mut rng = Rng::new(step.roll);
        let at = step.device % self.machines.len();
        let name = self.machines[at].credentials.name;
        self.server.pass(i64::try_from(1_000 + rng.below(120_000)).unwrap_or(1_000));
        self.note(format!("{:?} on device {at} of {name}", step.what));
        if self.machines[at].gone {
            return Ok(());
        }
        match step.what {
            What::Advance => {
                for _ in 0..=rng.below(7) {
                    if !self.advance(at, &mut rng).await? {
                        break;
                    }
                }
            }
            What::Sync => {
                for _ in 0..ROUND {
                    if !self.advance(at, &mut rng).await? {
                        break;
                    }
                }
            }
            What::CreateVisit | What::CreateDrive | What::CreateCase => self.create(at, step.what, &mut rng),
            What::CheckIn => {
                self.check_in(at, None, &mut rng);
            }
            What::Edit | What::Archive => {
                self.edit_some(at, step.what == What::Archive, &mut rng);
            }
            What::Reach | What::LeaveWard | What::Move | What::Assign | What::Unassign | What::Transfer => {
                self.place(at, step.what, &mut rng);
            }
            What::SendLocked => self.send_locked(at, &mut rng).await?,
            What::BackUp => self.back_up().await?,
            What::Update => {
                self.machines[at].version = Version::Current;
                self.newer_server = false;
            }
            What::GiveRole => self.give_role_back(at).await?,
            What::Fault(fault) => self.fault(at, fault, &mut rng).await?,
        }
        Ok(())
    }

    /// What somebody was there for at the beginning.
    pub(crate) fn post(&self, at: usize) -> Post {
        let name = self.machines[at].credentials.name;
        PEOPLE.iter().find(|(one, _, _)| *one == name).map_or(Post::Volunteer, |(_, post, _)| *post)
    }

    /// Where they work as far as they know: where they are let work now, or where they were.
    fn own_place(&self, at: usize, rng: &mut Rng) -> Place {
        let name = self.machines[at].credentials.name;
        let now: Vec<Place> =
            self.model.posts.get(name).into_iter().flatten().map(|(_, place)| *place).collect();
        let first = PEOPLE.iter().find(|(one, _, _)| *one == name).map_or(&[][..], |(_, _, places)| places);
        rng.pick(&now).or_else(|| rng.clone().pick(first)).copied().unwrap_or(Place::A)
    }

    fn now_on(&self, at: usize) -> i64 {
        self.server.now() + self.machines[at].clock
    }

    /// A new text that is in no other save, and the edits of a save that holds it.
    fn marked(
        &mut self,
        at: usize,
        (document, kind): (DocumentId, Kind),
        archived: bool,
        rng: &mut Rng,
    ) -> Edits {
        let number = self.model.saves.len();
        let marker = format!("dau{number:06}");
        let author = self.machines[at].credentials.name;
        let (there, holders) = (false, None);
        let save = Save { marker: marker.clone(), document, author, excused: false, there, holders };
        self.model.saves.push(save);
        let (id, amount) = (format!("{number:032x}"), i64::try_from(rng.below(90)).unwrap_or(0));
        if kind == Kind::OutreachVisit {
            let mut edits = vec![VisitEdit::FollowUp { id, text: marker, due: None }];
            match rng.below(5) {
                0 => edits.push(VisitEdit::Count(CountKey::Attendance, Amount::new(amount).ok())),
                1 => edits.push(VisitEdit::Tap(CountKey::Attendance, 1)),
                2 => edits.push(VisitEdit::Notes(format!("ghi {amount}"))),
                3 => edits.push(VisitEdit::OtherWard(Place::B.ward(), true)),
                _ => {}
            }
            if archived {
                edits.push(VisitEdit::Archived(Some("nhầm".to_owned())));
            }
            return edits.into();
        }
        let entry =
            FieldEdit::Entry("follow_ups".to_owned(), format!("{id}.text"), Some(Written::Text(marker)));
        let mut edits = vec![entry];
        if rng.one_in(3) {
            edits.push(FieldEdit::LongText("notes".to_owned(), format!("ghi {amount}")));
        }
        if archived {
            edits.push(FieldEdit::text("archived", "nhầm"));
        }
        edits.into()
    }

    fn begin(&mut self, at: usize, kind: Kind, command: Command, rng: &mut Rng) {
        let (id, case) = match &command {
            Command::CreateDocument { document, kind, .. } => {
                (*document, kind.is_aftercare().then_some(*document))
            }
            Command::CreateInCase { document, case, .. } => (*document, Some(*case)),
            _ => return,
        };
        let mut edits = self.marked(at, (id, kind), false, rng);
        if let Command::CreateDocument { ward, .. } = &command
            && !kind.is_aftercare()
        {
            edits = edits.made_in(*ward);
        }
        self.model.begun.insert(id, case);
        let now = self.now_on(at);
        let machine = &mut self.machines[at];
        let tab = machine.tab(rng);
        let made = machine.tabs[tab].create(&mut machine.store, (kind, id), now, command, edits);
        if made.is_err() {
            self.model.saves.pop();
        }
    }

    fn create(&mut self, at: usize, what: What, rng: &mut Rng) {
        let ward = self.own_place(at, rng).ward();
        let document = DocumentId(rng.id());
        let kind = match (self.post(at), what) {
            (Post::Officer, _) => Kind::AftercareCase,
            (Post::Helper | Post::Administrator, _) => {
                self.check_in(at, None, rng);
                return;
            }
            (Post::Volunteer, What::CreateDrive) => Kind::PledgeDrive,
            (Post::Volunteer, _) => Kind::OutreachVisit,
        };
        self.begin(at, kind, Command::CreateDocument { document, kind, ward }, rng);
        if kind == Kind::AftercareCase {
            for part in [Kind::AftercareRestricted, Kind::CheckIn] {
                let begun = DocumentId(rng.id());
                let command = Command::CreateInCase { document: begun, kind: part, case: document };
                self.begin(at, part, command, rng);
            }
        }
    }

    /// Records of this device that are of such a kind.
    pub(crate) fn held(&self, at: usize, is_one: impl Fn(Kind) -> bool) -> Vec<DocumentId> {
        let machine = &self.machines[at];
        let kind = |id: &DocumentId| machine.store.records.get(id).map(|record| record.kind);
        machine.held().into_iter().filter(|id| kind(id).is_some_and(&is_one)).collect()
    }

    /// A new check-in of a case; gives the case.
    pub(crate) fn check_in(
        &mut self,
        at: usize,
        case: Option<DocumentId>,
        rng: &mut Rng,
    ) -> Option<DocumentId> {
        let cases = self.held(at, |kind| kind == Kind::AftercareCase);
        let case = case.or_else(|| rng.pick(&cases).copied())?;
        let (document, kind) = (DocumentId(rng.id()), Kind::CheckIn);
        self.begin(at, kind, Command::CreateInCase { document, kind, case }, rng);
        Some(case)
    }

    /// A save of some record that is theirs to write; gives the record.
    pub(crate) fn edit_some(&mut self, at: usize, archived: bool, rng: &mut Rng) -> Option<DocumentId> {
        let post = self.post(at);
        let theirs = self.held(at, |kind| match post {
            Post::Volunteer => !kind.is_aftercare(),
            Post::Officer => kind.is_aftercare(),
            Post::Helper | Post::Administrator => kind == Kind::CheckIn,
        });
        let id = *rng.pick(&theirs)?;
        self.edit(at, id, archived, rng).then_some(id)
    }

    /// A save of a record that the device holds.
    pub(crate) fn edit(&mut self, at: usize, id: DocumentId, archived: bool, rng: &mut Rng) -> bool {
        let Some(kind) = self.machines[at].store.records.get(&id).map(|record| record.kind) else {
            return false;
        };
        let edits = self.marked(at, (id, kind), archived, rng);
        let now = self.now_on(at);
        let machine = &mut self.machines[at];
        let tab = machine.tab(rng);
        let saved = machine.tabs[tab].edit(&mut machine.store, id, now, edits);
        if !matches!(saved, Ok(true)) {
            self.note(format!("    not saved: {saved:?}"));
            self.model.saves.pop();
            return false;
        }
        true
    }

    fn place(&mut self, at: usize, what: What, rng: &mut Rng) {
        let is_case = matches!(what, What::Assign | What::Unassign | What::Transfer);
        let held =
            self.held(at, |kind| if is_case { kind == Kind::AftercareCase } else { !kind.is_aftercare() });
        let Some(document) = rng.pick(&held).copied() else { return };
        let ward =
            if rng.one_in(3) { self.own_place(at, rng) } else { self.own_place(at, rng).other() }.ward();
        let (case, person) = (document, person("giang"));
        let command = match what {
            What::Reach => Command::ReachWard { document, ward },
            What::LeaveWard => Command::LeaveWard { document, ward },
            What::Move | What::Transfer => Command::MoveDocument { document, ward },
            What::Assign => Command::AssignHelper { case, person },
            _ => Command::UnassignHelper { case, person },
        };
        let now = self.now_on(at);
        let machine = &mut self.machines[at];
        let tab = machine.tab(rng);
        machine.tabs[tab].command(&mut machine.store, now, command);
    }
}
