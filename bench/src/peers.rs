//! Two other sync engines on the same workload, in the same run: programs for Node in `bench/peers`, whose README says what
//! each does and where they differ.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_testkit::bench_workload;
use serde_json::{Value, json};

use crate::figures::Figures;
use crate::load::{DEVICES, Ours, RECORDS, SAVES};

/// Each by its program, and by its name in figures.
const PEERS: [(&str, &str); 2] =
    [("automerge-repo.mjs", "peer_automerge_repo"), ("pouchdb.mjs", "peer_pouchdb")];

/// Measures both once; ratios are to what we took just before: above one, we are quicker or send less.
///
/// # Errors
/// When a program fails: a record is lost, or one of its packages is missing.
pub fn measure(folder: &Path, ours: &Ours, figures: &mut Figures) -> Result<()> {
    let workload = tempfile::NamedTempFile::new()?;
    serde_json::to_writer(&workload, &self::workload()?)?;
    for (program, name) in PEERS {
        let output = Command::new("node")
            .arg(folder.join(program))
            .arg(workload.path())
            .stderr(Stdio::inherit())
            .output()
            .context("node")?;
        ensure!(output.status.success(), "{program} ended with {}", output.status);
        let text = String::from_utf8(output.stdout)?;
        let told: Value = serde_json::from_str(text.lines().last().unwrap_or_default())
            .with_context(|| format!("what {program} says"))?;
        let compared = [
            ("push", "push_s", "s", ours.push_s),
            ("pull", "pull_s", "s", ours.pull_s),
            ("pull_bytes", "pull_body_bytes", "B", ours.pull_bytes),
            ("idle_bytes", "idle_body_bytes", "B", ours.idle_bytes),
        ];
        for (what, key, unit, own) in compared {
            // A phase that did not end in its time has no value, and is told on standard error.
            let Some(value) = told[key].as_f64() else { continue };
            let figure = if unit == "s" { format!("{name}_{what}_s") } else { format!("{name}_{what}") };
            figures.add(&figure, value, unit);
            figures.add(&format!("{name}_{what}_ratio"), value / own, "ratio");
        }
    }
    Ok(())
}

/// The workload as the programs read it: a record is a flat list of fields, those of each save apart.
fn workload() -> Result<Value> {
    let devices = bench_workload(DEVICES, RECORDS, SAVES).into_iter().map(|visits| {
        let visits = visits.into_iter().map(|visit| {
            let saves = visit.saves.iter().map(|save| {
                let fields: Vec<Value> = save.edits.iter().map(field).collect::<Result<_>>()?;
                Ok(json!({ "at": save.at, "fields": fields }))
            });
            Ok(json!({ "document": visit.document.to_string(), "saves": saves.collect::<Result<Vec<_>>>()? }))
        });
        visits.collect::<Result<Vec<_>>>()
    });
    Ok(json!({ "devices": devices.collect::<Result<Vec<_>>>()? }))
}

fn field(edit: &VisitEdit) -> Result<Value> {
    let (name, value) = match edit {
        VisitEdit::Date(day) => ("date".to_owned(), json!(day.map(|day| day.to_string()))),
        VisitEdit::Ward(ward) => ("ward".to_owned(), json!(ward.to_string())),
        VisitEdit::Form(form) => ("form".to_owned(), json!(form.map(|form| form.code()))),
        VisitEdit::Venue(place) => ("venue".to_owned(), json!(place.map(|place| place.to_string()))),
        VisitEdit::Lead(lead) => ("lead".to_owned(), json!(lead.as_ref().map(ToString::to_string))),
        VisitEdit::Topic(topic, is_in) => (format!("topics.{}", topic.code()), json!(is_in)),
        VisitEdit::Place(place, is_in) => (format!("places.{place}"), json!(is_in)),
        VisitEdit::DoneBy(key, name) => (format!("done_by.{key}"), json!(name)),
        VisitEdit::Count(key, amount) => (key.code().to_owned(), json!(amount.map(|amount| amount.get()))),
        VisitEdit::Tap(key, taps) => (format!("taps.{}", key.code()), json!(taps)),
        VisitEdit::Notes(text) => ("notes".to_owned(), json!(text)),
        other => bail!("the workload has an edit that has no field here: {other:?}"),
    };
    Ok(json!([name, value]))
}
