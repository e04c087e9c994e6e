//! Devices that write without pause and know what the server acknowledged.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use donghanh_bench::process::fresh_device;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::crdt::gate;
use donghanh_shared::domain::date::{Date, Millis};
use donghanh_shared::domain::outreach_visit::Form;
use donghanh_shared::ids::{ChangeHash, DocumentId};
use donghanh_shared::sync::wire::PushItem;
use donghanh_sim::http::Http;
use donghanh_sim::{Device, Outcome};

/// The ward of every record.
pub const WARD: &str = "08707@2025-07-01";
/// Records of one device that are edited again and again.
const RECORDS: usize = 40;
/// How long everything that waits may take once nothing fails any more.
const DRAIN: Duration = Duration::from_secs(60);

/// A device and what was saved on it: every change ever made, by its record.
pub struct Worker {
    device: Device<Http>,
    name: String,
    records: Vec<DocumentId>,
    /// Every change made here.
    pub saved: BTreeMap<ChangeHash, DocumentId>,
    number: u64,
}

fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or_default()
}

impl Worker {
    /// Signs one in.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn sign_in(base: &str, number: u8) -> Result<Self> {
        let name = format!("v{number}");
        let device = fresh_device(base, &name, number)?;
        Ok(Self { device, name, records: Vec::new(), saved: BTreeMap::new(), number: 0 })
    }

    /// Saves and sends until told to stop. Whatever does not get through is tried again at once.
    ///
    /// # Errors
    /// When something is refused.
    pub fn work(&mut self, stop: &AtomicBool) -> Result<()> {
        while !stop.load(Ordering::Relaxed) {
            for _ in 0..3 {
                self.save()?;
            }
            self.round()?;
        }
        Ok(())
    }

    fn round(&mut self) -> Result<()> {
        // Fetching too, now and then: a page that is cut must not hurt either.
        let outcome =
            if self.number.is_multiple_of(5) { self.device.sync() } else { self.device.send_waiting() };
        ensure!(!matches!(outcome, Outcome::Differs(_)), "{}: {outcome:?}", self.name);
        if outcome == Outcome::Unreachable {
            std::thread::sleep(Duration::from_millis(10));
        }
        let refused = self.device.store.outbox.values().find_map(|waiting| waiting.refused.clone());
        ensure!(refused.is_none(), "{}: refused {refused:?}", self.name);
        Ok(())
    }

    fn save(&mut self) -> Result<()> {
        self.number += 1;
        let notes = VisitEdit::Notes(format!("{} lần {}", self.name, self.number));
        let before = self.device.store.last_entry;
        if self.records.len() < RECORDS {
            let mut id = [0; 16];
            getrandom::fill(&mut id)?;
            let edits =
                [VisitEdit::Date(Some(Date::of_moment(now()))), VisitEdit::Form(Some(Form::Talk)), notes];
            self.device.create_visit(DocumentId(id), WARD.parse()?, now(), &edits)?;
            self.records.push(DocumentId(id));
        } else {
            let id = self.records[usize::try_from(self.number)? % RECORDS];
            self.device.edit_visit(id, now(), &[notes])?;
        }
        for (_, waiting) in self.device.store.outbox.range(before + 1..) {
            if let PushItem::Change { document, bytes, .. } = &waiting.item {
                self.saved.insert(gate::check(bytes.to_vec())?.hash, *document);
            }
        }
        Ok(())
    }

    /// Sends everything that still waits, now that nothing fails.
    ///
    /// # Errors
    /// When something is refused, or is not taken within a minute.
    pub fn drain(&mut self) -> Result<()> {
        let until = std::time::Instant::now() + DRAIN;
        while !self.device.store.outbox.is_empty() {
            ensure!(std::time::Instant::now() < until, "{}: something waits for ever", self.name);
            self.round()?;
        }
        let outcome = self.device.sync();
        ensure!(outcome == Outcome::UpToDate, "{}: {outcome:?}", self.name);
        Ok(())
    }
}

/// The changes that the server does not give to a fresh device, of all that were saved. The device compares digests too.
///
/// # Errors
/// When it cannot fetch everything, or a digest differs.
pub fn lost(base: &str, workers: &[Worker]) -> Result<usize> {
    let mut device = fresh_device(base, "v0", 250)?;
    let outcome = device.sync();
    ensure!(outcome == Outcome::UpToDate, "a fresh device: {outcome:?}");
    let mut lost = 0;
    let mut loaded = BTreeMap::new();
    for (hash, id) in workers.iter().flat_map(|worker| &worker.saved) {
        if !loaded.contains_key(id) {
            let document = device.store.document(*id).context("a record is not there")??;
            let changes: std::collections::BTreeSet<ChangeHash> =
                document.changes().into_iter().map(|change| change.hash).collect();
            loaded.insert(*id, changes);
        }
        lost += usize::from(!loaded[id].contains(hash));
    }
    Ok(lost)
}
