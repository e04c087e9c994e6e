//! `/api/v1/audit`.
mod get;
