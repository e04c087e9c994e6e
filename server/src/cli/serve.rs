//! `donghanh serve`: opens the database, fills the demo, listens, ends politely.

use std::time::Duration;

use anyhow::{Context as _, Result};
use donghanh_server::merger::Merger;
use donghanh_server::store::sqlite::SqliteStore;
use donghanh_server::store::{Accounts as _, Log as _};
use donghanh_server::{AppState, Application, Config, Settings, demo, http};
use donghanh_testkit::Options;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, sleep, timeout};

use super::Serve;

/// After this long without a change the write-ahead log is folded back.
const QUIET: Duration = Duration::from_secs(2);
/// How long requests under way may take once the server is told to end.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// Serves until the process is told to end.
pub async fn serve(arguments: Serve) -> Result<()> {
    let mode = arguments.mode();
    let application = Application::build(Config {
        master_key: arguments.master_key.clone(),
        ledger: arguments.ledger.clone(),
        merger: Merger::apart(),
        settings: Settings { offline_hours: arguments.offline_hours, behind_proxy: arguments.behind_proxy },
        ..Config::new(arguments.data.clone(), mode)
    })
    .await?;
    let address = format!("{}:{}", arguments.host, arguments.port);
    let listener =
        TcpListener::bind(&address).await.with_context(|| format!("cannot listen on {address}"))?;
    let Application { router, state, sqlite } = application;
    if sqlite.instance().demo {
        let made = demo::fill(&state, &Options::demo(state.today())).await?;
        tracing::info!(made, "demo records");
    }
    greet(&listener, &state, sqlite.is_empty().await?)?;
    let folding = tokio::spawn(fold(std::sync::Arc::clone(&sqlite)));
    let ending = state.clone();
    let serving = http::serve(listener, router, http::Limits::default(), async move {
        told_to_end().await;
        ending.end();
    });
    let mut ended = state.ending();
    let late = async {
        // The sender lives as long as the state.
        let _ = ended.wait_for(|ending| *ending).await;
        sleep(LAST_REQUESTS).await;
    };
    tokio::select! {
        () = serving => {}
        () = late => tracing::warn!("some requests did not end in time"),
    }
    folding.abort();
    sqlite.checkpoint().await?;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a command line answers on standard output")]
fn greet(listener: &TcpListener, state: &AppState, is_empty: bool) -> Result<()> {
    let address = listener.local_addr()?;
    println!();
    println!("  Đồng Hành   http://{address}/");
    if let Some(token) = state.set_up_token().filter(|_| is_empty) {
        let link = format!("http://{address}/#/set-up/{}", token.to_hex());
        println!(
            "  Chưa thiết lập: mở liên kết dưới đây, dùng một lần.  Not set up yet: open this link, once."
        );
        println!("  {link}");
        tracing::info!(link, "not set up yet");
    }
    if !state.demo_sign_ins().is_empty() {
        println!("  DỮ LIỆU THỬ / DEMO DATA. Đăng nhập / sign in:");
    }
    for one in state.demo_sign_ins() {
        println!("    {:<10} {}   {}", one.name, one.password, one.who);
    }
    println!();
    Ok(())
}

async fn told_to_end() {
    let interrupt = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt => {}
            }
        }
        Err(error) => {
            tracing::warn!(%error, "cannot listen for the end");
            let _ = interrupt.await;
        }
    }
}

/// Folds the write-ahead log back whenever it has been quiet for a while.
async fn fold(store: std::sync::Arc<SqliteStore>) {
    let mut events = store.events();
    loop {
        if matches!(events.recv().await, Err(tokio::sync::broadcast::error::RecvError::Closed)) {
            return;
        }
        let mut last = Instant::now();
        while last.elapsed() < QUIET {
            if let Ok(Ok(_)) = timeout(QUIET, events.recv()).await {
                last = Instant::now();
            }
        }
        if let Err(error) = store.checkpoint().await {
            tracing::warn!(%error, "the write-ahead log was not folded back");
        }
    }
}
