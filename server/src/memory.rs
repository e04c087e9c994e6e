//! Tells the C library's allocator what becomes of freed memory: the server gives it back early, to be small on a small
//! machine; the process that merges keeps what it has, which is limited.

/// Heaps shared by the threads.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const ARENAS: i32 = 2;
/// From this size on, a buffer gets pages of its own, which go back when it is freed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const OWN_PAGES: i32 = 64 << 10;
/// This much free memory at the end of a heap goes back.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const TRIM: i32 = 128 << 10;

/// Must be called before the first thread starts. Measured with 25,000 changes from twenty phones at once: without it
/// glibc keeps more than 200 MB, with it less than half of that.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "glibc offers these settings through mallopt and the environment only")]
pub fn give_back_early() {
    // SAFETY: `mallopt` takes plain numbers and is called before any other thread exists. A setting that this C library
    // does not know is passed over.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, ARENAS);
        libc::mallopt(libc::M_MMAP_THRESHOLD, OWN_PAGES);
        libc::mallopt(libc::M_TRIM_THRESHOLD, TRIM);
    }
}

/// Memory that the process that merges keeps for the next document. Merging one takes and frees some hundred kilobytes; with
/// the usual settings each of them goes back to the system and is asked for again.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const KEPT: i32 = 32 << 20;

/// Must be called before the first thread starts.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "glibc offers these settings through mallopt and the environment only")]
pub fn keep() {
    // SAFETY: as above.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, KEPT);
        libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT);
    }
}

/// Other C libraries are left as they are.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn keep() {}

/// Other C libraries are left as they are.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back_early() {}
