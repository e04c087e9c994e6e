//! The server as a child process: started on a free port with a folder of its own, killed and started again on the same
//! files, measured, ended.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use donghanh_shared::ids::ActorId;
use donghanh_shared::sync::session::Config;
use donghanh_sim::Device;
use donghanh_sim::http::{Http, sign_in};
use donghanh_sim::store::Store;
use tempfile::TempDir;
use totp_rs::Totp;

/// The password of every account that a measurement makes.
pub const PASSWORD: &str = "measure-only-2026";

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server with its folder, running or not.
pub struct Server {
    binary: PathBuf,
    environment: Vec<(OsString, OsString)>,
    port: u16,
    child: Option<Child>,
    folder: TempDir,
    /// `http://127.0.0.1:port`.
    pub base: String,
    /// The token of the link that the server printed for its set-up.
    set_up: String,
}

/// Reads the link for the set-up; what comes after it is read and dropped, so that the server can go on writing.
fn set_up_token(output: ChildStdout) -> Result<String> {
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next().transpose()? {
        if let Some((_, token)) = line.split_once("/#/set-up/") {
            let token = token.trim().to_owned();
            std::thread::spawn(move || lines.for_each(drop));
            return Ok(token);
        }
    }
    bail!("the server printed no link for its set-up")
}

impl Server {
    /// Starts the binary on an empty database and waits until it answers.
    ///
    /// # Errors
    /// When it does not answer within half a minute.
    pub fn start(binary: &Path) -> Result<Self> {
        Self::start_with(binary, Vec::new())
    }

    /// The same with an environment, which it also gets whenever it is started again.
    ///
    /// # Errors
    /// When it does not answer within half a minute.
    pub fn start_with(binary: &Path, environment: Vec<(OsString, OsString)>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let base = format!("http://127.0.0.1:{port}");
        let binary = binary.to_owned();
        let mut server = Self { binary, environment, port, child: None, folder, base, set_up: String::new() };
        let mut child = server.command(true).stdout(Stdio::piped()).spawn().context("the server")?;
        let output = child.stdout.take();
        // Ended by its `drop` should a step below fail.
        server.child = Some(child);
        server.set_up = set_up_token(output.context("the server has no output")?)?;
        server.wait_until_it_answers()?;
        Ok(server)
    }

    fn command(&self, empty: bool) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(["serve", "--port", &self.port.to_string()]);
        command.args(empty.then_some("--empty"));
        command.arg("--data").arg(self.folder.path());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Starts it again on its files; it may not answer yet.
    ///
    /// # Errors
    /// When the program does not start.
    pub fn start_again(&mut self) -> Result<()> {
        self.child = Some(self.command(false).spawn().context("the server does not start again")?);
        Ok(())
    }

    /// Waits until it answers.
    ///
    /// # Errors
    /// When it does not within half a minute, or ends.
    pub fn wait_until_it_answers(&mut self) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        while ureq::get(format!("{}/healthz", self.base)).call().is_err() {
            if let Some(status) = self.child.as_mut().context("it is not running")?.try_wait()? {
                bail!("the server ended by itself: {status}");
            }
            if Instant::now() > until {
                bail!("the server did not answer within {} s", PATIENCE.as_secs());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Ends it at once, wherever it is (SIGKILL).
    ///
    /// # Errors
    /// When it is not running.
    pub fn kill(&mut self) -> Result<()> {
        let mut child = self.child.take().context("it is not running")?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Its database file.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("donghanh.sqlite")
    }

    /// Sets it up with one ward and so many volunteers, named `v0`, `v1`….
    ///
    /// # Errors
    /// When the server refuses.
    pub fn set_up(&self, ward: &str, volunteers: usize) -> Result<()> {
        let administrator =
            serde_json::json!({ "full_name": "Quản trị", "name": "admin", "password": PASSWORD });
        let body = serde_json::json!({
            "token": self.set_up, "area_name": "Đo đạc", "wards": [ward.split('@').next()],
            "administrator": administrator,
        });
        self.send("POST", "set-up", None, &body)?;
        let signed_in = sign_in(&self.base, "admin", PASSWORD)?;
        self.set_codes_up(&signed_in.token)?;
        for number in 0..volunteers {
            let name = format!("v{number}");
            let person = serde_json::json!({
                "full_name": format!("Tình nguyện viên {number}"), "name": name, "password": PASSWORD,
                "role": "volunteer", "ward": ward, "organisation": null,
            });
            self.send("POST", "people", Some(&signed_in.token), &person)?;
        }
        Ok(())
    }

    /// An administrator does nothing without two-step codes.
    fn set_codes_up(&self, token: &str) -> Result<()> {
        let offered = self.send("POST", "me/totp", Some(token), &serde_json::Value::Null)?;
        let offered: serde_json::Value = serde_json::from_str(&offered)?;
        let totp = Totp::from_url(offered["uri"].as_str().context("no uri")?)?;
        let code = serde_json::json!({ "code": totp.generate_current().to_string() });
        self.send("PUT", "me/totp", Some(token), &code)?;
        Ok(())
    }

    fn send(
        &self,
        method: &str,
        route: &str,
        token: Option<&str>,
        body: &serde_json::Value,
    ) -> Result<String> {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}/api/v1/{route}", self.base))
            .header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let mut response = agent.run(request.body(body.to_string())?)?;
        let text = response.body_mut().read_to_string()?;
        if !response.status().is_success() {
            bail!("{route} answered {}: {text}", response.status());
        }
        Ok(text)
    }

    /// The most memory it ever held, with the processes it started, in MB (10^6 bytes).
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn peak_rss_mb(&self) -> Result<f64> {
        self.processes()?.into_iter().map(|process| memory_mb(process, "VmHWM:")).sum()
    }

    /// Time on cores that it has used so far, with the processes it started, in seconds.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn cpu_s(&self) -> Result<f64> {
        self.processes()?.into_iter().map(cpu_s).sum()
    }

