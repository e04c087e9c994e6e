//! Everything that is not under `/api`.
mod get;
