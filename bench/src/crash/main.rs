//! What the real server survives: killed at random moments under load, a full disk, one that can only be read, one whose
//! `fsync` fails, a clock set back by a day. Every acknowledged change is there afterwards, digests agree, and nobody
//! repaired anything. `cargo xtask crash --times N`; the last line is JSON.
#![allow(clippy::print_stdout, reason = "a command line program speaks through its output")]

mod faults;
mod load;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use donghanh_bench::process::Server;

use self::faults::{FAULTS, Faults};
use self::load::{WARD, Worker, lost};

/// Devices that write at the same time.
const DEVICES: u8 = 4;

/// How hard to try.
#[derive(Parser)]
struct Arguments {
    /// The server's binary.
    #[arg(long)]
    server: PathBuf,
    /// How often it is killed.
    #[arg(long, default_value_t = 200)]
    times: u32,
    /// How often each fault of disk and clock comes and goes.
    #[arg(long, default_value_t = 10)]
    faults: u32,
}

/// A random number below `limit`.
fn below(limit: u64) -> Result<u64> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes) % limit)
}

fn pause(from: u64, to: u64) -> Result<()> {
    std::thread::sleep(Duration::from_millis(from + below(to - from)?));
    Ok(())
}

/// Kills the server and starts it again, also while it starts; gives how many of those there were.
fn kills(server: &mut Server, times: u32) -> Result<u32> {
    let mut during_start = 0;
    for _ in 0..times {
        pause(20, 300)?;
        server.kill()?;
        server.start_again()?;
        if below(4)? == 0 {
            pause(1, 60)?;
            server.kill()?;
            server.start_again()?;
            during_start += 1;
        }
        server.wait_until_it_answers()?;
    }
    Ok(during_start)
}

/// Lets each fault come and go; the server stays up.
fn bad_disk(server: &mut Server, faults: &Faults, times: u32) -> Result<()> {
    for _ in 0..times {
        for fault in FAULTS {
            faults.set(fault, true)?;
            pause(50, 200)?;
            faults.set(fault, false)?;
            pause(20, 100)?;
            server.wait_until_it_answers().with_context(|| format!("after {fault}"))?;
        }
    }
    // Whoever finds the disk broken may also be killed on it.
    for fault in FAULTS {
        faults.set(fault, true)?;
        pause(50, 150)?;
        server.kill()?;
        faults.set(fault, false)?;
        server.start_again()?;
        server.wait_until_it_answers().with_context(|| format!("killed in {fault}"))?;
    }
    Ok(())
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let faults = Faults::build()?;
    let mut server = Server::start_with(&arguments.server, faults.environment())?;
    server.set_up(WARD, usize::from(DEVICES))?;
    let mut workers =
        (0..DEVICES).map(|number| Worker::sign_in(&server.base, number)).collect::<Result<Vec<_>>>()?;
    let stop = AtomicBool::new(false);
    let during_start = std::thread::scope(|scope| {
        let working: Vec<_> = workers.iter_mut().map(|worker| scope.spawn(|| worker.work(&stop))).collect();
        let done = kills(&mut server, arguments.times)
            .and_then(|during_start| bad_disk(&mut server, &faults, arguments.faults).map(|()| during_start));
        stop.store(true, Ordering::Relaxed);
        for one in working {
            one.join().expect("a device does not panic")?;
        }
        done
    })?;
    workers.iter_mut().try_for_each(Worker::drain)?;
    server.kill()?;
    server.start_again()?;
    server.wait_until_it_answers()?;
    let saved: usize = workers.iter().map(|worker| worker.saved.len()).sum();
    let lost = lost(&server.base, &workers)?;
    server.kill()?;
    let sound = is_sound(&server)?;
    let fired = FAULTS.map(|fault| (fault.to_owned(), serde_json::json!(faults.fired(fault))));
    let told = serde_json::json!({
        "kills": arguments.times, "during_start": during_start,
        "faults": serde_json::Map::from_iter(fired),
        "saved": saved, "lost": lost, "sound": sound,
    });
    println!("{told}");
    ensure!(FAULTS.iter().all(|fault| faults.fired(fault) > 0), "a fault was never met");
    ensure!(lost == 0 && sound, "{lost} changes were lost, or the database is damaged");
    Ok(())
}

/// Whether SQLite finds nothing wrong with the database as it was left.
fn is_sound(server: &Server) -> Result<bool> {
    let db = rusqlite::Connection::open(server.database())?;
    let said: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    Ok(said == "ok")
}
