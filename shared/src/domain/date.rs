//! Calendar dates and times of day as people write them. No time zones: a visit happened on the day its people say.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike as _, Months, NaiveDate};
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use serde::{Deserialize, Serialize};

use super::error::{Code, Problem};

/// Milliseconds since 1970-01-01T00:00:00Z, as a clock claimed them.
pub type Millis = i64;

/// Vietnam keeps UTC+7 all year; the day of a moment is the day there.
const VIETNAM_OFFSET_MS: i64 = 7 * 3600 * 1000;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// A calendar day between 1990-01-01 and 2199-12-31. ISO form `2025-07-01` in data, `01/07/2025` for people.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date(NaiveDate);

impl Date {
    /// A day from year, month and day of month; `None` when there is no such day or it lies outside 1990–2199.
    #[must_use]
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        (1990..=2199).contains(&year).then(|| NaiveDate::from_ymd_opt(year, month, day)).flatten().map(Self)
    }

    /// The day in Vietnam (UTC+7) at this moment; a clock outside the range gives the nearest end of it.
    #[must_use]
    pub fn of_moment(at: Millis) -> Self {
        let days = at.saturating_add(VIETNAM_OFFSET_MS).div_euclid(DAY_MS);
        let last = NaiveDate::from_ymd_opt(2199, 12, 31).unwrap_or(NaiveDate::MAX);
        let first = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap_or(NaiveDate::MIN);
        let day = i32::try_from(days).ok().and_then(NaiveDate::from_epoch_days).unwrap_or(if days > 0 {
            last
        } else {
            first
        });
        Self(day.clamp(first, last))
    }

    /// Midnight (UTC+7) at the start of this day.
    #[must_use]
    pub fn start(self) -> Millis {
        i64::from(self.0.to_epoch_days()) * DAY_MS - VIETNAM_OFFSET_MS
    }

    /// The day `days` later (earlier when negative), kept within the range.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self::of_moment(self.start().saturating_add(days.saturating_mul(DAY_MS)))
    }

    /// The corresponding day `months` later; the last day of that month when it has none (31 → 28, 29 or 30), as Civil Code
    /// 2015, art. 148(3) says of terms. Kept within the range. From one day, so that 31/01 gives 28/02 and then 31/03.
    #[must_use]
    pub fn plus_months(self, months: u32) -> Self {
        let last = NaiveDate::from_ymd_opt(2199, 12, 31).unwrap_or(NaiveDate::MAX);
        Self(self.0.checked_add_months(Months::new(months)).unwrap_or(last).min(last))
    }

    /// Whole days from `other` to this day.
    #[must_use]
    pub fn days_since(self, other: Self) -> i64 {
        (self.0 - other.0).num_days()
    }

    /// Calendar year.
    #[must_use]
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// Month, 1–12.
    #[must_use]
    pub fn month(self) -> u32 {
        self.0.month()
    }

    /// Day of month, 1–31.
    #[must_use]
    pub fn day(self) -> u32 {
        self.0.day()
    }

    /// Day of the week, 0 = Monday … 6 = Sunday.
    #[must_use]
    pub fn weekday(self) -> u32 {
        self.0.weekday().num_days_from_monday()
    }

    /// As people write it: `26/06/2025`.
    #[must_use]
    pub fn for_people(self) -> String {
        format!("{:02}/{:02}/{}", self.day(), self.month(), self.year())
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year(), self.month(), self.day())
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Date {
    type Err = Problem;

    /// Reads the ISO form `2025-07-01`, nothing else.
    fn from_str(text: &str) -> Result<Self, Problem> {
        let invalid = || Problem::new(Code::DateInvalid);
        let well_formed = text.len() == 10
            && text
                .bytes()
                .enumerate()
                .all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
        if !well_formed {
            return Err(invalid());
        }
        let number = |range: std::ops::Range<usize>| text[range].parse::<u32>().map_err(|_| invalid());
        let year = i32::try_from(number(0..4)?).map_err(|_| invalid())?;
        let (month, day) = (number(5..7)?, number(8..10)?);
        if NaiveDate::from_ymd_opt(year, month, day).is_none() {
            return Err(invalid());
        }
        Self::new(year, month, day).ok_or_else(|| Problem::new(Code::DateAbsurd))
    }
}

impl TryFrom<String> for Date {
    type Error = Problem;
    fn try_from(text: String) -> Result<Self, Problem> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

impl<C> Encode<C> for Date {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.str(&self.to_string())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Date {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        d.str()?.parse().map_err(|_| decode::Error::message("not a date"))
    }
}

/// A time of day to the minute, `08:30`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClockTime {
    minutes: u16,
}

