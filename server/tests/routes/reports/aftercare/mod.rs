//! `/api/v1/reports/aftercare`.
mod get;
