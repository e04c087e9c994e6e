//! `/api/v1/push`.
mod post;
mod post_bad_input;
mod post_commands;
mod sealed;
