//! The server as a child process: started on a free port with a folder of its own, measured, ended.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;
use totp_rs::Totp;

/// The password of every account that a measurement makes.
pub const PASSWORD: &str = "measure-only-2026";

/// A running server.
pub struct Server {
    child: Child,
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
        let folder = tempfile::tempdir()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut child = Command::new(binary)
            .args(["serve", "--empty", "--port", &port.to_string(), "--data"])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{} does not start", binary.display()))?;
        let output = child.stdout.take();
        // Ended by its `drop` should a step below fail.
        let mut server =
            Self { child, folder, base: format!("http://127.0.0.1:{port}"), set_up: String::new() };
        server.set_up = set_up_token(output.context("the server has no output")?)?;
        let until = Instant::now() + Duration::from_secs(30);
        while ureq::get(format!("{}/healthz", server.base)).call().is_err() {
            if Instant::now() > until {
                bail!("the server did not answer within 30 s");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
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
        let signed_in = donghanh_sim::http::sign_in(&self.base, "admin", PASSWORD)?;
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

    /// The most memory it ever held, in MB (10^6 bytes).
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn peak_rss_mb(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).context("no VmHWM")?;
        let kib: f64 = line.split_whitespace().nth(1).context("no value")?.parse()?;
        Ok(kib * 1024.0 / 1e6)
    }

    /// Ends it politely and answers with the size of its folder, in MB (10^6 bytes).
    ///
    /// # Errors
    /// When it does not end or the folder cannot be read.
    pub fn stop(mut self) -> Result<f64> {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status()?;
        self.child.wait()?;
        let mut bytes = 0;
        for entry in std::fs::read_dir(self.folder.path())? {
            bytes += entry?.metadata()?.len();
        }
        Ok(bytes as f64 / 1e6)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone when it was stopped politely.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
