//! `/api/v1/reports`.
mod activity;
mod aftercare;
