//! What the person in charge says of a record: that it is right as it stood, or that something is missing. Who may say it is
//! decided by [`crate::access::rules`]; how a record stands after it, by [`crate::crdt::confirmation`].

use std::fmt;
use std::str::FromStr;

use minicbor::{Decode, Encode};

use super::error::{Code, Problem};
use super::vocabulary::vocabulary;
use crate::ids::ActorId;

/// Longest reason of a return, in bytes. Register, field and reason together stay under the longest short text.
pub const MAX_REASON: usize = 800;

vocabulary! {
    /// How a record stands with whoever confirms it.
    Standing {
        Logged = "logged", "Chờ xác nhận", "To be confirmed";
        Confirmed = "confirmed", "Đã xác nhận", "Confirmed";
        EditedSince = "edited_since", "Đã sửa sau xác nhận", "Edited since it was confirmed";
        Returned = "returned", "Trả lại để bổ sung", "Returned for completion";
        Mended = "mended", "Đã bổ sung, chờ xác nhận", "Completed, to be confirmed";
    }
}

#[expect(clippy::derivable_impls, reason = "the list of terms derives for itself")]
impl Default for Standing {
    fn default() -> Self {
        Self::Logged
    }
}

impl Standing {
    /// Whether values of it were confirmed: those are what reports count.
    #[must_use]
    pub fn has_confirmed_values(self) -> bool {
        matches!(self, Self::Confirmed | Self::EditedSince)
    }

    /// Whether it waits for whoever confirms it.
    #[must_use]
    pub fn is_waiting(self) -> bool {
        matches!(self, Self::Logged | Self::EditedSince | Self::Mended)
    }
}

/// What was said of a record. It is about the state that its author saw: the heads on which the change that says it builds.
///
/// As text in the register `confirmation`: `confirmed`, or `returned`, the field and the reason on a line each.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Confirmation {
    /// It is right.
    #[n(0)]
    Confirmed,
    /// Something is missing or wrong.
    #[n(1)]
    Returned {
        /// The field it is about, by its name in the document; empty: the record as a whole.
        #[n(0)]
        field: String,
        /// What is to be mended, in the words of who returned it.
        #[n(1)]
        reason: String,
    },
}

impl fmt::Display for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Confirmed => f.write_str("confirmed"),
            Self::Returned { field, reason } => write!(f, "returned\n{field}\n{reason}"),
        }
    }
}

impl FromStr for Confirmation {
    type Err = Problem;

    /// # Errors
    /// [`Code::ChangeMalformed`] for anything else, [`Code::TextEmpty`] and [`Code::TextTooLong`] for the reason.
    fn from_str(text: &str) -> Result<Self, Problem> {
        if text == "confirmed" {
            return Ok(Self::Confirmed);
        }
        let malformed = || Problem::new(Code::ChangeMalformed);
        let (field, reason) =
            text.strip_prefix("returned\n").and_then(|rest| rest.split_once('\n')).ok_or_else(malformed)?;
        if reason.trim().is_empty() {
            return Err(Problem::new(Code::TextEmpty));
        }
        if reason.len() > MAX_REASON {
            return Err(Problem::new(Code::TextTooLong));
        }
        Ok(Self::Returned { field: field.to_owned(), reason: reason.to_owned() })
    }
}

/// How a record stands, as lists and the home screen need it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct StandingLine {
    /// How it stands.
    #[n(0)]
    pub standing: Standing,
    /// Who logged it: by the actor of its first save; `None` before that.
    #[n(1)]
    pub author: Option<ActorId>,
    /// What is to be mended of a returned one.
    #[n(2)]
    pub reason: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_nothing_else_does() {
        let returned =
            Confirmation::Returned { field: "attendance".into(), reason: "Chưa khớp\nvới ảnh".into() };
        for one in [Confirmation::Confirmed, returned] {
            assert_eq!(one.to_string().parse(), Ok(one));
        }
        for (text, code) in [
            ("", Code::ChangeMalformed),
            ("Confirmed", Code::ChangeMalformed),
            ("returned\nattendance", Code::ChangeMalformed),
            ("returned\nattendance\n ", Code::TextEmpty),
            (&format!("returned\n\n{}", "x".repeat(MAX_REASON + 1)), Code::TextTooLong),
        ] {
            assert_eq!(text.parse::<Confirmation>(), Err(Problem::new(code)), "{text}");
        }
    }
}
