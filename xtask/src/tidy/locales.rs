//! Rule: Vietnamese and English have the same keys, and each pair of sentences the same variables.
//!
//! Plural forms may differ: Vietnamese needs only `_other` where English needs `_one` too.

use super::{Finding, Source};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const FOLDER: &str = "app/locales/";
const PLURALS: [&str; 6] = ["_zero", "_one", "_two", "_few", "_many", "_other"];

/// Keys of a language, with the variables their sentences use.
type Keys = BTreeMap<String, BTreeSet<String>>;

/// Keys that one language lacks, and sentences that do not use the same variables.
pub fn check(sources: &[Source]) -> Vec<Finding> {
    let vi = language(sources, "vi");
    let en = language(sources, "en");
    let (vi, en) = match (vi, en) {
        (Ok(vi), Ok(en)) => (vi, en),
        (vi, en) => return vi.err().into_iter().chain(en.err()).collect(),
    };
    let mut findings = Vec::new();
    for (name, here, there) in [("vi", &vi, &en), ("en", &en, &vi)] {
        let missing = there.keys().filter(|key| !here.contains_key(*key));
        findings.extend(
            missing.map(|key| Finding::error(format!("{FOLDER}{name}.json"), format!("lacks `{key}`"))),
        );
    }
    for (key, variables) in &vi {
        if let Some(other) = en.get(key).filter(|other| *other != variables) {
            let message = format!("`{key}` uses {variables:?} in Vietnamese and {other:?} in English");
            findings.push(Finding::error(format!("{FOLDER}vi.json"), message));
        }
    }
    findings
}

/// `vi.json`, or every file of the folder `vi/` with its name before the key.
fn language(sources: &[Source], name: &str) -> Result<Keys, Finding> {
    let single = format!("{FOLDER}{name}.json");
    let folder = format!("{FOLDER}{name}/");
    let mut keys = Keys::new();
    let mut any = false;
    for source in sources {
        let prefix = match source.path.strip_prefix(&folder).and_then(|file| file.strip_suffix(".json")) {
            Some(namespace) => namespace,
            None if source.path == single => "",
            None => continue,
        };
        any = true;
        let json: Value = serde_json::from_str(&source.text)
            .map_err(|error| Finding::error(&source.path, format!("is not JSON: {error}")))?;
        collect(prefix, &json, &mut keys);
    }
    if any { Ok(keys) } else { Err(Finding::error(single, "is missing")) }
}

fn collect(key: &str, value: &Value, keys: &mut Keys) {
    if let Value::Object(entries) = value {
        for (name, value) in entries {
            collect(&if key.is_empty() { name.clone() } else { format!("{key}.{name}") }, value, keys);
        }
        return;
    }
    let base = PLURALS.iter().find_map(|plural| key.strip_suffix(plural)).unwrap_or(key);
    let base = base.strip_suffix("_ordinal").unwrap_or(base);
    keys.entry(base.to_owned()).or_default().extend(variables(value.as_str().unwrap_or_default()));
}

/// The names in `{{ name }}`; formatters after a comma are not part of the name.
fn variables(sentence: &str) -> BTreeSet<String> {
    let inside = sentence.split("{{").skip(1).filter_map(|rest| rest.split_once("}}"));
    inside.map(|(name, _)| name.split(',').next().unwrap_or_default().trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(vi: &str, en: &str) -> Vec<String> {
        let file =
            |name: &str, text: &str| Source { path: format!("{FOLDER}{name}.json"), text: text.to_owned() };
        check(&[file("vi", vi), file("en", en)]).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn same_keys_pass_and_missing_ones_are_named() {
        assert!(found(r#"{"a":{"b":"x"}}"#, r#"{"a":{"b":"y"}}"#).is_empty());
        assert_eq!(found(r#"{"a":{"b":"x"}}"#, r#"{"a":{}}"#), ["lacks `a.b`"]);
        assert_eq!(found(r#"{}"#, r#"{"c":"y"}"#), ["lacks `c`"]);
    }

    #[test]
    fn plurals_may_differ() {
        let vi = r#"{"n_other":"{{ count }} bản ghi"}"#;
        let en = r#"{"n_one":"{{ count }} record","n_other":"{{ count }} records"}"#;
        assert!(found(vi, en).is_empty());
    }

    #[test]
    fn variables_must_agree() {
        assert!(found(r#"{"a":"chờ {{ n }}"}"#, r#"{"a":"{{ m }} waiting"}"#)[0].contains("`a`"));
        assert!(found(r#"{"a":"{{ n, number }}"}"#, r#"{"a":"{{n}}"}"#).is_empty());
    }

    #[test]
    fn a_missing_language_is_an_error() {
        assert_eq!(check(&[])[0].place, "app/locales/vi.json");
    }
}
