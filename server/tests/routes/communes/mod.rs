//! `/api/v1/communes`.
mod get;
