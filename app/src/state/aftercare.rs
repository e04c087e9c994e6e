//! What of after-care is read from the server and changed there: the dated rules with their history, the counts, the number
//! of people under management.

use donghanh_shared::domain::aftercare::AftercareRules;
use donghanh_shared::domain::date::{Date, Millis};
use donghanh_shared::domain::error::Problem;
use donghanh_shared::domain::report::AftercareReport;
use donghanh_shared::domain::ward::WardRef;
use serde::{Deserialize, Serialize};

use super::{AppState, reports};

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

#[derive(Serialize)]
struct Managed {
    ward: WardRef,
    from: Date,
    to: Date,
    number: Option<u32>,
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

    /// The counts of after-care of a period, without names; without a connection the last copy kept for the same question.
    ///
    /// # Errors
    /// `no_connection` when no copy is kept; `not_allowed`.
    pub async fn aftercare_report(self, from: Date, to: Date) -> Result<AftercareReport, Problem> {
        let question = format!("aftercare?from={from}&to={to}");
        let path = format!("/api/v1/reports/{question}");
        reports::fetched_or_kept(self, &path, &question).await.map(|(report, _)| report)
    }

    /// Types in how many people are under management in a ward and period; nothing takes the number back.
    ///
    /// # Errors
    /// `count_too_large` at `number`; `not_allowed`, `no_connection`.
    pub async fn type_managed(
        self,
        ward: WardRef,
        from: Date,
        to: Date,
        number: Option<u32>,
    ) -> Result<(), Problem> {
        let managed = Managed { ward, from, to, number };
        self.engine()?.transport.put("/api/v1/aftercare/managed", &managed).await
    }
}
