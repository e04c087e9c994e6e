//! What the field works with: dates, wards, places, organisations, visits, their rules and their words.
//! No Automerge, no wire format: plain values that are right by construction.

pub mod aftercare;
pub mod confirmation;
pub mod count;
pub mod date;
pub mod error;
pub mod fields;
pub mod kind;
pub mod organisation;
pub mod outreach_visit;
pub mod photo;
pub mod place;
pub mod pledge_drive;
pub mod prevention_model;
pub mod register;
pub mod report;
pub mod same_as;
pub mod search;
pub mod summary;
pub mod vocabulary;
pub mod ward;
pub mod work_assignment;

pub use date::{ClockTime, Date};
pub use error::{Code, Problem};
pub use ward::{Ward, WardCode, WardRef};
