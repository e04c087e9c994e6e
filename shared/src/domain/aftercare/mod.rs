//! After-care (quản lý sau cai): the terms that the server itself reads. Everything else of a case is written and read
//! by people only.

use super::vocabulary::vocabulary;

vocabulary! {
    /// How a case stands, as its core says.
    CaseStatus {
        Managed = "managed", "đang quản lý", "under after-care";
        Absent = "absent", "vắng mặt nơi cư trú", "absent";
        InTreatment = "in_treatment", "cai nghiện lại", "back in treatment";
        Detained = "detained", "đang bị giam giữ", "detained";
        Completed = "completed", "đã hoàn thành", "completed";
        Died = "died", "đã mất", "died";
        Dropped = "dropped", "đã dừng quản lý", "dropped";
    }
}

impl CaseStatus {
    /// Whether somebody still looks after the person.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Managed | Self::Absent | Self::InTreatment | Self::Detained)
    }
}
