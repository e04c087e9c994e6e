//! `/api/v1/hand-over`.
mod post;
