//! `/api/v1/devices`.
mod get;
mod revoke;
