//! A server comes back and everybody is there at once: five hundred native devices with what they did meanwhile, beside
//! clients that stop in the middle of a request.

use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use donghanh_bench::process::{PASSWORD, Server};
use donghanh_shared::ids::ActorId;
use donghanh_shared::sync::session::{Config, Route};
use donghanh_sim::Device;
use donghanh_sim::device::Transport;
use donghanh_sim::http::{Http, sign_in};
use donghanh_sim::store::Store;
use donghanh_testkit::bench_workload;

use crate::figures::Figures;
use crate::load::WARD;

/// Devices, of so many people.
const DEVICES: usize = 500;
const PEOPLE: usize = 50;
/// Records that each did not send yet.
const RECORDS: usize = 20;
/// So many people the workload's records are of, whoever sends them.
const AUTHORS: usize = 40;
/// Clients that begin a request and say nothing more, or never read what they asked for.
const HALF_OPEN: usize = 60;
/// Within this time everything has to be through.
const PATIENCE: Duration = Duration::from_secs(180);

/// Notes how long each request took that was answered.
struct Timed {
    http: Http,
    took: Vec<Duration>,
}

impl Transport for Timed {
    fn send(&mut self, route: Route, body: &[u8]) -> Option<(u16, Vec<u8>)> {
        let begin = Instant::now();
        let answer = self.http.send(route, body);
        if answer.as_ref().is_some_and(|(status, _)| *status == 200) {
            self.took.push(begin.elapsed());
        }
        answer
    }
}

/// Measures it once.
///
/// # Errors
/// When a device is refused for good, or does not get through.
pub fn measure(binary: &Path, figures: &mut Figures) -> Result<()> {
    let mut server = Server::start(binary)?;
    server.set_up(WARD, PEOPLE)?;
    let mut devices = sign_all_in(&server.base)?;
    let records = work_offline(&mut devices)?;
    let half_open = half_open(&server.base)?;
    let begin = Instant::now();
    let drained: Vec<Result<()>> = std::thread::scope(|scope| {
        let running: Vec<_> =
            devices.iter_mut().enumerate().map(|(n, device)| scope.spawn(move || drain(device, n))).collect();
        running.into_iter().map(|one| one.join().expect("a device does not panic")).collect()
    });
    let seconds = begin.elapsed().as_secs_f64();
    drained.into_iter().collect::<Result<()>>()?;
    drop(half_open);
    let mut took: Vec<Duration> =
        devices.iter().flat_map(|device| device.transport.took.iter().copied()).collect();
    took.sort_unstable();
    let p99 = took.get(took.len() * 99 / 100).context("nothing was sent")?;
    figures.add("storm_drain_s", seconds, "s");
    figures.add("storm_p99_ms", p99.as_secs_f64() * 1_000.0, "ms");
    figures.add("storm_rss_mb", server.peak_rss_mb()?, "MB");
    figures.add("storm_records", records as f64, "records");
    server.wait_until_it_answers()
}

/// Signs every device in, a few at a time: each sign-in makes the server work on a password.
fn sign_all_in(base: &str) -> Result<Vec<Device<Timed>>> {
    let one = |number: usize| -> Result<Device<Timed>> {
        let signed_in = sign_in(base, &format!("v{}", number % PEOPLE), PASSWORD)?;
        let mut actor = [0; 16];
        getrandom::fill(&mut actor)?;
        let (instance, device) = (signed_in.instance, signed_in.device);
        let config = Config { instance, device, jitter_seed: number as u64 };
        let timed = Timed { http: Http::new(base, &signed_in.token), took: Vec::new() };
        Ok(Device::start(config, Store::default(), ActorId(actor), timed))
    };
    let quarters = std::thread::scope(|scope| {
        let quarter =
            |at: usize| scope.spawn(move || (at..DEVICES).step_by(4).map(one).collect::<Result<Vec<_>>>());
        let running: Vec<_> = (0..4).map(quarter).collect();
        running.into_iter().map(|one| one.join().expect("no panic")).collect::<Result<Vec<_>>>()
    })?;
    Ok(quarters.into_iter().flatten().collect())
}

/// Fills stores and outboxes; gives the number of records.
fn work_offline(devices: &mut [Device<Timed>]) -> Result<usize> {
    let ward = WARD.parse()?;
    let visits: Vec<_> =
        bench_workload(AUTHORS, DEVICES * RECORDS / AUTHORS, 1).into_iter().flatten().collect();
    for (device, visits) in devices.iter_mut().zip(visits.chunks(RECORDS)) {
        for visit in visits {
            let save = visit.saves.first().context("a visit has a first save")?;
            device.create_visit(visit.document, ward, save.at, &save.edits)?;
        }
    }
    Ok(visits.len())
}

/// Begins requests that never end: headers cut, a body that does not come, an answer that nobody reads.
fn half_open(base: &str) -> Result<Vec<TcpStream>> {
    let address = base.strip_prefix("http://").context("an address")?;
    let beginnings = [
        "POST /api/v1/push HTTP/1.1\r\nhost: x\r\nauthor".to_owned(),
        "POST /api/v1/push HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\nabc".to_owned(),
        "GET / HTTP/1.1\r\nhost: x\r\n\r\n".repeat(200),
    ];
    (0..HALF_OPEN)
        .map(|number| {
            let mut stream = TcpStream::connect(address)?;
            stream.write_all(beginnings[number % beginnings.len()].as_bytes())?;
            Ok(stream)
        })
        .collect()
}

/// Sends everything, pausing like the app after a try that did not get through.
fn drain(device: &mut Device<Timed>, number: usize) -> Result<()> {
    let until = Instant::now() + PATIENCE;
    let mut pause = 1_000;
    loop {
        let outcome = device.send_waiting();
        let refused = device.store.outbox.values().find_map(|waiting| waiting.refused.clone());
        ensure!(refused.is_none(), "device {number}: refused {refused:?}");
        if device.store.outbox.is_empty() {
            return Ok(());
        }
        ensure!(Instant::now() < until, "device {number} did not get through: {outcome:?}");
        // As the session's pauses: growing, each spread between a half and one and a half.
        let spread = pause / 2 + (number as u64 * 7_919 + pause) % pause;
        std::thread::sleep(Duration::from_millis(spread));
        pause = (pause * 2).min(8_000);
    }
}
