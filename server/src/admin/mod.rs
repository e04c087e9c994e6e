//! What administrators do: the guided set-up of an empty server, and accounts afterwards: added, invited, given
//! back, given another role, ended; and what of it takes two.

pub mod aftercare;
pub mod erasure;
pub mod invitations;
pub mod people;
pub mod roles;
pub mod second_person;
pub mod set_up;
