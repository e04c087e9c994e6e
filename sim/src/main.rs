//! A native device on the command line: signs in, creates cases if told to, runs one round of the sync session, says what
//! it holds.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use clap::Parser;
use donghanh_shared::command::fields::FieldEdit;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::ids::{ActorId, DocumentId};
use donghanh_shared::sync::session::Config;
use donghanh_sim::Device;
use donghanh_sim::http::{Http, sign_in};
use donghanh_sim::store::Store;

/// Whom to sign in as, and where.
#[derive(Parser)]
struct Arguments {
    /// Address of the server.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    server: String,
    /// Sign-in name.
    #[arg(long)]
    name: String,
    /// Password.
    #[arg(long, env = "DONGHANH_PASSWORD")]
    password: String,
    /// Ward in which to create a case of after-care for each line of standard input: a name, then notes behind a tab.
    #[arg(long)]
    cases: Option<WardRef>,
}

fn create_cases(device: &mut Device<Http>, ward: WardRef) -> Result<()> {
    let at = Millis::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    for line in std::io::stdin().lines() {
        let line = line?;
        let (name, notes) = line.split_once('\t').unwrap_or((&line, ""));
        let mut id = [0; 16];
        getrandom::fill(&mut id).context("no random bytes")?;
        let edits =
            [FieldEdit::text("address_as", name), FieldEdit::LongText("notes".to_owned(), notes.to_owned())];
        device.create_case(DocumentId(id), ward, at, &edits)?;
    }
    Ok(())
}

#[allow(clippy::print_stdout, reason = "the answer of a command-line tool")]
fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let signed_in = sign_in(&arguments.server, &arguments.name, &arguments.password)?;
    let mut actor = [0; 16];
    getrandom::fill(&mut actor).context("no random bytes")?;
    let config =
        Config { instance: signed_in.instance, device: signed_in.device, jitter_seed: u64::from(actor[0]) };
    let http = Http::new(&arguments.server, &signed_in.token);
    let mut device = Device::start(config, Store::default(), ActorId(actor), http);
    if let Some(ward) = arguments.cases {
        create_cases(&mut device, ward)?;
    }
    let outcome = device.sync();
    let told = serde_json::json!({
        "outcome": format!("{outcome:?}"),
        "records": device.store.records.len(),
        "places": device.store.places.len(),
        "scopes": device.store.scopes.values().map(ToString::to_string).collect::<Vec<_>>(),
        "bytes_sent": device.transport.sent,
        "bytes_received": device.transport.received,
        "requests": device.transport.requests,
    });
    println!("{told}");
    Ok(())
}
