//! `cargo xtask app`: from the crate `app` to the folder `target/pwa` that the server embeds.
//!
//! Here: the order of the steps and the files they read and write. What goes into the folder is decided in
//! [`bundle`], styles in [`css`], compression in [`compress`]; those three touch no disk.

mod bundle;
mod compress;
mod css;

use crate::{project, sh, tools};
use anyhow::{Context, Result, bail};
use bundle::{Files, Parts};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";
/// The name of the app's binary, its JavaScript and its wasm.
const NAME: &str = "donghanh-app";
/// The same of the worker that derives keys.
const KDF: &str = "donghanh-kdf";
/// Goes into the stamp: raise it when the steps here change what they write.
const PIPELINE: &str = "2";

/// How the app is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// What phones download.
    Release,
    /// Quick to build, larger to load.
    Dev,
}

impl Profile {
    /// The profile that the flag `--dev` asks for.
    pub fn from_dev(dev: bool) -> Self {
        if dev { Self::Dev } else { Self::Release }
    }

    /// The name of the profile, and of the folder cargo builds it in.
    fn cargo(self) -> (&'static str, &'static str) {
        match self {
            Self::Release => ("wasm-release", "wasm-release"),
            Self::Dev => ("dev", "debug"),
        }
    }

    fn brotli_quality(self) -> u32 {
        match self {
            Self::Release => 11,
            Self::Dev => 5,
        }
    }
}

/// Brings `target/pwa` up to date and prints what a phone has to download.
pub fn build(profile: Profile) -> Result<()> {
    build_to(profile, &project::pwa(), &[])
}

/// The app without its ciphers, for measuring what they cost; in a folder that no server embeds.
pub fn build_unsealed() -> Result<PathBuf> {
    let pwa = project::target().join("pwa-unsealed");
    build_to(Profile::Release, &pwa, &["--features", "unsealed"])?;
    Ok(pwa)
}

fn build_to(profile: Profile, pwa: &Path, more: &[&str]) -> Result<()> {
    let (cargo_profile, folder) = profile.cargo();
    let mut cargo = sh::cargo(["build", "-p", NAME, "--target", TARGET, "--profile", cargo_profile]);
    cargo.args(more);
    let mut target = project::target();
    if profile == Profile::Release && tools::small_std()? {
        target.push("app");
        with_small_std(&mut cargo, &target);
    }
    sh::run(&mut cargo)?;
    let built = |name: &str| {
        let raw = target.join(TARGET).join(folder).join(format!("{name}.wasm"));
        fs::read(&raw).with_context(|| format!("the app built no {}", project::shown(&raw)))
    };
    let (raw, kdf) = (built(NAME)?, built(KDF)?);

    let app = project::root().join("app");
    let statics = read_tree(&app.join("static"))?;
    let css = css::join(&stylesheets(&app)?);
    let stamp_file = pwa.with_extension("stamp");
    let stamp = stamp(profile, [&raw, &kdf], &css, &statics);
    if fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp) && pwa.join("index.html").is_file() {
        println!("app: nothing changed in {}", project::shown(pwa));
        return report(pwa);
    }

    let (js, wasm, snippets) = bindgen(NAME, raw, profile)?;
    let (kdf_js, kdf_wasm, _) = bindgen(KDF, kdf, profile)?;
    let files = bundle::bundle(Parts { js, wasm, kdf_js, kdf_wasm, css, snippets, statics })?;
    write(pwa, &files, profile.brotli_quality())?;
    fs::write(&stamp_file, stamp)?;
    println!("app: {} files in {}", files.len(), project::shown(pwa));
    report(pwa)
}

