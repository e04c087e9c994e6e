//! The command line. The only part of the server that prints.

mod serve;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use clap::{Args, Parser, Subcommand};
use donghanh_server::admin::invitations;
use donghanh_server::store::sqlite::Mode;
use donghanh_server::store::{Log as _, Store};
use donghanh_server::{Application, Config, Settings, projection};
use donghanh_shared::domain::vocabulary::{Language, Term as _};
use tracing_subscriber::EnvFilter;

/// Threads for requests.
const WORKERS: usize = 2;
/// Threads for the database and for merging.
const BLOCKING: usize = 6;

#[derive(Parser)]
#[command(name = "donghanh", version, about = "The Đồng Hành server")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the app and its database
    Serve(Serve),
    /// Let an administrator back in who lost phone and codes: prints a one-time link; the server must not be running
    Invite {
        /// Name to sign in with
        name: String,
        #[command(flatten)]
        files: Files,
    },
    /// Make the projections (what reports read) anew from the changes; the server must not be running
    Reproject {
        #[command(flatten)]
        files: Files,
    },
}

/// The files of a server that is not running.
#[derive(Args)]
struct Files {
    /// Data directory
    #[arg(long, env = "DONGHANH_DATA")]
    data: PathBuf,
    /// File of the master key; in the data directory unless named
    #[arg(long, env = "DONGHANH_MASTER_KEY")]
    master_key: Option<PathBuf>,
    /// File of the ledger; in the data directory unless named
    #[arg(long, env = "DONGHANH_LEDGER")]
    ledger: Option<PathBuf>,
}

impl Files {
    async fn open(self) -> Result<Application> {
        let Self { data, master_key, ledger } = self;
        let config = Config { master_key, ledger, ..Config::new(data, Mode::AsFound) };
        Ok(Application::build(config).await?)
    }
}

#[derive(Args)]
struct Serve {
    /// Address to listen on
    #[arg(long, env = "DONGHANH_HOST", default_value = "127.0.0.1")]
    host: String,
    /// Port to listen on
    #[arg(long, env = "DONGHANH_PORT", default_value_t = 8080)]
    port: u16,
    /// Data directory; made when missing
    #[arg(long, env = "DONGHANH_DATA", default_value = "data")]
    data: PathBuf,
    /// File of the master key; made when missing, in the data directory unless named. Keep it where the database's
    /// backups are not
    #[arg(long, env = "DONGHANH_MASTER_KEY")]
    master_key: Option<PathBuf>,
    /// File of the ledger, from which a restored database learns what was erased and which devices were taken away since; in
    /// the data directory unless named. Keep it where the database's backups are not
    #[arg(long, env = "DONGHANH_LEDGER")]
    ledger: Option<PathBuf>,
    /// Hours after which a phone that was not in contact with the server stays closed
    #[arg(long, env = "DONGHANH_OFFLINE_HOURS", default_value_t = Settings::default().offline_hours)]
    offline_hours: u32,
    /// A proxy in front of the server says in X-Forwarded-For who calls
    #[arg(long, env = "DONGHANH_BEHIND_PROXY")]
    behind_proxy: bool,
    /// Fill a new database with demo data
    #[arg(long, conflicts_with = "empty")]
    demo: bool,
    /// Begin a new database with nothing in it
    #[arg(long)]
    empty: bool,
}

impl Serve {
    /// Without a word, a directory is opened as what it is, and a new one is for real data.
    fn mode(&self) -> Mode {
        match (self.demo, self.empty) {
            (true, _) => Mode::Demo,
            (_, true) => Mode::Real,
            _ if self.data.join(donghanh_server::DATABASE).exists() => Mode::AsFound,
            _ => Mode::Real,
        }
    }
}

/// Reads the arguments and does what they say.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_ansi(colours).with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(BLOCKING)
        .enable_all()
        .build()
        .context("the runtime does not start")?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve(arguments) => serve::serve(arguments).await,
            Command::Invite { name, files } => invite(&name, files).await,
            Command::Reproject { files } => reproject(files).await,
        }
    })
}

#[expect(clippy::print_stdout, reason = "a command line answers on standard output")]
async fn invite(name: &str, files: Files) -> Result<()> {
    let application = files.open().await?;
    let made = invitations::let_back_in(&application.state, name).await.map_err(|problem| {
        anyhow::anyhow!("{}", problem.sentence(Language::English)).context(problem.code.code())
    })?;
    application.sqlite.checkpoint().await?;
    println!("Good once, for seven days, behind the address of the server: /#/join/{}", made.token.to_hex());
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a command line answers on standard output")]
async fn reproject(files: Files) -> Result<()> {
    let application = files.open().await?;
    let store = Arc::clone(&application.sqlite) as Arc<dyn Store>;
    let documents = projection::rebuild::rebuild(&store).await?;
    application.sqlite.checkpoint().await?;
    println!("{documents} records projected anew");
    Ok(())
}
