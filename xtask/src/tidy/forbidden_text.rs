//! Rule: nothing unfinished, no debugging left behind, nothing that is true on one machine only.
//!
//! The words are put together from halves so that this file can be checked like any other.

use super::rust_text::lines_with;
use super::{Finding, Source};

const UNFINISHED: [&str; 5] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("to", "do!"),
    concat!("unimple", "mented!"),
    concat!("XX", "X"),
];
const DEBUGGING: [&str; 2] = [concat!("db", "g!"), concat!("debug", "ger;")];
const MACHINE: [&str; 3] = [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/home", "/")];
/// A lock file of npm names the host it was made with unless told not to.
const NPM_HOST: &str = concat!("\"resol", "ved\": \"http");

/// Every line with such a word.
pub fn check(sources: &[Source]) -> Vec<Finding> {
    sources.iter().flat_map(found).collect()
}

fn found(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |line: usize, message: String| {
        findings.push(Finding::error(format!("{}:{line}", source.path), message));
    };
    if source.path.ends_with("package-lock.json") {
        for (at, _) in source.text.lines().enumerate().filter(|(_, line)| line.contains(NPM_HOST)) {
            add(at + 1, "the lock file names a registry host; see e2e/.npmrc".to_owned());
        }
        return findings;
    }
    for word in UNFINISHED.iter().chain(&DEBUGGING) {
        for line in lines_with(&source.text, word) {
            add(line, format!("`{word}`"));
        }
    }
    for path in MACHINE {
        for (at, _) in source.text.lines().enumerate().filter(|(_, line)| starts_path(line, path)) {
            add(at + 1, format!("`{path}` exists on one machine only"));
        }
    }
    findings
}

/// Whether `path` begins here, rather than continuing an address such as `example.org/home/`.
fn starts_path(line: &str, path: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '}' | '/');
    line.match_indices(path).any(|(at, _)| !line[..at].chars().next_back().is_some_and(goes_on))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        check(&[Source { path: path.to_owned(), text: text.to_owned() }]).len()
    }

    #[test]
    fn every_word_is_found() {
        for word in UNFINISHED.iter().chain(&DEBUGGING).chain(&MACHINE) {
            assert_eq!(count("a.rs", &format!("fn f() {{ {word} }}\n")), 1, "{word}");
        }
    }

    #[test]
    fn words_inside_others_are_not() {
        assert_eq!(count("a.rs", concat!("let TO", "DOS = mas", "to", "don;")), 0);
        assert_eq!(count("a.md", concat!("https://example.org/home", "/x ./home", "/y")), 0);
    }

    #[test]
    fn a_lock_file_may_not_name_a_host() {
        let line = format!("{NPM_HOST}://localhost/a.tgz\"");
        assert_eq!(count("e2e/package-lock.json", &line), 1);
        assert_eq!(count("e2e/package-lock.json", "\"integrity\": \"sha512-/wo/rk\""), 0);
    }
}
