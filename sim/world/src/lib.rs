//! Seeded schedules of devices and a server, with faults, judged by a plain oracle.
//!
//! A schedule is a [`plan`]: steps drawn from a seed. A [`world`] carries it out: the real sync session on devices without a
//! screen (`donghanh-sim`), the real server in this process through its router, a clock that is moved by hand. The devices'
//! syncs move by single effects, so that they interleave and may be cut off between any two. The [`oracle`] hears what people
//! saved and what the server said, and the [`judge`] compares that with what lies where in the end. A [`canary`] is a known bug
//! put between the two, which must be caught.
//!
//! Defects of the product that were found here and are not mended yet are listed in [`oracle::Open`]: each is told from anything
//! new by what it looks like, and counted on a line of its own.
//!
//! Not simulated yet: pictures, rescue files, taking in what was handed over, records of a class that an older app does not know, a
//! ledger that was put back too. The server dies between requests, not within one: an answer that was lost and a server that was
//! killed after it are two faults that may fall together. A hand-over is never cut. What a device does with pages and answers are the
//! app's rules written a second time, because the app's own need a browser; what is pure in them is shared.

pub mod canary;
pub mod faults;
pub mod hear;
pub mod judge;
pub mod locked;
pub mod machine;
pub mod oracle;
pub mod people;
pub mod plan;
pub mod restore;
pub mod rng;
pub mod run;
pub mod server;
pub mod steps;
pub mod template;
pub mod versions;
pub mod world;
