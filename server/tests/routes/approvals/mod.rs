//! `/api/v1/approvals`.
mod post;