/// Builds the standard library along, for size: a panic ends the program at once instead of formatting its message (the
/// page notices by itself, see `app/src/browser.js`), and nothing carries the text of `{:?}`. A tenth of the app. In a
/// folder of its own: the switch it takes would make cargo build everything else anew, back and forth.
fn with_small_std(cargo: &mut Command, target: &Path) {
    let flags =
        ["-Zunstable-options", "-Cpanic=immediate-abort", "-Zfmt-debug=none", "-Zlocation-detail=none"];
    // Through the configuration, where they join those that every build of the app has.
    let quoted: Vec<String> = flags.iter().map(|flag| format!("{flag:?}")).collect();
    cargo.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
    cargo.arg("--config").arg(format!("target.{TARGET}.rustflags=[{}]", quoted.join(",")));
    cargo.arg("--target-dir").arg(target).env("RUSTC_BOOTSTRAP", "1");
}

fn stamp(profile: Profile, wasm: [&[u8]; 2], css: &str, statics: &Files) -> String {
    let mut hash = bundle::Hash::new();
    hash.add("pipeline", PIPELINE.as_bytes());
    hash.add("profile", profile.cargo().0.as_bytes());
    hash.add("wasm", wasm[0]);
    hash.add("kdf", wasm[1]);
    hash.add("css", css.as_bytes());
    for (path, bytes) in statics {
        hash.add(path, bytes);
    }
    hash.finish()
}

/// The style sheets in the order they are joined: tokens, the other global ones, those beside components.
fn stylesheets(app: &Path) -> Result<Vec<(String, String)>> {
    let mut sheets = Vec::new();
    let mut take = |prefix: &str, files: Files| -> Result<()> {
        for (path, bytes) in files {
            let text = String::from_utf8(bytes).with_context(|| format!("{prefix}/{path} is not UTF-8"))?;
            sheets.push((format!("{prefix}/{path}"), text));
        }
        Ok(())
    };
    let is_css = |path: &str| path.ends_with(".css");
    let mut styles = read_tree(&app.join("styles"))?;
    styles.retain(|path, _| is_css(path));
    if let Some(tokens) = styles.remove_entry("tokens.css") {
        take("styles", Files::from([tokens]))?;
    }
    take("styles", styles)?;
    let mut beside = read_tree(&app.join("src"))?;
    beside.retain(|path, _| is_css(path));
    take("src", beside)?;
    Ok(sheets)
}

/// Runs wasm-bindgen: the JavaScript, the wasm, and the snippets it imports by relative path.
fn bindgen(name: &str, raw: Vec<u8>, profile: Profile) -> Result<(String, Vec<u8>, Files)> {
    let out = tempfile::tempdir()?;
    let mut bindgen = Bindgen::new();
    bindgen.input_bytes(name, raw).web(true)?.typescript(false).omit_default_module_path(true);
    bindgen.remove_name_section(profile == Profile::Release).remove_producers_section(true);
    bindgen.generate(out.path()).context("wasm-bindgen")?;
    let js = fs::read_to_string(out.path().join(format!("{name}.js")))?;
    let wasm = fs::read(out.path().join(format!("{name}_bg.wasm")))?;
    Ok((js, wasm, read_tree(&out.path().join("snippets"))?))
}

/// Writes the folder beside the old one and swaps them, so that nobody ever reads half of it.
///
/// A compressed file of the same name and content is taken over: content-hashed names repeat between builds.
fn write(pwa: &Path, files: &Files, quality: u32) -> Result<()> {
    let fresh = pwa.with_extension("new");
    let old = pwa.with_extension("old");
    for leftover in [&fresh, &old] {
        if leftover.exists() {
            fs::remove_dir_all(leftover)?;
        }
    }
    let quality_file = pwa.with_extension("quality");
    let same_quality = fs::read_to_string(&quality_file).is_ok_and(|text| text == quality.to_string());
    for (path, bytes) in files {
        let file = fresh.join(path);
        fs::create_dir_all(file.parent().unwrap_or(&fresh))?;
        fs::write(&file, bytes)?;
        if !compress::worthwhile(path) {
            continue;
        }
        let before = pwa.join(path);
        let reusable = same_quality && fs::read(&before).is_ok_and(|old| old == *bytes);
        let compressed = match fs::read(brotli_name(&before)) {
            Ok(compressed) if reusable => compressed,
            _ => compress::brotli(bytes, quality)?,
        };
        // A tiny file may grow; then the plain one is the better answer.
        if compressed.len() < bytes.len() {
            fs::write(brotli_name(&file), compressed)?;
        }
    }
    if pwa.exists() {
        fs::rename(pwa, &old)?;
    }
    fs::rename(&fresh, pwa)?;
    if old.exists() {
        fs::remove_dir_all(&old)?;
    }
    fs::write(quality_file, quality.to_string())?;
    Ok(())
}

