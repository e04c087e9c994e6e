//! Rule: crates depend only on what stands below them, and some never on certain others.
//!
//! `app` and `server` meet only in `shared`; `shared` knows no runtime, database, browser or chance. Tests may
//! reach further, but never join `app` and `server`.

use super::{Finding, members};
use serde_json::Value;

const PREFIX: &str = "donghanh-";

/// Each crate and the crates of the project it may depend on.
const EDGES: [(&str, &[&str]); 10] = [
    ("shared", &[]),
    ("migrations", &["shared"]),
    ("testkit", &["shared", "migrations"]),
    ("server", &["shared", "migrations", "testkit"]),
    ("app", &["shared"]),
    ("sim", &["shared", "testkit"]),
    ("sim-world", &["shared", "server", "sim"]),
    ("bench", &["shared", "testkit", "sim"]),
    ("fuzz", &["shared", "server", "testkit"]),
    ("xtask", &[]),
];

/// Each crate and the crates of others that it must not use directly.
const FORBIDDEN: [(&str, &[&str]); 6] = [
    (
        "shared",
        &[
            "axum",
            "fastrand",
            "getrandom",
            "hyper",
            "js-sys",
            "leptos",
            "rand",
            "reqwest",
            "rusqlite",
            "tempfile",
            "tokio",
            "tower-http",
            "tracing-subscriber",
            "ureq",
            "uuid",
            "wasm-bindgen",
            "web-sys",
        ],
    ),
    ("testkit", &["axum", "getrandom", "leptos", "rand", "rusqlite", "tokio", "ureq", "web-sys"]),
    ("app", &["axum", "rusqlite", "tokio", "ureq", "reqwest", "gloo-net"]),
    ("server", &["js-sys", "leptos", "wasm-bindgen", "web-sys"]),
    ("sim", &["axum", "leptos", "rusqlite", "web-sys"]),
    ("migrations", &["axum", "leptos", "tokio", "web-sys"]),
];

/// Every dependency that points the wrong way, as `cargo metadata` sees them.
pub fn check(metadata: &Value) -> Vec<Finding> {
    members(metadata).into_iter().flat_map(edges).collect()
}

fn edges(package: &Value) -> Vec<Finding> {
    let full = package["name"].as_str().unwrap_or_default();
    let name = full.strip_prefix(PREFIX).unwrap_or(full);
    let Some((_, may)) = EDGES.iter().find(|(krate, _)| *krate == name) else {
        return vec![Finding::error(
            full,
            "this crate has no place in the layering; give it one in crate_edges.rs",
        )];
    };
    let dependencies = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
    dependencies.iter().filter_map(|dependency| objection(name, may, dependency)).collect()
}

fn objection(name: &str, may: &[&str], dependency: &Value) -> Option<Finding> {
    let on = dependency["name"].as_str().unwrap_or_default();
    let is_dev = dependency["kind"].as_str() == Some("dev");
    let place = format!("{name}/Cargo.toml");
    if let Some(ours) = on.strip_prefix(PREFIX) {
        let joins = matches!((name, ours), ("app", "server") | ("server", "app"));
        let wrong = joins || (!is_dev && !may.contains(&ours));
        return wrong.then(|| {
            Finding::error(place, format!("`{name}` may not depend on `{ours}`; it may on {may:?}"))
        });
    }
    let forbidden = FORBIDDEN.iter().any(|(krate, not)| *krate == name && not.contains(&on));
    if forbidden && !is_dev {
        return Some(Finding::error(place, format!("`{name}` may not depend on `{on}`")));
    }
    let features = dependency["features"].as_array().map(Vec::as_slice).unwrap_or_default();
    let has_clock = on == "chrono" && features.iter().any(|feature| feature == "clock" || feature == "now");
    (name == "shared" && has_clock)
        .then(|| Finding::error(place, "`shared` may not read a clock through chrono"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(name: &str, dependency: Value) -> Vec<String> {
        let metadata = json!({ "packages": [
            { "name": name, "source": null, "dependencies": [dependency] },
            { "name": "leptos", "source": "registry", "dependencies": [{ "name": "tokio" }] },
        ] });
        check(&metadata).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn app_and_server_meet_only_in_shared() {
        assert_eq!(found("donghanh-app", json!({ "name": "donghanh-server", "kind": null })).len(), 1);
        assert_eq!(found("donghanh-server", json!({ "name": "donghanh-app", "kind": "dev" })).len(), 1);
        assert!(found("donghanh-server", json!({ "name": "donghanh-sim", "kind": "dev" })).is_empty());
        assert!(found("donghanh-app", json!({ "name": "donghanh-shared", "kind": null })).is_empty());
    }

    #[test]
    fn shared_stays_pure() {
        assert_eq!(found("donghanh-shared", json!({ "name": "tokio", "kind": null })).len(), 1);
        assert_eq!(found("donghanh-shared", json!({ "name": "chrono", "features": ["clock"] })).len(), 1);
        assert!(found("donghanh-shared", json!({ "name": "chrono", "features": ["alloc"] })).is_empty());
        assert!(found("donghanh-shared", json!({ "name": "tempfile", "kind": "dev" })).is_empty());
    }

    #[test]
    fn a_crate_without_a_place_is_found() {
        assert!(found("donghanh-extra", json!({ "name": "serde" }))[0].contains("no place"));
    }
}
