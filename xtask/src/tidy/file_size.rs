//! Rule: a source file over 400 lines is mentioned, one over 600 is an error unless it has a reason.
//!
//! Reasons stand in `xtask/tidy-allow.txt`, one a line: `path: reason`. An entry nobody needs is an error too.

use super::{Finding, Source};

const MENTIONED: usize = 400;
const TOO_LONG: usize = 600;
const KINDS: [&str; 5] = [".rs", ".ts", ".js", ".css", ".sql"];

/// Every file that is too long, and every exception that is not needed.
pub fn check(sources: &[Source], allowed: &str) -> Vec<Finding> {
    let entries = || allowed.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let reason =
        |path: &str| entries().find_map(|line| line.split_once(": ").filter(|(named, _)| *named == path));
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| KINDS.iter().any(|kind| source.path.ends_with(kind))) {
        let lines = source.text.lines().count();
        if lines > TOO_LONG && reason(&source.path).is_none() {
            findings
                .push(Finding::error(&source.path, format!("{lines} lines; split it, or give the reason")));
        } else if lines > MENTIONED {
            findings.push(Finding::warning(&source.path, format!("{lines} lines")));
        }
    }
    for line in entries() {
        let path = line.split_once(": ").map_or(line, |(path, _)| path);
        let needed =
            sources.iter().any(|source| source.path == path && source.text.lines().count() > TOO_LONG);
        if !needed || reason(path).is_none() {
            findings.push(Finding::error(
                "xtask/tidy-allow.txt",
                format!("not needed, or without a reason: {line}"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_one(lines: usize, allowed: &str) -> Vec<Finding> {
        check(&[Source { path: "a.rs".to_owned(), text: "x\n".repeat(lines) }], allowed)
    }

    #[test]
    fn sizes() {
        assert!(check_one(400, "").is_empty());
        assert!(!check_one(401, "")[0].error);
        assert!(!check_one(600, "")[0].error);
        assert!(check_one(601, "")[0].error);
    }

    #[test]
    fn a_reason_allows_and_an_idle_one_is_found() {
        let long = check_one(601, "# comment\na.rs: one table of the law\n");
        assert!(long.len() == 1 && !long[0].error);
        assert!(check_one(601, "a.rs\n").iter().all(|finding| finding.error));
        assert!(check_one(10, "a.rs: once long\n")[0].error);
    }
}
