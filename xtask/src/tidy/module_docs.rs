//! Rule: every source file begins by saying what lives in it and what may not.
//!
//! Rust with `//!`, SQL with `--`, CSS with `/*`, TypeScript and JavaScript with `/**` or `//`.

use super::{Finding, Source};

/// Too short to say anything.
const SHORTEST: usize = 12;

/// Every source file without its doc.
pub fn check(sources: &[Source]) -> Vec<Finding> {
    sources.iter().filter_map(objection).collect()
}

fn objection(source: &Source) -> Option<Finding> {
    let kind = source.path.rsplit_once('.')?.1;
    let markers: &[&str] = match kind {
        "rs" => &["//!"],
        "ts" | "js" | "mjs" => &["/**", "/*", "//"],
        "css" => &["/*"],
        "sql" => &["--"],
        _ => return None,
    };
    let is_preamble = |line: &&str| line.is_empty() || line.starts_with("#!") || line.starts_with("\u{feff}");
    let mut lines = source.text.lines().map(str::trim).skip_while(is_preamble);
    let first = lines.next().unwrap_or_default();
    let Some(marker) = markers.iter().find(|marker| first.starts_with(**marker)) else {
        return Some(Finding::error(&source.path, format!("no module doc; begin it with {}", markers[0])));
    };
    // A comment may open on a line of its own.
    let said = first.trim_start_matches(*marker).trim().len() + lines.next().unwrap_or_default().len();
    (said < SHORTEST).then(|| Finding::error(&source.path, "its module doc says nothing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(path: &str, text: &str) -> bool {
        check(&[Source { path: path.to_owned(), text: text.to_owned() }]).is_empty()
    }

    #[test]
    fn each_language_has_its_mark() {
        assert!(ok("a.rs", "//! Dates as wards write them.\n"));
        assert!(ok("a.rs", "#![allow(x)]\n\n//! Dates as wards write them.\n"));
        assert!(!ok("a.rs", "// Dates as wards write them.\n"));
        assert!(ok("a.ts", "/**\n * A phone is a browser profile.\n */\n"));
        assert!(!ok("a.ts", "import x from 'y';\n"));
        assert!(ok("a.css", "/* Colours and sizes, and nothing else. */\n"));
        assert!(!ok("a.css", "body {}\n"));
        assert!(ok("a.sql", "-- The first schema of the server.\n"));
        assert!(!ok("a.sql", "CREATE TABLE a (b);\n"));
        assert!(ok("a.json", "{}"));
    }

    #[test]
    fn an_empty_doc_is_none() {
        assert!(!ok("a.rs", "//!\nfn f() {}\n"));
        assert!(!ok("a.rs", ""));
    }
}
