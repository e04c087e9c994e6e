//! What the counts of after-care ask the store: facts of cases without anything that tells who somebody is, the numbers of
//! people under management that were typed in, and the dated rules with their history.

use std::collections::BTreeSet;

use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::aftercare::schedule::{Basis, Seen};
use donghanh_shared::domain::aftercare::support::Told;
use donghanh_shared::domain::aftercare::terms::EventKind;
use donghanh_shared::domain::aftercare::{AftercareRules, CaseStatus};
use donghanh_shared::domain::date::{Date, Millis};

use super::{Key, Pending};

/// A case that was not removed, with all that its parts tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFacts {
    /// The home ward.
    pub ward: WardRef,
    /// How it stands; `None` when nobody said.
    pub status: Option<CaseStatus>,
    /// What the core says for the schedule.
    pub basis: Basis,
    /// What happened, by the core and by the restricted parts, in no order.
    pub events: Vec<EventFact>,
    /// Support told, in no order.
    pub support: Vec<Told>,
    /// Check-ins that have a day, in no order.
    pub seen: Vec<Seen>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventFact {
    /// The day.
    pub date: Date,
    /// Its key; says which of two of one day comes first.
    pub key: String,
    /// What.
    pub kind: EventKind,
    /// Whether the core tells it, which helpers have too.
    pub by_core: bool,
}

/// People under management in a ward and period, as somebody typed them in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManagedPeople {
    /// The ward.
    pub ward: WardRef,
    /// First and last day.
    pub period: (Date, Date),
    /// How many; `None` takes the number back.
    pub number: Option<u32>,
}

/// The rules as somebody left them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRules {
    /// Rises with every change.
    pub version: Key,
    /// The rules.
    pub rules: AftercareRules,
    /// Who, by name; `None` = as they shipped.
    pub by: Option<String>,
    /// When.
    pub at: Millis,
}

/// Queries and changes of after-care beside the documents.
pub trait Aftercare {
    /// Cases at home in these wards that were not removed.
    fn case_facts(&self, wards: BTreeSet<WardRef>) -> Pending<'_, Vec<CaseFacts>>;
    /// The numbers typed in last for exactly this period.
    fn managed_people(&self, period: (Date, Date)) -> Pending<'_, Vec<ManagedPeople>>;
    /// Keeps a number that somebody typed in. Refuses an unknown ward with `ward_unknown`.
    fn put_managed_people(&self, managed: ManagedPeople, by: Key, at: Millis) -> Pending<'_, ()>;
    /// The rules in force, and every version before them, newest first. At least one.
    fn aftercare_rules(&self) -> Pending<'_, Vec<KeptRules>>;
    /// Keeps changed rules as the version after this one; `false`, and nothing kept, when it is no longer the newest.
    fn put_aftercare_rules(
        &self,
        after: Key,
        rules: AftercareRules,
        by: Key,
        at: Millis,
    ) -> Pending<'_, bool>;
}
