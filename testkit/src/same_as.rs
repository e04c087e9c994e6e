//! Some records are written down twice: by somebody who did not know of the first. Most of these doubles are linked by then, in
//! every way in which people do that: one as the other, the other way round, each as the other, one after the other, taken
//! back again, with the one that counted removed.

use std::collections::BTreeSet;

use donghanh_shared::command::fields::{FieldEdit, Written};
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::count::Amount;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::ids::{DocumentId, PersonId};

use crate::random::Random;
use crate::visits::draft::{HOUR, MINUTE};
use crate::world::{
    DriveSave, GeneratedDrive, GeneratedModel, GeneratedVisit, ModelSave, Options, Save, World,
};

const REASON: &str = "Ghi trùng";

/// A record that somebody writes down a second time.
trait Doubled: Clone {
    fn id(&self) -> DocumentId;
    /// When each save was written, and by whom.
    fn written(&self) -> Vec<(Millis, PersonId)>;
    /// The same, as somebody else wrote it down at once.
    fn again(&self, document: DocumentId, at: Millis, by: PersonId) -> Self;
    /// Says whose counts stand for it.
    fn say(&mut self, at: Millis, by: PersonId, other: Option<DocumentId>);
    fn remove(&mut self, at: Millis, by: PersonId);

    fn last(&self) -> (Millis, PersonId) {
        let written = self.written();
        written[written.len() - 1]
    }
}

impl Doubled for GeneratedVisit {
    fn id(&self) -> DocumentId {
        self.document
    }

    fn written(&self) -> Vec<(Millis, PersonId)> {
        self.saves.iter().map(|save| (save.at, save.by)).collect()
    }

    fn again(&self, document: DocumentId, at: Millis, by: PersonId) -> Self {
        let told = |edit: &VisitEdit| match edit {
            // What is to be done next is written down once.
            VisitEdit::FollowUp { .. } | VisitEdit::FollowUpDone(..) => None,
            VisitEdit::Count(CountKey::Attendance, Some(people)) => {
                let more = Amount::new(i64::from(people.get()) + 3).ok();
                Some(VisitEdit::Count(CountKey::Attendance, more))
            }
            edit => Some(edit.clone()),
        };
        let edits = self.saves[0].edits.iter().filter_map(told).collect();
        Self { document, saves: vec![Save { at, by, edits }], ..self.clone() }
    }

    fn say(&mut self, at: Millis, by: PersonId, other: Option<DocumentId>) {
        self.saves.push(Save { at, by, edits: vec![VisitEdit::SameAs(other)] });
    }

    fn remove(&mut self, at: Millis, by: PersonId) {
        self.saves.push(Save { at, by, edits: vec![VisitEdit::Archived(Some(REASON.to_owned()))] });
    }
}

fn same_as(other: Option<DocumentId>) -> Vec<FieldEdit> {
    vec![FieldEdit::Register("same_as".to_owned(), other.map(|other| Written::Text(other.to_string())))]
}

/// Drives and models: their saves are alike and differ in name.
macro_rules! doubled_by_fields {
    ($($record:ident, $save:ident);+) => {$(
        impl Doubled for $record {
            fn id(&self) -> DocumentId {
                self.document
            }

            fn written(&self) -> Vec<(Millis, PersonId)> {
                self.saves.iter().map(|save| (save.at, save.by)).collect()
            }

            fn again(&self, document: DocumentId, at: Millis, by: PersonId) -> Self {
                let first = $save { at, by, ..self.saves[0].clone() };
                Self { document, saves: vec![first], ..self.clone() }
            }

            fn say(&mut self, at: Millis, by: PersonId, other: Option<DocumentId>) {
                self.saves.push($save { at, by, apart: false, edits: same_as(other) });
            }

            fn remove(&mut self, at: Millis, by: PersonId) {
                let edits = vec![FieldEdit::text("archived", REASON)];
                self.saves.push($save { at, by, apart: false, edits });
            }
        }
    )+};
}

doubled_by_fields!(GeneratedDrive, DriveSave; GeneratedModel, ModelSave);

/// Writes some records of the world down twice; not those in `but`.
pub fn double(options: &Options, world: &mut World, but: &BTreeSet<DocumentId>) {
    let mut random = Random::new(options.seed, 13);
    let horizon = options.today.start() + 6 * HOUR;
    let mut writer = Writer { random: &mut random, horizon, way: 0 };
    writer.some_of(&mut world.visits, 29, but);
    writer.some_of(&mut world.drives, 11, but);
    writer.some_of(&mut world.models, 7, but);
    world.visits.sort_by_key(|visit| (visit.saves.first().map(|save| save.at), visit.document));
    world.drives.sort_by_key(|drive| (drive.saves.first().map(|save| save.at), drive.document));
    world.models.sort_by_key(|model| (model.saves.first().map(|save| save.at), model.document));
}

struct Writer<'r> {
    random: &'r mut Random,
    /// Nothing is written after this moment.
    horizon: Millis,
    /// The next way of linking: each has its turn.
    way: u32,
}

impl Writer<'_> {
    /// Every so many of the records.
    fn some_of<R: Doubled>(&mut self, records: &mut Vec<R>, every: usize, but: &BTreeSet<DocumentId>) {
        let mut more = Vec::new();
        for record in records.iter_mut().skip(1).step_by(every) {
            if record.written().len() <= 3 && !but.contains(&record.id()) {
                more.extend(self.twice(record));
            }
        }
        records.extend(more);
    }

    /// The doubles of a record, unless there is no time left to write them.
    fn twice<R: Doubled>(&mut self, record: &mut R) -> Vec<R> {
        let ((begun, _), (last, by)) = (record.written()[0], record.last());
        let mut copy = record.again(DocumentId(self.random.id()), begun + 20 * MINUTE, by);
        let seen = last.max(begun + 20 * MINUTE) + HOUR * i64::from(self.random.between(1, 40));
        let later = seen + 2 * HOUR;
        if later > self.horizon {
            return Vec::new();
        }
        self.way = (self.way + 1) % 8;
        match self.way {
            1 | 2 => copy.say(seen, by, Some(record.id())),
            3 => record.say(seen, by, Some(copy.id())),
            4 => {
                copy.say(seen, by, Some(record.id()));
                record.say(seen, by, Some(copy.id()));
            }
            5 => {
                copy.say(seen, by, Some(record.id()));
                copy.say(later, by, None);
            }
            6 => {
                copy.say(seen, by, Some(record.id()));
                record.remove(later, by);
            }
            7 => {
                let mut third = copy.again(DocumentId(self.random.id()), begun + 40 * MINUTE, by);
                third.say(seen, by, Some(copy.id()));
                copy.say(seen, by, Some(record.id()));
                return vec![copy, third];
            }
            // Nobody has noticed yet.
            _ => {}
        }
        vec![copy]
    }
}
