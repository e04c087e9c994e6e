//! What a generated world consists of, and the order in which it is made. How people, places and visits come about is
//! in the modules of those names.

use donghanh_migrations::reference;
use donghanh_shared::access::Membership;
use donghanh_shared::command::fields::FieldEdit;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::date::{Date, Millis};
use donghanh_shared::domain::organisation::{Campaign, Organisation};
use donghanh_shared::domain::place::Place;
use donghanh_shared::domain::ward::{Ward, WardRef};
use donghanh_shared::ids::{DocumentId, PersonId};

use crate::aftercare::{self, GeneratedCase};
use crate::{assignments, confirmations, drives, models, people, places, public_reports, same_as, visits};

/// The password of every person of a generated world.
pub const DEMO_PASSWORD: &str = "dong-hanh-2026";

/// What a world depends on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Options {
    /// Another seed, another world.
    pub seed: u64,
    /// The day on which the world ends. Nothing is dated or written after its early morning.
    pub today: Date,
    /// The first day with activity.
    pub first_day: Date,
    /// 1.0 gives about 3,000 visits and 130 pledge drives in three years; of models there are one to three an area at any
    /// scale.
    pub scale: f64,
}

impl Options {
    /// The world of the demo: three years that end today.
    #[must_use]
    pub fn demo(today: Date) -> Self {
        let first_day = Date::new(today.year() - 3, today.month(), today.day())
            .unwrap_or_else(|| today.plus_days(-3 * 365));
        Self { seed: 2026, today, first_day, scale: 1.0 }
    }
}

/// A person with an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// Identity.
    pub id: PersonId,
    /// Full name.
    pub name: String,
    /// The name typed at sign-in, lower case.
    pub sign_in: String,
    /// The password, in clear: this is demo data.
    pub password: String,
    /// Roles, dated. Until 2025-06-30 in the old ward, since then in its successor.
    pub memberships: Vec<Membership>,
    /// In Vietnamese, what the person is: `Tình nguyện viên, Đoàn thanh niên – Phường Vĩnh Yên`.
    pub what: String,
}

/// One save: what a person changed at once. It becomes one change of the document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Save {
    /// When, by the phone's clock.
    pub at: Millis,
    /// Who.
    pub by: PersonId,
    /// What. A save is written by somebody who has seen all saves before it.
    pub edits: Vec<VisitEdit>,
}

/// A visit as its saves; the first is its author's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GeneratedVisit {
    /// The record.
    pub document: DocumentId,
    /// Its home ward.
    pub ward: WardRef,
    /// Other wards it reached: where it is placed besides.
    pub other_wards: Vec<WardRef>,
    /// One to five saves, oldest first; then what was said of it, and what was written after that.
    pub saves: Vec<Save>,
}

/// One save of a pledge drive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DriveSave {
    /// When, by the phone's clock.
    pub at: Millis,
    /// Who.
    pub by: PersonId,
    /// Written by somebody who has seen the first save only, while others wrote theirs. Every other save is written by
    /// somebody who has seen all saves before it.
    pub apart: bool,
    /// What.
    pub edits: Vec<FieldEdit>,
}

/// A pledge drive as its saves; the first is its author's, those written apart follow it at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GeneratedDrive {
    /// The record.
    pub document: DocumentId,
    /// Its home ward.
    pub ward: WardRef,
    /// One to six saves, and those around what was said of it. Whoever writes apart has not written in between.
    pub saves: Vec<DriveSave>,
}

/// One save of a prevention model.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModelSave {
    /// When, by the phone's clock.
    pub at: Millis,
    /// Who.
    pub by: PersonId,
    /// Written by somebody who has seen the first save only, while others wrote theirs. Every other save is written by
    /// somebody who has seen all saves before it.
    pub apart: bool,
    /// What.
    pub edits: Vec<FieldEdit>,
}

