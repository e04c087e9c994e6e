//! `/api/v1/join`.
mod post;
