//! `/api/v1/set-up`.
mod post;