    /// The same of the threads that it has now, in milliseconds and to the nanosecond.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn threads_ms(&self) -> Result<f64> {
        let mut sum = 0.0;
        for process in self.processes()? {
            for task in std::fs::read_dir(format!("/proc/{process}/task"))? {
                let stat = std::fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
                sum += stat.split_whitespace().next().map_or(Ok(0.0), str::parse::<f64>)?;
            }
        }
        Ok(sum / 1e6)
    }

    /// Resident memory now, of all its processes, in MB (10^6 bytes).
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn rss_mb(&self) -> Result<f64> {
        self.processes()?.into_iter().map(|process| memory_mb(process, "VmRSS:")).sum()
    }

    /// From now on the most memory counts anew.
    ///
    /// # Errors
    /// When the kernel does not allow it.
    pub fn forget_peak(&self) -> Result<()> {
        self.processes()?.into_iter().try_for_each(|process| {
            std::fs::write(format!("/proc/{process}/clear_refs"), "5").context("clear_refs")
        })
    }

    /// The server and the processes it started.
    fn processes(&self) -> Result<Vec<u32>> {
        let server = self.child.as_ref().context("it is not running")?.id();
        let mut all = vec![server];
        for task in std::fs::read_dir(format!("/proc/{server}/task"))? {
            let children = std::fs::read_to_string(task?.path().join("children"))?;
            all.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        }
        Ok(all)
    }

    /// Ends it politely and answers with the size of its folder, in MB (10^6 bytes).
    ///
    /// # Errors
    /// When it does not end or the folder cannot be read.
    pub fn stop(mut self) -> Result<f64> {
        let mut child = self.child.take().context("it is not running")?;
        Command::new("kill").args(["-TERM", &child.id().to_string()]).status()?;
        child.wait()?;
        let mut bytes = 0;
        for entry in std::fs::read_dir(self.folder.path())? {
            bytes += entry?.metadata()?.len();
        }
        Ok(bytes as f64 / 1e6)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // Already gone when it ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A signed-in device with an empty store.
///
/// # Errors
/// When the server refuses.
pub fn fresh_device(base: &str, name: &str, actor: u8) -> Result<Device<Http>> {
    device_through(base, base, name, actor)
}

/// The same, which then reaches the server by another address.
///
/// # Errors
/// When the server refuses.
pub fn device_through(base: &str, address: &str, name: &str, actor: u8) -> Result<Device<Http>> {
    let signed_in = sign_in(base, name, PASSWORD)?;
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    bytes[0] = actor | 1;
    let config =
        Config { instance: signed_in.instance, device: signed_in.device, jitter_seed: u64::from(actor) };
    Ok(Device::start(config, Store::default(), ActorId(bytes), Http::new(address, &signed_in.token)))
}

fn memory_mb(process: u32, what: &str) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find(|line| line.starts_with(what)).context("the kernel does not tell")?;
    let kib: f64 = line.split_whitespace().nth(1).context("no value")?.parse()?;
    Ok(kib * 1024.0 / 1e6)
}

/// In ticks of 10 ms (`proc(5)`: utime and stime, after the name in brackets).
fn cpu_s(process: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').context("no name")?;
    let ticks = |field: usize| -> Result<f64> {
        Ok(fields.split_whitespace().nth(field).context("too short")?.parse()?)
    };
    Ok((ticks(11)? + ticks(12)?) / 100.0)
}
