//! What somebody hostile tries, and the clear refusal each time.

mod bombs;
mod forged_actor;
mod guesses;
mod headers;
mod invitation_twice;
mod others_device;
mod path_traversal;
mod protocol_version;
mod slow;
mod tampered_seal;
mod token_replay;
