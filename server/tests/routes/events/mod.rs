//! `/api/v1/events`.
mod get;
