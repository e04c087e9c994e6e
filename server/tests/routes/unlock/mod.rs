//! `/api/v1/unlock`.
mod post;
