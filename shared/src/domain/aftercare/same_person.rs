//! Cases of one person, begun twice: which counts, and which look alike. By restricted parts, so for officers alone.

use std::collections::{BTreeMap, BTreeSet};

use super::line::{CareLine, CarePart, CaseLine, PersonLine};
use crate::domain::same_as::{self, Said};
use crate::domain::search::folded;
use crate::domain::ward::WardRef;
use crate::ids::DocumentId;

/// The cores that do not count, each with the one that counts for it. A phone without restricted parts knows of none.
#[must_use]
pub fn stand_ins<'a>(lines: impl Iterator<Item = &'a CareLine> + Clone) -> BTreeMap<DocumentId, DocumentId> {
    let person = |line: &'a CareLine| match &line.part {
        CarePart::Person(person) if !line.archived => Some((line.case, person.same_as?)),
        _ => None,
    };
    let links: BTreeMap<DocumentId, DocumentId> = lines.clone().filter_map(person).collect();
    let said = |(line, case): (&CareLine, &CaseLine)| Said {
        id: line.id,
        set: case.ward,
        removed: line.archived,
        same_as: links.get(&line.id).copied(),
    };
    same_as::stand_ins(cores(lines).map(said).collect::<Vec<_>>().into_iter())
}

/// Who somebody is, as far as cases are compared.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known<'a> {
    /// The core, unless the case is only being begun.
    pub case: Option<DocumentId>,
    /// Its ward.
    pub ward: Option<WardRef>,
    /// Full name, in any spelling.
    pub full_name: &'a str,
    /// The year of birth.
    pub born: Option<u16>,
}

/// The cores of other cases that may be of this person: of the same ward, the same folded name and year of birth. A case
/// that is over is another one: somebody may come under after-care twice.
#[must_use]
pub fn look_alikes<'a>(
    lines: impl Iterator<Item = &'a CareLine> + Clone,
    known: &Known<'_>,
) -> Vec<DocumentId> {
    let name = folded(known.full_name);
    if name.is_empty() || known.born.is_none() || known.ward.is_none() {
        return Vec::new();
    }
    let is_same = |person: &PersonLine| person.folded == name && person.born == known.born;
    let people: BTreeSet<DocumentId> = lines
        .clone()
        .filter(|line| matches!(&line.part, CarePart::Person(person) if !line.archived && is_same(person)))
        .map(|line| line.case)
        .collect();
    let mut found: Vec<DocumentId> = cores(lines)
        .filter(|(line, case)| !line.archived && case.ward == known.ward && case.status.is_open())
        .map(|(line, _)| line.id)
        .filter(|id| people.contains(id) && known.case != Some(*id))
        .collect();
    found.sort_unstable();
    found
}

fn cores<'a>(
    lines: impl Iterator<Item = &'a CareLine>,
) -> impl Iterator<Item = (&'a CareLine, &'a CaseLine)> {
    lines.filter_map(|line| match &line.part {
        CarePart::Case(case) => Some((line, case.as_ref())),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{AftercareCase, AftercareRestricted, AftercareRules, CaseStatus};
    use super::*;
    use crate::domain::register::{Claim, Register};
    use crate::ids::ActorId;

    fn said<T>(value: T) -> Register<T> {
        Register { claims: vec![Claim { value, actor: ActorId([1; 16]), at: 0 }], unreadable: 0 }
    }

    fn id(number: u8) -> DocumentId {
        DocumentId([number; 16])
    }

    fn ward(text: &str) -> WardRef {
        text.parse().expect("ward")
    }

    /// The lines of a case: its core and its restricted part.
    fn case(number: u8, name: &str, born: &str, same_as: Option<u8>) -> [CareLine; 2] {
        let core = AftercareCase {
            ward: said(ward("08707@2025-07-01")),
            status: said(CaseStatus::Managed),
            ..AftercareCase::default()
        };
        let person = AftercareRestricted {
            full_name: said(name.to_owned()),
            born: said(born.parse().expect("born")),
            same_as: same_as.map(id).map(said).unwrap_or_default(),
            ..AftercareRestricted::default()
        };
        let of_case = CareLine::of_case(id(number), &core, &AftercareRules::shipped(), 0);
        [of_case, CareLine::of_person(id(number).restricted_companion(), id(number), &person, 0)]
    }

    const HERE: &str = "08707@2025-07-01";

    fn known<'a>(full_name: &'a str, born: u16, ward: &str) -> Known<'a> {
        Known { case: Some(id(9)), ward: Some(self::ward(ward)), full_name, born: Some(born) }
    }

    #[test]
    fn the_same_folded_name_and_year_of_birth_look_alike() {
        let lines = [case(1, "Nguyễn Văn Hải", "1985-03-02", None), case(2, "Trần Văn Hải", "1985", None)];
        let found = |known: Known<'_>| look_alikes(lines.iter().flatten(), &known);
        assert_eq!(found(known("NGUYEN  VAN HAI", 1985, HERE)), [id(1)]);
        assert_eq!(found(known("Nguyễn Văn Hải", 1986, HERE)), []);
        assert_eq!(found(known("Nguyễn Văn Hải", 1985, "08716@2025-07-01")), [], "of another ward");
        assert_eq!(found(Known { case: Some(id(1)), ..known("Nguyễn Văn Hải", 1985, HERE) }), [], "itself");
        assert_eq!(found(Known { born: None, ..known("Nguyễn Văn Hải", 1985, HERE) }), [], "not known");
        assert_eq!(found(known(" ", 1985, HERE)), []);
    }

    #[test]
    fn who_came_under_aftercare_a_second_time_is_no_double() {
        let mut first = case(1, "Nguyễn Văn Hải", "1985", None);
        let CarePart::Case(line) = &mut first[0].part else { panic!("a core") };
        line.status = CaseStatus::Completed;
        assert_eq!(look_alikes(first.iter(), &known("Nguyễn Văn Hải", 1985, HERE)), []);
        let mut removed = case(1, "Nguyễn Văn Hải", "1985", None);
        removed[0].archived = true;
        assert_eq!(look_alikes(removed.iter(), &known("Nguyễn Văn Hải", 1985, HERE)), []);
    }

    #[test]
    fn without_the_restricted_part_nobody_knows_of_doubles() {
        let lines = [case(1, "Nguyễn Văn Hải", "1985", Some(2)), case(2, "Nguyễn Văn Hải", "1985", None)];
        assert_eq!(stand_ins(lines.iter().flatten()), BTreeMap::from([(id(1), id(2))]));
        let cores: Vec<CareLine> = lines.into_iter().map(|[core, _]| core).collect();
        assert_eq!(stand_ins(cores.iter()), BTreeMap::new());
        assert_eq!(look_alikes(cores.iter(), &known("Nguyễn Văn Hải", 1985, HERE)), []);
    }
}
