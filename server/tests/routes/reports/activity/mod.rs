//! `/api/v1/reports/activity`.
mod get;
pub mod get_against_the_oracle;
mod models;
mod pledges;
mod same_as;
