//! `/api/v1/rescue`.
mod post;
