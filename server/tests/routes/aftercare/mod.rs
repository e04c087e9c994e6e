//! `/api/v1/aftercare`.
mod managed;
mod rules;
