//! Faults of the disk and the clock, put before the C library of the server by a small library of our own.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

const SOURCE: &str = include_str!("faults.c");

/// What can be made to fail.
pub const FAULTS: [&str; 4] = ["fsync", "full", "readonly", "clock"];

/// The library, built, and the folder by which it is told what to do.
pub struct Faults {
    folder: TempDir,
    library: PathBuf,
}

impl Faults {
    /// Builds the library with the C compiler that SQLite was built with.
    ///
    /// # Errors
    /// When there is none.
    pub fn build() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (source, library) = (folder.path().join("faults.c"), folder.path().join("faults.so"));
        std::fs::write(&source, SOURCE)?;
        let mut compiler = Command::new("cc");
        compiler
            .args(["-shared", "-fPIC", "-O1", "-Wno-nonnull", "-o"])
            .arg(&library)
            .arg(&source)
            .arg("-ldl");
        ensure!(compiler.status().context("cc does not start")?.success(), "the faults do not compile");
        Ok(Self { folder, library })
    }

    /// With this a server meets them.
    #[must_use]
    pub fn environment(&self) -> Vec<(OsString, OsString)> {
        let pair = |name: &str, value: &std::path::Path| (name.into(), value.into());
        vec![pair("LD_PRELOAD", &self.library), pair("DONGHANH_FAULTS", self.folder.path())]
    }

    /// Begins or ends a fault.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn set(&self, fault: &str, on: bool) -> Result<()> {
        let file = self.folder.path().join(fault);
        if on {
            std::fs::write(file, "")?
        } else {
            std::fs::remove_file(file)?
        }
        Ok(())
    }

    /// How often a fault was met.
    #[must_use]
    pub fn fired(&self, fault: &str) -> u64 {
        let file = self.folder.path().join(format!("{fault}.fired"));
        std::fs::metadata(file).map_or(0, |told| told.len())
    }
}
