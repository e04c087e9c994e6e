//! A server of our own for the length of a chore: started on a free port, waited for, ended with its handle.
//!
//! For `screens`; the end-to-end tests start theirs from TypeScript, `run` becomes the server itself.

use anyhow::{Context, Result, bail};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A running server; ended when dropped.
pub struct Server {
    child: Child,
    /// Where it answers, without a slash at the end.
    pub url: String,
}

impl Server {
    /// Starts `binary` on a free port with demo data in `data`, and waits until it answers.
    pub fn demo(binary: &Path, data: &Path, patience: Duration) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(binary);
        command.args(["serve", "--port", &port.to_string(), "--demo", "--data"]).arg(data);
        let child = command
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("could not start {}", binary.display()))?;
        let mut server = Self { child, url: format!("http://127.0.0.1:{port}") };
        server.wait(port, patience)?;
        Ok(server)
    }

    fn wait(&mut self, port: u16, patience: Duration) -> Result<()> {
        let end = Instant::now() + patience;
        while !healthy(port) {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended before it was ready: {status}");
            }
            if Instant::now() > end {
                bail!("the server was not ready within {} s", patience.as_secs());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which is just as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn healthy(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")?;
        let mut head = [0_u8; 12];
        stream.read_exact(&mut head)?;
        Ok(&head == b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer_once(reply: &'static [u8]) -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0_u8; 512];
            let _ = stream.read(&mut request).unwrap();
            stream.write_all(reply).unwrap();
        });
        port
    }

    #[test]
    fn only_200_is_healthy() {
        assert!(healthy(answer_once(b"HTTP/1.1 200 OK\r\n\r\n")));
        assert!(!healthy(answer_once(b"HTTP/1.1 503 Service Unavailable\r\n\r\n")));
        assert!(!healthy(free_port().unwrap()));
    }
}
