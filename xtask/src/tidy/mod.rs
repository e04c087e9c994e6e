//! `cargo xtask tidy`: the house rules that a compiler does not know.
//!
//! One rule a file, each a function from sources (or from what `cargo metadata` says) to findings, with tests
//! that feed it a bad sample. Here: reading the project, running the rules, printing what they found.

mod crate_edges;
mod file_size;
mod forbidden_text;
mod licences;
mod locales;
mod module_docs;
mod module_edges;
mod placement;
mod rust_paths;
mod rust_text;

use crate::{project, sh};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// One text file of the project.
pub struct Source {
    /// From the root of the project, with slashes.
    pub path: String,
    /// Its whole content.
    pub text: String,
}

/// Something a rule has to say about a place.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    /// A file, `file:line`, or the name of a crate.
    place: String,
    message: String,
    /// Whether it fails the run; otherwise it is only shown.
    error: bool,
}

impl Finding {
    fn error(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into(), error: true }
    }

    fn warning(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into(), error: false }
    }
}

/// Folders with nothing of ours in them.
const SKIPPED: [&str; 8] = [
    ".git",
    "target",
    "node_modules",
    "test-results",
    "playwright-report",
    "data",
    "fuzz-corpus",
    "proptest-regressions",
];
/// The kinds of file that rules look at.
const KINDS: [&str; 14] =
    ["rs", "ts", "js", "mjs", "css", "sql", "html", "md", "toml", "json", "yml", "yaml", "sh", "webmanifest"];

/// Runs every rule, prints the findings, and fails if one is an error. Returns how many rules held.
pub fn run() -> Result<u64> {
    let root = project::root();
    let sources = read_project(&root)?;
    let metadata = metadata()?;
    let deny = fs::read_to_string(root.join("deny.toml")).context("deny.toml")?;
    let allowed_sizes =
        fs::read_to_string(root.join("xtask/tidy-allow.txt")).context("xtask/tidy-allow.txt")?;
    let rules: [(&str, Vec<Finding>); 8] = [
        ("crates depend only on what stands below them", crate_edges::check(&metadata)),
        ("modules import only what stands left of them", module_edges::check(&sources)),
        ("axum, SQL, IndexedDB, fetch and clocks stay in their place", placement::check(&sources)),
        ("every source file has its module doc", module_docs::check(&sources)),
        ("nothing is left to do, and no path of a machine", forbidden_text::check(&sources)),
        ("files stay small", file_size::check(&sources, &allowed_sizes)),
        ("licences are allowed", licences::check(&metadata, &deny)?),
        ("both languages say the same things", locales::check(&sources)),
    ];
    let held = rules.len() as u64;
    let mut errors = 0;
    for (rule, findings) in &rules {
        errors += findings.iter().filter(|finding| finding.error).count();
        if !findings.is_empty() {
            println!("tidy: {rule}");
        }
        for Finding { place, message, error } in findings {
            println!("  {}{place}: {message}", if *error { "" } else { "(warning) " });
        }
    }
    println!("tidy: {} files, {held} rules, {errors} errors", sources.len());
    if errors > 0 {
        bail!("tidy: {errors} errors");
    }
    Ok(held)
}

/// All text files of the project below `root`, in the order of their paths.
pub fn read_project(root: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    let mut waiting = vec![root.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if path.is_dir() {
                // `data` holds databases at the root; elsewhere it is reference data of ours.
                let skipped = SKIPPED.contains(&name.as_str()) && (name != "data" || folder == root);
                if !skipped {
                    waiting.push(path);
                }
                continue;
            }
            let kind = path.extension().map(|kind| kind.to_string_lossy().into_owned()).unwrap_or_default();
            if !KINDS.contains(&kind.as_str()) && folder.file_name().is_none_or(|name| name != ".ci") {
                continue;
            }
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            sources.push(Source { path: relative(root, &path), text });
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

fn relative(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    inside.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn metadata() -> Result<Value> {
    let text = sh::read(&mut sh::cargo(["metadata", "--format-version", "1"]))?;
    serde_json::from_str(&text).context("cargo metadata")
}

/// The packages of the workspace itself, as `cargo metadata` lists them.
fn members(metadata: &Value) -> Vec<&Value> {
    let all = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().filter(|package| package["source"].is_null()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_is_read_without_what_others_wrote() {
        let root = tempfile::tempdir().unwrap();
        for path in
            ["app/src/lib.rs", "e2e/node_modules/a/b.js", "target/x.rs", "data/x.json", "testkit/data/x.json"]
        {
            let file = root.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        let paths: Vec<String> =
            read_project(root.path()).unwrap().into_iter().map(|source| source.path).collect();
        assert_eq!(paths, ["app/src/lib.rs", "testkit/data/x.json"]);
    }
}
