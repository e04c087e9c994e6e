//! Push and pull, without HTTP: what the routes call, and what tests and the demo call in-process.

pub mod pull;
pub mod push;

pub use pull::pull;
pub use push::push;
