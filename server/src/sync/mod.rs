//! Push and pull, without HTTP: what the routes call, and what tests and the demo call in-process.

pub mod hand_over;
pub mod pull;
pub mod push;
pub mod sealed;
pub mod watch;

pub use pull::pull;
pub use push::push;
