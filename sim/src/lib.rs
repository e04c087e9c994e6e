//! A native device: the phone without its screen. It keeps records and an outbox in memory and drives the very sync
//! session that the browser drives, over HTTP or over any other transport a test hands it. [`process`] lets whoever drives
//! it carry out one effect at a time; [`merge`], [`settle`] and [`store`] follow the rules of the app's `sync`, which needs a
//! browser and cannot be used here.

pub mod device;
pub mod http;
mod offer;
pub mod process;
mod settle;
pub mod store;

pub use device::{Device, Outcome, Transport};
