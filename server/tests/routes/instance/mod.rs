//! `/api/v1/instance`.
mod get;
