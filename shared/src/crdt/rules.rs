//! What one change may write, judged by itself alone: the right containers, types and ranges. Never by what else the
//! document holds, so that acceptance does not depend on the order of arrival.

use super::Kind;
use super::chunk::{Action, Object, Op, Scalar};
use super::confirmation::{CONFIRMATION, confirms, is_about};
use super::count::decode_correction;
use super::gate::CheckedChange;
use super::outreach_visit::decode_position;
use super::root::{self, Container, ROOT_ACTOR};
use super::schema::{self, Shape, Value};
use crate::domain::confirmation::Confirmation;
use crate::domain::count::{Amount, MAX_TAPS};
use crate::domain::date::{ClockTime, Date, Millis};
use crate::domain::error::{Code, Problem};
use crate::domain::organisation::{CampaignId, OrganisationId};
use crate::domain::pledge_drive::DriveYear;
use crate::domain::ward::WardRef;
use crate::ids::{ActorId, DocumentId, PhotoId, PhotoKey, PlaceId};

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
/// What is kept or in force ends at most this many days after the server received it.
pub const MAX_UNTIL_DAYS: i64 = 40 * 366;
/// Nobody was born before.
const FIRST_BIRTH: u32 = 1900;

/// Judges every operation of a change.
///
/// `received` is when the server received it: a record cannot lie after the day that follows.
///
/// # Errors
/// The code of the first operation that may not be, with its field.
pub fn check_change(kind: Kind, change: &CheckedChange, received: Millis) -> Result<(), Problem> {
    if change.chunk.ops.is_empty() {
        return Err(Problem::new(Code::ChangeMalformed));
    }
    // The state that is confirmed is the one before the change: it must not change it by itself.
    if confirms(change) && !is_about(change) {
        return Err(Problem::new(Code::ChangeForbiddenField).at(CONFIRMATION));
    }
    let judge = Judge { kind, change, today: Date::of_moment(received) };
    change.chunk.ops.iter().try_for_each(|op| judge.op(op))
}

/// Where an operation writes; `None` when that is no container of the kind's root.
#[must_use]
pub fn container_of(kind: Kind, change: &CheckedChange, op: &Op) -> Option<Container> {
    match op.object {
        Object::Root => Some(Container::Root),
        Object::Made { counter, actor } => {
            let index = usize::try_from(actor).ok()?.checked_sub(1)?;
            (change.chunk.other_actors.get(index)? == &ROOT_ACTOR)
                .then(|| Container::made_by(kind, counter))
                .flatten()
        }
    }
}

struct Judge<'a> {
    kind: Kind,
    change: &'a CheckedChange,
    today: Date,
}

