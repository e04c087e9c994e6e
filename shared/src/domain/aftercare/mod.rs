//! After-care (quản lý sau cai): the terms, the typed parts of a case, the dated rules, and what follows from them. Pure
//! functions of what the documents say, the rules and a day, so that phone and server compute the same without each other.
//!
//! - [`rules`]: the dated rules as data, with those that ship;
//! - [`terms`]: the closed lists of words;
//! - [`case`], [`restricted`], [`check_in`]: the four documents of a case as typed values;
//! - [`events`]: what happened to a case, and how it stands by it;
//! - [`schedule`]: when somebody is to be met, and how that went;
//! - [`same_person`]: cases of one person, begun twice;
//! - [`support`]: what support the person got;
//! - [`services`]: where people are sent for help.

pub mod case;
pub mod check_in;
pub mod events;
pub mod line;
mod parts;
pub mod restricted;
pub mod rules;
pub mod same_person;
pub mod schedule;
pub mod services;
pub mod support;
pub mod terms;

pub use case::AftercareCase;
pub use check_in::{CheckIn, CheckInRestricted};
pub use parts::{Contact, Event, Support};
pub use restricted::AftercareRestricted;
pub use rules::AftercareRules;

use super::vocabulary::vocabulary;

vocabulary! {
    /// How a case stands, as its core says.
    CaseStatus {
        Managed = "managed", "đang quản lý", "under after-care";
        Absent = "absent", "vắng mặt nơi cư trú", "absent";
        InTreatment = "in_treatment", "cai nghiện lại", "back in treatment";
        Detained = "detained", "đang bị giam giữ", "detained";
        Completed = "completed", "đã hoàn thành", "completed";
        Died = "died", "đã mất", "died";
        Dropped = "dropped", "đã dừng quản lý", "dropped";
    }
}

impl CaseStatus {
    /// Whether somebody still looks after the person.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Managed | Self::Absent | Self::InTreatment | Self::Detained)
    }

    /// Whether visits are due. Not while somebody else has charge of the person (treatment, detention); an absent person
    /// is still to be looked for.
    #[must_use]
    pub fn is_visited(self) -> bool {
        matches!(self, Self::Managed | Self::Absent)
    }
}