fn brotli_name(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".br");
    name.into()
}

/// Prints the size of each kind of file as it travels.
fn report(pwa: &Path) -> Result<()> {
    let files = read_tree(pwa)?;
    let mut sizes: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (path, bytes) in files.iter().filter(|(path, _)| !path.ends_with(".br")) {
        let kind = path.rsplit_once('.').map_or("other", |(_, kind)| kind);
        let travels = files.get(&format!("{path}.br")).map_or(bytes.len(), Vec::len);
        let size = sizes.entry(kind).or_default();
        *size = (size.0 + bytes.len(), size.1 + travels);
    }
    let mut total = 0;
    for (kind, (plain, travels)) in sizes {
        println!("app: {kind:>12} {plain:>9} B, {travels:>8} B as sent");
        total += travels;
    }
    println!("app: {:>12} {:>9}    {total:>8} B as sent", "all", "");
    Ok(())
}

/// All files below `folder` with their paths (slashes on every system); none when there is no such folder.
fn read_tree(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(next) = waiting.pop() {
        if !next.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            let Ok(relative) = path.strip_prefix(folder) else { bail!("{} is elsewhere", path.display()) };
            let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
            files.insert(parts.join("/"), fs::read(&path)?);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(root: &Path, path: &str, text: &str) {
        let file = root.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    #[test]
    fn styles_come_in_the_promised_order() {
        let app = tempfile::tempdir().unwrap();
        for path in ["styles/base.css", "styles/tokens.css", "src/screens/home.css", "src/a.css", "src/a.rs"]
        {
            put(app.path(), path, path);
        }
        let names: Vec<String> = stylesheets(app.path()).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["styles/tokens.css", "styles/base.css", "src/a.css", "src/screens/home.css"]);
    }

    #[test]
    fn a_second_write_replaces_the_first_whole() {
        let target = tempfile::tempdir().unwrap();
        let pwa = target.path().join("pwa");
        let long = b"body { color: black } ".repeat(50);
        let first =
            Files::from([("old.css".to_owned(), long.clone()), ("same.css".to_owned(), long.clone())]);
        write(&pwa, &first, 5).unwrap();
        assert!(pwa.join("old.css.br").is_file());
        let second = Files::from([("same.css".to_owned(), long), ("icon.png".to_owned(), vec![1])]);
        write(&pwa, &second, 5).unwrap();
        let left: Vec<String> = read_tree(&pwa).unwrap().into_keys().collect();
        assert_eq!(left, ["icon.png", "same.css", "same.css.br"]);
    }

    #[test]
    fn the_stamp_tells_every_input_apart() {
        let statics = Files::from([("sw.js".to_owned(), b"1".to_vec())]);
        let base = stamp(Profile::Release, [b"w", b"k"], "c", &statics);
        assert_eq!(base, stamp(Profile::Release, [b"w", b"k"], "c", &statics));
        assert_ne!(base, stamp(Profile::Dev, [b"w", b"k"], "c", &statics));
        assert_ne!(base, stamp(Profile::Release, [b"v", b"k"], "c", &statics));
        assert_ne!(base, stamp(Profile::Release, [b"w", b"l"], "c", &statics));
        assert_ne!(base, stamp(Profile::Release, [b"w", b"k"], "d", &statics));
        assert_ne!(base, stamp(Profile::Release, [b"w", b"k"], "c", &Files::new()));
    }
}
