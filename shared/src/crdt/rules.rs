//! What one change may write, judged by itself alone: the right containers, types and ranges. Never by what else the
//! document holds, so that acceptance does not depend on the order of arrival.

use super::Kind;
use super::chunk::{Action, Object, Op, Scalar};
use super::gate::CheckedChange;
use super::outreach_visit::{decode_correction, decode_position};
use super::root::{Container, ROOT_ACTOR};
use crate::domain::count::{Amount, MAX_TAPS};
use crate::domain::date::{ClockTime, Date, Millis};
use crate::domain::error::{Code, Problem};
use crate::domain::organisation::{CampaignId, OrganisationId};
use crate::domain::ward::WardRef;
use crate::ids::{ActorId, PhotoId, PhotoKey, PlaceId};

/// Longest short text (a reason, a follow-up), in bytes.
pub const MAX_TEXT: usize = 1_000;
/// Longest name of a person, in bytes.
pub const MAX_NAME: usize = 200;
/// Longest key of a map, in bytes.
pub const MAX_KEY: usize = 100;
/// No record is older than this.
pub const FIRST_DAY: (i32, u32, u32) = (2000, 1, 1);
/// A follow-up is due at most this many days after the server received it.
pub const MAX_DUE_DAYS: i64 = 5 * 366;

/// Judges every operation of a change.
///
/// `received` is when the server received it: a record cannot lie after the day that follows.
///
/// # Errors
/// The code of the first operation that may not be, with its field.
pub fn check_change(kind: Kind, change: &CheckedChange, received: Millis) -> Result<(), Problem> {
    let Kind::OutreachVisit = kind;
    if change.chunk.ops.is_empty() {
        return Err(Problem::new(Code::ChangeMalformed));
    }
    let judge = Judge { change, today: Date::of_moment(received) };
    change.chunk.ops.iter().try_for_each(|op| judge.op(op))
}

/// Where an operation writes; `None` when that is no container of the root.
#[must_use]
pub fn container_of(change: &CheckedChange, op: &Op) -> Option<Container> {
    match op.object {
        Object::Root => Some(Container::Root),
        Object::Made { counter, actor } => {
            let index = usize::try_from(actor).ok()?.checked_sub(1)?;
            (change.chunk.other_actors.get(index)? == &ROOT_ACTOR)
                .then(|| Container::made_by(counter))
                .flatten()
        }
    }
}

struct Judge<'a> {
    change: &'a CheckedChange,
    today: Date,
}

impl Judge<'_> {
    fn op(&self, op: &Op) -> Result<(), Problem> {
        let forbidden = || Problem::new(Code::ChangeForbiddenField);
        let container = container_of(self.change, op).ok_or_else(forbidden)?;
        if op.action == Action::Foreign {
            return Err(forbidden());
        }
        if container == Container::Notes {
            return note(op);
        }
        let key = op.key.as_deref().ok_or_else(forbidden)?;
        if op.insert || key.is_empty() || key.len() > MAX_KEY {
            return Err(forbidden().at(key));
        }
        if op.action == Action::Delete {
            let protected = container == Container::Root && is_protected(key);
            return if protected { Err(forbidden().at(key)) } else { Ok(()) };
        }
        self.value(container, key, &op.value).map_err(|problem| problem.at(key))
    }

    fn value(&self, container: Container, key: &str, value: &Scalar) -> Result<(), Problem> {
        let flag =
            || if *value == Scalar::Bool(true) { Ok(()) } else { Err(Problem::new(Code::ChangeMalformed)) };
        match container {
            Container::Root => self.register(key, value),
            Container::Counts => count(value),
            Container::Taps => self.taps(key, value),
            Container::Places => parsed::<PlaceId>(key).and_then(|()| flag()),
            Container::OtherWards => parsed::<WardRef>(key).and_then(|()| flag()),
            Container::CoOrganisers => parsed::<OrganisationId>(key).and_then(|()| flag()),
            Container::Topics => flag(),
            Container::DoneBy => text(value, MAX_NAME),
            Container::Photos => photo(key, value),
            Container::FollowUps => self.follow_up(key, value),
            Container::Notes => Err(Problem::new(Code::ChangeForbiddenField)),
        }
    }

    fn register(&self, key: &str, value: &Scalar) -> Result<(), Problem> {
        match key {
            "date" => self.day(string(value)?),
            "time" => parsed::<ClockTime>(string(value)?),
            "ward" => parsed::<WardRef>(string(value)?),
            "venue" => parsed::<PlaceId>(string(value)?),
            "campaign" => parsed::<CampaignId>(string(value)?),
            "lead" => parsed::<OrganisationId>(string(value)?),
            "form" => text(value, MAX_KEY),
            "archived" => text(value, MAX_TEXT),
            "position" => {
                decode_position(string(value)?).map(|_| ()).ok_or_else(|| Problem::new(Code::ChangeMalformed))
            }
            "programme_year" => match value {
                Scalar::Uint(year) if (2000..=2200).contains(year) => Ok(()),
                _ => Err(Problem::new(Code::DateAbsurd)),
            },
            key if is_protected(key) => Err(Problem::new(Code::ChangeForbiddenField)),
            // A field of a newer app: kept, as long as it is small and plain.
            _ => plain(value),
        }
    }

    fn day(&self, text: &str) -> Result<(), Problem> {
        let day: Date = text.parse()?;
        let (year, month, first) = FIRST_DAY;
        if Date::new(year, month, first).is_some_and(|first| day < first) {
            return Err(Problem::new(Code::DateAbsurd));
        }
        // One day of grace: clocks and midnights differ.
        if day > self.today.plus_days(1) { Err(Problem::new(Code::DateInFuture)) } else { Ok(()) }
    }

    fn taps(&self, key: &str, value: &Scalar) -> Result<(), Problem> {
        let actor = key.split_once(':').and_then(|(_, actor)| actor.parse::<ActorId>().ok());
        // Taps belong to who tapped; nobody writes another's.
        if actor != Some(self.change.actor) {
            return Err(Problem::new(Code::ChangeForbiddenField));
        }
        match value {
            Scalar::Int(n) if n.abs() <= MAX_TAPS => Ok(()),
            Scalar::Int(_) => Err(Problem::new(Code::CountTooLarge)),
            _ => Err(Problem::new(Code::CountMalformed)),
        }
    }

    fn follow_up(&self, key: &str, value: &Scalar) -> Result<(), Problem> {
        match key.split_once('.') {
            Some((_, "text")) => text(value, MAX_TEXT),
            Some((_, "done")) if matches!(value, Scalar::Bool(_)) => Ok(()),
            Some((_, "due")) => {
                let due: Date = string(value)?.parse()?;
                let far = due > self.today.plus_days(MAX_DUE_DAYS);
                if far { Err(Problem::new(Code::DateAbsurd)) } else { Ok(()) }
            }
            Some(_) => plain(value),
            None => Err(Problem::new(Code::ChangeForbiddenField)),
        }
    }
}

