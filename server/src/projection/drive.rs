//! The row of a pledge drive.

use std::collections::BTreeSet;

use donghanh_shared::domain::confirmation::Standing;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::pledge_drive::{DriveCount, Group, GroupKey, PledgeDrive};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{DocumentId, PlaceId};
use minicbor::{Decode, Encode};

use super::{codes, last_day};

/// One drive as reports need it.
#[derive(Clone, Debug, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct DriveRow {
    /// The day on which it was held or began, ISO.
    #[n(0)]
    pub date: Option<String>,
    /// The last day on which sheets were collected, ISO.
    #[n(1)]
    pub ended: Option<String>,
    /// The year it is for: `2025-2026` for a school year, `2026`.
    #[n(2)]
    pub year: Option<String>,
    /// Where it was held.
    #[n(3)]
    pub place: Option<PlaceId>,
    /// The campaign.
    #[n(4)]
    pub campaign: Option<String>,
    /// The lead organisation.
    #[n(5)]
    pub lead: Option<String>,
    /// The visit that it went with.
    #[n(6)]
    pub visit: Option<DocumentId>,
    /// Removed (gỡ bỏ).
    #[n(7)]
    pub archived: bool,
    /// Fields on which people differ.
    #[n(8)]
    pub open_fields: u32,
    /// Codes of what is missing or should be looked at, comma between.
    #[n(9)]
    pub problems: String,
    /// The latest time claimed.
    #[n(10)]
    pub changed_at: Millis,
    /// Its groups, without those taken out.
    #[n(11)]
    pub groups: Vec<GroupRow>,
    /// Organisations that took part, the lead not among them.
    #[n(12)]
    pub organisations: BTreeSet<String>,
    /// How it stands with whoever confirms it.
    #[n(13)]
    pub standing: Standing,
    /// The record of the same drive whose counts stand.
    #[n(14)]
    pub same_as: Option<DocumentId>,
}

impl DriveRow {
    /// These values, with what people should look at, and what it is linked to, as it is now.
    pub(super) fn looked_at(self, now: Self) -> Self {
        let Self { open_fields, problems, same_as, .. } = now;
        Self { open_fields, problems, same_as, ..self }
    }
}

/// One group of a drive; `None` = not known.
#[derive(Clone, Debug, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct GroupRow {
    /// What it is known by: `pupils-7a2`.
    #[n(0)]
    pub key: String,
    /// Code of who signs in it.
    #[n(1)]
    pub signer: Option<String>,
    /// What it is called.
    #[n(2)]
    pub name: Option<String>,
    /// Who was to sign.
    #[n(3)]
    pub expected: Option<u32>,
    /// Who signed, in the one way in which the group is counted.
    #[n(4)]
    pub signed: Option<u32>,
    /// Who was absent.
    #[n(5)]
    pub absent: Option<u32>,
    /// Sheets that came late.
    #[n(6)]
    pub late: Option<u32>,
    /// Parents who signed too.
    #[n(7)]
    pub parents: Option<u32>,
}

/// The row of a drive.
#[must_use]
pub fn drive_row(drive: &PledgeDrive, changed_at: Millis) -> DriveRow {
    let lead = drive.lead.value().map(ToString::to_string);
    let found = [drive.problems(last_day()), drive.warnings()].concat();
    DriveRow {
        date: drive.date.value().map(ToString::to_string),
        ended: drive.ended.value().map(ToString::to_string),
        year: drive.year.value().map(ToString::to_string),
        place: drive.place.value().copied(),
        campaign: drive.campaign.value().map(ToString::to_string),
        visit: drive.visit.value().copied(),
        archived: drive.archived.value().is_some(),
        open_fields: u32::try_from(drive.open_fields().len()).unwrap_or(u32::MAX),
        problems: codes(&found),
        changed_at,
        groups: drive.counted().map(|(key, group)| group_row(key, group)).collect(),
        organisations: drive
            .co_organisers
            .iter()
            .map(ToString::to_string)
            .filter(|who| lead.as_ref() != Some(who))
            .collect(),
        standing: Standing::default(),
        same_as: drive.same_as.value().copied(),
        lead,
    }
}

fn group_row(key: &GroupKey, group: &Group) -> GroupRow {
    GroupRow {
        key: key.as_str().to_owned(),
        signer: group.signer.value().map(|signer| signer.code().to_owned()),
        name: group.name.value().cloned(),
        expected: group.expected(),
        signed: group.signed(),
        absent: group.count(DriveCount::Absent),
        late: group.count(DriveCount::Late),
        parents: group.count(DriveCount::Parents),
    }
}

#[cfg(test)]
mod tests {
    use donghanh_shared::domain::fields::{FieldValue, Fields};
    use donghanh_shared::domain::register::{Claim, Count, Register};
    use donghanh_shared::ids::ActorId;

    use super::*;

    fn said(value: FieldValue) -> Register<FieldValue> {
        Register { claims: vec![Claim { value, actor: ActorId([1; 16]), at: 0 }], unreadable: 0 }
    }

    #[test]
    fn an_empty_drive_has_no_numbers_and_says_what_is_missing() {
        let row = drive_row(&PledgeDrive::default(), 5);
        assert_eq!((row.groups.len(), row.changed_at, row.archived), (0, 5, false));
        for code in ["date_missing", "lead_missing", "group_missing"] {
            assert!(row.problems.contains(code), "{code} in {}", row.problems);
        }
    }

    #[test]
    fn groups_that_are_out_have_no_row_and_too_many_are_noted() {
        let mut fields = Fields::default();
        let groups = fields.maps.entry("groups").or_default();
        for (key, name) in [("pupils-7a2", "7A2"), ("pupils-7a3", "7A3")] {
            groups.insert(format!("{key}.name"), said(FieldValue::Text(name.to_owned())));
        }
        groups.insert("pupils-7a3.out".to_owned(), said(FieldValue::Flag(true)));
        let tapped = Count { taps: [(ActorId([2; 16]), 4)].into(), ..Count::default() };
        for (key, count) in [("pupils-7a2.tally", tapped.clone()), ("pupils-7a2.expected", Count::default())]
        {
            fields.counts.insert(key.to_owned(), count);
        }
        let row = drive_row(&PledgeDrive::of(&fields), 0);
        assert_eq!(row.groups.len(), 1);
        assert_eq!((row.groups[0].signed, row.groups[0].expected), (Some(4), None));
        assert!(!row.problems.contains("signed_exceed_expected"));
        let expected = Count { taps: [(ActorId([2; 16]), 3)].into(), ..Count::default() };
        fields.counts.insert("pupils-7a2.expected".to_owned(), expected);
        assert!(drive_row(&PledgeDrive::of(&fields), 0).problems.contains("signed_exceed_expected"));
    }
}
