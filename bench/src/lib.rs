//! What measurements and crash tests share: the real binary as a child process.

pub mod process;
