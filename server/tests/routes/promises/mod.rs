//! Promises to people that span several routes, one file each.

mod aftercare;
mod any_order;
mod at_rest;
mod denied;
mod erasure;
mod many_at_once;
mod modes;
pub mod recovered;
mod reproject;
mod restored_places;
mod restored_rights;
mod two_wards;