impl Judge<'_> {
    fn op(&self, op: &Op) -> Result<(), Problem> {
        let forbidden = || Problem::new(Code::ChangeForbiddenField);
        let container = container_of(self.kind, self.change, op).ok_or_else(forbidden)?;
        if op.action == Action::Foreign {
            return Err(forbidden());
        }
        if container.is_text() {
            return long_text(container, op);
        }
        let key = op.key.as_deref().ok_or_else(forbidden)?;
        if op.insert || key.is_empty() || key.len() > MAX_KEY {
            return Err(forbidden().at(key));
        }
        if op.action == Action::Delete {
            let protected = container == Container::Root && self.is_protected(key);
            return if protected { Err(forbidden().at(key)) } else { Ok(()) };
        }
        self.entry(container, key, &op.value).map_err(|problem| problem.at(key))
    }

    fn entry(&self, container: Container, key: &str, value: &Scalar) -> Result<(), Problem> {
        let forbidden = || Problem::new(Code::ChangeForbiddenField);
        match schema::shape(self.kind, container) {
            Shape::Registers(_) if self.is_protected(key) => Err(forbidden()),
            Shape::Registers(known) => self.register(known, key, value),
            Shape::Parts(known) => {
                let (_, field) = key.split_once('.').ok_or_else(forbidden)?;
                self.register(known, field, value)
            }
            Shape::Set(of) => {
                self.value(of, &Scalar::Str(key.to_owned()))?;
                if *value == Scalar::Bool(true) { Ok(()) } else { Err(Problem::new(Code::ChangeMalformed)) }
            }
            Shape::Counts => count(value),
            Shape::Taps => self.taps(key, value),
            Shape::Names => text(value, MAX_NAME),
            Shape::Codes => text(value, MAX_KEY),
            Shape::Photos => photo(key, value),
            Shape::LongText => Err(forbidden()),
        }
    }

    fn register(&self, known: &[(&str, Value)], name: &str, value: &Scalar) -> Result<(), Problem> {
        match known.iter().find(|(of, _)| *of == name) {
            Some((_, of)) => self.value(*of, value),
            // A field of a newer app: kept, as long as it is small and plain.
            None => plain(value),
        }
    }

    fn value(&self, of: Value, value: &Scalar) -> Result<(), Problem> {
        let malformed = || Problem::new(Code::ChangeMalformed);
        match of {
            // One day of grace: clocks and midnights differ.
            Value::Day => self.day(string(value)?, 1, Code::DateInFuture).and_then(not_before_the_first),
            Value::Birth => self.birth(string(value)?),
            Value::Due => self.day(string(value)?, MAX_DUE_DAYS, Code::DateAbsurd).map(drop),
            Value::Until => self.day(string(value)?, MAX_UNTIL_DAYS, Code::DateAbsurd).map(drop),
            Value::Time => parsed::<ClockTime>(string(value)?),
            Value::Ward => parsed::<WardRef>(string(value)?),
            Value::Place => parsed::<PlaceId>(string(value)?),
            Value::Campaign => parsed::<CampaignId>(string(value)?),
            Value::Organisation => parsed::<OrganisationId>(string(value)?),
            Value::Position => decode_position(string(value)?).map(|_| ()).ok_or_else(malformed),
            Value::Year => match value {
                Scalar::Uint(year) if (2000..=2200).contains(year) => Ok(()),
                _ => Err(Problem::new(Code::DateAbsurd)),
            },
            Value::DriveYear => parsed::<DriveYear>(string(value)?),
            Value::Document => parsed::<DocumentId>(string(value)?),
            Value::Confirmation => string(value)?.parse::<Confirmation>().map(drop),
            Value::Code => text(value, MAX_KEY),
            Value::Name => text(value, MAX_NAME),
            Value::Text => text(value, MAX_TEXT),
            Value::Flag => {
                if matches!(value, Scalar::Bool(_)) {
                    Ok(())
                } else {
                    Err(malformed())
                }
            }
            Value::Days => match value {
                Scalar::Uint(1..=366) | Scalar::Int(1..=366) => Ok(()),
                _ => Err(Problem::new(Code::CountTooLarge)),
            },
        }
    }

    fn day(&self, text: &str, ahead: i64, beyond: Code) -> Result<Date, Problem> {
        let day: Date = text.parse()?;
        if day > self.today.plus_days(ahead) { Err(Problem::new(beyond)) } else { Ok(day) }
    }

    /// A year, or a whole day: of many people only the year is known.
    fn birth(&self, text: &str) -> Result<(), Problem> {
        let numbers: Vec<u32> =
            text.split('-').map(str::parse).collect::<Result<_, _>>().map_err(|_| Code::DateInvalid)?;
        let (year, is_day) = match (text.len(), numbers.as_slice()) {
            (4, [year]) => (*year, true),
            (10, [year, month, day]) => (*year, (1..=12).contains(month) && (1..=31).contains(day)),
            _ => return Err(Problem::new(Code::DateInvalid)),
        };
        let possible = FIRST_BIRTH..=self.today.year().unsigned_abs();
        match (is_day, possible.contains(&year)) {
            (false, _) => Err(Problem::new(Code::DateInvalid)),
            (true, false) => Err(Problem::new(Code::DateAbsurd)),
            (true, true) => Ok(()),
        }
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

    fn is_protected(&self, key: &str) -> bool {
        key.starts_with('_') || root::containers(self.kind).iter().any(|container| container.name() == key)
    }
}

fn not_before_the_first(day: Date) -> Result<(), Problem> {
    let (year, month, first) = FIRST_DAY;
    if Date::new(year, month, first).is_some_and(|first| day < first) {
        return Err(Problem::new(Code::DateAbsurd));
    }
    Ok(())
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

fn long_text(container: Container, op: &Op) -> Result<(), Problem> {
    match (op.action, &op.value, &op.key) {
        (Action::Delete, _, None) => Ok(()),
        (Action::Set, Scalar::Str(text), None) if op.insert && text.chars().count() == 1 => Ok(()),
        _ => Err(Problem::new(Code::ChangeForbiddenField).at(container.name())),
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
