//! What the folder `target/pwa` holds: names, placeholders, and the list of what a phone keeps offline.
//!
//! - `assets/…` carries the hash of its content in its name and never changes: JavaScript, wasm, CSS, and the
//!   snippets the JavaScript imports.
//! - Everything of `app/static` keeps its name. `index.html`, `sw.js`, `loader.js` and `kdf.js` may use the placeholders
//!   `{{js}}`, `{{wasm}}`, `{{css}}`, `{{kdf_js}}`, `{{kdf_wasm}}` (addresses), `{{version}}` (short hash over all contents) and
//!   `{{precache}}` (JSON array of every address to keep offline; the page itself as `/`, never `sw.js`).
//!
//! Bytes in, bytes out; no disk.

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Files by their path inside the folder.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The static files that may use placeholders.
const TEMPLATES: [&str; 4] = ["index.html", "sw.js", "loader.js", "kdf.js"];

/// All that goes into the folder.
pub struct Parts {
    /// The JavaScript that wasm-bindgen wrote.
    pub js: String,
    /// The wasm that wasm-bindgen wrote.
    pub wasm: Vec<u8>,
    /// JavaScript and wasm of the worker that derives keys.
    pub kdf_js: String,
    pub kdf_wasm: Vec<u8>,
    /// One style sheet for the whole app.
    pub css: String,
    /// What the JavaScript imports from `./snippets/`.
    pub snippets: Files,
    /// The content of `app/static`.
    pub statics: Files,
}

/// A hash over named contents; names and lengths are part of it, so that contents cannot slide into each other.
pub struct Hash(Sha256);

impl Hash {
    /// A hash over nothing yet.
    pub fn new() -> Self {
        Self(Sha256::new())
    }

    /// Adds one content under its name.
    pub fn add(&mut self, name: &str, bytes: &[u8]) {
        for part in [name.as_bytes(), bytes] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
    }

    /// The hash in hexadecimal.
    pub fn finish(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The first twelve digits: plenty to tell builds apart, short enough to read out.
fn short(name: &str, bytes: &[u8]) -> String {
    let mut hash = Hash::new();
    hash.add(name, bytes);
    hash.finish()[..12].to_owned()
}

/// Names everything, fills the placeholders, and returns all files of the folder.
pub fn bundle(parts: Parts) -> Result<Files> {
    let Parts { js, wasm, kdf_js, kdf_wasm, css, snippets, statics } = parts;
    for name in TEMPLATES {
        if !statics.contains_key(name) {
            bail!("app/static/{name} is missing");
        }
    }
    let mut assets = Files::new();
    let js = take_snippets(js, snippets, &mut assets);
    let mut named = |name: &str, kind: &str, bytes: Vec<u8>| {
        let path = format!("assets/{name}-{}.{kind}", short(kind, &bytes));
        assets.insert(path.clone(), bytes);
        format!("/{path}")
    };
    let (js, wasm) = (named("app", "js", js.into_bytes()), named("app", "wasm", wasm));
    let (kdf_js, kdf_wasm) = (named("kdf", "js", kdf_js.into_bytes()), named("kdf", "wasm", kdf_wasm));
    let css = named("app", "css", css.into_bytes());
    let values = BTreeMap::from([
        ("js", js),
        ("wasm", wasm),
        ("css", css),
        ("kdf_js", kdf_js),
        ("kdf_wasm", kdf_wasm),
        ("version", version(&assets, &statics)),
        ("precache", precache(&assets, &statics)?),
    ]);

    let mut files = assets;
    for (path, bytes) in statics {
        let bytes = if TEMPLATES.contains(&path.as_str()) {
            let text = String::from_utf8(bytes).with_context(|| format!("app/static/{path} is not UTF-8"))?;
            fill(&text, &values).with_context(|| format!("app/static/{path}"))?.into_bytes()
        } else {
            bytes
        };
        if files.insert(path.clone(), bytes).is_some() {
            bail!("app/static/{path} has the name of a built file");
        }
    }
    Ok(files)
}

/// Moves the snippets under a folder named by their content, and lets the JavaScript import them from there.
fn take_snippets(js: String, snippets: Files, assets: &mut Files) -> String {
    if snippets.is_empty() {
        return js;
    }
    let mut hash = Hash::new();
    for (path, bytes) in &snippets {
        hash.add(path, bytes);
    }
    let folder = format!("snippets-{}", &hash.finish()[..12]);
    for (path, bytes) in snippets {
        assets.insert(format!("assets/{folder}/{path}"), bytes);
    }
    // Only where they are imported: the same text also names the imports that the wasm asks for, which stay.
    js.replace("from './snippets/", &format!("from './{folder}/"))
        .replace("from \"./snippets/", &format!("from \"./{folder}/"))
}

fn version(assets: &Files, statics: &Files) -> String {
    let mut hash = Hash::new();
    for (path, bytes) in assets.iter().chain(statics) {
        hash.add(path, bytes);
    }
    hash.finish()[..12].to_owned()
}

fn precache(assets: &Files, statics: &Files) -> Result<String> {
    let mut addresses = vec!["/".to_owned()];
    let kept = statics.keys().filter(|path| !["index.html", "sw.js"].contains(&path.as_str()));
    addresses.extend(assets.keys().chain(kept).map(|path| format!("/{path}")));
    Ok(serde_json::to_string(&addresses)?)
}

/// Replaces `{{name}}`; an unknown name is an error, for it would reach phones as it stands.
fn fill(text: &str, values: &BTreeMap<&str, String>) -> Result<String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let after = &rest[start + 2..];
        let name = after.split_once("}}").map(|(name, _)| name).filter(|name| is_name(name));
        let (Some(name), before) = (name, &rest[..start]) else {
            filled.push_str(&rest[..start + 2]);
            rest = after;
            continue;
        };
        let Some(value) = values.get(name.trim()) else { bail!("no such placeholder: {{{{{name}}}}}") };
        filled.push_str(before);
        filled.push_str(value);
        rest = &after[name.len() + 2..];
    }
    filled.push_str(rest);
    Ok(filled)
}

