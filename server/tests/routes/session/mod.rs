//! `/api/v1/session`.
mod delete;
mod get;
mod post;
