//! Records of one event, or of one person: which of those that people linked counts, and which look alike.
//!
//! The same talk that two people log is 80 people, not 160. Whoever links the two says which counts stand: the other says
//! `same_as` of that one. Both keep their documents and their histories, and taking the word back undoes it.

use std::collections::{BTreeMap, BTreeSet};

use super::date::Date;
use super::kind::Kind;
use super::search::folded;
use super::summary::Summary;
use super::ward::WardRef;
use crate::ids::{DocumentId, PlaceId};

/// What one record says of itself, for [`stand_ins`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Said<S> {
    /// The record.
    pub id: DocumentId,
    /// Where it is summed, and among what: only records of one set are ever one.
    pub set: S,
    /// Removed (gỡ bỏ).
    pub removed: bool,
    /// The record whose counts stand for it.
    pub same_as: Option<DocumentId>,
}

impl Said<(Kind, Option<WardRef>)> {
    /// What a line of a list says: records of one kind in one ward are a set.
    #[must_use]
    pub fn of(summary: &Summary) -> Self {
        let set = (summary.kind(), summary.ward);
        Self { id: summary.id, set, removed: summary.archived, same_as: summary.same_as }
    }
}

/// The records that do not count, each with the one whose counts stand for it.
///
/// A record that names another does not count while that one is there, in the same set, and not removed. Of records that
/// people linked one after the other the last counts; of those linked in a circle (two people who chose apart, each the
/// other's) that of the smallest identity. So exactly one record of each linked group counts, whatever came first.
#[must_use]
pub fn stand_ins<S: PartialEq>(
    records: impl Iterator<Item = Said<S>> + Clone,
) -> BTreeMap<DocumentId, DocumentId> {
    let linked: Vec<Said<S>> = records.clone().filter(|one| one.same_as.is_some() && !one.removed).collect();
    if linked.is_empty() {
        return BTreeMap::new();
    }
    let named: BTreeSet<DocumentId> = linked.iter().filter_map(|one| one.same_as).collect();
    let there: BTreeMap<DocumentId, S> =
        records.filter(|one| !one.removed && named.contains(&one.id)).map(|one| (one.id, one.set)).collect();
    let stands = |one: &Said<S>| {
        let other = one.same_as.filter(|other| *other != one.id)?;
        (there.get(&other)? == &one.set).then_some((one.id, other))
    };
    let links: BTreeMap<DocumentId, DocumentId> = linked.iter().filter_map(stands).collect();
    links.keys().map(|id| (*id, end_of(&links, *id))).filter(|(id, counts)| id != counts).collect()
}

/// Where the links lead from a record: to the last one, or to the smallest of a circle.
fn end_of(links: &BTreeMap<DocumentId, DocumentId>, from: DocumentId) -> DocumentId {
    let mut path = vec![from];
    let mut at = from;
    while let Some(next) = links.get(&at) {
        if let Some(begin) = path.iter().position(|id| id == next) {
            return path[begin..].iter().copied().min().unwrap_or(*next);
        }
        path.push(*next);
        at = *next;
    }
    at
}

/// What makes records look alike.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Look {
    /// The record, unless it is only being written.
    pub id: Option<DocumentId>,
    /// Its kind.
    pub kind: Kind,
    /// Its ward.
    pub ward: Option<WardRef>,
    /// Where it was.
    pub place: Option<PlaceId>,
    /// The day.
    pub date: Option<Date>,
    /// The code of a visit's form or of a model's kind; empty where none is said.
    pub form: String,
    /// What a model is called.
    pub name: Option<String>,
}

impl Look {
    /// That of a line of a list.
    #[must_use]
    pub fn of(summary: &Summary) -> Self {
        Self {
            id: Some(summary.id),
            kind: summary.kind(),
            ward: summary.ward,
            place: summary.place,
            date: summary.date,
            form: summary.form.clone(),
            name: summary.name.clone(),
        }
    }

