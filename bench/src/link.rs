//! A bad link: a proxy in front of the server that holds back what passes, as much as the line would.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// How much goes over the line at once.
const PIECE: usize = 1_000;

/// A line of this speed and delay.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Bytes a second, each way.
    pub bytes_per_s: f64,
    /// From one end to the other; there and back takes twice as long.
    pub one_way: Duration,
}

/// Begins a proxy to the server at `base`, for as long as the process runs, and answers with its own address. All
/// connections share the line.
///
/// # Errors
/// When it cannot listen.
pub fn before(base: &str, line: Line) -> Result<String> {
    let server = base.strip_prefix("http://").context("an address")?.to_owned();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let directions = [Arc::default(), Arc::default()];
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(server) = TcpStream::connect(&server) else { continue };
            let both = (client.try_clone(), server.try_clone());
            let (Ok(client_too), Ok(server_too)) = both else { continue };
            carry(client, server, line, Arc::clone(&directions[0]));
            carry(server_too, client_too, line, Arc::clone(&directions[1]));
        }
    });
    Ok(format!("http://{address}"))
}

/// When the line is free again.
type Free = Arc<Mutex<Option<Instant>>>;

/// Carries what one side says to the other: a thread reads and notes when each piece may arrive, another hands it over then.
fn carry(mut from: TcpStream, mut to: TcpStream, line: Line, free: Free) {
    let (sender, pieces) = mpsc::channel::<(Instant, Vec<u8>)>();
    std::thread::spawn(move || {
        let mut buffer = [0; PIECE];
        while let Ok(n @ 1..) = from.read(&mut buffer) {
            let mut free = free.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let through =
                free.map_or(now, |free| free.max(now)) + Duration::from_secs_f64(n as f64 / line.bytes_per_s);
            *free = Some(through);
            if sender.send((through + line.one_way, buffer[..n].to_vec())).is_err() {
                return;
            }
        }
    });
    std::thread::spawn(move || {
        for (at, piece) in pieces {
            std::thread::sleep(at.saturating_duration_since(Instant::now()));
            if to.write_all(&piece).is_err() {
                return;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
