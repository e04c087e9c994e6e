//! `/api/v1/reports/aftercare`.
mod get;
mod get_against_the_oracle;
