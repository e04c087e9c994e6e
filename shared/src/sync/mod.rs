//! How records travel: the wire format, and the session that decides what to send next. Sans-IO: events in, effects
//! out; the browser, the native device and the tests drive the same code.

pub mod offer;
pub mod outbox;
pub mod page;
pub mod parts;
pub mod session;
pub mod stream;
pub mod wire;
