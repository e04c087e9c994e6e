//! Seeded, believable activity for the demo, the tests and the benches; and an independent calculation of what a report
//! of it must say.
//!
//! Everything is a function of [`Options`]: no clock, no randomness of its own, no files read at run time. The same
//! options always give the same [`World`], byte for byte.
//!
//! ```
//! use donghanh_testkit::{Options, World};
//!
//! let options = Options { scale: 0.05, ..Options::demo("2025-11-20".parse()?) };
//! let world = World::generate(&options);
//! assert_eq!(world.wards.len(), 11);
//! assert_eq!(world, World::generate(&options));
//! # Ok::<(), donghanh_shared::domain::Problem>(())
//! ```

pub mod hostile;
pub mod oracle;

mod aftercare;
mod assignments;
mod confirmations;
mod drives;
mod models;
mod names;
mod people;
mod places;
mod public_reports;
mod random;
mod same_as;
mod visits;
mod workload;
mod world;

pub use aftercare::{CareSave, GeneratedCase};
pub use public_reports::public_reports;
pub use workload::bench_workload;
pub use world::{
    DEMO_PASSWORD, DemoSignIn, DriveSave, GeneratedAssignment, GeneratedDrive, GeneratedModel,
    GeneratedVisit, ModelSave, Options, Person, Save, World,
};
