//! `/healthz`.
mod get;
