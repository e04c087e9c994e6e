//! `/api/v1/openapi.json`.
mod get;
