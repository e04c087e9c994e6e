//! `/api/v1/reports/activity`.
mod get;
mod get_against_the_oracle;
mod pledges;
