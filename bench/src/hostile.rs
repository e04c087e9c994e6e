//! What bytes cost that want to hurt: each of the corpus and of the known shapes, sent to the real server as a body and as a
//! change, with the processor time and the memory that the server and its processes used for it.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use donghanh_bench::process::{PASSWORD, Server};
use donghanh_shared::command::Command;
use donghanh_shared::crdt::Kind;
use donghanh_shared::ids::{CommandId, DeviceId, DocumentId, InstanceId};
use donghanh_shared::sync::session::Route;
use donghanh_shared::sync::wire::{PROTOCOL, PushItem, PushRequest, deflate, to_bytes};
use donghanh_sim::device::Transport as _;
use donghanh_sim::http::{Http, sign_in};
use donghanh_testkit::hostile::{self, MADE, on_new};

use crate::figures::Figures;
use crate::load::WARD;

/// Each is sent so often; the cheapest counts: the server has other things to do too.
const TIMES: u8 = 3;

struct Sender {
    server: Server,
    http: Http,
    instance: InstanceId,
    device: DeviceId,
    batch: u64,
}

struct Cost {
    ms: f64,
    mb: f64,
}

/// Measures all of them once.
///
/// # Errors
/// When the server does not answer one, or no longer takes what is good.
pub fn measure(binary: &Path, corpus: &Path, figures: &mut Figures) -> Result<()> {
    let mut sender = Sender::begin(binary)?;
    let ordinary = sender.cost(|sender, _| {
        let body = sender.batch(vec![]);
        sender.send(&body)
    })?;
    let (mut worst, mut worst_mb) = (("nothing".to_owned(), 0.0), 0.0);
    let inputs = inputs(corpus)?;
    for (name, bytes) in &inputs {
        let whole = sender.cost(|sender, _| sender.send(bytes))?;
        let compressed = deflate(bytes);
        let inside = sender.cost(|sender, _| sender.send(&compressed))?;
        let change = sender.cost(|sender, document| {
            let bytes = on_new(bytes, Kind::OutreachVisit, document).into();
            let body = sender.batch(vec![PushItem::Change { document, generation: 0, bytes }]);
            sender.send(&body)
        })?;
        for (how, cost) in [("body", whole), ("deflated", inside), ("change", change)] {
            let above = cost.ms - ordinary.ms;
            if above > worst.1 {
                worst = (format!("{name} as {how}"), above);
            }
            worst_mb = cost.mb.max(worst_mb);
        }
    }
    // Whatever came, what is good is taken as before.
    let body = sender.batch(vec![begin_visit(DocumentId([0xee; 16]))]);
    sender.send(&body)?;
    ensure!(sender.server.wait_until_it_answers().is_ok(), "the server is gone");
    eprintln!("worst: {} {:.2} ms", worst.0, worst.1);
    figures.add("hostile_inputs", inputs.len() as f64, "inputs");
    figures.add("worst_hostile_request_ms", worst.1, "ms");
    figures.add("worst_hostile_request_mb", worst_mb, "MB");
    sender.server.stop()?;
    Ok(())
}

fn inputs(corpus: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut all: Vec<(String, Vec<u8>)> =
        hostile::all().into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
    for folder in std::fs::read_dir(corpus).context("the corpus")? {
        for file in std::fs::read_dir(folder?.path())? {
            let path = file?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            all.push((name.unwrap_or_default(), std::fs::read(&path)?));
        }
    }
    Ok(all)
}

fn document(number: u8) -> DocumentId {
    // The first is the one that the corpus speaks of.
    DocumentId([7 + number; 16])
}

fn begin_visit(document: DocumentId) -> PushItem {
    let command =
        Command::CreateDocument { document, kind: Kind::OutreachVisit, ward: WARD.parse().expect("a ward") };
    PushItem::Command { id: CommandId(document.0), at: MADE, command }
}

impl Sender {
    fn begin(binary: &Path) -> Result<Self> {
        let server = Server::start(binary)?;
        server.set_up(WARD, 1)?;
        let signed_in = sign_in(&server.base, "v0", PASSWORD)?;
        let http = Http::new(&server.base, &signed_in.token);
        let mut sender =
            Self { http, instance: signed_in.instance, device: signed_in.device, batch: 0, server };
        for number in 0..TIMES {
            let body = sender.batch(vec![begin_visit(document(number))]);
            ensure!(sender.send(&body)? == 200, "a visit is begun");
        }
        Ok(sender)
    }

    fn batch(&mut self, items: Vec<PushItem>) -> Vec<u8> {
        self.batch += 1;
        let (version, instance, device) = (PROTOCOL, self.instance, self.device);
        deflate(&to_bytes(&PushRequest { version, instance, device, epoch: 1, batch: self.batch, items }))
    }

    fn send(&mut self, body: &[u8]) -> Result<u16> {
        let (status, _) = self.http.send(Route::Push, body).context("the server does not answer")?;
        ensure!((200..500).contains(&status), "it answered {status}");
        Ok(status)
    }

    fn cost(&mut self, mut send: impl FnMut(&mut Self, DocumentId) -> Result<u16>) -> Result<Cost> {
        let mut least = Cost { ms: f64::MAX, mb: f64::MAX };
        for number in 0..TIMES {
            self.server.forget_peak()?;
            let (ms, mb) = (self.server.threads_ms()?, self.server.rss_mb()?);
            send(self, document(number))?;
            least.ms = least.ms.min(self.server.threads_ms()? - ms);
            least.mb = least.mb.min(self.server.peak_rss_mb()? - mb);
        }
        Ok(least)
    }
}
