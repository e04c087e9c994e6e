//! Wards (phường, xã) as dated units: the codes of the General Statistics Office were re-used in 2025,
//! so a ward is (code, valid from).

use std::fmt;
use std::str::FromStr;

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use serde::{Deserialize, Serialize};

use super::date::{Date, Span};
use super::error::{Code, Problem};

/// The five digits of the General Statistics Office.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WardCode([u8; 5]);

impl FromStr for WardCode {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        <[u8; 5]>::try_from(text.as_bytes())
            .ok()
            .filter(|digits| digits.iter().all(u8::is_ascii_digit))
            .map(Self)
            .ok_or_else(|| Problem::new(Code::WardInvalid))
    }
}

impl fmt::Display for WardCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|digit| write!(f, "{}", *digit as char))
    }
}

/// A ward as data names it: `08707@2025-07-01`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WardRef {
    /// Code of the unit.
    pub code: WardCode,
    /// The day from which the code means this unit.
    pub valid_from: Date,
}

impl FromStr for WardRef {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let (code, from) = text.split_once('@').ok_or_else(|| Problem::new(Code::WardInvalid))?;
        Ok(Self {
            code: code.parse()?,
            valid_from: from.parse().map_err(|_| Problem::new(Code::WardInvalid))?,
        })
    }
}

impl fmt::Display for WardRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.code, self.valid_from)
    }
}

impl fmt::Debug for WardRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for WardRef {
    type Error = Problem;
    fn try_from(text: String) -> Result<Self, Problem> {
        text.parse()
    }
}

impl From<WardRef> for String {
    fn from(ward: WardRef) -> Self {
        ward.to_string()
    }
}

impl<C> Encode<C> for WardRef {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.str(&self.to_string())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for WardRef {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        d.str()?.parse().map_err(|_| decode::Error::message("not a ward"))
    }
}

/// A ward of the register.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Ward {
    /// Its identity.
    #[n(0)]
    pub id: WardRef,
    /// Name without the kind: `Đồng Tâm`.
    #[n(1)]
    pub name: String,
    /// `Phường`, `Xã` or `Thị trấn`, `Đặc khu`.
    #[n(2)]
    pub kind: String,
    /// Last day, when the unit was abolished.
    #[n(3)]
    pub valid_to: Option<Date>,
    /// The unit that took its area over (the default one where it was divided); absent while it lives.
    #[n(4)]
    pub successor: Option<WardRef>,
}

impl Ward {
    /// `Phường Đồng Tâm`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.kind, self.name)
    }

    /// The days on which the ward exists.
    #[must_use]
    pub fn span(&self) -> Span {
        Span { from: self.id.valid_from, to: self.valid_to }
    }
}

/// The ward that stands for `ward` today: itself, or the last of its chain of successors.
#[must_use]
pub fn latest_successor(ward: WardRef, wards: &[Ward]) -> WardRef {
    let mut at = ward;
    for _ in 0..wards.len() {
        match wards.iter().find(|candidate| candidate.id == at).and_then(|found| found.successor) {
            Some(next) => at = next,
            None => break,
        }
    }
    at
}

/// The ward itself and every unit that went into it, directly or through others.
#[must_use]
pub fn with_predecessors(ward: WardRef, wards: &[Ward]) -> Vec<WardRef> {
    let mut found = vec![ward];
    let mut next = 0;
    while let Some(at) = found.get(next).copied() {
        next += 1;
        for candidate in wards.iter().filter(|w| w.successor == Some(at)) {
            if !found.contains(&candidate.id) {
                found.push(candidate.id);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reused_code_means_two_wards() {
        let old: WardRef = "08707@2004-07-08".parse().expect("ward");
        let new: WardRef = "08707@2025-07-01".parse().expect("ward");
        assert_ne!(old, new);
        let ward = |id: WardRef, to: Option<&str>, successor| Ward {
            id,
            name: String::new(),
            kind: String::new(),
            valid_to: to.map(|t| t.parse().expect("day")),
            successor,
        };
        let wards = [ward(old, Some("2025-06-30"), Some(new)), ward(new, None, None)];
        assert_eq!(latest_successor(old, &wards), new);
        assert_eq!(with_predecessors(new, &wards), [new, old]);
        for bad in ["8707@2025-07-01", "08707", "0870x@2025-07-01", "08707@2025"] {
            assert_eq!(bad.parse::<WardRef>().map_err(|p| p.code), Err(Code::WardInvalid), "{bad}");
        }
    }
}
