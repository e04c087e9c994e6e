//! Twenty native devices with what they did offline, all at once; then a fresh device; then one with nothing new.

use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use anyhow::{Result, ensure};
use donghanh_bench::process::{Server, fresh_device};
use donghanh_sim::http::Http;
use donghanh_sim::{Device, Outcome};
use donghanh_testkit::bench_workload;

use crate::figures::Figures;

/// The ward of every record.
pub const WARD: &str = "08707@2025-07-01";
/// Devices, each of its own volunteer.
pub const DEVICES: usize = 20;
/// Visits that each made.
pub const RECORDS: usize = 250;
/// Times that each visit was saved.
pub const SAVES: usize = 5;

/// What a run took us, for comparison.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ours {
    /// Everything sent.
    pub push_s: f64,
    /// Everything fetched by a fresh device.
    pub pull_s: f64,
    /// Bodies of what it fetched.
    pub pull_bytes: f64,
    /// Bodies of a round with nothing new.
    pub idle_bytes: f64,
}

/// A server, and the devices of its volunteers with what each did offline: so many records, saved so many times.
///
/// # Errors
/// When the server does not start, or an edit is refused.
pub fn begin(binary: &Path, records: usize, saves: usize) -> Result<(Server, Vec<Device<Http>>)> {
    let server = Server::start(binary)?;
    server.set_up(WARD, DEVICES)?;
    let mut devices = Vec::new();
    for number in 0..DEVICES {
        devices.push(fresh_device(&server.base, &format!("v{number}"), number as u8)?);
    }
    work_offline(&mut devices, records, saves)?;
    Ok((server, devices))
}

/// Fills the devices' stores and outboxes.
fn work_offline(devices: &mut [Device<Http>], records: usize, saves: usize) -> Result<()> {
    let ward = WARD.parse()?;
    for (device, visits) in devices.iter_mut().zip(bench_workload(DEVICES, records, saves)) {
        for visit in visits {
            let (first, rest) = visit.saves.split_first().expect("a visit has a first save");
            device.create_visit(visit.document, ward, first.at, &first.edits)?;
            for save in rest {
                device.edit_visit(visit.document, save.at, &save.edits)?;
            }
        }
    }
    Ok(())
}

/// Measures push, pull, an idle reconnect, memory and disk once.
///
/// # Errors
/// When anything is not taken or does not come back.
pub fn measure(binary: &Path, figures: &mut Figures) -> Result<Ours> {
    let (server, mut devices) = begin(binary, RECORDS, SAVES)?;
    let entries: usize = devices.iter().map(|device| device.store.outbox.len()).sum();
    let changes = entries - DEVICES * RECORDS;
    let (started, used) = (Instant::now(), server.cpu_s()?);
    std::thread::scope(|scope| {
        let pushes: Vec<_> = devices.iter_mut().map(|device| scope.spawn(|| push_only(device))).collect();
        pushes.into_iter().try_for_each(|push| push.join().expect("a device does not panic"))
    })?;
    let seconds = started.elapsed().as_secs_f64();
    figures.add("push_changes_per_s", changes as f64 / seconds, "changes/s");
    figures.add("push_changes", changes as f64, "changes");
    figures.add("push_cpu_s", server.cpu_s()? - used, "s");
    let ours = pull_and_idle(&server, figures)?;
    figures.add("server_rss_mb", server.peak_rss_mb()?, "MB");
    figures.add("server_disk_mb", server.stop()?, "MB");
    Ok(Ours { push_s: seconds, ..ours })
}

/// Sends everything; ends when the server has acknowledged all of it, before anything is fetched.
///
/// # Errors
/// When anything is not taken.
pub fn push_only(device: &mut Device<Http>) -> Result<()> {
    let outcome = device.send_waiting();
    ensure!(
        device.store.outbox.is_empty(),
        "{} entries were not taken: {outcome:?}",
        device.store.outbox.len()
    );
    Ok(())
}

fn pull_and_idle(server: &Server, figures: &mut Figures) -> Result<Ours> {
    let mut device = fresh_device(&server.base, "v0", 200)?;
    let started = Instant::now();
    let outcome = device.sync();
    let pull_s = started.elapsed().as_secs_f64();
    figures.add("pull_s", pull_s, "s");
    let records = device.store.records.len();
    ensure!(outcome == Outcome::UpToDate, "{outcome:?}");
    ensure!(records == DEVICES * RECORDS, "{records} records came");
    let pull_bytes = device.transport.received as f64;
    figures.add("pull_bytes_per_record", pull_bytes / records as f64, "B");
    let whole: Vec<u8> =
        device.store.records.values().flat_map(|record| record.bytes.iter().copied()).collect();
    figures.add("pull_bytes_ratio", pull_bytes / brotli_11(&whole)? as f64, "ratio");
    let (sent, received) = (device.transport.sent, device.transport.received);
    let outcome = device.sync();
    ensure!(outcome == Outcome::UpToDate, "{outcome:?}");
    let idle_bytes = (device.transport.sent + device.transport.received - sent - received) as f64;
    figures.add("idle_reconnect_bytes", idle_bytes, "B");
    Ok(Ours { push_s: 0.0, pull_s, pull_bytes, idle_bytes })
}

/// The bytes in one piece, as small as brotli makes them.
///
/// # Errors
/// None that a `Vec` gives.
pub fn brotli_11(bytes: &[u8]) -> Result<usize> {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 1 << 16, 11, 24);
    writer.write_all(bytes)?;
    Ok(writer.into_inner().len())
}
