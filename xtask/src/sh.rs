//! Starting other programs: plainly, copying their output into a log, or taking this process over.
//!
//! An error names the command and how it ended. What the commands mean belongs to the subcommands.

use crate::project;
use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

/// `cargo` with `args`, in the root of the project.
pub fn cargo<I: AsRef<OsStr>>(args: impl IntoIterator<Item = I>) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(args).current_dir(project::root());
    command
}

/// Runs the command to its end with our own input and output.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("could not start {}", words(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", words(command));
    }
    Ok(())
}

/// Runs the command and returns what it wrote to standard output.
pub fn read(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("could not start {}", words(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}", words(command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("{} wrote no UTF-8", words(command)))
}

/// Runs the command, shows its output as it comes, and writes the same into `log`.
///
/// Returns whether it succeeded, and all it wrote (both streams, interleaved as they arrived).
pub fn tee(command: &mut Command, log: &Path) -> Result<(bool, String)> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let kept = Arc::new(Mutex::new((Vec::new(), file)));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("could not start {}", words(command)))?;
    let out = child.stdout.take().context("no standard output")?;
    let err = child.stderr.take().context("no standard error")?;
    let copy_err = {
        let kept = Arc::clone(&kept);
        thread::spawn(move || copy(err, std::io::stderr(), &kept))
    };
    copy(out, std::io::stdout(), &kept)?;
    match copy_err.join() {
        Ok(copied) => copied?,
        Err(_) => bail!("the reader of standard error stopped"),
    }
    let status = child.wait()?;
    let text = match kept.lock() {
        Ok(kept) => String::from_utf8_lossy(&kept.0).into_owned(),
        Err(_) => bail!("the log of {} was lost", words(command)),
    };
    Ok((status.success(), text))
}

fn copy(mut from: impl Read, mut to: impl Write, kept: &Mutex<(Vec<u8>, File)>) -> Result<()> {
    let mut buffer = [0_u8; 8192];
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        let bytes = &buffer[..read];
        to.write_all(bytes)?;
        to.flush()?;
        if let Ok(mut kept) = kept.lock() {
            kept.0.extend_from_slice(bytes);
            kept.1.write_all(bytes)?;
        }
    }
}

/// Replaces this process by the command, so that Ctrl-C and exit codes are the command's own.
#[cfg(unix)]
pub fn become_it(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(error).with_context(|| format!("could not start {}", words(command)))
}

/// Runs the command to its end (this system cannot replace a process).
#[cfg(not(unix))]
pub fn become_it(command: &mut Command) -> Result<()> {
    run(command)
}

/// The first of `names` that lies on the search path.
pub fn which(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file()))
}

fn words(command: &Command) -> String {
    let mut text = Path::new(command.get_program())
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tee_keeps_both_streams_and_the_verdict() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("deep/log");
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo err >&2; exit 3"]);
        let (ok, text) = tee(&mut command, &log).unwrap();
        assert!(!ok);
        assert!(text.contains("out\n") && text.contains("err\n"));
        assert_eq!(fs::read_to_string(log).unwrap(), text);
    }

    #[test]
    fn a_failure_names_the_command() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert!(error.contains("sh -c exit 3") && error.contains('3'), "{error}");
    }
}