/// A prevention model as its saves; the first is its author's, those written apart follow it at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GeneratedModel {
    /// The record.
    pub document: DocumentId,
    /// Its home ward.
    pub ward: WardRef,
    /// One save and those of the years after, and those around what was said of it. Whoever writes apart has not written in between.
    pub saves: Vec<ModelSave>,
}

/// An assignment: what a supervisor asks for, in one save.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GeneratedAssignment {
    /// The record.
    pub document: DocumentId,
    /// Its home ward.
    pub ward: WardRef,
    /// When, by the phone's clock.
    pub at: Millis,
    /// Who asks.
    pub by: PersonId,
    /// What.
    pub edits: Vec<FieldEdit>,
}

/// How to sign in to the demo as somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DemoSignIn {
    /// The name to type.
    pub name: String,
    /// The password.
    pub password: String,
    /// Who that is, in Vietnamese.
    pub who: String,
}

/// A whole small world.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct World {
    /// Wards before and since 2025-07-01.
    pub wards: Vec<Ward>,
    /// Organisations of the plan and those that took over.
    pub organisations: Vec<Organisation>,
    /// Campaigns of the plan.
    pub campaigns: Vec<Campaign>,
    /// The register of places, a few proposed and merged ones among them.
    pub places: Vec<Place>,
    /// People with accounts; the demo sign-ins come first.
    pub people: Vec<Person>,
    /// Visits, oldest record first.
    pub visits: Vec<GeneratedVisit>,
    /// Pledge drives, by their days.
    pub drives: Vec<GeneratedDrive>,
    /// Cases of after-care in the two wards of today.
    pub cases: Vec<GeneratedCase>,
    /// Prevention models, by their first saves.
    pub models: Vec<GeneratedModel>,
    /// What supervisors asked for lately.
    pub assignments: Vec<GeneratedAssignment>,
}

impl World {
    /// Generates the world, public reports included.
    #[must_use]
    pub fn generate(options: &Options) -> Self {
        let mut world = Self::without_visits(options);
        world.visits = visits::generate(options, &world);
        world.cases = aftercare::generate(options, &world);
        let reports = public_reports::public_reports(&world, options);
        let reported = reports.iter().map(|visit| visit.document).collect();
        world.visits.extend(reports);
        world.visits.sort_by_key(|visit| (visit.saves.first().map(|save| save.at), visit.document));
        world.drives = drives::generate(options, &world);
        world.models = models::generate(options, &world);
        same_as::double(options, &mut world, &reported);
        confirmations::add(options, &mut world);
        world.assignments = assignments::generate(options, &world);
        world
    }

    /// Wards, organisations, places and people alone.
    #[must_use]
    pub fn without_visits(options: &Options) -> Self {
        let wards = reference::wards();
        let people = people::generate(options, &wards);
        Self {
            places: places::generate(options, &wards),
            organisations: reference::organisations(),
            campaigns: reference::campaigns(),
            people,
            wards,
            visits: Vec::new(),
            drives: Vec::new(),
            cases: Vec::new(),
            models: Vec::new(),
            assignments: Vec::new(),
        }
    }

    /// The sign-ins to try the demo with.
    #[must_use]
    pub fn demo_sign_ins(&self) -> Vec<DemoSignIn> {
        let sign_in = |person: &Person| DemoSignIn {
            name: person.sign_in.clone(),
            password: person.password.clone(),
            who: format!("{} · {}", person.name, person.what),
        };
        let named = |person: &&Person| people::DEMO_NAMES.contains(&person.sign_in.as_str());
        self.people.iter().filter(named).map(sign_in).collect()
    }

    /// The ward that has this old ward's area on this day.
    pub(crate) fn ward_on(&self, old: WardRef, day: Date) -> WardRef {
        let ward = self.wards.iter().find(|ward| ward.id == old);
        let ended = ward.and_then(|ward| ward.valid_to).is_some_and(|last| day > last);
        ward.and_then(|ward| ward.successor).filter(|_| ended).unwrap_or(old)
    }
}
