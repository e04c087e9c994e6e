//! Rule: what ties code to a place stays in that place.
//!
//! axum in `server/src/http`, rusqlite in `server/src/store/sqlite` and `server/src/migrate`, IndexedDB in
//! `app/src/store`, fetch in the app's one transport module; no clock, chance, file or socket in `shared`.
//! Tests may do as they need.

use super::rust_text::{code_only, is_word, lines_with, without_tests};
use super::{Finding, Source};

/// Within `folder`, the `words` may stand only in files whose path starts with one of `places`.
struct Place {
    folder: &'static str,
    words: &'static [&'static str],
    places: &'static [&'static str],
}

const PLACES: [Place; 5] = [
    Place {
        folder: "server/src/",
        words: &["axum", "utoipa_axum", "tower_http"],
        places: &["server/src/http/", "server/src/http.rs", "server/src/lib.rs", "server/src/main.rs"],
    },
    Place {
        folder: "server/src/",
        words: &["rusqlite"],
        places: &["server/src/store/sqlite", "server/src/migrate"],
    },
    Place {
        folder: "app/src/",
        words: &[
            "fetch_with_request",
            "fetch_with_request_and_init",
            "fetch_with_str",
            "fetch_with_str_and_init",
        ],
        places: &["app/src/sync/transport", "app/src/sync/fetch", "app/src/transport", "app/src/fetch"],
    },
    Place { folder: "app/src/", words: &["XmlHttpRequest", "EventSource", "WebSocket"], places: &[] },
    Place {
        folder: "shared/src/",
        words: &[
            "std::fs",
            "std::net",
            "std::env",
            "std::thread",
            "std::process",
            "std::io::stdin",
            "SystemTime",
            "Instant",
            "Utc::now",
            "Local",
            "getrandom",
            "thread_rng",
            "js_sys",
            "web_sys",
            "tokio",
        ],
        places: &[],
    },
];

const INDEXED_DB: &str = "app/src/store";

/// Every word in a place where it does not belong.
pub fn check(sources: &[Source]) -> Vec<Finding> {
    sources.iter().filter(|source| source.path.ends_with(".rs")).flat_map(misplaced).collect()
}

fn misplaced(source: &Source) -> Vec<Finding> {
    let code = without_tests(&code_only(&source.text));
    let path = source.path.as_str();
    let mut findings = Vec::new();
    for Place { folder, words, places } in &PLACES {
        if !path.starts_with(folder) || places.iter().any(|place| path.starts_with(place)) {
            continue;
        }
        for word in *words {
            for line in lines_with(&code, word) {
                let only = if places.is_empty() {
                    "nowhere here".to_owned()
                } else {
                    format!("only in {}", places[0])
                };
                findings.push(Finding::error(format!("{path}:{line}"), format!("`{word}` belongs {only}")));
            }
        }
    }
    if path.starts_with("app/src/") && !path.starts_with(INDEXED_DB) {
        for (at, line) in code.lines().enumerate().filter(|(_, line)| names_indexed_db(line)) {
            let word = line.trim();
            findings.push(Finding::error(
                format!("{path}:{}", at + 1),
                format!("IndexedDB outside {INDEXED_DB}: {word}"),
            ));
        }
    }
    findings
}

/// web-sys calls everything of IndexedDB `Idb…`, and the window's entry point `indexed_db`.
fn names_indexed_db(line: &str) -> bool {
    let starts_name = |at: usize, rest: &str| {
        !line[..at].chars().next_back().is_some_and(is_word)
            && rest.chars().next().is_some_and(char::is_uppercase)
    };
    line.match_indices("Idb").any(|(at, _)| starts_name(at, &line[at + 3..])) || line.contains(".indexed_db(")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        check(&[Source { path: path.to_owned(), text: text.to_owned() }]).len()
    }

    #[test]
    fn axum_and_sql() {
        assert_eq!(found("server/src/reports/mod.rs", "use axum::Json;"), 1);
        assert_eq!(found("server/src/http/push.rs", "use axum::Json;"), 0);
        assert_eq!(found("server/src/projection/mod.rs", "fn f(c: &rusqlite::Connection) {}"), 1);
        assert_eq!(found("server/src/store/sqlite/mod.rs", "use rusqlite::Connection;"), 0);
        assert_eq!(found("server/src/reports/mod.rs", "// axum is not for here\n"), 0);
    }

    #[test]
    fn browser_stores_and_fetch() {
        assert_eq!(found("app/src/state/mod.rs", "use web_sys::IdbDatabase;"), 1);
        assert_eq!(found("app/src/state/mod.rs", "window.indexed_db()?;"), 1);
        assert_eq!(found("app/src/state/mod.rs", "let Idb = MyIdbish;"), 0);
        assert_eq!(found("app/src/store/idb.rs", "use web_sys::IdbDatabase;"), 0);
        assert_eq!(found("app/src/screens/home.rs", "window.fetch_with_str(x)"), 1);
        assert_eq!(found("app/src/sync/transport.rs", "window.fetch_with_str(x)"), 0);
    }

    #[test]
    fn shared_knows_neither_time_nor_chance() {
        assert_eq!(found("shared/src/sync/mod.rs", "let now = SystemTime::now();"), 1);
        assert_eq!(found("shared/src/ids.rs", "use std::fs;"), 1);
        assert_eq!(found("shared/src/ids.rs", "use std::fmt;"), 0);
        assert_eq!(found("shared/src/ids.rs", "#[cfg(test)]\nmod tests { use std::fs; }\nuse std::fs;"), 1);
    }
}
