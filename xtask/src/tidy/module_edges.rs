//! Rule: inside a crate, a module names only modules that stand left of it.
//!
//! `shared` is a closed list: a module without a place in the layering is an error. Of `server` and `app` only
//! the edges that must not exist are listed.

use super::rust_paths::{mentions, module_path};
use super::{Finding, Source};

/// The modules of `shared` and what each may name besides itself.
const SHARED: [(&str, &[&str]); 7] = [
    ("ids", &[]),
    ("domain", &["ids"]),
    ("access", &["ids", "domain"]),
    ("crdt", &["ids", "domain"]),
    ("command", &["ids", "domain", "access", "crdt"]),
    ("sync", &["ids", "domain", "access", "crdt", "command"]),
    ("seal", &["ids", "domain", "access", "crdt", "command", "sync"]),
];

/// Edges that must not exist: files below the folder may not name these modules of their crate.
const FORBIDDEN: [(&str, &str, &[&str]); 10] = [
    ("server/src", "store", &["http", "auth", "sync", "reports", "export", "admin"]),
    ("server/src", "projection", &["http", "auth", "sync", "reports", "export", "admin"]),
    ("server/src", "auth", &["http"]),
    ("server/src", "sync", &["http"]),
    ("server/src", "reports", &["http"]),
    ("server/src", "export", &["http"]),
    ("server/src", "admin", &["http"]),
    ("app/src", "screens", &["store", "sync"]),
    ("app/src", "components", &["screens", "state", "store", "sync"]),
    ("app/src", "store", &["screens", "components", "state"]),
];

/// Every edge that points the wrong way.
pub fn check(sources: &[Source]) -> Vec<Finding> {
    sources.iter().filter(|source| source.path.ends_with(".rs")).flat_map(edges).collect()
}

fn edges(source: &Source) -> Vec<Finding> {
    let Some((folder, file)) =
        source.path.split_once("/src/").map(|(krate, file)| (format!("{krate}/src"), file))
    else {
        return Vec::new();
    };
    let path = module_path(file);
    // The root of a crate wires its modules together and may name all of them.
    let Some(own) = path.first() else { return Vec::new() };
    let mut findings = Vec::new();
    if folder == "shared/src" && !SHARED.iter().any(|(module, _)| module == own) {
        findings.push(Finding::error(
            &source.path,
            format!("module `{own}` has no place in the layering of shared"),
        ));
    }
    for mention in mentions(&source.text, &path) {
        let place = format!("{}:{}", source.path, mention.line);
        if let Some(why) = objection(&folder, own, &mention.name) {
            findings.push(Finding::error(place, why));
        }
    }
    findings
}

fn objection(folder: &str, own: &str, named: &str) -> Option<String> {
    if own == named {
        return None;
    }
    if folder == "shared/src" {
        let may = SHARED.iter().find(|(module, _)| *module == own).map(|(_, may)| *may)?;
        return (!may.contains(&named)).then(|| format!("`{own}` may not use `{named}`; it may use {may:?}"));
    }
    let forbidden =
        |(at, module, not): &&(&str, &str, &[&str])| *at == folder && *module == own && not.contains(&named);
    FORBIDDEN.iter().find(forbidden).map(|_| format!("`{own}` may not use `{named}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<Finding> {
        check(&[Source { path: path.to_owned(), text: text.to_owned() }])
    }

    #[test]
    fn shared_imports_only_to_the_left() {
        assert!(found("shared/src/sync/mod.rs", "use crate::{command::C, ids::Id};").is_empty());
        assert_eq!(
            found("shared/src/domain/visit.rs", "//! x\nuse crate::crdt::Doc;")[0].place,
            "shared/src/domain/visit.rs:2"
        );
        assert_eq!(found("shared/src/access/mod.rs", "fn f(x: crate::crdt::Doc) {}").len(), 1);
        assert_eq!(found("shared/src/ids.rs", "use super::domain::Date;").len(), 1);
        assert!(found("shared/src/lib.rs", "pub use crate::sync::Session;").is_empty());
    }

    #[test]
    fn shared_is_a_closed_list() {
        assert_eq!(found("shared/src/util.rs", "").len(), 1);
        assert_eq!(found("shared/src/sync.rs", "use crate::Session;").len(), 1);
    }

    #[test]
    fn server_and_app_point_one_way() {
        assert_eq!(found("server/src/store/sqlite/mod.rs", "use crate::http::Error;").len(), 1);
        assert!(found("server/src/http/push.rs", "use crate::store::Store;").is_empty());
        assert_eq!(found("app/src/screens/home.rs", "use crate::store::Idb;").len(), 1);
        assert!(found("app/src/state/mod.rs", "use crate::{store, sync};").is_empty());
    }
}