impl ClockTime {
    /// Hour 0–23 and minute 0–59; `None` otherwise.
    #[must_use]
    pub fn new(hour: u16, minute: u16) -> Option<Self> {
        (hour < 24 && minute < 60).then_some(Self { minutes: hour * 60 + minute })
    }
}

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

impl FromStr for ClockTime {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let parse = || {
            let (hour, minute) = text.split_once(':')?;
            let digits = hour.len() == 2
                && minute.len() == 2
                && (hour.to_owned() + minute).bytes().all(|b| b.is_ascii_digit());
            digits.then(|| Self::new(hour.parse().ok()?, minute.parse().ok()?)).flatten()
        };
        parse().ok_or_else(|| Problem::new(Code::TimeInvalid))
    }
}

impl TryFrom<String> for ClockTime {
    type Error = Problem;
    fn try_from(text: String) -> Result<Self, Problem> {
        text.parse()
    }
}

impl From<ClockTime> for String {
    fn from(time: ClockTime) -> Self {
        time.to_string()
    }
}

impl<C> Encode<C> for ClockTime {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.str(&self.to_string())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for ClockTime {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        d.str()?.parse().map_err(|_| decode::Error::message("not a time of day"))
    }
}

/// A span of days, both ends included. `to` absent: still going on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Span {
    /// First day.
    #[n(0)]
    pub from: Date,
    /// Last day, or open.
    #[n(1)]
    pub to: Option<Date>,
}

impl Span {
    /// Whether the day lies inside.
    #[must_use]
    pub fn contains(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// The days both spans share; `None` when they share none.
    #[must_use]
    pub fn overlap(&self, other: &Self) -> Option<Self> {
        let from = self.from.max(other.from);
        let to = match (self.to, other.to) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        to.is_none_or(|to| from <= to).then_some(Self { from, to })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_and_write() {
        let day: Date = "2024-02-29".parse().expect("leap day");
        assert_eq!(day.for_people(), "29/02/2024");
        assert_eq!(day.plus_days(1).to_string(), "2024-03-01");
        assert_eq!(day.plus_days(-366).days_since(day), -366);
        assert_eq!("2023-02-29".parse::<Date>().map_err(|p| p.code), Err(Code::DateInvalid));
        assert_eq!("0199-01-01".parse::<Date>().map_err(|p| p.code), Err(Code::DateAbsurd));
        for bad in ["", "2024-2-9", "2024/02/09", "２024-02-09", "2024-02-09T00"] {
            assert_eq!(bad.parse::<Date>().map_err(|p| p.code), Err(Code::DateInvalid), "{bad}");
        }
    }

    #[test]
    fn months_end_on_the_corresponding_day_or_the_last() {
        let day = |text: &str| text.parse::<Date>().expect("day");
        let after = |from: &str, months| day(from).plus_months(months).to_string();
        assert_eq!(
            (after("2026-01-31", 1), after("2026-01-31", 2)),
            ("2026-02-28".into(), "2026-03-31".into())
        );
        assert_eq!(
            (after("2024-02-29", 12), after("2024-02-29", 48)),
            ("2025-02-28".into(), "2028-02-29".into())
        );
        assert_eq!(
            (after("2199-12-01", 1), after("2026-12-15", u32::MAX)),
            ("2199-12-31".into(), "2199-12-31".into())
        );
    }

    #[test]
    fn the_day_turns_at_midnight_in_vietnam() {
        let day: Date = "2025-07-01".parse().expect("day");
        assert_eq!(Date::of_moment(day.start()), day);
        assert_eq!(Date::of_moment(day.start() - 1), day.plus_days(-1));
        assert_eq!(Date::of_moment(i64::MAX).year(), 2199);
        assert_eq!(Date::of_moment(i64::MIN).year(), 1990);
    }

    #[test]
    fn times_and_spans() {
        assert_eq!("08:05".parse::<ClockTime>().map(|t| t.to_string()).as_deref(), Ok("08:05"));
        assert!("24:00".parse::<ClockTime>().is_err() && "8:05".parse::<ClockTime>().is_err());
        let day = |text: &str| text.parse::<Date>().expect("day");
        let old = Span { from: day("2004-07-08"), to: Some(day("2025-06-30")) };
        let now = Span { from: day("2025-07-01"), to: None };
        assert!(old.overlap(&now).is_none());
        assert_eq!(
            now.overlap(&Span { from: day("2025-01-01"), to: Some(day("2025-12-31")) }).map(|s| s.from),
            Some(now.from)
        );
        assert!(old.contains(day("2025-06-30")) && !old.contains(day("2025-07-01")));
    }
}
