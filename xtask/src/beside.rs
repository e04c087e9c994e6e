//! The app, built beside the steps that do not need it: at its end its linker keeps one core busy and leaves the others idle.
//!
//! Here: starting the build, and waiting for what came of it. How the app is built belongs to [`crate::app`].

use crate::{project, sh};
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A build of the app that goes on by itself; dropped before its end, it is stopped.
#[derive(Default)]
pub struct Beside {
    build: Option<Build>,
}

struct Build {
    child: Child,
    log: PathBuf,
}

impl Beside {
    /// Starts `cargo xtask app`, which writes into `log`.
    pub fn start(&mut self, log: PathBuf) -> Result<()> {
        if let Some(folder) = log.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = File::create(&log).with_context(|| format!("cannot write {}", project::shown(&log)))?;
        let mut app = Command::new(std::env::current_exe()?);
        app.arg("app").current_dir(project::root()).stdin(Stdio::null());
        let child =
            app.stderr(file.try_clone()?).stdout(file).spawn().context("could not start the build")?;
        self.build = Some(Build { child, log });
        Ok(())
    }

    /// Waits for the app and shows what its build said. Builds it here when nothing was started.
    pub fn finish(&mut self) -> Result<()> {
        let Some(Build { mut child, log }) = self.build.take() else {
            return sh::run(Command::new(std::env::current_exe()?).arg("app"));
        };
        let status = child.wait()?;
        print!("{}", fs::read_to_string(&log).unwrap_or_default());
        if !status.success() {
            bail!("the build of the app ended with {status}");
        }
        Ok(())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if let Some(build) = &mut self.build {
            // A step before failed: nobody waits for the app any more.
            let _ = build.child.kill();
            let _ = build.child.wait();
        }
    }
}
