//! The real server in this process, called through its router; it can be killed and opened again from what lies on its disk.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::Result;
use axum::body::Body;
use axum::http::Request;
use donghanh_server::store::Log as _;
use donghanh_server::store::erasure::Erasures as _;
use donghanh_server::store::sqlite::Mode;
use donghanh_server::{Application, DATABASE};
use donghanh_shared::domain::date::Millis;
use donghanh_shared::sync::session::Route;
use donghanh_shared::sync::wire::CONTENT_TYPE;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::template::{Template, beginning, configuration, copy, folder};

/// A running server.
pub struct Server {
    application: Application,
    folder: TempDir,
    lives: usize,
    backups: usize,
    clock: Arc<AtomicI64>,
}

impl Server {
    /// Starts on a copy of the template.
    ///
    /// # Errors
    /// When it cannot be copied or opened.
    pub async fn start(template: &Template) -> Result<Self> {
        let folder = folder()?;
        let clock = Arc::new(AtomicI64::new(beginning()));
        template.copy_to(&folder.path().join("0"))?;
        let data = folder.path().join("0");
        let application = Application::build(configuration(data, &clock, Mode::AsFound)).await?;
        Ok(Self { application, folder, lives: 0, backups: 0, clock })
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join(self.lives.to_string())
    }

    /// The database of the server as it lies.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data().join(DATABASE)
    }

    /// Ends as if the power went: what lies on the disk, database and log, is opened somewhere else.
    ///
    /// # Errors
    /// When that cannot be opened.
    pub async fn kill(&mut self) -> Result<()> {
        // Files cannot be copied in one moment while they are being rewritten.
        self.application.sqlite.compact().await?;
        let from = self.data();
        self.lives += 1;
        copy(&from, &self.data())?;
        let configuration = configuration(self.data(), &self.clock, Mode::AsFound);
        self.application = Application::build(configuration).await?;
        std::fs::remove_dir_all(from).ok();
        Ok(())
    }

    /// Takes a copy of the database; gives its number.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub async fn back_up(&mut self) -> Result<usize> {
        self.application.sqlite.checkpoint().await?;
        self.backups += 1;
        std::fs::copy(self.database(), self.copy_number(self.backups))?;
        Ok(self.backups)
    }

    fn copy_number(&self, number: usize) -> PathBuf {
        self.folder.path().join(format!("backup-{number}"))
    }

    /// Ends, and begins again on a copy that was taken before; everything beside the database stays as it is.
    ///
    /// # Errors
    /// When that cannot be opened.
    pub async fn restore(&mut self, number: usize) -> Result<()> {
        let from = self.data();
        self.lives += 1;
        copy(&from, &self.data())?;
        for left in ["-wal", "-shm"] {
            std::fs::remove_file(self.data().join(format!("{DATABASE}{left}"))).ok();
        }
        std::fs::copy(self.copy_number(number), self.database())?;
        let configuration = configuration(self.data(), &self.clock, Mode::AsFound);
        self.application = Application::build(configuration).await?;
        std::fs::remove_dir_all(from).ok();
        Ok(())
    }

    /// What the server's clock says.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.clock.load(Ordering::Relaxed)
    }

    /// Lets time pass.
    pub fn pass(&self, ms: Millis) {
        self.clock.fetch_add(ms, Ordering::Relaxed);
    }

    /// Writes over the pages of what was erased, as the server does by itself a moment later.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn compact(&self) -> Result<()> {
        Ok(self.application.sqlite.compact().await?)
    }

    /// One request of the sync session.
    ///
    /// # Errors
    /// When the router fails; an answer of any status is no error.
    pub async fn sync(&self, token: &str, route: Route, body: Vec<u8>) -> Result<(u16, Vec<u8>)> {
        let (path, encoding) = match route {
            Route::Push => ("/api/v1/push", "deflate"),
            Route::Pull => ("/api/v1/pull", "identity"),
        };
        self.post(token, path, encoding, body).await
    }

    /// A deflated message with a credential.
    ///
    /// # Errors
    /// When the router fails.
    pub async fn post(
        &self,
        token: &str,
        path: &str,
        encoding: &str,
        body: Vec<u8>,
    ) -> Result<(u16, Vec<u8>)> {
        let request = Request::post(path)
            .header("content-type", CONTENT_TYPE)
            .header("content-encoding", encoding)
            .header("authorization", format!("Bearer {token}"))
            .body(Body::from(body))?;
        send(&self.application, request).await
    }

    /// A request with a form.
    ///
    /// # Errors
    /// When the router fails.
    pub async fn call(&self, token: &str, method: &str, path: &str, form: &Value) -> Result<(u16, Vec<u8>)> {
        call(&self.application, method, path, Some(token), form).await
    }
}

/// A request with a form to a server.
///
/// # Errors
/// When the router fails.
pub async fn call(
    application: &Application,
    method: &str,
    path: &str,
    token: Option<&str>,
    form: &Value,
) -> Result<(u16, Vec<u8>)> {
    let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    send(application, request.body(Body::from(form.to_string()))?).await
}

async fn send(application: &Application, request: Request<Body>) -> Result<(u16, Vec<u8>)> {
    let response = application.router.clone().oneshot(request).await?;
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 64 << 20).await?;
    Ok((parts.status.as_u16(), bytes.to_vec()))
}
