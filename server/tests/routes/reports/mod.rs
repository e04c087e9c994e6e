//! `/api/v1/reports`.
pub mod activity;
mod aftercare;
