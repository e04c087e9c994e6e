//! `/api/v1/reports`.
mod activity;