fn is_name(text: &str) -> bool {
    let name = text.trim();
    !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> Parts {
        let file = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
        Parts {
            js: "import { f } from './snippets/dep-1/inline0.js';".to_owned(),
            wasm: b"\0asm".to_vec(),
            kdf_js: "kdf".to_owned(),
            kdf_wasm: b"\0asmkdf".to_vec(),
            css: "body{}".to_owned(),
            snippets: Files::from([file("dep-1/inline0.js", "export const f = 1;")]),
            statics: Files::from([
                file("index.html", "<link href={{css}}><script src=/loader.js>"),
                file("loader.js", "import('{{js}}'); const wasm = '{{ wasm }}'; const braces = '{{ }}';"),
                file("sw.js", "const KEEP = {{precache}}; const V = '{{version}}';"),
                file("kdf.js", "import '{{kdf_js}}' '{{kdf_wasm}}'"),
                file("icons/app.svg", "{{js}} stays"),
            ]),
        }
    }

    fn text(files: &Files, path: &str) -> String {
        String::from_utf8(files[path].clone()).unwrap()
    }

    #[test]
    fn every_address_in_the_templates_exists() {
        let files = bundle(parts()).unwrap();
        let worker = text(&files, "sw.js");
        let list = worker.split_once("KEEP = ").unwrap().1.split_once(';').unwrap().0;
        let kept: Vec<String> = serde_json::from_str(list).unwrap();
        let mut expected: Vec<String> = files.keys().map(|path| format!("/{path}")).collect();
        expected.retain(|path| path != "/sw.js" && path != "/index.html");
        expected.push("/".to_owned());
        expected.sort();
        let mut sorted = kept;
        sorted.sort();
        assert_eq!(sorted, expected);
        let js = files.keys().find(|path| path.starts_with("assets/app-") && path.ends_with(".js")).unwrap();
        let loader = text(&files, "loader.js");
        assert!(loader.contains(&format!("import('/{js}')")) && loader.contains("'{{ }}'"), "{loader}");
        assert_eq!(text(&files, "icons/app.svg"), "{{js}} stays");
    }

    #[test]
    fn snippets_are_imported_from_where_they_lie() {
        let files = bundle(parts()).unwrap();
        let snippet = files.keys().find(|path| path.ends_with("inline0.js")).unwrap();
        let js = files.keys().find(|path| path.starts_with("assets/app-") && path.ends_with(".js")).unwrap();
        let import = snippet.strip_prefix("assets/").unwrap();
        assert!(text(&files, js).contains(&format!("'./{import}'")));
    }

    #[test]
    fn what_the_wasm_asks_for_keeps_its_name() {
        let js = r#"import * as import1 from "./snippets/dep-1/inline0.js"
return { "./snippets/dep-1/inline0.js": import1 };"#;
        let files = bundle(Parts { js: js.to_owned(), ..parts() }).unwrap();
        let js = files.keys().find(|path| path.starts_with("assets/app-") && path.ends_with(".js")).unwrap();
        let js = text(&files, js);
        assert!(
            js.contains(r#"from "./snippets-"#)
                && js.contains(r#"{ "./snippets/dep-1/inline0.js": import1 }"#),
            "{js}"
        );
    }

    #[test]
    fn any_change_is_another_version_and_only_its_own_file_changes_its_name() {
        let version = |files: &Files| text(files, "sw.js").split_once("V = ").unwrap().1.to_owned();
        let before = bundle(parts()).unwrap();
        let after = bundle(Parts { css: "body{color:red}".to_owned(), ..parts() }).unwrap();
        assert_ne!(version(&before), version(&after));
        let gone: Vec<&String> = before.keys().filter(|path| !after.contains_key(*path)).collect();
        assert!(gone.len() == 1 && gone[0].ends_with(".css"), "{gone:?}");
        assert_eq!(before, bundle(parts()).unwrap());
    }

    #[test]
    fn unknown_placeholders_and_missing_templates_are_errors() {
        let mut wrong = parts();
        wrong.statics.insert("sw.js".to_owned(), b"{{versoin}}".to_vec());
        assert!(format!("{:#}", bundle(wrong).unwrap_err()).contains("versoin"));
        let mut missing = parts();
        missing.statics.remove("loader.js");
        assert!(bundle(missing).unwrap_err().to_string().contains("loader.js"));
    }
}
