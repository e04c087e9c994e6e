//! `/api/v1/pull`.
mod mend;
mod post;
