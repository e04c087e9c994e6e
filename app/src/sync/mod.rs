//! The browser's side of the sync session: carries out the session's effects with the store and the transport, and
//! tells the state what changed. It knows no screen and no signal.

mod driver;
mod erased;
mod hints;
pub mod locked;
mod merge;
mod offer;
mod offer_places;
mod page;
mod photos;
mod rebuild;
mod rules;
mod scopes;
mod settle;
pub mod transport;
mod unclaimed;

pub use driver::{Driver, Identity, LAST_CONTACT, Notice, Start};
pub use erased::KEY as ERASED_UNSENT;
pub use rebuild::{added, rebuild};
pub use scopes::{KEY as SCOPES, Scopes};
