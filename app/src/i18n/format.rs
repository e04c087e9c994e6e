//! How figures, days and moments read. Pure: the caller says which language and which day it is.

use donghanh_shared::domain::date::{Date, Millis};
use donghanh_shared::domain::vocabulary::Language;

use super::{language, tr};

/// Vietnam keeps UTC+7 all year.
const VIETNAM_OFFSET_MS: i64 = 7 * 3600 * 1000;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// A whole number with its thousands apart: `1.234` in Vietnamese, `1,234` in English.
pub fn number(value: u64) -> String {
    grouped(value, language())
}

fn grouped(value: u64, language: Language) -> String {
    let separator = if language == Language::Vietnamese { '.' } else { ',' };
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

/// A count that may be unknown: the number, or "chưa rõ".
pub fn count(value: Option<u32>) -> String {
    value.map_or_else(|| tr!(common.unknown).to_string(), |value| number(value.into()))
}

/// `80 %`, rounded down so that only what is complete reads as 100 %; "—" when there is nothing to compare with.
pub fn percent(part: u32, whole: u32) -> String {
    if whole == 0 { "—".to_owned() } else { format!("{} %", share(part, whole)) }
}

/// The share in whole percent, 0–100, rounded down; 0 when the whole is unknown.
pub fn share(part: u32, whole: u32) -> u32 {
    if whole == 0 {
        0
    } else {
        u32::try_from(u64::from(part.min(whole)) * 100 / u64::from(whole)).unwrap_or(100)
    }
}

/// Bytes as people read them: `312 KB`, `4,5 MB`.
pub fn bytes(value: f64) -> String {
    if value < 1_000_000.0 {
        return format!("{} KB", number((value / 1000.0).max(0.0).round() as u64));
    }
    let (unit, words) = if value < 1_000_000_000.0 { (100_000.0, "MB") } else { (100_000_000.0, "GB") };
    let tenths = (value / unit).round() as u64;
    let comma = if language() == Language::Vietnamese { ',' } else { '.' };
    format!("{}{comma}{} {words}", number(tenths / 10), tenths % 10)
}

/// A day seen from today: "hôm nay", "hôm qua", "ngày mai", `26/06`, or `26/06/2024` in another year.
pub fn day(date: Date, today: Date) -> String {
    match date.days_since(today) {
        0 => tr!(common.today).to_string(),
        -1 => tr!(common.yesterday).to_string(),
        1 => tr!(common.tomorrow).to_string(),
        _ if date.year() == today.year() => format!("{:02}/{:02}", date.day(), date.month()),
        _ => date.for_people(),
    }
}

/// The time of day of a moment in Vietnam: `10:42`.
pub fn clock(at: Millis) -> String {
    let minutes = at.saturating_add(VIETNAM_OFFSET_MS).rem_euclid(DAY_MS) / 60_000;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A moment seen from today: `10:42`, `hôm qua 10:42`, `26/06 10:42`.
pub fn moment(at: Millis, today: Date) -> String {
    let date = Date::of_moment(at);
    if date == today { clock(at) } else { format!("{} {}", day(date, today), clock(at)) }
}

/// The first letter in upper case: terms stand in lower case in the vocabularies.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_by_language() {
        assert_eq!(grouped(0, Language::Vietnamese), "0");
        assert_eq!(grouped(999, Language::Vietnamese), "999");
        assert_eq!(grouped(1_234_567, Language::Vietnamese), "1.234.567");
        assert_eq!(grouped(12_345, Language::English), "12,345");
    }

    #[test]
    fn a_share_is_never_rounded_up_to_all() {
        assert_eq!(share(199, 200), 99);
        assert_eq!(share(16, 20), 80);
        assert_eq!(percent(0, 0), "—");
        assert_eq!(percent(21, 20), "100 %");
    }

    #[test]
    fn moments_are_those_of_vietnam() {
        let day: Date = "2026-06-26".parse().expect("day");
        assert_eq!(clock(day.start()), "00:00");
        assert_eq!(clock(day.start() + (10 * 60 + 42) * 60_000), "10:42");
        assert_eq!(clock(-1), "06:59");
    }

    #[test]
    fn capitals_keep_their_marks() {
        assert_eq!(capital("đến từng nhà"), "Đến từng nhà");
        assert_eq!(capital(""), "");
    }
}