    /// Whether a record that stands in a list may be this one: an activity of the same ward, place, day and form; a model
    /// of the same ward that has its name, or its kind and its place. What is not said is like nothing.
    #[must_use]
    pub fn is_like(&self, other: &Summary) -> bool {
        let alike = self.ward.is_some() && self.ward == other.ward && self.kind == other.kind();
        if !alike || other.archived || self.id == Some(other.id) {
            return false;
        }
        let same_place = self.place.is_some() && self.place == other.place;
        let same_form = self.form == other.form;
        if self.kind == Kind::PreventionModel {
            return self.has_name_of(other) || same_place && same_form && !self.form.is_empty();
        }
        let is_formed = self.kind == Kind::PledgeDrive || !self.form.is_empty();
        same_place && self.date.is_some() && self.date == other.date && same_form && is_formed
    }

    fn has_name_of(&self, other: &Summary) -> bool {
        let names = self.name.as_deref().zip(other.name.as_deref());
        names.is_some_and(|(one, other)| !folded(one).is_empty() && folded(one) == folded(other))
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::outreach_visit::Visit;

    fn id(number: u8) -> DocumentId {
        DocumentId([number; 16])
    }

    fn said(number: u8, same_as: Option<u8>) -> Said<u8> {
        Said { id: id(number), set: 0, removed: false, same_as: same_as.map(id) }
    }

    /// Who stands in for whom, by numbers.
    fn found(records: &[Said<u8>]) -> Vec<(u8, u8)> {
        stand_ins(records.iter().copied()).into_iter().map(|(one, other)| (one.0[0], other.0[0])).collect()
    }

    #[test]
    fn the_one_named_counts() {
        assert_eq!(found(&[said(1, Some(2)), said(2, None), said(3, None)]), [(1, 2)]);
        assert_eq!(found(&[said(2, Some(1)), said(1, None)]), [(2, 1)]);
        assert_eq!(found(&[said(1, None), said(2, None)]), []);
    }

    #[test]
    fn chosen_apart_each_the_others_the_smaller_counts() {
        assert_eq!(found(&[said(2, Some(1)), said(1, Some(2))]), [(2, 1)]);
        let circle = [said(3, Some(1)), said(1, Some(2)), said(2, Some(3)), said(9, Some(3))];
        assert_eq!(found(&circle), [(2, 1), (3, 1), (9, 1)]);
    }

    #[test]
    fn linked_one_after_the_other_the_last_counts() {
        assert_eq!(found(&[said(1, Some(2)), said(2, Some(3)), said(3, None)]), [(1, 3), (2, 3)]);
    }

    #[test]
    fn what_is_not_there_takes_no_count_away() {
        assert_eq!(found(&[said(1, Some(9))]), [], "unknown");
        assert_eq!(found(&[said(1, Some(1))]), [], "itself");
        let mut target = said(2, None);
        target.removed = true;
        assert_eq!(found(&[said(1, Some(2)), target]), [], "removed");
        target.removed = false;
        target.set = 1;
        assert_eq!(found(&[said(1, Some(2)), target]), [], "of another set");
        let removed = Said { removed: true, ..said(2, Some(3)) };
        assert_eq!(found(&[said(1, Some(2)), removed, said(3, None)]), [], "a removed one in between");
    }

    fn any_records() -> impl Strategy<Value = Vec<Said<u8>>> {
        let one = (option::weighted(0.7, 0..14_u8), prop::bool::weighted(0.2), 0..2_u8);
        vec(one, 1..12).prop_map(|all| {
            let of = |(at, (same_as, removed, set)): (usize, (Option<u8>, bool, u8))| Said {
                removed,
                set,
                ..said(u8::try_from(at).unwrap_or_default(), same_as)
            };
            all.into_iter().enumerate().map(of).collect()
        })
    }

    /// The linked groups, worked out the slow way: whoever is linked by a link that stands is of one group.
    fn groups(records: &[Said<u8>]) -> Vec<BTreeSet<DocumentId>> {
        let standing = |one: &&Said<u8>| !one.removed;
        let mut groups: Vec<BTreeSet<DocumentId>> =
            records.iter().filter(standing).map(|one| BTreeSet::from([one.id])).collect();
        for one in records.iter().filter(standing) {
            let target = records.iter().filter(standing).find(|other| one.same_as == Some(other.id));
            let Some(target) = target.filter(|target| target.set == one.set) else { continue };
            let (joined, rest): (Vec<_>, Vec<_>) =
                groups.into_iter().partition(|group| group.contains(&one.id) || group.contains(&target.id));
            groups = rest;
            groups.push(joined.into_iter().flatten().collect());
        }
        groups
    }

    proptest! {
        #[test]
        fn exactly_one_of_each_linked_group_counts(records in any_records()) {
            let found = stand_ins(records.iter().copied());
            for group in groups(&records) {
                let counts: Vec<_> = group.iter().filter(|id| !found.contains_key(id)).collect();
                prop_assert_eq!(counts.len(), 1, "{:?}", group);
                for (_, other) in found.iter().filter(|(id, _)| group.contains(id)) {
                    prop_assert_eq!(other, counts[0]);
                }
            }
            for removed in records.iter().filter(|one| one.removed) {
                prop_assert!(!found.contains_key(&removed.id));
            }
        }

        #[test]
        fn the_order_in_which_records_came_says_nothing(
            (records, shuffled) in any_records().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
        ) {
            prop_assert_eq!(stand_ins(records.iter().copied()), stand_ins(shuffled.iter().copied()));
        }
    }

    fn talk(number: u8) -> Summary {
        let mut summary = Summary::of_visit(id(number), &Visit::default(), 0);
        summary.ward = "08707@2025-07-01".parse().ok();
        summary.place = Some(PlaceId([7; 16]));
        summary.date = "2026-06-26".parse().ok();
        summary.form = "talk".to_owned();
        summary
    }

    #[test]
    fn a_talk_in_the_same_place_on_the_same_day_looks_alike() {
        let look = Look::of(&talk(1));
        assert!(look.is_like(&talk(2)));
        assert!(!look.is_like(&talk(1)), "it is that one");
        let is_like = |look: &Look, change: fn(&mut Summary)| {
            let mut other = talk(2);
            change(&mut other);
            look.is_like(&other)
        };
        assert!(!is_like(&look, |other| other.archived = true));
        assert!(!is_like(&look, |other| other.form = "leaflets".to_owned()));
        assert!(!is_like(&look, |other| other.date = "2026-06-25".parse().ok()));
        assert!(!is_like(&look, |other| other.place = Some(PlaceId([8; 16]))));
        assert!(!is_like(&look, |other| other.ward = "08716@2025-07-01".parse().ok()));
        let nowhere = Look { place: None, ..look.clone() };
        assert!(!is_like(&nowhere, |other| other.place = None), "two posts have no place in common");
        assert!(!is_like(&Look { form: String::new(), ..look }, |other| other.form.clear()));
    }

    #[test]
    fn a_drive_in_the_same_place_on_the_same_day_looks_alike() {
        use crate::domain::pledge_drive::PledgeDrive;
        let drive = |number: u8| {
            let mut summary = Summary::of_drive(id(number), &PledgeDrive::default(), 0);
            (summary.ward, summary.place, summary.date) = (talk(1).ward, talk(1).place, talk(1).date);
            summary
        };
        assert!(Look::of(&drive(1)).is_like(&drive(2)));
        assert!(!Look::of(&drive(1)).is_like(&talk(2)), "signing at a talk is no second talk");
        let undated = Look { date: None, ..Look::of(&drive(1)) };
        let mut other = drive(2);
        other.date = None;
        assert!(!undated.is_like(&other));
    }

    #[test]
    fn a_model_looks_like_one_of_its_name_or_of_its_kind_in_its_place() {
        use crate::domain::prevention_model::PreventionModel;
        let model = |number: u8, name: &str| {
            let mut summary = Summary::of_model(id(number), &PreventionModel::default(), 0);
            summary.ward = "08707@2025-07-01".parse().ok();
            summary.name = Some(name.to_owned());
            summary.form = "club".to_owned();
            summary
        };
        let look = Look::of(&model(1, "Câu lạc bộ Tuổi trẻ"));
        assert!(look.is_like(&model(2, "câu lạc bộ  tuổi trẻ")));
        assert!(!look.is_like(&model(2, "Tổ tự quản")));
        let place = Some(PlaceId([7; 16]));
        let here = Look { place, ..look };
        let mut shortened = model(2, "CLB Tuổi trẻ");
        assert!(!here.is_like(&shortened));
        shortened.place = place;
        assert!(here.is_like(&shortened));
        assert!(!here.is_like(&talk(2)));
    }
}
