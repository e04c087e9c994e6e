//! Rule: every crate in the build has a licence that `deny.toml` allows.
//!
//! The same list serves `cargo deny`; this check needs nothing installed. It also mentions direct dependencies
//! that are in the build in more than one version.

use super::{Finding, members};
use anyhow::{Context, Result};
use serde_json::Value;
use spdx::{Expression, ParseMode};
use std::collections::{BTreeMap, BTreeSet};
use toml::Table;

/// What `deny.toml` allows: for all crates, and for single ones.
struct Allowed {
    all: Vec<String>,
    exceptions: BTreeMap<String, Vec<String>>,
}

/// Crates with a licence that is missing, unreadable or not allowed; direct dependencies in several versions.
pub fn check(metadata: &Value, deny: &str) -> Result<Vec<Finding>> {
    let allowed = read(deny)?;
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut findings: Vec<Finding> =
        packages.iter().filter_map(|package| objection(package, &allowed)).collect();
    findings.extend(duplicates(metadata, packages));
    Ok(findings)
}

fn read(deny: &str) -> Result<Allowed> {
    let table: Table = deny.parse().context("deny.toml")?;
    let licences = table.get("licenses").context("deny.toml: [licenses]")?;
    let list = |value: Option<&toml::Value>| -> Vec<String> {
        let values = value.and_then(toml::Value::as_array).map(Vec::as_slice).unwrap_or_default();
        values.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect()
    };
    let exceptions =
        licences.get("exceptions").and_then(toml::Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let named = exceptions
        .iter()
        .filter_map(|one| Some((one.get("crate")?.as_str()?.to_owned(), list(one.get("allow")))));
    Ok(Allowed { all: list(licences.get("allow")), exceptions: named.collect() })
}

fn objection(package: &Value, allowed: &Allowed) -> Option<Finding> {
    let name = package["name"].as_str().unwrap_or_default();
    let Some(licence) = package["license"].as_str() else {
        return Some(Finding::error(name, "names no licence"));
    };
    let Ok(expression) = Expression::parse_mode(licence, ParseMode::LAX) else {
        return Some(Finding::error(name, format!("its licence cannot be read: {licence}")));
    };
    let extra = allowed.exceptions.get(name).map(Vec::as_slice).unwrap_or_default();
    let accept = |wanted: &spdx::LicenseReq| {
        let wanted = wanted.to_string();
        allowed.all.iter().chain(extra).any(|one| *one == wanted)
    };
    (!expression.evaluate(accept))
        .then(|| Finding::error(name, format!("deny.toml does not allow {licence}")))
}

fn duplicates(metadata: &Value, packages: &[Value]) -> Vec<Finding> {
    let direct: BTreeSet<&str> = members(metadata)
        .into_iter()
        .filter_map(|member| member["dependencies"].as_array())
        .flatten()
        .filter_map(|dependency| dependency["name"].as_str())
        .collect();
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        if let (Some(name), Some(version)) = (package["name"].as_str(), package["version"].as_str()) {
            versions.entry(name).or_default().insert(version);
        }
    }
    let several = versions.into_iter().filter(|(name, versions)| direct.contains(name) && versions.len() > 1);
    several.map(|(name, versions)| Finding::warning(name, format!("in the build as {versions:?}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const DENY: &str = r#"
        [licenses]
        allow = ["MIT", "Apache-2.0"]
        [[licenses.exceptions]]
        crate = "special"
        allow = ["MPL-2.0"]
    "#;

    fn found(name: &str, licence: Value) -> usize {
        let metadata =
            json!({ "packages": [{ "name": name, "version": "1.0.0", "license": licence, "source": "r" }] });
        check(&metadata, DENY).unwrap().len()
    }

    #[test]
    fn expressions_are_evaluated() {
        assert_eq!(found("a", json!("MIT")), 0);
        assert_eq!(found("a", json!("MIT/GPL-3.0")), 0);
        assert_eq!(found("a", json!("MIT AND GPL-3.0-only")), 1);
        assert_eq!(found("a", json!("(GPL-3.0-only OR Apache-2.0) AND MIT")), 0);
    }

    #[test]
    fn exceptions_are_for_one_crate() {
        assert_eq!(found("special", json!("MPL-2.0")), 0);
        assert_eq!(found("a", json!("MPL-2.0")), 1);
    }

    #[test]
    fn a_missing_or_unreadable_licence_is_found() {
        assert_eq!(found("a", Value::Null), 1);
        assert_eq!(found("a", json!("whatever you like")), 1);
    }

    #[test]
    fn two_versions_of_a_direct_dependency_are_mentioned() {
        let metadata = json!({ "packages": [
            { "name": "ours", "version": "1.0.0", "license": "MIT", "source": null, "dependencies": [{ "name": "sha2" }] },
            { "name": "sha2", "version": "0.10.0", "license": "MIT", "source": "r" },
            { "name": "sha2", "version": "0.11.0", "license": "MIT", "source": "r" },
        ] });
        let findings = check(&metadata, DENY).unwrap();
        assert!(findings.len() == 1 && !findings[0].error && findings[0].place == "sha2");
    }
}
