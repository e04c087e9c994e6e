//! What administrators do: the guided set-up of an empty server, and accounts afterwards.

pub mod people;
pub mod set_up;
