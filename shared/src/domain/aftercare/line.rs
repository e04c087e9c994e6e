//! What the lists of a phone need of the documents of a case, so that who is due is known without opening one of them.

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};

use super::events::Story;
use super::rules::AftercareRules;
use super::schedule::{Plan, Seen};
use super::{AftercareCase, AftercareRestricted, CaseStatus, CheckIn};
use crate::domain::confirmation::StandingLine;
use crate::domain::date::Millis;
use crate::domain::kind::Kind;
use crate::domain::search::folded;
use crate::domain::ward::WardRef;
use crate::domain::work_assignment::people_of;
use crate::ids::{DocumentId, PersonId};

/// One document of a case in a line.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct CareLine {
    /// The document.
    #[n(0)]
    pub id: DocumentId,
    /// The core of its case; its own identity for the core itself.
    #[n(1)]
    pub case: DocumentId,
    /// What it says.
    #[n(2)]
    pub part: CarePart,
    /// How many fields people differ on.
    #[n(3)]
    pub open_fields: u32,
    /// Removed (gỡ bỏ).
    #[n(4)]
    pub archived: bool,
    /// When it was last changed, by the clock of who changed it.
    #[n(5)]
    pub changed_at: Millis,
    /// How a check-in stands with the officer who confirms it; absent for other parts, and in what an older build kept.
    #[n(6)]
    pub confirmation: Option<StandingLine>,
}

/// What the document of a line says.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum CarePart {
    /// The core.
    #[n(0)]
    Case(#[n(0)] Box<CaseLine>),
    /// The restricted part.
    #[n(1)]
    Person(#[n(0)] PersonLine),
    /// A check-in.
    #[n(2)]
    CheckIn(#[n(0)] CheckInLine),
}

/// The core of a case in a line.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct CaseLine {
    /// How to address the person.
    #[n(0)]
    pub address_as: String,
    /// The ward written in it.
    #[n(1)]
    pub ward: Option<WardRef>,
    /// How it stands, by its register and its events.
    #[n(2)]
    pub status: CaseStatus,
    /// Where to meet.
    #[n(3)]
    pub meet_at: String,
    /// Names of helpers, as written.
    #[n(4)]
    pub helpers: String,
    /// When visits are due; absent while nobody knows when after-care began.
    #[n(5)]
    pub plan: Option<Plan>,
    /// Folded words for search.
    #[n(6)]
    pub folded: String,
}

/// The restricted part of a case in a line.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct PersonLine {
    /// Full name.
    #[n(0)]
    pub full_name: String,
    /// The year of birth.
    #[n(1)]
    pub born: Option<u16>,
    /// Folded name, for search.
    #[n(2)]
    pub folded: String,
    /// The core of the case of the same person that counts, as written.
    #[n(3)]
    pub same_as: Option<DocumentId>,
}

/// A check-in in a line.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct CheckInLine {
    /// As the schedule sees it; absent while it has no day.
    #[n(0)]
    pub seen: Option<Seen>,
    /// The code of how it was made; empty when nobody said.
    #[n(1)]
    pub how: String,
    /// Whether signs of renewed use are noted.
    #[n(2)]
    pub signs: bool,
    /// People with an account who made it.
    #[n(3)]
    #[cbor(default)]
    pub people: BTreeSet<PersonId>,
}

impl CareLine {
    /// The line of the core.
    #[must_use]
    pub fn of_case(id: DocumentId, case: &AftercareCase, rules: &AftercareRules, changed_at: Millis) -> Self {
        let story = Story::of(rules, [&case.events]);
        let standing = case.standing();
        let status = if story.status().is_open() { standing } else { story.status() };
        let helpers = case.helpers.values().map(String::as_str).collect::<Vec<_>>().join(", ");
        let said =
            |text: &crate::domain::register::Register<String>| text.value().cloned().unwrap_or_default();
        let (address_as, meet_at) = (said(&case.address_as), said(&case.meet_at));
        let line = CaseLine {
            folded: folded(&format!("{address_as} {meet_at} {helpers}")),
            address_as,
            ward: case.ward.value().copied(),
            status,
            meet_at,
            helpers,
            plan: Plan::of(case, &story),
        };
        let archived = case.archived.value().is_some();
        Self::new(id, id, CarePart::Case(Box::new(line)), case.open_fields(), archived, changed_at)
    }

    /// The line of a restricted part.
    #[must_use]
    pub fn of_person(
        id: DocumentId,
        case: DocumentId,
        person: &AftercareRestricted,
        changed_at: Millis,
    ) -> Self {
        let full_name = person.full_name.value().cloned().unwrap_or_default();
        let line = PersonLine {
            folded: folded(&full_name),
            born: person.born.value().map(|born| born.year),
            same_as: person.same_as.value().copied(),
            full_name,
        };
        let archived = person.archived.value().is_some();
        Self::new(id, case, CarePart::Person(line), person.open_fields(), archived, changed_at)
    }

    /// The line of a check-in.
    #[must_use]
    pub fn of_check_in(id: DocumentId, case: DocumentId, check_in: &CheckIn, changed_at: Millis) -> Self {
        use crate::domain::vocabulary::Term as _;
        let line = CheckInLine {
            seen: Seen::of(check_in),
            how: check_in.how.value().map(|how| how.code().to_owned()).unwrap_or_default(),
            signs: !check_in.signs.is_empty(),
            people: people_of(&check_in.done_by),
        };
        let archived = !check_in.is_in();
        Self::new(id, case, CarePart::CheckIn(line), check_in.open_fields(), archived, changed_at)
    }

    fn new(
        id: DocumentId,
        case: DocumentId,
        part: CarePart,
        open: &[String],
        archived: bool,
        changed_at: Millis,
    ) -> Self {
        let open_fields = u32::try_from(open.len()).unwrap_or(u32::MAX);
        Self { id, case, part, open_fields, archived, changed_at, confirmation: None }
    }

    /// The same, with how the document stands with whoever confirms it, and whether people said different things of it.
    #[must_use]
    pub fn standing(self, standing: StandingLine, differs: bool) -> Self {
        let open_fields = self.open_fields + u32::from(differs);
        Self { confirmation: Some(standing), open_fields, ..self }
    }

    /// The kind of its document.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.part {
            CarePart::Case(_) => Kind::AftercareCase,
            CarePart::Person(_) => Kind::AftercareRestricted,
            CarePart::CheckIn(_) => Kind::CheckIn,
        }
    }
}
