//! What administrators do: the guided set-up of an empty server, and accounts afterwards: added, invited, given back.

pub mod invitations;
pub mod people;
pub mod set_up;
