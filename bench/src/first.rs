//! The first sync of a phone over a bad link, in a ward with ten thousand records.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use donghanh_bench::process::device_through;
use donghanh_shared::ids::DocumentId;
use donghanh_sim::Outcome;
use donghanh_testkit::bench_workload;

use crate::figures::Figures;
use crate::link::{Line, before};
use crate::load::{DEVICES, SAVES, begin, brotli_11, push_only};

/// Visits that each of the twenty devices made.
const RECORDS: usize = 500;
/// 400 kbit/s, 400 ms there and back.
const LINE: Line = Line { bytes_per_s: 50_000.0, one_way: Duration::from_millis(200) };

/// Measures it once.
///
/// # Errors
/// When anything does not come.
pub fn measure(binary: &Path, figures: &mut Figures) -> Result<()> {
    let (server, mut devices) = begin(binary, RECORDS, SAVES)?;
    devices.iter_mut().try_for_each(push_only)?;
    let own: Vec<DocumentId> =
        bench_workload(DEVICES, RECORDS, SAVES)[0].iter().map(|visit| visit.document).collect();

    let mut phone = device_through(&server.base, &before(&server.base, LINE)?, "v0", 200)?;
    let begun = Instant::now();
    let mut usable = None;
    let outcome = phone.sync_and_look(|store| {
        if usable.is_none() && own.iter().all(|id| store.records.contains_key(id)) {
            usable = Some(begun.elapsed().as_secs_f64());
        }
    });
    let complete = begun.elapsed().as_secs_f64();
    ensure!(outcome == Outcome::UpToDate, "{outcome:?}");
    ensure!(phone.store.records.len() == DEVICES * RECORDS, "{} records came", phone.store.records.len());
    figures.add("first_sync_usable_s", usable.unwrap_or(complete), "s");
    // Each record comes with its line for lists: nothing is listed before it is there.
    figures.add("first_sync_summaries_s", complete, "s");
    figures.add("first_sync_complete_s", complete, "s");
    let whole: Vec<u8> =
        phone.store.records.values().flat_map(|record| record.bytes.iter().copied()).collect();
    let received = phone.transport.received as f64;
    figures.add("first_sync_mb", received / 1e6, "MB");
    figures.add("first_sync_requests", phone.transport.requests as f64, "requests");
    figures.add("first_sync_bytes_ratio", received / brotli_11(&whole)? as f64, "ratio");
    server.stop()?;
    Ok(())
}
