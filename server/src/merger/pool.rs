//! The processes that merge, from the side of the server: started when one is wanted and none is idle, kept for the next
//! task, given up when they die.

use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use donghanh_shared::crdt::gate::CheckedChange;
use donghanh_shared::crdt::merge::{Base, Failure};
use donghanh_shared::domain::error::Code;
use donghanh_shared::sync::wire::{from_bytes, to_bytes};

use super::Outcome;
use super::worker::{ARGUMENT, Answer, Task, read_frame, write_frame};

/// Processes without a task.
#[derive(Debug)]
pub struct Pool {
    program: PathBuf,
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
        Self { program, idle: Mutex::default() }
    }

    /// One attempt in one of the processes. That it died is the fault of the changes.
    pub fn attempt(&self, base: Base<'_>, changes: &[&CheckedChange]) -> Result<Outcome, Failure> {
        let task = to_bytes(&Task {
            kind: base.kind,
            id: base.id,
            generation: base.generation,
            document: base.bytes.map(|bytes| bytes.to_vec().into()),
            changes: changes.iter().map(|change| change.bytes.clone().into()).collect(),
        });
        let idle = self.idle().pop();
        let mut process = match idle.map_or_else(|| Process::start(&self.program), Ok) {
            Ok(process) => process,
            Err(error) => {
                tracing::error!(%error, "no process for merging can be started");
                return Err(Failure::Base);
            }
        };
        match process.ask(&task) {
            Ok(answer) => {
                self.idle().push(process);
                answer.result()
            }
            Err(error) => {
                let status = process.end();
                tracing::warn!(%error, ?status, document = %base.id, changes = changes.len(), "a process died of merging");
                Err(Failure::Changes(Code::ChangeMalformed))
            }
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
        let mut child = Command::new(program)
            .arg(ARGUMENT)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What a panic says may quote what it was merging.
            .stderr(Stdio::null())
            .spawn()?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(input), Some(output)) => Ok(Self { child, input, output: BufReader::new(output) }),
            _ => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn ask(&mut self, task: &[u8]) -> io::Result<Answer> {
        write_frame(&mut self.input, task)?;
        let answer = read_frame(&mut self.output)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        from_bytes(&answer).map_err(|_| io::ErrorKind::InvalidData.into())
    }

    /// Makes sure that it is gone, and says how it ended.
    fn end(mut self) -> Option<std::process::ExitStatus> {
        let _ = self.child.kill();
        self.child.wait().ok()
    }
}
