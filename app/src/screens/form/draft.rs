//! Drafts: what was typed and not yet saved as a record, with the values it started from.

use serde::{Deserialize, Serialize};

use super::RecordForm;
use crate::state::Register;
use donghanh_shared::ids::DocumentId;

/// The key of the draft of a new record; of a part of the case `about`.
pub fn new<F: RecordForm>(about: Option<DocumentId>) -> String {
    match about {
        Some(case) => format!("{}:new/{case}", F::DRAFTS),
        None => format!("{}:new", F::DRAFTS),
    }
}

/// The key of the draft of a record.
pub fn key<F: RecordForm>(id: DocumentId) -> String {
    format!("{}:{id}", F::DRAFTS)
}

/// Where the record saved last on this phone is kept, for "Như lần trước".
pub fn last<F: RecordForm>() -> String {
    format!("last-{}", F::DRAFTS)
}

/// A draft as home shows it: where it is gone on with, and what it is called.
pub fn shown<F: RecordForm>(register: &Register, key: &str, bytes: &[u8]) -> Option<(String, String)> {
    let rest = key.strip_prefix(F::DRAFTS)?.strip_prefix(':')?;
    let draft = Draft::<F>::read(bytes)?;
    let href = match rest.strip_prefix("new/") {
        Some(case) => F::new_address(case),
        None if rest == "new" => format!("{}/new", F::PATH),
        None => format!("{}/{rest}/edit", F::PATH),
    };
    Some((href, draft.now.title(register)))
}

/// What is kept while a person types.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Draft<F: RecordForm> {
    /// The values when the form was opened: only what differs from them is written.
    pub before: F,
    /// The values now.
    pub now: F,
    /// A picture was on its way when this was kept: the camera was open.
    #[serde(default)]
    pub photo_expected: bool,
}

impl<F: RecordForm> Draft<F> {
    /// Reads a draft; `None` when another version wrote it in a form that cannot be read.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// The draft's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screens::visit_form::model::VisitForm;
    use donghanh_shared::domain::outreach_visit::CountKey;

    #[test]
    fn a_draft_reads_what_it_wrote() {
        let mut draft = Draft::<VisitForm>::default();
        draft.now.counts.insert(CountKey::Attendance, 80);
        draft.now.common.notes = "Trời mưa".into();
        assert_eq!(Draft::read(&draft.bytes()), Some(draft));
        assert_eq!(Draft::<VisitForm>::read(b"{"), None);
    }
}
