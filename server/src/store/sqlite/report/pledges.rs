//! Reads what the figures of pledge drives are drawn from.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::place::PlaceKind;
use donghanh_shared::domain::pledge_drive::Signer;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{DocumentId, PlaceId};
use rusqlite::Row;

use super::{Asked, organisation, total, ward};
use crate::store::report::{CampaignVisits, DriveFact, GroupFact, PledgeFacts};
use crate::store::sqlite::references;
use crate::store::{Key, StoreError};

impl Asked<'_> {
    /// Drives with their groups, and the visits that stand beside them.
    pub(super) fn pledges(&self) -> Result<PledgeFacts, StoreError> {
        let mut groups: BTreeMap<Key, Vec<GroupFact>> = BTreeMap::new();
        for (document, group) in self.all(include_str!("drive_groups.sql"), group)? {
            groups.entry(document).or_default().push(group);
        }
        let mut lay_in: BTreeMap<Key, BTreeSet<WardRef>> = BTreeMap::new();
        let stay = |row: &Row<'_>| Ok((row.get::<_, Key>(0)?, ward(row, 1)?));
        for (document, ward) in self.all(include_str!("drive_schools.sql"), stay)? {
            lay_in.entry(document).or_default().insert(ward);
        }
        let with_parts = |(document, drive): (Key, DriveFact)| DriveFact {
            groups: groups.remove(&document).unwrap_or_default(),
            school_lay_in: lay_in.remove(&document).unwrap_or_default(),
            ..drive
        };
        Ok(PledgeFacts {
            organisations: references::organisations(self.db)?,
            drives: self.all(include_str!("drives.sql"), drive)?.into_iter().map(with_parts).collect(),
            visits: self.all(include_str!("campaign_visits.sql"), visits)?,
        })
    }
}

fn drive(row: &Row<'_>) -> Result<(Key, DriveFact), StoreError> {
    let kind = row.get::<_, Option<String>>(5)?.map(|code| PlaceKind::parse(&code)).transpose()?;
    let drive = DriveFact {
        document: DocumentId(row.get(1)?),
        home: ward(row, 2)?,
        year: row.get(3)?,
        place: row.get::<_, Option<[u8; 16]>>(4)?.map(PlaceId),
        kind,
        campaign: row.get::<_, Option<String>>(6)?.map(|text| text.parse()).transpose()?,
        lead: organisation(row, 7)?,
        is_open: row.get(8)?,
        groups: Vec::new(),
        school_lay_in: BTreeSet::new(),
    };
    Ok((row.get(0)?, drive))
}

fn group(row: &Row<'_>) -> Result<(Key, GroupFact), StoreError> {
    let signer = row.get::<_, Option<String>>(2)?.map(|code| Signer::parse(&code)).transpose()?;
    Ok((row.get(0)?, GroupFact { key: row.get(1)?, signer, signed: row.get(3)?, expected: row.get(4)? }))
}

fn visits(row: &Row<'_>) -> Result<CampaignVisits, StoreError> {
    Ok(CampaignVisits {
        home: ward(row, 0)?,
        lead: organisation(row, 1)?,
        campaign: row.get::<_, Option<String>>(2)?.map(|text| text.parse()).transpose()?,
        sessions: total(row, 3)?,
        workers_reached: total(row, 4)?,
    })
}
