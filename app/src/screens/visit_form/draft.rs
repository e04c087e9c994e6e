//! Drafts: what was typed and not yet saved as a record, with the values it started from.

use serde::{Deserialize, Serialize};

use super::model::VisitForm;
use crate::i18n::tr;
use crate::screens::naming;
use crate::state::Register;
use donghanh_shared::domain::vocabulary::Term as _;

/// Every draft of a visit stands under a key that begins with this.
pub const PREFIX: &str = "visit:";
/// The draft of a new visit.
pub const NEW: &str = "visit:new";
/// The record saved last on this phone, for "Như lần trước".
pub const LAST: &str = "last-visit";

/// What is kept while a person types.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Draft {
    /// The values when the form was opened: only what differs from them is written.
    pub before: VisitForm,
    /// The values now.
    pub now: VisitForm,
    /// A picture was on its way when this was kept: the camera was open.
    #[serde(default)]
    pub photo_expected: bool,
}

impl Draft {
    /// Reads a draft; `None` when another version wrote it in a form that cannot be read.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// The draft's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// "Nháp: Nói chuyện · THCS Vĩnh Yên".
    pub fn title(&self, register: &Register) -> String {
        let form =
            self.now.form.map_or_else(|| tr!(record.form_none).to_string(), |form| naming::form(form.code()));
        match self.now.venue {
            Some(venue) => format!("{form} · {}", naming::place(register, venue)),
            None => form,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use donghanh_shared::domain::outreach_visit::CountKey;

    #[test]
    fn a_draft_reads_what_it_wrote() {
        let mut draft = Draft::default();
        draft.now.counts.insert(CountKey::Attendance, 80);
        draft.now.notes = "Trời mưa".into();
        assert_eq!(Draft::read(&draft.bytes()), Some(draft));
        assert_eq!(Draft::read(b"{"), None);
    }
}
