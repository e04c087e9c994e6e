//! What of after-care is read from the server and changed there: the dated rules with their history.

use donghanh_shared::domain::aftercare::AftercareRules;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::Problem;
use serde::{Deserialize, Serialize};

use super::AppState;

/// The rules of after-care as somebody left them.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct RulesVersion {
    /// Rises with every change.
    pub version: i64,
    /// Who left them so, by name; nobody: they shipped.
    #[serde(default)]
    pub by: Option<String>,
    /// When.
    pub at: Millis,
    /// The rules.
    pub rules: AftercareRules,
}

#[derive(Serialize)]
struct Changed<'a> {
    version: i64,
    rules: &'a AftercareRules,
}

impl AppState {
    /// The rules in force, then those before them, newest first; at least one.
    ///
    /// # Errors
    /// `not_allowed`, `no_connection`.
    pub async fn rules_history(self) -> Result<Vec<RulesVersion>, Problem> {
        self.engine()?.transport.get("/api/v1/aftercare/rules").await
    }

    /// Changes the rules (administrators). `from` is the version that they were made from.
    ///
    /// # Errors
    /// `document_exists` at `version` when somebody else was faster; what the server says about a rule, at its code;
    /// `not_allowed`, `no_connection`.
    pub async fn change_rules(self, from: i64, rules: &AftercareRules) -> Result<(), Problem> {
        self.engine()?.transport.put("/api/v1/aftercare/rules", &Changed { version: from, rules }).await
    }
}
