//! Reading an outreach visit from its Automerge document, and the encodings of the values inside.
//!
//! Conflicting values all stay visible, each with who wrote it and when. Values that this build cannot read (a newer
//! app wrote them) are counted, never dropped from the document.

use std::collections::BTreeMap;

use automerge::{Automerge, ScalarValue};

use super::reader::{Reader, parse_str};
use super::root::Container;
use crate::domain::organisation::OrganisationId;
use crate::domain::outreach_visit::{CountKey, FollowUp, Form, Position, Topic, Visit};
use crate::domain::vocabulary::Term;
use crate::domain::ward::WardRef;
use crate::ids::{PhotoId, PlaceId};

/// `21307967,105585544`: latitude and longitude × 1,000,000.
#[must_use]
pub fn decode_position(text: &str) -> Option<Position> {
    let (lat, lon) = text.split_once(',')?;
    let (lat_e6, lon_e6) = (lat.parse::<i32>().ok()?, lon.parse::<i32>().ok()?);
    let on_earth = lat_e6.abs() <= 90_000_000 && lon_e6.abs() <= 180_000_000;
    on_earth.then_some(Position { lat_e6, lon_e6 })
}

/// Reads the whole visit.
#[must_use]
pub fn read(document: &Automerge) -> Visit {
    let reader = Reader::new(document);
    let mut visit = Visit {
        date: reader.root("date", parse_str),
        time: reader.root("time", parse_str),
        ward: reader.root("ward", parse_str),
        venue: reader.root("venue", parse_str),
        form: reader.root("form", |value| Form::parse(value.as_str()?).ok()),
        campaign: reader.root("campaign", parse_str),
        lead: reader.root("lead", parse_str),
        programme_year: reader.root("programme_year", ScalarValue::as_i64),
        position: reader.root("position", |value| decode_position(value.as_str()?)),
        archived: reader.root("archived", |value| value.as_str().map(str::to_owned)),
        same_as: reader.root("same_as", parse_str),
        ..Visit::default()
    };
    reader.each(Container::Places, |key, _| visit.places.extend(key.parse::<PlaceId>()));
    reader.each(Container::OtherWards, |key, _| visit.other_wards.extend(key.parse::<WardRef>()));
    reader.each(Container::CoOrganisers, |key, _| visit.co_organisers.extend(key.parse::<OrganisationId>()));
    reader.each(Container::Topics, |key, _| visit.topics.extend(Topic::parse(key)));
    reader.each(Container::DoneBy, |key, value| {
        visit.done_by.extend(value.as_str().map(|name| (key.to_owned(), name.to_owned())));
    });
    reader.each(Container::Photos, |key, value| {
        let Some(text) = value.as_str() else { return };
        if let Ok(id) = key.parse::<PhotoId>() {
            visit.photos.entry(id).or_default().caption = text.to_owned();
        } else if let Some(Ok(id)) = key.strip_suffix(".key").map(str::parse::<PhotoId>) {
            // Keys come in order, the photo before its key. One without its photo is left over from taking it out.
            visit.photos.entry(id).and_modify(|photo| photo.key = text.parse().ok());
        }
    });
    let counts = reader.counts().into_iter();
    visit.counts = counts.filter_map(|(key, count)| Some((CountKey::parse(&key).ok()?, count))).collect();
    visit.follow_ups = reader.follow_ups();
    visit.notes = reader.text(Container::Notes);
    visit
}

impl Reader<'_> {
    fn follow_ups(&self) -> Vec<FollowUp> {
        let Some((object, slots)) = self.map(Container::FollowUps) else { return Vec::new() };
        let mut by_id: BTreeMap<String, FollowUp> = BTreeMap::new();
        for (key, slot) in slots {
            let Some((id, field)) = key.split_once('.') else { continue };
            let entry = by_id
                .entry(id.to_owned())
                .or_insert_with(|| FollowUp { id: id.to_owned(), ..FollowUp::default() });
            match field {
                "text" => {
                    entry.text =
                        self.register(&object, &key, &slot, |value| value.as_str().map(str::to_owned))
                }
                "due" => entry.due = self.register(&object, &key, &slot, parse_str),
                "done" => entry.done = self.register(&object, &key, &slot, ScalarValue::as_bool),
                _ => {}
            }
        }
        by_id.into_values().collect()
    }
}
