//! The core of Đồng Hành that phone and server share.
//!
//! Layers, each importing only what stands left of it:
//! [`ids`] → [`domain`] → { [`access`], [`crdt`] } → [`command`] → [`sync`] → [`seal`].
//!
//! Nothing here reads a clock, draws a random number, opens a file, a socket or a database: callers hand in
//! times and identifiers. It builds for native targets and for `wasm32-unknown-unknown` alike.

pub mod access;
pub mod command;
pub mod crdt;
pub mod domain;
pub mod ids;
pub mod seal;
pub mod sync;
