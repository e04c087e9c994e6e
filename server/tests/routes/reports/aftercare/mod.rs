//! `/api/v1/reports/aftercare`.
mod due;
mod get;
mod get_against_the_oracle;
mod same_person;
mod transfer;
