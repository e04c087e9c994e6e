//! A native device: the phone without its screen. It keeps records and an outbox in memory and drives the very sync
//! session that the browser drives, over HTTP or over any other transport a test hands it.

pub mod device;
pub mod http;
pub mod store;

pub use device::{Device, Outcome, Transport};
