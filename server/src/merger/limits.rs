//! What the process that merges may use.

use std::io;

/// Memory of its own (heap and mappings), in bytes: what is merged at most is [`MAX_DOCUMENT_OPS`] operations in
/// [`MAX_DOCUMENT_BYTES`], twice.
///
/// [`MAX_DOCUMENT_OPS`]: donghanh_shared::crdt::merge::MAX_DOCUMENT_OPS
/// [`MAX_DOCUMENT_BYTES`]: donghanh_shared::crdt::merge::MAX_DOCUMENT_BYTES
const MEMORY: u64 = 64 << 20;
/// Time on a core for one task, in seconds. A build without optimisation is an order of magnitude slower.
const TASK_SECONDS: i64 = if cfg!(debug_assertions) { 20 } else { 2 };

/// Limits the memory, and leaves nothing of what it held behind when it dies. That the server is told to end is not for this
/// process: it ends when nobody asks it any more.
///
/// # Errors
/// What the system says.
#[cfg(unix)]
pub fn of_process() -> io::Result<()> {
    limit(libc::RLIMIT_DATA, MEMORY)?;
    limit(libc::RLIMIT_CORE, 0)?;
    pass_over(libc::SIGTERM)?;
    pass_over(libc::SIGINT)
}

#[cfg(unix)]
#[expect(unsafe_code, reason = "what a signal does is set through the C library")]
fn pass_over(signal: libc::c_int) -> io::Result<()> {
    // SAFETY: the process has one thread, and no handler is installed.
    let before = unsafe { libc::signal(signal, libc::SIG_IGN) };
    if before == libc::SIG_ERR { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Starts the clock: when the time of a task is over, the system ends the process.
///
/// # Errors
/// What the system says.
#[cfg(unix)]
pub fn begin_task() -> io::Result<()> {
    end_after(TASK_SECONDS)
}

/// Stops the clock.
///
/// # Errors
/// What the system says.
#[cfg(unix)]
pub fn end_task() -> io::Result<()> {
    end_after(0)
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
type Resource = libc::__rlimit_resource_t;
#[cfg(all(unix, not(all(target_os = "linux", target_env = "gnu"))))]
type Resource = libc::c_int;

#[cfg(unix)]
#[expect(unsafe_code, reason = "limits are set through the C library")]
fn limit(what: Resource, most: u64) -> io::Result<()> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is to a value that outlives the call.
    succeeded(unsafe { libc::getrlimit(what, &raw mut limit) })?;
    // A lower one set by whoever runs the server stands.
    let most = limit.rlim_max.min(most);
    let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
    // SAFETY: the same.
    succeeded(unsafe { libc::setrlimit(what, &raw const limit) })
}

#[cfg(unix)]
#[expect(unsafe_code, reason = "the timer of the process is set through the C library")]
fn end_after(seconds: i64) -> io::Result<()> {
    let none = libc::timeval { tv_sec: 0, tv_usec: 0 };
    let timer = libc::itimerval { it_interval: none, it_value: libc::timeval { tv_sec: seconds, ..none } };
    // SAFETY: both pointers are to values that outlive the call, or null where that is allowed.
    succeeded(unsafe { libc::setitimer(libc::ITIMER_PROF, &raw const timer, std::ptr::null_mut()) })
}

#[cfg(unix)]
fn succeeded(code: libc::c_int) -> io::Result<()> {
    if code == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Other systems have no such limits: the process dies by itself, or not at all.
#[cfg(not(unix))]
mod elsewhere {
    use std::io;

    pub fn of_process() -> io::Result<()> {
        Ok(())
    }
    pub fn begin_task() -> io::Result<()> {
        Ok(())
    }
    pub fn end_task() -> io::Result<()> {
        Ok(())
    }
}
#[cfg(not(unix))]
pub use elsewhere::{begin_task, end_task, of_process};
