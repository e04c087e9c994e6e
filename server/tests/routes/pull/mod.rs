//! `/api/v1/pull`.
mod post;
