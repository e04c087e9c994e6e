//! `/api/v1/me`: what a person sets for themselves.
mod password;
mod totp;
