//! Promises to people that span several routes, one file each.

mod any_order;
mod many_at_once;
mod modes;
mod reproject;
mod two_wards;
