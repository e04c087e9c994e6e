//! The dated rules of after-care as this phone fetched them last. They are kept sealed like everything else; until they are
//! fetched for the first time, those that ship with the app hold. Lines of cases are drawn by them.

use std::collections::HashMap;
use std::sync::Arc;

use donghanh_shared::domain::aftercare::AftercareRules;
use minicbor::{Decode, Encode};
use serde::Deserialize;

use super::{Store, decode};

/// Where they are kept.
pub const RULES: &str = "aftercare_rules";

/// Rules of the server, and which.
#[derive(Clone, PartialEq, Debug, Encode, Decode, Deserialize)]
#[cbor(map)]
pub struct KeptRules {
    /// Rises with every change; 0: those that ship with the app.
    #[n(0)]
    pub version: i64,
    /// The rules.
    #[n(1)]
    pub rules: AftercareRules,
}

impl KeptRules {
    /// Those that ship with the app.
    pub(super) fn shipped() -> Arc<Self> {
        Arc::new(Self { version: 0, rules: AftercareRules::shipped() })
    }
}

impl Store {
    /// The rules that hold on this phone.
    pub fn rules(&self) -> Arc<KeptRules> {
        Arc::clone(&self.rules.borrow())
    }

    /// Goes by other rules from now on.
    pub fn go_by(&self, rules: Arc<KeptRules>) {
        self.rules.replace(rules);
    }

    /// Goes by the rules among these small values. Those that an app of another version kept and this one cannot read are
    /// fetched anew.
    pub(super) fn go_by_kept(&self, meta: &HashMap<String, Vec<u8>>) {
        if let Some(kept) = meta.get(RULES).and_then(|bytes| decode::<KeptRules>(bytes).ok()) {
            self.go_by(Arc::new(kept));
        }
    }
}
