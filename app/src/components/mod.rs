//! The pieces that every screen is made of. They know words and looks; what is recorded they get from their caller.
//!
//! Most are plain functions that return a drawn view: signals go in, callbacks come out.

pub mod action;
pub mod address;
pub mod chart;
pub mod choice;
pub mod dialog;
pub mod dom;
pub mod field;
pub mod icon;
pub mod list;
pub mod navigation;
pub mod notice;
pub mod page;
pub mod stepper;
pub mod still;
pub mod table;
pub mod view;
