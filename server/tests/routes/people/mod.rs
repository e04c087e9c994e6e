//! `/api/v1/people`.
mod get;
mod post;
mod role;
