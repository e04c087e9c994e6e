//! The processes that merge, from the side of the server: started when one is wanted and none is idle, kept for the next
//! task, given up when they die.

use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread::available_parallelism;

use donghanh_shared::crdt::gate::CheckedChange;
use donghanh_shared::crdt::merge::{Base, Failure};
use donghanh_shared::domain::error::Code;
use donghanh_shared::sync::wire::{from_bytes, to_bytes};

use super::Outcome;
use super::worker::{ARGUMENT, Answer, READY, Task, read_frame, write_frame};

/// Processes without a task.
#[derive(Debug)]
pub struct Pool {
    program: PathBuf,
    /// Most that are kept without a task.
    kept: usize,
    idle: Mutex<Vec<Process>>,
}

/// This very program. Its file may have been replaced by a newer one meanwhile, which speaks another language; Linux has a
/// link to the one that runs.
pub fn own_program() -> PathBuf {
    let own = Path::new("/proc/self/exe");
    if own.exists() { own.to_owned() } else { std::env::current_exe().unwrap_or_default() }
}

impl Pool {
    /// Without a process yet.
    pub fn new(program: PathBuf) -> Self {
        let kept = available_parallelism().map_or(2, usize::from) + 1;
        Self { program, kept, idle: Mutex::default() }
    }

    /// One attempt in one of the processes. That a fresh one died of it is the fault of the changes; whatever else goes wrong is
    /// nobody's, and the phone comes back.
    pub fn attempt(&self, base: Base<'_>, changes: &[&CheckedChange]) -> Result<Outcome, Failure> {
        let task = to_bytes(&Task {
            kind: base.kind,
            id: base.id,
            generation: base.generation,
            document: base.bytes.map(|bytes| bytes.to_vec().into()),
            changes: changes.iter().map(|change| change.bytes.clone().into()).collect(),
        });
        let idle = self.idle().pop();
        if let Some(process) = idle
            && let Ok(answer) = self.ask(process, &task)
        {
            return answer;
        }
        // An idle one may have been dead for a reason of its own: only what a fresh process dies of is looked at.
        let process = Process::start(&self.program).map_err(|error| {
            tracing::error!(%error, "no process for merging can be started");
            Failure::Base
        })?;
        self.ask(process, &task).unwrap_or_else(|died| {
            tracing::warn!(%died, document = %base.id, changes = changes.len(), "a process died of merging");
            Err(if died.by_itself { Failure::Changes(Code::ChangeMalformed) } else { Failure::Base })
        })
    }

    fn ask(&self, mut process: Process, task: &[u8]) -> Result<Result<Outcome, Failure>, Died> {
        match process.ask(task) {
            Ok(answer) => {
                let mut idle = self.idle();
                // More than merge at the same time are never wanted again.
                if idle.len() < self.kept {
                    idle.push(process);
                }
                Ok(answer.result())
            }
            Err(error) => Err(process.end(error)),
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Process>> {
        // Whoever panicked between taking one and giving it back has lost that one alone.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn start(program: &Path) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.arg(ARGUMENT).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped());
        // What a panic says may quote what it was merging.
        command.stderr(Stdio::null());
        // Ctrl-C at the server is for the server.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let mut process = Self { child, input, output: BufReader::new(output) };
        match read_frame(&mut process.output) {
            Ok(Some(ready)) if ready == READY => Ok(process),
            read => {
                let error = read.err().unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into());
                Err(io::Error::other(process.end(error).to_string()))
            }
        }
    }

    fn ask(&mut self, task: &[u8]) -> io::Result<Answer> {
        write_frame(&mut self.input, task)?;
        let answer = read_frame(&mut self.output)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        from_bytes(&answer).map_err(|_| io::ErrorKind::InvalidData.into())
    }

    /// Makes sure that it is gone, and says how it ended.
    fn end(mut self, error: io::Error) -> Died {
        // It may be about to end by itself: its pipe closes a moment before.
        let by_itself = matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe);
        if !by_itself {
            let _ = self.child.kill();
        }
        drop(self.input);
        let status = self.child.wait().ok();
        Died { by_itself: by_itself && status.is_some_and(dies_of_its_task), error, status }
    }
}

/// How a process ended.
#[derive(Debug)]
struct Died {
    /// By what it did: it asked for too much memory or time, or ran into an error. Not by somebody who ended it.
    by_itself: bool,
    error: io::Error,
    status: Option<ExitStatus>,
}

impl std::fmt::Display for Died {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.error)?;
        self.status.map_or(Ok(()), |status| write!(f, " ({status})"))
    }
}

/// The code with which a program of ours ends that panics.
const PANICKED: i32 = 101;

#[cfg(unix)]
fn dies_of_its_task(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    let signals = [
        libc::SIGABRT,
        libc::SIGSEGV,
        libc::SIGBUS,
        libc::SIGILL,
        libc::SIGFPE,
        libc::SIGTRAP,
        libc::SIGPROF,
    ];
    status.signal().is_some_and(|signal| signals.contains(&signal)) || status.code() == Some(PANICKED)
}

#[cfg(not(unix))]
fn dies_of_its_task(status: ExitStatus) -> bool {
    !status.success()
}
