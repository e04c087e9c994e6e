//! Reports: the counting rules of the domain applied to sums of the projections. Reads no document and writes nothing.

pub mod activity;
pub mod aftercare;
pub mod models;
pub mod pledges;