fn is_protected(key: &str) -> bool {
    key.starts_with('_') || super::root::CONTAINERS.iter().any(|(name, _)| *name == key)
}

fn photo(key: &str, value: &Scalar) -> Result<(), Problem> {
    let (id, field) = key.split_once('.').map_or((key, None), |(id, field)| (id, Some(field)));
    parsed::<PhotoId>(id)?;
    match field {
        None => text(value, MAX_TEXT),
        Some("key") => parsed::<PhotoKey>(string(value)?),
        Some(_) => plain(value),
    }
}

fn note(op: &Op) -> Result<(), Problem> {
    match (op.action, &op.value, &op.key) {
        (Action::Delete, _, None) => Ok(()),
        (Action::Set, Scalar::Str(text), None) if op.insert && text.chars().count() == 1 => Ok(()),
        _ => Err(Problem::new(Code::ChangeForbiddenField).at("notes")),
    }
}

fn string(value: &Scalar) -> Result<&str, Problem> {
    match value {
        Scalar::Str(text) => Ok(text),
        _ => Err(Problem::new(Code::ChangeMalformed)),
    }
}

fn parsed<T: std::str::FromStr>(text: &str) -> Result<(), Problem>
where
    Problem: From<T::Err>,
{
    text.parse::<T>().map(|_| ()).map_err(Problem::from)
}

fn text(value: &Scalar, max: usize) -> Result<(), Problem> {
    if string(value)?.len() > max { Err(Problem::new(Code::TextTooLong)) } else { Ok(()) }
}

fn plain(value: &Scalar) -> Result<(), Problem> {
    match value {
        Scalar::Str(text) if text.len() <= MAX_TEXT => Ok(()),
        Scalar::Bytes(bytes) if bytes.len() <= MAX_TEXT => Ok(()),
        Scalar::Bool(_) | Scalar::Int(_) | Scalar::Uint(_) | Scalar::Null => Ok(()),
        Scalar::Foreign(length) if *length <= 16 => Ok(()),
        _ => Err(Problem::new(Code::TextTooLong)),
    }
}

fn count(value: &Scalar) -> Result<(), Problem> {
    let malformed = || Problem::new(Code::CountMalformed);
    let Scalar::Bytes(bytes) = value else { return Err(malformed()) };
    let (typed, seen) = decode_correction(bytes).ok_or_else(malformed)?;
    if let Some(typed) = typed {
        Amount::new(typed)?;
    }
    if seen.values().any(|taps| taps.abs() > MAX_TAPS) {
        Err(Problem::new(Code::CountTooLarge))
    } else {
        Ok(())
    }
}

impl From<crate::ids::InvalidId> for Problem {
    fn from(_: crate::ids::InvalidId) -> Self {
        Self::new(Code::ChangeMalformed)
    }
}
